//! The loop around one request: permit, send, classify, retry.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::error::{self, ApiError, Class};
use super::limit::{self, Limiter};
use super::origin::{Origin, Token};
use super::overlay::{overlay, pick};
use super::path::path;
use super::retry::{Budget, Decision, Seen, decide};
use super::scrub::Scrubber;
use super::stop::Stop;
use super::transport::{Broken, Transport};
use crate::clock::Clock;
use crate::model::{Answer, Body, Call, JsonBody, ProjectRef, ReadCall, Repeat, Unfilled};
use crate::secret::{SecretUse, Vault};

/// How many requests are in flight at once, in all.
const IN_FLIGHT: usize = 16;

/// More permissions that are missing tell nothing new.
const MOST_PERMISSIONS: usize = 20;

/// How long a request in flight is awaited after the run was stopped (R32).
const GRACE: Duration = Duration::from_secs(5);

/// What a client is made of.
pub struct ClientOptions {
    /// How bytes travel.
    pub transport: Box<dyn Transport>,
    /// Where the API is.
    pub origin: Origin,
    /// The token.
    pub token: Token,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The values of secrets, for bodies and for scrubbing.
    pub vault: Arc<Vault>,
    /// Raised when the run is to stop.
    pub stop: Stop,
    /// How long the whole run may take.
    pub deadline: Duration,
}

struct Inner {
    transport: Box<dyn Transport>,
    origin: Origin,
    token: Token,
    clock: Arc<dyn Clock>,
    vault: Arc<Vault>,
    stop: Stop,
    /// When the run is to end, in milliseconds.
    deadline: AtomicU64,
    limiter: Limiter,
    budget: Mutex<Budget>,
    scrubber: Scrubber,
    permits: Semaphore,
    jitter: AtomicU64,
    /// When the last wait ends that was told, in milliseconds.
    told: AtomicU64,
}

/// A client that can only read.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
}

/// A client that may also write.
#[derive(Clone)]
pub struct Writer {
    reader: Reader,
}

/// Why a write did not come back with a success.
#[derive(Debug)]
pub enum SendError {
    /// The API refused, or nothing was sent.
    Api(ApiError),
    /// It may have taken effect: look at live before anything is sent again.
    Unknown(ApiError),
    /// A secret of the body has no value; nothing was sent.
    Unresolved(SecretUse),
}

