//! Requests as data: the plan holds them and the client sends them. Secrets are references here.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::{FileContent, JsonBody, Outputs, ProjectRef, Reference};

/// An HTTP method that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, upserts or starts.
    Post,
    /// Changes the given members.
    Patch,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// `GET`, `POST`…
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// An operation of the API: a method and a path template such as `/v1/projects/{ref}/secrets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The template; each `{name}` is filled by a [`Param`].
    pub template: &'static str,
}

impl Operation {
    /// SQL under a role that cannot write.
    pub const READ_SQL: Self = Self { method: Method::Post, template: READ_SQL };

    /// Whether its answer is a text, not JSON.
    #[must_use]
    pub fn answers_text(self) -> bool {
        self.template.ends_with("/diff")
    }

    /// Whether it only reads.
    #[must_use]
    pub fn reads(self) -> bool {
        self.method == Method::Get || self == Self::READ_SQL
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method.as_str(), self.template)
    }
}

/// The value of a parameter in a path template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Param {
    /// A known value: a ref, a slug, an id. Never empty; percent-encoded when it is sent.
    Known(String),
    /// A value of an earlier step of the plan.
    Later(Reference),
}

/// What may be done when the outcome of a call is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// The call only reads: send it again.
    Safe,
    /// Idempotent by value or by key: read live, and send the call again only if it is still needed.
    Idempotent,
    /// A second call would create a second item, or cannot be undone: never repeat it blindly.
    OnceOnly,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(JsonBody),
    /// JSON that is built just before the write: `set` and `unset` over the fresh answer of `base`, so that other people's
    /// values stay. For endpoints that replace a document, or an object within one.
    Overlay {
        /// Where the live document is read.
        base: Box<Call>,
        /// The part of the answer that is the document (a JSON pointer; empty for all of it).
        at: &'static str,
        /// The values that are set.
        set: JsonBody,
        /// Keys to leave out.
        unset: Vec<String>,
        /// The parts of the document that are sent along (JSON pointers); `None`: all of it.
        only: Option<Vec<String>>,
    },
    /// A form of several parts: JSON under the name `metadata`, and files.
    Form {
        /// The JSON.
        metadata: JsonBody,
        /// The files, each with its path, in order.
        files: Vec<(String, FileContent)>,
    },
}

impl Body {
    /// A body of JSON without secrets.
    #[must_use]
    pub fn json(value: Value) -> Self {
        Self::Json(JsonBody::of(value, BTreeMap::new()))
    }
}

/// One request of the API, complete except for the values of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Method and path template.
    pub operation: Operation,
    /// The parameters of the template, in its order.
    pub params: Vec<(&'static str, Param)>,
    /// The query, in order.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
    /// What may be done when the outcome is unknown.
    pub repeat: Repeat,
    /// Whether it is to be answered with a form of several parts, of which each file is one.
    pub as_form: bool,
    /// The `Idempotency-Key`, by which the API tells a repeated request.
    pub key: Option<String>,
}

impl Call {
    /// A call of an operation, without parameters and body.
    #[must_use]
    pub fn new(method: Method, template: &'static str, repeat: Repeat) -> Self {
        Self {
            operation: Operation { method, template },
            params: vec![],
            query: vec![],
            body: Body::Empty,
            repeat,
            as_form: false,
            key: None,
        }
    }

    /// Sets a parameter of the path.
    #[must_use]
    pub fn param(mut self, name: &'static str, value: Param) -> Self {
        self.params.push((name, value));
        self
    }

    /// Adds to the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Sets the key by which the API tells a repeated request.
    #[must_use]
    pub fn key(mut self, key: String) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Fills in the values of earlier steps; `None` where one is missing.
    #[must_use]
    pub fn filled(&self, outputs: &Outputs) -> Option<Self> {
        let param = |(name, value): &(&'static str, Param)| match value {
            Param::Known(_) => Some((*name, value.clone())),
            Param::Later(reference) => Some((*name, Param::Known(outputs.get(reference)?.clone()))),
        };
        let body = match &self.body {
            Body::Empty => Body::Empty,
            Body::Json(body) => Body::Json(body.with(outputs)?),
            Body::Overlay { base, at, set, unset, only } => Body::Overlay {
                base: Box::new(base.filled(outputs)?),
                at,
                set: set.with(outputs)?,
                unset: unset.clone(),
                only: only.clone(),
            },
            Body::Form { metadata, files } => Body::Form { metadata: metadata.with(outputs)?, files: files.clone() },
        };
        let params = self.params.iter().map(param).collect::<Option<_>>()?;
        Some(Self { params, body, query: self.query.clone(), key: self.key.clone(), ..*self })
    }

    /// The path and query as people see them, such as `/v1/projects/abc…/secrets`; unknown values stay parameters.
    #[must_use]
    pub fn path(&self) -> String {
        let path = self.params.iter().fold(self.operation.template.to_owned(), |path, (name, value)| match value {
            Param::Known(value) => path.replace(&format!("{{{name}}}"), value),
            Param::Later(_) => path,
        });
        let query: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }
}

/// A call that reads: the only calls that a plan can send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCall {
    call: Call,
    /// The refusal that is a valid answer and no failure: its status, and a part of its message.
    absence: Option<(u16, &'static str)>,
}

/// The operation that runs SQL under a role that cannot write.
const READ_SQL: &str = "/v1/projects/{ref}/database/query/read-only";

impl ReadCall {
    /// A GET.
    #[must_use]
    pub fn get(template: &'static str) -> Self {
        Self { call: Call::new(Method::Get, template, Repeat::Safe), absence: None }
    }

    /// SQL that reads, under a role that cannot write. Names need their schema.
    #[must_use]
    pub fn sql(reference: &ProjectRef, query: &str) -> Self {
        let call = Call::new(Method::Post, READ_SQL, Repeat::Safe).body(Body::json(json!({ "query": query })));
        Self { call, absence: None }.param("ref", reference.as_str())
    }

    /// Sets a parameter of the path.
    #[must_use]
    pub fn param(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { call: self.call.param(name, Param::Known(value.into())), ..self }
    }

    /// Adds to the query.
    #[must_use]
    pub fn query(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { call: self.call.query(name, value), ..self }
    }

    /// Asks for a form of several parts.
    #[must_use]
    pub fn as_form(self) -> Self {
        Self { call: Call { as_form: true, ..self.call }, ..self }
    }

    /// Accepts as an answer that something is not there: a 404, as the API hides what is switched off, or a table that does not
    /// exist.
    #[must_use]
    pub fn or_missing(self) -> Self {
        self.or_refused(404, "")
    }

    /// Accepts a refusal of this status whose message has this text as an answer: the API says by it that there is nothing.
    #[must_use]
    pub fn or_refused(self, status: u16, said: &'static str) -> Self {
        Self { absence: Some((status, said)), ..self }
    }

    /// Whether a refusal with this status and message is an answer.
    #[must_use]
    pub fn accepts(&self, status: u16, message: &str) -> bool {
        match (self.absence, self.call.operation) {
            // By SQLSTATE: an undefined table, an invalid schema name.
            (Some((404, _)), Operation::READ_SQL) => {
                status == 400 && ["42P01", "3F000"].iter().any(|state| message.contains(state))
            }
            (Some((accepted, said)), _) => accepted == status && message.contains(said),
            (None, _) => false,
        }
    }

    /// The call inside.
    #[must_use]
    pub fn as_call(&self) -> &Call {
        &self.call
    }
}

/// A successful answer, its body read as JSON (`null` where there was none).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// The API's time, where it was told.
    pub at: Option<jiff::Timestamp>,
}
