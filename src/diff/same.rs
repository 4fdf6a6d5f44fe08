//! Whether two values mean the same.

use serde_json::Value;

use crate::schema::{Field, wire};

/// Whether a value, in the form in which people write it, means the same as the API's.
#[must_use]
pub fn same_value(field: &Field, wanted: &Value, seen: &Value) -> bool {
    let shown = wire::from_wire(field, seen);
    wire::canonical(field, wanted) == wire::canonical(field, &shown)
        // Null and an empty list are equal; and so are the two ways in which the API shows "not set".
        || (is_empty(wanted) && is_empty(&shown))
        || (is_unset(field, wanted) && is_unset(field, seen))
        || field.reached.is_some_and(|reached| reached(wanted, &shown))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether a live value is that of a cleared field.
#[must_use]
pub fn is_unset(field: &Field, seen: &Value) -> bool {
    let cleared_secret = field.is_secret() && (seen.is_null() || seen.as_str() == Some(""));
    cleared_secret || field.cleared_as.iter().any(|lit| lit.to_value() == *seen)
}
