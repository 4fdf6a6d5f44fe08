//! Database Webhooks: on for good, and seen by the schema that they add.

use supaform::diag::codes::plan as codes;
use supaform::sandbox::TokenRights;

use super::{settles, writes};
use crate::support::scene::Scene;

#[tokio::test]
async fn they_are_switched_on_once_and_never_off() {
    let mut scene = Scene::new("database_webhooks: {enabled: false}");
    assert!(scene.plan().await.is_empty(), "they are off");
    scene.want("database_webhooks: {enabled: true}");
    settles(&scene).await;
    let sent = writes(&scene).into_iter().filter(|(method, path, _)| method == "POST" && path == "enable").count();
    assert_eq!(sent, 1);
    scene.want("database_webhooks: {enabled: false}");
    let plan = scene.plan().await;
    let refused: Vec<_> = plan.projects["p"].refusals.iter().map(|it| (it.finding.code, it.allow)).collect();
    assert_eq!(refused, [(codes::ONE_WAY, None)], "no word lifts it");
}

#[tokio::test]
async fn a_schema_that_does_not_show_is_told_after_the_write() {
    let scene = Scene::new("database_webhooks: {enabled: true}");
    scene.sandbox.edit(|state| state.switches.webhooks.schema_visible = false);
    let report = scene.run().await.report.unwrap();
    assert!(format!("{report:?}").contains("reading it back shows another value"), "{report:?}");
}

#[tokio::test]
async fn a_token_that_may_only_read_can_plan() {
    let scene = Scene::new("database_webhooks: {enabled: true}");
    let permissions = ["projects_read", "project_admin_read", "database_read"].map(str::to_owned).into();
    scene.sandbox.edit(|state| state.token = Some(TokenRights { permissions, ..TokenRights::default() }));
    let ran = scene.run().await;
    assert!(!ran.is_blocked() && ran.plan.steps.len() == 1);
    assert!(format!("{:?}", ran.report).contains("privileges"), "{:?}", ran.report);
}
