//! The client against the facts: its requests (watched in every session and every scene; here the watch itself), and the
//! recorded answers that it reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::contract::faults;
use serde_json::{Value, json};
use supaform::kinds::KINDS;
use supaform::kinds::operations::OPERATIONS;
use supaform::model::{Answer, LiveKind, ProjectRef};
use supaform::schema::Shape;

const AUTH: &str = "/v1/projects/quickstartquickstart/config/auth";

fn patch(body: &Value) -> Value {
    json!([{"method": "PATCH", "path": AUTH, "query": null, "status": 200, "body": body}])
}

#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn what_the_specification_forbids_is_seen() {
    assert_eq!(faults(&patch(&json!({"jwt_exp": 600, "smtp_pass": "[secret]"}))), Vec::<String>::new());
    let path = "/v1/projects/quickstartquickstart/health";
    let asked = json!([{"method": "GET", "path": path, "query": "services=db", "status": 200, "body": null}]);
    assert_eq!(faults(&asked), Vec::<String>::new());
    for wrong in [json!({"jwt_exp": "600"}), json!({"jwt_exp": -1}), json!({"jwt_expiry": 600}), json!([])] {
        assert_eq!(faults(&patch(&wrong)).len(), 1, "{wrong}");
    }
    let elsewhere = json!([{"method": "PUT", "path": AUTH, "query": null, "status": 200, "body": {}}]);
    assert_eq!(faults(&elsewhere).len(), 1);
    let unasked = json!([{"method": "GET", "path": path, "query": "colour=red", "status": 200, "body": null}]);
    assert_eq!(faults(&unasked).len(), 2, "one parameter too many, one missing");
}

/// The list of the API's operations, of which `docs/coverage.md` is made, is the API's own.
#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn every_operation_of_the_reference_is_listed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api/openapi-v1.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let specification: Value = serde_json::from_str(&text).expect("JSON");
    let mut missing = vec![];
    for (path, methods) in specification["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys().filter(|method| *method != "head") {
            let listed = |(known, at, _): &(&str, &str, _)| known.eq_ignore_ascii_case(method) && at == path;
            if !OPERATIONS.iter().any(listed) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The recorded answers of a read, by the path of its template.
fn recorded(template: &str) -> Vec<(PathBuf, Value)> {
    let folder = template.replace("{ref}", "__PROJECT_REF__").replace(['/', '-'], "_");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api/recorded").join(format!("GET{folder}"));
    let Ok(files) = fs::read_dir(&folder) else { return vec![] };
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".response.json"));
    files.sort();
    let read = |file: &PathBuf| serde_json::from_str(&fs::read_to_string(file).expect("a text")).expect("JSON");
    files.into_iter().map(|file| (file.clone(), read(&file))).collect()
}

/// Every recorded answer of what the kinds read is understood, and nothing of it is lost.
#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn recorded_answers_are_read_without_loss() {
    let reference = ProjectRef::parse("quickstartquickstart").expect("a ref");
    let mut understood = BTreeSet::new();
    for kind in KINDS {
        let reads = kind.reads(&reference);
        let [read] = reads.as_slice() else { continue };
        for (file, answer) in recorded(read.as_call().operation.template) {
            if answer["status"] != 200 {
                continue;
            }
            let body = answer["body"].clone();
            let live = kind.observe(&[Answer { status: 200, body: body.clone(), at: None }]);
            let live = live.unwrap_or_else(|why| panic!("{}: {why}", file.display()));
            let seen = match &kind.info().shape {
                Shape::Settings { seen_at: Some(key), .. } => body[*key].clone(),
                _ => body.get("items").cloned().unwrap_or(body),
            };
            match (live, seen) {
                // Those that come with a project are no items.
                (LiveKind::Items(_), Value::Array(_)) if kind.info().name == "api_keys" => {}
                // Taken apart into fields of ours.
                (LiveKind::Settings(live), Value::Object(members)) if kind.info().name == "network_restrictions" => {
                    let config = &members["config"];
                    assert_eq!(live["ipv4"], config["dbAllowedCidrs"], "{}", file.display());
                    assert_eq!(live["ipv6"], config["dbAllowedCidrsV6"], "{}", file.display());
                }
                (LiveKind::Settings(live), Value::Object(members)) => {
                    // A secret in clear is not kept.
                    for (name, value) in members.into_iter().filter(|(name, _)| name != "jwt_secret") {
                        assert_eq!(live.get(&name), Some(&value), "{}: {name}", file.display());
                    }
                }
                (LiveKind::Items(live), Value::Array(items)) => {
                    let reserved = |name: &str| name.starts_with("SUPABASE_");
                    let named = |item: &&Value| !item["name"].as_str().is_some_and(reserved);
                    assert_eq!(live.len(), items.iter().filter(named).count(), "{}", file.display());
                }
                // The pooler's list has one entry for each database; ours is the primary.
                (LiveKind::Settings(live), Value::Array(items)) => {
                    assert!(items.contains(&live.into()), "{}", file.display());
                }
                (live, _) => panic!("{}: {live:?}", file.display()),
            }
            understood.insert(kind.info().name);
        }
    }
    for name in ["auth", "postgres", "pooler", "ssl_enforcement", "data_api", "secrets", "network_restrictions"] {
        assert!(understood.contains(name), "{name}: no recorded answer was found");
    }
}
