//! Why a request failed: what, where, and what to do.

use std::fmt;

use serde_json::Value;

use crate::diag::{Code, codes::run as codes};
use crate::exit::Exit;
use crate::model::{Call, Method, Operation};

/// The class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// 401: the token is refused, or a value is.
    Auth,
    /// 403.
    Permission,
    /// The project was removed.
    Gone,
    /// 404 and 406 of something with a name: a project, an item.
    NotFound,
    /// 404 and 406 of a write to a collection or to settings: the API does not offer them for the project.
    NotOffered,
    /// 400, 409, 413, 422: the request was refused.
    Invalid,
    /// 402.
    PlanLimit,
    /// 429, until the retries ended.
    RateLimited,
    /// 5xx.
    Server,
    /// A success that cannot be read.
    Unreadable,
    /// No connection, or a lost answer.
    Network,
    /// 3xx: not followed, because the token would be sent along.
    Redirect,
    /// The run was stopped.
    Stopped,
    /// The run reached its deadline.
    Expired,
}

/// A request without a usable answer. Its texts have no secrets.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// The class of failure.
    pub class: Class,
    /// The operation.
    pub operation: Operation,
    /// The path.
    pub path: String,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// The API's message, or what happened.
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

    /// An answer in an unknown form.
    #[must_use]
    pub fn unreadable(call: Option<&Call>, message: impl Into<String>) -> Self {
        let unknown = Call::new(Method::Get, "/", crate::model::Repeat::Safe);
        Self::of(Class::Unreadable, call.unwrap_or(&unknown), message)
    }

    /// Whether the target of the request does not exist.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(self.class, Class::NotFound | Class::NotOffered)
    }

    /// Whether the refusal is about the organization's plan.
    #[must_use]
    pub fn is_about_plans(&self) -> bool {
        is_about_plans(&self.message)
    }

    /// The code of the finding that tells it, and how a run ends that can do nothing about it.
    #[must_use]
    pub const fn ends(&self) -> (Code, Exit) {
        match self.class {
            Class::Auth => (codes::BAD_TOKEN, Exit::Denied),
            Class::Permission => (codes::NO_PERMISSION, Exit::Denied),
            Class::Stopped => (codes::INTERRUPTED, Exit::Interrupted),
            Class::Expired => (codes::EXPIRED, Exit::Attention),
            Class::Gone
            | Class::NotFound
            | Class::NotOffered
            | Class::Invalid
            | Class::PlanLimit
            | Class::RateLimited
            | Class::Server
            | Class::Unreadable
            | Class::Network
            | Class::Redirect => (codes::API_FAILED, Exit::Failed),
        }
    }

    /// The hints.
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
            Class::NotOffered => {
                "The API does not offer this for the project: the organization's plan does not include it, or a switch that it needs is off."
            }
            Class::RateLimited => "Another client of this user uses up the limit: run this again later.",
            Class::Server => "The API itself failed: check https://status.supabase.com and run this again.",
            Class::Network => "Check the network, the proxy that HTTPS_PROXY names, and --api-url.",
            Class::Redirect => "Redirects are not followed, because the token would be sent along: correct --api-url.",
            Class::Expired => "Run this again with a longer `--deadline`, or find out with `-v` what takes so long.",
            Class::Gone | Class::NotFound | Class::Invalid | Class::Unreadable | Class::Stopped => return vec![],
        };
        vec![hint.to_owned()]
    }
}

/// The content of an answer with an error status.
pub(super) struct ErrorBody {
    pub(super) message: String,
    pub(super) missing_permissions: Vec<String>,
    pub(super) event: Option<String>,
    /// Whether it is JSON of the API, instead of a page of something in between.
    pub(super) is_json: bool,
}

/// Reads the body of an error: JSON with a `message`, else its first 200 characters.
pub(super) fn read(body: &[u8]) -> ErrorBody {
    let Ok(json) = crate::json::read(body) else {
        let text = String::from_utf8_lossy(body);
        let is_page = text.trim_start().starts_with('<');
        let message =
            if is_page { "a page that is not from the API".to_owned() } else { text.chars().take(200).collect() };
        return ErrorBody { message, missing_permissions: vec![], event: None, is_json: false };
    };
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let message = text("message")
        .or_else(|| text("error"))
        .or_else(|| json.pointer("/error/message").and_then(Value::as_str).map(str::to_owned));
    let missing = json.get("missing_permissions").and_then(Value::as_array);
    let missing = missing.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    ErrorBody {
        message: message.unwrap_or_default(),
        missing_permissions: missing,
        event: text("errorEventId"),
        is_json: true,
    }
}

