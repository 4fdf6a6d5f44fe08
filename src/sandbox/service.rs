//! The sandbox as an HTTP service: host, token, limits, faults, log, then the route.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request, Response, Uri, header};
use serde_json::{Value, json};

use super::answer::{Answer, refuse};
use super::faults::{Fault, strike};
use super::limits::Told;
use super::matching::{Route, find};
use super::routes::{Visit, is_secret};
use super::{Inner, Sandbox, world};

/// The largest request that is taken.
const LARGEST: usize = 20 * 1024 * 1024;

impl Sandbox {
    /// The service; each clone works on the same state.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        axum::Router::new().fallback(serve).with_state(Arc::clone(self))
    }

    /// Serves until the task is dropped; the state is saved after each write.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(self: Arc<Self>, listener: tokio::net::TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    fn handle(&self, method: &Method, uri: &Uri, headers: &HeaderMap, bytes: &Bytes) -> Reply {
        let mut inner = self.lock();
        let now = self.now(inner.started_at);
        inner.state.settle(now);
        if uri.path().starts_with("/_sandbox/") {
            return own_route(&mut inner, method, uri.path()).into();
        }
        let Some((route, params)) = find(method.as_str(), uri.path()) else {
            return refuse(404, format!("Cannot {method} {}", uri.path())).into();
        };
        if !self.is_authorized(headers) {
            return refuse(401, "JWT could not be decoded").into();
        }
        let told = self.limit(&mut inner, route, &params, now);
        if let Some(told) = told.filter(|told| told.exceeded) {
            return Reply { retry_after: Some(60), ..Reply::of(refuse(429, TOO_MANY), Some(told)) };
        }
        let body = read(headers, bytes);
        let fault = strike(&mut inner.state.faults, route.name);
        let reply = self.answer(&mut inner, route, &params, uri, body.clone(), fault.as_ref(), now);
        let body = body.unwrap_or_else(|_| Some("(no JSON)".into()));
        inner.log.add(method.as_str(), uri.path(), uri.query(), reply.answer.status, body.as_ref(), is_secret);
        Reply { told, ..reply }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one request")]
    fn answer(
        &self,
        inner: &mut Inner,
        route: &Route,
        params: &[(&'static str, String)],
        uri: &Uri,
        body: Result<Option<Value>, Answer>,
        fault: Option<&Fault>,
        now: u64,
    ) -> Reply {
        let mut body = match body {
            Ok(body) => body,
            Err(refusal) => return refusal.into(),
        };
        match fault {
            Some(Fault::Refuse { status, message }) => return refuse(*status, message.clone()).into(),
            Some(Fault::Limit { retry_after }) => {
                return Reply { retry_after: Some(*retry_after), ..refuse(429, TOO_MANY).into() };
            }
            Some(Fault::DropBefore) => return Reply { shape: Shape::Broken, ..refuse(500, "dropped").into() },
            Some(Fault::Page { status }) => return Reply { shape: Shape::Page, ..refuse(*status, "page").into() },
            Some(Fault::Ignore { fields }) => {
                if let Some(Value::Object(members)) = &mut body {
                    members.retain(|name, _| !fields.contains(name));
                }
            }
            Some(Fault::Ghost { pointer, value }) => ghost(inner, pointer, value),
            Some(Fault::FailAfter { .. } | Fault::DropAfter | Fault::Cut) | None => {}
        }
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let before = inner.state.clone();
        let mut visit =
            Visit { state: &mut inner.state, params, query, body, now, google_folds: self.options.google_folds };
        let answer = (route.handle)(&mut visit).unwrap_or_else(|refusal| {
            // A refusal has no effect, whatever the route had begun.
            inner.state = before;
            refusal
        });
        match fault {
            Some(Fault::FailAfter { status }) => refuse(*status, "Internal Server Error").into(),
            Some(Fault::DropAfter) => Reply { shape: Shape::Broken, ..answer.into() },
            Some(Fault::Cut) => Reply { shape: Shape::Cut, ..answer.into() },
            _ => answer.into(),
        }
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        bearer
            .and_then(|bearer| bearer.split_once(' '))
            .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token.trim() == self.options.token)
    }

    fn limit(&self, inner: &mut Inner, route: &Route, params: &[(&'static str, String)], now: u64) -> Option<Told> {
        let limit = self.options.rate_limit.unwrap_or(route.limit);
        if limit == 0 {
            return None;
        }
        let scope = params.iter().find(|(name, _)| *name == "ref" || *name == "slug").map_or("", |(_, value)| value);
        Some(inner.limits.count(scope, route.name, limit, now))
    }
}

/// The message of a 429.
const TOO_MANY: &str = "ThrottlerException: Too Many Requests";

/// A whole answer, before it is bytes.
struct Reply {
    answer: Answer,
    told: Option<Told>,
    retry_after: Option<u32>,
    shape: Shape,
}

/// What becomes of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Whole,
    /// It ends early.
    Cut,
    /// The connection breaks.
    Broken,
    /// A page of something in between.
    Page,
}

impl Reply {
    fn of(answer: Answer, told: Option<Told>) -> Self {
        Self { answer, told, retry_after: None, shape: Shape::Whole }
    }

    fn into_response(self) -> Response<Body> {
        let Self { answer: Answer { status, body }, told, retry_after, shape } = self;
        let mut response = Response::builder().status(status).header("x-gotrue-id", world::uuid("user"));
        if let Some(told) = told {
            response = response
                .header("x-ratelimit-limit", told.limit)
                .header("x-ratelimit-remaining", told.remaining)
                .header("x-ratelimit-reset", told.reset);
        }
        if let Some(seconds) = retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        let body = match (shape, body) {
            (Shape::Broken, _) => Body::new(http_body_util::StreamBody::new(futures_util::stream::once(async {
                Err::<http_body::Frame<Bytes>, _>(std::io::Error::other("the connection broke"))
            }))),
            (Shape::Page, _) => {
                response = response.header(header::CONTENT_TYPE, "text/html");
                Body::from("<!DOCTYPE html><title>Web server is down</title><h1>Error</h1>")
            }
            (_, None) => Body::empty(),
            (shape, Some(value)) => {
                response = response.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
                let mut text = value.to_string();
                if shape == Shape::Cut {
                    text.truncate(text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at));
                }
                Body::from(text)
            }
        };
        response.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::of(answer, None)
    }
}

