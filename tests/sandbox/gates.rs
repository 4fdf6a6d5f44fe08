//! What an organization's plan does not include is refused, and what a setting brings along is there.

use super::{REF, auth, on_plan};
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::{Options, Switches};

fn path(rest: &str) -> String {
    format!("/v1/projects/{REF}/{rest}")
}

/// A setting, and the entitlement that it takes.
fn gated() -> Vec<(&'static str, String, Value, &'static str)> {
    let patch = |body: Value, entitlement: &'static str| ("PATCH", auth(), body, entitlement);
    vec![
        patch(json!({"sessions_timebox": 24}), "auth.user_sessions"),
        patch(json!({"sessions_inactivity_timeout": 1.5}), "auth.user_sessions"),
        patch(json!({"sessions_single_per_user": true}), "auth.user_sessions"),
        patch(json!({"sessions_tags": "web"}), "auth.user_sessions"),
        patch(json!({"password_hibp_enabled": true}), "auth.password_hibp"),
        patch(json!({"db_max_pool_size": 20}), "auth.performance_settings"),
        patch(json!({"api_max_request_duration": 20}), "auth.performance_settings"),
        patch(json!({"saml_enabled": true}), "auth.saml_2"),
        patch(json!({"mfa_phone_verify_enabled": true}), "auth.mfa_phone"),
        patch(json!({"mfa_web_authn_verify_enabled": true}), "auth.mfa_web_authn"),
        ("PATCH", path("config/storage"), json!({"fileSizeLimit": 52_428_801}), "storage.max_file_size"),
        (
            "PATCH",
            path("config/storage"),
            json!({"features": {"imageTransformation": {"enabled": true}}}),
            "storage.image_transformations",
        ),
        (
            "PATCH",
            path("config/storage"),
            json!({"features": {"icebergCatalog": {"enabled": true, "maxNamespaces": 1, "maxTables": 1, "maxCatalogs": 1}}}),
            "storage.iceberg_catalog",
        ),
        (
            "PATCH",
            path("config/storage"),
            json!({"features": {"vectorBuckets": {"enabled": true, "maxBuckets": 1, "maxIndexes": 1}}}),
            "storage.vector_buckets",
        ),
        ("PATCH", path("config/realtime"), json!({"max_concurrent_users": 201}), "realtime.max_concurrent_users"),
        ("POST", path("vanity-subdomain/activate"), json!({"vanity_subdomain": "acme"}), "vanity_subdomain"),
        (
            "POST",
            "/v1/projects".to_owned(),
            json!({"db_pass": "password", "name": "New", "organization_slug": "acme-inc", "desired_instance_size": "small"}),
            "instances.compute_update_available_sizes",
        ),
    ]
}

#[tokio::test]
async fn what_entitlements_deny_is_refused() {
    for plan in ["free", "pro", "team", "enterprise"] {
        let api = on_plan(plan);
        let entitlements = api.get("/v1/organizations/acme-inc/entitlements").await;
        let listed = |key: &str| {
            let all = entitlements["entitlements"].as_array().unwrap().clone();
            all.into_iter().find(|item| item["feature"]["key"] == key).unwrap()
        };
        for (method, path, body, key) in gated() {
            let before = api.sandbox.edit(|state| serde_json::to_value(&state.projects).unwrap());
            let answer = api.send(method, &path, Some(body.clone())).await;
            if plan == "free" {
                assert_eq!(answer.status, 402, "{plan}: {body}: {}", answer.message());
                let told = answer.body.unwrap();
                assert_eq!((&told["code"], &told["error"]["feature"]), (&json!("entitlement_required"), &json!(key)));
                assert_ne!(told["message"], "");
                assert_eq!(api.sandbox.edit(|state| serde_json::to_value(&state.projects).unwrap()), before, "{body}");
            } else {
                assert!(answer.status < 300, "{plan}: {body}: {}", answer.message());
            }
            let has = listed(key)["hasAccess"].as_bool().unwrap();
            assert!(has || plan == "free", "{plan}: {key}");
        }
    }
}

/// A client that sends everything, as it is by itself, is not refused.
#[tokio::test]
async fn what_is_off_may_be_sent_on_any_plan() {
    let free = on_plan("free");
    let off = json!({
        "sessions_timebox": 0, "sessions_inactivity_timeout": 0, "sessions_single_per_user": false, "sessions_tags": null,
        "password_hibp_enabled": false, "db_max_pool_size": 10, "db_max_pool_size_unit": "connections",
        "api_max_request_duration": 10, "saml_enabled": false, "mfa_phone_enroll_enabled": false,
        "mfa_phone_verify_enabled": false, "mfa_phone_otp_length": 6, "mfa_phone_max_frequency": 5,
        "mfa_phone_template": "Your code is {{ .Code }}", "mfa_web_authn_verify_enabled": false,
    });
    let answer = free.send("PATCH", &auth(), Some(off)).await;
    assert_eq!(answer.status, 200, "{}", answer.message());
    let storage = free.get(&path("config/storage")).await;
    assert_eq!(storage["features"]["imageTransformation"]["enabled"], false);
    let back = json!({"features": storage["features"], "fileSizeLimit": storage["fileSizeLimit"]});
    assert_eq!(free.send("PATCH", &path("config/storage"), Some(back)).await.status, 200);
}

