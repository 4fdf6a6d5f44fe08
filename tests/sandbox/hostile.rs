//! Requests that no good client sends: each is refused in the API's way, none breaks anything.

use std::time::Duration;

use super::{REF, auth, secrets};
use crate::support::http::{Answer, Api};
use axum::body::Body;
use serde_json::json;
use supaform::sandbox::{Options, TOKEN};

async fn raw(api: &Api, method: &str, path: &str, kind: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = http::Request::builder().method(method).uri(path).header("host", "localhost");
    request = request.header("authorization", format!("Bearer {TOKEN}"));
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    api.raw(request.body(body.into()).unwrap()).await
}

fn api() -> Api {
    Api::new(Options { rate_limit: Some(0), ..Options::default() })
}

const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_with_a_word() {
    let api = api();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"{\"jwt_exp\": }".to_vec(),
        b"nonsense".to_vec(),
        b"{\"jwt_exp\": 1e999}".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"{\"a\": \"\xff\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{}{}".to_vec(),
        b"{\"a\": \"\\ud800\"}".to_vec(),
        deep.into_bytes(),
    ];
    for body in bodies {
        let answer = raw(&api, "PATCH", &auth(), JSON, body.clone()).await;
        assert_eq!(answer.status, 400, "{:.60}", String::from_utf8_lossy(&body));
        assert_ne!(answer.message(), "");
    }
    for body in ["null", "true", "1", "\"x\"", "[]"] {
        let answer = raw(&api, "PATCH", &auth(), JSON, body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.message().starts_with("Invalid input: expected object, received "), "{}", answer.message());
    }
    assert_eq!(api.get(&auth()).await["jwt_exp"], 3600);
}

