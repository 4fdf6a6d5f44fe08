//! One request: permit, send, classify. The loop around it is in `tries`.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::error::{self, ApiError, Class};
use super::form;
use super::limit::{self, Limiter};
use super::memory::Memory;
use super::origin::{Origin, Token};
use super::overlay::{overlay, pick};
use super::path::path;
use super::retry::{Manner, Seen};
use super::scrub::Scrubber;
use super::transport::{Broken, Transport};
use super::tries::{Ended, Tries};
use crate::clock::Clock;
use crate::model::{Answer, Body, Call, JsonBody, Meant, ReadCall, Repeat, Unfilled};
use crate::secret::{SecretUse, Vault};
use crate::stop::Stop;

/// How many requests are in flight, and how many projects are written, at once, unless `--parallel` says otherwise.
pub const PARALLEL: usize = 16;

/// The most missing permissions that are shown; more tell nothing new.
const MOST_PERMISSIONS: usize = 20;

/// The parts of a client.
pub struct ClientOptions {
    /// The transport.
    pub transport: Box<dyn Transport>,
    /// The address of the API.
    pub origin: Origin,
    /// The token.
    pub token: Token,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The values of secrets, for bodies and for removing them from answers.
    pub vault: Arc<Vault>,
    /// Raised when the run is to stop.
    pub stop: Stop,
    /// When the run is to end, by that clock.
    pub deadline: Duration,
    /// The most requests in flight at once, in all.
    pub parallel: usize,
}

struct Inner {
    transport: Box<dyn Transport>,
    origin: Origin,
    token: Token,
    vault: Arc<Vault>,
    tries: Tries,
    limiter: Limiter,
    scrubber: Scrubber,
    permits: Semaphore,
    parallel: usize,
    /// When the last reported wait ends, in milliseconds.
    told: AtomicU64,
}

/// A client that can only read.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
    memory: Option<Arc<dyn Memory>>,
}

/// A client that may also write.
#[derive(Clone)]
pub struct Writer {
    reader: Reader,
}

/// Why a write has no successful answer.
#[derive(Debug)]
pub enum SendError {
    /// The API refused, or nothing was sent.
    Api(ApiError),
    /// The write may have taken effect: read live before anything is sent again.
    Unknown(ApiError),
    /// A secret of the body has no value; nothing was sent.
    Unresolved(SecretUse),
}

impl Reader {
    /// A client that can only read.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        let ClientOptions { transport, origin, token, clock, vault, stop, deadline, parallel } = options;
        let inner = Inner {
            limiter: Limiter::new(Arc::clone(&clock)),
            scrubber: Scrubber::new(&vault, Some(&token)),
            permits: Semaphore::new(parallel.max(1)),
            parallel: parallel.max(1),
            told: AtomicU64::new(0),
            transport,
            origin,
            token,
            vault,
            tries: Tries::new(clock, stop, deadline),
        };
        Self { inner: Arc::new(inner), memory: None }
    }

    /// The same client, with what earlier runs have seen.
    #[must_use]
    pub fn with_memory(&self, memory: Option<Arc<dyn Memory>>) -> Self {
        Self { inner: Arc::clone(&self.inner), memory }
    }

    /// What earlier runs have seen.
    #[must_use]
    pub fn memory(&self) -> Option<&dyn Memory> {
        self.memory.as_deref()
    }

    /// The values of secrets.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// The most requests in flight at once.
    #[must_use]
    pub fn parallel(&self) -> usize {
        self.inner.parallel
    }

    /// Sends a read.
    ///
    /// # Errors
    /// When the API refuses, cannot be reached, or answers with something that is not JSON.
    pub async fn read(&self, call: &ReadCall) -> Result<Answer, ApiError> {
        self.read_in(call, &Manner::API).await
    }

    /// Sends a read on which nothing depends: once.
    ///
    /// # Errors
    /// When there is no good answer at the first attempt.
    pub async fn try_read(&self, call: &ReadCall) -> Result<Answer, ApiError> {
        self.read_in(call, &Manner::ONCE).await
    }

    async fn read_in(&self, call: &ReadCall, manner: &Manner) -> Result<Answer, ApiError> {
        match self.inner.send(call.as_call(), None, manner).await {
            Ok(answer) => checked(call, answer),
            Err(SendError::Api(why) | SendError::Unknown(why)) => Err(why),
            Err(SendError::Unresolved(secret)) => {
                Err(ApiError::of(Class::Invalid, call.as_call(), format!("{secret} has no value")))
            }
        }
    }
}

