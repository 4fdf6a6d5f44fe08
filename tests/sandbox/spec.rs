//! What the specification forbids is refused, and nothing else: each member of each request with values at the edges.
//!
//! The sandbox and the specification are asked the same question and must agree. Needs the specification in
//! `../shared/api`.

use super::REF;
use crate::support::http::Api;
use serde_json::{Map, Value, json};
use supaform::sandbox::Options;

/// The schema of the body of a request.
fn body_schema(spec: &Value, method: &str, path: &str) -> Value {
    let escaped = path.replace('~', "~0").replace('/', "~1");
    let at = format!("/paths/{escaped}/{method}/requestBody/content/application~1json/schema");
    let mut schema = spec.pointer(&at).unwrap_or_else(|| panic!("{at}")).clone();
    nullable(&mut schema);
    schema
}

/// `nullable` of OpenAPI 3.0 as JSON Schema. Where there is a pattern, it is the rule and the format only its name.
fn nullable(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("pattern") {
                members.remove("format");
            }
            members.values_mut().for_each(nullable);
            if members.remove("nullable") == Some(Value::Bool(true)) {
                let inner = Value::Object(std::mem::take(members));
                *schema = json!({"anyOf": [inner, {"type": "null"}]});
            }
        }
        Value::Array(items) => items.iter_mut().for_each(nullable),
        _ => {}
    }
}

fn judge(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft7::options().should_validate_formats(true).build(schema).expect("a schema")
}

/// Values of every type.
fn of_every_type() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(""),
        json!("text"),
        json!(" "),
        json!("3"),
        json!("a,b"),
        json!("ü\n"),
        json!(0),
        json!(1),
        json!(-1),
        json!(7),
        json!(1.5),
        json!(2.0),
        json!([]),
        json!(["a"]),
        json!({}),
    ]
}

/// Values around every number and word of a schema, and texts that its patterns are about.
fn edges(schema: &Value, out: &mut Vec<Value>) {
    let Value::Object(members) = schema else { return };
    for (name, value) in members {
        match (name.as_str(), value) {
            ("minimum" | "maximum", Value::Number(bound)) => {
                let bound = bound.as_i64().unwrap();
                out.extend([json!(bound - 1), json!(bound), json!(bound + 1)]);
            }
            ("minLength" | "maxLength", Value::Number(bound)) => {
                let bound = usize::try_from(bound.as_u64().unwrap()).unwrap();
                let texts = [bound.saturating_sub(1), bound, bound + 1].map(|many| json!("é".repeat(many)));
                out.extend(texts);
            }
            ("enum", Value::Array(words)) => {
                out.extend(words.iter().cloned());
                out.extend(words.iter().filter_map(Value::as_str).map(|word| json!(word.to_uppercase())));
            }
            ("anyOf" | "oneOf", Value::Array(inner)) => inner.iter().for_each(|inner| edges(inner, out)),
            _ => {}
        }
    }
}

/// Texts that the patterns of some members are about.
fn texts_of(name: &str) -> &'static [&'static str] {
    match name {
        "site_url" | "saml_external_url" => &["https://a.example", "not a url", ",", "https://a,https://b"],
        "smtp_admin_email" => &[
            "a@example.com",
            "a.b+c_d'e-f@sub.example.co",
            ".a@example.com",
            "a..b@example.com",
            "a.@example.com",
            "a@example",
            "a@-x.com",
            "a@x-.com",
            "a@ex_ample.com",
            "@example.com",
            "a b@example.com",
            "a@example.c",
            "a@example.com\n",
            "ä@example.com",
            "a@b@example.com",
            "A <a@example.com>",
        ],
        "sessions_tags" => {
            &["a", "a,b", " a , b ", "a,,b", ",a", "a,", "a,,", ",", "a b", "a;b", "a_b-c,D9", "é", "\t", " a ,, b , "]
        }
        "sms_test_otp" => &[
            "1=2",
            "1=2,",
            "1=2,,",
            "15551234567=123456,15557654321=654321",
            "1=2=3",
            "1=22=3",
            "=1",
            "1=",
            "1234567890123456=1",
            "1=2, 3=4",
            "1=2,3",
            "1=2,3=",
            "1=2,3=4",
            "12345678901234567890=1",
            "1=a",
            "+1=2",
            "1=12345678901234567=2",
            "1=2,1234567890123456=3",
            "1=23=45=6",
        ],
        "sms_test_otp_valid_until" => &[
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.123Z",
            "2026-01-01",
            "tomorrow",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
        ],
        _ => &[],
    }
}

