//! How a new plan differs from what was approved, in words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::build::edit::shown;
use super::detail::shortened;
use crate::diag::render::escape;
use crate::record::{ChangeRecord, FieldRecord, PlanRecord, StepRecord};

/// The most differences of a step that are shown; the rest is counted.
const MOST: usize = 3;

/// Why a step is not approved: its fields that differ from the approved ones, where those are known.
#[must_use]
pub fn unapproved(approved: Option<&PlanRecord>, now: &PlanRecord, step: &StepRecord) -> String {
    let of = |plan: &PlanRecord| -> Vec<(String, Option<FieldRecord>)> {
        let projects = plan.projects.iter().filter(|project| project.project == step.address.project);
        let changes = projects.flat_map(|project| &project.changes).filter(|it| it.address.kind == step.address.kind);
        changes.flat_map(fields).collect()
    };
    let (then, now) = (approved.map(of).unwrap_or_default(), of(now));
    let mut said: Vec<String> = now
        .iter()
        .filter_map(|(place, field)| {
            let known = then.iter().find(|(other, _)| other == place);
            match (known, field) {
                (None, field) => {
                    let to = field.as_ref().map(|field| value(field, Side::After));
                    Some(match (approved, to) {
                        (Some(_), Some(to)) => format!("{place} (to {to}) was not in it"),
                        (Some(_), None) => format!("{place} was not in it"),
                        (None, Some(to)) => format!("{place} to {to}"),
                        (None, None) => place.clone(),
                    })
                }
                (Some((_, Some(then))), Some(now)) => changed(place, then, now),
                _ => None,
            }
        })
        .collect();
    if said.is_empty() {
        let gone: Vec<_> = then.iter().filter(|(place, _)| !now.iter().any(|(other, _)| other == place)).collect();
        said = gone.iter().map(|(place, _)| format!("{place} was in it and has nothing left to do")).collect();
    }
    let more = said.len().saturating_sub(MOST);
    said.truncate(MOST);
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    if said.is_empty() {
        said = approved.into_iter().flat_map(|approved| request(approved, step)).collect();
        said.truncate(MOST);
    }
    let said = if said.is_empty() { "the request is another one".to_owned() } else { said.join(", ") };
    format!("{} {}: {said}", step.method, step.address.local())
}

/// Differences between a request and the approved one whose fields are equal.
fn request(approved: &PlanRecord, now: &StepRecord) -> Vec<String> {
    let same = |it: &&StepRecord| it.address == now.address && it.request.template == now.request.template;
    let Some(then) = approved.steps.iter().find(same) else { return vec![] };
    let (old, new) = (members(&then.request.body), members(&now.request.body));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).copied().collect();
    let bodies = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let told =
        |value: Option<&&Value>| value.map_or("nothing".to_owned(), |value| shortened(&escape(&value.to_string()), ""));
    let mut said: Vec<String> = bodies
        .map(|name| {
            format!("`{name}` would be sent as {}, but {} was approved", told(new.get(name)), told(old.get(name)))
        })
        .collect();
    if then.wait != now.wait {
        said.push("the condition that is waited for differs".to_owned());
    }
    said
}

fn members(body: &Value) -> BTreeMap<&String, &Value> {
    body.as_object().into_iter().flatten().collect()
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

fn value(field: &FieldRecord, side: Side) -> String {
    let held = match side {
        Side::Before => &field.before,
        Side::After => &field.after,
    };
    shortened(&shown(field.row.0, held.as_ref()), "")
}

fn changed(place: &str, then: &FieldRecord, now: &FieldRecord) -> Option<String> {
    if then.after != now.after {
        let (then, now) = (value(then, Side::After), value(now, Side::After));
        return Some(if then == now {
            format!(
                "{place} would come from another document or command than the approved one, although both are shown as {now}"
            )
        } else {
            format!("{place} would become {now}, but {then} was approved")
        });
    }
    (then.before != now.before).then(|| {
        let (then, now) = (value(then, Side::Before), value(now, Side::Before));
        format!("{place} is {now} now, and was {then}")
    })
}

/// Each field of a change by its place; the change itself where it has no fields, as when an item is removed.
fn fields(change: &ChangeRecord) -> Vec<(String, Option<FieldRecord>)> {
    let place = change.address.local();
    if change.fields.is_empty() {
        return vec![(format!("{place} ({})", serde_json::json!(change.action).as_str().unwrap_or_default()), None)];
    }
    change.fields.iter().map(|field| (format!("{place}.{}", field.name), Some(field.clone()))).collect()
}