impl Writer {
    /// A client that may also write.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        Self { reader: Reader::new(options) }
    }

    /// The reading part of the client.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Gives the run more time, such as somebody took to answer a question.
    pub fn extend(&self, by: Duration) {
        self.reader.inner.tries.extend(by);
    }

    /// Whether the run was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.reader.inner.tries.is_stopped()
    }

    /// Waits, at most until the run is stopped or reaches its deadline.
    pub async fn pause(&self, pause: Duration) {
        self.reader.inner.tries.pause(pause).await;
    }

    /// Sends a call of a plan, in which all is filled in that earlier steps have made. What it is laid over is read before, unless
    /// `fresh` is what that read was answered a moment ago.
    ///
    /// # Errors
    /// When the API refuses, when nothing could be sent, or when the fate of the call is unknown.
    pub async fn send(&self, call: &Call, fresh: Option<&Answer>) -> Result<Answer, SendError> {
        let base = match &call.body {
            Body::Overlay { base, at, set, .. } => {
                // A value that cannot be filled in is reported before anything is sent.
                self.reader.inner.fill(call, set)?;
                let read;
                let answer = match fresh {
                    Some(answer) => answer,
                    None => {
                        let base = Call { repeat: Repeat::Safe, ..(**base).clone() };
                        read = self.reader.inner.send(&base, None, &Manner::API).await?;
                        &read
                    }
                };
                Some(answer.body.pointer(at).cloned().unwrap_or_default())
            }
            Body::Empty | Body::Json(_) | Body::Form { .. } => None,
        };
        self.reader.inner.send(call, base.as_ref(), &Manner::API).await
    }
}

impl Inner {
    async fn send(&self, call: &Call, base: Option<&Value>, manner: &Manner) -> Result<Answer, SendError> {
        let path = path(call).map_err(|why| SendError::Api(ApiError::of(Class::Invalid, call, why.to_string())))?;
        let key = limit::key(call);
        let waits = |seen: &Seen, pause: Duration| {
            if let Seen::Status { code: 429, .. } = seen {
                self.limiter.close(key.clone(), pause);
                self.tell(call, pause);
            }
        };
        let once = async |attempt: u32| {
            while let Some(pause) = self.limiter.admit(&key) {
                self.tell(call, pause);
                self.tries.pause(pause).await;
                self.tries.may_send()?;
            }
            let request = self.request(call, &path, base).map_err(Ended::Refused)?;
            tracing::debug!(
                method = call.operation.method.as_str(),
                route = call.operation.template,
                attempt,
                "request"
            );
            let permit = self.permits.acquire().await;
            self.tries.may_send()?;
            let sent = self.tries.in_flight(self.transport.send(request)).await;
            drop(permit);
            let (seen, outcome) = self.judge(call, &key, sent);
            tracing::info!(
                method = call.operation.method.as_str(),
                route = call.operation.template,
                status = seen.status(),
                "answer"
            );
            Ok((seen, outcome.map_err(SendError::Api)))
        };
        self.tries.run(manner, call.repeat, waits, once).await.map_err(|ended| match ended {
            Ended::Unknown(SendError::Api(why)) => SendError::Unknown(why),
            Ended::Refused(why) | Ended::GaveUp(why) | Ended::Unknown(why) | Ended::TooLate(why, _) => why,
            Ended::Stopped => {
                SendError::Api(ApiError::of(Class::Stopped, call, "not sent, because the run was interrupted"))
            }
            Ended::Expired => SendError::Api(ApiError::of(
                Class::Expired,
                call,
                "not sent, because the run reached its deadline (`--deadline`)",
            )),
        })
    }

