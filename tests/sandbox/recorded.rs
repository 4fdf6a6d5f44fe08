//! Every recorded exchange of an operation that the sandbox has, sent again: same status, same headers, and an answer
//! that has at least what was recorded, of the same types.
//!
//! Needs the recordings in `../shared/api/recorded`; says loudly where they are not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::Api;
use crate::{REF, with_saml};
use serde_json::{Value, json};
use supaform::sandbox::Options;

/// Exchanges that depend on a state which the sandbox's project is not in, and why.
const APART: &[(&str, &str)] = &[
    ("DELETE_v1_projects___PROJECT_REF__/2", "the project was still being made"),
    ("GET_v1_projects___PROJECT_REF___config_database_postgres/2", "overrides had been set"),
    ("GET_v1_projects___PROJECT_REF___config_database_postgres/default", "overrides had been set"),
    ("GET_v1_projects___PROJECT_REF___network_restrictions/3", "restrictions had been applied"),
];

fn recordings() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/api/recorded");
    let Ok(operations) = fs::read_dir(&folder) else {
        eprintln!("SKIPPED: {} is not there, so answers were not held against it", folder.display());
        return vec![];
    };
    let requests = operations.flat_map(|operation| fs::read_dir(operation.unwrap().path()).unwrap());
    let mut requests: Vec<PathBuf> = requests.map(|file| file.unwrap().path()).collect();
    requests.retain(|file| file.to_str().unwrap().ends_with(".request.json"));
    requests.sort();
    requests
}

fn read(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The path and the query of a recorded request, for the built-in world.
fn address(request: &Value) -> String {
    let path = request["path"].as_str().unwrap();
    let own = if path.starts_with("/v1/organizations/") { "acme-inc" } else { REF };
    let query = request["query"].as_object().unwrap();
    let pairs: Vec<String> = query
        .iter()
        .flat_map(|(name, value)| match value {
            Value::Array(values) => values.iter().map(|value| (name, value.clone())).collect(),
            value => vec![(name, value.clone())],
        })
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
        .collect();
    let path = path.replace("__PROJECT_REF__", own).replace("__UUID__", "8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b");
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}

/// Where an answer lacks something that was recorded, or has it of another type.
fn missing(at: &str, recorded: &Value, answered: &Value, out: &mut Vec<String>) {
    match (recorded, answered) {
        (Value::Object(recorded), Value::Object(answered)) => {
            for (name, value) in recorded {
                match answered.get(name) {
                    Some(answered) => missing(&format!("{at}/{name}"), value, answered, out),
                    None => out.push(format!("{at}/{name} is missing")),
                }
            }
        }
        (Value::Array(recorded), Value::Array(answered)) => {
            for (index, item) in recorded.iter().enumerate() {
                // An item of lists is found again by what it is called; else any may stand for it.
                let mut best: Option<Vec<String>> = None;
                for candidate in answered.iter().filter(|candidate| same_name(item, candidate)) {
                    let mut found = vec![];
                    missing(&format!("{at}/{index}"), item, candidate, &mut found);
                    if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                        best = Some(found);
                    }
                }
                out.extend(best.unwrap_or_else(|| vec![format!("{at}/{index} is missing: {item:.80}")]));
            }
        }
        // Null says nothing of the type, and where it was recorded it may have a value.
        (Value::Null, _) | (_, Value::Null) => {}
        (recorded, answered) if kind(recorded) == kind(answered) => {}
        (recorded, answered) => out.push(format!("{at} is {answered:.80} where {recorded:.80} was recorded")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether two items of a list can be the same: features, kinds of add-ons and variants are called alike.
fn same_name(a: &Value, b: &Value) -> bool {
    let name = |value: &Value| {
        let feature = value.pointer("/feature/key").or_else(|| value.get("type"));
        feature.or_else(|| value.get("id").filter(|_| value.get("price").is_some())).cloned()
    };
    name(a) == name(b)
}

#[tokio::test]
async fn answers_have_what_was_recorded() {
    let (mut differences, mut compared) = (vec![], BTreeSet::new());
    for file in recordings() {
        let name = file.strip_prefix(file.ancestors().nth(2).unwrap()).unwrap().to_str().unwrap();
        let name = name.trim_end_matches(".request.json").to_owned();
        if APART.iter().any(|(apart, _)| *apart == name) {
            continue;
        }
        let request = read(&file);
        let response = read(Path::new(&file.to_str().unwrap().replace(".request.", ".response.")));
        let method = request["method"].as_str().unwrap();
        let mut body = Some(request["body"].clone()).filter(|body| !body.is_null());
        if let Some(slug) = body.as_mut().and_then(|body| body.get_mut("organization_slug")) {
            *slug = "acme-inc".into();
        }
        let api = Api::new(Options::default());
        if name.contains("_sso_providers") {
            with_saml(&api);
        }
        let answer = api.send(method, &address(&request), body).await;
        if answer.message().starts_with("Cannot ") {
            continue;
        }
        compared.insert(name.split('/').next().unwrap().to_owned());
        let mut found = vec![];
        if Some(u64::from(answer.status)) != response["status"].as_u64() {
            found.push(format!("status {} where {} was recorded", answer.status, response["status"]));
        }
        // The hand-written recordings have no headers of limits.
        for header in response["headers"].as_object().unwrap().keys() {
            if !answer.headers.contains_key(header) {
                found.push(format!("no header {header}"));
            }
        }
        missing("", &response["body"], &answer.body.unwrap_or_default(), &mut found);
        differences.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    eprintln!("{} recorded operations were sent again", compared.len());
}

#[tokio::test]
async fn windows_of_limits_count_down_as_recorded() {
    let api = Api::new(Options::default());
    let told = |answer: &crate::api::Answer| {
        ["limit", "remaining", "reset"]
            .map(|name| answer.headers[&format!("x-ratelimit-{name}")].to_str().unwrap().to_owned())
    };
    assert_eq!(told(&api.send("GET", "/v1/organizations", None).await), ["120", "119", "60"]);
    api.clock.advance(Duration::from_millis(1500));
    assert_eq!(told(&api.send("GET", "/v1/organizations", None).await), ["120", "118", "59"]);
    assert_eq!(api.get("/v1/organizations").await, json!([{"id": "acme-inc", "slug": "acme-inc", "name": "Acme Inc"}]));
}
