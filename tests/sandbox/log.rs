//! The log of requests shows what is known to be public, and masks the rest, wherever it stands.

use super::{REF, auth, secrets};
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::kinds::KINDS;
use supaform::sandbox::Options;

/// A secret in a place where nobody thought of one.
const SECRET: &str = "hunter2";

async fn logged(method: &str, path: &str, body: Option<Value>) -> Value {
    let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
    api.send(method, path, body).await;
    api.get("/_sandbox/requests").await[0].clone()
}

#[tokio::test]
async fn what_is_not_known_is_masked_wherever_it_stands() {
    let project = format!("/v1/projects/{REF}");
    let path = |rest: &str| format!("{project}{rest}");
    for (method, path, body) in [
        ("PATCH", auth(), json!({"smtp_password": SECRET})),
        ("PATCH", auth(), json!({ SECRET: 1 })),
        ("PATCH", auth(), json!({"jwt_exp": SECRET, "disable_signup": SECRET, "sms_provider": SECRET})),
        ("PATCH", auth(), json!({"site_url": {"value": SECRET}, "smtp_pass": {"value": SECRET}})),
        ("PATCH", auth(), json!({"site_url": [SECRET]})),
        ("PATCH", auth(), json!({"site_url": "https://me:hunter2@example.com"})),
        ("PATCH", auth(), json!({"uri_allow_list": "https://a.example,https://hunter2@b.example"})),
        ("PATCH", auth(), json!(SECRET)),
        ("PATCH", auth(), json!([SECRET])),
        ("POST", secrets(), json!([{"name": "A", "value": SECRET}, {"name": "B", "val": SECRET}, SECRET])),
        ("POST", secrets(), json!({"A": SECRET})),
        (
            "POST",
            "/v1/projects".into(),
            json!({"db_pass": SECRET, "password": SECRET, "name": "x", "template_url": SECRET}),
        ),
        ("POST", path("/api-keys"), json!({"type": "secret", "name": "w", "secret_jwt_template": {"claim": SECRET}})),
        ("POST", path("/api-keys"), json!({"type": "secret", "secret_jwt_template": { SECRET: 1 }})),
        ("POST", path("/config/auth/third-party-auth"), json!({"custom_jwks": {"keys": [{"d": SECRET}]}})),
        ("POST", path("/config/auth/third-party-auth"), json!({"jwks_url": "https://u:hunter2@example.com"})),
        (
            "PUT",
            path("/config/auth/sso/providers/x"),
            json!({"attribute_mapping": {"keys": {"a": {"default": SECRET}}}}),
        ),
        ("PUT", path("/config/auth/sso/providers/x"), json!({"attribute_mapping": {"keys": { SECRET: {"name": "a"}}}})),
        ("PATCH", path("/config/storage"), json!({"features": {"s3Protocol": {"key": SECRET}}})),
        ("PATCH", path("/config/database/pooler"), json!({"connection_string": SECRET})),
        ("PUT", path("/config/database/postgres"), json!({"work_mem": {"a": SECRET}})),
        ("POST", path("/vanity-subdomain/activate"), json!({"vanity_subdomain": [SECRET]})),
        ("POST", path("/no-such-route"), json!({"a": SECRET})),
        ("PATCH", format!("{project}?token={SECRET}"), json!({"name": "x"})),
        ("PATCH", format!("{project}?{SECRET}=1"), json!({"name": "x"})),
        ("GET", path(&format!("/api-keys?reveal={SECRET}")), Value::Null),
        ("GET", path(&format!("/health?services={SECRET}")), Value::Null),
        (
            "GET",
            format!("/v1/organizations/acme-inc/projects?search={SECRET}&sort={SECRET}&limit={SECRET}"),
            Value::Null,
        ),
        ("GET", format!("/v1/organizations/{SECRET}"), Value::Null),
        ("GET", format!("/v1/projects/{SECRET}/secrets"), Value::Null),
        ("GET", path(&format!("/api-keys/{SECRET}")), Value::Null),
        ("GET", format!("/{SECRET}"), Value::Null),
        ("HUNTER2", project.clone(), Value::Null),
    ] {
        let entry = logged(method, &path, Some(body).filter(|body| !body.is_null())).await;
        assert!(!entry.to_string().to_lowercase().contains(SECRET), "{method} {path}: {entry}");
    }
}

#[tokio::test]
async fn what_is_public_is_shown() {
    let project = format!("/v1/projects/{REF}");
    let body = json!({"jwt_exp": 60, "site_url": "https://acme.example", "smtp_host": null, "smtp_pass": "", "smtp_user": "u"});
    let entry = logged("PATCH", &auth(), Some(body.clone())).await;
    assert_eq!(entry, json!({"method": "PATCH", "path": auth(), "query": null, "status": 200, "body": body}));
    let entry = logged("POST", &secrets(), Some(json!([{"name": "A", "value": "x"}]))).await;
    assert_eq!(entry["body"], json!([{"name": "A", "value": "[secret]"}]));
    let entry = logged("DELETE", &secrets(), Some(json!(["A"]))).await;
    assert_eq!(entry["body"], json!(["A"]));
    let path = format!("{project}/health");
    let entry = logged("GET", &format!("{path}?services=auth&services=db%2Crest&timeout_ms=10"), None).await;
    assert_eq!(
        (&entry["path"], &entry["query"]),
        (&json!(path), &json!("services=auth&services=db%2Crest&timeout_ms=10"))
    );
    let entry = logged("GET", "/v1/projects/available-regions?organization_slug=acme-inc&continent=EU", None).await;
    assert_eq!(entry["query"], "organization_slug=acme-inc&continent=EU");
    // A route of the API that is not served is told by its own words.
    let path = format!("{project}/database/backups");
    assert_eq!(logged("GET", &path, None).await["path"], json!(path));
    let mapping = json!({"attribute_mapping": {"keys": {"email": {"name": "mail", "names": ["a"], "array": true}}}});
    let path = format!("{project}/config/auth/sso/providers/8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b");
    let entry = logged("PUT", &path, Some(mapping)).await;
    let keys = entry["body"]["attribute_mapping"]["keys"].clone();
    assert_eq!(keys, json!({"[masked 1]": {"name": "mail", "names": ["a"], "array": true}}));
}

/// Each setting of each kind that holds a secret, written with one.
#[tokio::test]
async fn no_secret_of_any_kind_is_shown() {
    for info in supaform::kind::infos(KINDS) {
        for field in info.all_fields().filter(|field| field.is_secret()) {
            let entry = logged("PATCH", &auth(), Some(json!({ field.name: SECRET }))).await;
            assert!(!entry.to_string().contains(SECRET), "{}: {entry}", field.name);
        }
    }
}

#[tokio::test]
async fn a_huge_body_is_told_by_its_size() {
    let long = "x".repeat(300_000);
    let entry = logged("PATCH", &auth(), Some(json!({"site_url": long}))).await;
    assert!(entry["body"].as_str().is_some_and(|body| body.ends_with(" bytes]")), "{:.80}", entry["body"].to_string());
}
