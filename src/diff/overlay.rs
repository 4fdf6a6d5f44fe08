//! Live overlaid with desired, for rules across fields.

use serde_json::{Map, Value};

use crate::model::{Datum, Settings};
use crate::schema::{Field, Type, members, wire};

/// Live overlaid with desired, in the API's form; a wanted secret is `true` (R16).
#[must_use]
pub fn overlay(settings: &Settings, live: &Map<String, Value>) -> Map<String, Value> {
    let mut overlaid = live.clone();
    for setting in settings.fields.values() {
        let value = match &setting.value {
            Datum::Value(value) => {
                over(setting.field, overlaid.get(setting.field.name), wire::to_wire(setting.field, value))
            }
            Datum::Clear => Value::Null,
            Datum::Secret(_) => Value::Bool(true),
        };
        overlaid.insert(setting.field.name.to_owned(), value);
    }
    overlaid
}

/// Whether a field counts as there, for the `needs` of another: neither null nor empty, and a switch that is on.
#[must_use]
pub fn is_there(field: Option<&Field>, value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => *on || field.is_none_or(|field| !matches!(field.ty, Type::Bool)),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// What is written of an object over what is live of it; any other value as it is written.
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
