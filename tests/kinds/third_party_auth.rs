//! Third-party issuers: known by ids of the API's own, found by their address, made once.

use serde_json::json;
use supaform::diag::codes::{plan as codes, run};
use supaform::exit::Exit;
use supaform::sandbox::{Fault, Rule};

use super::sso_providers::{A, B};
use super::{blocked, refusals, settles, writes};
use crate::support::scene::Scene;
pub(super) const ISSUERS: &str = "POST /v1/projects/{ref}/config/auth/third-party-auth";

fn issuer(scene: &Scene, id: &str, url: &str) {
    let issuer = serde_json::from_value(json!({"oidc_issuer_url": url})).unwrap();
    scene.live(|project| project.third_party_auth.insert(id.to_owned(), issuer));
}

#[tokio::test]
async fn another_address_is_another_issuer() {
    let mut scene = Scene::new("third_party_auth: {auth0: {oidc_issuer_url: \"https://old.example\"}}");
    settles(&scene).await;
    let old = scene.live(|project| project.third_party_auth.keys().next().cloned().unwrap());
    scene.want("third_party_auth: {auth0: {oidc_issuer_url: \"https://new.example\"}}");
    let plan = scene.plan().await;
    assert_eq!(
        plan.projects["p"].unmanaged.items["third_party_auth"],
        std::slice::from_ref(&old),
        "it never goes by itself"
    );
    scene.want("manage: {third_party_auth: {prune: true}}\nthird_party_auth: {auth0: {oidc_issuer_url: \"https://new.example\"}}");
    let plan = scene.plan().await;
    let refused: Vec<String> = plan.projects["p"].refusals.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(refused, [format!("p/third_party_auth/{old}")], "its removal has to be named");
    settles(&scene).await;
    let methods: Vec<String> = writes(&scene).into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, ["POST", "POST", "DELETE"], "the new one is trusted before the old one goes");
}

#[tokio::test]
async fn issuers_that_are_there_twice_are_told() {
    let mut scene = Scene::new("third_party_auth: {auth0: {oidc_issuer_url: \"https://a.example\"}}");
    issuer(&scene, A, "https://a.example");
    assert!(scene.plan().await.is_empty());
    issuer(&scene, B, "https://a.example");
    assert_eq!(blocked(&scene).await, Some((codes::UNCLEAR_ITEM, Exit::Attention)));
    scene.want(&format!("third_party_auth: {{auth0: {{oidc_issuer_url: \"https://a.example\"}}, {B}: null}}"));
    settles(&scene).await;
    assert_eq!(scene.live(|project| project.third_party_auth.keys().cloned().collect::<Vec<_>>()), [A]);
    scene.want("third_party_auth: {auth0: {oidc_issuer_url: \"https://a.example\", extra: {new: 1}}}");
    assert_eq!(refusals(&scene).await, [codes::CANNOT_BECOME]);
}

/// Here nothing but looking keeps a second one from being made.
#[tokio::test]
async fn an_issuer_is_not_made_twice() {
    for (fault, lagging) in [(Fault::DropAfter, 0), (Fault::DropAfter, 4), (Fault::FailAfter { status: 502 }, 2)] {
        let scene = Scene::new("third_party_auth: {auth0: {oidc_issuer_url: \"https://a.example\"}}");
        scene.sandbox.edit(|state| {
            let rule = |route: String, nth, times, fault| Rule { route, project: None, nth, times, fault, seen: 0 };
            let list = ISSUERS.replace("POST", "GET");
            state.faults = vec![rule(ISSUERS.to_owned(), 1, 1, fault.clone()), rule(list, 3, lagging, Fault::Stale)];
        });
        settles(&scene).await;
        assert_eq!(scene.live(|project| project.third_party_auth.len()), 1, "{fault:?}, {lagging} reads lag");
    }
}

/// What is to go and has gone is as it should be.
#[tokio::test]
async fn what_somebody_else_has_removed_meanwhile_is_done() {
    let scene = Scene::new(&format!("third_party_auth: {{{A}: null}}"));
    issuer(&scene, A, "https://a.example");
    let delete = "DELETE /v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}";
    scene.fault(delete, 1, 1, Fault::FailAfter { status: 404 });
    settles(&scene).await;
}

