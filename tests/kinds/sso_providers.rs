//! SSO providers: known by ids of the API's own, found by what they say, made once, changed without losing what is not written.

use serde_json::{Value, json};
use supaform::diag::codes::{plan as codes, run};
use supaform::exit::Exit;
use supaform::model::Action;
use supaform::sandbox::{Fault, Rule, SsoProvider};

use super::{along, blocked, refusals, settles, writes};
use crate::support::scene::{REF, Scene};
const URL: &str = "https://idp.example.com/metadata";
pub(super) const POST: &str = "POST /v1/projects/{ref}/config/auth/sso/providers";
pub(super) const PUT: &str = "PUT /v1/projects/{ref}/config/auth/sso/providers/{provider_id}";
pub(super) const A: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
pub(super) const B: &str = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

/// A scene with SAML on.
pub(super) fn scene(sections: &str) -> Scene {
    let scene = Scene::new(sections);
    scene.live(|project| project.auth.insert("saml_enabled".to_owned(), true.into()));
    scene
}

/// A provider that is live.
pub(super) fn put(scene: &Scene, id: &str, provider: &Value) {
    let mut whole = json!({"entity_id": format!("urn:{id}"), "metadata_xml": "<x/>"});
    whole.as_object_mut().unwrap().extend(provider.as_object().unwrap().clone());
    let provider: SsoProvider = serde_json::from_value(whole).unwrap();
    scene.live(|project| project.sso_providers.insert(id.to_owned(), provider));
}

fn provider(scene: &Scene, id: &str) -> SsoProvider {
    scene.live(|project| project.sso_providers[id].clone())
}

#[tokio::test]
async fn what_is_not_written_survives_an_update() {
    let scene = scene(&format!("sso_providers: {{okta: {{metadata_url: \"{URL}\", domains: [acme.com]}}}}"));
    let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    let mapping = json!({"email": {"name": "mail"}});
    put(&scene, A, &json!({"metadata_url": URL, "name_id_format": format, "attribute_mapping": mapping}));
    put(&scene, B, &json!({"domains": ["theirs.example"], "name_id_format": format}));
    let (before, theirs) = (provider(&scene, A), provider(&scene, B));
    let plan = scene.plan().await;
    assert_eq!(along(&plan), ["name_id_format"], "it is told that it is sent along");
    settles(&scene).await;
    let sent = json!({"domains": ["acme.com"], "name_id_format": format});
    assert_eq!(writes(&scene), [("PUT".to_owned(), A.to_owned(), sent)]);
    let after = provider(&scene, A);
    let expected = SsoProvider { domains: vec!["acme.com".to_owned()], updated_ms: after.updated_ms, ..before };
    assert_eq!(after, expected);
    assert_eq!(provider(&scene, B), theirs, "nobody manages it");
    assert_eq!(plan.projects["p"].unmanaged.items["sso_providers"], [B]);
}

#[tokio::test]
async fn what_is_sent_along_must_be_what_is_live() {
    let scene = scene(&format!("sso_providers: {{okta: {{metadata_url: \"{URL}\", domains: [acme.com]}}}}"));
    let format = |word: &str| json!(format!("urn:oasis:names:tc:SAML:2.0:nameid-format:{word}"));
    put(&scene, A, &json!({"metadata_url": URL, "name_id_format": format("persistent")}));
    let pointer = format!("/projects/{REF}/sso_providers/{A}/name_id_format");
    // The fourth request is the read before the write: project, list, auth, list.
    scene.fault("*", 4, 1, Fault::Ghost { pointer, value: format("transient") });
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Stale);
    assert_eq!(writes(&scene), []);
}

