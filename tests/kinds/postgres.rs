//! Postgres: overrides of others, and amounts.

use serde_json::{Value, json};

use super::{along, sent, settles};
use crate::support::scene::Scene;

#[tokio::test]
async fn somebodys_own_override_survives() {
    let mut scene = Scene::new("postgres: {max_connections: 160, work_mem: null}");
    scene.live(|project| {
        let live = json!({"max_connections": 100, "work_mem": "8MB", "statement_timeout": "9s"});
        project.postgres.clone_from(live.as_object().unwrap());
    });
    let plan = scene.plan().await;
    assert_eq!(along(&plan), ["statement_timeout"], "it is told that it is sent along");
    settles(&scene).await;
    let expected = json!({"max_connections": 160, "statement_timeout": "9s", "restart_database": true});
    assert_eq!(sent(&scene, "PUT", "/config/database/postgres"), [expected]);
    // Without a parameter that needs it, nothing restarts; and where it is to be later, neither.
    scene.want("postgres: {statement_timeout: 8s}");
    settles(&scene).await;
    scene.want("manage: {postgres: {restart: later}}\npostgres: {max_connections: 161}");
    settles(&scene).await;
    let restarts: Vec<Value> =
        sent(&scene, "PUT", "/config/database/postgres").iter().map(|it| it["restart_database"].clone()).collect();
    assert_eq!(restarts, [true, false, false]);
}

#[tokio::test]
async fn amounts_of_postgres_are_compared_by_meaning() {
    let scene = Scene::new("postgres: {shared_buffers: 1GB, statement_timeout: 8s, checkpoint_timeout: 5min}");
    scene.live(|project| {
        let live = json!({"shared_buffers": "1024MB", "statement_timeout": "8000", "checkpoint_timeout": "300"});
        project.postgres.clone_from(live.as_object().unwrap());
    });
    assert!(scene.plan().await.is_empty());
}
