//! The field table as people meet it: `explain`, the pages of the kinds, the JSON Schema of manifests.

use serde_json::{Value, json};
use supaform::kind::{find, infos};
use supaform::kinds::KINDS;
use supaform::schema::{KindInfo, docs, json_schema};

fn kind(name: &str) -> &'static KindInfo {
    find(KINDS, name).expect("a kind").info()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

/// A manifest is accepted by the schema, or why not.
fn judge(manifest: &Value) -> Result<(), String> {
    let schema = json_schema::manifest(infos(KINDS));
    let validator = jsonschema::draft7::new(&schema).expect("the schema is a schema");
    validator.validate(manifest).map_err(|error| error.to_string())
}

#[test]
fn explain_tells_of_a_field() {
    for name in [
        "jwt_exp",
        "smtp_pass",
        "uri_allow_list",
        "password_required_characters",
        "mfa_phone_verify_enabled",
        "external_google_client_id",
        "external_apple_additional_client_ids",
        "hook_send_email_secrets",
        "sms_otp_length",
        "mailer_templates_confirmation_content",
    ] {
        let info = kind("auth");
        insta::assert_snapshot!(format!("field_{name}"), docs::explain_field(info, name).expect("a row"));
    }
}

#[test]
fn explain_tells_of_a_kind() {
    for name in ["auth", "secrets"] {
        insta::assert_snapshot!(format!("kind_{name}"), docs::explain_kind(kind(name)));
    }
}

#[test]
fn pages_are_markdown() {
    // Pages are files of the documentation; two small kinds show the form.
    for name in ["ssl_enforcement", "secrets"] {
        insta::assert_snapshot!(format!("page_{name}"), docs::kind_page(kind(name)));
    }
    let page = docs::kind_page(kind("auth"));
    let tables: Vec<_> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(tables.iter().filter(|line| line.starts_with("| `")).count(), kind("auth").all_fields().count());
    for row in tables {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
    }
}

#[test]
fn explanations_fit_a_terminal_and_their_examples_are_yaml() {
    for info in infos(KINDS) {
        for row in info.all_fields() {
            let text = docs::explain_field(info, row.name).expect("a row");
            let (_, example) = text.split_once("\n  Example\n").expect("an example");
            let example = yaml(example);
            let section = &example[info.name];
            assert!(section.get(row.name).or_else(|| section["NAME"].get(row.name)).is_some(), "{text}");
            for line in text.lines() {
                let example = line.starts_with("    ");
                assert!((example || line.chars().count() <= 96) && line.trim_end() == line, "{line:?}");
            }
        }
    }
}

#[test]
fn the_schema_of_a_field_tells_what_hovering_shows() {
    let schema = json_schema::kind_schema(kind("auth"));
    for name in ["jwt_exp", "hook_send_sms_secrets", "smtp_port", "external_apple_client_id", "sms_test_otp"] {
        insta::assert_json_snapshot!(format!("schema_{name}"), schema["properties"][name]);
    }
}

#[test]
fn schemas_are_schemas_and_take_the_examples() {
    for info in infos(KINDS) {
        let schema = json_schema::kind_schema(info);
        assert!(jsonschema::draft7::meta::is_valid(&schema), "{}", info.name);
        let example = yaml(info.example);
        let section = &example[info.name];
        let said: Vec<_> = jsonschema::draft7::new(&schema)
            .expect("a schema")
            .iter_errors(section)
            .map(|error| error.to_string())
            .collect();
        assert!(said.is_empty(), "{}: {said:?}", info.name);
    }
    assert!(jsonschema::draft7::meta::is_valid(&json_schema::manifest(infos(KINDS))));
}

#[test]
fn every_default_and_example_of_a_field_is_accepted() {
    for info in infos(KINDS) {
        let schema = json_schema::kind_schema(info);
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let mut alone = field.clone();
            alone["definitions"] = schema["definitions"].clone();
            let validator = jsonschema::draft7::new(&alone).expect("a schema");
            let list = |key: &str| field[key].as_array().into_iter().flatten();
            let snippets = list("defaultSnippets").map(|snippet| yaml(snippet["body"].as_str().expect("a text")));
            for value in field.get("default").into_iter().chain(list("examples")).cloned().chain(snippets) {
                assert!(validator.is_valid(&value), "{}.{name} refuses {value}", info.name);
            }
        }
    }
}