#[tokio::test]
async fn a_provider_is_found_by_what_it_says() {
    let xml = "metadata_xml: \"<EntityDescriptor entityID='urn:x'/>\"";
    for (written, live) in [
        (format!("metadata_url: \"{URL}\""), json!({"metadata_url": URL})),
        (xml.to_owned(), json!({"entity_id": "urn:x", "metadata_xml": "<EntityDescriptor   entityID=\"urn:x\" />\n"})),
        ("domains: [acme.com]".to_owned(), json!({"domains": ["ACME.com"]})),
        (format!("id: {A}"), json!({})),
    ] {
        let scene = scene(&format!("sso_providers: {{okta: {{{written}}}}}"));
        put(&scene, A, &live);
        put(&scene, B, &json!({"domains": ["other.example"]}));
        let plan = scene.plan().await;
        assert!(plan.is_empty(), "{written}: {:?}", plan.projects["p"]);
        assert_eq!(plan.projects["p"].unmanaged.items["sso_providers"], [B], "{written}");
        // One read for the project, one for the list, one for auth; and one where the XML is compared.
        assert_eq!(scene.requests().len(), if written.contains("xml") { 4 } else { 3 }, "{written}");
    }
}

#[tokio::test]
async fn two_candidates_are_told_and_nothing_is_guessed() {
    let mut scene = scene("sso_providers: {okta: {domains: [a.example, b.example]}}");
    put(&scene, A, &json!({"domains": ["a.example"]}));
    put(&scene, B, &json!({"domains": ["b.example"]}));
    assert_eq!(blocked(&scene).await, Some((codes::UNCLEAR_ITEM, Exit::Attention)));
    scene.want("sso_providers: {one: {domains: [a.example]}, two: {domains: [a2.example], id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa}}");
    assert_eq!(refusals(&scene).await, [codes::MISSING_COMPANION], "what is meant by its id is nobody else's");
    scene.live(|project| {
        project.sso_providers.get_mut(A).unwrap().domains = vec!["a.example".into(), "c.example".into()];
    });
    scene.want("sso_providers: {one: {domains: [a.example]}, two: {domains: [c.example]}}");
    assert_eq!(blocked(&scene).await, Some((codes::UNCLEAR_ITEM, Exit::Attention)), "both mean one");
    scene.want("sso_providers: {okta: {id: cccccccc-cccc-4ccc-8ccc-cccccccccccc}}");
    assert_eq!(blocked(&scene).await, Some((codes::ITEM_GONE, Exit::Failed)));
    assert_eq!(writes(&scene), []);
}

#[tokio::test]
async fn what_is_absent_or_let_go_of_is_named_by_its_id() {
    let mut scene =
        scene(&format!("sso_providers: {{{A}: null, okta: {{metadata_url: \"{URL}\", domains: [acme.com]}}}}"));
    put(&scene, A, &json!({"domains": ["acme.com"]}));
    let plan = scene.plan().await;
    let actions: Vec<Action> = plan.projects["p"].changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Delete, Action::Create], "the domain is no reason to take the one for the other");
    settles(&scene).await;
    let methods: Vec<String> = writes(&scene).into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, ["DELETE", "POST"], "the domain is free before it is taken");
    put(&scene, B, &json!({"domains": ["theirs.example"]}));
    scene.want(&format!("manage: {{sso_providers: {{prune: true}}}}\nsso_providers: {{{B}: {{unmanaged: true}}}}"));
    let plan = scene.plan().await;
    let gone: Vec<_> =
        plan.projects["p"].changes.iter().map(|change| change.at.subject.item().unwrap().to_owned()).collect();
    let known = scene.live(|project| project.sso_providers.keys().cloned().collect::<Vec<_>>());
    assert!(known.len() == 2 && gone.len() == 1 && gone[0] != B, "{gone:?}: only the one that is not spared");
}

#[tokio::test]
async fn what_is_made_anew_is_removed_first() {
    let scene = scene(&format!("sso_providers: {{{A}: null, \"0-okta\": {{metadata_url: \"{URL}\"}}}}"));
    put(&scene, A, &json!({"metadata_url": URL, "entity_id": URL}));
    settles(&scene).await;
    let methods: Vec<String> = writes(&scene).into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, ["DELETE", "POST"], "an entity is there once");
}