async fn serve(Shared(sandbox): Shared<Arc<Sandbox>>, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    if !is_local(&parts.uri, &parts.headers) {
        return Ok(
            Reply::from(refuse(403, "The sandbox answers to 127.0.0.1, [::1] and localhost only")).into_response()
        );
    }
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return Ok(Reply::from(refuse(413, "request entity too large")).into_response());
    };
    if !sandbox.options.latency.is_zero() {
        sandbox.clock.sleep(sandbox.options.latency).await;
    }
    let reply = sandbox.handle(&parts.method, &parts.uri, &parts.headers, &bytes);
    if parts.method != Method::GET
        && let Err(error) = sandbox.save()
    {
        tracing::error!(%error, "the sandbox's state could not be written");
    }
    Ok(reply.into_response())
}

/// Whether a request names this machine (N17): a page in a browser that rebinds its name to 127.0.0.1 does not.
fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let named = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let host = named.unwrap_or_default();
    let without_port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(without_port.map_or(host, |(name, _)| name), "127.0.0.1" | "[::1]" | "localhost")
}

/// The body as JSON; nothing where there is none.
fn read(headers: &HeaderMap, bytes: &Bytes) -> Result<Option<Value>, Answer> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.is_empty() && !kind.starts_with("application/json") {
        return Ok(None);
    }
    let mut value = serde_json::from_slice(bytes).map_err(|error| refuse(400, format!("Invalid JSON: {error}")))?;
    one_kind_of_number(&mut value);
    Ok(Some(value))
}

/// The API is written in JavaScript, where `2.0` is `2`.
fn one_kind_of_number(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(one_kind_of_number),
        Value::Array(items) => items.iter_mut().for_each(one_kind_of_number),
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or_default();
            if float.fract() == 0.0 && float.abs() < 9e15 {
                #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
                let whole = float as i64;
                *value = whole.into();
            }
        }
        _ => {}
    }
}

fn ghost(inner: &mut Inner, pointer: &str, value: &Value) {
    let Ok(mut whole) = serde_json::to_value(&inner.state) else { return };
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(members)) = whole.pointer_mut(parent) {
        members.insert(key.to_owned(), value.clone());
    }
    if let Ok(state) = serde_json::from_value(whole) {
        inner.state = state;
    }
}

/// The sandbox's own routes.
fn own_route(inner: &mut Inner, method: &Method, path: &str) -> Answer {
    match (method, path) {
        (&Method::GET, "/_sandbox/requests") => Answer { status: 200, body: Some(inner.log.list()) },
        (&Method::DELETE, "/_sandbox/requests") => {
            inner.log.clear();
            Answer { status: 204, body: None }
        }
        _ => Answer { status: 404, body: Some(json!({"message": format!("Cannot {method} {path}")})) },
    }
}
