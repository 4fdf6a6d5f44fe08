//! Signing keys in the sandbox: which status leads to which, and which keys a project may have at once.

use serde_json::{Value, json};
use supaform::sandbox::{Eddsa, KidScope, Options, SigningKeySwitches, Switches};

use super::REF;
use crate::support::http::Api;

pub(crate) const KID: &str = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
const PRIVATE: &str = "private-part";

pub(crate) fn list() -> String {
    format!("/v1/projects/{REF}/config/auth/signing-keys")
}

pub(crate) fn one(id: &str) -> String {
    format!("{}/{id}", list())
}

/// A request for a key of each algorithm.
pub(crate) fn new(algorithm: &str, kid: &str) -> Value {
    let jwk = match algorithm {
        "ES256" => json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": "x", "y": "y", "d": PRIVATE}),
        "RS256" => {
            let d = PRIVATE;
            json!({"kty": "RSA", "kid": kid, "n": "n", "e": "AQAB", "d": d, "p": d, "q": d, "dp": d, "dq": d, "qi": d})
        }
        "EdDSA" => json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": "x", "d": PRIVATE}),
        _ => json!({"kty": "oct", "kid": kid, "k": format!("{PRIVATE}-{PRIVATE}")}),
    };
    json!({"algorithm": algorithm, "private_jwk": jwk})
}

fn api(signing_keys: SigningKeySwitches) -> Api {
    Api::new(Options { switches: Switches { signing_keys, ..Switches::default() }, ..Options::default() })
}

async fn statuses(api: &Api) -> Vec<String> {
    let keys = api.get(&list()).await["keys"].as_array().unwrap().clone();
    keys.iter()
        .map(|key| format!("{} {}", key["algorithm"].as_str().unwrap(), key["status"].as_str().unwrap()))
        .collect()
}

async fn turn(api: &Api, id: &str, status: &str) -> (u16, String) {
    let answer = api.send("PATCH", &one(id), Some(json!({ "status": status }))).await;
    (answer.status, answer.message().to_owned())
}

