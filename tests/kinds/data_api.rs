//! The data API: reloaded when something changes, and switched off by name.

use serde_json::json;

use super::{sent, settles};
use crate::support::scene::Scene;

#[tokio::test]
async fn the_data_api_is_not_reloaded_for_nothing() {
    let scene = Scene::new(
        "data_api: {db_schema: [public, graphql_public], db_extra_search_path: [public, extensions], enabled: true}",
    );
    assert!(scene.plan().await.is_empty(), "blanks behind commas do not matter");
    let reordered = Scene::new("data_api: {db_schema: [graphql_public, public]}");
    assert!(!reordered.plan().await.is_empty(), "the first schema is the one that requests mean");
    settles(&reordered).await;
    assert_eq!(sent(&reordered, "PATCH", "/postgrest"), [json!({"db_schema": "graphql_public,public"})]);
}

#[tokio::test]
async fn the_data_api_is_switched_off_by_name() {
    let mut scene = Scene::new("data_api: {enabled: false}");
    settles(&scene).await;
    scene.want("data_api: {enabled: true}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", "/postgrest"), [json!({"db_schema": ""}), json!({"db_schema": "public"})]);
    let plan = scene.plan().await;
    assert!(!format!("{plan:?}").contains("jwt-secret"), "key material of the answer is dropped");
}