    /// Reports a long wait for a rate limit, once for all waits that end at about the same time: a hundred projects in one
    /// wait cause one line.
    fn tell(&self, call: &Call, pause: Duration) {
        let ends = u64::try_from((self.tries.clock().now() + pause).as_millis()).unwrap_or(u64::MAX);
        let seconds = pause.as_secs();
        if seconds >= 5 && self.told.fetch_max(ends, Ordering::Relaxed).saturating_add(5_000) <= ends {
            let (method, route) = (call.operation.method.as_str(), call.operation.template);
            tracing::warn!("waiting {seconds} s for the rate limit of {method} {route}");
        }
    }

    /// The request with its token and, only from here to the transport, its secrets in clear text.
    fn request(&self, call: &Call, path: &str, base: Option<&Value>) -> Result<http::Request<Bytes>, SendError> {
        let invalid = |why: String| SendError::Api(ApiError::of(Class::Invalid, call, why));
        let json = |value: Value| Some(("application/json".to_owned(), value.to_string().into_bytes()));
        let body = match &call.body {
            Body::Empty => None,
            Body::Json(body) => json(self.fill(call, body)?),
            Body::Form { metadata, files } => Some(form::write(&self.fill(call, metadata)?, files)),
            Body::Overlay { set, unset, only, .. } => {
                let set = self.fill(call, set)?;
                let base = base.unwrap_or(&Value::Null);
                let along = only.as_ref().map_or(Cow::Borrowed(base), |pointers| Cow::Owned(pick(base, pointers)));
                json(overlay(&along, &set, unset))
            }
        };
        let mut bearer = http::HeaderValue::from_str(&format!("Bearer {}", self.token.expose()))
            .map_err(|_| invalid("the token cannot be sent in a header".to_owned()))?;
        bearer.set_sensitive(true);
        let request = http::Request::builder()
            .method(call.operation.method.as_str())
            .uri(format!("{}{path}", self.origin.as_str()))
            .header(http::header::AUTHORIZATION, bearer)
            .header(http::header::ACCEPT, if call.as_form { "multipart/form-data" } else { "application/json" })
            .header(http::header::HOST, self.origin.host())
            .header(http::header::USER_AGENT, concat!("supaform/", env!("CARGO_PKG_VERSION")));
        let request = match &call.key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        let request = match body {
            Some((kind, body)) => request.header(http::header::CONTENT_TYPE, kind).body(body.into()),
            None => request.body(Bytes::new()),
        };
        request.map_err(|error| invalid(error.to_string()))
    }

    fn fill(&self, call: &Call, body: &JsonBody) -> Result<Value, SendError> {
        let value_of = |secret: &SecretUse| Some(self.vault.reveal(secret)?.expose().into());
        body.filled(value_of).map_err(|why| match why {
            Unfilled::Unresolved(secret) => SendError::Unresolved(secret),
            Unfilled::Taken(place) => {
                let why = format!("nothing was sent: the body has no room for the secret at `{place}`");
                SendError::Api(ApiError::of(Class::Invalid, call, why))
            }
            Unfilled::NoSuchObject(place, Meant { member, value }) => {
                let why = format!(
                    "nothing was sent: the secret at `{place}` must be JSON, an object whose `{member}` is `{value}`"
                );
                SendError::Api(ApiError::of(Class::Invalid, call, why))
            }
            Unfilled::Later(place) => {
                let why = format!("nothing was sent: the value for `{place}` does not exist yet");
                SendError::Api(ApiError::of(Class::Invalid, call, why))
            }
        })
    }

