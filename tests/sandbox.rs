//! The sandbox against the facts: recorded answers, the specification, and the traps that were measured.
//!
//! What needs the specification looks for it in `../shared/api`, and is ignored unless it is asked for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api_keys;
mod branches;
mod down;
mod faults;
mod gates;
mod history;
mod hostile;
mod kept;
mod log;
mod push;
mod queries;
mod reading_back;
mod recorded;
mod rights;
mod signing_keys;
mod spec;
mod sso;
mod world;

use std::fs;
use std::path::PathBuf;

use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::{Options, Switches};

const REF: &str = "quickstartquickstart";

fn auth() -> String {
    format!("/v1/projects/{REF}/config/auth")
}

fn secrets() -> String {
    format!("/v1/projects/{REF}/secrets")
}

/// A file of the facts.
fn facts(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/api").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// SAML is switched on.
fn with_saml(api: &Api) {
    api.sandbox.edit(|state| {
        state.projects.get_mut(REF).unwrap().auth.insert("saml_enabled".to_owned(), true.into());
    });
}

fn on_plan(plan: &str) -> Api {
    let api = Api::new(Options::default());
    api.sandbox.edit(|state| plan.clone_into(&mut state.organizations.get_mut("acme-inc").unwrap().plan));
    api
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn an_untouched_project_shows_what_was_recorded() {
    let fresh = facts("fresh-project-auth.json");
    let shown = Api::new(Options::default()).get(&auth()).await;
    for (name, value) in fresh.as_object().unwrap() {
        assert_eq!(shown.get(name), Some(value), "{name}");
    }
    let more: Vec<_> = shown.as_object().unwrap().keys().filter(|name| fresh.get(*name).is_none()).collect();
    assert_eq!(more, ["nimbus_oauth_email_optional"], "the specification requires it, no recorded answer has it");
}

/// The schema of a success of an operation, as a schema that the judge understands.
fn success_schema(spec: &Value, path: &str, method: &str, status: u16) -> Option<Value> {
    let answers = spec.pointer(&format!("/paths/{}/{method}/responses", path.replace('~', "~0").replace('/', "~1")))?;
    // The specification knows 200 where the wire says 201 for some.
    let answer = answers.get(status.to_string()).or_else(|| answers.get("200")).or_else(|| answers.get("201"))?;
    let mut schema = answer.pointer("/content/application~1json/schema")?.clone();
    as_draft(&mut schema);
    Some(schema)
}

/// `nullable` and open enums of OpenAPI 3.0 as JSON Schema.
fn as_draft(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(as_draft);
            // Open enums list a part only; ids of add-ons are such, in several lists.
            if members.remove("x-open-enum").is_some() {
                members.remove("enum");
                members.remove("anyOf");
            }
            if members.remove("nullable") == Some(Value::Bool(true)) {
                let inner = Value::Object(std::mem::take(members));
                *schema = json!({"anyOf": [inner, {"type": "null"}]});
            }
        }
        Value::Array(items) => items.iter_mut().for_each(as_draft),
        _ => {}
    }
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn every_answer_is_as_the_specification_says() {
    let spec = facts("openapi-current.json");
    let api = Api::new(Options::default());
    with_saml(&api);
    let provider = sso::made(&api, &json!({"type": "saml", "metadata_xml": sso::metadata("urn:a")})).await;
    let issuer = api.send("POST", &sso::issuers(), Some(json!({"custom_jwks": {"keys": []}}))).await;
    let issuer = format!("{}/{}", sso::issuers(), issuer.body.unwrap()["id"].as_str().unwrap());
    let create =
        json!({"db_pass": "password", "name": "Another", "organization_slug": "acme-inc", "region": "us-east-1"});
    let made = api.send("POST", "/v1/projects", Some(create.clone())).await;
    assert_eq!(made.status, 201);
    let other = made.body.unwrap()["ref"].as_str().unwrap().to_owned();
    api.clock.advance(std::time::Duration::from_secs(3));
    let project = format!("/v1/projects/{REF}");
    let key = format!("{project}/api-keys/{}", api_keys::first().await);
    let calls: Vec<(&str, &str, String, Option<Value>, u16)> = vec![
        ("GET", "/v1/profile", "/v1/profile".into(), None, 200),
        ("GET", "/v1/organizations", "/v1/organizations".into(), None, 200),
        ("GET", "/v1/organizations/{slug}", "/v1/organizations/acme-inc".into(), None, 200),
        ("GET", "/v1/organizations/{slug}/entitlements", "/v1/organizations/acme-inc/entitlements".into(), None, 200),
        ("GET", "/v1/organizations/{slug}/projects", "/v1/organizations/acme-inc/projects?limit=1".into(), None, 200),
        ("GET", "/v1/projects", "/v1/projects".into(), None, 200),
        (
            "POST",
            "/v1/projects",
            "/v1/projects".into(),
            Some(json!({"db_pass": "password", "name": "Third", "organization_slug": "acme-inc"})),
            201,
        ),
        ("GET", "/v1/projects/{ref}", project.clone(), None, 200),
        ("PATCH", "/v1/projects/{ref}", project.clone(), Some(json!({"name": "Renamed"})), 200),
        ("GET", "/v1/projects/{ref}/health", format!("{project}/health?services=auth&services=db,pooler"), None, 200),
        ("GET", "/v1/projects/{ref}/api-keys", format!("{project}/api-keys?reveal=true"), None, 200),
        (
            "POST",
            "/v1/projects/{ref}/api-keys",
            format!("{project}/api-keys"),
            Some(json!({"type": "secret", "name": "worker"})),
            201,
        ),
        ("GET", "/v1/projects/{ref}/api-keys/{id}", key.clone(), None, 200),
        ("PATCH", "/v1/projects/{ref}/api-keys/{id}", key.clone(), Some(json!({"name": "renamed"})), 200),
        ("DELETE", "/v1/projects/{ref}/api-keys/{id}", key, None, 200),
        ("GET", "/v1/projects/{ref}/api-keys/legacy", format!("{project}/api-keys/legacy"), None, 200),
        ("PUT", "/v1/projects/{ref}/api-keys/legacy", format!("{project}/api-keys/legacy?enabled=false"), None, 200),
        ("GET", "/v1/projects/{ref}/billing/addons", format!("{project}/billing/addons"), None, 200),
        (
            "PATCH",
            "/v1/projects/{ref}/config/auth",
            auth(),
            Some(json!({"jwt_exp": 60, "external_github_secret": "s"})),
            200,
        ),
        ("GET", "/v1/projects/{ref}/config/auth", auth(), None, 200),
        ("POST", "/v1/projects/{ref}/secrets", secrets(), Some(json!([{"name": "A", "value": "b"}])), 201),
        ("GET", "/v1/projects/{ref}/secrets", secrets(), None, 200),
        ("DELETE", "/v1/projects/{ref}/secrets", secrets(), Some(json!(["A", "ABSENT"])), 200),
        (
            "PUT",
            "/v1/projects/{ref}/ssl-enforcement",
            format!("{project}/ssl-enforcement"),
            Some(json!({"requestedConfig": {"database": true}})),
            200,
        ),
        ("GET", "/v1/projects/{ref}/ssl-enforcement", format!("{project}/ssl-enforcement"), None, 200),
        (
            "POST",
            "/v1/projects/{ref}/network-restrictions/apply",
            format!("{project}/network-restrictions/apply"),
            Some(json!({"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": []})),
            201,
        ),
        ("GET", "/v1/projects/{ref}/network-restrictions", format!("{project}/network-restrictions"), None, 200),
        ("GET", "/v1/projects/{ref}/postgrest", format!("{project}/postgrest"), None, 200),
        ("PATCH", "/v1/projects/{ref}/postgrest", format!("{project}/postgrest"), Some(json!({"max_rows": 5})), 200),
        ("GET", "/v1/projects/{ref}/config/database/pooler", format!("{project}/config/database/pooler"), None, 200),
        (
            "PATCH",
            "/v1/projects/{ref}/config/database/pooler",
            format!("{project}/config/database/pooler"),
            Some(json!({"default_pool_size": null})),
            200,
        ),
        (
            "PATCH",
            "/v1/projects/{ref}/config/realtime",
            format!("{project}/config/realtime"),
            Some(json!({"suspend": true})),
            204,
        ),
        ("GET", "/v1/projects/{ref}/config/realtime", format!("{project}/config/realtime"), None, 200),
        (
            "PUT",
            "/v1/projects/{ref}/config/database/postgres",
            format!("{project}/config/database/postgres"),
            Some(json!({"max_connections": 200, "restart_database": false})),
            200,
        ),
        (
            "GET",
            "/v1/projects/{ref}/config/database/postgres",
            format!("{project}/config/database/postgres"),
            None,
            200,
        ),
        (
            "POST",
            "/v1/projects/{ref}/config/auth/sso/providers",
            sso::list(),
            Some(json!({
                "type": "saml", "metadata_url": "https://idp.example.com/metadata", "domains": ["acme.com"],
                "attribute_mapping": {"keys": {"email": {"names": ["mail", "email"], "array": true, "default": "x"}}},
                "name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            })),
            201,
        ),
        ("GET", "/v1/projects/{ref}/config/auth/sso/providers", sso::list(), None, 200),
        ("GET", "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}", provider.clone(), None, 200),
        (
            "PUT",
            "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}",
            provider.clone(),
            Some(json!({"domains": ["acme.org"]})),
            200,
        ),
        ("DELETE", "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}", provider, None, 200),
        (
            "POST",
            "/v1/projects/{ref}/config/auth/third-party-auth",
            sso::issuers(),
            Some(json!({"oidc_issuer_url": "https://issuer.example.com"})),
            201,
        ),
        ("GET", "/v1/projects/{ref}/config/auth/third-party-auth", sso::issuers(), None, 200),
        ("GET", "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}", issuer.clone(), None, 200),
        ("DELETE", "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}", issuer, None, 200),
        ("GET", "/v1/projects/{ref}/config/auth/signing-keys", signing_keys::list(), None, 200),
        (
            "POST",
            "/v1/projects/{ref}/config/auth/signing-keys",
            signing_keys::list(),
            Some(signing_keys::new("ES256", signing_keys::KID)),
            201,
        ),
        ("GET", "/v1/projects/{ref}/config/auth/signing-keys/{id}", signing_keys::one(signing_keys::KID), None, 200),
        (
            "PATCH",
            "/v1/projects/{ref}/config/auth/signing-keys/{id}",
            signing_keys::one(signing_keys::KID),
            Some(json!({"status": "in_use"})),
            200,
        ),
        ("GET", "/v1/projects/{ref}/config/auth/signing-keys/legacy", signing_keys::one("legacy"), None, 200),
        (
            "PATCH",
            "/v1/projects/{ref}/config/database/postgres",
            format!("{project}/config/database/postgres"),
            Some(json!({"work_mem": "8MB", "restart_database": false})),
            200,
        ),
        (
            "PATCH",
            "/v1/projects/{ref}/network-restrictions",
            format!("{project}/network-restrictions"),
            Some(json!({"add": {"dbAllowedCidrs": ["203.0.113.0/24"]}})),
            200,
        ),
        (
            "PATCH",
            "/v1/projects/{ref}/config/storage",
            format!("{project}/config/storage"),
            Some(json!({"fileSizeLimit": 1, "features": {"s3Protocol": {"enabled": false}}})),
            200,
        ),
        ("GET", "/v1/projects/{ref}/config/storage", format!("{project}/config/storage"), None, 200),
        (
            "POST",
            "/v1/projects/{ref}/database/webhooks/enable",
            format!("{project}/database/webhooks/enable"),
            None,
            201,
        ),
        ("POST", "/v1/projects/{ref}/network-bans/retrieve", format!("{project}/network-bans/retrieve"), None, 201),
        ("GET", "/v1/projects/{ref}/vanity-subdomain", format!("{project}/vanity-subdomain"), None, 200),
        (
            "POST",
            "/v1/projects/{ref}/vanity-subdomain/check-availability",
            format!("{project}/vanity-subdomain/check-availability"),
            Some(json!({"vanity_subdomain": "acme"})),
            201,
        ),
        (
            "POST",
            "/v1/projects/{ref}/vanity-subdomain/activate",
            format!("{project}/vanity-subdomain/activate"),
            Some(json!({"vanity_subdomain": "acme"})),
            201,
        ),
        ("GET", "/v2/projects/{ref}/config", format!("/v2/projects/{REF}/config"), None, 200),
        ("DELETE", "/v1/projects/{ref}", format!("/v1/projects/{other}"), None, 200),
    ];
    for (method, template, path, body, status) in calls {
        let answer = api.send(method, &path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {:?}", answer.body);
        assert_eq!(answer.body.is_none(), answer.headers.get("content-type").is_none(), "{method} {path}");
        for name in ["x-gotrue-id", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
            assert!(answer.headers.contains_key(name), "{method} {path} has no {name}");
        }
        let Some(schema) = success_schema(&spec, template, &method.to_lowercase(), status) else { continue };
        let judge = jsonschema::draft7::new(&schema).expect("a schema");
        let body = answer.body.unwrap_or_default();
        let faults: Vec<String> =
            judge.iter_errors(&body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{method} {template}:\n{}", faults.join("\n"));
    }
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn recorded_exchanges_of_secrets_and_tls_are_answered_alike() {
    let api = Api::new(Options::default());
    for (operation, numbers) in [
        ("POST_v1_projects___PROJECT_REF___secrets", &["default", "2"][..]),
        ("DELETE_v1_projects___PROJECT_REF___secrets", &["default", "2"]),
        ("PUT_v1_projects___PROJECT_REF___ssl_enforcement", &["default", "2"]),
        ("PUT_v1_projects___PROJECT_REF___config_database_postgres", &["default"]),
    ] {
        for number in numbers {
            let request = facts(&format!("recorded/{operation}/{number}.request.json"));
            let response = facts(&format!("recorded/{operation}/{number}.response.json"));
            let path = request["path"].as_str().unwrap().replace("__PROJECT_REF__", REF);
            let body = Some(request["body"].clone()).filter(|body| !body.is_null());
            let answer = api.send(request["method"].as_str().unwrap(), &path, body).await;
            assert_eq!(u64::from(answer.status), response["status"].as_u64().unwrap(), "{operation}/{number}");
            let recorded = &response["body"];
            assert_eq!(answer.body.unwrap_or_default(), *recorded, "{operation}/{number}");
        }
    }
}

#[tokio::test]
async fn tokens_hosts_and_unknown_routes() {
    let api = Api::new(Options::default());
    let request = |host: &str, token: Option<&str>, path: &str| {
        let mut request = http::Request::builder().uri(path).header("host", host);
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        request.body(axum::body::Body::empty()).unwrap()
    };
    for token in [None, Some("Bearer nonsense"), Some("Basic abc"), Some("")] {
        let answer = api.raw(request("localhost", token, "/v1/projects")).await;
        assert_eq!((answer.status, answer.message()), (401, "JWT could not be decoded"), "{token:?}");
    }
    let answer = api.send("GET", "/v1/nonsense", None).await;
    assert_eq!((answer.status, answer.message()), (404, "Cannot GET /v1/nonsense"));
    for host in ["evil.example.com", "127.0.0.1.evil.example.com", "localhost.evil.example.com:80", ""] {
        assert_eq!(api.raw(request(host, None, "/v1/projects")).await.status, 403, "{host}");
    }
    for host in ["127.0.0.1:8080", "localhost", "[::1]:80"] {
        assert_eq!(api.raw(request(host, None, "/v1/projects")).await.status, 401, "{host}");
    }
}

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
async fn projects_are_made_once_and_gone_for_good() {
    let api = Api::new(Options::default());
    let create = |name: &str| json!({"db_pass": "password", "name": name, "organization_slug": "acme-inc", "region": "eu-central-1"});
    let made = api.send("POST", "/v1/projects", Some(create("New"))).await;
    let body = made.body.unwrap();
    assert_eq!((made.status, body["status"].as_str()), (201, Some("UNKNOWN")));
    let path = format!("/v1/projects/{}", body["ref"].as_str().unwrap());
    assert_eq!(api.get(&path).await["status"], "COMING_UP");
    assert_eq!(api.send("DELETE", &path, None).await.message(), "Project not ready for deletion.");
    api.clock.advance(std::time::Duration::from_secs(2));
    assert_eq!(api.get(&path).await["status"], "ACTIVE_HEALTHY");
    let again = api.send("POST", "/v1/projects", Some(create("New"))).await;
    assert_eq!(
        (again.status, again.message()),
        (400, "Project with name \"New\" already exists in your organization.")
    );
    assert_eq!(api.send("DELETE", &path, None).await.status, 200);
    for gone in [path.clone(), format!("{path}/config/auth"), format!("{path}/secrets")] {
        let answer = api.send("GET", &gone, None).await;
        assert_eq!((answer.status, answer.message()), (400, "Resource has been removed"));
    }
    for (change, said) in [
        (
            json!({"name": "x", "organization_slug": "acme-inc"}),
            "db_pass: Invalid input: expected string, received undefined",
        ),
        (
            json!({"db_pass": "abc", "name": "x", "organization_slug": "acme-inc"}),
            "db_pass must be longer than or equal to 4 characters",
        ),
        (
            json!({"db_pass": "abcd", "name": "x", "organization_slug": "acme-inc", "region": "moon-1"}),
            "region: Need to use one of available regions.",
        ),
        (
            json!({"db_pass": "abcd", "name": "x", "organization_slug": "acme-inc", "colour": "red"}),
            "Unrecognized key: \"colour\"",
        ),
        (
            json!({"db_pass": "abcd", "name": "x", "organization_slug": "acme-inc", "desired_instance_size": "nano"}),
            "Minimum instance size on paid plans is Micro",
        ),
    ] {
        let answer = api.send("POST", "/v1/projects", Some(change)).await;
        assert_eq!((answer.status, answer.message()), (400, said));
    }
    for (reference, status) in [("aaaaaaaaaaaaaaaaaaaa", 404), ("short", 400), ("AAAAAAAAAAAAAAAAAAAA", 400)] {
        assert_eq!(api.send("GET", &format!("/v1/projects/{reference}"), None).await.status, status, "{reference}");
    }
}

#[tokio::test]
async fn limits_are_per_route_and_told_in_headers() {
    let api = Api::new(Options { rate_limit: Some(2), ..Options::default() });
    let number = |answer: &crate::support::http::Answer, name: &str| {
        answer.headers[name].to_str().unwrap().parse::<u32>().unwrap()
    };
    let first = api.send("GET", "/v1/projects", None).await;
    assert_eq!((number(&first, "x-ratelimit-limit"), number(&first, "x-ratelimit-remaining")), (2, 1));
    api.send("GET", "/v1/projects", None).await;
    let third = api.send("GET", "/v1/projects", None).await;
    assert_eq!((third.status, third.message()), (429, "ThrottlerException: Too Many Requests"));
    assert_eq!(number(&third, "retry-after"), 60);
    assert_eq!(api.send("GET", "/v1/organizations", None).await.status, 200);
    api.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(api.send("GET", "/v1/projects", None).await.status, 200);
}

#[tokio::test]
async fn the_log_of_requests_has_no_secrets() {
    let api = Api::new(Options::default());
    api.send("POST", &secrets(), Some(json!([{"name": "A", "value": "hunter2"}]))).await;
    api.send("PATCH", &auth(), Some(json!({"smtp_pass": "hunter2", "jwt_exp": 60}))).await;
    api.send("POST", "/v1/projects", Some(json!({"db_pass": "hunter2", "name": "x", "organization_slug": "acme-inc"})))
        .await;
    let log = api.get("/_sandbox/requests").await;
    assert_eq!(log.as_array().unwrap().len(), 3);
    assert_eq!(log[1]["body"]["jwt_exp"], 60);
    assert!(!log.to_string().contains("hunter2"));
    assert_eq!(api.send("DELETE", "/_sandbox/requests", None).await.status, 204);
    assert_eq!(api.get("/_sandbox/requests").await, json!([]));
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
