//! Live overlaid with desired, for rules across fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{DesiredValue, Item, LiveKind, Section, SectionBody, Settings};
use crate::schema::{Field, Type, members, wire};

/// Live overlaid with desired, in the API's form; a desired secret is `true`.
#[must_use]
pub fn overlay(settings: &Settings, live: &Map<String, Value>) -> Map<String, Value> {
    let mut overlaid = live.clone();
    for setting in settings.fields.values().filter(|setting| !setting.field.local) {
        let value = match &setting.value {
            DesiredValue::Value(value) => {
                over(setting.field, overlaid.get(setting.field.name), wire::to_wire(setting.field, value))
            }
            DesiredValue::Clear => Value::Null,
            DesiredValue::Secret(_) => Value::Bool(true),
        };
        overlaid.insert(setting.field.name.to_owned(), value);
    }
    overlaid
}

/// A live section overlaid with its desired fields: the live state once everything is applied.
#[must_use]
pub fn applied(section: &Section, live: &LiveKind) -> LiveKind {
    match (&section.body, live) {
        (SectionBody::Settings(settings), LiveKind::Settings(live)) => LiveKind::Settings(overlay(settings, live)),
        (SectionBody::Settings(settings), LiveKind::Items(_) | LiveKind::NotYet) => {
            LiveKind::Settings(overlay(settings, &Map::new()))
        }
        (SectionBody::Items(items), live) => {
            let mut applied = if let LiveKind::Items(live) = live { live.clone() } else { BTreeMap::new() };
            applied.retain(|name, _| items.contains_key(name) || !section.policy.prune);
            for (name, item) in items {
                match item {
                    Item::Present(settings, _) => {
                        let seen = applied.remove(name).unwrap_or_default();
                        applied.insert(name.clone(), overlay(settings, &seen));
                    }
                    Item::Absent(_) => drop(applied.remove(name)),
                    Item::Unmanaged(_) => {}
                }
            }
            LiveKind::Items(applied)
        }
    }
}

/// Whether a field counts as set, for the `needs` of another: neither null nor empty, and for a switch, on.
#[must_use]
pub fn is_there(field: Option<&Field>, value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => *on || field.is_none_or(|field| !matches!(field.ty, Type::Bool)),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// The written members of an object over its live ones; any other value as it is written.
fn over(row: &Field, seen: Option<&Value>, written: Value) -> Value {
    let (Some(rows), Some(Value::Object(seen)), Value::Object(written)) = (members::members(row), seen, &written)
    else {
        return written;
    };
    let mut merged = seen.clone();
    for row in rows {
        if let Some(value) = written.get(row.name) {
            merged.insert(row.name.to_owned(), over(row, seen.get(row.name), value.clone()));
        }
    }
    merged.into()
}
