//! The history of migrations, and what a sandbox without PostgreSQL does with SQL.

use http::Request;
use serde_json::{Value, json};
use supaform::sandbox::{IdempotencyKeys, MigrationSwitches, Options, SameSecond, Switches, TOKEN, TokenRights};

use super::REF;
use crate::support::http::Api;

fn path(rest: &str) -> String {
    format!("/v1/projects/{REF}/database/{rest}")
}

async fn apply(api: &Api, name: &str, key: &str) -> u16 {
    let body = json!({"query": "create table a (b int)", "name": name, "rollback": "drop table a"});
    let request = Request::post(path("migrations"))
        .header("host", "localhost")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    api.raw(request.body(body.to_string().into()).unwrap()).await.status
}

async fn rows(api: &Api) -> Vec<Value> {
    api.get(&path("migrations")).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_api_stamps_migrations_by_its_own_clock_and_runs_a_key_once() {
    let api = Api::new(Options::default());
    assert_eq!(rows(&api).await, [] as [Value; 0]);
    assert_eq!(apply(&api, "first", "a").await, 200);
    assert_eq!(apply(&api, "first", "a").await, 200, "the same answer, and nothing is run");
    assert_eq!(apply(&api, "second", "b").await, 200, "within the same second");
    let all = rows(&api).await;
    let expected = [("20260101000000", "first"), ("20260101000001", "second")];
    assert_eq!(all, expected.map(|(version, name)| json!({"version": version, "name": name})));
    let one = api.get(&path("migrations/20260101000000")).await;
    assert_eq!(one["statements"], json!(["create table a (b int)"]));
    assert_eq!((&one["idempotency_key"], &one["rollback"]), (&json!("a"), &json!(["drop table a"])));
    assert_eq!(api.send("GET", &path("migrations/x"), None).await.status, 400);
    assert_eq!(api.send("GET", &path("migrations/1"), None).await.status, 404);
    let renamed = api.send("PATCH", &path("migrations/20260101000000"), Some(json!({"name": "renamed"}))).await;
    assert_eq!((renamed.status, renamed.body), (200, None));
    assert_eq!(rows(&api).await[0]["name"], "renamed");
    assert_eq!(api.send("DELETE", &path("migrations?gte=20260101000001"), None).await.status, 200);
    assert_eq!(rows(&api).await.len(), 1);
    assert_eq!(api.send("DELETE", &path("migrations"), None).await.status, 400);
}

#[tokio::test]
async fn what_is_open_about_keys_and_seconds_are_switches() {
    let migrations = MigrationSwitches {
        same_second: SameSecond::Conflict,
        idempotency: IdempotencyKeys::Conflict,
        ..MigrationSwitches::default()
    };
    let switches = Switches { migrations, ..Switches::default() };
    let api = Api::new(Options { switches, ..Options::default() });
    assert_eq!(apply(&api, "first", "a").await, 200);
    assert_eq!(apply(&api, "first", "a").await, 409);
    assert_eq!(apply(&api, "second", "b").await, 409);
    assert_eq!(rows(&api).await.len(), 1);
}

#[tokio::test]
async fn without_postgresql_other_sql_is_refused_in_clear_words() {
    let api = Api::new(Options::default());
    let run = async |route: &str, query: &str| api.send("POST", &path(route), Some(json!({ "query": query }))).await;
    let refused = run("query", "create table a (b int)").await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("has no PostgreSQL") && refused.message().contains("--postgres"));
    let asked = run("query/read-only", "select * from supabase_migrations.schema_migrations").await;
    assert!(asked.message().starts_with("Failed to run sql query: ERROR:  42P01: "), "{}", asked.message());
    let text = "create table a (b int);\ncreate schema if not exists supabase_migrations;\n\
        create table if not exists supabase_migrations.schema_migrations (version text not null primary key);\n\
        insert into supabase_migrations.schema_migrations(version, name, statements) values ('1', 'a', array['x']);\n";
    let written = run("query/read-only", text).await;
    assert!(written.message().contains("25006"), "{}", written.message());
    let recorded = run("query", text).await;
    assert_eq!((recorded.status, recorded.body), (201, Some(json!([]))));
    assert_eq!(rows(&api).await, [json!({"version": "1", "name": "a"})]);
    assert!(run("query", text).await.message().contains("23505"), "a version is recorded once");
    // A token that may only read is served what reads, and refused what writes.
    api.sandbox.edit(|state| {
        let permissions = vec!["database_read".to_owned()];
        state.token = Some(TokenRights { permissions, ..TokenRights::default() });
    });
    assert_eq!(run("query", "select 1").await.body, Some(json!([{"?column?": 1}])));
    assert!(run("query", &text.replace("'1'", "'2'")).await.message().contains("25006"));
}
