//! What a plan waits for: one answer after the other only where the first one says what to ask next.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use supaform::api::{Broken, ClientOptions, InProcess, Origin, PARALLEL, Reader, Stop, Token, Transport};
use supaform::apply::Report;
use supaform::clock::{Clock, JumpClock};
use supaform::diag::Code;
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::kinds::KINDS;
use supaform::manifest::{self, NoTexts};
use supaform::model::Desired;
use supaform::observe::{Lookup, Observed, Reads, observe};
use supaform::sandbox::{Options, Project, Sandbox, TOKEN};
use supaform::secret::Vault;
use tokio::sync::Barrier;

use crate::support::QUICKSTART_REF as REF;
use crate::support::scene::Scene;

const SECTIONS: &str = "auth: {jwt_exp: 10m}\nrealtime: {private_only: true}\nstorage: {fileSizeLimit: 10MiB}\n";

/// How the wire to the sandbox is.
enum Wire {
    /// Nothing is answered before so many requests are under way.
    Together(Barrier),
    /// What is asked of a project's sections is never answered.
    SectionsHang,
}

struct Wired {
    wire: Wire,
    sandbox: Box<dyn Transport>,
    sent: Arc<AtomicUsize>,
}

impl Transport for Wired {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        Box::pin(async move {
            self.sent.fetch_add(1, Ordering::SeqCst);
            let of_a_section = request.uri().path().split('/').count() > 4;
            match &self.wire {
                Wire::Together(all) => {
                    all.wait().await;
                }
                Wire::SectionsHang if of_a_section => pending().await,
                Wire::SectionsHang => {}
            }
            self.sandbox.send(request).await
        })
    }
}

fn desired(document: &str) -> Desired {
    let files =
        vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), document.to_owned())];
    let built = manifest::build(files, &NoTexts, KINDS, &manifest::Options::default());
    assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
    built.desired
}

fn reader(transport: Box<dyn Transport>, clock: Arc<dyn Clock>, parallel: usize) -> Reader {
    let deadline = clock.now() + Duration::from_mins(15);
    Reader::new(ClientOptions {
        transport,
        origin: Origin::parse("http://localhost", &[]).unwrap(),
        token: Token::parse(TOKEN).unwrap(),
        clock,
        vault: Arc::new(Vault::new()),
        stop: Stop::new(),
        deadline,
        parallel,
    })
}

/// What is seen over a wire of a project that is changed before, and how many requests that took.
async fn seen(wire: Wire, document: &str, lookup: Lookup, change: impl FnOnce(&mut Project)) -> (Observed, usize) {
    let clock: Arc<dyn Clock> = JumpClock::start();
    let sandbox = Sandbox::open(Options::default(), Arc::clone(&clock)).unwrap();
    sandbox.edit(|state| change(state.projects.get_mut(REF).unwrap()));
    let sent = Arc::new(AtomicUsize::new(0));
    let transport = Wired { wire, sandbox: Box::new(InProcess::new(sandbox.router())), sent: Arc::clone(&sent) };
    let reader = reader(Box::new(transport), clock, PARALLEL);
    let mut desired = desired(document);
    let progress = Mutex::new(vec![]);
    let note = |done, all| progress.lock().unwrap().push((done, all));
    let observing = observe(&reader, KINDS, &mut desired, lookup, Reads::Auto, &note);
    let observed = tokio::time::timeout(Duration::from_secs(20), observing).await.expect("it waits for too much");
    let all = desired.projects.len();
    let counted: Vec<(usize, usize)> = (0..=all).map(|done| (done, all)).collect();
    assert_eq!(*progress.lock().unwrap(), counted, "each project counts once, whatever becomes of it");
    (observed, sent.load(Ordering::SeqCst))
}

fn pinned(more: &str) -> String {
    format!("project: p\nref: {REF}\n{more}{SECTIONS}")
}

/// The codes of those of which nothing can be said, and how many of the others have been read.
fn told(observed: &Observed) -> (Vec<Code>, usize) {
    (observed.blocked.values().map(|why| why.finding.code).collect(), observed.live.projects.len())
}

#[tokio::test]
async fn a_pinned_project_takes_one_round() {
    for lookup in [Lookup::Cheapest, Lookup::ByList] {
        let (observed, sent) = seen(Wire::Together(Barrier::new(4)), &pinned(""), lookup, |_| {}).await;
        assert_eq!((told(&observed), sent), ((vec![], 1), 4));
        assert_eq!(observed.live.projects["p"].kinds.len(), 3);
    }
}

#[tokio::test]
async fn a_project_that_is_not_up_is_told_without_its_sections() {
    for (status, code) in [
        ("INACTIVE", codes::PROJECT_PAUSED),
        ("RESTORING", codes::PROJECT_BUSY),
        ("INIT_FAILED", codes::PROJECT_FAILED),
    ] {
        let pause = |project: &mut Project| project.status = status.to_owned();
        let (observed, _) = seen(Wire::SectionsHang, &pinned(""), Lookup::Cheapest, pause).await;
        assert_eq!(told(&observed), (vec![code], 0), "{status}");
    }
}

