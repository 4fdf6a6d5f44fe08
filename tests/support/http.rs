//! Requests to a sandbox in this process.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response};
use serde_json::Value;
use supaform::clock::JumpClock;
use supaform::sandbox::{Options, Sandbox, TOKEN};
use tower::ServiceExt as _;

/// A sandbox and its clock.
pub(crate) struct Api {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) clock: Arc<JumpClock>,
}

/// An answer: status, headers and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Option<Value>,
}

impl Api {
    pub(crate) fn new(options: Options) -> Self {
        let clock = JumpClock::start();
        let shared: Arc<JumpClock> = Arc::clone(&clock);
        Self { sandbox: Sandbox::open(options, shared).expect("a sandbox"), clock }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.raw(request.body(body).expect("a request")).await
    }

    pub(crate) async fn raw(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.sandbox.router().oneshot(request).await.expect("the service does not fail");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let body = if bytes.is_empty() { None } else { Some(serde_json::from_slice(&bytes).unwrap_or(Value::Null)) };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, None).await;
        assert_eq!(answer.status, 200, "GET {path}: {:?}", answer.body);
        answer.body.unwrap_or_default()
    }
}

impl Answer {
    pub(crate) fn message(&self) -> &str {
        self.body.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str).unwrap_or_default()
    }
}
