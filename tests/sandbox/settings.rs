//! Settings and secrets: what is checked, what comes along, and how they read back.

use serde_json::{Value, json};
use supaform::sandbox::{Options, Switches};

use super::{REF, auth, on_plan, secrets};
use crate::support::http::Api;

#[tokio::test]
async fn a_patch_is_atomic_and_checked_as_the_specification_says() {
    let api = Api::new(Options::default());
    for (body, said) in [
        (json!({"jwt_exp": 604_801, "site_url": "https://x"}), "jwt_exp: Too big"),
        (json!({"jwt_exp": -1}), "jwt_exp: Too small"),
        (json!({"jwt_exp": "3600"}), "jwt_exp: Invalid input: expected number, received string"),
        (json!({"jwt_exp": 1.5}), "jwt_exp: Invalid input: expected int"),
        (json!({"disable_signup": "yes"}), "disable_signup: Invalid input: expected boolean, received string"),
        (json!({"mailer_otp_exp": null}), "mailer_otp_exp: Invalid input: expected number, received null"),
        (json!({"passkey_enabled": null}), "passkey_enabled: Invalid input: expected boolean, received null"),
        (json!({"sms_provider": "carrier-pigeon"}), "sms_provider: Invalid option"),
        (json!({"site_url": "https://a,https://b"}), "site_url: Invalid string"),
        (json!({"smtp_admin_email": "nobody"}), "smtp_admin_email: Invalid email address"),
        (json!({"smtp_port": 587}), "smtp_port: Invalid input: expected string, received number"),
        (json!({"sms_test_otp": "abc"}), "sms_test_otp: Invalid string"),
        (json!([1]), "Invalid input: expected object, received array"),
        (json!({"webauthn_rp_origins": "http://example.com"}), "webauthn_rp_origins"),
    ] {
        let answer = api.send("PATCH", &auth(), Some(body.clone())).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.message().starts_with(said), "{body}: {}", answer.message());
    }
    assert_eq!(api.get(&auth()).await["site_url"], "http://localhost:3000", "nothing of a refused patch is kept");
    // What is not known, or only shown, is accepted and ignored.
    let ignored = json!({"audit_log_disable_postgres": false, "no_such_field": 1});
    assert_eq!(api.send("PATCH", &auth(), Some(ignored)).await.status, 200);
    assert_eq!(api.get(&auth()).await["audit_log_disable_postgres"], true);
    // The stricter rows of ours bind us, not the API.
    let wide = json!({"security_refresh_token_reuse_interval": 301, "sessions_timebox": 9000.5, "smtp_host": ""});
    assert_eq!(api.send("PATCH", &auth(), Some(wide)).await.status, 200);
}

#[tokio::test]
async fn secrets_read_back_as_digests() {
    let api = Api::new(Options::default());
    api.sandbox.edit(|state| {
        let project = state.projects.remove(REF).unwrap();
        state.projects.insert("abcdefghijklmnopqrst".to_owned(), project);
    });
    let path = "/v1/projects/abcdefghijklmnopqrst/config/auth";
    let answer = api.send("PATCH", path, Some(json!({"smtp_pass": "test-secret"}))).await.body.unwrap();
    let digest = "d78b388f874132a85b8219ac18ea439577ea6b07d362326e7a0c988d690852cb";
    assert_eq!(answer["smtp_pass"], digest);
    assert_eq!(api.get(path).await["smtp_pass"], digest);
    assert_eq!(api.send("PATCH", path, Some(json!({"smtp_pass": ""}))).await.body.unwrap()["smtp_pass"], Value::Null);
}

#[tokio::test]
async fn the_answer_of_a_patch_has_nulls_where_get_has_defaults() {
    let api = Api::new(Options::default());
    let answer = api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60}))).await.body.unwrap();
    let shown = api.get(&auth()).await;
    for (name, default) in [
        ("sms_provider", json!("twilio")),
        ("security_captcha_provider", json!("hcaptcha")),
        ("rate_limit_email_sent", json!(2)),
    ] {
        assert_eq!((&answer[name], &shown[name]), (&Value::Null, &default), "{name}");
    }
}