#[tokio::test]
async fn domains_move_in_an_order_that_the_api_takes() {
    let mut scene = scene(&format!(
        "sso_providers: {{a: {{id: {A}, domains: [b.example]}}, b: {{id: {B}, domains: [c.example]}}}}"
    ));
    put(&scene, A, &json!({"domains": ["a.example"]}));
    put(&scene, B, &json!({"domains": ["b.example"]}));
    settles(&scene).await;
    let order: Vec<String> = writes(&scene).into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(order, [B, A]);
    scene.want(&format!(
        "sso_providers: {{a: {{id: {A}, domains: [c.example]}}, b: {{id: {B}, domains: [b.example]}}}}"
    ));
    assert_eq!(refusals(&scene).await, [codes::DOMAIN_TAKEN], "a circle");
    scene.want(&format!("sso_providers: {{a: {{id: {A}, domains: [b.example, c.example]}}}}"));
    assert_eq!(refusals(&scene).await, [codes::DOMAIN_TAKEN], "it is not taken from a provider that nobody manages");
}

#[tokio::test]
async fn saml_is_on_while_there_are_providers() {
    let okta = format!("sso_providers: {{okta: {{metadata_url: \"{URL}\"}}}}");
    let mut scene = Scene::new(&okta);
    assert_eq!(refusals(&scene).await, [codes::SAML_OFF]);
    scene.want(&format!("auth: {{saml_enabled: true}}\n{okta}"));
    settles(&scene).await;
    scene.want(&format!("auth: {{saml_enabled: false}}\n{okta}"));
    assert_eq!(refusals(&scene).await, [codes::SAML_OFF], "also where the provider itself stays as it is");
    scene.want("auth: {saml_enabled: null}\nmanage: {sso_providers: {prune: true}}\nsso_providers: {}");
    settles(&scene).await;
    let methods: Vec<String> = writes(&scene).into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, ["PATCH", "POST", "DELETE", "PATCH"]);
}

#[tokio::test]
async fn another_entity_is_another_provider() {
    let xml = "metadata_xml: \"<EntityDescriptor entityID='urn:new'/>\"";
    let scene = scene(&format!("sso_providers: {{okta: {{id: {A}, {xml}}}}}"));
    put(&scene, A, &json!({}));
    assert_eq!(refusals(&scene).await, [codes::CANNOT_BECOME]);
}

#[tokio::test]
async fn a_domain_that_goes_is_a_lock_out_and_one_that_moves_is_not() {
    let mut scene = scene(&format!("sso_providers: {{a: {{id: {A}, domains: []}}}}"));
    put(&scene, A, &json!({"domains": ["a.example"]}));
    assert_eq!(refusals(&scene).await, [codes::NEEDS_ALLOW]);
    scene.want(&format!(
        "sso_providers: {{a: {{id: {A}, domains: []}}, b: {{metadata_url: \"{URL}\", domains: [a.example]}}}}"
    ));
    assert_eq!(refusals(&scene).await, []);
    settles(&scene).await;
}

/// What is approved is the change of one provider, not of whichever has its name.
#[tokio::test]
async fn the_id_of_a_provider_is_part_of_what_is_approved() {
    let mut plans = vec![];
    for id in [A, B] {
        let scene = scene("sso_providers: {okta: {domains: [a.example, b.example]}}");
        put(&scene, id, &json!({"domains": ["a.example"]}));
        plans.push(scene.plan().await.id);
    }
    assert_ne!(plans[0], plans[1]);
}

/// The words of references and markers are data in a free map, and it is replaced as a whole.
#[tokio::test]
async fn a_mapping_is_data() {
    let scene = scene(&format!(
        "sso_providers: {{okta: {{metadata_url: \"{URL}\", attribute_mapping: {{keys: {{file: {{name: env}}, unmanaged: {{names: [secret], default: {{file: x}}, array: false}}}}}}}}}}"
    ));
    put(&scene, A, &json!({"metadata_url": URL, "attribute_mapping": {"old": {"name": "old"}}}));
    settles(&scene).await;
    let expected = json!({"file": {"name": "env"}, "unmanaged": {"names": ["secret"], "default": {"file": "x"}}});
    assert_eq!(Value::Object(provider(&scene, A).attribute_mapping), expected);
}

