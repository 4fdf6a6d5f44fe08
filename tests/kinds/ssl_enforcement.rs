//! SSL enforcement: a restart that is waited for.

use supaform::sandbox::Fault;
use supaform::schema::Impact;

use super::settles;
use crate::support::scene::Scene;

#[tokio::test]
async fn tls_is_waited_for_and_the_same_value_is_not_sent() {
    let mut scene = Scene::new("ssl_enforcement: {database: true}");
    settles(&scene).await;
    let asked: Vec<String> = scene.requests().into_iter().map(|(_, path)| path).collect();
    assert!(asked.iter().any(|path| path.ends_with("/health")), "{asked:?}");
    scene.want("ssl_enforcement: {database: false}");
    let plan = scene.plan().await;
    let flags: Vec<Impact> = plan.steps[0].flags.iter().map(|flag| flag.impact).collect();
    assert_eq!(flags, [Impact::Restart, Impact::Security]);
    settles(&scene).await;
    assert_eq!(scene.requests().iter().filter(|(method, _)| method == "PUT").count(), 2);
}

#[tokio::test]
async fn services_may_be_down_for_a_while_after_a_restart() {
    let scene = Scene::new("ssl_enforcement: {database: true}");
    let message = "Failed to retrieve project's db service health".to_owned();
    scene.fault("GET /v1/projects/{ref}/health", 1, 3, Fault::Refuse { status: 500, message });
    settles(&scene).await;
}
