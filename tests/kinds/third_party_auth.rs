//! Third-party issuers: known by ids of the API's own, found by their address, made once.

use serde_json::json;
use supaform::diag::codes::plan as codes;
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