#[tokio::test]
async fn plans_gate_templates_and_hooks() {
    let free = on_plan("free");
    let template = json!({"mailer_subjects_invite": "Hi"});
    let answer = free.send("PATCH", &auth(), Some(template.clone())).await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().starts_with("Email template modification is not available"));
    let relay = json!({
        "smtp_host": "smtp.example.com", "smtp_port": "587", "smtp_user": "u", "smtp_pass": "p",
        "smtp_admin_email": "a@example.com", "mailer_subjects_invite": "Hi",
    });
    assert_eq!(free.send("PATCH", &auth(), Some(relay)).await.status, 200, "a relay and a template in one patch");
    assert_eq!(on_plan("pro").send("PATCH", &auth(), Some(template)).await.status, 200);
    let hook = json!({"hook_mfa_verification_attempt_enabled": false});
    for (plan, status) in [("free", 400), ("pro", 400), ("team", 200), ("enterprise", 200)] {
        let answer = on_plan(plan).send("PATCH", &auth(), Some(hook.clone())).await;
        assert_eq!(answer.status, status, "{plan}: {}", answer.message());
    }
}

#[tokio::test]
async fn apples_further_ids_are_folded() {
    let further = |provider: &str| {
        json!({
            format!("external_{provider}_client_id"): "web", format!("external_{provider}_additional_client_ids"): "app, web",
        })
    };
    let api = Api::new(Options::default());
    api.send("PATCH", &auth(), Some(further("apple"))).await;
    api.send("PATCH", &auth(), Some(further("google"))).await;
    let shown = api.get(&auth()).await;
    assert_eq!(shown["external_apple_client_id"], "web,app");
    assert_eq!(shown["external_apple_additional_client_ids"], Value::Null);
    assert_eq!(shown["external_google_additional_client_ids"], "app, web", "nobody has recorded that Google's are");
    let folding =
        Api::new(Options { switches: Switches { google_folds: true, ..Switches::default() }, ..Options::default() });
    folding.send("PATCH", &auth(), Some(further("google"))).await;
    assert_eq!(folding.get(&auth()).await["external_google_client_id"], "web,app");
}

#[tokio::test]
async fn null_resets_to_the_default() {
    let api = Api::new(Options::default());
    api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60, "password_required_characters": ""}))).await;
    assert_eq!(api.get(&auth()).await["password_required_characters"], "");
    api.send("PATCH", &auth(), Some(json!({"jwt_exp": null, "password_required_characters": null}))).await;
    let shown = api.get(&auth()).await;
    assert_eq!((&shown["jwt_exp"], &shown["password_required_characters"]), (&json!(3600), &Value::Null));
}

#[tokio::test]
async fn a_mail_relay_is_all_or_nothing_and_brings_its_limit() {
    let api = Api::new(Options::default());
    let half = json!({"smtp_host": "smtp.example.com", "rate_limit_email_sent": 100, "site_url": "https://x"});
    let answer = api.send("PATCH", &auth(), Some(half)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.message(),
        "Custom SMTP required to configure SMTP_SENDER_NAME or RATE_LIMIT_EMAIL_SENT. Missing SMTP_ADMIN_EMAIL, SMTP_PORT, SMTP_USER, SMTP_PASS fields."
    );
    assert_eq!(api.get(&auth()).await["site_url"], "http://localhost:3000");
    let relay = json!({"smtp_host": "smtp.example.com", "smtp_port": "587", "smtp_user": "u", "smtp_pass": "p", "smtp_admin_email": "a@example.com"});
    api.send("PATCH", &auth(), Some(relay)).await;
    assert_eq!(api.get(&auth()).await["rate_limit_email_sent"], 30);
    assert_eq!(api.send("PATCH", &auth(), Some(json!({"smtp_sender_name": "Acme"}))).await.status, 200);
    api.send("PATCH", &auth(), Some(json!({"smtp_host": ""}))).await;
    let shown = api.get(&auth()).await;
    for name in ["smtp_host", "smtp_port", "smtp_user", "smtp_pass", "smtp_admin_email", "smtp_sender_name"] {
        assert_eq!(shown[name], Value::Null, "{name}");
    }
    assert_eq!(shown["rate_limit_email_sent"], 2);
}

