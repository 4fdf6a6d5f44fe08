//! Requests as data: what a plan holds and the client sends. Secrets are references here.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::{JsonBody, Outputs, Reference};

/// An HTTP method that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, upserts or starts.
    Post,
    /// Changes what is given.
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

impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method.as_str(), self.template)
    }
}

/// What fills a place of a path template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Param {
    /// A value that is known: a ref, a slug, an id. Never empty; percent-encoded when it is sent.
    Known(String),
    /// What an earlier step of the plan makes.
    Later(Reference),
}

/// What may be done when the fate of a call is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// It only reads: again.
    Safe,
    /// Absolute by value or by key: look, and send again only if it is still needed.
    Idempotent,
    /// A second call would make a second thing, or undo cannot be had: never blindly again.
    OnceOnly,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(JsonBody),
    /// JSON that is made just before the write: `set` and `unset` over the fresh answer of `base`, so that what
    /// somebody else has set there stays. For endpoints that replace a document, or an object within one.
    Overlay {
        /// Where the live document is read.
        base: Box<Call>,
        /// The part of the answer that is the document (a JSON pointer; empty for all of it).
        at: &'static str,
        /// What is set over it.
        set: JsonBody,
        /// Keys to leave out.
        unset: Vec<String>,
        /// What of the document goes along (JSON pointers); nothing: all of it.
        only: Option<Vec<String>>,
    },
}

impl Body {
    /// A body of JSON without secrets.
    #[must_use]
    pub fn json(value: Value) -> Self {
        Self::Json(JsonBody::of(value, BTreeMap::new()))
    }
}

/// One request of the API, complete but for the values of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Method and path template.
    pub operation: Operation,
    /// What fills the template, in its order.
    pub params: Vec<(&'static str, Param)>,
    /// The query, in order.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
    /// What may be done when its fate is unknown.
    pub repeat: Repeat,
}

impl Call {
    /// A call of an operation, without parameters and body.
    #[must_use]
    pub fn new(method: Method, template: &'static str, repeat: Repeat) -> Self {
        Self { operation: Operation { method, template }, params: vec![], query: vec![], body: Body::Empty, repeat }
    }

    /// Fills a place of the path.
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

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Fills in what earlier steps have made; nothing where something is not made yet.
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
        };
        let params = self.params.iter().map(param).collect::<Option<_>>()?;
        Some(Self { params, body, query: self.query.clone(), ..*self })
    }

    /// The path and query as people see them, such as `/v1/projects/abc…/secrets`; what is not known yet stays a template.
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

/// A call that reads: the only thing that a plan can send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCall {
    call: Call,
    /// Whether a 404 is an answer that says something, and not a failure.
    may_be_missing: bool,
}

impl ReadCall {
    /// A GET.
    #[must_use]
    pub fn get(template: &'static str) -> Self {
        Self { call: Call::new(Method::Get, template, Repeat::Safe), may_be_missing: false }
    }

    /// Fills a place of the path.
    #[must_use]
    pub fn param(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { call: self.call.param(name, Param::Known(value.into())), ..self }
    }

    /// Adds to the query.
    #[must_use]
    pub fn query(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { call: self.call.query(name, value), ..self }
    }

    /// Takes a 404 as an answer: where the API hides what is switched off.
    #[must_use]
    pub fn or_missing(self) -> Self {
        Self { may_be_missing: true, ..self }
    }

    /// Whether a 404 is an answer.
    #[must_use]
    pub fn may_be_missing(&self) -> bool {
        self.may_be_missing
    }

    /// The call inside.
    #[must_use]
    pub fn as_call(&self) -> &Call {
        &self.call
    }
}

/// What came back: a success, its body read as JSON (`null` where there was none).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
}
