//! The rows of all kinds held against the API's specification.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use supaform::kind::{find, infos};
use supaform::kinds::KINDS;
use supaform::schema::conformance::compare;

const AUTH: &str = "/paths/~1v1~1projects~1{ref}~1config~1auth/patch/requestBody/content/application~1json/schema";

/// A file of the specification.
fn specification(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api").join(name);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    serde_json::from_slice(&text).expect("the specification is JSON")
}

/// The schema of the body that changes the auth settings.
fn auth_body(openapi: &Value) -> &Value {
    let schema = openapi.pointer(AUTH).expect("the operation exists");
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => openapi.pointer(reference.trim_start_matches('#')).expect("the reference leads somewhere"),
        None => schema,
    }
}

#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn every_row_is_as_the_current_specification_says() {
    let openapi = specification("openapi-current.json");
    let findings: Vec<String> = compare(infos(KINDS), &openapi).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let rows = find(KINDS, "auth").expect("`auth` is a kind").info().all_fields().count();
    assert_eq!(rows, auth_body(&openapi)["properties"].as_object().expect("an object").len());
}

#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn nothing_of_the_older_specification_was_dropped() {
    let openapi = specification("openapi-v1.json");
    let rows: BTreeSet<&str> =
        find(KINDS, "auth").expect("`auth` is a kind").info().all_fields().map(|row| row.name).collect();
    let older = auth_body(&openapi)["properties"].as_object().expect("an object");
    let dropped: Vec<_> = older.keys().filter(|name| !rows.contains(name.as_str())).collect();
    assert!(dropped.is_empty(), "{dropped:?}");
}

#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn a_doctored_specification_is_found_out() {
    let mut openapi = specification("openapi-current.json");
    let pointer = match openapi.pointer(AUTH).and_then(|schema| schema.get("$ref")).and_then(Value::as_str) {
        Some(reference) => reference.trim_start_matches('#').to_owned(),
        None => AUTH.to_owned(),
    };
    let properties = openapi.pointer_mut(&pointer).and_then(|body| body.get_mut("properties")).expect("properties");
    let set = |schema: &mut Value, key: &str, value: Value| schema[key] = value;
    set(&mut properties["jwt_exp"], "maximum", json!(3600));
    set(&mut properties["site_url"], "pattern", json!("^https:"));
    set(&mut properties["smtp_port"], "type", json!("integer"));
    set(&mut properties["mailer_otp_exp"], "nullable", json!(true));
    set(&mut properties["sms_provider"], "enum", json!(["twilio"]));
    set(&mut properties["hook_send_sms_secrets"], "nullable", json!(false));
    properties.as_object_mut().expect("an object").remove("external_zoom_secret");
    properties["passkey_color"] = json!({"type": "string"});
    let fields: BTreeSet<String> = compare(infos(KINDS), &openapi).into_iter().map(|found| found.field).collect();
    let expected = [
        "external_zoom_secret",
        "hook_send_sms_secrets",
        "jwt_exp",
        "mailer_otp_exp",
        "passkey_color",
        "site_url",
        "smtp_port",
        "sms_provider",
    ];
    assert_eq!(fields, expected.iter().map(ToString::to_string).collect());
}