impl Reader {
    /// A client that can only read.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        let ClientOptions { transport, origin, token, clock, vault, stop, deadline } = options;
        let inner = Inner {
            limiter: Limiter::new(Arc::clone(&clock)),
            scrubber: Scrubber::new(&vault, Some(&token)),
            budget: Mutex::default(),
            permits: Semaphore::new(IN_FLIGHT),
            jitter: AtomicU64::new(0),
            told: AtomicU64::new(0),
            transport,
            origin,
            token,
            clock,
            vault,
            stop,
            deadline: AtomicU64::new(millis(deadline)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Reads.
    ///
    /// # Errors
    /// When the API refuses, cannot be reached, or answers with what is no JSON.
    pub async fn read(&self, call: &ReadCall) -> Result<Answer, ApiError> {
        match self.inner.send(call.as_call(), &BTreeMap::new(), None).await {
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

    /// The part of it that reads.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Sets another time by which the run is to end.
    pub fn extend(&self, deadline: Duration) {
        self.reader.inner.deadline.store(millis(deadline), Ordering::Relaxed);
    }

    /// Whether the run was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.reader.inner.stop.is_raised()
    }

    /// Sends a call of a plan; `created` are the refs of projects that this run has made.
    ///
    /// # Errors
    /// When the API refuses, when nothing could be sent, or when the fate of the call is unknown.
    pub async fn send(&self, call: &Call, created: &BTreeMap<String, ProjectRef>) -> Result<Answer, SendError> {
        let base = match &call.body {
            Body::Overlay { base, at, set, .. } => {
                // What cannot be filled in is told before anything is asked.
                self.reader.inner.fill(call, set)?;
                let mut read = (**base).clone();
                read.repeat = Repeat::Safe;
                let answer = self.reader.inner.send(&read, created, None).await?;
                Some(answer.body.pointer(at).cloned().unwrap_or_default())
            }
            Body::Empty | Body::Json(_) => None,
        };
        self.reader.inner.send(call, created, base.as_ref()).await
    }
}

impl Inner {
    async fn send(
        &self,
        call: &Call,
        created: &BTreeMap<String, ProjectRef>,
        base: Option<&Value>,
    ) -> Result<Answer, SendError> {
        let path =
            path(call, created).map_err(|why| SendError::Api(ApiError::of(Class::Invalid, call, why.to_string())))?;
        let key = limit::key(call);
        for attempt in 1.. {
            self.admit(call, &key).await?;
            let request = self.request(call, &path, base)?;
            tracing::debug!(
                method = call.operation.method.as_str(),
                route = call.operation.template,
                attempt,
                "request"
            );
            let permit = self.permits.acquire().await;
            let sent = self.in_flight(request).await;
            drop(permit);
            let (seen, outcome) = self.judge(call, &key, sent);
            tracing::info!(
                method = call.operation.method.as_str(),
                route = call.operation.template,
                status = seen.status(),
                "answer"
            );
            match decide(call.repeat, attempt, &seen, self.jitter()) {
                Decision::Return => {
                    if attempt == 1 && outcome.is_ok() {
                        self.budget().earn();
                    }
                    return outcome.map_err(SendError::Api);
                }
                Decision::GiveUp => return Err(SendError::Api(failure(outcome, call))),
                Decision::Look => return Err(SendError::Unknown(failure(outcome, call))),
                Decision::RetryAfter(pause) => {
                    let limited = matches!(seen, Seen::Status { code: 429, .. });
                    if limited {
                        self.limiter.close(key.clone(), pause);
                    }
                    let late = millis(self.clock.now() + pause) >= self.deadline.load(Ordering::Relaxed);
                    if late || (!limited && !self.budget().spend(&seen)) {
                        return Err(SendError::Api(failure(outcome, call)));
                    }
                    if !limited {
                        self.pause(call, pause).await?;
                    }
                }
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// Waits until the route has room.
    async fn admit(&self, call: &Call, key: &(String, crate::model::Operation)) -> Result<(), SendError> {
        while let Some(pause) = self.limiter.admit(key) {
            let (method, route, seconds) = (call.operation.method.as_str(), call.operation.template, pause.as_secs());
            if seconds >= 5 && self.is_news(pause) {
                tracing::warn!("waiting {seconds} s for the rate limit of {method} {route}");
            }
            self.pause(call, pause).await?;
        }
        if self.stop.is_raised() { Err(stopped(call)) } else { Ok(()) }
    }

    /// Whether this wait ends well after those that were told, so that a hundred projects in one wait make one line.
    fn is_news(&self, pause: Duration) -> bool {
        let ends = u64::try_from((self.clock.now() + pause).as_millis()).unwrap_or(u64::MAX);
        self.told.fetch_max(ends, Ordering::Relaxed).saturating_add(5_000) <= ends
    }

    async fn pause(&self, call: &Call, pause: Duration) -> Result<(), SendError> {
        tokio::select! {
            () = self.clock.sleep(pause) => Ok(()),
            () = self.stop.raised() => Err(stopped(call)),
        }
    }

    /// Awaits the answer; after a stop for a while only.
    async fn in_flight(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Broken> {
        let too_late = async {
            self.stop.raised().await;
            self.clock.sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            answer = self.transport.send(request) => answer,
            () = too_late => Err(Broken::Lost("interrupted before the answer came".to_owned())),
        }
    }

    /// The request with its token and, from here to the transport only, its secrets in clear.
    fn request(&self, call: &Call, path: &str, base: Option<&Value>) -> Result<http::Request<Bytes>, SendError> {
        let invalid = |why: String| SendError::Api(ApiError::of(Class::Invalid, call, why));
        let body = match &call.body {
            Body::Empty => None,
            Body::Json(body) => Some(self.fill(call, body)?),
            Body::Overlay { set, unset, only, .. } => {
                let set = self.fill(call, set)?;
                let base = base.unwrap_or(&Value::Null);
                let along = only.as_ref().map_or(Cow::Borrowed(base), |pointers| Cow::Owned(pick(base, pointers)));
                Some(overlay(&along, &set, unset))
            }
        };
        let mut bearer = http::HeaderValue::from_str(&format!("Bearer {}", self.token.expose()))
            .map_err(|_| invalid("the token cannot stand in a header".to_owned()))?;
        bearer.set_sensitive(true);
        let request = http::Request::builder()
            .method(call.operation.method.as_str())
            .uri(format!("{}{path}", self.origin.as_str()))
            .header(http::header::AUTHORIZATION, bearer)
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::HOST, self.origin.host())
            .header(http::header::USER_AGENT, concat!("supaform/", env!("CARGO_PKG_VERSION")));
        let request = match &body {
            Some(body) => request.header(http::header::CONTENT_TYPE, "application/json").body(body.to_string().into()),
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
        })
    }

    /// What an attempt came to, and the answer or error that it stands for.
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
                return (seen, Err(ApiError::of(Class::Network, call, self.scrubber.clean(&broken.to_string()))));
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
        let body = if response.body().is_empty() { Ok(Value::Null) } else { crate::json::read(response.body()) };
        match body {
            Ok(body) => (Seen::Status { code, wait: None, message: String::new() }, Ok(Answer { status: code, body })),
            Err(_) => (
                Seen::Unreadable,
                Err(ApiError::of(Class::Unreadable, call, format!("answered {code} with what is no JSON"))),
            ),
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
            class: error::classify(status, &message),
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

    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number in `0.0..1.0` from a fixed sequence (`SplitMix64`), so that runs can be repeated.
    fn jitter(&self) -> f64 {
        let mut bits =
            self.jitter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or_default()) / f64::from(u32::MAX)
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

/// An answer about another project than the one that was asked for is a mix-up that nothing may be built on.
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

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn stopped(call: &Call) -> SendError {
    SendError::Api(ApiError::of(Class::Stopped, call, "not sent, because the run was interrupted"))
}

/// The error of an outcome; an answer that is to be retried is one as well.
fn failure(outcome: Result<Answer, ApiError>, call: &Call) -> ApiError {
    outcome.err().unwrap_or_else(|| ApiError::of(Class::Unreadable, call, "the answer could not be used"))
}

/// The edge's id of a request, where an answer has one (R34).
fn ray(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("cf-ray")?.to_str().ok()?;
    let valid = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    valid.then(|| format!("cf-ray {id}"))
}
