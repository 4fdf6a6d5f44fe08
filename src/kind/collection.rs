//! A list of items that are created, changed and deleted, one by one or several at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::settings_body;
use super::work::{KindChanges, PlannedCall, UnexpectedShape, unexpected};
use crate::model::{
    Action, Body, Call, Certainty, Change, DisplayValue, FieldChange, FieldKey, JsonBody, LiveKind, Method, Operation,
    Param, Repeat,
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

pub(super) fn operations(path: &'static str, items: Option<Items>) -> Vec<Operation> {
    let all = match items {
        None => vec![(Method::Get, path)],
        Some(Items::Bulk { .. }) => vec![(Method::Get, path), (Method::Post, path), (Method::Delete, path)],
        Some(Items::Each { path: one, update, .. }) => [(Method::Get, path), (Method::Post, path)]
            .into_iter()
            .chain(update.map(|update| (method(update), one)))
            .chain([(Method::Delete, one)])
            .collect(),
    };
    all.into_iter().map(|(method, template)| Operation { method, template }).collect()
}

const fn method(update: Update) -> Method {
    match update {
        Update::Patch => Method::Patch,
        Update::Put { .. } => Method::Put,
    }
}

/// The requests of all changes: one for each, or one for several.
pub(super) fn calls(info: &'static KindInfo, job: &KindChanges<'_>, order: Option<Vec<usize>>) -> Vec<PlannedCall> {
    let Shape::Collection { path, key, items: Some(items), .. } = info.shape else { return vec![] };
    let (written, deleted) = by_action(job.changes);
    match items {
        Items::Each { .. } => {
            let order = order.unwrap_or_else(|| written.into_iter().chain(deleted).collect());
            order.into_iter().filter_map(|index| call(info, items, job, index)).collect()
        }
        Items::Bulk { most } => {
            let live = if let LiveKind::Items(live) = job.live { live.len() } else { 0 };
            let is_new = |index: &&usize| job.changes[**index].action == Action::Create;
            let new = written.iter().filter(is_new).count();
            let writes = written.chunks(most).map(|indices| upsert(path, key, job, indices));
            let delete = (!deleted.is_empty()).then(|| remove(path, job, &deleted));
            // New items are written before old ones are deleted, except where they would exceed the limit.
            if live + new > most { delete.into_iter().chain(writes).collect() } else { writes.chain(delete).collect() }
        }
    }
}

fn call(info: &'static KindInfo, items: Items, job: &KindChanges<'_>, index: usize) -> Option<PlannedCall> {
    let (Shape::Collection { path, key, .. }, Items::Each { path: one, id, named, made_with, update }) =
        (&info.shape, items)
    else {
        return None;
    };
    let change = &job.changes[index];
    let to = |method, template, repeat| Call::new(method, template, repeat).param("ref", job.target.param());
    let live = live_of(job, change);
    let existing = |method| {
        let known = live?.get(id.1)?.as_str()?;
        Some(to(method, one, Repeat::Idempotent).param(id.0, Param::Known(known.to_owned())))
    };
    let without_null = |members: &mut Map<String, Value>| {
        if let Some(Update::Put { .. }) = update {
            members.retain(|_, value| !value.is_null());
        }
    };
    let mut sent_along = vec![];
    let call = match change.action {
        // Sent twice, it would create a second item.
        Action::Create => {
            let mut body = settings_body(change, None);
            if let Value::Object(members) = &mut body.value {
                without_null(members);
                for (member, value) in made_with {
                    members.insert((*member).to_owned(), value.to_value());
                }
                let name = change.at.subject.item().filter(|_| named);
                members.extend(name.map(|name| ((*key).to_owned(), name.into())));
            }
            to(Method::Post, path, Repeat::OnceOnly).body(Body::Json(body))
        }
        Action::Update => {
            let is_fixed = |field: &FieldChange| field.row().is_some_and(|row| row.fixed);
            let mut changes = change.clone();
            changes.fields.retain(|field| !is_fixed(field));
            let mut body = settings_body(&changes, None);
            if let (Value::Object(members), Some(Update::Put { resets })) = (&mut body.value, update) {
                without_null(members);
                let untouched = resets.iter().filter(|name| change.fields.iter().all(|field| field.name() != **name));
                for (name, value) in untouched.filter_map(|name| Some((name, live?.get(*name)?))) {
                    if !value.is_null() {
                        members.insert((*name).to_owned(), value.clone());
                        sent_along.push(FieldKey::of(info, name));
                    }
                }
            }
            existing(method(update?))?.body(Body::Json(body))
        }
        Action::Delete => existing(Method::Delete)?,
    };
    Some(PlannedCall { sent_along, ..PlannedCall::of(call, vec![index]) })
}

/// Writes several items, each with its name.
fn upsert(path: &'static str, key: &str, job: &KindChanges<'_>, indices: &[usize]) -> PlannedCall {
    let (mut list, mut secrets) = (vec![], BTreeMap::new());
    for &index in indices {
        let change = &job.changes[index];
        let body = settings_body(change, None);
        secrets.extend(body.secrets.into_iter().map(|(place, secret)| (place.in_item(list.len()), secret)));
        let mut item = Map::from_iter([(key.to_owned(), change.at.subject.item().into())]);
        if let Value::Object(members) = body.value {
            item.extend(members);
        }
        list.push(Value::Object(item));
    }
    let call = Call::new(Method::Post, path, Repeat::Idempotent).param("ref", job.target.param());
    PlannedCall::of(call.body(Body::Json(JsonBody::of(list.into(), secrets))), indices.to_vec())
}

/// Deletes several items by their names.
fn remove(path: &'static str, job: &KindChanges<'_>, indices: &[usize]) -> PlannedCall {
    let names: Vec<Value> =
        indices.iter().filter_map(|&index| job.changes[index].at.subject.item()).map(Value::from).collect();
    let call = Call::new(Method::Delete, path, Repeat::Idempotent).param("ref", job.target.param());
    PlannedCall::of(call.body(Body::json(names.into())), indices.to_vec())
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
