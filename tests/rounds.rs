//! What a plan waits for: one answer after the other only where the first one says what to ask next.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use supaform::api::{Broken, ClientOptions, InProcess, Origin, Reader, Stop, Token, Transport};
use supaform::clock::{Clock, JumpClock};
use supaform::diag::Code;
use supaform::diag::codes::plan as codes;
use supaform::files::Refused;
use supaform::kinds::KINDS;
use supaform::manifest::{self, Texts};
use supaform::model::Desired;
use supaform::observe::{Lookup, Observed, observe};
use supaform::sandbox::{Options, Project, Sandbox, TOKEN};
use supaform::secret::Vault;
use tokio::sync::Barrier;

use crate::support::QUICKSTART_REF as REF;

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

struct NoTexts;

impl Texts for NoTexts {
    fn read(&self, _: &str) -> Result<Arc<str>, Refused> {
        Err(Refused::Missing)
    }
}

fn desired(document: &str) -> Desired {
    let files =
        vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), document.to_owned())];
    let built = manifest::build(files, &NoTexts, KINDS, &manifest::Options::default());
    assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
    built.desired
}

/// What is seen over a wire of a project that is changed before, and how many requests that took.
async fn seen(wire: Wire, document: &str, lookup: Lookup, change: impl FnOnce(&mut Project)) -> (Observed, usize) {
    let clock: Arc<dyn Clock> = JumpClock::start();
    let sandbox = Sandbox::open(Options::default(), Arc::clone(&clock)).unwrap();
    sandbox.edit(|state| change(state.projects.get_mut(REF).unwrap()));
    let sent = Arc::new(AtomicUsize::new(0));
    let deadline = clock.now() + Duration::from_mins(15);
    let transport = Wired { wire, sandbox: Box::new(InProcess::new(sandbox.router())), sent: Arc::clone(&sent) };
    let reader = Reader::new(ClientOptions {
        transport: Box::new(transport),
        origin: Origin::parse("http://localhost", &[]).unwrap(),
        token: Token::parse(TOKEN).unwrap(),
        clock,
        vault: Arc::new(Vault::new()),
        stop: Stop::new(),
        deadline,
    });
    let desired = desired(document);
    let observing = observe(&reader, KINDS, &desired, lookup);
    let observed = tokio::time::timeout(Duration::from_secs(20), observing).await.expect("it waits for too much");
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
