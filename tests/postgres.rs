//! SQL that is run: on a PostgreSQL that the sandbox starts from installed programs.
//!
//! Where there are none, these tests are ignored, and it is said why.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod folders;
mod history;
mod lifetime;
mod queries;

use std::process::Command;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Failed, Trial};
use supaform::clock::JumpClock;
use supaform::sandbox::{Options, PostgresAt, Sandbox};

use crate::support::http::{Answer, Api};
use crate::support::scene::REF;
use serde_json::{Value, json};

/// What they need, as the list of tests names it.
const NEEDS: &str = "needs PostgreSQL";

/// A test: its name, and what it does.
type Test = (&'static str, fn());

#[expect(clippy::print_stderr, reason = "whoever runs the tests is to see what is not run")]
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let search = "command -v initdb || ls /usr/lib/postgresql/*/bin/initdb";
    let found = Command::new("/bin/sh").args(["-c", search]).output().unwrap().status.success();
    if !found {
        eprintln!(
            "NOT RUN: what runs SQL, because no `initdb` was found; on Debian, `apt-get install postgresql` brings it"
        );
    }
    let all = [queries::ALL, folders::ALL, history::ALL, lifetime::ALL].concat();
    all.into_iter().map(move |(name, test): Test| {
        let run = move || {
            test();
            Ok::<_, Failed>(())
        };
        Trial::test(format!("postgres::{name}"), run).with_kind(NEEDS).with_ignored_flag(!found)
    })
}

/// Runs what waits.
fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(test);
}

/// A server for all tests, started once; each sandbox on it has databases of its own.
fn shared() -> PostgresAt {
    static SERVER: OnceLock<Arc<Sandbox>> = OnceLock::new();
    let options = || Options { postgres: Some(PostgresAt::Auto), ..Options::default() };
    let server = SERVER.get_or_init(|| Sandbox::open(options(), JumpClock::start()).unwrap());
    format!("postgres://supabase_admin@localhost/postgres?host={}", server.socket().unwrap().display()).parse().unwrap()
}

/// The options of a sandbox that runs SQL.
fn options() -> Options {
    Options { postgres: Some(shared()), rate_limit: Some(0), ..Options::default() }
}

/// Sends SQL as it is.
async fn sent(api: &Api, query: &str) -> Answer {
    api.send("POST", &format!("/v1/projects/{REF}/database/query"), Some(json!({"query": query}))).await
}

/// The rows of SQL that must succeed.
async fn rows(api: &Api, query: &str) -> Value {
    let answer = sent(api, query).await;
    assert_eq!(answer.status, 201, "{query}: {:?}", answer.body);
    answer.body.unwrap()
}
