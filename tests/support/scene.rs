//! A project on a sandbox in this process, a manifest for it, and runs of the library as the command makes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use supaform::api::{Broken, ClientOptions, InProcess, Origin, PARALLEL, Reader, Stop, Token, Transport, Writer};
use supaform::apply::{Context, Report, Turn, apply};
use supaform::clock::{Clock, JumpClock};
use supaform::kinds::KINDS;
use supaform::manifest;
use supaform::model::{Desired, Live, Plan};
use supaform::observe::{Lookup, Reads, observe};
use supaform::plan::{Inputs, make};
use supaform::sandbox::{Fault, Options, Project, Rule, Sandbox, TOKEN};
use supaform::secret::{Secret, SecretSource, Vault};
use tokio::sync::Notify;

/// The ref of the built-in project.
pub(crate) const REF: &str = "quickstartquickstart";

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Killed {
    /// Before the request leaves.
    Before,
    /// After it took effect, before the answer is read.
    After,
}

/// A transport of a process that dies at a request.
struct CrashingTransport {
    inner: Box<dyn Transport>,
    left: AtomicU32,
    killed: Killed,
    death: Arc<Notify>,
}

impl Transport for CrashingTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        Box::pin(async move {
            let dies = self.left.fetch_sub(1, Ordering::SeqCst) == 1;
            if dies && matches!(self.killed, Killed::After) {
                drop(self.inner.send(request).await);
            } else if !dies {
                return self.inner.send(request).await;
            }
            self.death.notify_one();
            std::future::pending().await
        })
    }
}

/// The files of the workspace beside the manifest.
type Files = BTreeMap<String, Vec<u8>>;

/// A sandbox, and what is wanted of its project.
pub(crate) struct Scene {
    pub(crate) sandbox: Arc<Sandbox>,
    /// Whether it sends by `extra:` what the specification does not know.
    pub(crate) beyond_specification: bool,
    pub(crate) files: Files,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long a run waits for what is done outside, where that is not as usual.
    pub(crate) outside: Option<Duration>,
    desired: Desired,
    vault: Arc<Vault>,
}

/// A plan, and what applying it came to.
pub(crate) struct Ran {
    pub(crate) plan: Plan,
    pub(crate) report: Option<Report>,
}

impl Ran {
    /// Whether the project could not be planned.
    pub(crate) fn is_blocked(&self) -> bool {
        self.plan.projects.values().any(|project| project.blocked.is_some())
    }
}

impl Scene {
    /// The sections of a manifest on the untouched project; `{env: PASS}` is a secret.
    pub(crate) fn new(sections: &str) -> Self {
        Self::over(Options::default(), sections)
    }

    /// The same on a sandbox with these options.
    pub(crate) fn over(options: Options, sections: &str) -> Self {
        let clock: Arc<dyn Clock> = JumpClock::start();
        let sandbox = Sandbox::open(options, Arc::clone(&clock)).expect("a sandbox");
        let mut vault = Vault::new();
        vault.put(SecretSource::Env("PASS".to_owned()), Secret::new("pass-phrase".to_owned()));
        vault.put(SecretSource::Env("SIGNING".to_owned()), Secret::new(super::canary::SIGNING.to_owned()));
        let mut scene = Self {
            sandbox,
            beyond_specification: false,
            files: Files::new(),
            clock,
            outside: None,
            desired: Desired::default(),
            vault: Arc::new(vault),
        };
        scene.want(sections);
        scene
    }

    /// Wants something else from now on.
    pub(crate) fn want(&mut self, sections: &str) {
        self.want_document(&format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{sections}\n"));
    }

    /// Writes a file of the workspace, which counts from the next manifest on.
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
    }

