//! What a plan sends of secrets, and what it shows of those whose values are not at hand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Inputs, approval, make};
use crate::kind;
use crate::kinds::KINDS;
use crate::manifest::{NoTexts, Options, build};
use crate::model::{Body, BodyPlace, JsonBody, Live, LiveKind, LiveProject, Part, Plan, ProjectRef, Status};
use crate::secret::{Secret, SecretSource, Vault};

const REF: &str = "abcdefghijklmnopqrst";

/// The plan of a document over what is live, with no value of any secret at hand.
fn plan(document: &str, live: &Value) -> Plan {
    plan_with(document, live, &Vault::new())
}

fn plan_with(document: &str, live: &Value, vault: &Vault) -> Plan {
    with(document, live, vault, make)
}

/// The result of planning a document over what is live.
pub(super) fn with<T>(document: &str, live: &Value, vault: &Vault, of: impl FnOnce(Inputs<'_>) -> T) -> T {
    let text = format!("project: a\nref: {REF}\n{document}");
    let files = vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("a.yaml".to_owned(), text)];
    let built = build(files, &NoTexts, KINDS, &Options::default());
    assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
    let kinds = live.as_object().unwrap().iter().map(|(name, live)| {
        let kind = kind::find(KINDS, name).unwrap().info();
        let members = live.as_object().unwrap().clone();
        let live = match kind.shape {
            kind::Shape::Settings { .. } => LiveKind::Settings(members),
            kind::Shape::Collection { .. } => {
                LiveKind::Items(members.into_iter().map(|(name, it)| (name, it.as_object().unwrap().clone())).collect())
            }
        };
        (kind.name, live)
    });
    let project = LiveProject {
        parent: None,
        reference: ProjectRef::parse(REF),
        name: "a".to_owned(),
        organization: "acme".to_owned(),
        region: "eu-central-1".to_owned(),
        status: Status::Usable,
        kinds: kinds.collect(),
    };
    let live = Live { projects: BTreeMap::from([("a".to_owned(), project)]) };
    of(Inputs {
        registry: KINDS,
        api: "http://localhost",
        desired: &built.desired,
        live: &live,
        blocked: &BTreeMap::new(),
        vault,
    })
}

fn bodies(plan: &Plan) -> Vec<&JsonBody> {
    let body = |body| match body {
        &Body::Json(ref body) | &Body::Overlay { set: ref body, .. } => Some(body),
        Body::Empty | Body::Form { .. } => None,
    };
    plan.steps.iter().filter_map(|step| body(&step.call.body)).collect()
}

#[test]
fn no_body_of_any_section_has_a_stand_in_where_a_secret_goes() {
    const NAMES: [&str; 5] = ["new_secret", "a/b", "~", "~1", "a.b"];
    for kind in kind::infos(KINDS).filter(|kind| matches!(kind.shape, kind::Shape::Settings { .. })) {
        // These have bodies of their own, without fields to add.
        let without = [
            "custom_hostname",
            "database_webhooks",
            "legacy_api_keys",
            "migrations",
            "network_restrictions",
            "vanity_subdomain",
        ];
        if without.contains(&kind.name) {
            continue;
        }
        let secrets: String = NAMES.iter().map(|name| format!("\n    \"{name}\": {{env: PASS}}")).collect();
        let plan = plan(&format!("{}:\n  extra_secrets:{secrets}\n", kind.name), &json!({ kind.name: {} }));
        let bodies = bodies(&plan);
        assert_eq!(bodies.len(), 1, "{}", kind.name);
        for body in bodies {
            assert!(!body.value.to_string().contains("PASS"), "{}: {}", kind.name, body.value);
            let filled = body.filled(|_| Some("value".into())).unwrap();
            let around = if kind.name == "ssl_enforcement" { &filled["requestedConfig"] } else { &filled };
            for name in NAMES {
                assert_eq!(around.get(name), Some(&json!("value")), "{}: {filled}", kind.name);
            }
        }
    }
}

