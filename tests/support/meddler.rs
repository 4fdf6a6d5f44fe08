//! A sandbox over real sockets, within the test, that meddles with the process that asks it: at chosen requests.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use supaform::clock::RealClock;
use supaform::sandbox::{Options, Sandbox};
use tower::ServiceExt as _;

use super::Workbench;

/// The token with which it is asked.
pub(crate) const TOKEN: &str = supaform::sandbox::TOKEN;

/// What happens at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meddle {
    /// It is answered.
    Pass,
    /// The client gets a signal before it takes effect, and is answered.
    SignalBefore(&'static str),
    /// The client gets a signal after it took effect, and is answered.
    SignalAfter(&'static str),
    /// The client gets a signal after it took effect, and no answer.
    SignalAndSilence(&'static str),
    /// It takes effect, and nothing is answered.
    Silence,
    /// It takes effect a while later.
    Later,
    /// It has no effect, and this is answered.
    Refuse(u16),
}

/// What happens at the request of this number, counted from 1, with this method and path.
type Rule = dyn Fn(u32, &str, &str) -> Meddle + Send + Sync;

/// A sandbox that meddles.
pub(crate) struct Meddler {
    pub(crate) sandbox: Arc<Sandbox>,
    address: SocketAddr,
    asked: Arc<AtomicU32>,
    client: Arc<AtomicU32>,
    _runtime: tokio::runtime::Runtime,
}

impl Meddler {
    pub(crate) fn start(rule: impl Fn(u32, &str, &str) -> Meddle + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a scheduler");
        let options = Options { time_scale: 100.0, rate_limit: Some(0), ..Options::default() };
        let sandbox = Sandbox::open(options, RealClock::start()).expect("a sandbox");
        let (asked, client): (Arc<AtomicU32>, Arc<AtomicU32>) = Default::default();
        let rule: Arc<Rule> = Arc::new(rule);
        let router = {
            let (sandbox, asked, client) = (Arc::clone(&sandbox), Arc::clone(&asked), Arc::clone(&client));
            axum::Router::new().fallback(move |request: Request<Body>| {
                let nth = asked.fetch_add(1, Ordering::SeqCst) + 1;
                let meddle = rule(nth, request.method().as_str(), request.uri().path());
                answer(Arc::clone(&sandbox), request, meddle, Arc::clone(&client))
            })
        };
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(runtime.spawn(async move { axum::serve(listener, router).await }));
        Self { sandbox, address, asked, client, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests came.
    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// The process that gets the signals.
    pub(crate) fn client(&self, process: u32) {
        self.client.store(process, Ordering::SeqCst);
    }
}

/// A bench with this manifest.
pub(crate) fn bench(manifest: &str) -> Workbench {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", manifest);
    bench
}

/// Starts a run that asks at an address, and keeps what it keeps in this folder.
pub(crate) fn start(bench: &Workbench, arguments: &[&str], url: &str, caches: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_supaform"))
        .args(arguments)
        .args(["--api-url", url])
        .current_dir(bench.path())
        .env_clear()
        .env("SUPABASE_ACCESS_TOKEN", TOKEN)
        .env("XDG_CACHE_HOME", caches)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

async fn answer(
    sandbox: Arc<Sandbox>,
    request: Request<Body>,
    meddle: Meddle,
    client: Arc<AtomicU32>,
) -> Response<Body> {
    if let Meddle::SignalBefore(name) = meddle {
        signal(&client, name).await;
    }
    if let Meddle::Refuse(status) = meddle {
        let answer = Response::builder().status(status).header("content-type", "application/json");
        return answer.body(Body::from("{\"message\":\"no\"}")).expect("an answer");
    }
    if meddle == Meddle::Later {
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let answer = sandbox.router().oneshot(request).await.expect("the service does not fail");
    if let Meddle::SignalAfter(name) | Meddle::SignalAndSilence(name) = meddle {
        signal(&client, name).await;
    }
    if matches!(meddle, Meddle::Silence | Meddle::SignalAndSilence(_)) {
        std::future::pending::<()>().await;
    }
    answer
}

/// Sends a signal. The process has it when it is answered: its handler runs before anything else that it does from then on.
async fn signal(client: &AtomicU32, name: &str) {
    while client.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let client = client.load(Ordering::SeqCst).to_string();
    let arguments = [format!("-{name}"), client];
    let killed = tokio::task::spawn_blocking(move || Command::new("kill").args(arguments).status()).await;
    assert!(killed.expect("no panic").expect("kill runs").success());
}
