//! The identity of a step as plain data: its whole request and all that it settles; and the hash over that, which is what
//! people approve.
//!
//! A saved plan holds these forms, so that its reader computes the same hash from what it shows. [`Step`] and [`Call`] are
//! destructured completely: a new member does not compile before it has a place here. Nothing comes from the display. No
//! form has positions, times, quotas, or digests and states of secrets; nor a live value that a request carries along only
//! because it is read just before the write: then the form has how it is read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::model::{
    Action, Address, Body, Call, Change, DisplayValue, FieldChange, FileContent, JsonBody, Meant, Operation, Param,
    Piece, ProjectRef, Reference, Repeat, Step, Wait,
};
use crate::secret::{SecretSource, SecretUse, hex};

/// A request with everything that identifies it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    /// The method.
    pub method: String,
    /// The path's template.
    pub template: String,
    /// The parameters of the template.
    pub params: BTreeMap<String, ParamForm>,
    /// The query, in order.
    pub query: Vec<(String, String)>,
    /// The body without its secrets; null where there is none. For an overlay, the values that are set.
    pub body: Value,
    /// The secrets of the body, by JSON pointer.
    pub secrets: BTreeMap<String, SecretForm>,
    /// The texts of the body that need values from an earlier step, by JSON pointer, each in pieces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub later: BTreeMap<String, Vec<ParamForm>>,
    /// The secrets that are sent as objects, by JSON pointer: the member that each must have, and its value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub objects: BTreeMap<String, (String, String)>,
    /// The files that are sent in a form with the body, by path: the SHA-256 of each, in hex.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// The document that the body is laid over, read just before the write.
    pub over: Option<OverForm>,
    /// What may be done when the outcome is unknown.
    pub repeat: Repeat,
    /// The key by which the API tells a repeated request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The value of a path's parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamForm {
    /// A value.
    Known(String),
    /// The ref that the creation of this document's project returns.
    RefOf(String),
}

impl ParamForm {
    fn later(reference: &Reference) -> Self {
        let Reference::RefOf(document) = reference;
        Self::RefOf(document.clone())
    }
}

/// How the document below an overlay is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverForm {
    /// The read.
    pub read: Box<RequestForm>,
    /// The part of its answer that is the document, as a JSON pointer.
    pub at: String,
    /// Keys that are left out.
    pub unset: Vec<String>,
    /// The parts of the document that are sent along, as JSON pointers; null: all of it.
    pub only: Option<Vec<String>>,
}

/// A secret, by all of its sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretForm {
    /// The sources, in order.
    pub parts: Vec<SourceForm>,
    /// The separator between them.
    pub between: String,
}

/// The source of a secret, or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceForm {
    /// `{secret: NAME}`: the document with the reference, and the name.
    Secret(String, String),
    /// `{env: NAME}`.
    Env(String),
    /// `{file: PATH}`.
    File(String),
    /// `{exec: […]}`, with every argument.
    Exec(Vec<String>),
    /// `{plain: …}`.
    Plain(String),
}

/// The condition that is waited for after a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WaitForm {
    /// Until a read shows values, and services are healthy.
    Settled {
        /// The path that is read.
        read: String,
        /// JSON pointers, and the values there.
        until: Vec<(String, Value)>,
        /// The services.
        healthy: Vec<String>,
        /// The longest wait, in seconds.
        deadline: u32,
    },
    /// Until a new project is up, and services are healthy.
    Up {
        /// The services.
        services: Vec<String>,
        /// The longest wait, in seconds.
        deadline: u32,
    },
    /// Until a branch of the project is up, and has its schema.
    Branch {
        /// Its name.
        name: String,
        /// The longest wait for it to be up, in seconds.
        deadline: u32,
    },
    /// Before it is sent, until nothing is awaited any more: a run does not wait for it.
    Due {},
    /// Until nothing is awaited from outside any more.
    Outside {
        /// After how many seconds it is left to the next run.
        patience: u32,
    },
    /// Until services are healthy.
    Healthy {
        /// The services.
        services: Vec<String>,
        /// The longest wait, in seconds.
        deadline: u32,
    },
}

/// A resource that a step changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeForm {
    /// The document, the section (empty for the project itself) and the item.
    pub at: (String, String, Option<String>),
    /// What happens to it.
    pub action: Action,
    /// Its fields that differ, by name.
    pub fields: Vec<(String, FieldForm)>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldForm {
    /// The live value; `None` where it is a secret, or where one is written.
    pub before: Option<Side>,
    /// The desired value.
    pub after: Option<Side>,
}

