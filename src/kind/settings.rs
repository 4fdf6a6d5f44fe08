//! One document that always exists: read as a whole, written as the API requires.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::settings_body;
use super::work::{KindChanges, PlannedCall, UnexpectedShape, unexpected};
use crate::model::{
    Body, Call, Change, FieldChange, FieldKey, JsonBody, LiveKind, Method, Operation, ReadCall, Repeat, Wait,
};
use crate::schema::{FieldPath, Impact, KindInfo, Settles, Shape, Until, Wire, Writes, members};

pub(super) fn reads(info: &KindInfo, reference: &str) -> Vec<ReadCall> {
    let (Shape::Settings { path, .. } | Shape::Collection { path, .. }) = info.shape;
    let read = ReadCall::get(path).param("ref", reference);
    vec![if info.may_be_missing { read.or_missing() } else { read }]
}

/// How a document is written.
const fn written(path: &'static str, write: Writes) -> (Method, &'static str) {
    match write {
        Writes::Patch => (Method::Patch, path),
        Writes::Put | Writes::Overlay | Writes::PutQuery => (Method::Put, path),
        Writes::Post(path) | Writes::Enable(path) | Writes::Append(path) => (Method::Post, path),
    }
}

pub(super) fn operations(path: &'static str, write: Writes) -> Vec<Operation> {
    let all = [(Method::Get, path), written(path, write)];
    all.map(|(method, template)| Operation { method, template }).into()
}

/// The document of an answer, in the terms of the table.
pub(super) fn observe(info: &KindInfo, body: &Value) -> Result<LiveKind, UnexpectedShape> {
    let Shape::Settings { seen_at, write, .. } = info.shape else { return Err(unexpected("", "a list")) };
    let inner = match seen_at {
        Some(key) => body.get(key).ok_or_else(|| unexpected(&format!("/{key}"), "an object"))?,
        None => body,
    };
    let at = || seen_at.map_or(String::new(), |key| format!("/{key}"));
    let mut document = inner.as_object().cloned().ok_or_else(|| unexpected(&at(), "an object"))?;
    document.retain(|member, value| {
        // In an overlay, null means that a key is not set.
        let is_absent = write == Writes::Overlay && value.is_null();
        !is_absent && !info.dropped.contains(&member.as_str())
    });
    for row in info.all_fields() {
        match row.wire {
            Wire::Switch { list, .. } => {
                let is_on = document.get(list).and_then(Value::as_str).is_some_and(|list| !list.trim().is_empty());
                document.insert(row.name.to_owned(), is_on.into());
            }
            Wire::Folded(more) => unfold(&mut document, row.name, more),
            Wire::Plain | Wire::Joined(_) | Wire::Pairs | Wire::NumberAsText | Wire::Moment => {}
        }
    }
    Ok(LiveKind::Settings(document))
}

