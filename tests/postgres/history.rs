//! The history of migrations, which is the database's own.

use http::Method;
use serde_json::{Value, json};
use supaform::sandbox::{MigrationSwitches, Options, Switches, TablePresent};

use super::{Test, block_on, options, rows, sent};
use crate::support::http::Api;
use crate::support::scene::REF;

pub(super) const ALL: &[Test] = &[
    ("the_api_runs_records_and_takes_back", || block_on(the_api_runs_records_and_takes_back())),
    ("the_state_is_made_again_from_its_history", || block_on(the_state_is_made_again_from_its_history())),
    ("what_somebody_else_writes_is_seen", || block_on(what_somebody_else_writes_is_seen())),
    ("the_table_comes_with_the_first_migration", || block_on(the_table_comes_with_the_first_migration())),
];

const HISTORY: &str = "select version, name, statements from supabase_migrations.schema_migrations order by version";

fn migrations(below: &str) -> String {
    format!("/v1/projects/{REF}/database/migrations{below}")
}

async fn the_api_runs_records_and_takes_back() {
    let api = Api::new(options());
    assert_eq!(api.get(&migrations("")).await, json!([]));
    let post = async |method: Method, query: &str, name: &str, rollback: &str| {
        let body = json!({"query": query, "name": name, "rollback": rollback});
        api.send(method.as_str(), &migrations(""), Some(body)).await
    };
    assert_eq!(post(Method::POST, "create table a (b int);", "one", "drop table a").await.body, Some(json!([])));
    assert_eq!(post(Method::POST, "alter table a add c int", "two", "alter table a drop c").await.status, 200);
    assert_eq!(post(Method::PUT, "create table never (b int)", "three", "select 1").await.status, 200);
    let refused = post(Method::POST, "create table d (b int);\nselect nothing", "four", "").await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("42703") && refused.message().contains("LINE 2: "), "{}", refused.message());
    let asked = "select to_regclass('d') is null and to_regclass('never') is null as neither";
    assert_eq!(rows(&api, asked).await, json!([{"neither": true}]));
    let listed = api.get(&migrations("")).await;
    let named: Vec<_> = listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["one", "two", "three"]);
    let second = listed[1]["version"].as_str().unwrap();
    let body = json!({"name": "other"});
    assert_eq!(api.send("PATCH", &migrations(&format!("/{second}")), Some(body)).await.status, 200);
    let one = api.get(&migrations(&format!("/{second}"))).await;
    assert_eq!((&one["name"], &one["rollback"]), (&json!("other"), &json!(["alter table a drop c"])));
    assert_eq!(api.send("DELETE", &migrations(&format!("?gte={second}")), None).await.status, 200);
    assert_eq!(rows(&api, HISTORY).await[0]["name"], json!("one"));
    assert!(sent(&api, "select c from a").await.message().contains("42703"), "it was undone");
}

/// The database is gone with its sandbox; another one on the same state has the same tables.
async fn the_state_is_made_again_from_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || Options { state: Some(folder.path().join("state.json")), ..options() };
    let first = Api::new(kept());
    let record = "create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key, \
        statements text[], name text); insert into supabase_migrations.schema_migrations values ('1', ";
    let one = format!(
        "create table a (b int); insert into a values (1); {record} array['create table a (b int)', 'insert into a values (1)'], 'one')"
    );
    rows(&first, &one).await;
    rows(&first, "create index concurrently i on a (b)").await;
    rows(&first, "insert into supabase_migrations.schema_migrations values ('2', array['create index concurrently i on a (b)'], 'two')").await;
    rows(&first, "insert into supabase_migrations.schema_migrations values ('3', array['select nothing'], 'three')")
        .await;
    let before = rows(&first, HISTORY).await;
    first.sandbox.save().unwrap();
    drop(first);
    let second = Api::new(kept());
    assert_eq!(rows(&second, "select b, to_regclass('i') is not null as i from a").await, json!([{"b": 1, "i": true}]));
    assert_eq!(rows(&second, HISTORY).await, before);
    second.sandbox.save().unwrap();
    // Without PostgreSQL, the history is the same.
    let third = Api::new(Options { postgres: None, ..kept() });
    assert_eq!(rows(&third, HISTORY).await, before);
}

async fn what_somebody_else_writes_is_seen() {
    let api = Api::new(options());
    assert_eq!(api.get(&migrations("")).await, json!([]));
    // The platform, after a branch was merged.
    api.sandbox.edit(|state| {
        let project = state.projects.get_mut(REF).unwrap();
        let row = json!({"version": "20250101000000", "name": "merged", "statements": ["create table merged (b int)"]});
        project.migrations = serde_json::from_value(json!({"table": true, "rows": [row]})).unwrap();
    });
    assert_eq!(rows(&api, "select count(*) as n from merged").await, json!([{"n": 0}]));
    assert_eq!(api.get(&migrations("")).await[0]["name"], json!("merged"));
    // Somebody at a prompt.
    rows(&api, "update supabase_migrations.schema_migrations set name = 'repaired'").await;
    assert_eq!(api.get(&migrations("")).await[0]["name"], json!("repaired"));
    let kept = api.sandbox.edit(|state| state.projects[REF].migrations.rows[0].name.clone());
    assert_eq!(kept.as_deref(), Some("repaired"));
}

async fn the_table_comes_with_the_first_migration() {
    let lazily = Api::new(options());
    assert!(sent(&lazily, HISTORY).await.message().contains("42P01"));
    let table_present = TablePresent::Always;
    let migrations = MigrationSwitches { table_present, ..MigrationSwitches::default() };
    let always = Api::new(Options { switches: Switches { migrations, ..Switches::default() }, ..options() });
    assert_eq!(rows(&always, HISTORY).await, Value::Array(vec![]));
}
