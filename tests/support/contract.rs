//! Every request that the client makes in any test, held against the API's own description.
//!
//! The description lies in `../shared/api`; where it is not, that is said once, loudly, and nothing is held.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

/// What a request may be, by method and path template.
struct Operation {
    method: String,
    template: Vec<String>,
    query: Vec<(String, bool)>,
    body: Option<Value>,
}

/// What is wrong with the requests of a sandbox's log. Nothing where there is nothing to hold them against.
pub(crate) fn faults(log: &Value) -> Vec<String> {
    let Some(operations) = operations() else { return vec![] };
    let mut faults = vec![];
    // A refused body may be what a test is about.
    for request in log.as_array().expect("a list").iter().filter(|request| request["status"] != 400) {
        let (method, path) = (request["method"].as_str().unwrap_or(""), request["path"].as_str().unwrap_or(""));
        match operations.iter().find(|operation| operation.method == method && matches(&operation.template, path)) {
            None => faults.push(format!("{method} {path} is no operation of the API")),
            Some(operation) if !is_covered(operation) => {
                faults.push(format!("{method} {path}: no kind says that it uses this operation"));
            }
            Some(operation) => {
                let found = query(operation, request).chain(body(operation, request));
                faults.extend(found.map(|fault| format!("{method} {path}: {fault}")));
            }
        }
    }
    faults
}

/// Whether the documentation of the API's coverage knows of its use.
fn is_covered(operation: &Operation) -> bool {
    static USES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    let uses = USES.get_or_init(|| supaform::kinds::coverage::uses().into_keys().collect());
    let template = operation.template.join("/");
    uses.iter().any(|(method, path)| *method == operation.method && *path == template)
}

fn query<'a>(operation: &'a Operation, request: &'a Value) -> impl Iterator<Item = String> + 'a {
    let written = request["query"].as_str().unwrap_or_default();
    let names: Vec<&str> =
        written.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair)).collect();
    let unknown = names.clone().into_iter().filter(|name| !operation.query.iter().any(|(known, _)| known == name));
    let missing = operation.query.iter().filter(move |(name, required)| *required && !names.contains(&name.as_str()));
    let unknown = unknown.map(|name| format!("no parameter {name}"));
    unknown.chain(missing.map(|(name, _)| format!("the parameter {name} is missing")))
}

fn body(operation: &Operation, request: &Value) -> Vec<String> {
    let body = &request["body"];
    let Some(schema) = &operation.body else {
        return if body.is_null() { vec![] } else { vec!["a body where the specification knows none".to_owned()] };
    };
    let validator = validator(operation, schema);
    let errors = validator.iter_errors(body).filter(|error| !about_a_secret(error));
    errors.map(|error| format!("{error} at {}", error.instance_path())).collect()
}

/// The log shows what is known to be public: what stands in the place of the rest is held against nothing.
fn about_a_secret(error: &jsonschema::ValidationError<'_>) -> bool {
    matches!(error.instance().as_str(), Some("[secret]" | "[masked]"))
}

/// A path matches a template part by part.
fn matches(template: &[String], path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.len() == template.len()
        && template.iter().zip(parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

/// The validator of a body; each is compiled once.
fn validator(operation: &Operation, schema: &Value) -> &'static Validator {
    static COMPILED: Mutex<BTreeMap<String, &'static Validator>> = Mutex::new(BTreeMap::new());
    let key = format!("{} {}", operation.method, operation.template.join("/"));
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(|| {
        let validator = jsonschema::draft7::options().should_validate_formats(true).build(schema);
        Box::leak(Box::new(validator.expect("a schema")))
    })
}

fn operations() -> Option<&'static Vec<Operation>> {
    static OPERATIONS: OnceLock<Option<Vec<Operation>>> = OnceLock::new();
    OPERATIONS.get_or_init(read).as_ref()
}

#[expect(clippy::print_stderr, reason = "a skipped comparison is told loudly")]
fn read() -> Option<Vec<Operation>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api/openapi-current.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is not there, so requests were not held against it", path.display());
        return None;
    };
    let spec: Value = serde_json::from_str(&text).expect("JSON");
    let mut operations = vec![];
    for (template, methods) in spec["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let query = query.map(|parameter| {
                (parameter["name"].as_str().unwrap_or_default().to_owned(), parameter["required"] == json!(true))
            });
            let content = |kind: &str| operation.pointer(&format!("/requestBody/content/{kind}/schema")).cloned();
            // Of a form, the log shows the JSON as it was sent and the files by name.
            let metadata = || content("multipart~1form-data")?.pointer("/properties/metadata").cloned();
            let form = || {
                Some(
                    json!({"type": "object", "required": ["metadata", "file"], "properties": {"metadata": metadata()?, "file": {}}}),
                )
            };
            // The specification lost the other form of the body where there is a bundle: what the dashboard sends.
            let row = json!({"type": "object", "properties": {"name": {"type": "string"}, "verify_jwt": {"type": "boolean"}}});
            let bundle = || content("application~1vnd.denoland.eszip").map(|_| row);
            let body = content("application~1json").or_else(form).or_else(bundle);
            operations.push(Operation {
                method: method.to_uppercase(),
                template: template.split('/').map(str::to_owned).collect(),
                query: query.collect(),
                body: body.map(closed),
            });
        }
    }
    // A part that is a word is a better match than one that is a parameter.
    operations.sort_by_key(|operation| operation.template.iter().filter(|part| part.starts_with('{')).count());
    Some(operations)
}

/// A schema of OpenAPI 3.0 as JSON Schema; objects take the members that they name, and no other.
fn closed(mut schema: Value) -> Value {
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("pattern") {
                members.remove("format");
            }
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(Value::is_object) && members.get("type") == Some(&json!("object"))
            {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            if members.remove("nullable") == Some(json!(true)) {
                let inner = Value::Object(std::mem::take(members));
                *schema = json!({"anyOf": [inner, {"type": "null"}]});
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