/// A side of a difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A value.
    Value(Value),
    /// A secret that may be written.
    Secret(SecretForm),
}

impl FieldForm {
    /// The form of a difference. Whether a secret is live or differs is a state, which changes without anybody's approval.
    #[must_use]
    pub fn new(before: Option<Value>, after: Option<Side>) -> Self {
        let before = before.filter(|_| !matches!(after, Some(Side::Secret(_))));
        Self { before: before.map(Side::Value), after }
    }
}

impl RequestForm {
    /// The form of a request.
    #[must_use]
    pub fn of(call: &Call) -> Self {
        let Call {
            operation: Operation { method, template },
            params,
            query,
            body,
            repeat,
            key,
            // Only reads ask for a form.
            as_form: _,
        } = call;
        let param = |(name, value): &(&str, Param)| {
            let value = match value {
                Param::Known(value) => ParamForm::Known(value.clone()),
                Param::Later(reference) => ParamForm::later(reference),
            };
            ((*name).to_owned(), value)
        };
        let (set, over) = match body {
            Body::Empty => (None, None),
            Body::Json(set) => (Some(set), None),
            Body::Overlay { base, at, set, unset, only } => {
                let read = Box::new(Self::of(base));
                (Some(set), Some(OverForm { read, at: (*at).to_owned(), unset: unset.clone(), only: only.clone() }))
            }
            Body::Form { metadata, .. } => (Some(metadata), None),
        };
        let files = match body {
            Body::Form { files, .. } => files.iter().map(|(path, content)| (path.clone(), digest(content))).collect(),
            Body::Empty | Body::Json(_) | Body::Overlay { .. } => BTreeMap::new(),
        };
        let (mut secrets, mut later, mut objects) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let body = set.map_or(Value::Null, |JsonBody { value, secrets: all, later: texts, objects: meant }| {
            let named = |it: &Meant| (it.member.to_owned(), it.value.clone());
            objects.extend(meant.iter().map(|(place, it)| (place.to_string(), named(it))));
            secrets.extend(all.iter().map(|(place, secret)| (place.to_string(), SecretForm::of(secret))));
            let piece = |piece: &Piece| match piece {
                Piece::Text(text) => ParamForm::Known(text.clone()),
                Piece::Later(reference) => ParamForm::later(reference),
            };
            later.extend(texts.iter().map(|(place, pieces)| (place.to_string(), pieces.iter().map(piece).collect())));
            value.clone()
        });
        Self {
            method: method.as_str().to_owned(),
            template: (*template).to_owned(),
            params: params.iter().map(param).collect(),
            query: query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body,
            secrets,
            later,
            objects,
            files,
            over,
            repeat: *repeat,
            key: key.clone(),
        }
    }

    /// The path and query as people see them; unknown values stay parameters of the template.
    #[must_use]
    pub fn path(&self) -> String {
        let path = self.params.iter().fold(self.template.clone(), |path, (name, value)| match value {
            ParamForm::Known(value) => path.replace(&format!("{{{name}}}"), value),
            ParamForm::RefOf(_) => path,
        });
        let query: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }
}

fn digest(content: &FileContent) -> String {
    hex(&Sha256::digest(&content.0))
}

impl SecretForm {
    /// The form of a secret's use.
    #[must_use]
    pub fn of(secret: &SecretUse) -> Self {
        let SecretUse { parts, between } = secret;
        let part = |source: &SecretSource| match source.clone() {
            SecretSource::Named { document, name } => SourceForm::Secret(document, name),
            SecretSource::Env(name) => SourceForm::Env(name),
            SecretSource::File(path) => SourceForm::File(path),
            SecretSource::Exec(command) => SourceForm::Exec(command),
            SecretSource::Plain(value) => SourceForm::Plain(value),
        };
        Self { parts: parts.iter().map(part).collect(), between: (*between).to_owned() }
    }
}

/// The display, which is less than the identity.
impl std::fmt::Display for SecretForm {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |source: &SourceForm| match source.clone() {
            SourceForm::Secret(document, name) => SecretSource::Named { document, name },
            SourceForm::Env(name) => SecretSource::Env(name),
            SourceForm::File(path) => SecretSource::File(path),
            SourceForm::Exec(command) => SecretSource::Exec(command),
            SourceForm::Plain(value) => SecretSource::Plain(value),
        };
        SecretUse { parts: self.parts.iter().map(part).collect(), between: "" }.fmt(out)
    }
}

