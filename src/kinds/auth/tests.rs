//! The kind as a whole: untouched projects, folded ids, rules across fields.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, json};

use super::*;
use crate::diag::{SourceId, Sources, Span};
use crate::model::{Certainty, Layer, Origin, Policy, ProjectRef, Setting};
use crate::secret::{SecretSource, SecretUse};

fn source() -> SourceId {
    Sources::new().add("test.yaml", "")
}

/// A section with these values: each setting at a place of its own, null as a written null, secrets by their name.
fn section(wanted: &Value) -> Section {
    let mut settings = Settings::default();
    for (index, (name, value)) in wanted.as_object().unwrap().iter().enumerate() {
        let field = INFO.field(name).unwrap();
        let value = if value.is_null() {
            DesiredValue::Clear
        } else if field.is_secret() {
            DesiredValue::Secret(SecretUse::one(SecretSource::Env("SECRET".to_owned())))
        } else {
            DesiredValue::Value(value.clone())
        };
        let origin = Origin { span: Span::new(source(), index, index + 1), layer: Layer::Document };
        settings.fields.insert(field.name, Setting { field, value, origin, parts: vec![], over: vec![] });
    }
    let origin = Origin { span: Span::new(source(), 99, 100), layer: Layer::Document };
    Section { origin, policy: Policy::default(), hands_off: BTreeSet::new(), body: SectionBody::Settings(settings) }
}

/// The findings of `check` about a section: codes and messages.
fn checked(wanted: &Value) -> Vec<String> {
    let mut out = Diagnostics::new();
    Auth.check(&section(wanted), &mut out);
    out.sorted().iter().map(|found| format!("{} {}", found.code.id(), found.message)).collect()
}

fn change(wanted: &Value) -> Change {
    let diff = |(name, value): (&String, &Value)| FieldChange {
        key: FieldKey::of(&INFO, name),
        before: DisplayValue::Absent,
        after: DisplayValue::Value(value.clone()),
        certainty: Certainty::Known,
        at_hand: true,
        origin: None,
        risks: vec![],
        along: false,
    };
    Change {
        at: Address::section("acme", "auth"),
        action: Action::Update,
        fields: wanted.as_object().unwrap().iter().map(diff).collect(),
        origin: None,
    }
}

/// The findings of `validate` about a section on top of what is live.
fn coupled(wanted: &Value, live: &Value) -> Vec<String> {
    let live = live.as_object().unwrap().clone();
    let mut overlaid = live.clone();
    for (name, value) in wanted.as_object().unwrap() {
        let field = INFO.field(name).unwrap();
        let value = if field.is_secret() && !value.is_null() { Value::Bool(true) } else { wire::to_wire(field, value) };
        overlaid.insert(name.clone(), value);
    }
    let mut out = vec![];
    let context = PlanContext {
        target: Target { project: "acme", reference: None },
        section: &section(wanted),
        live: &live,
        overlaid: &overlaid,
        changes: &[change(wanted)],
    };
    Auth.validate(&context, &mut out);
    out.iter().map(|refusal| format!("{} {}", refusal.finding.code.id(), refusal.finding.message)).collect()
}

