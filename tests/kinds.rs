//! Tests of the kinds: what holds of all of them is here, what is about one in a file of its own. What is tested for each
//! field is in `tests/conformance.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api_keys;
mod auth;
mod branches;
mod custom_hostname;
mod data_api;
mod database_webhooks;
mod functions;
mod legacy_api_keys;
mod migrations;
mod network_restrictions;
mod pooler;
mod postgres;
mod project;
mod realtime;
mod secrets;
mod signing_keys;
mod ssl_enforcement;
mod sso_providers;
mod storage;
mod third_party_auth;
mod vanity_subdomain;

use serde_json::{Value, json};
use supaform::apply::Report;
use supaform::diag::codes::run;
use supaform::exit::Exit;
use supaform::kind::infos;
use supaform::kinds::KINDS;
use supaform::model::{FieldKey, Finding, Plan};
use supaform::sandbox::Fault;
use supaform::schema::Impact;

use crate::support::canary::assert_unseen;
use crate::support::scene::{REF, Scene};
use crate::support::{Output, Workbench};
use sso_providers::{A, B, POST, PUT, put, scene};
use third_party_auth::ISSUERS;

/// Applies, and then nothing is left to do.
async fn settles(scene: &Scene) {
    let report = scene.run().await.report;
    assert_eq!(report.as_ref().map(Report::exit), Some(Exit::Done), "{report:?}");
    assert!(scene.plan().await.is_empty(), "something is left");
}

/// What the first step sends along as it is.
fn along(plan: &Plan) -> Vec<&str> {
    plan.steps[0].sent_along.iter().map(FieldKey::name).collect()
}

/// The bodies of a method that were sent to a path.
fn sent(scene: &Scene, method: &str, path: &str) -> Vec<Value> {
    let ours = |entry: &Value| entry["method"] == method && entry["path"].as_str().is_some_and(|it| it.ends_with(path));
    scene.log().into_iter().filter(ours).map(|entry| entry["body"].clone()).collect()
}

/// The writes so far: method, last part of the path, body.
fn writes(scene: &Scene) -> Vec<(String, String, Value)> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let written = scene.log().into_iter().filter(|entry| entry["method"] != "GET");
    written
        .map(|entry| {
            let path = text(&entry, "path");
            (text(&entry, "method"), path.rsplit('/').next().unwrap().to_owned(), entry["body"].clone())
        })
        .collect()
}

/// The code and the exit of what keeps a project from being planned.
async fn blocked(scene: &Scene) -> Option<(supaform::diag::Code, Exit)> {
    scene.plan().await.projects["p"].blocked.as_ref().map(|blocked| (blocked.finding.code, blocked.exit))
}

async fn refusals(scene: &Scene) -> Vec<supaform::diag::Code> {
    scene.plan().await.projects["p"].refusals.iter().map(|refusal| refusal.finding.code).collect()
}

/// What a plan refuses, and the word that would allow it.
fn asked(plan: &Plan) -> Vec<(String, Option<Impact>)> {
    plan.projects["p"].refusals.iter().map(|it| (it.at.to_string(), it.allow)).collect()
}

/// How an apply ends, and the findings of its steps.
async fn ends(scene: &Scene) -> (Option<Exit>, Vec<Finding>) {
    let report = scene.run().await.report;
    let steps = report.iter().flat_map(|report| report.projects.values()).flat_map(|project| &project.steps);
    let findings = steps.filter_map(|step| step.outcome.problem()).map(|it| it.finding.clone()).collect();
    (report.as_ref().map(Report::exit), findings)
}

fn run(bench: &Workbench, arguments: &[&str]) -> Output {
    let output = bench.run(&[arguments, &["--sandbox", "live"]].concat());
    assert_unseen(&format!("{}{}", output.stdout, output.stderr));
    output
}

