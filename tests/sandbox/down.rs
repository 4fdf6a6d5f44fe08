//! Projects that come up, are paused or are on their way: their services take no write, and say so in the words of the
//! specification.

use super::{REF, auth, secrets};
use crate::support::http::Api;
use serde_json::{Value, json};
use supaform::sandbox::Options;

fn path(rest: &str) -> String {
    format!("/v1/projects/{REF}{rest}")
}

/// A write of each resource, and what a failure of it says.
fn writes() -> Vec<(&'static str, String, Option<Value>, &'static str)> {
    let saml = json!({"type": "saml", "metadata_xml": super::sso::metadata("urn:a")});
    let everybody = json!({"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": ["::/0"]});
    vec![
        ("PATCH", auth(), Some(json!({"jwt_exp": 60})), "Failed to update project's auth config"),
        ("POST", secrets(), Some(json!([{"name": "A", "value": "b"}])), "Failed to create project's secrets"),
        ("DELETE", secrets(), Some(json!(["A"])), "Failed to delete secrets with given names"),
        ("PATCH", path("/postgrest"), Some(json!({"max_rows": 5})), "Failed to update project's postgrest config"),
        (
            "PATCH",
            path("/config/storage"),
            Some(json!({"fileSizeLimit": 5})),
            "Failed to update project's storage config",
        ),
        ("PATCH", path("/config/realtime"), Some(json!({"suspend": false})), "Internal server error"),
        (
            "PUT",
            path("/config/database/postgres"),
            Some(json!({"work_mem": "8MB"})),
            "Failed to update project's Postgres config",
        ),
        (
            "PATCH",
            path("/config/database/pooler"),
            Some(json!({"default_pool_size": 5})),
            "Failed to update project's supavisor config",
        ),
        (
            "PUT",
            path("/ssl-enforcement"),
            Some(json!({"requestedConfig": {"database": true}})),
            "Failed to update project's SSL enforcement configuration.",
        ),
        ("POST", path("/network-restrictions/apply"), Some(everybody), "Failed to update project network restrictions"),
        ("POST", path("/database/webhooks/enable"), None, "Failed to enable Database Webhooks on the project"),
        ("POST", path("/config/auth/sso/providers"), Some(saml), "Internal server error"),
        ("POST", path("/api-keys"), Some(json!({"type": "secret", "name": "worker"})), "Internal server error"),
        (
            "POST",
            path("/vanity-subdomain/activate"),
            Some(json!({"vanity_subdomain": "acme"})),
            "Failed to activate project vanity subdomain configuration",
        ),
    ]
}

#[tokio::test]
async fn writes_fail_without_effect_until_the_project_is_up() {
    for status in ["COMING_UP", "UNKNOWN", "INACTIVE", "PAUSING", "RESTORING", "INIT_FAILED", "UPGRADING", "RESIZING"] {
        let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
        api.sandbox.edit(|state| status.clone_into(&mut state.projects.get_mut(REF).unwrap().status));
        let before = api.sandbox.edit(|state| serde_json::to_value(&state.projects).unwrap());
        for (method, path, body, said) in writes() {
            let answer = api.send(method, &path, body).await;
            assert_eq!((answer.status, answer.message()), (500, said), "{status}: {method} {path}");
        }
        let after = api.sandbox.edit(|state| serde_json::to_value(&state.projects).unwrap());
        assert_eq!(after, before, "{status}");
        // The form comes first, and the platform's own part works.
        assert_eq!(api.send("PATCH", &auth(), Some(json!({"jwt_exp": "x"}))).await.status, 400, "{status}");
        assert_eq!(api.send("PATCH", &path(""), Some(json!({"name": "Renamed"}))).await.status, 200, "{status}");
        assert_eq!(api.send("POST", &path("/network-bans/retrieve"), None).await.status, 201, "{status}");
        for status in ["ACTIVE_UNHEALTHY", "ACTIVE_HEALTHY"] {
            api.sandbox.edit(|state| status.clone_into(&mut state.projects.get_mut(REF).unwrap().status));
            let answer = api.send("PATCH", &auth(), Some(json!({"jwt_exp": 60}))).await;
            assert_eq!(answer.status, 200, "{status}: {}", answer.message());
        }
    }
}

#[tokio::test]
async fn a_new_project_takes_writes_when_it_is_up() {
    let api = Api::new(Options::default());
    let new = json!({"db_pass": "password", "name": "New", "organization_slug": "acme-inc"});
    let made = api.send("POST", "/v1/projects", Some(new)).await.body.unwrap();
    let path = format!("/v1/projects/{}/config/auth", made["ref"].as_str().unwrap());
    let written = async || api.send("PATCH", &path, Some(json!({"jwt_exp": 60}))).await.status;
    assert_eq!(written().await, 500);
    api.clock.advance(std::time::Duration::from_secs(2));
    assert_eq!(written().await, 200);
}

#[tokio::test]
async fn rest_is_unhealthy_for_good_while_the_data_api_is_off() {
    let api = Api::new(Options::default());
    let health = path("/health?services=rest&services=db");
    let status = async || {
        let services = api.get(&health).await;
        [services[0]["status"].clone(), services[1]["status"].clone()]
    };
    for (schemas, expected) in [("", "UNHEALTHY"), (" ", "UNHEALTHY"), ("public", "ACTIVE_HEALTHY")] {
        api.send("PATCH", &path("/postgrest"), Some(json!({"db_schema": schemas}))).await;
        api.clock.advance(std::time::Duration::from_mins(10));
        assert_eq!(status().await, [expected, "ACTIVE_HEALTHY"], "{schemas:?}");
    }
}

#[tokio::test]
async fn a_project_is_paused_and_brought_back() {
    let api = super::on_plan("free");
    let status = async || api.get(&path("")).await["status"].as_str().unwrap().to_owned();
    let (pause, restore) = (path("/pause"), path("/restore"));
    assert_eq!(api.send("POST", &restore, None).await.status, 400, "it is not paused");
    assert_eq!(api.send("POST", &pause, None).await.status, 200);
    assert_eq!(status().await, "PAUSING");
    assert_eq!(api.send("GET", &restore, None).await.status, 400, "it is not paused yet");
    api.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(status().await, "INACTIVE");
    assert_eq!(api.get(&restore).await["available_versions"][0]["release_channel"], "ga");
    assert_eq!(api.send("POST", &restore, None).await.status, 200);
    assert_eq!(status().await, "RESTORING");
    api.clock.advance(std::time::Duration::from_secs(190));
    assert_eq!(status().await, "ACTIVE_HEALTHY");
    assert_eq!(api.send("POST", &pause, None).await.status, 400, "it was brought back a moment ago");
    api.clock.advance(std::time::Duration::from_mins(5));
    assert_eq!(api.send("POST", &pause, None).await.status, 200);
}

#[tokio::test]
async fn a_project_that_is_paid_for_is_not_paused_but_its_branches_are() {
    let api = super::on_plan("team");
    let refused = api.send("POST", &path("/pause"), None).await;
    assert!(
        refused.status == 400 && refused.message().starts_with("Project is not free-tier."),
        "{}",
        refused.message()
    );
    let made = api.send("POST", &path("/branches"), Some(json!({"branch_name": "staging"}))).await.body.unwrap();
    api.clock.advance(std::time::Duration::from_mins(1));
    let of_branch = format!("/v1/projects/{}/pause", made["project_ref"].as_str().unwrap());
    assert_eq!(api.send("POST", &of_branch, None).await.status, 200);
    api.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(api.get(&path("/branches")).await[1]["preview_project_status"], "INACTIVE");
}