#[tokio::test]
async fn tls_enforcement_restarts_the_database() {
    let api = Api::new(Options::default());
    let path = format!("/v1/projects/{REF}/ssl-enforcement");
    let health = format!("/v1/projects/{REF}/health?services=db&services=auth");
    let status = |body: Value| {
        body.as_array().unwrap().iter().map(|it| it["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for bad in
        [json!({"currentConfig": {"database": true}}), json!({"requestedConfig": {"database": "yes"}}), json!({})]
    {
        assert_eq!(api.send("PUT", &path, Some(bad)).await.status, 400);
    }
    api.send("PUT", &path, Some(json!({"requestedConfig": {"database": false}}))).await;
    assert_eq!(status(api.get(&health).await), ["ACTIVE_HEALTHY", "ACTIVE_HEALTHY"], "the same value restarts nothing");
    api.send("PUT", &path, Some(json!({"requestedConfig": {"database": true}}))).await;
    for db in ["ACTIVE_HEALTHY", "UNHEALTHY", "ACTIVE_HEALTHY"] {
        assert_eq!(status(api.get(&health).await), [db, "ACTIVE_HEALTHY"], "it begins a second later and takes one");
        api.clock.advance(std::time::Duration::from_millis(1100));
    }
}

#[tokio::test]
async fn some_lists_of_a_parked_project_are_empty() {
    let api = Api::new(Options::default());
    api.send("POST", &secrets(), Some(json!([{"name": "A", "value": "b"}]))).await;
    api.sandbox.edit(|state| "INACTIVE".clone_into(&mut state.projects.get_mut(REF).unwrap().status));
    for rest in ["api-keys", "config/database/pooler"] {
        assert_eq!(api.get(&format!("/v1/projects/{REF}/{rest}")).await, json!([]), "{rest}");
    }
    assert_eq!(api.get(&secrets()).await[0]["name"], "A", "of which that list is not known to be one");
}

#[tokio::test]
async fn secrets_are_digests_and_names_are_checked() {
    let api = Api::new(Options::default());
    api.send("POST", &secrets(), Some(json!([{"name": "FOO", "value": "bar"}, {"name": "BAZ", "value": ""}]))).await;
    let shown = api.get(&secrets()).await;
    assert_eq!(shown[1]["value"], "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9");
    for (body, said) in [
        (json!([{"name": "SUPABASE_URL", "value": "x"}]), "0.name: Secret name must not start"),
        (json!([{"name": "A", "value": "b"}, {"name": "n".repeat(257), "value": "x"}]), "1.name: Too big"),
        (json!([{"name": "A", "value": "x".repeat(24_577)}]), "0.value: Too big"),
        (json!([{"name": "A"}]), "0.value: Invalid input: expected string, received undefined"),
        (json!({"name": "A"}), "Invalid input: expected array, received object"),
    ] {
        let answer = api.send("POST", &secrets(), Some(body)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.message().starts_with(said), "{}", answer.message());
    }
    assert_eq!(api.get(&secrets()).await.as_array().unwrap().len(), 2, "a refused batch leaves nothing");
    assert_eq!(api.send("POST", &secrets(), Some(json!([{"name": "supabase_x", "value": "x"}]))).await.status, 201);
}

#[tokio::test]
async fn a_project_holds_a_hundred_secrets() {
    let api = Api::new(Options::default());
    let batch = |from: u32, to: u32| {
        Value::from((from..to).map(|n| json!({"name": format!("S{n}"), "value": "x"})).collect::<Vec<_>>())
    };
    assert_eq!(api.send("POST", &secrets(), Some(batch(0, 101))).await.status, 400);
    assert_eq!(api.send("POST", &secrets(), Some(batch(0, 100))).await.status, 201);
    assert_eq!(api.send("POST", &secrets(), Some(batch(0, 100))).await.status, 201, "the same names fit");
    let answer = api.send("POST", &secrets(), Some(batch(100, 101))).await;
    assert_eq!((answer.status, answer.message()), (400, "You can only store 100 secrets per project at maximum."));
}

#[tokio::test]
async fn settings_of_other_kinds_are_checked_as_the_specification_says() {
    let api = Api::new(Options::default());
    let path = |rest: &str| format!("/v1/projects/{REF}/{rest}");
    for (method, rest, body, said) in [
        ("PUT", "config/database/postgres", json!({"log_statement": "all"}), "Unrecognized key: \"log_statement\""),
        ("PUT", "config/database/postgres", json!({"max_connections": 0}), "max_connections: Too small"),
        ("PUT", "config/database/postgres", json!({"max_connections": null}), "max_connections: Invalid input"),
        (
            "PUT",
            "config/database/postgres",
            json!({"statement_timeout": "8 parsecs"}),
            "statement_timeout: Invalid string",
        ),
        ("PUT", "config/database/postgres", json!({"restart_database": "no"}), "restart_database: Invalid input"),
        ("PATCH", "config/realtime", json!({"max_joins_per_second": 0}), "max_joins_per_second: Too small"),
        ("PATCH", "config/realtime", json!({"suspend": null}), "suspend: Invalid input"),
        ("PATCH", "config/realtime", json!({"colour": "red"}), "Unrecognized key: \"colour\""),
        ("PATCH", "postgrest", json!({"db_pool": null}), "db_pool: Invalid input"),
        ("PATCH", "postgrest", json!({"max_rows": 1_000_001}), "max_rows: Too big"),
        ("PATCH", "config/database/pooler", json!({"default_pool_size": 3001}), "default_pool_size: Too big"),
        ("PATCH", "config/database/pooler", json!({"pool_mode": "statement"}), "pool_mode: Invalid option"),
    ] {
        let answer = api.send(method, &path(rest), Some(body.clone())).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.message().starts_with(said), "{body}: {}", answer.message());
    }
}

#[tokio::test]
async fn a_put_of_postgres_replaces_all_overrides() {
    let api = Api::new(Options::default());
    let path = format!("/v1/projects/{REF}/config/database/postgres");
    assert_eq!(api.get(&path).await, json!({}));
    api.send("PUT", &path, Some(json!({"max_connections": 200, "work_mem": "8MB", "restart_database": false}))).await;
    assert_eq!(api.get(&path).await, json!({"max_connections": 200, "work_mem": "8MB"}), "echoed as written");
    let health = format!("/v1/projects/{REF}/health?services=db");
    assert_eq!(api.get(&health).await[0]["status"], "ACTIVE_HEALTHY", "no restart was asked for");
    api.send("PUT", &path, Some(json!({"max_connections": 100}))).await;
    assert_eq!(api.get(&path).await, json!({"max_connections": 100}), "what is left out is gone");
    api.clock.advance(std::time::Duration::from_millis(1100));
    assert_eq!(api.get(&health).await[0]["status"], "UNHEALTHY", "restarting is the default");
}

#[tokio::test]
async fn networks_are_replaced_and_applied_a_moment_later() {
    let api = Api::new(Options::default());
    let path = format!("/v1/projects/{REF}/network-restrictions");
    let fresh = json!({"entitlement": "allowed", "config": {"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": ["::/0"]}, "status": "applied"});
    assert_eq!(api.get(&path).await, fresh);
    let body = json!({"dbAllowedCidrs": ["183.12.1.1/24"], "dbAllowedCidrsV6": []});
    let answer = api.send("POST", &format!("{path}/apply"), Some(body.clone())).await;
    let answered = json!({"config": body, "status": "applied", "entitlement": "allowed"});
    assert_eq!((answer.status, answer.body), (201, Some(answered)), "echoed with its host bits, and as done");
    let stored = api.get(&path).await;
    assert_eq!((&stored["status"], &stored["old_config"]), (&json!("stored"), &fresh["config"]));
    api.clock.advance(std::time::Duration::from_secs(1));
    let applied = api.get(&path).await;
    assert_eq!((applied["status"].as_str(), applied["applied_at"].is_string()), (Some("applied"), true));
    assert!(applied.get("old_config").is_none() && applied.get("updated_at").is_none(), "{applied}");
    for bad in [
        json!({"dbAllowedCidrs": ["nonsense"]}),
        json!({"dbAllowedCidrs": "0.0.0.0/0"}),
        json!({"dbAllowedCidrs": [1]}),
        json!({"dbAllowedCidrs": ["2001:db8::/32"]}),
        json!({"dbAllowedCidrsV6": ["203.0.113.0/24"]}),
        json!({"dbAllowedCidrs": ["203.0.113.0/33"]}),
    ] {
        assert_eq!(api.send("POST", &format!("{path}/apply"), Some(bad)).await.status, 400);
    }
}
