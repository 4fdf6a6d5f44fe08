//! `config push` of the official CLI, request by request: two of them were recorded, one after the other.
//!
//! The requests and answers are written down here, so that this is held wherever the recordings are not at hand; where
//! they are, the body of the long request is theirs, too.

use super::REF;
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::Options;

fn path(rest: &str) -> String {
    format!("/v1/projects/{REF}/{rest}")
}

/// What the push sends of the auth service's settings.
fn settings() -> Value {
    let text = r#"{
        "disable_signup": false, "external_anonymous_users_enabled": false, "external_apple_enabled": false,
        "external_email_enabled": true, "external_phone_enabled": false, "external_web3_ethereum_enabled": false,
        "external_web3_solana_enabled": false, "jwt_exp": 3600, "mailer_autoconfirm": true, "mailer_otp_exp": 3600,
        "mailer_otp_length": 6, "mailer_secure_email_change_enabled": true, "mfa_max_enrolled_factors": 10,
        "mfa_phone_enroll_enabled": false, "mfa_phone_max_frequency": 5, "mfa_phone_otp_length": 6,
        "mfa_phone_template": "Your code is {{ .Code }}", "mfa_phone_verify_enabled": false,
        "mfa_totp_enroll_enabled": false, "mfa_totp_verify_enabled": false, "mfa_web_authn_enroll_enabled": false,
        "mfa_web_authn_verify_enabled": false, "password_min_length": 8, "password_required_characters": "",
        "rate_limit_anonymous_users": 30, "rate_limit_otp": 30, "rate_limit_sms_sent": 30,
        "rate_limit_token_refresh": 150, "rate_limit_verify": 30, "rate_limit_web3": 30,
        "refresh_token_rotation_enabled": true, "security_manual_linking_enabled": false,
        "security_refresh_token_reuse_interval": 10, "security_update_password_require_reauthentication": false,
        "sessions_inactivity_timeout": 0, "sessions_timebox": 0, "site_url": "https://example.com",
        "sms_autoconfirm": false, "sms_max_frequency": 5, "sms_template": "Your code is {{ .Code }}",
        "smtp_max_frequency": 1, "uri_allow_list": "https://example.com/callback"
    }"#;
    serde_json::from_str(text).unwrap()
}

/// Reads what the push compares with; the answers that it got.
async fn reads(api: &Api) -> [Value; 6] {
    let addons = api.get(&path("billing/addons")).await;
    assert_eq!(addons["selected_addons"][0]["variant"]["id"], "ci_micro");
    assert_eq!(addons["selected_addons"].as_array().unwrap().len(), 1, "{addons}");
    let [api_settings, postgres, networks, ssl, auth, storage] = [
        "postgrest",
        "config/database/postgres",
        "network-restrictions",
        "ssl-enforcement",
        "config/auth",
        "config/storage",
    ];
    [
        api.get(&path(api_settings)).await,
        api.get(&path(postgres)).await,
        api.get(&path(networks)).await,
        api.get(&path(ssl)).await,
        api.get(&path(auth)).await,
        api.get(&path(storage)).await,
    ]
}

async fn webhooks(api: &Api) {
    let answer = api.send("POST", &path("database/webhooks/enable"), None).await;
    assert_eq!((answer.status, answer.body), (201, None));
    assert!(!answer.headers.contains_key("content-type"));
    assert_eq!(answer.headers["x-ratelimit-limit"], "120");
}

#[tokio::test]
async fn a_push_and_a_second_one_are_answered_as_recorded() {
    let api = Api::new(Options::default());
    let [postgrest, postgres, networks, ssl, auth, storage] = reads(&api).await;
    let recorded = json!({
        "db_schema": "public,graphql_public", "max_rows": 1000, "db_extra_search_path": "public, extensions", "db_pool": null,
    });
    for (name, value) in recorded.as_object().unwrap() {
        assert_eq!(&postgrest[name], value, "{name}");
    }
    assert_eq!(postgrest["jwt_secret"].as_str().unwrap().len(), 88, "64 bytes in base64");
    assert_eq!(postgres, json!({}));
    let open = json!({"entitlement": "allowed", "config": {"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": ["::/0"]}, "status": "applied"});
    assert_eq!(networks, open);
    assert_eq!(ssl, json!({"currentConfig": {"database": false}, "appliedSuccessfully": true}));
    assert_eq!(storage["fileSizeLimit"], 52_428_800);
    assert_eq!(auth["site_url"], "http://localhost:3000");
    let overrides = json!({"effective_cache_size": "768MB", "max_connections": 100, "shared_buffers": "256MB", "statement_timeout": "8s"});
    let put = api.send("PUT", &path("config/database/postgres"), Some(overrides.clone())).await;
    assert_eq!((put.status, put.body), (200, Some(overrides.clone())));
    let patched = api.send("PATCH", &path("config/auth"), Some(settings())).await;
    assert_eq!(patched.status, 200, "{}", patched.message());
    let patched = patched.body.unwrap();
    for (name, value) in settings().as_object().unwrap() {
        assert_eq!(&patched[name], value, "{name}");
    }
    for name in ["rate_limit_email_sent", "security_captcha_provider", "sms_provider"] {
        assert_eq!(patched[name], Value::Null, "{name} is null in the answer of a PATCH");
    }
    webhooks(&api).await;
    // The second push finds what the first has written, and writes nothing but the switch that nothing shows.
    let [again, postgres, networks, ssl, auth, _] = reads(&api).await;
    assert_eq!((again, postgres, networks), (postgrest, overrides, open));
    assert_eq!(ssl["currentConfig"]["database"], false);
    for (name, value) in settings().as_object().unwrap() {
        assert_eq!(&auth[name], value, "{name}");
    }
    assert_eq!(auth["sms_provider"], "twilio", "a read has the default again");
    webhooks(&api).await;
    assert!(api.sandbox.edit(|state| state.projects[REF].database_webhooks));
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn what_is_written_down_here_is_what_was_recorded() {
    let request = super::facts("recorded/PATCH_v1_projects___PROJECT_REF___config_auth/default.request.json");
    assert_eq!(request["body"], settings());
}