fn observed(answer: Value) -> Map<String, Value> {
    match Auth.observe(&[Answer { status: 200, body: answer, at: None }]).unwrap() {
        LiveKind::Settings(document) => document,
        other @ (LiveKind::Items(_) | LiveKind::NotYet) => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn defaults_are_those_of_an_untouched_project() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api/fresh-project-auth.json");
    let fresh: Map<String, Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for row in INFO.all_fields() {
        let default = row.default.map_or(Value::Null, Literal::to_value);
        assert_eq!(fresh.get(row.name), Some(&default), "{}", row.name);
    }
}

#[test]
fn the_kind_has_all_its_rows() {
    let rows: Vec<_> = INFO.all_fields().collect();
    assert_eq!(rows.len(), 235);
    assert_eq!(rows.iter().filter(|row| row.is_secret()).count(), 36);
    let never_null: Vec<_> = rows.iter().filter(|row| !row.nullable()).map(|row| row.name).collect();
    assert_eq!(never_null, ["passkey_enabled", "mailer_otp_exp", "sms_otp_length", "custom_oauth_enabled"]);
}

#[test]
fn rules_know_their_fields() {
    for (_, rows) in hooks::HOOKS {
        let suffixes: Vec<_> = rows.iter().map(|row| row.name.rsplit('_').next().unwrap()).collect();
        assert_eq!(suffixes, ["enabled", "uri", "secrets"]);
    }
}

#[test]
fn folded_ids_are_seen_wherever_the_api_keeps_them() {
    let live = observed(json!({
        "external_apple_client_id": "web, app", "external_apple_additional_client_ids": null,
        "external_google_client_id": "web", "external_google_additional_client_ids": "ios,web,android",
    }));
    let ids = |name: &str| wire::from_wire(INFO.field(name).unwrap(), &live[name]);
    assert_eq!(ids("external_apple_client_id"), json!(["web", "app"]));
    assert_eq!(ids("external_google_client_id"), json!(["web", "ios", "android"]));
}

#[test]
fn a_written_list_of_ids_replaces_those_that_are_kept_apart() {
    let wanted = json!({"external_google_client_id": ["web"], "external_apple_client_id": ["web"]});
    let live = observed(json!({"external_google_client_id": "web", "external_google_additional_client_ids": "ios"}));
    let reference = ProjectRef::parse("abcdefghijklmnopqrst").unwrap();
    let drafts = Auth.calls(&KindChanges {
        target: Target { project: "acme", reference: Some(&reference) },
        changes: &[change(&wanted)],
        section: &section(&wanted),
        live: &LiveKind::Settings(live),
        policy: Policy::default(),
        beside: SiblingKinds { desired: &BTreeMap::new(), live: &BTreeMap::new() },
    });
    let [draft] = drafts.as_slice() else { panic!("one call") };
    let expected = json!({
        "external_google_client_id": "web", "external_apple_client_id": "web", "external_google_additional_client_ids": null
    });
    assert_eq!(draft.call.body, Body::Json(JsonBody::of(expected, BTreeMap::new())));
    let along: Vec<&str> = draft.sent_along.iter().map(FieldKey::name).collect();
    assert_eq!(along, ["external_google_additional_client_ids"]);
}

/// Whether the row of a field allows a text: the code of the finding, or `None`.
fn taken(name: &str, text: &str) -> Option<&'static str> {
    let field = INFO.field(name).unwrap();
    let Type::Text(rule) = field.ty else { panic!("{name} is no text") };
    let span = Span::new(source(), 0, 0);
    check::text_fault(field, text, rule, span).map(|found| found.code.id())
}

#[test]
fn a_function_of_the_database_has_names_that_the_auth_service_takes() {
    for (address, wanted) in [
        ("pg-functions://postgres/public/send_sms", None),
        ("pg-functions://postgres/public/send-sms", Some("E0306")),
        ("pg-functions://postgres/send_sms", Some("E0306")),
        ("pg-functions://postgres/public/send_sms/more", Some("E0306")),
        ("pg-functions://db.example.com/public/send_sms", Some("E0306")),
        ("ftp://example.com", Some("E0306")),
        ("example.com/hook", Some("E0306")),
        ("https://refaftercreationonly.supabase.co/functions/v1/sms", None),
    ] {
        assert_eq!(taken("hook_send_sms_uri", address), wanted, "{address}");
    }
}

#[test]
fn every_default_text_is_a_template_that_can_be_read() {
    let templates: Vec<_> = INFO.all_fields().filter(|row| !row.variables.is_empty()).collect();
    assert_eq!(templates.len(), 28, "13 mails with subject and text, and two SMS");
    for row in templates {
        let Some(Literal::Text(text)) = row.default else { panic!("{} has no text", row.name) };
        assert_eq!(taken(row.name, text), None, "{}", row.name);
    }
}

