//! The project itself: parked, missing, or coming up.

use serde_json::json;
use supaform::diag::codes::plan as plan_codes;
use supaform::exit::Exit;

use super::auth::bodies;
use super::settles;
use crate::support::scene::Scene;

#[tokio::test]
async fn nothing_is_planned_on_a_parked_project() {
    let scene = Scene::new("secrets: {A: {plain: b}}");
    scene.live(|project| "INACTIVE".clone_into(&mut project.status));
    let plan = scene.plan().await;
    assert_eq!(
        plan.projects["p"].blocked.as_ref().map(|blocked| (blocked.finding.code, blocked.exit)),
        Some((plan_codes::PROJECT_PAUSED, Exit::Refused))
    );
    assert!(scene.requests().iter().all(|(_, path)| !path.ends_with("/secrets")), "its lists are not even read");
}

#[tokio::test]
async fn a_project_that_is_not_there_is_not_made() {
    let scene = Scene::new("auth: {jwt_exp: 10m}");
    scene.live(|project| "Somebody Else's".clone_into(&mut project.name));
    let plan = scene.plan().await;
    assert_eq!(
        plan.projects["p"].blocked.as_ref().map(|blocked| blocked.finding.code),
        Some(plan_codes::PROJECT_NOT_FOUND)
    );
    assert!(scene.requests().iter().all(|(method, _)| method == "GET"));
}

/// A project that is coming up is waited for, read, and then sent what was shown, as far as it still differs.
#[tokio::test]
async fn a_project_that_is_coming_up_is_waited_for() {
    let scene = Scene::new(
        "auth: {jwt_exp: 10m, site_url: \"http://localhost:3000\"}\nsecrets: {A: {plain: b}}\nnetwork_restrictions: {mode: closed}",
    );
    scene.live(|project| {
        "COMING_UP".clone_into(&mut project.status);
        project.up_at_ms = Some(60_000);
    });
    let ran = scene.run().await;
    assert!(!ran.plan.is_empty());
    let report = ran.report.unwrap();
    let problems: Vec<_> = report.projects["p"].problem.iter().map(|problem| problem.finding.code).collect();
    // The lock-out was not in the plan that was shown, since nothing was read: it is not carried out unseen.
    assert_eq!(problems, [plan_codes::NEEDS_ALLOW]);
    assert_eq!(report.exit(), Exit::Refused);
    let plain = Scene::new("auth: {jwt_exp: 10m, site_url: \"http://localhost:3000\"}\nsecrets: {A: {plain: b}}");
    plain.live(|project| {
        "COMING_UP".clone_into(&mut project.status);
        project.up_at_ms = Some(60_000);
    });
    settles(&plain).await;
    assert_eq!(bodies(&plain), [json!({"jwt_exp": 600})], "only what differs is sent");
}
