//! What most kinds do: read one document or list, and write what differs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Draft, Job, KindInfo, Shape, Surprise, Writes};
use crate::model::{
    Action, Answer, Body, BodyPlace, Call, Certainty, Change, FieldChange, FieldKey, JsonBody, LiveKind, Method,
    Operation, ProjectRef, ReadCall, Repeat, SectionBody, Shown,
};
use crate::schema::{FieldPath, wire};
use crate::secret::SecretUse;

pub(super) fn reads(info: &KindInfo, reference: &ProjectRef) -> Vec<ReadCall> {
    let (Shape::Settings { path, .. } | Shape::Collection { path, .. }) = info.shape;
    vec![ReadCall::get(path).param("ref", reference.as_str())]
}

/// How a document is written.
fn written(info: &KindInfo) -> Option<(Method, &'static str)> {
    let Shape::Settings { path, write, .. } = info.shape else { return None };
    Some(match write {
        Writes::Patch => (Method::Patch, path),
        Writes::Put | Writes::Overlay | Writes::PutQuery => (Method::Put, path),
        Writes::Post(path) => (Method::Post, path),
    })
}

pub(super) fn operations(info: &KindInfo) -> Vec<Operation> {
    let (Shape::Settings { path, .. } | Shape::Collection { path, .. }) = info.shape;
    let all = [Some((Method::Get, path)), written(info)].into_iter().flatten();
    all.map(|(method, template)| Operation { method, template }).collect()
}

/// What [`Kind::observe`](super::Kind::observe) does where a kind does not override it.
///
/// # Errors
/// When an answer is not the object or the list that it should be.
pub fn default_observe(info: &KindInfo, answers: &[Answer]) -> Result<LiveKind, Surprise> {
    let body = answers.first().map_or(&Value::Null, |answer| &answer.body);
    match info.shape {
        Shape::Settings { seen_at, .. } => document(body, seen_at).map(LiveKind::Settings),
        Shape::Collection { key, reserved, .. } => {
            let list = body.as_array().ok_or_else(|| surprise("", "a list"))?;
            let mut items = BTreeMap::new();
            for (index, item) in list.iter().enumerate() {
                let members = item.as_object().ok_or_else(|| surprise(&format!("/{index}"), "an object"))?;
                let name = members.get(key).and_then(Value::as_str);
                let name = name.ok_or_else(|| surprise(&format!("/{index}/{key}"), "a text"))?;
                if reserved.is_none_or(|reserved| !reserved(name)) {
                    items.insert(name.to_owned(), members.clone());
                }
            }
            Ok(LiveKind::Items(items))
        }
    }
}

fn document(body: &Value, seen_at: Option<&str>) -> Result<Map<String, Value>, Surprise> {
    let inner = match seen_at {
        Some(key) => body.get(key).ok_or_else(|| surprise(&format!("/{key}"), "an object"))?,
        None => body,
    };
    inner
        .as_object()
        .cloned()
        .ok_or_else(|| surprise(&seen_at.map_or(String::new(), |key| format!("/{key}")), "an object"))
}

fn surprise(pointer: &str, expected: &str) -> Surprise {
    Surprise { pointer: pointer.to_owned(), expected: expected.to_owned() }
}

/// What [`Kind::calls`](super::Kind::calls) does where a kind does not override it: one write of what changes.
#[must_use]
pub fn default_calls(info: &KindInfo, job: &Job<'_>) -> Vec<Draft> {
    match (&info.shape, &job.section.body) {
        (Shape::Settings { write, sent_at, .. }, SectionBody::Settings(_)) => {
            let (Some(change), Some((method, path))) = (job.changes.first(), written(info)) else { return vec![] };
            let call = Call::new(method, path, Repeat::Idempotent).param("ref", job.target.param());
            let body = settings_body(change, *sent_at);
            let call = match write {
                Writes::PutQuery => in_query(call, change, &body.value),
                Writes::Patch | Writes::Put | Writes::Overlay | Writes::Post(_) => call.body(Body::Json(body)),
            };
            vec![Draft { call, settles: vec![0], wait: None, sent_along: vec![] }]
        }
        // How the API writes collections differs from one to the next: those kinds say it themselves.
        _ => vec![],
    }
}

/// What a change of a document changes, in the query. A key of `extra` has no place there, nor has a secret.
fn in_query(call: Call, change: &Change, values: &Value) -> Call {
    let rows = change.fields.iter().filter_map(FieldChange::row).filter(|row| !row.is_secret());
    rows.fold(call, |call, row| call.query(row.name, values[row.name].to_string()))
}

/// The body that sets what a change changes: those fields and no other. What the API changes by itself is not sent.
#[must_use]
pub fn settings_body(change: &Change, sent_at: Option<&str>) -> JsonBody {
    let mut body = Map::new();
    let mut secrets = BTreeMap::new();
    for field in change.fields.iter().filter(|field| !field.along) {
        match sent(field) {
            Ok(value) => put(&mut body, &field.key, value),
            Err(secret) => {
                secrets.insert(BodyPlace::member(sent_at.into_iter().chain(way(&field.key))), secret);
            }
        }
    }
    let value = match sent_at {
        Some(key) => Value::Object(Map::from_iter([(key.to_owned(), Value::Object(body))])),
        None => Value::Object(body),
    };
    JsonBody { value, secrets }
}

/// What goes into a body for a field: its value as the API carries it, or the secret that is put there when it is sent.
fn sent(field: &FieldChange) -> Result<Value, SecretUse> {
    match (&field.after, field.row()) {
        (Shown::Value(value), Some(row)) => Ok(wire::to_wire(row, value)),
        (Shown::Value(value), None) => Ok(value.clone()),
        (Shown::Secret(secret), _) => plain_or_secret(secret),
        (Shown::Absent | Shown::SecretSet, _) => Ok(Value::Null),
    }
}

fn put(body: &mut Map<String, Value>, key: &FieldKey, value: Value) {
    match key {
        FieldKey::Known(path) => path.put(body, value),
        FieldKey::Extra(name) => drop(body.insert(name.clone(), value)),
    }
}

fn way(key: &FieldKey) -> Vec<&str> {
    match key {
        FieldKey::Known(path) => path.way().collect(),
        FieldKey::Extra(name) => vec![name],
    }
}

/// A value that is no secret stands in the body itself.
fn plain_or_secret(secret: &SecretUse) -> Result<Value, SecretUse> {
    secret.plain().map(Value::from).ok_or_else(|| secret.clone())
}

/// Splits items into those to write and those to delete, with their indices.
pub fn by_action(changes: &[Change]) -> (Vec<usize>, Vec<usize>) {
    (0..changes.len()).partition(|&index| changes[index].action != Action::Delete)
}

/// What a deletion takes away, for the plan: these fields as they are live.
#[must_use]
pub fn what_goes(info: &'static KindInfo, live: &LiveKind, change: &Change, fields: &[&str]) -> Vec<FieldChange> {
    let item = match (live, change.at.subject.item()) {
        (LiveKind::Items(items), Some(name)) => items.get(name),
        _ => None,
    };
    let rows = fields.iter().filter_map(|name| info.field(name));
    let seen = rows.filter_map(|row| Some((row, item?.get(row.name).filter(|value| !value.is_null())?)));
    seen.map(|(row, value)| FieldChange {
        key: FieldKey::Known(FieldPath::of(row)),
        before: Shown::Value(wire::from_wire(row, value)),
        after: Shown::Absent,
        certainty: Certainty::Known,
        at_hand: true,
        origin: None,
        risks: vec![],
        along: false,
    })
    .collect()
}
