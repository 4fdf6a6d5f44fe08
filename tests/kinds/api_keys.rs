//! API keys: found by name, made once, removed by name, and never revealed.

use serde_json::json;
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::sandbox::{ApiKey, Fault};

use super::{sent, settles};
use crate::support::scene::Scene;

pub(super) const KEYS: &str = "POST /v1/projects/{ref}/api-keys";

/// A key of the sandbox.
fn key(id: char, name: &str, kind: &str) -> ApiKey {
    let id = format!("{}-0000-4000-8000-000000000000", id.to_string().repeat(8));
    serde_json::from_value(json!({"id": id, "name": name, "type": kind})).unwrap()
}

fn names(scene: &Scene) -> Vec<String> {
    scene.live(|project| project.api_keys.iter().flatten().map(|key| key.name.clone()).collect())
}

#[tokio::test]
async fn keys_are_made_changed_and_removed_by_name_and_never_revealed() {
    let mut scene = Scene::new(
        "api_keys: {worker: {type: secret, description: a, secret_jwt_template: {role: x, plain: {secret: 1}}}}",
    );
    scene.live(|project| project.api_keys = Some(vec![key('a', "default", "secret"), key('b', "theirs", "secret")]));
    let plan = scene.plan().await;
    assert_eq!(plan.projects["p"].unmanaged.items["api_keys"], ["theirs"], "a default key is nobody's item");
    settles(&scene).await;
    // The log does not tell claims: what became of them does.
    let claims = |scene: &Scene| scene.live(|project| json!(project.api_keys.as_ref().unwrap()[2].secret_jwt_template));
    let masked = json!({"[masked 1]": "[masked]", "[masked 2]": {"[masked 1]": "[masked]"}});
    let made = json!({"type": "secret", "description": "a", "secret_jwt_template": masked, "name": "worker"});
    assert_eq!(sent(&scene, "POST", "/api-keys"), [made]);
    assert_eq!(claims(&scene), json!({"role": "x", "plain": {"secret": 1}}));
    let id = scene.live(|project| project.api_keys.as_ref().unwrap()[2].id.clone());
    scene.want("api_keys: {worker: {type: secret, description: null, secret_jwt_template: {role: y}}}");
    settles(&scene).await;
    let one = format!("/api-keys/{id}");
    assert_eq!(
        sent(&scene, "PATCH", &one),
        [json!({"description": null, "secret_jwt_template": {"[masked 1]": "[masked]"}})]
    );
    assert_eq!(claims(&scene), json!({"role": "y"}));
    scene.want("manage: {api_keys: {prune: true}}\napi_keys: {}");
    let plan = scene.plan().await;
    let asked: Vec<String> = plan.projects["p"].refusals.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(asked, ["p/api_keys/theirs", "p/api_keys/worker"]);
    settles(&scene).await;
    assert_eq!(names(&scene), ["default"]);
    assert!(scene.log().iter().all(|entry| entry["query"].is_null()), "no value was asked for");
}

#[tokio::test]
async fn a_type_is_for_good() {
    for (sections, code) in [
        ("api_keys: {mobile: {type: secret}}", codes::CANNOT_BECOME),
        ("api_keys: {mobile: {secret_jwt_template: {role: x}}}", codes::CANNOT_BECOME),
        ("api_keys: {another: {description: x}}", codes::MISSING_COMPANION),
    ] {
        let scene = Scene::new(sections);
        scene.live(|project| project.api_keys = Some(vec![key('a', "mobile", "publishable")]));
        let plan = scene.plan().await;
        let refused: Vec<_> =
            plan.projects["p"].refusals.iter().map(|it| (it.finding.code, it.allow.is_some())).collect();
        assert_eq!(refused, [(code, false)], "{sections}");
    }
    // Without a word of the type, a live key is taken as it is.
    let scene = Scene::new("api_keys: {mobile: {description: The app}}");
    scene.live(|project| project.api_keys = Some(vec![key('a', "mobile", "publishable")]));
    settles(&scene).await;
}

#[tokio::test]
async fn which_of_two_keys_is_meant_is_not_guessed() {
    let twins = || Some(vec![key('a', "twins", "publishable"), key('b', "twins", "secret")]);
    let prune = "manage: {api_keys: {prune: true}}\n";
    for sections in [
        "api_keys: {twins: {type: secret}}".to_owned(),
        "api_keys: {twins: null}".to_owned(),
        format!("{prune}api_keys: {{}}"),
    ] {
        let scene = Scene::new(&sections);
        scene.live(|project| project.api_keys = twins());
        let plan = scene.plan().await;
        let blocked = plan.projects["p"].blocked.as_ref().map(|blocked| (blocked.finding.code, blocked.exit));
        assert_eq!(blocked, Some((codes::SAME_NAME, Exit::Attention)), "{sections}");
    }
    for (sections, left) in [
        ("api_keys: {another: {type: secret}}".to_owned(), 3),
        (format!("{prune}api_keys: {{twins: {{unmanaged: true}}}}"), 2),
    ] {
        let scene = Scene::new(&sections);
        scene.live(|project| project.api_keys = twins());
        let ran = scene.run().await;
        assert!(!ran.is_blocked(), "{sections}: nobody means either");
        assert_eq!(names(&scene).len(), left, "{sections}");
    }
}

#[tokio::test]
async fn a_key_whose_answer_is_lost_is_looked_for_before_another_is_made() {
    for fault in [Fault::DropAfter, Fault::FailAfter { status: 500 }, Fault::Cut] {
        let scene = Scene::new("api_keys: {worker: {type: secret}}");
        scene.fault(KEYS, 1, 1, fault.clone());
        settles(&scene).await;
        assert_eq!(sent(&scene, "POST", "/api-keys").len(), 1, "{fault:?}");
    }
    // One that never arrived is sent again, once it had time to be seen.
    let scene = Scene::new("api_keys: {worker: {type: secret}}");
    scene.fault(KEYS, 1, 1, Fault::DropBefore);
    settles(&scene).await;
    assert_eq!(names(&scene), ["default", "default", "worker"]);
    let reads = scene.requests().iter().filter(|(method, path)| method == "GET" && path.ends_with("/api-keys")).count();
    assert!(reads >= 6, "looked {reads} times");
}
