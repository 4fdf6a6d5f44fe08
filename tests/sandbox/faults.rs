//! Faults as data, the log of what clients sent, and what stands around the routes.

use std::time::Duration;

use serde_json::{Value, json};
use supaform::clock::Clock as _;
use supaform::sandbox::{Fault, Options, Rule};

use super::{REF, auth, secrets};
use crate::support::http::Api;

const GET_PROJECT: &str = "GET /v1/projects/{ref}";

fn with(route: &str, nth: u32, times: u32, fault: Fault) -> Api {
    let api = Api::new(Options::default());
    let rule = Rule { route: route.to_owned(), project: None, nth, times, fault, seen: 0 };
    api.sandbox.edit(|state| state.faults.push(rule));
    api
}

fn project() -> String {
    format!("/v1/projects/{REF}")
}

#[tokio::test]
async fn an_answer_shows_something_else_for_some_polls() {
    let show = |pointer: &str, value: Value| Fault::Show { pointer: pointer.to_owned(), value };
    let coming_up = with(GET_PROJECT, 2, 2, show("/status", json!("COMING_UP")));
    let mut seen = vec![];
    for _ in 0..4 {
        seen.push(coming_up.get(&project()).await["status"].clone());
    }
    assert_eq!(seen, ["ACTIVE_HEALTHY", "COMING_UP", "COMING_UP", "ACTIVE_HEALTHY"]);
    let unknown = with(GET_PROJECT, 1, u32::MAX, show("/brand_new", json!({"a": 1})));
    assert_eq!(unknown.get(&project()).await["brand_new"]["a"], 1);
    assert_eq!(unknown.get(&project()).await["name"], "Acme Quickstart", "all else is as it is");
}

#[tokio::test]
async fn a_read_lags_behind_a_write() {
    let api = with("GET /v1/projects/{ref}/config/auth", 1, 2, Fault::Stale);
    assert_eq!(api.get(&auth()).await["jwt_exp"], 3600, "before any write there is only one state");
    api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60}))).await;
    assert_eq!(api.get(&auth()).await["jwt_exp"], 3600);
    assert_eq!(api.get(&auth()).await["jwt_exp"], 60, "the write itself is kept");
}

#[tokio::test]
async fn a_slow_answer_has_taken_effect() {
    let api = with("PATCH /v1/projects/{ref}/config/auth", 1, 1, Fault::Slow { ms: 9000 });
    let late = api.clock.now() + Duration::from_secs(9);
    assert_eq!(api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60}))).await.status, 200);
    assert_eq!(api.clock.now(), late);
    assert_eq!(api.get(&auth()).await["jwt_exp"], 60);
}

#[tokio::test]
async fn every_request_is_logged_and_strangers_learn_nothing() {
    let api = Api::new(Options { rate_limit: Some(1), ..Options::default() });
    let body = json!([{"name": "A", "value": "hunter2"}]);
    let stranger = http::Request::builder().method("POST").uri(secrets()).header("host", "localhost");
    let stranger = stranger.body(axum::body::Body::from(body.to_string())).unwrap();
    let refused = api.raw(stranger).await;
    assert_eq!((refused.status, refused.headers.get("x-gotrue-id")), (401, None));
    assert!(api.send("GET", "/v1/nonsense", None).await.headers.get("x-gotrue-id").is_none());
    for _ in 0..2 {
        let answer = api.send("POST", &secrets(), Some(body.clone())).await;
        assert!(answer.headers.contains_key("x-gotrue-id"), "{}", answer.status);
    }
    let log = api.get("/_sandbox/requests").await;
    let statuses: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [401, 404, 201, 429]);
    assert!(!log.to_string().contains("hunter2"), "{log}");
}

#[tokio::test]
async fn reads_say_that_tls_enforcement_is_not_applied_yet() {
    let api = Api::new(Options::default());
    let path = format!("{}/ssl-enforcement", project());
    api.send("PUT", &path, Some(json!({"requestedConfig": {"database": true}}))).await;
    assert_eq!(api.get(&path).await, json!({"currentConfig": {"database": true}, "appliedSuccessfully": false}));
    api.clock.advance(Duration::from_secs(1));
    assert_eq!(api.get(&path).await, json!({"currentConfig": {"database": true}, "appliedSuccessfully": true}));
}

#[tokio::test]
async fn nobody_else_is_served() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = Api::new(Options::default()).sandbox.serve(listener).await.unwrap_err();
    assert!(refused.to_string().contains("no loopback address"), "{refused}");
}
