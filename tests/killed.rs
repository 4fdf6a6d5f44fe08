//! A process that is killed at any request, before or after it took effect: running again converges, nothing is made twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::support::scene::{Killed, Scene};
use serde_json::{Value, json};
use supaform::apply::Report;
use supaform::exit::Exit;
use supaform::sandbox::Fault;

const NEW: &str = "
project: dev
organization: acme-inc
region: eu-central-1
create: true
database_password: {env: PASS}
auth: {jwt_exp: 10m, site_url: \"https://${project.ref}.example.com\"}
postgres: {max_connections: 80}
ssl_enforcement: {database: true}
secrets: {A: {env: PASS}, B: {plain: \"${project.ref}\"}}
network_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}
";

fn scene() -> Scene {
    let mut scene = Scene::new("");
    scene.want_document(NEW);
    scene
}

/// The projects of the name, which must be one at most, as the sandbox keeps it.
fn made(scene: &Scene, what: &str) -> Option<(String, Value)> {
    scene.sandbox.edit(|state| {
        let mut made: Vec<_> = state.projects.iter().filter(|(_, project)| project.name == "dev").collect();
        assert!(made.len() <= 1, "{what}: {} projects of one name", made.len());
        made.pop().map(|(reference, project)| (reference.clone(), serde_json::to_value(project).unwrap()))
    })
}

fn assert_converged(scene: &Scene, what: &str) {
    let (reference, project) = made(scene, what).unwrap_or_else(|| panic!("{what}: no project"));
    assert_eq!(project["auth"]["jwt_exp"], 600, "{what}");
    assert_eq!(project["auth"]["site_url"], format!("https://{reference}.example.com"), "{what}");
    assert_eq!(project["ssl_enforced"], json!(true), "{what}");
    assert_eq!(project["secrets"].as_object().unwrap().len(), 2, "{what}");
}

/// How many requests a run makes on a scene like this.
async fn requests_of(scene: &Scene) -> u32 {
    let ran = scene.run().await;
    assert_eq!(ran.report.as_ref().map(Report::exit), Some(Exit::Done), "{:?}", ran.report);
    u32::try_from(scene.requests().len()).unwrap()
}

async fn heals(scene: &Scene, what: &str) {
    let again = scene.run().await;
    let done = again.report.as_ref().is_none_or(|report| report.exit() == Exit::Done);
    assert!(done && !again.is_blocked(), "{what}: {:?}", again.report);
    assert_eq!(scene.run().await.plan.steps.len(), 0, "{what}: something is left");
}

/// Kills a run on a scene of its own before and after each request: the next one heals it.
async fn killed_anywhere(scene: impl Fn() -> Scene, is_right: impl Fn(&Scene, &str)) {
    for nth in 1..=requests_of(&scene()).await {
        for killed in [Killed::Before, Killed::After] {
            let what = format!("killed {killed:?} request {nth}");
            let scene = scene();
            assert!(scene.run_killed(nth, killed).await, "{what}: it was not");
            heals(&scene, &what).await;
            is_right(&scene, &what);
        }
    }
}

#[tokio::test]
async fn a_creation_that_is_killed_anywhere_goes_on_with_the_next_run() {
    let clean = scene();
    requests_of(&clean).await;
    assert_converged(&clean, "a clean run");
    killed_anywhere(scene, assert_converged).await;
}

/// The same for a project that is there, also one that others have touched.
#[tokio::test]
async fn an_apply_that_is_killed_anywhere_goes_on_with_the_next_run() {
    let scene = || {
        let scene = Scene::new(
            "auth: {jwt_exp: 10m}\npostgres: {max_connections: 80}\nssl_enforcement: {database: true}\n\
             secrets: {NEW: {env: PASS}, OLD: null}",
        );
        scene.live(|project| {
            for name in ["OLD", "THEIRS"] {
                let secret = serde_json::from_value(json!({"digest": "0".repeat(64)})).unwrap();
                project.secrets.insert(name.to_owned(), secret);
            }
        });
        scene
    };
    killed_anywhere(scene, |scene, what| {
        scene.live(|project| {
            assert_eq!(project.auth["jwt_exp"], 600, "{what}");
            let names: Vec<&String> = project.secrets.keys().collect();
            assert_eq!(names, ["NEW", "THEIRS"], "{what}: no secret is lost");
        });
    })
    .await;
}

/// The list of projects may lag behind a creation: then the API's own rule, one name once, keeps a second one out.
#[tokio::test]
async fn a_creation_that_is_not_listed_yet_is_not_made_twice() {
    let scene = scene();
    // The list, the look before the creation, the creation.
    assert!(scene.run_killed(3, Killed::After).await);
    assert!(made(&scene, "killed").is_some(), "the third request creates");
    scene.sandbox.edit(|state| state.faults.clear());
    scene.fault("GET /v1/projects", 1, 2, Fault::Show { pointer: String::new(), value: json!([]) });
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Stale, "{report:?}");
    heals(&scene, "once it is listed").await;
    assert_converged(&scene, "once it is listed");
}

/// Two machines that create at once: right after its creation each looks again, and tells which one it made.
#[tokio::test]
async fn a_project_that_somebody_else_made_at_the_same_time_is_told() {
    let scene = scene();
    let twin = json!([{"ref": "twintwintwintwintwin", "name": "dev", "organization_slug": "acme-inc", "organization_id": "acme-inc",
        "region": "eu-central-1", "status": "COMING_UP", "created_at": "2026-11-01T00:00:00Z"}]);
    // The list of the plan, the look before the creation, the look after it.
    scene.fault("GET /v1/projects", 3, 1, Fault::Show { pointer: String::new(), value: twin });
    let report = scene.run().await.report.unwrap();
    let (reference, project) = made(&scene, "with a twin").unwrap();
    let problem = report.projects["dev"].problem.as_ref().unwrap();
    assert_eq!(
        (problem.finding.code, report.exit()),
        (supaform::diag::codes::run::MADE_TWICE, Exit::Attention),
        "{report:?}"
    );
    assert!(
        problem.finding.message.contains(&reference) && problem.finding.message.contains("twintwin"),
        "{}",
        problem.finding.message
    );
    assert_eq!(project["secrets"].as_object().unwrap().len(), 0, "nothing more is written");
}

#[tokio::test]
async fn every_fault_at_every_request_of_a_creation_heals_with_one_more_run() {
    let requests = requests_of(&scene()).await;
    let faults = || {
        [
            ("dropped before", Fault::DropBefore),
            ("dropped after", Fault::DropAfter),
            ("500 after the effect", Fault::FailAfter { status: 500 }),
            ("500 without effect", Fault::Refuse { status: 500, message: "Internal Server Error".to_owned() }),
            ("a page with 200", Fault::Page { status: 200 }),
            ("a truncated answer", Fault::Cut),
            ("a rate limit", Fault::Limit { retry_after: 7 }),
            ("a refusal", Fault::Refuse { status: 400, message: "no".to_owned() }),
        ]
    };
    for nth in 1..=requests {
        for (name, fault) in faults() {
            let what = format!("{name} at request {nth}");
            let scene = scene();
            scene.fault("*", nth, 1, fault);
            let first = scene.run().await;
            made(&scene, &what);
            if first.report.as_ref().is_some_and(|report| report.exit() == Exit::Done) {
                assert_converged(&scene, &format!("{what}: exit 0 means done"));
            }
            scene.sandbox.edit(|state| state.faults.clear());
            heals(&scene, &what).await;
            assert_converged(&scene, &what);
        }
    }
}

/// Issuers that are read back together: two are made, one is removed, one is left alone.
#[tokio::test]
async fn items_that_are_killed_anywhere_go_on_with_the_next_run() {
    let id = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
    let scene = || {
        let url = |name: &str| format!("{{oidc_issuer_url: \"https://{name}.example\"}}");
        let section = format!("third_party_auth: {{a: {}, b: {}, {id}: null}}", url("a"), url("b"));
        let scene = Scene::new(&section);
        scene.live(|project| {
            for (id, url) in
                [(id, "https://old.example"), ("bbbbbbbb-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "https://theirs.example")]
            {
                let issuer = serde_json::from_value(json!({"oidc_issuer_url": url})).unwrap();
                project.third_party_auth.insert(id.to_owned(), issuer);
            }
        });
        scene
    };
    killed_anywhere(scene, |scene, what| {
        let mut left: Vec<String> = scene.live(|project| {
            let issuers = project.third_party_auth.values();
            issuers.map(|issuer| serde_json::to_value(issuer).unwrap()["oidc_issuer_url"].to_string()).collect()
        });
        left.sort();
        assert_eq!(left, ["\"https://a.example\"", "\"https://b.example\"", "\"https://theirs.example\""], "{what}");
    })
    .await;
}

/// Functions: one is deployed, one changes, one is removed, one is left alone.
#[tokio::test]
async fn deployments_that_are_killed_anywhere_go_on_with_the_next_run() {
    let scene = || {
        let mut scene = Scene::new("");
        for slug in ["changed", "fresh"] {
            scene.write(&format!("supabase/functions/{slug}/index.ts"), "Deno.serve(() => new Response(\"new\"));\n");
        }
        scene.want("secrets: {A: {env: PASS}}\nfunctions: {changed: {}, fresh: {verify_jwt: false}, old: null}");
        scene.live(|project| {
            for slug in ["changed", "old", "theirs"] {
                let path = format!("supabase/functions/{slug}/index.ts");
                let function = json!({"id": slug, "name": slug, "version": 1, "entrypoint_path": path, "files": {path.clone(): "old"}});
                project.functions.insert(slug.to_owned(), serde_json::from_value(function).unwrap());
            }
        });
        scene
    };
    killed_anywhere(scene, |scene, what| {
        scene.live(|project| {
            let all: Vec<(&str, u32)> =
                project.functions.iter().map(|(slug, it)| (slug.as_str(), it.version)).collect();
            assert_eq!(all, [("changed", 2), ("fresh", 1), ("theirs", 1)], "{what}: each once");
            assert!(!project.functions["fresh"].verify_jwt, "{what}");
        });
    })
    .await;
}

/// Everything that a project is made of: what it is about to use is there before it is used, and what could lock out comes last.
const WHOLE: &str = "
project: dev
organization: acme-inc
region: eu-central-1
create: true
database_password: {env: PASS}
postgres: {max_connections: 80}
database_webhooks: {enabled: true}
migrations: {path: supabase/migrations}
secrets: {GREETING: {plain: Hello}}
functions: {check: {verify_jwt: false}}
auth:
  jwt_exp: 10m
  saml_enabled: true
  hook_before_user_created_enabled: true
  hook_before_user_created_uri: \"https://${project.ref}.supabase.co/functions/v1/check\"
  hook_before_user_created_secrets: {env: SIGNING}
sso_providers: {okta: {metadata_url: https://acme.okta.com/metadata, domains: [acme.com]}}
network_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}
";

fn whole() -> Scene {
    let mut scene = Scene::new("");
    scene.write("supabase/migrations/20260101000000_first.sql", "create table a (b int);\n");
    scene.write("supabase/migrations/20260102000000_second.sql", "alter table a add c int;\n");
    scene.write("supabase/functions/check/index.ts", "Deno.serve(() => new Response(\"{}\"));\n");
    scene.want_document(WHOLE);
    scene
}

fn assert_whole(scene: &Scene, what: &str) {
    let (_, project) = made(scene, what).unwrap_or_else(|| panic!("{what}: no project"));
    let rows = project["migrations"]["rows"].as_array().unwrap();
    let versions: Vec<_> = rows.iter().map(|row| &row["version"]).collect();
    assert_eq!(versions, ["20260101000000", "20260102000000"], "{what}");
    assert_eq!(project["functions"].as_object().unwrap().len(), 1, "{what}");
    assert_eq!(project["sso_providers"].as_object().unwrap().len(), 1, "{what}");
    assert_eq!(project["auth"]["hook_before_user_created_enabled"], json!(true), "{what}");
}

#[tokio::test]
async fn a_project_is_made_whole_in_one_run_and_in_order() {
    let scene = whole();
    requests_of(&scene).await;
    assert_whole(&scene, "one run");
    assert_eq!(scene.run().await.plan.steps.len(), 0, "the second plan is empty");
    let writes = scene.requests().into_iter().filter(|(method, _)| method != "GET");
    let writes: Vec<String> = writes.map(|(_, path)| path).filter(|path| !path.contains("read-only")).collect();
    let last = |part: &str| {
        writes.iter().rposition(|path| path.ends_with(part)).unwrap_or_else(|| panic!("{part}: {writes:#?}"))
    };
    let first = |part: &str| writes.iter().position(|path| path.ends_with(part)).unwrap();
    let order = [
        "config/database/postgres",
        "database/webhooks/enable",
        "database/query",
        "/secrets",
        "functions/deploy",
        "config/auth",
        "sso/providers",
        "network-restrictions/apply",
    ];
    for pair in order.windows(2) {
        assert!(last(pair[0]) < first(pair[1]), "{pair:?}: {writes:#?}");
    }
    assert_eq!(last("network-restrictions/apply"), writes.len() - 1);
}

#[tokio::test]
async fn a_whole_project_that_is_killed_anywhere_is_made_once() {
    killed_anywhere(whole, assert_whole).await;
}