/// Shows a folded list with all its items, wherever the API keeps them.
fn unfold(document: &mut Map<String, Value>, list: &str, more: &str) {
    let items = |name: &str| {
        let joined = document.get(name).and_then(Value::as_str).unwrap_or_default();
        joined.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let further = items(more);
    if further.is_empty() {
        return;
    }
    let mut all: Vec<String> = vec![];
    for item in items(list).into_iter().chain(further) {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    document.insert(list.to_owned(), all.join(",").into());
}

/// One write: of a document, or of the changed fields.
#[must_use]
pub fn calls(info: &'static KindInfo, job: &KindChanges<'_>, document: Option<Value>) -> Vec<PlannedCall> {
    let (Shape::Settings { path, write, sent_at, .. }, Some(change)) = (&info.shape, job.changes.first()) else {
        return vec![];
    };
    let (method, template) = written(path, *write);
    let call = Call::new(method, template, Repeat::Idempotent).param("ref", job.target.param());
    let base = || Box::new(Call::new(Method::Get, path, Repeat::Safe).param("ref", job.target.param()));
    let mut set = match document {
        Some(document) => JsonBody::of(document, BTreeMap::new()),
        None => settings_body(change, *sent_at),
    };
    let (wait, member) = settle(info, change, job, &set.value);
    if let (Some((member, now)), Value::Object(members)) = (member, &mut set.value) {
        members.insert(member.to_owned(), now.into());
    }
    let mut sent_along = apart(info, job.live, &mut set);
    let body = match write {
        Writes::PutQuery => {
            return vec![PlannedCall { wait, ..PlannedCall::of(in_query(call, change, &set.value), vec![0]) }];
        }
        Writes::Enable(_) | Writes::Append(_) => Body::Empty,
        Writes::Overlay => {
            sent_along.extend(untouched(info, change, job.live));
            let mut unset = vec![];
            if let Value::Object(members) = &mut set.value {
                unset = members.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.clone()).collect();
                members.retain(|_, value| !value.is_null());
            }
            Body::Overlay { base: base(), at: "", set, unset, only: None }
        }
        Writes::Patch | Writes::Put | Writes::Post(_) => {
            let lacking = lacking(info, &set.value);
            if lacking.is_empty() {
                Body::Json(set)
            } else {
                let pointer = |path: &FieldPath| path.way().map(|name| format!("/{name}")).collect::<String>();
                let only = Some(lacking.iter().map(pointer).collect());
                sent_along.extend(lacking.into_iter().map(FieldKey::Known));
                Body::Overlay { base: base(), at: "", set, unset: vec![], only }
            }
        }
    };
    vec![PlannedCall { wait, sent_along, ..PlannedCall::of(call.body(body), vec![0]) }]
}

/// The wait after the write, and the member that requests or delays a restart.
fn settle(
    info: &KindInfo,
    change: &Change,
    job: &KindChanges<'_>,
    sent: &Value,
) -> (Option<Wait>, Option<(&'static str, bool)>) {
    match info.settles {
        Settles::AtOnce => (None, None),
        Settles::Seen { read, until, healthy, deadline } => {
            let must = |until: &Until| match until {
                Until::Is(lit) => lit.to_value(),
                Until::AsSent(pointer) => sent.pointer(pointer).cloned().unwrap_or_default(),
            };
            let until = until.iter().map(|(pointer, until)| (*pointer, must(until))).collect();
            (Some(Wait::Settled { read, until, healthy, deadline }), None)
        }
        Settles::Restart { member, healthy, deadline } => {
            let restarts = |field: &FieldChange| field.risks.iter().any(|(impact, _)| *impact == Impact::Restart);
            let now = change.fields.iter().any(restarts) && !job.policy.restart_later;
            (now.then_some(Wait::Healthy { services: healthy, deadline }), Some((member, now)))
        }
    }
}

/// Clears the field whose items the API folds into a written list: the list then has all of them.
fn apart(info: &KindInfo, live: &LiveKind, set: &mut JsonBody) -> Vec<FieldKey> {
    let (LiveKind::Settings(live), Value::Object(body)) = (live, &mut set.value) else { return vec![] };
    let mut emptied = vec![];
    for row in info.all_fields() {
        let Wire::Folded(more) = row.wire else { continue };
        let is_apart = live.get(more).and_then(Value::as_str).is_some_and(|items| !items.is_empty());
        if is_apart && body.contains_key(row.name) && !body.contains_key(more) {
            body.insert(more.to_owned(), Value::Null);
            emptied.push(FieldKey::of(info, more));
        }
    }
    emptied
}

/// The unchanged live fields of a document that is replaced as a whole.
fn untouched(info: &KindInfo, change: &Change, live: &LiveKind) -> Vec<FieldKey> {
    let LiveKind::Settings(live) = live else { return vec![] };
    let touched = |name: &str| change.fields.iter().any(|field| field.name() == name);
    live.keys().filter(|name| !touched(name)).map(|name| FieldKey::of(info, name)).collect()
}

/// The members that a document lacks of objects whose members the API accepts only together.
#[must_use]
pub fn lacking(info: &KindInfo, document: &Value) -> Vec<FieldPath> {
    let Value::Object(document) = document else { return vec![] };
    let mut found = vec![];
    for row in info.all_fields() {
        together(&FieldPath::of(row), document, &mut found);
    }
    found
}

fn together(path: &FieldPath, document: &Map<String, Value>, found: &mut Vec<FieldPath>) {
    if path.get(document).is_none() {
        return;
    }
    for inner in members::members(path.row()).unwrap_or_default().iter().map(|row| path.member(row)) {
        if path.row().together && inner.get(document).is_none() {
            found.push(inner);
        } else {
            together(&inner, document, found);
        }
    }
}

/// The changes of a document in the query. A key of `extra` or a secret cannot be sent there.
fn in_query(call: Call, change: &Change, values: &Value) -> Call {
    let rows = change.fields.iter().filter_map(FieldChange::row).filter(|row| !row.is_secret());
    rows.fold(call, |call, row| call.query(row.name, values[row.name].to_string()))
}
