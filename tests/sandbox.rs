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
mod settings;
mod signing_keys;
mod spec;
mod sso;
mod world;

use std::fs;
use std::path::PathBuf;

use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::Options;

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