#[tokio::test]
async fn a_project_that_is_somebody_elses_is_told_without_its_sections() {
    for lookup in [Lookup::Cheapest, Lookup::ByList] {
        let document = pinned("organization: another-org\n");
        let (observed, _) = seen(Wire::SectionsHang, &document, lookup, |_| {}).await;
        assert_eq!(told(&observed), (vec![codes::PROJECT_MOVED], 0));
        let document = pinned("").replace(REF, &"q".repeat(20));
        let (observed, _) = seen(Wire::SectionsHang, &document, lookup, |_| {}).await;
        assert_eq!(told(&observed), (vec![codes::PROJECT_GONE], 0));
    }
}

/// One that is found by its name is asked for its sections when its ref is known.
#[tokio::test]
async fn a_project_by_name_takes_two_rounds() {
    let document = format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{SECTIONS}");
    let (observed, sent) = seen(Wire::Together(Barrier::new(1)), &document, Lookup::Cheapest, |_| {}).await;
    assert_eq!((told(&observed), sent), ((vec![], 1), 4));
}

/// What a plan and its apply ask and send, all together: which project it is, each section for the plan, once more before the write, the
/// write, and once after it; and what a restart is waited for by. What a write is laid over is not read again for it.
#[tokio::test]
async fn nothing_is_asked_twice_for_one_purpose() {
    for (sections, gets) in [
        ("auth: {jwt_exp: 10m}", 4),
        ("storage: {features: {icebergCatalog: {maxTables: 20}}}", 4),
        ("postgres: {statement_timeout: 8s}", 4),
    ] {
        let scene = Scene::new(sections);
        let ran = scene.run().await;
        assert_eq!(ran.report.as_ref().map(Report::exit), Some(Exit::Done), "{sections}: {:?}", ran.report);
        let asked = scene.requests().into_iter().filter(|(method, path)| method == "GET" && !path.ends_with("/health"));
        assert_eq!((asked.count(), ran.plan.steps.len()), (gets, 1), "{sections}: {:?}", scene.requests());
    }
}

/// A setting of each section.
const ALL: &str = "
auth: {jwt_exp: 10m, saml_enabled: true}
sso_providers: {okta: {metadata_url: https://acme.okta.com/app/exk1/sso/saml/metadata, domains: [acme.com]}}
third_party_auth: {auth0: {oidc_issuer_url: \"https://acme.eu.auth0.com\"}}
postgres: {statement_timeout: 8s}
pooler: {default_pool_size: 20}
ssl_enforcement: {database: true}
network_restrictions: {ipv4: [203.0.113.0/24], ipv6: []}
data_api: {max_rows: 500}
realtime: {private_only: true}
storage: {fileSizeLimit: 10MiB}
secrets: {APP_ENV: {plain: production}}
api_keys: {mobile: {type: publishable}}
legacy_api_keys: {enabled: false}
";

/// All sections: a read each and one of the project for the plan, then two reads and a write each. What is polled until it has taken effect
/// counts once.
#[tokio::test]
async fn all_sections_take_so_many_calls() {
    let scene = Scene::new(ALL);
    let planned = scene.plan().await.steps.len();
    assert_eq!((planned, scene.log().len()), (13, 14));
    let ran = scene.run().await;
    assert_eq!(ran.report.as_ref().map(Report::exit), Some(Exit::Done), "{:?}", ran.report);
    let mut applied = scene.requests().split_off(28);
    applied.retain(|(_, path)| !path.ends_with("/health"));
    applied.dedup();
    assert_eq!(applied.len(), 39, "{applied:?}");
}

/// A wire that counts how many requests are under way.
struct Counted {
    sandbox: Box<dyn Transport>,
    now: AtomicUsize,
    most: Arc<AtomicUsize>,
}

impl Transport for Counted {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        Box::pin(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            // Whoever else may send does so meanwhile.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let answer = self.sandbox.send(request).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }
}

#[tokio::test]
async fn as_many_requests_are_under_way_as_are_allowed() {
    for (parallel, expected) in [(1, 1), (3, 3), (PARALLEL, 4)] {
        let clock: Arc<dyn Clock> = JumpClock::start();
        let sandbox = Sandbox::open(Options::default(), Arc::clone(&clock)).unwrap();
        let most = Arc::new(AtomicUsize::new(0));
        let wire = Counted {
            sandbox: Box::new(InProcess::new(sandbox.router())),
            now: AtomicUsize::new(0),
            most: Arc::clone(&most),
        };
        let reader = reader(Box::new(wire), clock, parallel);
        // Its status, and three sections.
        let desired = desired(&pinned(""));
        observe(&reader, KINDS, &mut desired.clone(), Lookup::Cheapest, Reads::V1, &|_, _| {}).await;
        assert_eq!(most.load(Ordering::SeqCst), expected, "of {parallel}");
    }
}