/// What nobody manages is as it was before, to the byte.
#[test]
fn what_is_not_managed_stays_as_it_is() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 1h}\n");
    let planned = run(&bench, &["plan"]);
    assert_eq!(planned.code, Some(0), "{planned}");
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    let theirs = json!({"sms_otp_length": 9, "site_url": "https://theirs.example", "external_zoom_client_id": "z"});
    state["projects"][REF]["auth"] = theirs.clone();
    state["projects"][REF]["secrets"] = json!({"THEIRS": {"digest": "0".repeat(64), "updated_ms": 5}});
    bench.write("live/state.json", &state.to_string());
    bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\nsecrets: {OURS: {plain: x}}\nssl_enforcement: {database: true}\n");
    let applied = run(&bench, &["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let after: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    let mut auth = after["projects"][REF]["auth"].clone();
    assert_eq!(auth.as_object_mut().unwrap().remove("jwt_exp"), Some(json!(600)));
    assert_eq!(auth, theirs);
    assert_eq!(after["projects"][REF]["secrets"]["THEIRS"], state["projects"][REF]["secrets"]["THEIRS"]);
}

fn drop_positions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("at");
            members.values_mut().for_each(drop_positions);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_positions),
        _ => {}
    }
}

/// The same wishes, written in another order, in other files and in other documents.
#[test]
fn permuted_manifests_give_the_same_plan_but_for_positions() {
    let sections = [
        "auth:\n  jwt_exp: 10m\n  site_url: https://acme.com\n  uri_allow_list: [https://a.example, https://b.example]\n",
        "secrets:\n  B: {plain: b}\n  A: {plain: a}\n",
        "ssl_enforcement: {database: true}\n",
    ];
    let head = "organization: acme-inc\nname: Acme Quickstart\n";
    let layouts: [Vec<(&str, String)>; 4] = [
        vec![("p.yaml", format!("project: p\n{head}{}", sections.concat()))],
        vec![("p.yaml", format!("{}{}{}project: p\n{head}", sections[2], sections[1], sections[0]))],
        vec![
            ("z.yaml", format!("project: p\n{}", sections[0])),
            ("a.yaml", format!("project: p\n{head}{}", sections[2])),
            ("m/m.yaml", format!("project: p\n{}", sections[1])),
        ],
        vec![
            (
                "p.yaml",
                format!(
                    "projects:\n  p:\n    {}    extends: [base]\n",
                    head.replace('\n', "\n    ").trim_end_matches(' ')
                ),
            ),
            ("base.yaml", format!("profile: base\n{}", sections.concat())),
        ],
    ];
    let plans: Vec<Value> = layouts
        .iter()
        .map(|files| {
            let bench = Workbench::new();
            bench.write("supaform.yaml", "version: 1\n");
            for (name, text) in files {
                bench.write(name, text);
            }
            let planned = run(&bench, &["plan", "--format", "json"]);
            assert_eq!(planned.code, Some(0), "{planned}");
            let mut plan = serde_json::from_str(&planned.stdout).unwrap();
            drop_positions(&mut plan);
            plan
        })
        .collect();
    for other in &plans[1..] {
        assert_eq!(&plans[0], other);
    }
}

#[test]
fn every_example_is_a_manifest() {
    for info in infos(KINDS) {
        let bench = Workbench::new();
        bench.write("supaform.yaml", "version: 1\n");
        bench.write("templates/confirmation.html", "<EntityDescriptor entityID=\"urn:x\"/>\n");
        bench.write("supabase/migrations/20260101000000_first.sql", "create table a (b int);\n");
        bench.write("p.yaml", &format!("project: p\nref: {REF}\n{}\n", info.example));
        let valid = bench.run(&["validate"]);
        assert_eq!(valid.code, Some(0), "{}: {valid}", info.name);
    }
}