/// The class of failure of a status and a message.
pub(super) fn classify(operation: Operation, status: u16, message: &str) -> Class {
    match status {
        400 if message.contains("Resource has been removed") => Class::Gone,
        404 | 410 if message.contains("Project not found") => Class::Gone,
        401 => Class::Auth,
        402 => Class::PlanLimit,
        403 if is_about_plans(message) => Class::PlanLimit,
        403 => Class::Permission,
        404 | 406 | 410 if operation.method == Method::Get || operation.template.ends_with('}') => Class::NotFound,
        404 | 406 | 410 => Class::NotOffered,
        429 => Class::RateLimited,
        300..=399 => Class::Redirect,
        544 => Class::Invalid,
        408 | 500..=599 => Class::Server,
        _ => Class::Invalid,
    }
}

/// Whether a refusal is about the organization's plan, and not about the user.
pub(crate) fn is_about_plans(message: &str) -> bool {
    let said = message.to_ascii_lowercase();
    ["upgrade", "entitle", "subscription", " plan", " tier"].iter().any(|word| said.contains(word))
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

    /// The meaning of a status depends on the request.
    #[test]
    fn statuses_mean_what_they_mean_here() {
        use Class::{Auth, Gone, Invalid, NotFound, NotOffered, Permission, PlanLimit, RateLimited, Redirect, Server};
        use Method::{Delete, Get, Patch, Post, Put};
        let (project, settings) = ("/v1/projects/{ref}", "/v1/projects/{ref}/config/auth");
        let (all, one) = ("/v1/projects/{ref}/config/auth/sso/providers", "/v1/projects/{ref}/api-keys/{id}");
        let absent = [
            (&[Get, Patch, Delete][..], project, NotFound),
            (&[Get], settings, NotFound),
            (&[Post, Patch, Put, Delete], settings, NotOffered),
            (&[Get], all, NotFound),
            (&[Post, Put, Delete], all, NotOffered),
            (&[Get, Patch, Put, Delete], one, NotFound),
            (&[Post], "/v1/projects", NotOffered),
        ];
        for (methods, template, expected) in absent {
            for (method, status) in methods.iter().flat_map(|method| [404, 406, 410].map(|status| (*method, status))) {
                let operation = Operation { method, template };
                assert_eq!(classify(operation, status, "SAML 2.0 is not enabled"), expected, "{operation} {status}");
            }
        }
        let others = [
            (400, "Resource has been removed", Gone),
            (404, "Project not found", Gone),
            (400, "jwt_exp: Too big", Invalid),
            (401, "", Auth),
            (402, "", PlanLimit),
            (403, "This feature needs an upgrade of your plan", PlanLimit),
            (403, "You do not have the right role", Permission),
            (409, "", Invalid),
            (413, "", Invalid),
            (422, "", Invalid),
            (429, "", RateLimited),
            (302, "", Redirect),
            (408, "", Server),
            (500, "", Server),
            (522, "", Server),
            (544, "Delete the custom hostname first", Invalid),
        ];
        for (status, message, expected) in others {
            for (method, template) in
                [Get, Post, Patch, Put, Delete].into_iter().flat_map(|it| [(it, settings), (it, one)])
            {
                assert_eq!(classify(Operation { method, template }, status, message), expected, "{status} {message}");
            }
        }
    }

    #[test]
    fn the_blamed_field_is_found() {
        assert_eq!(blamed_field("jwt_exp: Too big").as_deref(), Some("jwt_exp"));
        assert_eq!(blamed_field("config.db_max_pool_size_unit: Invalid").as_deref(), Some("db_max_pool_size_unit"));
        assert_eq!(blamed_field("Custom SMTP required: see docs"), None);
        assert_eq!(blamed_field("no colon"), None);
    }
}