#[tokio::test]
async fn a_body_of_another_content_type_is_no_body() {
    let api = api();
    let body = json!({"jwt_exp": 60}).to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data; boundary=x"]
    {
        let answer = raw(&api, "PATCH", &auth(), Some(kind), body.clone()).await;
        assert_eq!(answer.message(), "Invalid input: expected object, received undefined", "{kind}");
    }
    assert_eq!(raw(&api, "PATCH", &auth(), JSON, Body::empty()).await.status, 400, "none at all");
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=UTF-8"] {
        assert_eq!(raw(&api, "PATCH", &auth(), Some(kind), body.clone()).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_told_so() {
    let api = api();
    let project = format!("/v1/projects/{REF}");
    for (method, path, status) in [
        ("GET", format!("{project}/"), 200),
        ("GET", format!("{project}//"), 404),
        ("GET", format!("//v1/projects/{REF}"), 404),
        ("GET", format!("/v1//projects/{REF}"), 404),
        ("GET", "/".into(), 404),
        ("GET", "/v1".into(), 404),
        ("GET", "/v3/projects".into(), 404),
        ("GET", format!("/v1/projects/%71{}", REF.trim_start_matches('q')), 200),
        ("GET", "/v1/projects/%".into(), 400),
        ("GET", "/v1/projects/%00".into(), 400),
        ("GET", format!("/v1/projects/{REF}%2Fsecrets"), 400),
        ("GET", "/v1/projects/..%2F..%2Fetc".into(), 400),
        ("GET", format!("/v1/projects/{}", "%C3%A4".repeat(20)), 400),
        ("GET", format!("/v1/projects/{}", "a".repeat(60_000)), 400),
        ("GET", format!("{project}?{}", "a=b&".repeat(15_000)), 200),
        ("HEAD", project.clone(), 200),
        ("HEAD", format!("{project}/nothing"), 404),
        ("OPTIONS", project.clone(), 404),
        ("TRACE", project.clone(), 404),
        ("PUT", project.clone(), 404),
        ("POST", auth(), 404),
        ("PUT", secrets(), 404),
        ("FROBNICATE", project.clone(), 404),
        ("GET", "/platform/projects".into(), 401),
    ] {
        let answer = raw(&api, method, &path, None, Body::empty()).await;
        assert_eq!(answer.status, status, "{method} {path:.80}: {:?}", answer.body);
        if status == 401 {
            assert_eq!(answer.message(), "Unsupported access token");
        }
        if status == 404 && method != "HEAD" {
            assert!(answer.message().starts_with(&format!("Cannot {method} /")), "{}", answer.message());
        }
    }
}

/// No method, path and body that can be made of the API's words ends in anything but an answer.
#[tokio::test]
async fn nothing_panics_or_answers_without_a_word() {
    let api = api();
    let bodies = ["", "{", "null", "[]", "{}", "[{}]", "[[]]", "[null]", "{\"name\":null}", "{\"config\":[]}"];
    let odd = [
        json!({"requestedConfig": []}),
        json!({"requestedConfig": {"database": null}}),
        json!({"dbAllowedCidrs": [null]}),
        json!({"add": [], "remove": 1}),
        json!({"features": {"icebergCatalog": []}}),
        json!({"external": null}),
        json!({"type": "saml", "domains": [1], "metadata_xml": "<"}),
        json!({"attribute_mapping": {"keys": {"a": 1}}}),
        json!({"type": "secret", "name": "", "secret_jwt_template": []}),
        json!({"jwt_exp": 1e300, "site_url": {}}),
        json!({"max_connections": -9_223_372_036_854_775_808_i64}),
        json!({"max_rows": 18_446_744_073_709_551_615_u64}),
        json!({"ipv4_addresses": {}, "requester_ip": "x"}),
        json!({"vanity_subdomain": "x".repeat(1000)}),
        json!({"custom_jwks": 1}),
        json!({"oidc_issuer_url": "https://"}),
        json!({"region_selection": []}),
    ];
    let bodies: Vec<String> =
        bodies.map(str::to_owned).into_iter().chain(odd.iter().map(ToString::to_string)).collect();
    let project = format!("/v1/projects/{REF}");
    let rests = [
        "",
        "/health",
        "/api-keys",
        "/api-keys/legacy",
        "/api-keys/x",
        "/billing/addons",
        "/config/auth",
        "/config/auth/sso/providers",
        "/config/auth/sso/providers/8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b",
        "/config/auth/third-party-auth",
        "/config/auth/third-party-auth/x",
        "/config/database/pooler",
        "/config/database/postgres",
        "/config/realtime",
        "/config/storage",
        "/network-bans",
        "/network-bans/retrieve",
        "/network-restrictions",
        "/network-restrictions/apply",
        "/postgrest",
        "/secrets",
        "/ssl-enforcement",
        "/vanity-subdomain",
        "/vanity-subdomain/activate",
        "/vanity-subdomain/check-availability",
        "/database/webhooks/enable",
    ];
    let paths = rests.iter().map(|rest| format!("{project}{rest}"));
    for path in paths.chain(["/v1/projects".into(), "/v1/organizations".into(), format!("/v2/projects/{REF}/config")]) {
        for method in ["GET", "POST", "PUT", "PATCH"] {
            for body in &bodies {
                let answer = raw(&api, method, &path, JSON, body.clone()).await;
                assert!((200..500).contains(&answer.status), "{method} {path} {body:.60}: {}", answer.status);
                if answer.status >= 400 {
                    assert_ne!(answer.message(), "", "{method} {path} {body:.60}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_huge_body_is_refused_and_many_projects_fill_no_memory() {
    let api = Api::new(Options::default());
    let huge = vec![b' '; 21 * 1024 * 1024];
    let answer = raw(&api, "PATCH", &auth(), JSON, huge).await;
    assert_eq!((answer.status, answer.message()), (413, "request entity too large"));
    for number in 0..11_000_u32 {
        let reference: String =
            (0..20).map(|at| char::from(b'a' + u8::try_from((number >> at) % 16).unwrap())).collect();
        assert_eq!(raw(&api, "GET", &format!("/v1/projects/{reference}"), None, Body::empty()).await.status, 404);
        api.clock.advance(Duration::from_millis(20));
    }
}