#[tokio::test]
async fn a_key_goes_from_standby_to_its_end() {
    let api = api(SigningKeySwitches::default());
    assert_eq!(statuses(&api).await, ["ES256 in_use", "HS256 previously_used"]);
    let made = api.send("POST", &list(), Some(new("ES256", KID))).await;
    let made = made.body.unwrap();
    assert_eq!((&made["id"], &made["status"]), (&json!(KID), &json!("standby")));
    assert_eq!(
        made["public_jwk"],
        json!({"kty": "EC", "crv": "P-256", "kid": KID, "x": "x", "y": "y", "alg": "ES256"})
    );
    for to in ["previously_used", "revoked", "standby"] {
        assert_eq!(turn(&api, KID, to).await.0, 422, "{to}");
    }
    assert_eq!(turn(&api, KID, "in_use").await.0, 200);
    assert_eq!(statuses(&api).await, ["ES256 previously_used", "HS256 previously_used", "ES256 in_use"]);
    let first = api.get(&list()).await["keys"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(turn(&api, &first, "in_use").await.0, 422, "it goes through standby");
    assert_eq!(turn(&api, &first, "revoked").await.0, 200);
    assert_eq!(api.send("DELETE", &one(&first), None).await.status, 200);
    assert_eq!(api.send("GET", &one(&first), None).await.status, 404);
    assert_eq!(api.send("DELETE", &one(KID), None).await.status, 422);
}

#[tokio::test]
async fn one_in_standby_three_of_former_times_and_each_kid_once() {
    let api = api(SigningKeySwitches { max_previous: 2, ..SigningKeySwitches::default() });
    let second = "1a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
    assert_eq!(api.send("POST", &list(), Some(new("RS256", KID))).await.status, 201);
    let other = api.send("POST", &list(), Some(new("HS256", second))).await;
    assert!(other.status == 422 && other.message().contains("already has a signing key in standby"));
    let twice = api.send("POST", &list(), Some(new("RS256", KID))).await;
    let said = format!("Signing key with kid \"{KID}\" already exists");
    assert_eq!((twice.status, twice.message()), (409, said.as_str()));
    assert_eq!(turn(&api, KID, "in_use").await.0, 200);
    assert_eq!(api.send("POST", &list(), Some(new("HS256", second))).await.status, 201);
    assert_eq!(turn(&api, second, "in_use").await.0, 422, "two are `previously_used`");
    let shared = api.get(&one(second)).await;
    assert_eq!(shared["public_jwk"], Value::Null, "a shared secret has no public part");
}

#[tokio::test]
async fn the_secret_of_former_times_is_the_last_to_go() {
    let api = api(SigningKeySwitches::default());
    let legacy = api.get(&one("legacy")).await["id"].as_str().unwrap().to_owned();
    assert_eq!(turn(&api, &legacy, "revoked").await.0, 422, "the legacy API keys are signed with it");
    let off = format!("/v1/projects/{REF}/api-keys/legacy?enabled=false");
    assert_eq!(api.send("PUT", &off, None).await.status, 200);
    assert_eq!(turn(&api, &legacy, "revoked").await.0, 200);
    assert_eq!(api.send("DELETE", &one(&legacy), None).await.status, 422);
    // A project that has not migrated it has no keys.
    api.sandbox.edit(|state| state.projects.get_mut(REF).unwrap().signing_keys = Some(vec![]));
    assert_eq!(api.send("GET", &one("legacy"), None).await.status, 404);
    assert_eq!(api.send("POST", &one("legacy"), None).await.status, 201);
    assert_eq!(statuses(&api).await, ["HS256 in_use", "ES256 standby"]);
    assert_eq!(api.send("POST", &one("legacy"), None).await.status, 409);
}

#[tokio::test]
async fn what_is_open_is_a_switch() {
    let cool = api(SigningKeySwitches { cooldown_ms: 300_000, ..SigningKeySwitches::default() });
    assert_eq!(cool.send("POST", &list(), Some(new("ES256", KID))).await.status, 201);
    assert_eq!(turn(&cool, KID, "in_use").await, (422, "Please wait until 2026-01-01T00:05:00Z".to_owned()));
    cool.clock.advance(std::time::Duration::from_mins(5));
    assert_eq!(turn(&cool, KID, "in_use").await.0, 200);
    for (eddsa, status) in [(Eddsa::Refused, 400), (Eddsa::Taken, 201)] {
        let api = api(SigningKeySwitches { eddsa, ..SigningKeySwitches::default() });
        assert_eq!(api.send("POST", &list(), Some(new("EdDSA", KID))).await.status, status, "{eddsa:?}");
    }
    for (kid_scope, status) in [(KidScope::Platform, 409), (KidScope::Project, 201)] {
        let api = api(SigningKeySwitches { kid_scope, ..SigningKeySwitches::default() });
        api.sandbox.edit(|state| {
            let mut theirs = state.projects[REF].clone();
            let key = json!({"id": KID, "algorithm": "ES256", "status": "standby"});
            theirs.signing_keys = Some(vec![serde_json::from_value(key).unwrap()]);
            state.projects.insert("theirstheirstheirsth".to_owned(), theirs);
        });
        assert_eq!(api.send("POST", &list(), Some(new("ES256", KID))).await.status, status, "{kid_scope:?}");
    }
}

#[tokio::test]
async fn a_private_part_is_checked_and_kept_nowhere() {
    let api = api(SigningKeySwitches::default());
    for (pointer, value) in [
        ("/private_jwk/kid", json!("current")),
        ("/private_jwk/kid", json!(null)),
        ("/private_jwk/d", json!(null)),
        ("/private_jwk/kty", json!("oct")),
        ("/private_jwk/crv", json!("P-384")),
        ("/private_jwk", json!("text")),
        ("/algorithm", json!("RS256")),
    ] {
        let mut body = new("ES256", KID);
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(api.send("POST", &list(), Some(body)).await.status, 400, "{pointer}");
    }
    assert_eq!(api.send("POST", &list(), Some(new("ES256", KID))).await.status, 201);
    let kept = api.sandbox.edit(|state| serde_json::to_string(state).unwrap());
    assert!(!kept.contains(PRIVATE) && !api.sandbox.requests().to_string().contains(PRIVATE));
}