    /// Wants what a whole document says from now on.
    pub(crate) fn want_document(&mut self, document: &str) {
        let manifest = document.to_owned();
        let files = vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), manifest)];
        let built = manifest::build(files, &self.files, KINDS, &manifest::Options::default());
        assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
        self.desired = built.desired;
    }

    /// Wants what a document says, which names these files.
    pub(crate) fn want_with(&mut self, document: &str, texts: &[(&str, &str)]) {
        let files =
            vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), document.to_owned())];
        let texts: BTreeMap<_, _> = texts.iter().map(|(path, text)| ((*path).to_owned(), *text)).collect();
        let built = manifest::build(files, &texts, KINDS, &manifest::Options::default());
        assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
        self.desired = built.desired;
    }

    /// Another secret is at hand, as `{env: NAME}`.
    pub(crate) fn secret(&mut self, name: &str, value: &str) {
        let vault = Arc::get_mut(&mut self.vault).expect("no run is going on");
        vault.put(SecretSource::Env(name.to_owned()), Secret::new(value.to_owned()));
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.sleep(time).await;
    }

    /// Changes the live project by hand.
    pub(crate) fn live<T>(&self, change: impl FnOnce(&mut Project) -> T) -> T {
        self.sandbox.edit(|state| change(state.projects.get_mut(REF).expect("the built-in project")))
    }

    /// Lets something go wrong: at the `nth` request of a route, so many times.
    pub(crate) fn fault(&self, route: &str, nth: u32, times: u32, fault: Fault) {
        let rule = Rule { route: route.to_owned(), project: None, nth, times, fault, seen: 0 };
        self.sandbox.edit(|state| state.faults = vec![rule]);
    }

    fn client(&self) -> Writer {
        self.client_over(Box::new(InProcess::new(self.sandbox.router())))
    }

    fn client_over(&self, transport: Box<dyn Transport>) -> Writer {
        Writer::new(ClientOptions {
            transport,
            origin: Origin::parse("http://localhost", &[]).expect("an address"),
            token: Token::parse(TOKEN).expect("a token"),
            clock: Arc::clone(&self.clock),
            vault: Arc::clone(&self.vault),
            stop: Stop::new(),
            deadline: self.clock.now() + Duration::from_mins(15),
            parallel: PARALLEL,
        })
    }

    async fn planned(&self, reader: &Reader) -> (Plan, Live, Desired) {
        let mut desired = self.desired.clone();
        let observed = observe(reader, KINDS, &mut desired, Lookup::Cheapest, Reads::V1, &|_, _| {}).await;
        observed.fill_in(&mut desired);
        let inputs = Inputs {
            registry: KINDS,
            api: "http://localhost",
            desired: &desired,
            live: &observed.live,
            blocked: &observed.blocked,
            vault: &self.vault,
        };
        (make(inputs), observed.live, desired)
    }

    /// Plans.
    pub(crate) async fn plan(&self) -> Plan {
        self.planned(self.client().reader()).await.0
    }

    /// Plans and applies; what has to be allowed is allowed.
    pub(crate) async fn run(&self) -> Ran {
        self.run_with(self.client()).await
    }

    /// Plans and applies until the process is killed: at the `nth` request, before or after it takes effect. Tells
    /// whether it came that far.
    pub(crate) async fn run_killed(&self, nth: u32, killed: Killed) -> bool {
        let death = Arc::new(Notify::new());
        let inner: Box<dyn Transport> = Box::new(InProcess::new(self.sandbox.router()));
        let mortal = CrashingTransport { inner, left: AtomicU32::new(nth), killed, death: Arc::clone(&death) };
        tokio::select! {
            _ = self.run_with(self.client_over(Box::new(mortal))) => false,
            () = death.notified() => true,
        }
    }

    async fn run_with(&self, writer: Writer) -> Ran {
        let (plan, live, desired) = self.planned(writer.reader()).await;
        if plan.steps.is_empty() {
            return Ran { plan, report: None };
        }
        let context = Context {
            registry: KINDS,
            writer,
            clock: Arc::clone(&self.clock),
            desired: &desired,
            live: &live,
            vault: &self.vault,
            turn: Turn::default(),
            outside: self.outside,
            events: &|_| {},
        };
        let report = apply(&context, &plan).await;
        Ran { plan, report: Some(report) }
    }

    /// The requests so far.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.sandbox.requests().as_array().cloned().unwrap_or_default()
    }

    /// The requests so far: method and path.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        self.log().iter().map(|entry| (text(entry, "method"), text(entry, "path"))).collect()
    }
}

/// Whatever a scene is about, its requests are such as the API knows.
impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.beyond_specification {
            let faults = super::contract::faults(&self.sandbox.requests());
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }
}
