//! How connections come about: one at first, and more only where that one cannot carry several requests at once.
//!
//! Requests that begin together each ask for a connection. Whether a server speaks HTTP/2 shows only when TLS is set up: without
//! this, each of them would set up TLS, and all but one of these connections would be thrown away.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::Connection;
use tokio::sync::Mutex;
use tower::{Layer, Service};

/// Makes connections to one server, of which nothing is known yet.
#[derive(Clone, Default)]
pub(super) struct OneFirst(Arc<Known>);

/// What is known of the server.
#[derive(Default)]
struct Known {
    /// Held by whoever makes a connection, as long as it may turn out to be one for all.
    first: Mutex<()>,
    /// How many connections for all came about.
    for_all: AtomicU64,
    /// Whether each request needs a connection of its own.
    apart: AtomicBool,
}

impl<S> Layer<S> for OneFirst {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Connecting { inner, known: Arc::clone(&self.0) }
    }
}

/// Makes connections, one after the other as long as the next one may not be needed.
#[derive(Clone)]
pub(super) struct Connecting<S> {
    inner: S,
    known: Arc<Known>,
}

impl<S, R> Service<R> for Connecting<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Response: Connection,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, to: R) -> Self::Future {
        let known = Arc::clone(&self.known);
        // The one that is ready is used, and its clone takes its place.
        let next = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, next);
        let before = known.for_all.load(Ordering::SeqCst);
        Box::pin(async move {
            if known.apart.load(Ordering::SeqCst) {
                return ready.call(to).await;
            }
            let turn = known.first.lock().await;
            if known.for_all.load(Ordering::SeqCst) > before {
                // Who asked for this connection is given the one that came about meanwhile.
                drop(turn);
                return pending().await;
            }
            if known.apart.load(Ordering::SeqCst) {
                drop(turn);
                return ready.call(to).await;
            }
            let made = ready.call(to).await?;
            if made.connected().is_negotiated_h2() {
                known.for_all.fetch_add(1, Ordering::SeqCst);
            } else {
                known.apart.store(true, Ordering::SeqCst);
            }
            drop(turn);
            Ok(made)
        })
    }
}
