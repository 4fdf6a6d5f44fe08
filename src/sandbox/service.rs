//! The sandbox as an HTTP service: host, token, limits, faults, log, then the route.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request, Response, Uri, header};
use serde_json::{Value, json};

use super::answer::{Answer, Answered, refuse};
use super::faults::{Fault, strike};
use super::form;
use super::functions::Flight;
use super::limits::LimitHeaders;
use super::matching::{Route, find};
use super::permissions::check;
use super::reply::{Reply, Shape};
use super::routes::{self, ROUTES, takes_ms, takes_writes_always};
use super::shown::as_switched;
use super::undo::Undo;
use super::visit::RequestContext;
use super::{Inner, Sandbox, State};

/// The largest request that is accepted.
const LARGEST: usize = 20 * 1024 * 1024;

/// A request with its route.
struct Asked<'a> {
    route: &'a Route,
    params: &'a [(&'static str, String)],
    query: Vec<(String, String)>,
    body: Option<Value>,
    headers: &'a HeaderMap,
    /// The most writes of functions that were in flight together with it.
    width: u32,
    now: u64,
}

impl Asked<'_> {
    /// The ref in its path.
    fn reference(&self) -> Option<&str> {
        reference(self.params)
    }

    /// Whether it writes to services that are down: the project is coming up, is paused, or is being paused.
    fn is_for_a_project_that_is_down(&self, state: &State) -> bool {
        let project = self.reference().and_then(|reference| state.projects.get(reference));
        project.is_some_and(|project| !project.is_up()) && !takes_writes_always(self.route)
    }
}

/// A request as it was sent.
#[derive(Clone, Copy)]
pub(super) struct Sent<'s> {
    pub(super) method: &'s Method,
    pub(super) uri: &'s Uri,
    pub(super) headers: &'s HeaderMap,
    pub(super) bytes: &'s Bytes,
    /// The most writes of functions that were in flight together with it.
    pub(super) width: u32,
}

