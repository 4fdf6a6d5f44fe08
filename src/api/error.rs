//! What the API refused, or why it could not be asked: what, where, and what to do.

use std::fmt;

use serde_json::Value;

use crate::model::{Call, Method, Operation};

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// 401: the token, or the refusal of a value in disguise.
    Auth,
    /// 403.
    Permission,
    /// The project was removed.
    Gone,
    /// 404 and 406.
    NotFound,
    /// 400, 409, 413, 422: the request was refused.
    Invalid,
    /// 402.
    PlanLimit,
    /// 429 until the end.
    RateLimited,
    /// 5xx.
    Server,
    /// A success that cannot be read.
    Unreadable,
    /// No connection, or a lost answer.
    Network,
    /// 3xx: not followed, since the token would go along.
    Redirect,
    /// The run was stopped.
    Stopped,
}

/// A request that came to nothing. Its texts carry no secrets.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// The kind of failure.
    pub class: Class,
    /// The operation.
    pub operation: Operation,
    /// The path.
    pub path: String,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// What the API said, or what happened.
    pub message: String,
    /// The field that the API blames.
    pub field: Option<String>,
    /// Permissions that the API says are missing.
    pub missing_permissions: Vec<String>,
    /// The API's id of the event, or the edge's of the request.
    pub event: Option<String>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, path, status, message, event, .. } = self;
        write!(out, "{} {path}", operation.method.as_str())?;
        match status {
            Some(status) => write!(out, " answered {status}: {message}")?,
            None => write!(out, ": {message}")?,
        }
        event.as_ref().map_or(Ok(()), |event| write!(out, " ({event})"))
    }
}

impl std::error::Error for ApiError {}

impl ApiError {
    /// A failure without an answer of the API.
    #[must_use]
    pub fn of(class: Class, call: &Call, message: impl Into<String>) -> Self {
        Self {
            class,
            operation: call.operation,
            path: call.path(),
            status: None,
            message: message.into(),
            field: None,
            missing_permissions: vec![],
            event: None,
        }
    }

    /// An answer that is not understood.
    #[must_use]
    pub fn unreadable(call: Option<&Call>, message: impl Into<String>) -> Self {
        let unknown = Call::new(Method::Get, "/", crate::model::Repeat::Safe);
        Self::of(Class::Unreadable, call.unwrap_or(&unknown), message)
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let hint = match self.class {
            Class::Auth => {
                "Make an access token in the dashboard (Account, Access Tokens) and give it in SUPABASE_ACCESS_TOKEN or with --token-file."
            }
            Class::Permission if self.missing_permissions.is_empty() => {
                "The token's owner needs a role in the organization, or the token a scope, that allows this."
            }
            Class::Permission => return vec![format!("Give the token: {}.", self.missing_permissions.join(", "))],
            Class::PlanLimit => "The organization's plan does not include this.",
            Class::RateLimited => "Something else uses up the limit of this user: run this again later.",
            Class::Server => "That is the API's own failure: look at https://status.supabase.com and run this again.",
            Class::Network => "Check the network, the proxy that HTTPS_PROXY names, and --api-url.",
            Class::Redirect => "Redirects are not followed, since the token would go along: correct --api-url.",
            Class::Gone | Class::NotFound | Class::Invalid | Class::Unreadable | Class::Stopped => return vec![],
        };
        vec![hint.to_owned()]
    }
}

/// What an answer with a bad status says.
pub(super) struct Said {
    pub(super) message: String,
    pub(super) missing_permissions: Vec<String>,
    pub(super) event: Option<String>,
    /// Whether it is JSON of the API, and not a page of something in between.
    pub(super) is_json: bool,
}

/// Reads the body of a refusal: JSON with a `message`, else its first 200 characters.
pub(super) fn read(body: &[u8]) -> Said {
    let Ok(json) = crate::json::read(body) else {
        let text = String::from_utf8_lossy(body);
        let is_page = text.trim_start().starts_with('<');
        let message =
            if is_page { "a page that is not from the API".to_owned() } else { text.chars().take(200).collect() };
        return Said { message, missing_permissions: vec![], event: None, is_json: false };
    };
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let message = text("message")
        .or_else(|| text("error"))
        .or_else(|| json.pointer("/error/message").and_then(Value::as_str).map(str::to_owned));
    let missing = json.get("missing_permissions").and_then(Value::as_array);
    let missing = missing.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Said {
        message: message.unwrap_or_default(),
        missing_permissions: missing,
        event: text("errorEventId"),
        is_json: true,
    }
}

/// The kind of failure that a status and a message stand for.
pub(super) fn classify(status: u16, message: &str) -> Class {
    match status {
        400 if message.contains("Resource has been removed") => Class::Gone,
        401 => Class::Auth,
        402 => Class::PlanLimit,
        403 => Class::Permission,
        404 | 406 | 410 => Class::NotFound,
        429 => Class::RateLimited,
        300..=399 => Class::Redirect,
        544 => Class::Invalid,
        408 | 500..=599 => Class::Server,
        _ => Class::Invalid,
    }
}

/// The field that a validation message names: `jwt_exp: Too big`.
pub(super) fn blamed_field(message: &str) -> Option<String> {
    let (name, _) = message.split_once(": ")?;
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'[' | b']'));
    is_name.then(|| name.rsplit('.').next().unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_in_every_form() {
        assert_eq!(read(br#"{"message":"jwt_exp: Too big"}"#).message, "jwt_exp: Too big");
        assert_eq!(read(br#"{"error":{"message":"no","feature":"x"}}"#).message, "no");
        assert_eq!(read(b"<html>522</html>").message, "a page that is not from the API");
        assert_eq!(read(b"teapot").message, "teapot");
        let said = read(br#"{"message":"m","errorEventId":"49f4","missing_permissions":["auth_config_write"]}"#);
        assert_eq!((said.event.as_deref(), said.missing_permissions.len()), (Some("49f4"), 1));
    }

    #[test]
    fn trap_49_statuses_mean_what_they_mean_here() {
        assert_eq!(classify(400, "Resource has been removed"), Class::Gone);
        assert_eq!(classify(400, "jwt_exp: Too big"), Class::Invalid);
        assert_eq!(classify(406, ""), Class::NotFound);
        assert_eq!(classify(402, ""), Class::PlanLimit);
        assert_eq!(classify(302, ""), Class::Redirect);
        assert_eq!(classify(522, ""), Class::Server);
    }

    #[test]
    fn the_blamed_field_is_found() {
        assert_eq!(blamed_field("jwt_exp: Too big").as_deref(), Some("jwt_exp"));
        assert_eq!(blamed_field("config.db_max_pool_size_unit: Invalid").as_deref(), Some("db_max_pool_size_unit"));
        assert_eq!(blamed_field("Custom SMTP required: see docs"), None);
        assert_eq!(blamed_field("no colon"), None);
    }
}