/// Two reads to plan, one before the first write, the writes, and one read that shows them all.
#[tokio::test]
async fn many_issuers_take_a_call_each() {
    let many = 20;
    let issuers: Vec<String> =
        (0..many).map(|at| format!("a{at}: {{oidc_issuer_url: \"https://a{at}.example\"}}")).collect();
    let scene = Scene::new(&format!("third_party_auth: {{{}}}", issuers.join(", ")));
    let plan = scene.plan().await;
    let waits: usize = plan.steps.iter().map(|step| step.after.len()).sum();
    assert_eq!((plan.steps.len(), waits), (many, many - 1), "each waits for the one before it");
    let before = scene.requests().len();
    let ran = scene.run().await;
    assert_eq!(ran.report.unwrap().exit(), Exit::Done);
    assert_eq!(scene.requests().len() - before, 4 + many);
}

/// Where the writes take long, what was read before them is read again.
#[tokio::test]
async fn a_read_is_good_for_half_a_minute() {
    let many = 20;
    let issuers: Vec<String> =
        (0..many).map(|at| format!("a{at}: {{oidc_issuer_url: \"https://a{at}.example\"}}")).collect();
    let scene = Scene::new(&format!("third_party_auth: {{{}}}", issuers.join(", ")));
    scene.fault(ISSUERS, 1, 99, Fault::Slow { ms: 10_000 });
    assert_eq!(scene.run().await.report.unwrap().exit(), Exit::Done);
    // A batch takes what fits into its time.
    assert_eq!(scene.requests().len(), 4 + many + (many - 1) / 3);
}

const TWO: &str =
    "third_party_auth: {a: {oidc_issuer_url: \"https://a.example\"}, b: {oidc_issuer_url: \"https://b.example\"}}";

/// What somebody makes while the others are being made is seen before it would be made a second time, or told.
#[tokio::test]
async fn an_issuer_that_somebody_makes_in_the_midst_is_told() {
    // The list of the plan, the one before the writes, the one after them.
    for (nth, ends, all) in [(2, vec![None, Some(run::STALE)], 3), (3, vec![None, Some(run::MADE_TWICE)], 4)] {
        let scene = Scene::new(TWO);
        issuer(&scene, A, "https://theirs.example");
        let pointer = format!("/projects/{}/third_party_auth/{B}", crate::support::scene::REF);
        let made = json!({"oidc_issuer_url": "https://b.example"});
        scene.fault(&ISSUERS.replace("POST", "GET"), nth, 1, Fault::Ghost { pointer, value: made });
        let report = scene.run().await.report.unwrap();
        let steps = &report.projects["p"].steps;
        let ended: Vec<_> =
            steps.iter().map(|step| step.outcome.problem().map(|problem| problem.finding.code)).collect();
        assert_eq!(ended, ends, "at list {nth}: {report:?}");
        assert_eq!(scene.live(|project| project.third_party_auth.len()), all, "at list {nth}");
    }
}

/// One that is refused in the midst: what was made before it is read back, and what comes after it is not sent.
#[tokio::test]
async fn an_issuer_that_is_refused_keeps_no_other_from_being_read_back() {
    let scene = Scene::new(
        "third_party_auth: {a: {oidc_issuer_url: \"https://a.example\"}, b: {oidc_issuer_url: \"https://b.example\"}, c: {oidc_issuer_url: \"https://c.example\"}}",
    );
    scene.fault(ISSUERS, 2, 1, Fault::Refuse { status: 400, message: "no".to_owned() });
    let report = scene.run().await.report.unwrap();
    let told: Vec<String> = report.projects["p"].steps.iter().map(|step| format!("{:?}", step.outcome)).collect();
    let words: Vec<&str> = told.iter().filter_map(|text| text.split([' ', '(']).next()).collect();
    assert_eq!((words, report.exit()), (vec!["Done", "Failed", "Skipped"], Exit::Partial));
    settles(&scene).await;
    assert_eq!(scene.live(|project| project.third_party_auth.len()), 3);
}

/// What the API accepts and does not do is told of the one that it is about.
#[tokio::test]
async fn an_issuer_that_was_not_made_is_told_among_others() {
    let scene = Scene::new(TWO);
    let list = ISSUERS.replace("POST", "GET");
    let a = json!([{"id": A, "type": "oidc", "oidc_issuer_url": "https://a.example", "inserted_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z"}]);
    scene.fault(&list, 3, 99, Fault::Show { pointer: String::new(), value: a });
    let report = scene.run().await.report.unwrap();
    let steps = &report.projects["p"].steps;
    let ended: Vec<_> = steps.iter().map(|step| step.outcome.problem().map(|problem| problem.finding.code)).collect();
    assert_eq!(ended, [None, Some(run::DID_NOT_TAKE)], "{report:?}");
}
