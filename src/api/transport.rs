//! The transport to the API: HTTPS, or the sandbox in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Limited};
use tower::{Service, ServiceExt as _};

use super::connect::OneFirst;
use super::origin::Origin;
use super::tls;

/// The largest answer, decoded: 16 MiB, a hundred times the largest that was recorded.
pub(super) const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// The most requests under way on one connection of HTTP/2. Servers allow from 100 on, as its specification recommends, some of them
/// fewer; what is more waits there without a word.
const ON_ONE: usize = 32;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Nothing was sent: there was no connection.
    #[error("no connection: {0}")]
    NotSent(String),
    /// The request may have arrived: the connection broke, or time ran out.
    #[error("the answer was lost: {0}")]
    Lost(String),
}

/// Sends a request and returns the answer, whatever its status.
pub trait Transport: Send + Sync {
    /// Sends a request.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        (**self).send(request)
    }
}

/// The real network.
pub struct Https {
    lanes: Vec<Lane>,
    /// The one that takes what no other has room for.
    last: Lane,
}

/// A client, which has one connection to a server that speaks HTTP/2.
struct Lane {
    client: reqwest::Client,
    under_way: AtomicUsize,
}

/// A request that is under way in a lane.
struct UnderWay<'l>(&'l Lane);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Https {
    /// A client for so many requests at once that follows no redirects, ignores proxies if asked to, and sets up no TLS for a loopback
    /// address.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(origin: &Origin, no_proxy: bool, at_once: usize) -> Result<Self, String> {
        let lane = || Ok::<_, String>(Lane { client: client(origin, no_proxy)?, under_way: AtomicUsize::new(0) });
        let further = at_once.div_ceil(ON_ONE).saturating_sub(1);
        Ok(Self { lanes: (0..further).map(|_| lane()).collect::<Result<_, _>>()?, last: lane()? })
    }

    /// A place in the first lane with room: the others are for what it cannot take, so that no connection is made in vain.
    fn place(&self) -> UnderWay<'_> {
        let has_room = |lane: &&Lane| lane.under_way.load(Ordering::Relaxed) < ON_ONE;
        let lane = self.lanes.iter().find(has_room).unwrap_or(&self.last);
        lane.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(lane)
    }
}

fn client(origin: &Origin, no_proxy: bool) -> Result<reqwest::Client, String> {
    let tls = if origin.is_loopback() { tls::trusting_nobody()? } else { tls::trusting_the_system()? };
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(5));
    // Without TLS, nobody speaks HTTP/2.
    let builder = if origin.is_loopback() { builder } else { builder.connector_layer(OneFirst::default()) };
    let builder = if no_proxy || origin.is_loopback() { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| chain(&error))
}

/// The longest time of a whole request. Some creations are answered only after minutes.
fn total_timeout(request: &http::Request<Bytes>) -> Duration {
    let path = request.uri().path();
    let makes = path.ends_with("/projects") || path.ends_with("/branches");
    let slow = makes && request.method() == http::Method::POST;
    Duration::from_secs(if slow { 180 } else { 90 })
}

impl Transport for Https {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        Box::pin(async move {
            let timeout = total_timeout(&request);
            let mut request = reqwest::Request::try_from(request).map_err(|error| Broken::NotSent(chain(&error)))?;
            *request.timeout_mut() = Some(timeout);
            let under_way = self.place();
            let mut answer = under_way.0.client.execute(request).await.map_err(|error| {
                if error.is_connect() || error.is_builder() {
                    Broken::NotSent(chain(&error))
                } else {
                    Broken::Lost(chain(&error))
                }
            })?;
            let mut response = http::Response::new(Bytes::new());
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            let mut body = Vec::new();
            while let Some(part) = answer.chunk().await.map_err(|error| Broken::Lost(chain(&error)))? {
                if body.len() + part.len() > LARGEST_ANSWER {
                    return Err(Broken::Lost(format!("the answer is larger than {LARGEST_ANSWER} bytes")));
                }
                body.extend_from_slice(&part);
            }
            *response.body_mut() = body.into();
            Ok(response)
        })
    }
}

/// An error with its causes, without the address, which may have a proxy's password.
fn chain(error: &dyn std::error::Error) -> String {
    let mut causes = vec![];
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.dedup();
    if causes.is_empty() { "the request could not be made".to_owned() } else { causes.join(": ") }
}

/// A service in this process, such as the sandbox's router: without sockets and waits.
#[derive(Clone)]
pub struct InProcess<S> {
    service: S,
}

impl<S> InProcess<S> {
    /// A transport to this service.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self { service }
    }
}

impl<S> Transport for InProcess<S>
where
    S: Service<http::Request<axum::body::Body>, Response = http::Response<axum::body::Body>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: std::fmt::Display,
    S::Future: Send,
{
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
        let service = self.service.clone();
        Box::pin(async move {
            let request = request.map(axum::body::Body::from);
            let answer = service.oneshot(request).await.map_err(|error| Broken::Lost(error.to_string()))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await;
            let body = body.map_err(|error| Broken::Lost(error.to_string()))?.to_bytes();
            Ok(http::Response::from_parts(parts, body))
        })
    }
}
