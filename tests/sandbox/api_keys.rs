//! API keys: what is shown of them, what can be changed, and the one switch of the legacy ones.

use super::REF;
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::Options;

fn path() -> String {
    format!("/v1/projects/{REF}/api-keys")
}

/// The id of a key that comes with the project.
pub(crate) async fn first() -> String {
    let keys = Api::new(Options::default()).get(&path()).await;
    let first = keys.as_array().unwrap().iter().find(|key| key["type"] == "secret").unwrap();
    first["id"].as_str().unwrap().to_owned()
}

async fn named(api: &Api, name: &str) -> Vec<Value> {
    let keys = api.get(&path()).await;
    keys.as_array().unwrap().iter().filter(|key| key["name"] == name).cloned().collect()
}

#[tokio::test]
async fn a_secret_key_is_shown_by_its_prefix_unless_it_is_revealed() {
    let api = Api::new(Options::default());
    let body = json!({"type": "secret", "name": "worker", "secret_jwt_template": {"role": "reader", "n": [1, null]}});
    let made = api.send("POST", &path(), Some(body.clone())).await;
    assert_eq!(made.status, 201);
    let made = made.body.unwrap();
    let hidden = made["prefix"].as_str().unwrap().to_owned() + &"\u{b7}".repeat(26);
    assert_eq!(made["api_key"], hidden);
    assert_eq!(made["secret_jwt_template"], body["secret_jwt_template"]);
    let one = format!("{}/{}", path(), made["id"].as_str().unwrap());
    assert_eq!(api.get(&one).await, made);
    let revealed = api.get(&format!("{one}?reveal=true")).await["api_key"].as_str().unwrap().to_owned();
    assert!(revealed.starts_with(made["prefix"].as_str().unwrap()) && !revealed.contains('\u{b7}'), "{revealed}");
    let log = api.sandbox.requests().to_string();
    assert!(!log.contains(&revealed) && log.contains("\"worker\""), "{log}");
}

#[tokio::test]
async fn two_keys_may_have_one_name() {
    let api = Api::new(Options::default());
    assert_eq!(named(&api, "default").await.len(), 2);
    for kind in ["secret", "publishable", "secret"] {
        let answer = api.send("POST", &path(), Some(json!({"type": kind, "name": "twins"}))).await;
        assert_eq!(answer.status, 201);
    }
    let ids: std::collections::BTreeSet<String> =
        named(&api, "twins").await.iter().map(|key| key["id"].to_string() + &key["api_key"].to_string()).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_never_the_type() {
    let api = Api::new(Options::default());
    let body = json!({"type": "secret", "name": "worker", "description": "old", "secret_jwt_template": {"role": "a"}});
    let made = api.send("POST", &path(), Some(body)).await.body.unwrap();
    let one = format!("{}/{}", path(), made["id"].as_str().unwrap());
    api.clock.advance(std::time::Duration::from_secs(1));
    let change = json!({"description": null, "type": "publishable"});
    let changed = api.send("PATCH", &one, Some(change)).await.body.unwrap();
    let mut expected = made.clone();
    expected["description"] = Value::Null;
    expected["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, expected);
    assert_ne!(changed["updated_at"], made["updated_at"]);
    // A publishable key stands for no token, and nobody says so.
    let body = json!({"type": "publishable", "name": "mobile", "secret_jwt_template": {"role": "a"}});
    let mobile = api.send("POST", &path(), Some(body)).await.body.unwrap();
    assert_eq!(mobile["secret_jwt_template"], Value::Null);
    assert_eq!(api.send("DELETE", &one, None).await.body, Some(changed));
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(api.send(method, &one, Some(json!({}))).await.status, 404, "{method}");
    }
}

#[tokio::test]
async fn one_switch_in_the_query_is_for_both_legacy_keys() {
    let api = Api::new(Options::default());
    let switch = format!("{}/legacy", path());
    assert_eq!(api.get(&switch).await, json!({"enabled": true}));
    for (query, status) in [("", 400), ("?enabled=", 400), ("?enabled=no", 400), ("?enabled=false", 200)] {
        // A body says nothing.
        let answer = api.send("PUT", &format!("{switch}{query}"), Some(json!({"enabled": false}))).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.message());
        assert_eq!(api.get(&switch).await, json!({"enabled": status == 400}), "{query}");
    }
    assert_eq!(named(&api, "anon").await.len(), 1, "they are listed all the same");
    assert_eq!(api.send("PUT", &format!("{switch}?enabled=true"), None).await.body, Some(json!({"enabled": true})));
}