#[test]
fn each_mail_has_variables_of_its_own() {
    let content = |id: &str, text| taken(&format!("mailer_templates_{id}_content"), text);
    assert_eq!(content("email_change", "{{ .NewEmail }}"), None);
    assert_eq!(content("recovery", "{{ .NewEmail }}"), Some("E0366"));
    assert_eq!(content("reauthentication", "{{ .ConfirmationURL }}"), Some("E0366"));
    assert_eq!(taken("mailer_subjects_invite", "{{ .SiteURL"), Some("E0366"));
    assert_eq!(taken("sms_template", "{{ .Code }}"), None);
    assert_eq!(taken("mfa_phone_template", "{{ .Token }}"), Some("E0366"));
}

#[test]
fn passkeys_belong_to_a_bare_domain_and_origins_lie_within_it() {
    for wrong in ["https://example.com", "example.com:443", "example.com/", "Example.com", "127.0.0.1", "example.com."]
    {
        assert_eq!(taken("webauthn_rp_id", wrong), Some("E0306"), "{wrong}");
    }
    let said = |id: &str, origin: &str| checked(&json!({"webauthn_rp_id": id, "webauthn_rp_origins": [origin]}));
    for (id, origin) in [
        ("example.com", "https://example.com"),
        ("example.com", "https://login.example.com:8443"),
        ("localhost", "http://localhost:3000"),
        ("example.com", "android:apk-key-hash:abc"),
    ] {
        assert_eq!(said(id, origin), <[String; 0]>::default(), "{origin}");
    }
    for (id, origin) in [
        ("example.com", "https://example.org"),
        ("example.com", "https://notexample.com"),
        ("login.example.com", "https://example.com"),
    ] {
        assert_eq!(said(id, origin), [format!("E0365 `{origin}` is outside of `{id}`, the domain of the passkeys")]);
    }
    // A host that only looks like localhost is not.
    assert!(said("evil.com", "http://localhost.evil.com")[0].starts_with("E0352"));
    // One of the two may be live instead of written.
    let live = json!({"webauthn_rp_id": "example.com"});
    let wanted = json!({"webauthn_rp_origins": ["https://example.org"]});
    assert_eq!(
        coupled(&wanted, &live),
        ["E0365 `https://example.org` is outside of `example.com`, the domain of the passkeys"]
    );
    assert!(coupled(&wanted, &json!({})).is_empty() && coupled(&json!({"jwt_exp": 1}), &live).is_empty());
}

#[test]
fn a_code_by_sms_comes_from_somewhere() {
    let on = json!({"external_phone_enabled": true});
    let refused = "E0502 `external_phone_enabled` is on, but nothing sends the SMS: `twilio` needs";
    let said = coupled(&on, &json!({}));
    assert!(matches!(said.as_slice(), [one] if one.starts_with(refused)), "{said:?}");
    let twilio = json!({
        "sms_provider": "twilio", "sms_twilio_account_sid": "AC1", "sms_twilio_message_service_sid": "MG1",
        "sms_twilio_auth_token": "0".repeat(64),
    });
    for enough in [
        twilio.clone(),
        json!({"hook_send_sms_enabled": true}),
        json!({"sms_test_otp": "15551234567=123456"}),
        json!({"sms_autoconfirm": true}),
    ] {
        assert!(coupled(&on, &enough).is_empty(), "{enough}");
    }
    // Removing the service later is refused, too; a second factor by phone also needs one.
    let mut live = twilio;
    live["mfa_phone_verify_enabled"] = true.into();
    assert_eq!(coupled(&json!({"sms_provider": "vonage"}), &live).len(), 1);
    assert_eq!(coupled(&json!({"sms_twilio_auth_token": null}), &live).len(), 1);
    assert!(coupled(&json!({"jwt_exp": 600}), &json!({"external_phone_enabled": true})).is_empty());
}

