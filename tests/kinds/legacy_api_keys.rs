//! The switch of the legacy API keys: it goes last, and may be gone for good.

use serde_json::{Value, json};
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::sandbox::Fault;
use supaform::schema::Impact;

use super::api_keys::KEYS;
use super::settles;
use crate::support::scene::Scene;

#[tokio::test]
async fn legacy_keys_go_last_by_name_and_come_back() {
    let mut scene =
        Scene::new("legacy_api_keys: {enabled: false}\napi_keys: {worker: {type: secret}}\nsecrets: {KEY: {plain: x}}");
    let plan = scene.plan().await;
    let order: Vec<&str> = plan.steps.iter().filter_map(|step| step.at.subject.kind()).collect();
    assert_eq!(order.last(), Some(&"legacy_api_keys"), "the new keys are there first");
    let asked: Vec<String> = plan.projects["p"].refusals.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(asked, ["p/legacy_api_keys/enabled"], "somebody must name a lock-out");
    settles(&scene).await;
    scene.want("legacy_api_keys: {enabled: true}");
    let plan = scene.plan().await;
    assert!(plan.projects["p"].refusals.is_empty());
    assert_eq!(plan.steps[0].flags.iter().map(|flag| flag.impact).collect::<Vec<_>>(), [Impact::Security]);
    settles(&scene).await;
    let put = scene.log().into_iter().filter(|entry| entry["method"] == "PUT");
    let put: Vec<_> = put.map(|entry| (entry["query"].clone(), entry["body"].clone())).collect();
    assert_eq!(put, [(json!("enabled=false"), Value::Null), (json!("enabled=true"), Value::Null)]);
    // Where new keys are not made, the old ones stay.
    scene.want("legacy_api_keys: {enabled: false}\napi_keys: {another: {type: secret}}");
    scene.fault(KEYS, 1, 1, Fault::Refuse { status: 403, message: "no".to_owned() });
    assert_eq!(scene.run().await.report.map(|report| report.exit()), Some(Exit::Denied));
    assert!(!scene.live(|project| project.legacy_api_keys_off));
}

#[tokio::test]
async fn a_switch_that_the_api_has_no_longer_is_off_for_good() {
    const LEGACY: &str = "GET /v1/projects/{ref}/api-keys/legacy";
    let gone = |enabled: bool, message: &str| {
        let scene = Scene::new(&format!("legacy_api_keys: {{enabled: {enabled}}}"));
        scene.fault(LEGACY, 1, 99, Fault::Refuse { status: 404, message: message.to_owned() });
        scene
    };
    let off = gone(false, "Cannot GET /v1/projects/x/api-keys/legacy").plan().await;
    assert!(off.is_empty() && off.projects["p"].notes.len() == 1, "{off:?}");
    let on = gone(true, "Cannot GET /v1/projects/x/api-keys/legacy").plan().await;
    let refused: Vec<_> = on.projects["p"].refusals.iter().map(|it| it.finding.code).collect();
    assert_eq!(refused, [codes::NO_LONGER_THERE]);
    // Any other 404 does not say that the keys are off.
    let unknown = gone(false, "Project not found").plan().await;
    assert!(unknown.projects["p"].blocked.is_some());
}