/// A lost answer of a creation is resolved by looking; and a list that lags is looked at again before anything is sent.
#[tokio::test]
async fn nothing_is_made_twice() {
    let okta = format!("sso_providers: {{okta: {{metadata_url: \"{URL}\"}}}}");
    for fault in [Fault::DropAfter, Fault::FailAfter { status: 500 }, Fault::Cut, Fault::DropBefore] {
        let scene = scene(&okta);
        scene.fault(POST, 1, 1, fault.clone());
        settles(&scene).await;
        assert_eq!(scene.live(|project| project.sso_providers.len()), 1, "{fault:?}");
        let sent = if fault == Fault::DropBefore { 2 } else { 1 };
        assert_eq!(writes(&scene).len(), sent, "{fault:?}");
    }
    let scene = scene(&okta);
    scene.sandbox.edit(|state| {
        let rule =
            |route: &str, nth, times, fault| Rule { route: route.into(), project: None, nth, times, fault, seen: 0 };
        let list = POST.replace("POST", "GET");
        state.faults = vec![rule(POST, 1, 1, Fault::DropAfter), rule(&list, 3, 4, Fault::Stale)];
    });
    settles(&scene).await;
    assert_eq!(writes(&scene).len(), 1);
}

#[tokio::test]
async fn a_provider_that_is_gone_meanwhile_is_stale() {
    let scene = scene(&format!("sso_providers: {{okta: {{id: {A}, domains: [acme.com]}}}}"));
    put(&scene, A, &json!({}));
    scene.fault(PUT, 1, 1, Fault::Refuse { status: 404, message: "SSO Identity Provider not found".to_owned() });
    let report = scene.run().await.report.unwrap();
    let problem = report.projects["p"].steps[0].outcome.problem().unwrap();
    assert_eq!((problem.finding.code, report.exit()), (run::STALE, Exit::Stale));
}

/// A plan without SSO: it is said that the plan lacks it, and running again says the same.
#[tokio::test]
async fn what_the_organizations_plan_lacks_has_not_moved() {
    let scene = scene(&format!("sso_providers: {{okta: {{metadata_url: \"{URL}\"}}}}"));
    scene.fault(
        POST,
        1,
        9,
        Fault::Refuse { status: 404, message: "SAML 2.0 support is not enabled for this project".to_owned() },
    );
    for _ in 0..2 {
        let report = scene.run().await.report.unwrap();
        let problem = report.projects["p"].steps[0].outcome.problem().unwrap();
        assert_eq!((problem.finding.code, report.exit()), (run::API_REFUSED, Exit::Failed));
        assert!(problem.finding.hints[0].contains("plan does not include it"), "{problem:?}");
    }
}

/// The metadata that lists do not show is read of what a step touches, not of all providers at each step.
#[tokio::test]
async fn many_providers_take_three_calls_each() {
    let many = 8;
    let xml = |at: usize| format!("<EntityDescriptor entityID='urn:p{at}'/>");
    let wanted: Vec<String> =
        (0..many).map(|at| format!("p{at}: {{metadata_xml: \"{}\", domains: [d{at}.example]}}", xml(at))).collect();
    let scene = scene(&format!("sso_providers: {{{}}}", wanted.join(", ")));
    for at in 0..many {
        let id = format!("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaa{at:02}");
        put(&scene, &id, &json!({"entity_id": format!("urn:p{at}"), "metadata_xml": xml(at)}));
    }
    let ran = scene.run().await;
    assert_eq!(ran.report.unwrap().exit(), Exit::Done);
    // The plan reads the status, auth, the list and metadata; the apply the list, and for each the metadata, then writes; in the end it
    // reads the list and each one's metadata back.
    assert_eq!(scene.requests().len(), (3 + many) + (1 + 2 * many) + (1 + many));
    assert!(scene.plan().await.is_empty());
}