    /// The result of an attempt, and its answer or error.
    fn judge(
        &self,
        call: &Call,
        key: &(String, crate::model::Operation),
        sent: Result<http::Response<Bytes>, Broken>,
    ) -> (Seen, Result<Answer, ApiError>) {
        let response = match sent {
            Ok(response) => response,
            Err(broken) => {
                let seen = if matches!(broken, Broken::NotSent(_)) { Seen::NotSent } else { Seen::Lost };
                let class = if self.tries.is_over() { Class::Expired } else { Class::Network };
                return (seen, Err(ApiError::of(class, call, self.scrubber.clean(&broken.to_string()))));
            }
        };
        self.limiter.learn(key.clone(), response.headers());
        let code = response.status().as_u16();
        if !response.status().is_success() {
            let why = self.refusal(call, &response);
            let told = limit::told_to_wait(response.headers());
            let message = if why.1 { why.0.message.clone() } else { String::new() };
            return (Seen::Status { code, wait: told, message }, Err(why.0));
        }
        let kind = response.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let body = match response.body() {
            text if call.operation.answers_text() => Some(String::from_utf8_lossy(text).into_owned().into()),
            empty if empty.is_empty() => Some(Value::Null),
            form if call.as_form => form::read(kind.unwrap_or_default(), form),
            json => crate::json::read(json).ok(),
        };
        match body {
            Some(body) => {
                let answer = Answer { status: code, body, at: date(response.headers()) };
                (Seen::Status { code, wait: None, message: String::new() }, Ok(answer))
            }
            None => {
                let what = if call.as_form { "a form that ends early" } else { "something that is not JSON" };
                (Seen::Unreadable, Err(ApiError::of(Class::Unreadable, call, format!("answered {code} with {what}"))))
            }
        }
    }

    fn refusal(&self, call: &Call, response: &http::Response<Bytes>) -> (ApiError, bool) {
        let status = response.status().as_u16();
        let said = error::read(response.body());
        let clean = |text: &str| self.scrubber.clean(text);
        let message = if said.message.is_empty() { "without a message".to_owned() } else { clean(&said.message) };
        let event = said
            .event
            .map(|id| format!("event {}", clean(&id)))
            .or_else(|| ray(response.headers()).map(|id| clean(&id)));
        let error = ApiError {
            class: error::classify(call.operation, status, &message),
            status: Some(status),
            field: error::blamed_field(&message),
            missing_permissions: said
                .missing_permissions
                .iter()
                .take(MOST_PERMISSIONS)
                .map(|name| clean(name))
                .collect(),
            event,
            ..ApiError::of(Class::Invalid, call, message)
        };
        (error, said.is_json)
    }
}

impl Seen {
    const fn status(&self) -> u16 {
        match self {
            Self::Status { code, .. } => *code,
            Self::NotSent | Self::Lost | Self::Unreadable => 0,
        }
    }
}

/// An answer about another project than the requested one is a mix-up, on which nothing may be based.
fn checked(call: &ReadCall, answer: Answer) -> Result<Answer, ApiError> {
    let call = call.as_call();
    let asked = call.params.iter().find(|(name, _)| *name == "ref").map(|(_, param)| param);
    let told = answer.body.get("ref").and_then(Value::as_str);
    match (asked, told) {
        (Some(crate::model::Param::Known(asked)), Some(told)) if asked != told => {
            Err(ApiError::of(Class::Unreadable, call, "the answer is about another project"))
        }
        _ => Ok(answer),
    }
}

/// The API's time.
fn date(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    let date = jiff::fmt::rfc2822::parse(headers.get(http::header::DATE)?.to_str().ok()?).ok()?;
    Some(date.timestamp())
}

/// The edge's id of a request, where an answer has one.
fn ray(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("cf-ray")?.to_str().ok()?;
    let valid = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    valid.then(|| format!("cf-ray {id}"))
}