#[test]
fn manifests_of_every_shape_are_accepted() {
    for manifest in [
        "version: 1",
        "{version: 1, manifests: [projects]}",
        "{version: 1, project: acme, auth: {jwt_exp: 600}}",
        "
profile: acme
requires: [domain]
vars: {redirects: []}
organization: acme-inc
region: eu-central-1
auth:
  site_url: https://${var.domain}
  uri_allow_list:
    - https://${var.domain}/callback
    - ${var.redirects}
  jwt_exp: 1h
  sessions_timebox: 30d
  smtp_port: 587
  smtp_pass: {env: SMTP_PASS}
  hook_send_sms_secrets: [{secret: NEW}, {secret: OLD}]
  external_google_client_id: [web, ios]
  external_apple_client_id: web
  mailer_templates_confirmation_content: {file: ../templates/confirm.html, fill: true}
  sms_test_otp: {'15551234567': '123456'}
  sms_otp_exp: ${var.expiry}
ssl_enforcement: {database: true}
secrets:
  STRIPE_KEY: {secret: STRIPE_KEY}
  APP_ENV: {plain: '${label.env}'}",
        "
common: {extends: [acme], labels: {product: acme}}
projects:
  acme-staging: {ref: bbbbbbbbbbbbbbbbbbbb, labels: {env: staging}, vars: {connections: 60}}
  acme-prod:
    protected: true
    create: true
    name: Acme Production
    manage: {secrets: {prune: true}, auth: false}
    auth:
      smtp_pass: null
      site_url: {unmanaged: true}
      uri_allow_list: {append: [https://acme.com], remove: ['${var.old}']}
      extra: {brand_new: 1}
      extra_secrets: {brand_new_secret: {env: X}}
    secrets: {LEGACY_KEY: null, KEPT: {unmanaged: true}, LONG: {value: {exec: [pass, show, long]}}}",
    ] {
        assert_eq!(judge(&yaml(manifest)), Ok(()), "{manifest}");
    }
}

#[test]
fn what_is_wrong_is_refused() {
    for manifest in [
        "{}",
        "auth: {jwt_exp: 600}",
        "{project: acme, profile: acme}",
        "{project: acme, requires: [domain]}",
        "{profile: acme, ref: bbbbbbbbbbbbbbbbbbbb}",
        "{projects: {}, auth: {jwt_exp: 600}}",
        "{project: acme, ref: BBBBBBBBBBBBBBBBBBBB}",
        "{project: acme, auht: {}}",
        "{project: acme, manage: {auth: {prune: true}}}",
        "{project: acme, auth: null}",
        "{project: acme, auth: {jwt_expiry: 600}}",
        "{project: acme, auth: {jwt_exp: 604801}}",
        "{project: acme, auth: {jwt_exp: 1 hour}}",
        "{project: acme, auth: {jwt_exp: true}}",
        "{project: acme, auth: {disable_signup: 'no'}}",
        "{project: acme, auth: {smtp_pass: hunter2}}",
        "{project: acme, auth: {smtp_pass: {secret: ''}}}",
        "{project: acme, auth: {smtp_port: 0}}",
        "{project: acme, auth: {smtp_admin_email: nobody}}",
        "{project: acme, auth: {mailer_otp_exp: null}}",
        "{project: acme, auth: {sms_provider: pigeon}}",
        "{project: acme, auth: {uri_allow_list: 'https://a.dev,https://b.dev'}}",
        "{project: acme, auth: {uri_allow_list: ['https://a.dev,https://b.dev']}}",
        "{project: acme, auth: {uri_allow_list: {append: [a], prepend: [b]}}}",
        "{project: acme, auth: {site_url: {unmanaged: false}}}",
        "{project: acme, secrets: {KEY: literal}}",
    ] {
        assert!(judge(&yaml(manifest)).is_err(), "accepted: {manifest}");
    }
    assert!(judge(&json!([])).is_err());
}
