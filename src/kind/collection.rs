//! A list of items that are created, changed and deleted one by one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::settings_body;
use super::work::{KindChanges, PlannedCall, UnexpectedShape, unexpected};
use crate::model::{
    Action, Body, Call, Certainty, Change, DisplayValue, FieldChange, FieldKey, LiveKind, Method, Operation, Param,
    Repeat,
};
use crate::schema::{FieldPath, Items, KindInfo, Shape, Update, wire};

/// The items of a list, by the member with their name.
pub(super) fn observe(info: &KindInfo, body: &Value) -> Result<LiveKind, UnexpectedShape> {
    let Shape::Collection { key, reserved, .. } = info.shape else { return Err(unexpected("", "a document")) };
    let list = body.as_array().ok_or_else(|| unexpected("", "a list"))?;
    let mut items = BTreeMap::new();
    for (index, item) in list.iter().enumerate() {
        let members = item.as_object().ok_or_else(|| unexpected(&format!("/{index}"), "an object"))?;
        let name = members.get(key).and_then(Value::as_str);
        let name = name.ok_or_else(|| unexpected(&format!("/{index}/{key}"), "a text"))?;
        if reserved.is_none_or(|reserved| !reserved(name)) {
            let mut kept = members.clone();
            kept.retain(|member, _| !info.dropped.contains(&member.as_str()));
            items.insert(name.to_owned(), kept);
        }
    }
    Ok(LiveKind::Items(items))
}

pub(super) fn operations(path: &'static str, items: Items) -> Vec<Operation> {
    let update = items.update.map(|update| (method(update), items.path));
    let all = [Some((Method::Get, path)), Some((Method::Post, path)), update, Some((Method::Delete, items.path))];
    all.into_iter().flatten().map(|(method, template)| Operation { method, template }).collect()
}

const fn method(update: Update) -> Method {
    match update {
        Update::Patch => Method::Patch,
        Update::Put => Method::Put,
    }
}

/// One call for each change: creations and updates before deletions.
pub(super) fn calls(info: &KindInfo, job: &KindChanges<'_>) -> Vec<PlannedCall> {
    let Shape::Collection { path, key, items: Some(items), .. } = info.shape else { return vec![] };
    let (written, deleted) = by_action(job.changes);
    let order = written.into_iter().chain(deleted);
    order.filter_map(|index| call(path, key, items, job, index)).collect()
}

fn call(path: &'static str, key: &str, items: Items, job: &KindChanges<'_>, index: usize) -> Option<PlannedCall> {
    let change = &job.changes[index];
    let to = |method, template, repeat| Call::new(method, template, repeat).param("ref", job.target.param());
    let existing = |method| {
        let id = live_of(job, change)?.get(items.id.1)?.as_str()?;
        Some(to(method, items.path, Repeat::Idempotent).param(items.id.0, Param::Known(id.to_owned())))
    };
    let call = match change.action {
        // Sent twice, it would create a second item.
        Action::Create => {
            let mut body = settings_body(change, None);
            if let (true, Some(name), Value::Object(members)) = (items.named, change.at.subject.item(), &mut body.value)
            {
                members.insert(key.to_owned(), name.into());
            }
            to(Method::Post, path, Repeat::OnceOnly).body(Body::Json(body))
        }
        Action::Update => {
            let is_fixed = |field: &FieldChange| field.row().is_some_and(|row| row.fixed);
            let mut changes = change.clone();
            changes.fields.retain(|field| !is_fixed(field));
            existing(method(items.update?))?.body(Body::Json(settings_body(&changes, None)))
        }
        Action::Delete => existing(Method::Delete)?,
    };
    Some(PlannedCall::of(call, vec![index]))
}

/// The live item of a change.
#[must_use]
pub fn live_of<'a>(job: &KindChanges<'a>, change: &Change) -> Option<&'a Map<String, Value>> {
    match job.live {
        LiveKind::Items(live) => live.get(change.at.subject.item()?),
        LiveKind::Settings(_) | LiveKind::NotYet => None,
    }
}

/// Splits changes into those that write and those that delete, with their indices.
pub fn by_action(changes: &[Change]) -> (Vec<usize>, Vec<usize>) {
    (0..changes.len()).partition(|&index| changes[index].action != Action::Delete)
}

/// The fields that a deletion removes, with their live values, for the plan.
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
        before: DisplayValue::Value(wire::from_wire(row, value)),
        after: DisplayValue::Absent,
        certainty: Certainty::Known,
        at_hand: true,
        origin: None,
        risks: vec![],
        along: false,
    })
    .collect()
}
