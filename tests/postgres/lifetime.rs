//! The server and its databases: whose they are, and that nothing is left of them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use supaform::clock::JumpClock;
use supaform::sandbox::{Options, PostgresAt, Sandbox};

use super::{Test, block_on, options, rows};
use crate::support::http::Api;

pub(super) const ALL: &[Test] = &[
    ("projects_do_not_meet", || block_on(projects_do_not_meet())),
    ("only_what_was_made_is_dropped", || block_on(only_what_was_made_is_dropped())),
    ("a_server_ends_with_its_sandbox", a_server_ends_with_its_sandbox),
    ("a_server_ends_however_its_process_ends", a_server_ends_however_its_process_ends),
    ("what_cannot_be_reached_is_told_without_the_password", what_cannot_be_reached_is_told_without_the_password),
];

async fn projects_do_not_meet() {
    let (one, other) = (Api::new(options()), Api::new(options()));
    rows(&one, "create table a (b int)").await;
    assert_eq!(rows(&other, "select to_regclass('a') as it").await, json!([{"it": null}]));
    let body = json!({"db_pass": "password", "name": "n", "organization_slug": "acme-inc", "region": "us-east-1"});
    let made = one.send("POST", "/v1/projects", Some(body)).await.body.unwrap();
    let path = format!("/v1/projects/{}/database/query", made["id"].as_str().unwrap());
    let asked = || Some(json!({"query": "select to_regclass('a') as it"}));
    assert_eq!(one.send("POST", &path, asked()).await.status, 500, "it is coming up");
    one.clock.advance(Duration::from_secs(5));
    assert_eq!(one.send("POST", &path, asked()).await.body, Some(json!([{"it": null}])));
}

async fn only_what_was_made_is_dropped() {
    let (one, other) = (Api::new(options()), Api::new(options()));
    rows(&other, "create table a (b int)").await;
    // Other tests make and drop databases of their own on the same server meanwhile.
    let called = |rows: serde_json::Value| rows[0]["name"].as_str().unwrap().to_owned();
    let name = called(rows(&one, "select current_database() as name").await);
    let is_there = format!("select count(*) as n from pg_database where datname = '{name}'");
    assert_ne!(name, called(rows(&other, "select current_database() as name").await));
    assert_eq!(rows(&other, &is_there).await, json!([{"n": 1}]));
    drop(one);
    assert_eq!(rows(&other, &is_there).await, json!([{"n": 0}]));
    assert_eq!(rows(&other, "select count(*) as n from a").await, json!([{"n": 0}]));
}

fn a_server_ends_with_its_sandbox() {
    let options = Options { postgres: Some(PostgresAt::Auto), ..Options::default() };
    let sandbox = Sandbox::open(options, JumpClock::start()).unwrap();
    let folder = sandbox.socket().unwrap();
    assert!(folder.exists());
    drop(sandbox);
    assert!(!folder.exists());
}

fn a_server_ends_however_its_process_ends() {
    for signal in ["-TERM", "-KILL"] {
        crate::support::heed_signals();
        let work = tempfile::tempdir().unwrap();
        let mut served = Command::new(env!("CARGO_BIN_EXE_supaform"))
            .args(["sandbox", "--postgres", "auto"])
            .current_dir(work.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = String::new();
        BufReader::new(served.stderr.take().unwrap()).read_line(&mut told).unwrap();
        let folder = told.split_whitespace().find(|word| word.starts_with('/')).unwrap_or_else(|| panic!("{told}"));
        assert!(fs::exists(folder).unwrap());
        assert!(Command::new("kill").args([signal, &served.id().to_string()]).status().unwrap().success());
        served.wait().unwrap();
        // Killed outright, its server sees that it is gone, and goes.
        let gone = (0..300).any(|_| {
            let gone = !fs::exists(folder).unwrap();
            if !gone {
                pause();
            }
            gone
        });
        assert!(gone, "{signal}: {folder} is left");
    }
}

/// A moment of real time, in which another process goes on.
fn pause() {
    block_on(async { tokio::time::sleep(Duration::from_millis(100)).await });
}

fn what_cannot_be_reached_is_told_without_the_password() {
    for at in
        ["postgres://me:a-secret@127.0.0.1:1/db", "postgres://me:a-secret@127.0.0.1:1/db?sslmode=require", "a-secret"]
    {
        let options = Options { postgres: Some(at.parse().unwrap()), ..Options::default() };
        let told = Sandbox::open(options, JumpClock::start()).err().unwrap().to_string();
        assert!(!told.contains("a-secret") && told.contains("PostgreSQL"), "{told}");
        let ran = Command::new(env!("CARGO_BIN_EXE_supaform")).args(["sandbox", "--postgres", at]).output().unwrap();
        assert_eq!(ran.status.code(), Some(3));
        assert!(!String::from_utf8_lossy(&ran.stderr).contains("a-secret"));
    }
}
