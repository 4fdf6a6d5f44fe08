//! SSO providers and third-party auth: what is kept, what is reset and what is refused.

use super::{REF, on_plan, with_saml};
use crate::support::http::{Answer, Api};
use serde_json::{Value, json};
use supaform::sandbox::{Options, Switches};

pub(crate) fn list() -> String {
    format!("/v1/projects/{REF}/config/auth/sso/providers")
}

pub(crate) fn issuers() -> String {
    format!("/v1/projects/{REF}/config/auth/third-party-auth")
}

pub(crate) fn metadata(entity_id: &str) -> String {
    format!("<EntityDescriptor entityID=\"{entity_id}\"/>")
}

/// The path of a provider that is made.
pub(crate) async fn made(api: &Api, body: &Value) -> String {
    let answer = api.send("POST", &list(), Some(body.clone())).await;
    assert_eq!(answer.status, 201, "{}", answer.message());
    format!("{}/{}", list(), answer.body.unwrap()["id"].as_str().unwrap())
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.message())
}

#[tokio::test]
async fn they_are_there_without_saml_as_was_recorded_unless_a_switch_asks_for_it() {
    let recorded = Api::new(Options::default());
    assert_eq!(recorded.get(&super::auth()).await["saml_enabled"], false);
    assert_eq!(recorded.get(&list()).await, json!({"items": []}));
    made(&recorded, &json!({"type": "saml", "metadata_xml": metadata("urn:a")})).await;
    let free = on_plan("free");
    with_saml(&free);
    let switches = Switches { sso_needs_saml: true, ..Switches::default() };
    let gated = Api::new(Options { switches, ..Options::default() });
    for api in [gated, free] {
        let body = json!({"type": "saml", "metadata_xml": metadata("urn:a")});
        for (method, body) in [("GET", None), ("POST", Some(body))] {
            let answer = api.send(method, &list(), body).await;
            assert_eq!(refused(&answer), (404, "SAML 2.0 support is not enabled for this project"), "{method}");
        }
    }
}

/// What the two descriptions and the recorded answers know of a provider, all of it.
#[tokio::test]
async fn an_answer_has_what_any_client_knows() {
    let api = Api::new(Options::default());
    let body = json!({"type": "saml", "metadata_xml": metadata("urn:a"), "domains": ["acme.com"]});
    let one = made(&api, &body).await;
    let shown = api.get(&one).await;
    for name in ["id", "created_at", "updated_at"] {
        for part in [&shown, &shown["saml"], &shown["domains"][0]] {
            assert!(part[name].is_string(), "{name}: {part}");
        }
    }
    let ids = [&shown["id"], &shown["saml"]["id"], &shown["domains"][0]["id"]];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
    assert_eq!((&shown["disabled"], &shown["saml"]["attribute_mapping"]), (&Value::Null, &json!({})));
    assert_eq!(api.get(&one).await, shown, "and it is the same each time");
}

#[tokio::test]
async fn broken_metadata_are_refused() {
    let api = Api::new(Options::default());
    let namespace = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"";
    let entity =
        |inner: &str| format!("<md:EntityDescriptor {namespace} entityID=\"urn:a\">{inner}</md:EntityDescriptor>");
    for broken in [
        "nonsense".to_owned(),
        "<EntityDescriptor entityID=\"urn:a\">".to_owned(),
        format!("<md:EntityDescriptor {namespace}/>"),
        format!("<md:EntityDescriptor {namespace} entityID=\"\"/>"),
        "<md:EntityDescriptor entityID=\"urn:a\"/>".to_owned(),
        "<Other entityID=\"urn:a\"/>".to_owned(),
        "<!-- EntityDescriptor entityID=\"urn:a\" -->".to_owned(),
        entity("<md:SPSSODescriptor/>"),
        entity("<md:IDPSSODescriptor/><md:IDPSSODescriptor/>"),
        format!("<md:EntitiesDescriptor {namespace}>{}</md:EntitiesDescriptor>", entity("<md:SPSSODescriptor/>")),
    ] {
        let body = json!({"type": "saml", "metadata_xml": broken});
        let answer = api.send("POST", &list(), Some(body)).await;
        assert_eq!(answer.status, 400, "{broken}: {:?}", answer.body);
        assert!(answer.message().contains("etadata") || answer.message().contains("entity"), "{}", answer.message());
    }
    let whole = entity("<md:SPSSODescriptor/><md:IDPSSODescriptor/>");
    let several = format!("<md:EntitiesDescriptor {namespace}>{whole}</md:EntitiesDescriptor>");
    made(&api, &json!({"type": "saml", "metadata_xml": several})).await;
}

#[tokio::test]
async fn addresses_of_issuers_are_checked() {
    let api = Api::new(Options::default());
    for address in
        ["", "nonsense", "http://issuer.example.com", "https://localhost", "https://127.0.0.1/jwks", "https://[::1]"]
    {
        for name in ["oidc_issuer_url", "jwks_url"] {
            let answer = api.send("POST", &issuers(), Some(json!({ name: address }))).await;
            assert_eq!(answer.status, 400, "{name}: {address}");
            assert!(answer.message().starts_with(name), "{}", answer.message());
        }
    }
}