#[test]
fn keycloak_is_the_provider_that_has_no_address_of_its_own() {
    let needs = |id: &str| {
        let row = INFO.field(&format!("external_{id}_enabled")).unwrap();
        row.needs.iter().flat_map(|need| need.fields).any(|name| name.ends_with("_url"))
    };
    assert_eq!(["keycloak", "azure", "gitlab", "workos"].map(needs), [true, false, false, false]);
    assert_eq!(taken("external_keycloak_url", "id.example.com/realms/main"), Some("E0306"));
}

#[test]
fn what_is_switched_on_keeps_what_it_needs() {
    let said = |wanted: &Value| {
        let mut out = Diagnostics::new();
        crate::kind::check_needs(&section(wanted), &mut out);
        out.sorted().iter().map(|found| format!("{} {}", found.code.id(), found.message)).collect::<Vec<_>>()
    };
    assert_eq!(
        said(&json!({"external_github_enabled": true, "external_github_client_id": ""})),
        ["E0367 `external_github_enabled` is on, and `external_github_client_id`, which it needs, is empty"]
    );
    for wrong in [
        json!({"external_google_enabled": true, "external_google_client_id": []}),
        json!({"external_keycloak_enabled": true, "external_keycloak_url": null}),
        json!({"security_captcha_enabled": true, "security_captcha_secret": null}),
        json!({"hook_send_sms_enabled": true, "hook_send_sms_uri": null}),
        json!({"mfa_totp_enroll_enabled": true, "mfa_totp_verify_enabled": false}),
        json!({"passkey_enabled": true, "webauthn_rp_origins": []}),
    ] {
        assert_eq!(said(&wrong).len(), 1, "{wrong}");
    }
    for fine in [
        json!({"external_github_enabled": false, "external_github_client_id": ""}),
        json!({"external_github_client_id": ""}),
        json!({"external_github_enabled": true}),
    ] {
        assert!(said(&fine).is_empty(), "{fine}");
    }
}

#[test]
fn hooks_are_called_at_addresses_that_can_be_called() {
    let uri = |address: &str| checked(&json!({"hook_send_sms_uri": address}));
    for fine in [
        "https://example.com/sms",
        "pg-functions://postgres/public/send",
        "https://${project.ref}.supabase.co/functions/v1/sms",
    ] {
        assert_eq!(uri(fine), <[String; 0]>::default(), "{fine}");
    }
    assert_eq!(uri("http://example.com"), ["E0350 `hook_send_sms_uri` is plain http, which is not called"]);
    // Plain http is never called, wherever it leads.
    assert_eq!(uri("http://localhost:54321/sms").len(), 1);
    assert_eq!(uri("http://localhost.example.com").len(), 1);
    assert_eq!(uri("http://localhost@example.com").len(), 1);
}

#[test]
fn a_database_function_has_no_secrets() {
    let address = "pg-functions://postgres/public/send";
    let said = checked(&json!({"hook_send_sms_uri": address, "hook_send_sms_secrets": "S"}));
    assert_eq!(
        said,
        ["E0351 `hook_send_sms_secrets` is for signed calls, and calls of a database function are not signed"]
    );
    assert!(checked(&json!({"hook_send_sms_uri": address, "hook_send_sms_secrets": null})).is_empty());
    assert!(checked(&json!({"hook_send_sms_uri": "https://example.com", "hook_send_sms_secrets": "S"})).is_empty());
}

