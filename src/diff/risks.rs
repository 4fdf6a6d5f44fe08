//! The risks of a field's change, as far as the table has them.

use serde_json::Value;

use crate::model::DisplayValue;
use crate::schema::{Field, Impact, When, wire};

/// The risks of a field's change, as far as the table has them.
#[must_use]
pub fn risks(field: &Field, before: &DisplayValue, after: &DisplayValue) -> Vec<(Impact, &'static str)> {
    let said = field.risks.iter().filter(|risk| applies(risk.when, field, before, after));
    let mut risks: Vec<_> = said.map(|risk| (risk.impact, risk.why)).collect();
    match (before, after) {
        (DisplayValue::SecretSet, DisplayValue::Absent) => {
            risks.push((Impact::Destructive, "clears a secret, whose value cannot be recovered from Supabase"));
        }
        (DisplayValue::SecretSet, DisplayValue::Secret(_) | DisplayValue::Value(_)) => {
            risks.push((Impact::Security, "replaces a secret, whose present value cannot be recovered from Supabase"));
        }
        _ => {}
    }
    risks
}

/// Whether a change of a field belongs to a class of changes.
#[must_use]
pub fn applies(when: When, field: &Field, before: &DisplayValue, after: &DisplayValue) -> bool {
    // A missing value is at its default.
    let value = |shown: &DisplayValue| match shown {
        DisplayValue::Value(value) => value.clone(),
        DisplayValue::Absent => field.default.map_or(Value::Null, |lit| wire::from_wire(field, &lit.to_value())),
        DisplayValue::SecretSet | DisplayValue::Secret(_) => Value::Null,
    };
    let (was, is) = (value(before), value(after));
    let numbers = || was.as_f64().zip(is.as_f64());
    match when {
        When::Changed => true,
        When::Set => *after != DisplayValue::Absent,
        When::Cleared => *after == DisplayValue::Absent && *before != DisplayValue::Absent,
        When::On => is == Value::Bool(true) && was != Value::Bool(true),
        When::Off => is != Value::Bool(true) && was != Value::Bool(false),
        When::Lower => numbers().is_some_and(|(was, is)| is < was),
        When::Higher => numbers().is_some_and(|(was, is)| is > was),
        When::Doubled => numbers().is_some_and(|(was, is)| is > 2.0 * was),
        When::Grows => grows(&wire::canonical(field, &was), &wire::canonical(field, &is)),
        When::Where(case) => (case.holds)(&was, &is),
    }
}

/// Whether a list or a map has something new.
fn grows(was: &Value, is: &Value) -> bool {
    match is {
        Value::Array(items) => items.iter().any(|item| !was.as_array().is_some_and(|was| was.contains(item))),
        Value::Object(entries) => entries.iter().any(|(key, value)| was.get(key) != Some(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
