//! Faults at every request of a run: whatever breaks, nothing is lost, and running again converges.
//!
//! For each request of a clean run, and each fault: apply with the fault, then again without it. After the second run every
//! wish is live, what nobody manages is as it was, and a third run has nothing to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use crate::support::scene::{REF, Scene};
use serde_json::json;
use supaform::exit::Exit;
use supaform::sandbox::Fault;

const WISHES: &str = "
auth:
  jwt_exp: 10m
  smtp_host: smtp.example.com
  smtp_port: 587
  smtp_user: u
  smtp_pass: {env: PASS}
  smtp_admin_email: a@example.com
  smtp_sender_name: Acme
  saml_enabled: true
sso_providers:
  okta: {metadata_url: \"https://idp.example.com/metadata\", domains: [acme.com]}
third_party_auth:
  auth0: {oidc_issuer_url: \"https://issuer.example.com\"}
ssl_enforcement: {database: true}
secrets:
  NEW: {env: PASS}
  OLD: null
api_keys:
  worker: {type: secret, description: of the worker}
  old_worker: null
legacy_api_keys: {enabled: false}
";

/// A project that somebody else has touched, too.
fn scene() -> Scene {
    let scene = Scene::new(WISHES);
    scene.live(|project| {
        let theirs = json!({"site_url": "https://theirs.example", "jwt_exp": 60});
        project.auth.clone_from(theirs.as_object().unwrap());
        for name in ["OLD", "THEIRS"] {
            let secret = serde_json::from_value(json!({"digest": "0".repeat(64)})).unwrap();
            project.secrets.insert(name.to_owned(), secret);
        }
        let key = |id: &str, name: &str| {
            serde_json::from_value(
                json!({"id": id.repeat(8) + "-0000-4000-8000-000000000000", "name": name, "type": "secret"}),
            )
        };
        project.api_keys = Some(vec![key("a", "old_worker").unwrap(), key("b", "theirs").unwrap()]);
    });
    scene
}

fn assert_converged(scene: &Scene, what: &str) {
    scene.live(|project| {
        assert_eq!(project.auth["jwt_exp"], 600, "{what}");
        assert_eq!(project.auth["smtp_sender_name"], "Acme", "{what}");
        assert_eq!(project.auth["site_url"], "https://theirs.example", "{what}: not ours");
        assert!(project.ssl_enforced, "{what}");
        let made = (project.sso_providers.len(), project.third_party_auth.len());
        assert_eq!(made, (1, 1), "{what}: made, and made once");
        let names: Vec<&String> = project.secrets.keys().collect();
        assert_eq!(names, ["NEW", "THEIRS"], "{what}");
        assert_eq!(project.secrets["THEIRS"].digest, "0".repeat(64), "{what}: not ours");
        let keys: Vec<&str> = project.api_keys.iter().flatten().map(|key| key.name.as_str()).collect();
        assert_eq!(keys, ["theirs", "worker"], "{what}: made, and made once");
        assert!(project.legacy_api_keys_off, "{what}");
    });
}

fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("dropped before", Fault::DropBefore),
        ("dropped after", Fault::DropAfter),
        ("500 after the effect", Fault::FailAfter { status: 500 }),
        ("500 without effect", Fault::Refuse { status: 500, message: "Internal Server Error".to_owned() }),
        ("a page of the edge", Fault::Page { status: 522 }),
        ("a page with 200", Fault::Page { status: 200 }),
        ("a truncated answer", Fault::Cut),
        ("a rate limit", Fault::Limit { retry_after: 7 }),
        ("a refusal", Fault::Refuse { status: 400, message: "jwt_exp: no".to_owned() }),
        ("an expired token", Fault::Refuse { status: 401, message: "JWT could not be decoded".to_owned() }),
        ("a cut right", Fault::Refuse { status: 403, message: "no".to_owned() }),
        ("a lost project", Fault::Refuse { status: 404, message: "Project not found".to_owned() }),
    ]
}

