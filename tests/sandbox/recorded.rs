//! Every recorded exchange of an operation that the sandbox has, sent again: same status, same headers, and an answer
//! that has what was recorded, of the same types and values, and nothing more but what is listed here.
//!
//! Needs the recordings in `../shared/api/recorded`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::REF;
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::Options;

/// What was sent before, where an exchange depends on it.
fn before(name: &str) -> Vec<(&'static str, String, Value)> {
    let path = |rest: &str| format!("/v1/projects/{REF}/{rest}");
    let overrides = json!({
        "effective_cache_size": "768MB", "max_connections": 100, "shared_buffers": "256MB", "statement_timeout": "8s",
    });
    let settings = |name: &str| read(&folder().join(format!("PATCH_v1_projects___PROJECT_REF___config_auth/{name}")));
    let nobody_by_ipv6 = json!({"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": []});
    match name {
        "GET_v1_projects___PROJECT_REF___config_auth/2" => {
            vec![("PATCH", path("config/auth"), settings("default.request.json")["body"].clone())]
        }
        // An earlier push with another address of the site.
        "GET_v1_projects___PROJECT_REF___config_auth/default" => {
            let mut body = settings("default.request.json")["body"].clone();
            body["site_url"] = "http://localhost:__PORT__".into();
            body["uri_allow_list"] = "http://localhost:__PORT__/callback".into();
            vec![("PATCH", path("config/auth"), body)]
        }
        "DELETE_v1_projects___PROJECT_REF___functions_hello_world/default" => {
            let function = json!({"slug": "hello-world", "name": "hello-world", "body": "export {};"});
            vec![("POST", path("functions"), function)]
        }
        "GET_v1_projects___PROJECT_REF___config_database_postgres/2"
        | "GET_v1_projects___PROJECT_REF___config_database_postgres/default" => {
            vec![("PUT", path("config/database/postgres"), overrides)]
        }
        "GET_v1_projects___PROJECT_REF___network_restrictions/3"
        | "GET_v1_projects___PROJECT_REF___network_restrictions/5"
        | "PATCH_v1_projects___PROJECT_REF___network_restrictions/default" => {
            vec![("POST", path("network-restrictions/apply"), nobody_by_ipv6)]
        }
        "GET_v1_projects___PROJECT_REF___ssl_enforcement/2"
        | "GET_v1_projects___PROJECT_REF___ssl_enforcement/default" => {
            vec![("PUT", path("ssl-enforcement"), json!({"requestedConfig": {"database": true}}))]
        }
        // Of a project that was deleted meanwhile.
        "DELETE_v1_projects___PROJECT_REF___custom_hostname/default"
        | "POST_v1_projects___PROJECT_REF___custom_hostname_activate/default"
        | "POST_v1_projects___PROJECT_REF___custom_hostname_reverify/default" => {
            vec![("DELETE", format!("/v1/projects/{REF}"), Value::Null)]
        }
        _ => vec![],
    }
}

/// Operations that are recorded and not served.
const NOT_SERVED: &[&str] = &[
    "GET_v1_projects___PROJECT_REF___advisors_performance",
    "GET_v1_projects___PROJECT_REF___advisors_security",
    "GET_v1_projects___PROJECT_REF___database_backups",
    "GET_v1_projects___PROJECT_REF___pgsodium",
    "GET_v1_projects___PROJECT_REF___types_typescript",
    "GET_v1_snippets",
    "GET_v1_snippets___UUID__",
    "POST_v1_projects___PROJECT_REF___database_backups_restore_pitr",
    "PUT_v1_projects___PROJECT_REF___pgsodium",
];

/// Exchanges that somebody has typed in: they show a form, and no behaviour.
const TYPED: &[&str] = &[
    "DELETE_v1_branches___PROJECT_REF__",
    "GET_v1_branches___PROJECT_REF__",
    "GET_v1_projects___PROJECT_REF___branches_my_branch",
    "POST_v1_projects___PROJECT_REF___branches",
];

