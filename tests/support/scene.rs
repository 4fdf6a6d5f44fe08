//! A project on a sandbox in this process, a manifest for it, and runs of the library as the command makes them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use supaform::api::{ClientOptions, InProcess, Origin, Reader, Stop, Token, Writer};
use supaform::apply::{Context, Report, apply};
use supaform::clock::{Clock, JumpClock};
use supaform::files::Refused;
use supaform::kinds::KINDS;
use supaform::manifest::{self, Texts};
use supaform::model::{Desired, Live, Plan};
use supaform::observe::observe;
use supaform::plan::{Inputs, make};
use supaform::sandbox::{Fault, Options, Project, Rule, Sandbox, TOKEN};
use supaform::secret::{Secret, SecretSource, Vault};

/// The ref of the built-in project.
pub(crate) const REF: &str = "quickstartquickstart";

struct NoTexts;

impl Texts for NoTexts {
    fn read(&self, _: &str) -> Result<Arc<str>, Refused> {
        Err(Refused::Missing)
    }
}

/// A sandbox, and what is wanted of its project.
pub(crate) struct Scene {
    pub(crate) sandbox: Arc<Sandbox>,
    clock: Arc<dyn Clock>,
    desired: Desired,
    vault: Arc<Vault>,
}

/// A plan, and what applying it came to.
#[allow(dead_code, reason = "not every test binary needs all of it")]
pub(crate) struct Ran {
    pub(crate) plan: Plan,
    pub(crate) report: Option<Report>,
}

#[allow(dead_code, reason = "not every test binary needs all of it")]
impl Ran {
    /// Whether the project could not be planned.
    pub(crate) fn is_blocked(&self) -> bool {
        self.plan.projects.values().any(|project| project.blocked.is_some())
    }
}

#[allow(dead_code, reason = "not every test binary needs all of it")]
impl Scene {
    /// The sections of a manifest on the untouched project; `{env: PASS}` is a secret.
    pub(crate) fn new(sections: &str) -> Self {
        let clock: Arc<dyn Clock> = JumpClock::start();
        let sandbox = Sandbox::open(Options::default(), Arc::clone(&clock)).expect("a sandbox");
        let mut vault = Vault::new();
        vault.put(SecretSource::Env("PASS".to_owned()), Secret::new("pass-phrase".to_owned()));
        let mut scene = Self { sandbox, clock, desired: Desired::default(), vault: Arc::new(vault) };
        scene.want(sections);
        scene
    }

    /// Wants something else from now on.
    pub(crate) fn want(&mut self, sections: &str) {
        let manifest = format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{sections}\n");
        let files = vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), manifest)];
        let built = manifest::build(files, &NoTexts, KINDS, &manifest::Options::default());
        assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
        self.desired = built.desired;
    }

    /// Changes the live project by hand.
    pub(crate) fn live<T>(&self, change: impl FnOnce(&mut Project) -> T) -> T {
        self.sandbox.edit(|state| change(state.projects.get_mut(REF).expect("the built-in project")))
    }

    /// Lets something go wrong: at the `nth` request of a route, so many times.
    pub(crate) fn fault(&self, route: &str, nth: u32, times: u32, fault: Fault) {
        let rule = Rule { route: route.to_owned(), nth, times, fault, seen: 0 };
        self.sandbox.edit(|state| state.faults = vec![rule]);
    }

    fn client(&self) -> Writer {
        Writer::new(ClientOptions {
            transport: Box::new(InProcess::new(self.sandbox.router())),
            origin: Origin::parse("http://localhost", &[]).expect("an address"),
            token: Token::parse(TOKEN).expect("a token"),
            clock: Arc::clone(&self.clock),
            vault: Arc::clone(&self.vault),
            stop: Stop::new(),
            deadline: self.clock.now() + Duration::from_mins(15),
        })
    }

    async fn planned(&self, reader: &Reader) -> (Plan, Live) {
        let observed = observe(reader, KINDS, &self.desired).await;
        let inputs = Inputs {
            registry: KINDS,
            api: "http://localhost",
            desired: &self.desired,
            live: &observed.live,
            blocked: &observed.blocked,
            vault: &self.vault,
        };
        (make(inputs), observed.live)
    }

    /// Plans.
    pub(crate) async fn plan(&self) -> Plan {
        self.planned(self.client().reader()).await.0
    }

    /// Plans and applies; what has to be allowed is allowed.
    pub(crate) async fn run(&self) -> Ran {
        let writer = self.client();
        let (plan, live) = self.planned(writer.reader()).await;
        if plan.steps.is_empty() {
            return Ran { plan, report: None };
        }
        let context = Context {
            registry: KINDS,
            writer,
            clock: Arc::clone(&self.clock),
            desired: &self.desired,
            live: &live,
            vault: &self.vault,
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