#[test]
fn manifests_that_contradict_themselves_are_refused() {
    let origins =
        json!({"webauthn_rp_origins": ["https://example.com", "http://localhost:3000", "http://example.com"]});
    assert_eq!(checked(&origins), ["E0352 passkeys cannot be used from `http://example.com`, which is plain http"]);

    let more = "external_apple_additional_client_ids";
    assert_eq!(
        checked(&json!({more: "app"})),
        [format!("E0353 `{more}` is moved into `external_apple_client_id` by the API")]
    );
    assert!(checked(&json!({more: null, "external_apple_client_id": ["web", "app"]})).is_empty());

    let numbers = json!({"sms_test_otp": {"15551234567": "123456", "+1555": "1", "1234567890123456": "1", "": "1"}});
    let said = [
        "E0354 `+1555` is not a phone number",
        "E0354 `1234567890123456` is not a phone number",
        "E0354 `` is not a phone number",
    ];
    assert_eq!(checked(&numbers).iter().map(String::as_str).collect::<BTreeSet<_>>(), said.into_iter().collect());

    let relay = json!({"smtp_host": "mail.example.com", "smtp_pass": null});
    assert_eq!(checked(&relay), ["E0355 `smtp_pass` is cleared and `smtp_host` is set"]);
    assert!(checked(&json!({"smtp_host": null, "smtp_pass": null})).is_empty());
}

#[test]
fn the_examples_of_the_codes_show_them() {
    use crate::diag::codes::{plan, value};
    let sample = |code: crate::diag::Code| serde_yaml::from_str::<Value>(code.info().example).unwrap()["auth"].clone();
    for code in [
        value::HOOK_ADDRESS,
        value::HOOK_SECRETS_UNUSED,
        value::INSECURE_ORIGIN,
        value::FOLDED_FIELD,
        value::TEST_NUMBER,
        value::HALF_A_RELAY,
        value::ORIGIN_OUTSIDE,
    ] {
        let said = checked(&sample(code));
        assert!(matches!(said.as_slice(), [one] if one.starts_with(code.id())), "{code:?}: {said:?}");
    }
    let live = json!({"passkey_enabled": true, "webauthn_rp_id": "example.com"});
    for code in [plan::HOOK_WITHOUT_SECRET, plan::PASSKEYS_LOST] {
        let said = coupled(&sample(code), &live);
        assert!(matches!(said.as_slice(), [one] if one.starts_with(code.id())), "{code:?}: {said:?}");
    }
}

#[test]
fn an_https_hook_is_called_with_a_secret_only() {
    let on = json!({"hook_send_sms_enabled": true});
    let live = |uri: &str, secrets: Value| json!({"hook_send_sms_uri": uri, "hook_send_sms_secrets": secrets});
    let refused = ["E0510 the hook at `hook_send_sms_uri` would be called without a secret that signs the calls"];
    assert_eq!(coupled(&on, &live("https://example.com", json!(null))), refused);
    assert_eq!(coupled(&on, &live("https://example.com", json!(""))), refused);
    assert!(coupled(&on, &live("https://example.com", json!("0".repeat(64)))).is_empty());
    assert!(coupled(&on, &live("pg-functions://postgres/public/send", json!(null))).is_empty());
    // Settings that the manifest does not touch are not checked.
    let broken = json!({"hook_send_sms_enabled": true, "hook_send_sms_uri": "https://example.com"});
    assert!(coupled(&json!({"jwt_exp": 600}), &broken).is_empty());
    let all = json!({"hook_send_sms_enabled": true, "hook_send_sms_uri": "https://example.com", "hook_send_sms_secrets": "S"});
    assert!(coupled(&all, &json!({})).is_empty());
}

#[test]
fn a_new_domain_for_passkeys_must_be_allowed() {
    let wanted = json!({"webauthn_rp_id": "example.org"});
    let live = json!({"passkey_enabled": true, "webauthn_rp_id": "example.com"});
    assert_eq!(coupled(&wanted, &live), ["E0511 passkeys that were made for `example.com` would no longer work"]);
    assert!(coupled(&wanted, &json!({"passkey_enabled": true, "webauthn_rp_id": null})).is_empty());
    assert!(coupled(&wanted, &json!({"passkey_enabled": false, "webauthn_rp_id": "example.com"})).is_empty());
}
