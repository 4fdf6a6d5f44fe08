//! Queries and paths against the specification: which values of a parameter are refused.

use serde_json::{Value, json};
use supaform::sandbox::Options;

use super::REF;
use crate::support::http::Api;

#[tokio::test]
async fn parameters_are_held_to_their_schemas() {
    let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
    let health = |query: &str| format!("/v1/projects/{REF}/health{query}");
    let projects = |query: &str| format!("/v1/organizations/acme-inc/projects{query}");
    for (path, status) in [
        (health(""), 400),
        (health("?services="), 400),
        (health("?services=auth,,db"), 400),
        (health("?services=brain"), 400),
        (health("?services=auth&services=brain"), 400),
        (health("?services=auth&services=db"), 200),
        (health("?services=auth%2Cdb"), 200),
        (health("?services=auth,db,db_postgres_user,pg_bouncer,pooler,realtime,rest,storage"), 200),
        (health("?services=auth&timeout_ms=0"), 200),
        (health("?services=auth&timeout_ms=10000"), 200),
        (health("?services=auth&timeout_ms=10001"), 400),
        (health("?services=auth&timeout_ms=-1"), 400),
        (health("?services=auth&timeout_ms=soon"), 400),
        (projects(""), 200),
        (projects("?limit=1&offset=0"), 200),
        (projects("?limit=100&offset=1000000"), 200),
        (projects("?limit=0"), 400),
        (projects("?limit=101"), 400),
        (projects("?limit=1.5"), 400),
        (projects("?limit=many"), 400),
        (projects("?offset=-1"), 400),
        (projects("?sort=name_desc"), 200),
        (projects("?sort=size"), 400),
        (projects("?statuses=ACTIVE_HEALTHY,INACTIVE"), 200),
        ("/v1/organizations/nobody".to_owned(), 404),
        ("/v1/organizations/a%20b".to_owned(), 400),
        ("/v1/organizations/nobody/entitlements".to_owned(), 404),
        (format!("/v1/projects/{REF}/"), 200),
        (format!("/v1/projects/{}", "a".repeat(20)), 404),
        (format!("/v1/projects/{}", "a".repeat(19)), 400),
        (format!("/v1/projects/{}", "a".repeat(21)), 400),
        (format!("/v1/projects/{}", "A".repeat(20)), 400),
        (format!("/v1/projects/{}", "%C3%A4".repeat(20)), 400),
        (format!("/v1/projects/{REF}/no-such-thing"), 404),
    ] {
        let answer = api.send("GET", &path, None).await;
        assert_eq!(answer.status, status, "{path}: {:?}", answer.body);
        assert_eq!(answer.message().is_empty(), status == 200, "{path}");
    }
}

#[tokio::test]
async fn the_projects_of_an_organization_come_in_pages() {
    let api = Api::new(Options { rate_limit: Some(0), ..Options::default() });
    for name in ["Beta", "alpha", "Gamma"] {
        let body = json!({"db_pass": "password", "name": name, "organization_slug": "acme-inc", "region": "us-east-1"});
        assert_eq!(api.send("POST", "/v1/projects", Some(body)).await.status, 201);
        api.clock.advance(std::time::Duration::from_secs(1));
    }
    let names = async |query: &str| -> Vec<String> {
        let page = api.get(&format!("/v1/organizations/acme-inc/projects{query}")).await;
        page["projects"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("?sort=created_desc&limit=2").await, ["Gamma", "alpha"]);
    assert_eq!(names("?sort=created_asc&offset=3").await, ["Gamma"]);
    assert_eq!(names("?search=BET").await, ["Beta"]);
    assert_eq!(names("?statuses=COMING_UP&sort=created_asc").await, ["Gamma"], "the others are up after two seconds");
    let page: Value = api.get("/v1/organizations/acme-inc/projects?limit=2&offset=1").await;
    assert_eq!(page["pagination"], json!({"count": 4, "limit": 2, "offset": 1}));
}
