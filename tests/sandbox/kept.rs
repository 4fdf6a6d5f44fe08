//! What is kept of the sandbox's state, and when.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use supaform::apply::Event;
use supaform::clock::JumpClock;
use supaform::exit::Exit;
use supaform::sandbox::{Options, Sandbox, State};
use supaform::session::{self, Against, Lifetime, Observer, Session, Target};
use supaform::stop::Stop;

use super::{REF, auth};
use crate::support::http::Api;
use crate::support::stage::{Notes, Stage};

#[tokio::test]
async fn state_is_kept_without_secrets_and_a_foreign_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let options = Options { state: Some(path.clone()), ..Options::default() };
    let api = Api::new(options.clone());
    api.send("PATCH", &auth(), Some(json!({"smtp_pass": "hunter2", "jwt_exp": 60}))).await;
    assert!(!path.exists(), "in process it is kept at the end");
    api.sandbox.save().unwrap();
    assert!(!fs::read_to_string(&path).unwrap().contains("hunter2"));
    assert_eq!(Api::new(options.clone()).get(&auth()).await["jwt_exp"], 60);
    for damaged in ["", "{}", "{\"format\": \"other\"}", "[1"] {
        fs::write(&path, damaged).unwrap();
        let opened = Sandbox::open(options.clone(), JumpClock::start());
        assert!(opened.is_err(), "{damaged}");
    }
}

/// A run that is ended from without keeps what it has done so far, and one that is killed nothing of it.
#[tokio::test]
async fn a_run_that_is_ended_in_the_midst_keeps_the_state() {
    let stage = Stage::new("auth: {jwt_exp: 10m}\npostgres: {max_connections: 80}");
    let live = stage.folder.path().join(".live");
    let target = Target::Sandbox { folder: live.clone(), world: None, postgres: None };
    let lifetime = Lifetime::start(Duration::from_mins(15), Stop::new());
    let observer: Arc<Notes> = Arc::clone(&stage.notes);
    let observer: Arc<dyn Observer> = observer;
    let session = Session::new(session::Options { target, ..stage.options() }, Arc::clone(&lifetime), observer);
    let workspace = session.load_with_secrets(None).await.unwrap();
    let planned = session.plan_to_write(workspace, Against::default(), Duration::ZERO).await.unwrap();
    let cleared = planned.clear(&BTreeSet::new()).unwrap();
    let kept = || State::read(&live.join("state.json")).unwrap().projects[REF].auth.get("jwt_exp").cloned();
    let seen = Mutex::new(vec![]);
    let tell = |_: Event<'_>| {
        let killed = kept();
        lifetime.end();
        seen.lock().unwrap().push((killed, kept()));
    };
    assert_eq!(session.apply(&cleared, &tell).await.unwrap().exit(), Exit::Done);
    let seen = seen.into_inner().unwrap();
    assert!(seen.contains(&(None, Some(json!(600)))), "{seen:?}");
    assert_eq!(kept(), Some(json!(600)));
}