#[tokio::test]
async fn limits_of_realtime_above_the_plan_are_a_switch() {
    let switches = Switches { realtime_above_plan: true, ..Switches::default() };
    for (options, status) in [(Options::default(), 402), (Options { switches, ..Options::default() }, 204)] {
        let body = json!({"max_concurrent_users": 10_001});
        assert_eq!(Api::new(options).send("PATCH", &path("config/realtime"), Some(body)).await.status, status);
    }
}

#[tokio::test]
async fn second_factors_bring_their_add_ons_and_enrolling_needs_verifying() {
    let api = Api::new(Options::default());
    let selected = async || -> Vec<String> {
        let addons = api.get(&path("billing/addons")).await;
        let variants = addons["selected_addons"].as_array().unwrap().clone();
        variants.iter().map(|it| it["variant"]["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(selected().await, ["ci_micro"]);
    for (factor, variant) in [("mfa_phone", "auth_mfa_phone_default"), ("mfa_web_authn", "auth_mfa_web_authn_default")]
    {
        let [enroll, verify] = ["enroll", "verify"].map(|what| format!("{factor}_{what}_enabled"));
        let refused = api.send("PATCH", &auth(), Some(json!({ &enroll: true }))).await;
        assert_eq!(refused.status, 400);
        assert!(refused.message().contains(&verify), "{}", refused.message());
        let both = json!({ &enroll: true, &verify: true });
        assert_eq!(api.send("PATCH", &auth(), Some(both)).await.status, 200);
        assert_eq!(selected().await, ["ci_micro", variant]);
        assert_eq!(api.send("PATCH", &auth(), Some(json!({ &verify: false }))).await.status, 400, "people may enrol");
        let off = json!({ &enroll: false, &verify: false });
        assert_eq!(api.send("PATCH", &auth(), Some(off)).await.status, 200);
        assert_eq!(selected().await, ["ci_micro"]);
    }
    assert_eq!(api.send("PATCH", &auth(), Some(json!({"mfa_totp_verify_enabled": false}))).await.status, 400);
    let off = json!({"mfa_totp_verify_enabled": false, "mfa_totp_enroll_enabled": false});
    assert_eq!(api.send("PATCH", &auth(), Some(off)).await.status, 200);
}

#[tokio::test]
async fn keys_and_secrets_have_their_forms() {
    let api = Api::new(Options::default());
    let secret = api.get(&path("postgrest")).await["jwt_secret"].as_str().unwrap().to_owned();
    let decoded = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &secret).unwrap();
    assert_eq!(decoded.len(), 64);
    let listed = api.get(&path("api-keys?reveal=true")).await;
    for key in listed.as_array().unwrap() {
        let text = |name: &str| key[name].as_str().unwrap();
        assert_eq!(text("hash").len(), 43, "{key}");
        let kind = text("type");
        if kind == "legacy" {
            assert_eq!((text("prefix").len(), text("id")), (5, text("name")));
            continue;
        }
        assert_eq!(text("prefix").len(), format!("sb_{kind}_").len() + 5, "{key}");
        assert!(text("prefix").starts_with(&format!("sb_{kind}_")) && text("api_key").starts_with(text("prefix")));
        assert_eq!(text("api_key").len(), text("prefix").len() + 26, "{key}");
    }
    let hidden = api.get(&path("api-keys")).await;
    let shown = |kind: &str| {
        let key = hidden.as_array().unwrap().iter().find(|key| key["type"] == kind).unwrap();
        key["api_key"].as_str().unwrap().contains('\u{b7}')
    };
    assert_eq!(["secret", "publishable", "legacy"].map(shown), [true, false, false]);
}

#[tokio::test]
async fn labels_are_labels() {
    let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
    for (label, status) in [
        ("acme", 201),
        ("a", 201),
        ("a-1", 201),
        ("", 400),
        ("a.b", 400),
        ("-a", 400),
        ("a-", 400),
        ("A", 400),
        ("ä", 400),
    ] {
        for rest in ["check-availability", "activate"] {
            let body = json!({"vanity_subdomain": label});
            let answer = api.send("POST", &path(&format!("vanity-subdomain/{rest}")), Some(body)).await;
            assert_eq!(answer.status, status, "{rest}: {label}");
        }
    }
}
