//! What a token may do: each route against the permissions that the specification lists for it.

use std::collections::BTreeSet;

use super::{REF, auth};
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::{Options, Scope, TokenRights};

fn with(permissions: &[&str], scope: Scope) -> Api {
    let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
    let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
    api.sandbox.edit(|state| state.token = Some(TokenRights { permissions, scope }));
    api
}

/// The permissions of an operation: all of them are needed.
fn listed(operation: &Value) -> Vec<String> {
    let mut ways = operation["security"].as_array().into_iter().flatten();
    let first = ways.find_map(|way| way["fga_permissions"].as_array());
    first.into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
#[ignore = "needs the API's specification (../shared/api)"]
async fn a_route_is_refused_to_a_token_without_any_of_its_permissions() {
    let spec = super::facts("openapi-v1.json");
    let mut seen = 0;
    for (template, methods) in spec["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let (method, needs) = (method.to_uppercase(), listed(operation));
            let id = "8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b";
            let path = template.replace("{ref}", REF).replace("{slug}", "acme-inc");
            let path = path.replace("{id}", id).replace("{provider_id}", id).replace("{tpa_id}", id);
            let all: Vec<&str> = needs.iter().map(String::as_str).collect();
            let answer = with(&all, Scope::User).send(&method, &path, None).await;
            if answer.message().starts_with("Cannot ") || method == "HEAD" {
                continue;
            }
            seen += 1;
            assert_ne!(answer.status, 403, "{method} {template}: {}", answer.message());
            for without in &needs {
                let rest: Vec<&str> = all.iter().copied().filter(|name| name != without).collect();
                let answer = with(&rest, Scope::User).send(&method, &path, Some(json!({}))).await;
                assert_eq!(answer.status, 403, "{method} {template} without {without}");
                assert!(answer.message().starts_with("Your account does not have the necessary privileges"));
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Every permission that the specification lists may stand in a world.
#[test]
#[ignore = "needs the API's specification (../shared/api)"]
fn permissions_of_a_world_are_those_of_the_specification() {
    let spec = super::facts("openapi-v1.json");
    let operations =
        spec["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap().values());
    let all: BTreeSet<String> = operations.flat_map(listed).collect();
    assert!(all.len() > 60);
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world.json");
    let open = |permissions: &Value| {
        let text = json!({
            "format": "supaform.sandbox", "version": 1, "organizations": {}, "projects": {},
            "token": {"permissions": permissions},
        });
        std::fs::write(&world, text.to_string()).unwrap();
        let options = Options { world: Some(world.clone()), ..Options::default() };
        supaform::sandbox::Sandbox::open(options, supaform::clock::JumpClock::start()).map(drop)
    };
    open(&json!(all)).unwrap();
    let error = open(&json!(["auth_config_raed"])).unwrap_err().to_string();
    assert!(error.contains("`auth_config_raed` is none that an operation asks for"), "{error}");
}

#[tokio::test]
async fn revealing_takes_a_permission_of_its_own() {
    let path = format!("/v1/projects/{REF}/api-keys");
    let reads = with(&["api_gateway_keys_read"], Scope::User);
    assert_eq!(reads.send("GET", &path, None).await.status, 200);
    assert_eq!(reads.send("GET", &format!("{path}?reveal=true"), None).await.status, 403);
    let reveals = with(&["api_gateway_keys_read", "api_gateway_keys_secret_read"], Scope::User);
    assert_eq!(reveals.send("GET", &format!("{path}?reveal=true"), None).await.status, 200);
}

#[tokio::test]
async fn the_token_of_an_organization_lists_no_projects_and_has_no_profile() {
    let api = with(&["projects_read", "organization_projects_read"], Scope::Organization);
    assert_eq!(api.get("/v1/projects").await, json!([]));
    assert_eq!(api.get("/v1/organizations/acme-inc/projects").await["pagination"]["count"], 1);
    let profile = api.send("GET", "/v1/profile", None).await;
    assert_eq!(profile.status, 403);
    assert_eq!(profile.message(), "This endpoint requires a user-scoped access token");
}

/// A write that is refused changes nothing, and a body that is wrong is not looked at.
#[tokio::test]
async fn a_denied_write_has_no_effect() {
    let api = with(&["auth_config_read", "auth_config_write"], Scope::User);
    for body in [json!({"jwt_exp": 60}), json!({"jwt_exp": "x"})] {
        assert_eq!(api.send("PATCH", &auth(), Some(body)).await.status, 403);
    }
    assert_eq!(api.get(&auth()).await["jwt_exp"], 3600);
}