async fn clean_run() -> usize {
    let scene = scene();
    let ran = scene.run().await;
    assert_eq!((ran.is_blocked(), ran.plan.steps.len()), (false, 9));
    assert_eq!(ran.report.unwrap().exit(), Exit::Done);
    assert_converged(&scene, "a clean run");
    scene.requests().len()
}

/// Every second fault from this one, so many times from each request on.
async fn heals(times: u32, from: usize) {
    let requests = clean_run().await;
    let mut schedules = 0;
    for nth in 1..=u32::try_from(requests).unwrap() {
        for (name, fault) in faults().into_iter().skip(from).step_by(2) {
            schedules += 1;
            let what = format!("{name} at request {nth}, {times} times");
            let scene = scene();
            scene.fault("*", nth, times, fault);
            let first = scene.run().await;
            if let Some(report) = &first.report
                && report.exit() == Exit::Done
            {
                assert_converged(&scene, &format!("{what}: exit 0 means done"));
            }
            scene.sandbox.edit(|state| state.faults.clear());
            let second = scene.run().await;
            let healed = second.report.as_ref().is_none_or(|report| report.exit() == Exit::Done);
            assert!(healed && !second.is_blocked(), "{what}: {:?}", second.report);
            assert_converged(&scene, &what);
            assert_eq!(scene.run().await.plan.steps.len(), 0, "{what}: something is left");
        }
    }
    assert!(schedules >= 100, "{schedules}");
}

// Each of them is a quarter, so that they share the processors.

#[tokio::test]
async fn every_fault_at_every_request_heals_with_one_more_run_a() {
    heals(1, 0).await;
}

#[tokio::test]
async fn every_fault_at_every_request_heals_with_one_more_run_b() {
    heals(1, 1).await;
}

#[tokio::test]
async fn every_fault_at_all_requests_from_each_on_heals_with_one_more_run_a() {
    heals(9, 0).await;
}

#[tokio::test]
async fn every_fault_at_all_requests_from_each_on_heals_with_one_more_run_b() {
    heals(9, 1).await;
}

/// A write is sent again only where looking has shown that it did not take effect.
#[tokio::test]
async fn a_lost_answer_is_looked_up_before_anything_is_sent_again() {
    let requests = clean_run().await;
    for nth in 1..=u32::try_from(requests).unwrap() {
        let scene = scene();
        scene.fault("*", nth, 1, Fault::DropAfter);
        assert_eq!(scene.run().await.report.map(|report| report.exit()), Some(Exit::Done), "request {nth}");
        let mut writes: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (method, path) in scene.requests().into_iter().filter(|(method, _)| method != "GET") {
            *writes.entry((method, path)).or_default() += 1;
        }
        assert!(writes.values().all(|times| *times == 1), "request {nth}: {writes:?}");
    }
}

/// Somebody else changes what a write touches, at any moment before it: the write is not sent.
#[tokio::test]
async fn another_hand_on_what_is_touched_stops_the_write() {
    let requests = clean_run().await;
    let mut stale = 0;
    for nth in 1..=u32::try_from(requests).unwrap() {
        let scene = scene();
        scene.fault("*", nth, 1, Fault::Ghost { pointer: format!("/projects/{REF}/auth/jwt_exp"), value: json!(4321) });
        let report = scene.run().await.report;
        let exits: Vec<Exit> =
            report.iter().flat_map(|report| &report.projects["p"].steps).map(|step| step.outcome.exit()).collect();
        let after = scene.live(|project| project.auth["jwt_exp"].clone());
        if exits.contains(&Exit::Stale) {
            stale += 1;
            assert_eq!(after, 4321, "request {nth}: their value stays");
        }
    }
    assert!(stale > 0, "no moment was found in which it is stale");
}

/// A dead API is asked a bounded number of times.
#[tokio::test]
async fn a_dead_api_is_not_stormed() {
    let scene = scene();
    scene.fault("*", 1, 10_000, Fault::Refuse { status: 503, message: "down".to_owned() });
    let ran = scene.run().await;
    assert!(ran.is_blocked());
    assert!(scene.requests().len() <= 10, "{} requests", scene.requests().len());
}