/// Members that an answer has and no recording, and why they are there.
const MORE: &[(&str, &str)] = &[
    ("nimbus_oauth_email_optional", "the current specification requires it"),
    ("purgeCache", "the current specification requires it"),
    ("object_versioning", "the current specification requires it"),
    ("db_pool_acquisition_timeout", "newer than the recordings"),
    ("db_pool_max_lifetime", "newer than the recordings"),
    ("db_pool_max_idletime", "newer than the recordings"),
    ("/saml/id", "the older specification requires it"),
    ("/saml/created_at", "with the id"),
    ("/saml/updated_at", "with the id"),
    ("/domains/0/id", "the older specification requires it"),
    ("/domains/0/created_at", "the specification has it"),
    ("/domains/0/updated_at", "the specification has it"),
    // Not every read after a change was recorded with the time.
    ("/applied_at", "recorded in one of two"),
];

/// Members of which the recorded value is that of another project, organization, plan or time.
const OTHERS: &[&str] = &[
    "id",
    "ref",
    "slug",
    "name",
    "organization_id",
    "organization_slug",
    "region",
    "created_at",
    "updated_at",
    "applied_at",
    "inserted_at",
    "host",
    "version",
    "hash",
    "prefix",
    "api_key",
    "jwt_secret",
    "identifier",
    "db_user",
    "db_host",
    "connection_string",
    "connectionString",
    "custom_domain",
    "custom_hostname",
    "hostname",
    "custom_origin_server",
    "site_url",
    "uri_allow_list",
    "hasAccess",
    "enabled",
    "value",
    "set",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/api/recorded")
}