#[tokio::test]
async fn a_put_keeps_what_it_leaves_out_but_for_the_format_of_names() {
    let api = Api::new(Options::default());
    with_saml(&api);
    let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    let one = made(
        &api,
        &json!({
            "type": "saml", "metadata_xml": metadata("urn:a"), "domains": ["acme.com"], "name_id_format": format,
            "attribute_mapping": {"keys": {"email": {"name": "mail", "array": false, "names": []}}},
        }),
    )
    .await;
    let before = api.get(&one).await;
    assert_eq!(before["saml"]["name_id_format"], format);
    assert_eq!(before["saml"]["attribute_mapping"], json!({"keys": {"email": {"name": "mail"}}}));
    let listed = api.get(&list()).await;
    assert_eq!(listed["items"][0]["saml"]["metadata_xml"], "", "the list shows no metadata");
    let answer = api.send("PUT", &one, Some(json!({"attribute_mapping": {"keys": {}}}))).await;
    assert_eq!(answer.status, 200);
    let mut expected = before;
    expected["saml"].as_object_mut().unwrap().remove("name_id_format");
    assert_eq!(api.get(&one).await, expected);
    assert_eq!(api.send("PUT", &one, Some(json!({"domains": []}))).await.body.unwrap()["domains"], json!([]));
    assert_eq!(api.send("DELETE", &one, None).await.status, 200);
    for method in ["GET", "DELETE"] {
        assert_eq!(refused(&api.send(method, &one, None).await), (404, "SSO Identity Provider not found"));
    }
}

#[tokio::test]
async fn entity_ids_and_domains_belong_to_one() {
    let api = Api::new(Options::default());
    with_saml(&api);
    let first = json!({"type": "saml", "metadata_xml": metadata("urn:a"), "domains": ["acme.com"]});
    let one = made(&api, &first).await;
    let id = one.rsplit('/').next().unwrap();
    let again = api.send("POST", &list(), Some(first)).await;
    assert_eq!(refused(&again), (422, "SAML Identity Provider with this EntityID (urn:a) already exists"));
    let taken = json!({"type": "saml", "metadata_url": "https://b.example/metadata", "domains": ["ACME.com"]});
    let taken = api.send("POST", &list(), Some(taken)).await;
    let said = format!("SSO Domain 'ACME.com' is already assigned to an SSO identity provider ({id})");
    assert_eq!(refused(&taken), (400, said.as_str()));
    assert_eq!(api.send("PUT", &one, Some(json!({"domains": ["acme.com"]}))).await.status, 200, "its own");
    let other = api.send("PUT", &one, Some(json!({"metadata_xml": metadata("urn:b")}))).await;
    assert_eq!(other.status, 400, "{}", other.message());
    for body in [
        json!({"type": "saml"}),
        json!({"type": "saml", "metadata_url": "http://b.example"}),
        json!({"type": "saml", "metadata_url": "https://b.example", "metadata_xml": metadata("urn:c")}),
        json!({"type": "oidc", "metadata_xml": metadata("urn:c")}),
    ] {
        assert_eq!(api.send("POST", &list(), Some(body.clone())).await.status, 400, "{body}");
    }
    assert_eq!(api.send("GET", &format!("{}/x", list()), None).await.status, 400);
}

#[tokio::test]
async fn an_issuer_is_made_and_removed_and_may_be_there_twice() {
    let api = Api::new(Options::default());
    let body = json!({"jwks_url": "https://issuer.example.com/jwks.json"});
    for times in 1..=2 {
        let answer = api.send("POST", &issuers(), Some(body.clone())).await;
        let made = answer.body.unwrap();
        assert_eq!((answer.status, &made["type"], &made["jwks_url"]), (201, &json!("custom"), &body["jwks_url"]));
        assert_eq!(made["oidc_issuer_url"], Value::Null);
        assert!(!made["resolved_jwks"].is_null());
        assert_eq!(api.get(&issuers()).await.as_array().unwrap().len(), times);
    }
    let never = api.send("POST", &issuers(), Some(json!({"custom_jwks": {"keys": []}}))).await.body.unwrap();
    assert_eq!((&never["resolved_jwks"], &never["resolved_at"]), (&Value::Null, &Value::Null));
    let one = format!("{}/{}", issuers(), never["id"].as_str().unwrap());
    assert_eq!(api.get(&one).await, never);
    assert_eq!(api.send("PUT", &one, Some(json!({}))).await.status, 404);
    assert_eq!(api.send("DELETE", &one, None).await.body, Some(never));
    for method in ["GET", "DELETE"] {
        assert_eq!(api.send(method, &one, None).await.status, 404);
    }
    for body in [json!({}), json!({"jwks_url": "https://a", "oidc_issuer_url": "https://a"}), json!([])] {
        assert_eq!(api.send("POST", &issuers(), Some(body.clone())).await.status, 400, "{body}");
    }
}

/// What only the owner of a key knows is not kept, and so in no state that is saved.
#[tokio::test]
async fn private_parts_of_keys_are_not_kept() {
    let api = Api::new(Options::default());
    let keys = json!({"keys": [{"kty": "RSA", "n": "public", "d": "hunter2", "p": "hunter2"}, {"kty": "oct", "k": "hunter2"}]});
    let made = api.send("POST", &issuers(), Some(json!({ "custom_jwks": keys }))).await.body.unwrap();
    assert_eq!(made["custom_jwks"], json!({"keys": [{"kty": "RSA", "n": "public"}, {"kty": "oct"}]}));
    assert!(!api.sandbox.edit(|state| serde_json::to_string(state).unwrap()).contains("hunter2"));
}
