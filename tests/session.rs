//! A session without a command line: everything in this process, against a sandbox that the test holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use supaform::apply::Outcome;
use supaform::exit::Exit;
use supaform::session::{Options, Planned};
use supaform::stop::Stop;

use crate::support::stage::Stage;

/// The addresses and fields that a plan changes.
fn changes(planned: &Planned) -> BTreeSet<String> {
    let changes = planned.plan.projects.values().flat_map(|project| &project.changes);
    changes.flat_map(|it| it.fields.iter().map(|field| format!("{}/{}", it.at, field.name()))).collect()
}

fn set<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.map(str::to_owned).into()
}

const SECTIONS: &str = "auth:\n  jwt_exp: 10m  # short\n  site_url: https://acme.com\nsecrets: {KEY: {env: KEY}}\n";

#[tokio::test]
async fn a_plan_is_applied_and_then_there_is_nothing_to_do() {
    let stage = Stage::new(SECTIONS);
    let first = stage.plan().await;
    assert_eq!(changes(&first), set(["p/auth/jwt_exp", "p/auth/site_url", "p/secrets/KEY/value"]));
    assert!(stage.live(|project| project.secrets.is_empty()), "a plan writes nothing");

    let report = stage.apply(&[]).await.unwrap();
    assert_eq!(report.exit(), Exit::Done);
    assert_eq!(report.plan, first.plan.id, "what is applied is what was planned");
    let outcomes: Vec<&Outcome> = report.projects.values().flat_map(|it| &it.steps).map(|step| &step.outcome).collect();
    assert!(outcomes.len() == 2 && outcomes.iter().all(|it| matches!(it, Outcome::Done)), "{outcomes:?}");
    assert_eq!(stage.live(|project| project.auth["jwt_exp"].clone()), json!(600));
    let planned = stage.plan().await;
    assert_eq!((changes(&planned), planned.plan.steps.len()), (set([]), 0));

    // Somebody changes two things by hand: one is kept, the other is put back.
    stage.live(|project| {
        project.auth.insert("jwt_exp".to_owned(), json!(1200));
        project.auth.insert("site_url".to_owned(), json!("https://mallory.example"));
    });
    assert_eq!(changes(&stage.plan().await), set(["p/auth/jwt_exp", "p/auth/site_url"]));
    assert_eq!(stage.accept("p/auth/jwt_exp").await.unwrap(), ["p/auth/jwt_exp"]);
    assert!(stage.read("p.yaml").contains("  jwt_exp: 20m  # short\n"), "{}", stage.read("p.yaml"));
    assert_eq!(changes(&stage.plan().await), set(["p/auth/site_url"]));
    assert_eq!(stage.apply(&[]).await.unwrap().exit(), Exit::Done);
    assert_eq!(stage.live(|project| project.auth["site_url"].clone()), json!("https://acme.com"));
    assert_eq!(stage.live(|project| project.auth["jwt_exp"].clone()), json!(1200));
    assert_eq!(changes(&stage.plan().await), set([]));
    assert_eq!(*stage.notes.0.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_undone_is_applied_only_where_it_is_named() {
    let stage = Stage::new(SECTIONS);
    assert_eq!(stage.apply(&[]).await.unwrap().exit(), Exit::Done);
    stage.write("p.yaml", &stage.read("p.yaml").replace("{KEY: {env: KEY}}", "{KEY: null}"));
    let refused = stage.apply(&[]).await.unwrap_err();
    assert_eq!(refused.exit, Exit::Refused, "{:?}", refused.findings);
    assert!(stage.live(|project| project.secrets.contains_key("KEY")));
    assert_eq!(stage.apply(&["p/secrets/KEY"]).await.unwrap().exit(), Exit::Done);
    assert!(stage.live(|project| project.secrets.is_empty()));
}

#[tokio::test]
async fn a_failure_knows_how_a_process_would_end() {
    let stage = Stage::new("secrets: {KEY: {env: OTHER}}\n");
    assert_eq!(changes(&stage.plan().await), set(["p/secrets/KEY/value"]), "a plan goes on without a value");
    assert_eq!(stage.apply(&[]).await.unwrap_err().exit, Exit::Invalid, "an apply needs all of them");

    stage.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: often}\n");
    assert_eq!(stage.session().load().err().unwrap().exit, Exit::Invalid);

    let stage = Stage::new(SECTIONS);
    let elsewhere = Options { root: Some(stage.folder.path().join("nowhere")), ..stage.options() };
    assert_eq!(stage.session_with(elsewhere, Stop::new()).load().err().unwrap().exit, Exit::Invalid);

    let stop = Stop::new();
    stop.raise();
    let stopped = stage.session_with(stage.options(), stop).load_with_secrets(None).await;
    assert_eq!(stopped.err().unwrap().exit, Exit::Interrupted);

    let untrusted = Options { untrusted: Some("a stranger wrote them".to_owned()), ..stage.options() };
    let session = stage.session_with(untrusted, Stop::new());
    assert_eq!(session.require_trust("applied").unwrap_err().exit, Exit::Refused);
}

#[tokio::test]
async fn two_sessions_on_one_peer_see_what_the_other_did() {
    let (one, mut two) = (Stage::new("auth: {jwt_exp: 10m}\n"), Stage::new("auth: {jwt_exp: 20m}\n"));
    (two.sandbox, two.clock) = (Arc::clone(&one.sandbox), Arc::clone(&one.clock));
    assert_eq!(one.apply(&[]).await.unwrap().exit(), Exit::Done);
    assert_eq!(two.apply(&[]).await.unwrap().exit(), Exit::Done);
    assert_eq!(changes(&one.plan().await), set(["p/auth/jwt_exp"]));
    assert_eq!(changes(&two.plan().await), set([]));
}