fn reference<'p>(params: &'p [(&'static str, String)]) -> Option<&'p str> {
    params.iter().find(|(name, _)| *name == "ref").map(|(_, value)| value.as_str())
}

/// The ref of the project that a branch in the path is.
fn branch_of(state: &State, params: &[(&'static str, String)]) -> Option<String> {
    let given = params.iter().find(|(name, _)| *name == "branch_id_or_ref").map(|(_, value)| value)?;
    let (parent, at) = state.branch(given)?;
    Some(state.projects.get(&parent)?.branches.get(at)?.reference.clone())
}

impl Sandbox {
    /// The service; all clones share one state, which [`Sandbox::save`] stores.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        axum::Router::new().fallback(answer).with_state(Arc::clone(self))
    }

    /// Serves until the task is dropped; a write is answered once the state with it is stored.
    ///
    /// # Errors
    /// When the listener breaks, or other machines could reach it.
    pub async fn serve(self: Arc<Self>, listener: tokio::net::TcpListener) -> std::io::Result<()> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(std::io::Error::other(format!("`{address}` is no loopback address")));
        }
        axum::serve(listener, axum::Router::new().fallback(keep_and_answer).with_state(self)).await
    }

    pub(super) fn handle(&self, sent: Sent<'_>) -> Reply {
        let Sent { method, uri, .. } = sent;
        let mut inner = self.lock();
        let now = self.now(inner.started_at);
        if uri.path().starts_with("/_sandbox/") {
            return own_route(&mut inner, method, uri.path()).into();
        }
        let (reply, body) = self.reply(&mut inner, sent, now);
        let Inner { state, log, writes, .. } = &mut *inner;
        *writes += u64::from(method != Method::GET);
        let is_slug = |text: &str| state.organizations.contains_key(text);
        log.add(method.as_str(), uri.path(), uri.query(), reply.answer.status, body.as_ref(), is_slug);
        Reply { at: Some(now), ..reply }
    }

    /// The reply to a request, and its body, as far as it was read.
    fn reply(&self, inner: &mut Inner, sent: Sent<'_>, now: u64) -> (Reply, Option<Value>) {
        let Sent { method, uri, headers, bytes, width } = sent;
        let dashboards = uri.path().starts_with("/platform/");
        let found = find(ROUTES, method.as_str(), uri.path());
        if found.is_none() && !dashboards {
            return (refuse(404, format!("Cannot {method} {}", uri.path())).into(), None);
        }
        if !self.is_authorized(headers) {
            return (refuse(401, "JWT could not be decoded").into(), None);
        }
        let Some((route, params)) = found else {
            // The dashboard's own routes do not accept tokens of this sort.
            return (refuse(401, "Unsupported access token").into(), None);
        };
        let told = self.limit(inner, route, &params, now);
        if told.is_some_and(|told| told.exceeded) {
            return (Reply { told, known: true, ..Reply::too_many(self.real_seconds(60)) }, None);
        }
        let project = reference(&params);
        inner.state.settle(project, now);
        let fault = strike(&mut inner.state.faults, route.name, project);
        let switches = self.options.switches.or(inner.state.switches);
        let read = if routes::functions::is_too_large(route, bytes.len(), switches) {
            Err(refuse(413, "request entity too large"))
        } else {
            read(route, headers, bytes)
        };
        let (reply, body) = match read {
            Err(refusal) => (refusal.into(), Some("no JSON".into())),
            Ok(body) => {
                let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned();
                let (query, given) = (query.collect(), body.clone());
                let asked = Asked { route, params: &params, query, body: given, headers, width, now };
                (self.with_fault(inner, asked, fault.as_ref()), body)
            }
        };
        (Reply { told, known: true, ..reply }, body)
    }

    fn with_fault(&self, inner: &mut Inner, mut asked: Asked<'_>, fault: Option<&Fault>) -> Reply {
        match fault {
            Some(Fault::Refuse { status, message }) => return refuse(*status, message.clone()).into(),
            Some(Fault::Limit { retry_after }) => return Reply::too_many(self.real_seconds(u64::from(*retry_after))),
            Some(Fault::DropBefore) => return Reply { shape: Shape::Broken, ..refuse(500, "dropped").into() },
            Some(Fault::Page { status }) => return Reply { shape: Shape::Page, ..refuse(*status, "page").into() },
            Some(Fault::Stale) if asked.route.method == "GET" => {
                // The old state answers, and no change of it is stored.
                let mut past = inner.state.clone();
                if let Some(before) = inner.before.clone() {
                    before.put_back(&mut past);
                }
                past.settle(asked.reference(), asked.now);
                return self.visit(&mut past, asked).unwrap_or_else(|refusal| refusal).into();
            }
            Some(Fault::Ignore { fields }) => {
                if let Some(Value::Object(members)) = &mut asked.body {
                    members.retain(|name, _| !fields.contains(name));
                }
            }
            Some(Fault::Ghost { pointer, value }) => ghost(inner, pointer, value),
            _ => {}
        }
        let takes = takes_ms(asked.route, self.options.switches.or(inner.state.switches));
        let mut answer = self.take_effect(inner, asked);
        let takes = if answer.status < 300 { self.real(Duration::from_millis(takes)) } else { Duration::ZERO };
        let reply = match fault {
            Some(Fault::FailAfter { status }) => refuse(*status, "Internal Server Error").into(),
            Some(Fault::DropAfter) => Reply { shape: Shape::Broken, ..answer.into() },
            Some(Fault::Cut) => Reply { shape: Shape::Cut, ..answer.into() },
            Some(Fault::Slow { ms }) => Reply { delay: self.real(Duration::from_millis(*ms)), ..answer.into() },
            Some(Fault::Show { pointer, value }) => {
                if let Some(body) = &mut answer.body {
                    put(body, pointer, value);
                }
                answer.into()
            }
            _ => answer.into(),
        };
        Reply { delay: reply.delay.max(takes), ..reply }
    }

    /// Runs the route. A refusal has no effect, whatever the route has changed before.
    fn take_effect(&self, inner: &mut Inner, asked: Asked<'_>) -> Answer {
        if asked.route.method == "GET" {
            return self.visit(&mut inner.state, asked).unwrap_or_else(|refusal| refusal);
        }
        let branch = branch_of(&inner.state, asked.params);
        let before = Undo::of(&inner.state, asked.reference().or(branch.as_deref()));
        let down = asked.is_for_a_project_that_is_down(&inner.state);
        let failure = asked.route.failure;
        match self.visit(&mut inner.state, asked) {
            // The request was valid, but the services that would carry it out are down.
            Ok(_) if down => {
                before.put_back(&mut inner.state);
                refuse(500, failure)
            }
            Ok(answer) => {
                inner.before = Some(before);
                answer
            }
            Err(refusal) => {
                before.put_back(&mut inner.state);
                refusal
            }
        }
    }

    fn visit(&self, state: &mut State, asked: Asked<'_>) -> Answered {
        let Asked { route, params, query, body, headers, width, now } = asked;
        let switches = self.options.switches.or(state.switches);
        let reveals = query.iter().any(|(name, value)| name == "reveal" && value == "true");
        check(state.token.as_ref(), route.name, route.needs, reveals)?;
        let (postgres, time_scale) = (self.postgres.as_ref(), self.options.time_scale);
        let answer = (route.handle)(&mut RequestContext {
            state,
            params,
            query,
            body,
            headers,
            width,
            now,
            switches,
            postgres,
            time_scale,
        })?;
        Ok(as_switched(answer, switches, route.name))
    }

    /// A time of the sandbox as the time that a client has to wait.
    fn real(&self, time: Duration) -> Duration {
        Duration::try_from_secs_f64(time.as_secs_f64() / self.options.time_scale).unwrap_or(time)
    }

    /// The same in whole seconds.
    fn real_seconds(&self, seconds: u64) -> u64 {
        let real = self.real(Duration::from_secs(seconds));
        real.as_secs() + u64::from(real.subsec_nanos() > 0)
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        bearer
            .and_then(|bearer| bearer.split_once(' '))
            .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token.trim() == self.options.token)
    }

    fn limit(
        &self,
        inner: &mut Inner,
        route: &Route,
        params: &[(&'static str, String)],
        now: u64,
    ) -> Option<LimitHeaders> {
        let limit = self.options.rate_limit.unwrap_or(route.limit);
        if limit == 0 {
            return None;
        }
        let scope = params.iter().find(|(name, _)| *name == "ref" || *name == "slug").map_or("", |(_, value)| value);
        let told = inner.limits.count(scope, route.name, limit, now);
        Some(LimitHeaders { reset: self.real_seconds(told.reset), ..told })
    }
}

async fn answer(sandbox: Shared<Arc<Sandbox>>, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    respond(sandbox, request, false).await
}

async fn keep_and_answer(sandbox: Shared<Arc<Sandbox>>, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    respond(sandbox, request, true).await
}

async fn respond(
    Shared(sandbox): Shared<Arc<Sandbox>>,
    request: Request<Body>,
    keeps: bool,
) -> Result<Response<Body>, Infallible> {
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
    let flight = match find(ROUTES, parts.method.as_str(), parts.uri.path()) {
        Some((route, params)) if routes::functions::can_overlap(route) => {
            let flight = sandbox.flights.begin(reference(&params).unwrap_or_default());
            sandbox.clock.sleep(routes::functions::TAKES).await;
            Some(flight)
        }
        _ => None,
    };
    let width = flight.as_ref().map_or(1, Flight::width);
    let writes = parts.method != Method::GET;
    let reply = if sandbox.postgres.is_some() {
        // SQL takes its time, in which other requests come in.
        let sandbox = Arc::clone(&sandbox);
        let handled = tokio::task::spawn_blocking(move || {
            let http::request::Parts { method, uri, headers, .. } = &parts;
            sandbox.handle(Sent { method, uri, headers, bytes: &bytes, width })
        });
        handled.await.unwrap_or_else(|error| refuse(500, error.to_string()).into())
    } else {
        let http::request::Parts { method, uri, headers, .. } = &parts;
        sandbox.handle(Sent { method, uri, headers, bytes: &bytes, width })
    };
    drop(flight);
    if keeps && writes {
        keep(&sandbox).await;
    }
    // The state is stored by then: a client that does not wait ends this task.
    if !reply.delay.is_zero() {
        sandbox.clock.sleep(reply.delay).await;
    }
    Ok(reply.into_response())
}

/// Stores the writes so far. Other requests are answered meanwhile, and their writes are stored together; a client that
/// does not wait only ends the waiting.
async fn keep(sandbox: &Arc<Sandbox>) {
    let (writes, sandbox) = (sandbox.lock().writes, Arc::clone(sandbox));
    let kept = tokio::task::spawn_blocking(move || sandbox.keep(writes)).await;
    if let Ok(Err(error)) = kept {
        tracing::error!(%error, "the sandbox's state could not be written");
    }
}

/// Whether a request names this machine: a page in a browser that rebinds its name to 127.0.0.1 does not.
fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let named = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let host = named.unwrap_or_default();
    let without_port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = without_port.map_or(host, |(name, _)| name).to_ascii_lowercase();
    matches!(name.as_str(), "127.0.0.1" | "[::1]" | "localhost")
}

/// The body as JSON; `None` where there is none.
fn read(route: &Route, headers: &HeaderMap, bytes: &Bytes) -> Result<Option<Value>, Answer> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if routes::functions::takes_forms(route)
        && let Some(form) = form::read(kind, bytes)?
    {
        return Ok(Some(form));
    }
    let kind = kind.split(';').next().unwrap_or_default().trim();
    // A body that is not JSON counts as missing.
    if !kind.is_empty() && !kind.eq_ignore_ascii_case("application/json") {
        return Ok(None);
    }
    let mut value = crate::json::read(bytes).map_err(|error| refuse(400, format!("Invalid JSON: {error}")))?;
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
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Applies somebody else's change to the state; a change that would make the state invalid is left out.
fn ghost(inner: &mut Inner, pointer: &str, value: &Value) {
    let Ok(mut whole) = serde_json::to_value(&inner.state) else { return };
    put(&mut whole, pointer, value);
    if let Ok(state) = serde_json::from_value(whole) {
        inner.state = state;
    }
}

/// Sets the value at a JSON pointer; the last member may be new.
fn put(whole: &mut Value, pointer: &str, value: &Value) {
    if let Some(place) = whole.pointer_mut(pointer) {
        *place = value.clone();
    } else if let Some((parent, key)) = pointer.rsplit_once('/')
        && let Some(Value::Object(members)) = whole.pointer_mut(parent)
    {
        members.insert(key.replace("~1", "/").replace("~0", "~"), value.clone());
    }
}

/// The sandbox's own routes.
fn own_route(inner: &mut Inner, method: &Method, path: &str) -> Answer {
    match (method, path) {
        (&Method::GET, "/_sandbox/requests") => Answer { status: 200, body: Some(inner.log.list()), raw: None },
        (&Method::DELETE, "/_sandbox/requests") => {
            inner.log.clear();
            Answer { status: 204, body: None, raw: None }
        }
        _ => Answer { status: 404, body: Some(json!({"message": format!("Cannot {method} {path}")})), raw: None },
    }
}