/// Asks both about a body; tells where they differ.
struct Question<'a> {
    judge: &'a jsonschema::Validator,
    method: &'a str,
    path: &'a str,
}

impl Question<'_> {
    async fn ask(&self, body: &Value, differences: &mut Vec<String>) {
        let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
        let answer = api.send(self.method, self.path, Some(body.clone())).await;
        let allowed = self.judge.is_valid(body);
        // 401, 402 and 404 are refusals of the meaning, not of the form; and so is that of a provider without metadata.
        let taken = answer.status != 400 || answer.message() == "Either metadata_xml or metadata_url must be set";
        if !taken {
            assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8", "{body}");
            assert_ne!(answer.message(), "", "{body} is refused without a word");
        }
        if allowed != taken {
            let shown: String = body.to_string().chars().take(120).collect();
            let message = answer.message();
            differences.push(format!("{shown}: allowed {allowed}, answered {} {message}", answer.status));
        }
    }
}

fn told(differences: &[String]) {
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn settings_of_auth_are_taken_and_refused_as_specified() {
    let spec = super::facts("openapi-current.json");
    let schema = body_schema(&spec, "patch", "/v1/projects/{ref}/config/auth");
    let judge = judge(&schema);
    let path = format!("/v1/projects/{REF}/config/auth");
    let question = Question { judge: &judge, method: "PATCH", path: &path };
    let mut differences = vec![];
    for (name, member) in schema["properties"].as_object().unwrap() {
        let mut values = of_every_type();
        edges(member, &mut values);
        values.extend(texts_of(name).iter().map(|text| json!(text)));
        for value in values.into_iter().filter(|value| !beyond_the_specification(name, value)) {
            question.ask(&json!({ name: value }), &mut differences).await;
        }
    }
    told(&differences);
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn other_bodies_are_taken_and_refused_as_specified() {
    let spec = super::facts("openapi-current.json");
    let provider = json!({"type": "saml", "metadata_xml": super::sso::metadata("urn:a")});
    let label = json!({"vanity_subdomain": "acme"});
    let new = json!({"db_pass": "password", "name": "New", "organization_slug": "acme-inc"});
    for (method, template, base, beyond) in [
        ("POST", "/v1/projects", new, beyond_the_specification as fn(&str, &Value) -> bool),
        ("PATCH", "/v1/projects/{ref}", json!({"name": "New"}), |_, _| false),
        ("PUT", "/v1/projects/{ref}/ssl-enforcement", json!({"requestedConfig": {"database": true}}), |_, _| false),
        ("POST", "/v1/organizations", json!({"name": "New"}), |_, _| false),
        ("PATCH", "/v1/projects/{ref}/postgrest", json!({}), |_, _| false),
        ("PATCH", "/v1/projects/{ref}/config/database/pooler", json!({}), |_, _| false),
        ("PUT", "/v1/projects/{ref}/config/database/postgres", json!({}), |_, _| false),
        ("PATCH", "/v1/projects/{ref}/config/realtime", json!({}), |_, _| false),
        ("PATCH", "/v1/projects/{ref}/config/database/postgres", json!({}), |_, _| false),
        ("PATCH", "/v1/projects/{ref}/config/storage", json!({}), |_, _| false),
        ("POST", "/v1/projects/{ref}/network-restrictions/apply", json!({}), beyond_the_specification),
        ("POST", "/v1/projects/{ref}/config/auth/sso/providers", provider, beyond_the_specification),
        ("PUT", "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}", json!({}), beyond_the_specification),
        ("PATCH", "/v1/projects/{ref}/network-restrictions", json!({}), |_, _| false),
        ("DELETE", "/v1/projects/{ref}/network-bans", json!({"ipv4_addresses": []}), |_, _| false),
        ("POST", "/v1/projects/{ref}/vanity-subdomain/check-availability", label.clone(), beyond_the_specification),
        ("POST", "/v1/projects/{ref}/vanity-subdomain/activate", label, beyond_the_specification),
        ("POST", "/v1/projects/{ref}/api-keys", json!({"type": "secret", "name": "worker"}), |_, _| false),
        ("PATCH", "/v1/projects/{ref}/api-keys/{id}", json!({}), |_, _| false),
        (
            "POST",
            "/v1/projects/{ref}/config/auth/signing-keys",
            super::signing_keys::new("ES256", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"),
            beyond_the_specification,
        ),
    ] {
        let schema = body_schema(&spec, &method.to_lowercase(), template);
        let judge = judge(&schema);
        let path = template.replace("{ref}", REF).replace("{provider_id}", "8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b");
        let path = path.replace("{id}", &super::api_keys::first().await);
        let question = Question { judge: &judge, method, path: &path };
        let mut differences = vec![];
        for value in of_every_type().into_iter().filter(|value| !value.is_null()) {
            question.ask(&value, &mut differences).await;
        }
        for (name, member) in schema["properties"].as_object().unwrap() {
            let mut without: Map<String, Value> = base.as_object().unwrap().clone();
            without.remove(name);
            question.ask(&Value::Object(without.clone()), &mut differences).await;
            let mut values = of_every_type();
            edges(member, &mut values);
            for value in values.into_iter().filter(|value| !beyond(name, value)) {
                let mut body = without.clone();
                body.insert(name.clone(), value);
                question.ask(&Value::Object(body), &mut differences).await;
            }
        }
        told(&differences);
    }
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn objects_within_bodies_are_taken_and_refused_as_specified() {
    let spec = super::facts("openapi-current.json");
    for (template, outer) in [
        ("/v1/projects/{ref}/config/storage", &["features"][..]),
        ("/v1/projects/{ref}/config/storage", &[]),
        ("/v1/projects/{ref}/network-restrictions", &[]),
    ] {
        let schema = body_schema(&spec, "patch", template);
        let judge = judge(&schema);
        let path = template.replace("{ref}", REF);
        let question = Question { judge: &judge, method: "PATCH", path: &path };
        let within = outer.iter().fold(&schema, |schema, name| &schema["properties"][name]);
        let mut differences = vec![];
        for (name, object) in within["properties"].as_object().unwrap() {
            let Some(members) = object["properties"].as_object().filter(|_| name != "features") else { continue };
            let complete = members.iter().map(|(name, member)| (name.clone(), sample(member)));
            let complete: Map<String, Value> = complete.collect();
            let mut bodies: Vec<Value> = of_every_type();
            for (member, rule) in members {
                let mut without = complete.clone();
                without.remove(member);
                bodies.push(without.clone().into());
                let mut values = of_every_type();
                edges(rule, &mut values);
                for value in values.into_iter().filter(|value| !beyond_the_specification(member, value)) {
                    without.insert(member.clone(), value);
                    bodies.push(without.clone().into());
                }
            }
            for body in bodies {
                let body = outer.iter().rev().fold(json!({ name: body }), |body, name| json!({ *name: body }));
                question.ask(&body, &mut differences).await;
            }
        }
        told(&differences);
    }
}

/// A value that a schema takes.
fn sample(schema: &Value) -> Value {
    match schema["type"].as_str().unwrap() {
        "boolean" => true.into(),
        "integer" => 3.into(),
        "array" => json!([]),
        _ => schema["enum"][0].clone(),
    }
}

/// What the API refuses although the specification allows it, as it was seen.
fn beyond_the_specification(name: &str, value: &Value) -> bool {
    match name {
        // At least four characters.
        "db_pass" => value.as_str().is_some_and(|text| text.chars().count() < 4),
        // Too small for a paid plan.
        "desired_instance_size" => value == "nano",
        // No metadata, and no address of any; nor both at once.
        "metadata_xml" | "metadata_url" => value.as_str().is_some_and(|text| !text.is_empty()),
        // Nobody can enrol a factor that is not accepted afterwards.
        "mfa_phone_enroll_enabled" | "mfa_web_authn_enroll_enabled" => *value == true,
        "mfa_totp_verify_enabled" => *value == false,
        // No label of a host.
        "vanity_subdomain" => {
            value.as_str().is_some_and(|text| !text.chars().all(|c| c.is_ascii_alphanumeric())) || *value == ""
        }
        // The private key decides it.
        "algorithm" => value.is_string(),
        // No network.
        "dbAllowedCidrs" | "dbAllowedCidrsV6" => *value == json!(["a"]),
        _ => false,
    }
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn lists_of_secrets_are_taken_and_refused_as_specified() {
    let spec = super::facts("openapi-current.json");
    let path = format!("/v1/projects/{REF}/secrets");
    let mut bodies = of_every_type();
    bodies.retain(|body| !body.is_null());
    for value in of_every_type() {
        bodies.push(json!([value]));
        bodies.push(json!([{"name": value, "value": "v"}]));
        bodies.push(json!([{"name": "N", "value": value}]));
        bodies.push(json!([{"name": "N", "value": "v", "more": value}]));
    }
    for text in ["SUPABASE_", "SUPABASE_URL", "supabase_url", "SUPABASE", "XSUPABASE_", "\nSUPABASE_X"] {
        bodies.push(json!([{"name": text, "value": "v"}]));
    }
    for many in [256, 257, 24_576, 24_577] {
        bodies.push(json!([{"name": "é".repeat(many), "value": "v"}]));
        bodies.push(json!([{"name": "N", "value": "é".repeat(many)}]));
    }
    for many in [100, 101] {
        bodies.push((0..many).map(|_| json!({"name": "N", "value": "v"})).collect::<Vec<_>>().into());
        bodies.push((0..many).map(|_| json!("N")).collect::<Vec<_>>().into());
    }
    for method in ["POST", "DELETE"] {
        let judge = judge(&body_schema(&spec, &method.to_lowercase(), "/v1/projects/{ref}/secrets"));
        let question = Question { judge: &judge, method, path: &path };
        let mut differences = vec![];
        for body in &bodies {
            question.ask(body, &mut differences).await;
        }
        told(&differences);
    }
}

#[tokio::test]
async fn parameters_are_taken_and_refused_as_specified() {
    let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
    let project = format!("/v1/projects/{REF}");
    let list = "/v1/organizations/acme-inc/projects";
    for (path, status) in [
        (format!("{list}?limit=1"), 200),
        (format!("{list}?limit=100"), 200),
        (format!("{list}?limit=0"), 400),
        (format!("{list}?limit=101"), 400),
        (format!("{list}?limit=ten"), 400),
        (format!("{list}?limit=1.5"), 400),
        (format!("{list}?offset=0"), 200),
        (format!("{list}?offset=5000000000"), 200),
        (format!("{list}?offset=-1"), 400),
        (format!("{list}?sort=created_desc"), 200),
        (format!("{list}?sort=size"), 400),
        (format!("{list}?statuses=ACTIVE_HEALTHY,INACTIVE"), 200),
        (format!("{list}?search=%25"), 200),
        ("/v1/organizations/no-such-one".into(), 404),
        ("/v1/organizations/no%20slug".into(), 400),
        (format!("{project}/health"), 400),
        (format!("{project}/health?services="), 400),
        (format!("{project}/health?services=auth,db&services=rest"), 200),
        (format!("{project}/health?services=auth,nonsense"), 400),
        (format!("{project}/health?services=auth&timeout_ms=0"), 200),
        (format!("{project}/health?services=auth&timeout_ms=10000"), 200),
        (format!("{project}/health?services=auth&timeout_ms=10001"), 400),
        (format!("{project}/health?services=auth&timeout_ms=-1"), 400),
        (format!("{project}/health?services=auth&timeout_ms=soon"), 400),
        (format!("{project}/api-keys?reveal=false"), 200),
        (format!("{project}/api-keys/anon"), 400),
        (format!("{project}/api-keys/00000000-0000-0000-0000-000000000000"), 404),
        ("/v1/projects/available-regions".into(), 400),
        ("/v1/projects/available-regions?organization_slug=acme-inc".into(), 200),
        ("/v1/projects/available-regions?organization_slug=acme-inc&continent=XX".into(), 400),
        ("/v1/projects/available-regions?organization_slug=acme-inc&desired_instance_size=huge".into(), 400),
    ] {
        let answer = api.send("GET", &path, None).await;
        assert_eq!(answer.status, status, "{path}: {:?}", answer.body);
    }
}
