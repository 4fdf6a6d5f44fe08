//! The pooler of the primary database.

use serde_json::json;
use supaform::schema::Impact;

use super::{sent, settles};
use crate::support::scene::Scene;

#[tokio::test]
async fn the_pooler_of_the_primary_is_meant() {
    let mut scene = Scene::new("pooler: {default_pool_size: 20}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", "/config/database/pooler"), [json!({"default_pool_size": 20})]);
    // Another mode drops connections: that is told as a restart, which nobody has to allow by name.
    scene.want("pooler: {default_pool_size: 20, pool_mode: session}");
    let plan = scene.plan().await;
    assert!(plan.projects["p"].refusals.is_empty());
    assert_eq!(plan.steps[0].flags.iter().map(|flag| flag.impact).collect::<Vec<_>>(), [Impact::Restart]);
}
