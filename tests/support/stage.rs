//! A workspace and a sandbox, and sessions between them in this process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use supaform::apply::Report;
use supaform::ci::Environment;
use supaform::clock::{Clock, JumpClock};
use supaform::diag::{Diagnostics, Sources};
use supaform::model::AddressPattern;
use supaform::sandbox::{self, Project, Sandbox};
use supaform::session::{
    Acceptance, Against, Failure, Lifetime, Observer, Options, Peer, Planned, Session, Target, Workspace, write,
};
use supaform::stop::Stop;

use super::contract;
use super::scene::REF;

/// What was told on the way.
#[derive(Default)]
pub(crate) struct Notes(pub(crate) Mutex<Vec<String>>);

impl Observer for Notes {
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }

    fn warn(&self, findings: &Diagnostics, _: &Sources) {
        self.0.lock().unwrap().extend(findings.sorted().iter().map(|found| found.message.clone()));
    }
}

/// A folder with one document, and a sandbox.
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) notes: Arc<Notes>,
    /// The variables of the environment.
    pub(crate) variables: Vec<(&'static str, &'static str)>,
}

impl Stage {
    pub(crate) fn new(sections: &str) -> Self {
        let clock: Arc<dyn Clock> = JumpClock::start();
        let sandbox = Sandbox::open(sandbox::Options::default(), Arc::clone(&clock)).unwrap();
        let stage = Self {
            folder: tempfile::tempdir().unwrap(),
            sandbox,
            clock,
            notes: Arc::default(),
            variables: vec![("KEY", "a value")],
        };
        stage.write("supaform.yaml", "version: 1\n");
        stage.write("p.yaml", &format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{sections}"));
        stage
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// What somebody does at the dashboard.
    pub(crate) fn live<T>(&self, change: impl FnOnce(&mut Project) -> T) -> T {
        self.sandbox.edit(|state| change(state.projects.get_mut(REF).unwrap()))
    }

    pub(crate) fn options(&self) -> Options {
        let peer = Peer::sandbox(&self.sandbox, Arc::clone(&self.clock));
        let environment =
            Environment::of(self.variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Options { environment, ..Options::new(self.folder.path().to_owned(), Target::Peer(peer)) }
    }

    pub(crate) fn session(&self) -> Session {
        self.session_with(self.options(), Stop::new())
    }

    pub(crate) fn session_with(&self, options: Options, stop: Stop) -> Session {
        let notes: Arc<Notes> = Arc::clone(&self.notes);
        Session::new(options, Lifetime::start(Duration::from_mins(15), stop), notes)
    }

    pub(crate) async fn load(&self) -> Result<Workspace, Failure> {
        self.session().load_with_secrets(None).await
    }

    pub(crate) async fn plan(&self) -> Planned {
        let session = self.session();
        session.plan(self.load().await.unwrap(), Against::default()).await.unwrap()
    }

    pub(crate) async fn apply(&self, allowed: &[&str]) -> Result<Report, Failure> {
        let session = self.session();
        let workspace = session.load_with_secrets(None).await?;
        let planned = session.plan_to_write(workspace, Against::default(), Duration::ZERO).await?;
        let cleared = planned.clear(&allowed.iter().map(|&at| at.to_owned()).collect())?;
        session.apply(&cleared, &|_| {}).await
    }

    pub(crate) async fn accept(&self, address: &str) -> Result<Vec<String>, Failure> {
        let session = self.session();
        let workspace = session.load_with_secrets(None).await?;
        let addresses = vec![AddressPattern::parse(address).unwrap()];
        let asked = Acceptance { addresses, into: None, skip_refused: false };
        let accepted = session.accept(workspace, &asked).await?;
        write(&accepted.workspace.root, &accepted.changed)?;
        Ok(accepted.addresses)
    }
}

/// Whatever happens on it, the requests are such as the API knows.
impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let faults = contract::faults(&self.sandbox.requests());
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }
}