#[test]
fn a_secret_within_a_list_goes_to_its_item() {
    let plan = plan("secrets: {A: {plain: x}, \"B/~\": {env: PASS}}", &json!({"secrets": {}}));
    let [body] = bodies(&plan)[..] else { panic!("one call") };
    assert_eq!(body.value, json!([{"name": "A", "value": "x"}, {"name": "B/~"}]));
    assert_eq!(
        body.secrets.keys().collect::<Vec<_>>(),
        [&BodyPlace(vec![Part::Item(1), Part::Member("value".into())])]
    );
}

#[test]
fn a_secret_that_live_lacks_is_a_step_with_its_reference_also_without_its_value() {
    let live = json!({"secrets": {"OLD": {"name": "OLD", "value": "0".repeat(64)}}, "auth": {"smtp_pass": null}});
    let plan = plan("secrets: {NEW: {secret: NEW}, OLD: {secret: OLD}}\nauth: {smtp_pass: {env: PASS}}", &live);
    let steps: Vec<_> = plan.steps.iter().map(|step| step.at.to_string()).collect();
    assert_eq!(steps, ["a/auth", "a/secrets"]);
    let secrets: Vec<_> = bodies(&plan).into_iter().flat_map(|body| &body.secrets).collect();
    let told: Vec<_> = secrets.iter().map(|(place, secret)| format!("{place} {secret}")).collect();
    assert_eq!(told, ["/smtp_pass $PASS", "/0/value secret NEW"]);
    let left: Vec<_> = plan.projects["a"].not_compared.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(left, ["a/secrets/OLD"], "what live has is not compared");
}

#[test]
fn another_value_behind_a_reference_is_approved_with_it_and_nothing_else_is() {
    let digest = "0".repeat(64);
    let live = json!({
        "secrets": {"OLD": {"name": "OLD", "value": digest}},
        "auth": {"smtp_pass": digest, "jwt_exp": 60, "site_url": "https://a.example"},
    });
    let document = "secrets: {NEW: {env: NEW}, OLD: {env: OLD}}\nauth: {smtp_pass: {env: PASS}, jwt_exp: 2m}";
    let mut vault = Vault::new();
    for name in ["NEW", "OLD", "PASS"] {
        vault.put(SecretSource::Env(name.to_owned()), Secret::new(format!("value of {name}")));
    }
    let (blind, seen) = (plan(document, &live), plan_with(document, &live, &vault));
    let hashes = |plan: &Plan| -> BTreeSet<String> { plan.steps.iter().map(|step| step.hash.clone()).collect() };
    assert!(hashes(&blind).is_disjoint(&hashes(&seen)), "both steps have more to do than was seen");
    let unapproved = |seen: &Plan, blind: &Plan, approved: &BTreeSet<String>| -> Vec<String> {
        let found = approval::unapproved(seen, blind, approved);
        found.into_values().flatten().map(|step| step.at.to_string()).collect()
    };
    assert_eq!(unapproved(&seen, &blind, &hashes(&blind)), Vec::<String>::new());
    assert_eq!(unapproved(&seen, &blind, &hashes(&seen)), Vec::<String>::new());
    assert_eq!(unapproved(&seen, &blind, &BTreeSet::new()), ["a/auth", "a/secrets"], "the others were never seen");
    // Other new values were not approved, whatever the secrets are.
    let other = format!("{document}\n").replace("jwt_exp: 2m", "jwt_exp: 3m");
    let (blind_now, now) = (plan(&other, &live), plan_with(&other, &live, &vault));
    assert_eq!(unapproved(&now, &blind_now, &hashes(&blind)), ["a/auth", "a/secrets"]);
    let more = document.replace("OLD: {env: OLD}", "OLD: null");
    let (blind_now, now) = (plan(&more, &live), plan_with(&more, &live, &vault));
    assert!(
        unapproved(&now, &blind_now, &hashes(&blind)).contains(&"a/secrets".to_owned()),
        "a removal is no rotation"
    );
    // Only another value: the plan without values is empty, and so is what has to be approved.
    let only = "secrets: {OLD: {env: OLD}}";
    let (blind_now, now) = (plan(only, &live), plan_with(only, &live, &vault));
    assert!(blind_now.steps.is_empty() && unapproved(&now, &blind_now, &BTreeSet::new()).is_empty());
}
