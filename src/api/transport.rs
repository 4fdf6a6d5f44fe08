//! The transport to the API: HTTPS, or the sandbox in this process.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Limited};
use tower::{Service, ServiceExt as _};

use super::origin::Origin;
use super::tls;

/// The largest answer, decoded: 16 MiB, a hundred times the largest that was recorded.
pub(super) const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

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
    client: reqwest::Client,
}

impl Https {
    /// A client that follows no redirects, ignores proxies if asked to, and sets up no TLS for a loopback address.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(origin: &Origin, no_proxy: bool) -> Result<Self, String> {
        let tls = if origin.is_loopback() { tls::trusting_nobody()? } else { tls::trusting_the_system()? };
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(5));
        let builder = if no_proxy || origin.is_loopback() { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| chain(&error))?;
        Ok(Self { client })
    }
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
            let mut answer = self.client.execute(request).await.map_err(|error| {
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
