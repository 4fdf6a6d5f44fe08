//! What was written is read back, in the API's way: secrets as digests, null as the default, the rest as it was sent.

use serde_json::{Value, json};
use supaform::kinds::KINDS;
use supaform::sandbox::Options;
use supaform::schema::{Digest, Lit, Type, Wire};

use super::api::Api;
use super::{REF, auth, on_plan};

/// A value that the API takes, other than the default.
fn other(ty: &Type, wire: Wire, default: &Value) -> Value {
    match ty {
        Type::Bool => json!(default != &json!(true)),
        Type::Int { min, max } => {
            let candidates = [*min + 1, *max];
            candidates.into_iter().map(Value::from).find(|it| it != default).unwrap()
        }
        Type::Number { .. } => json!(1.5),
        Type::Choice(words) => words.iter().map(|word| json!(word)).find(|it| it != default).unwrap(),
        Type::Map(_) => json!("15551234567=123456"),
        Type::List(..) if wire == Wire::Joined("|") => json!("v1,whsec_c2VjcmV0"),
        _ => json!("name@example.com"),
    }
}

#[tokio::test]
async fn every_field_of_auth_reads_back() {
    let info = supaform::kind::find(KINDS, "auth").unwrap().info();
    let enterprise = on_plan("enterprise");
    let relay = json!({
        "smtp_host": "smtp.example.com", "smtp_port": "587", "smtp_user": "u", "smtp_pass": "p",
        "smtp_admin_email": "a@example.com",
    });
    assert_eq!(enterprise.send("PATCH", &auth(), Some(relay)).await.status, 200);
    let before = enterprise.get(&auth()).await;
    let mut seen = 0;
    for field in info.all_fields() {
        // What is not written as it is read: tested by itself.
        if field.name.starts_with("smtp_") || field.name.contains("additional_client_ids") {
            continue;
        }
        let (name, default) = (field.name, field.default.map_or(Value::Null, Lit::to_value));
        let value = match name {
            "sms_test_otp_valid_until" => json!("2027-01-31T12:00:00Z"),
            "sessions_tags" => json!("web,mobile"),
            "site_url" | "saml_external_url" | "webauthn_rp_origins" => json!("https://example.com"),
            _ => other(&field.ty, field.wire, &default),
        };
        let answer = enterprise.send("PATCH", &auth(), Some(json!({ name: value }))).await;
        assert_eq!(answer.status, 200, "{name}: {value}: {}", answer.message());
        let expected = match field.secret {
            Some(_) => Digest::HmacOfRef.of(value.as_str().unwrap(), REF).unwrap().into(),
            None => value.clone(),
        };
        let shown = enterprise.get(&auth()).await;
        assert_eq!(shown[name], expected, "{name} reads back");
        assert_eq!(answer.body.unwrap()[name], expected, "{name} is answered");
        let changed: Vec<&String> =
            shown.as_object().unwrap().keys().filter(|key| shown[*key] != before[*key] && *key != name).collect();
        assert_eq!(changed, [""; 0], "{name} changes nothing else");
        if field.nullable() {
            assert_eq!(enterprise.send("PATCH", &auth(), Some(json!({ name: null }))).await.status, 200, "{name}");
            let shown = enterprise.get(&auth()).await;
            assert!(field.unset.iter().any(|lit| lit.to_value() == shown[name]), "{name}: {}", shown[name]);
        } else {
            let back = enterprise.send("PATCH", &auth(), Some(json!({ name: before[name] }))).await;
            assert_eq!(back.status, 200, "{name}");
        }
        seen += 1;
        // `rate_limit_email_sent` is the relay's own until it is set; after that null is the platform's default.
        if name == "rate_limit_email_sent" {
            let back = json!({ name: before[name] });
            enterprise.send("PATCH", &auth(), Some(back)).await;
        }
        if seen % 50 == 0 {
            enterprise.clock.advance(std::time::Duration::from_secs(61));
        }
    }
    assert!(seen > 220, "{seen}");
}

#[tokio::test]
async fn whole_numbers_have_no_fraction() {
    let api = Api::new(Options::default());
    assert_eq!(api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60.0, "sessions_timebox": 2.0}))).await.status, 200);
    let shown = api.get(&auth()).await.to_string();
    assert!(shown.contains("\"jwt_exp\":60,") && shown.contains("\"sessions_timebox\":2,"), "{shown}");
}
