//! The sandbox behind TLS on this machine: the certificate is made at each start, by an authority of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use supaform::clock::RealClock;
use supaform::sandbox::{Options, Sandbox};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;

/// How it is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// `http://`, without TLS.
    Plain,
    /// `https://`, HTTP/1.1 only.
    Http1,
    /// `https://`, HTTP/2 or HTTP/1.1, as the client likes.
    Http2,
}

/// A server; it stops with this value.
pub(crate) struct Server {
    /// Its address, as `--api-url` takes it.
    pub(crate) url: String,
    /// The certificate of the authority, as PEM.
    pub(crate) authority: String,
    connections: Arc<AtomicU32>,
    _runtime: Runtime,
}

impl Server {
    /// Serves a sandbox of these options.
    pub(crate) fn start(spoken: Spoken, options: Options) -> Self {
        Self::with_streams(spoken, options, 200)
    }

    /// The same, of which a connection of HTTP/2 answers so many requests at once; the others wait.
    pub(crate) fn with_streams(spoken: Spoken, options: Options, streams: u32) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let sandbox = Sandbox::open(options, RealClock::start()).expect("a sandbox");
        let (authority, tls) = tls(address, spoken);
        let scheme = if spoken == Spoken::Plain { "http" } else { "https" };
        let connections = Arc::new(AtomicU32::new(0));
        let acceptor = (spoken != Spoken::Plain).then(|| TlsAcceptor::from(Arc::new(tls)));
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http2().max_concurrent_streams(streams);
        drop(runtime.spawn(accept(listener, acceptor, (http, sandbox.router()), Arc::clone(&connections))));
        Self { url: format!("{scheme}://{address}"), authority, connections, _runtime: runtime }
    }

    /// How many connections came about since this was asked last.
    pub(crate) fn connections(&self) -> u32 {
        self.connections.swap(0, Ordering::SeqCst)
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    (http, router): (auto::Builder<TokioExecutor>, axum::Router),
    made: Arc<AtomicU32>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        drop(stream.set_nodelay(true));
        let (acceptor, made) = (acceptor.clone(), Arc::clone(&made));
        let (http, service) = (http.clone(), TowerToHyperService::new(router.clone()));
        drop(tokio::spawn(async move {
            match acceptor {
                None => {
                    made.fetch_add(1, Ordering::SeqCst);
                    drop(http.serve_connection(TokioIo::new(stream), service).await);
                }
                // Who does not believe the certificate makes no connection.
                Some(acceptor) => {
                    let accepted = tokio::time::timeout(Duration::from_secs(10), acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = accepted {
                        made.fetch_add(1, Ordering::SeqCst);
                        drop(http.serve_connection(TokioIo::new(stream), service).await);
                    }
                }
            }
        }));
    }
}

/// The certificate of an authority, and what a server for this address says.
fn tls(address: SocketAddr, spoken: Spoken) -> (String, ServerConfig) {
    let key = || KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, key()).expect("an authority");
    let own = key();
    let certificate = CertificateParams::new(vec![address.ip().to_string()]).expect("a name");
    let certificate = certificate.signed_by(&own, &authority).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(own.serialize_der());
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    let mut server = builder.with_single_cert(vec![certificate.der().clone()], key.into()).expect("a certificate");
    let http2 = (spoken == Spoken::Http2).then(|| b"h2".to_vec());
    server.alpn_protocols = http2.into_iter().chain([b"http/1.1".to_vec()]).collect();
    (authority.pem(), server)
}