/// The restart begins a second after the write: what is healthy until then says nothing.
#[tokio::test]
async fn a_restart_is_waited_for_also_where_it_has_not_begun() {
    const HEALTH: &str = "GET /v1/projects/{ref}/health";
    for sections in ["postgres: {max_connections: 160}", "ssl_enforcement: {database: true}"] {
        let scene = Scene::new(sections);
        let ran = scene.run().await;
        assert_eq!(ran.report.map(|report| report.exit()), Some(Exit::Done));
        let restarting = scene.live(|project| (project.restarts_at_ms, project.restarting_until_ms));
        assert_eq!(restarting, (None, None), "{sections}: it still restarts");
    }
    // One that nobody sees begin is not waited for until the deadline.
    let unseen = Scene::new("postgres: {max_connections: 160}");
    let pointer = format!("/projects/{REF}/restarting_until_ms");
    unseen.fault(HEALTH, 1, 1, Fault::Ghost { pointer, value: Value::Null });
    settles(&unseen).await;
    let looks = unseen.requests().iter().filter(|(_, path)| path.ends_with("/health")).count();
    assert!((4..=6).contains(&looks), "looked {looks} times");
}

#[tokio::test]
async fn restrictions_come_last() {
    let all = "
auth: {jwt_exp: 10m}
postgres: {max_connections: 100}
ssl_enforcement: {database: true}
data_api: {max_rows: 5}
secrets: {A: {plain: b}}
network_restrictions: {mode: closed}
";
    let plan = Scene::new(all).plan().await;
    let order: Vec<&str> = plan.steps.iter().filter_map(|step| step.at.subject.kind()).collect();
    assert_eq!(order.last(), Some(&"network_restrictions"));
    let place = |kind: &str| order.iter().position(|it| *it == kind).unwrap();
    assert!(place("postgres") < place("ssl_enforcement"), "{order:?}");
}

/// What a refusal means depends on what was asked: nothing that was never there has "moved".
#[tokio::test]
async fn a_status_means_what_was_asked() {
    const WRITES: [(&str, &str); 9] = [
        ("PATCH /v1/projects/{ref}/config/auth", "auth: {jwt_exp: 10m}"),
        ("PUT /v1/projects/{ref}/config/database/postgres", "postgres: {statement_timeout: 10s}"),
        ("POST /v1/projects/{ref}/secrets", "secrets: {A: {env: PASS}}"),
        ("POST /v1/projects/{ref}/api-keys", "api_keys: {mobile_: {type: publishable}}"),
        ("PATCH /v1/projects/{ref}/api-keys/{id}", "api_keys: {there_: {description: other}}"),
        ("DELETE /v1/projects/{ref}/api-keys/{id}", "api_keys: {there_: null}"),
        (POST, "sso_providers: {okta: {metadata_url: \"https://idp.example.com/metadata\"}}"),
        (PUT, "sso_providers: {okta: {id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa, domains: [acme.com]}}"),
        (ISSUERS, "third_party_auth: {auth0: {oidc_issuer_url: \"https://a.example\"}}"),
    ];
    for (route, sections) in WRITES {
        let names_one = route.ends_with('}');
        for status in [400, 401, 402, 403, 404, 406, 409, 410, 413, 422, 544] {
            let scene = scene(sections);
            put(&scene, A, &json!({}));
            scene.live(|project| {
                let keys = json!([{"id": B, "name": "there_", "type": "publishable"}]);
                project.api_keys = serde_json::from_value(keys).unwrap();
            });
            scene.fault(route, 1, 1, Fault::Refuse { status, message: "SAML 2.0 support is not enabled".to_owned() });
            let report = scene.run().await.report.unwrap();
            let problem =
                report.projects["p"].steps[0].outcome.problem().map(|problem| (problem.finding.code, problem.exit));
            let expected = match status {
                403 => (run::NO_PERMISSION, Exit::Denied),
                404 | 406 | 410 if route.starts_with("DELETE") => (run::DID_NOT_TAKE, Exit::Failed),
                404 | 406 | 410 if names_one => (run::STALE, Exit::Stale),
                _ => (run::API_REFUSED, Exit::Failed),
            };
            assert_eq!(problem, Some(expected), "{route} {status}: {report:?}");
        }
    }
}
