//! Realtime: what is set once stays set.

use serde_json::json;

use super::{sent, settles};
use crate::support::scene::Scene;

#[tokio::test]
async fn realtime_has_no_way_back_to_null() {
    let scene = Scene::new("realtime: {max_events_per_second: 500}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", "/config/realtime"), [json!({"max_events_per_second": 500})]);
}