impl WaitForm {
    /// The form of a wait.
    #[must_use]
    pub fn of(wait: &Wait) -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match wait {
            Wait::Settled { read, until, healthy, deadline } => Self::Settled {
                read: (*read).to_owned(),
                until: until.iter().map(|(pointer, value)| ((*pointer).to_owned(), value.clone())).collect(),
                healthy: names(healthy),
                deadline: *deadline,
            },
            Wait::Up { services, deadline } => {
                Self::Up { services: services.iter().map(|name| (*name).to_owned()).collect(), deadline: *deadline }
            }
            Wait::Branch { name, deadline } => Self::Branch { name: name.clone(), deadline: *deadline },
            Wait::Due => Self::Due {},
            Wait::Outside { patience } => Self::Outside { patience: *patience },
            Wait::Healthy { services, deadline } => Self::Healthy { services: names(services), deadline: *deadline },
        }
    }
}

impl ChangeForm {
    /// The form of a change. Its place, its risks, its certainty and whether a secret is at hand are for display and no
    /// part of what is done; the body has what is sent.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        let Change { at: Address { project, subject }, action, fields, origin: _ } = change;
        let field = |diff: &FieldChange| {
            let FieldChange { key, before, after, certainty: _, at_hand: _, origin: _, risks: _, along: _ } = diff;
            let before = match before {
                DisplayValue::Value(value) => Some(value.clone()),
                DisplayValue::Absent | DisplayValue::SecretSet | DisplayValue::Secret(_) => None,
            };
            let after = match after {
                DisplayValue::Value(value) => Some(Side::Value(value.clone())),
                // A plain value is a value like any other.
                DisplayValue::Secret(secret) => Some(match secret.plain() {
                    Some(plain) => Side::Value(plain.into()),
                    None => Side::Secret(SecretForm::of(secret)),
                }),
                DisplayValue::Absent | DisplayValue::SecretSet => None,
            };
            (key.name().to_owned(), FieldForm::new(before, after))
        };
        let at = (project.clone(), subject.kind().unwrap_or_default().to_owned(), subject.name().map(str::to_owned));
        Self::new(at, *action, fields.iter().map(field).collect())
    }

    /// The form made of these parts.
    #[must_use]
    pub fn new(at: (String, String, Option<String>), action: Action, mut fields: Vec<(String, FieldForm)>) -> Self {
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { at, action, fields }
    }
}

/// The hash of a step, which is what people approve.
pub(super) fn of_step(api: &str, reference: Option<&ProjectRef>, step: &Step) -> String {
    let Step {
        // The position among the other steps.
        id: _,
        after: _,
        hash: _,
        at,
        call,
        wait,
        changes,
        // The risks of its changes, as this program judges them.
        flags: _,
        // Names of fields that the body holds, or of live ones below an overlay.
        sent_along: _,
        // How this program reads the answer.
        answers: _,
    } = step;
    let changes: Vec<ChangeForm> = changes.iter().map(ChangeForm::of).collect();
    let wait = wait.as_ref().map(WaitForm::of);
    step_hash(api, reference.map(ProjectRef::as_str), &at.project, &RequestForm::of(call), wait.as_ref(), &changes)
}

/// The hash over the forms of a step: 128 bits in hex.
#[must_use]
pub fn step_hash(
    api: &str,
    reference: Option<&str>,
    document: &str,
    request: &RequestForm,
    wait: Option<&WaitForm>,
    changes: &[ChangeForm],
) -> String {
    let project = reference.map_or_else(|| json!({"document": document}), |known| json!({"ref": known}));
    let mut changes: Vec<&ChangeForm> = changes.iter().collect();
    changes.sort_by(|a, b| a.at.cmp(&b.at));
    let whole = json!({"api": api, "project": project, "request": request, "wait": wait, "changes": changes});
    let mut hash = Sha256::new();
    hash.update("supaform.step 2\n");
    hash.update(canonical(whole).to_string());
    hash128(hash)
}

/// The same value with the members of every object sorted by name, so that equal values have equal texts.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<String, Value> = members.into_iter().map(|(name, it)| (name, canonical(it))).collect();
            sorted.into_iter().collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(canonical).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

/// The id of a plan: a hash over the sorted set of its steps' hashes.
#[must_use]
pub fn plan_id<'a>(steps: impl IntoIterator<Item = &'a str>) -> String {
    let sorted: BTreeSet<&str> = steps.into_iter().collect();
    let mut hash = Sha256::new();
    for step in sorted {
        hash.update(step.as_bytes());
    }
    hash128(hash)
}

fn hash128(hash: Sha256) -> String {
    let mut text = hex(&hash.finalize());
    text.truncate(32);
    text
}

/// Whether a text is the hash of a step or the id of a plan: 128 bits in hex.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