fn recordings() -> Vec<PathBuf> {
    let folder = folder();
    let operations = fs::read_dir(&folder);
    let operations = operations.unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
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

/// Where an answer lacks something that was recorded, has it of another type, or has more.
fn differ(at: &str, recorded: &Value, answered: &Value, out: &mut Vec<String>) {
    match (recorded, answered) {
        (Value::Object(recorded), Value::Object(answered)) => {
            for (name, value) in recorded {
                match answered.get(name) {
                    Some(answered) => differ(&format!("{at}/{name}"), value, answered, out),
                    None => out.push(format!("{at}/{name} is missing")),
                }
            }
            for name in answered.keys().filter(|name| !recorded.contains_key(*name)) {
                let place = format!("{at}/{name}");
                if !MORE.iter().any(|(more, _)| place.ends_with(more)) {
                    out.push(format!("{place} is more than was recorded"));
                }
            }
        }
        (Value::Array(recorded), Value::Array(answered)) => {
            for (index, item) in recorded.iter().enumerate() {
                // An item of lists is found again by what it is called; else any may stand for it.
                let mut best: Option<Vec<String>> = None;
                for candidate in answered.iter().filter(|candidate| same_name(item, candidate)) {
                    let mut found = vec![];
                    differ(&format!("{at}/{index}"), item, candidate, &mut found);
                    if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                        best = Some(found);
                    }
                }
                out.extend(best.unwrap_or_else(|| vec![format!("{at}/{index} is missing: {item:.80}")]));
            }
        }
        (recorded, answered) if kind(recorded) != kind(answered) => {
            out.push(format!("{at} is {answered:.80} where {recorded:.80} was recorded"));
        }
        (recorded, answered) => {
            let name = at.rsplit('/').next().unwrap_or_default();
            if recorded != answered && !OTHERS.contains(&name) {
                out.push(format!("{at} is {answered:.80} where {recorded:.80} was recorded"));
            }
        }
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
#[ignore = "needs the API's specification (../shared/api)"]
async fn every_recorded_exchange_of_what_is_served_is_answered_alike() {
    let (mut differences, mut compared, mut not_served) = (vec![], BTreeSet::new(), BTreeSet::new());
    for file in recordings() {
        let name = file.strip_prefix(file.ancestors().nth(2).unwrap()).unwrap().to_str().unwrap();
        let name = name.trim_end_matches(".request.json").to_owned();
        let operation = name.split('/').next().unwrap().to_owned();
        if TYPED.contains(&operation.as_str()) {
            continue;
        }
        let request = read(&file);
        let response = read(Path::new(&file.to_str().unwrap().replace(".request.", ".response.")));
        let method = request["method"].as_str().unwrap();
        let mut body = Some(request["body"].clone()).filter(|body| !body.is_null());
        if let Some(slug) = body.as_mut().and_then(|body| body.get_mut("organization_slug")) {
            *slug = "acme-inc".into();
        }
        // The recorded organization is on a plan like this one.
        let api = super::on_plan("pro");
        if operation == "GET_v1_projects___PROJECT_REF___custom_hostname" {
            let active = json!({"hostname": "api.example.com", "status": "5_services_reconfigured"});
            api.sandbox.edit(|state| {
                let project = state.projects.get_mut(REF).unwrap();
                project.custom_hostname = serde_json::from_value(active).unwrap();
            });
        }
        for (method, path, body) in before(&name) {
            let sent = api.send(method, &path, Some(body)).await;
            assert!(sent.status < 300, "{name}: {}", sent.message());
        }
        let mut address = address(&request);
        // A project was still being made.
        if ["DELETE_v1_projects___PROJECT_REF__/2", "GET_v1_projects/5"].contains(&name.as_str()) {
            let new = json!({"db_pass": "password", "name": "New", "organization_slug": "acme-inc"});
            let made = api.send("POST", "/v1/projects", Some(new)).await.body.unwrap();
            if method == "DELETE" {
                address = format!("/v1/projects/{}", made["ref"].as_str().unwrap());
            }
        } else {
            api.clock.advance(Duration::from_secs(61));
        }
        let answer = api.send(method, &address, body).await;
        if answer.message().starts_with("Cannot ") {
            not_served.insert(operation);
            continue;
        }
        compared.insert(operation);
        let mut found = vec![];
        if Some(u64::from(answer.status)) != response["status"].as_u64() {
            found.push(format!("status {} where {} was recorded", answer.status, response["status"]));
        }
        let headers = response["headers"].as_object().unwrap();
        for (header, recorded) in headers {
            match answer.headers.get(header).map(|value| value.to_str().unwrap()) {
                None => found.push(format!("no header {header}")),
                Some(value)
                    if ["content-type", "x-ratelimit-limit"].contains(&header.as_str()) && value != recorded =>
                {
                    found.push(format!("{header}: {value} where {recorded} was recorded"));
                }
                Some(_) => {}
            }
        }
        if answer.headers.contains_key("content-type") != headers.contains_key("content-type") {
            found.push("a content type where none was recorded, or none".to_owned());
        }
        differ("", &response["body"], &answer.body.unwrap_or_default(), &mut found);
        differences.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert_eq!(not_served, NOT_SERVED.iter().map(ToString::to_string).collect(), "what is served is compared");
    assert!(compared.len() > 30, "{}", compared.len());
}

#[tokio::test]
async fn windows_of_limits_count_down_as_recorded() {
    let api = Api::new(Options::default());
    let told = |answer: &crate::support::http::Answer| {
        ["limit", "remaining", "reset"]
            .map(|name| answer.headers[&format!("x-ratelimit-{name}")].to_str().unwrap().to_owned())
    };
    assert_eq!(told(&api.send("GET", "/v1/organizations", None).await), ["120", "119", "60"]);
    api.clock.advance(Duration::from_millis(1500));
    assert_eq!(told(&api.send("GET", "/v1/organizations", None).await), ["120", "118", "59"]);
    assert_eq!(api.get("/v1/organizations").await, json!([{"id": "acme-inc", "slug": "acme-inc", "name": "Acme Inc"}]));
}
