//! Answers of a route.

use serde_json::{Value, json};

/// A status and a body; no body means an empty one, without a content type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    /// A body that is no JSON: its type, and its bytes.
    pub(super) raw: Option<(String, Vec<u8>)>,
}

/// The result of a route: both sides are answers, and the second is a refusal, after which nothing has changed.
pub(super) type Answered = Result<Answer, Answer>;

/// A success with a body.
pub(super) fn ok(status: u16, body: Value) -> Answer {
    Answer { status, body: Some(body), raw: None }
}

/// The usual success.
#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
pub(super) fn answer(body: Value) -> Answered {
    Ok(ok(200, body))
}

/// The type of what the service beside the database has answered.
pub(super) const PASSED_ON: &str = "application/json";

/// An answer of the service beside the database, which is passed on as it is.
pub(super) fn passed_on(status: u16, body: &Value) -> Answer {
    Answer { status, body: None, raw: Some((PASSED_ON.to_owned(), body.to_string().into_bytes())) }
}

/// A success without a body.
pub(super) fn empty(status: u16) -> Answer {
    Answer { status, body: None, raw: None }
}

/// A refusal with a message.
pub(super) fn refuse(status: u16, message: impl Into<String>) -> Answer {
    let message: String = message.into();
    Answer { status, body: Some(json!({ "message": message })), raw: None }
}

/// The refusal of a feature that the organization's plan does not include. A few of these are recorded, and name the
/// feature like this; the messages of the others are ours.
pub(super) fn not_included(feature: &str, what: &str) -> Answer {
    let message = format!("{what}: the organization's plan does not include it");
    let error = json!({"code": "entitlement_required", "feature": feature});
    Answer {
        status: 402,
        body: Some(json!({"message": message, "code": "entitlement_required", "error": error})),
        raw: None,
    }
}
