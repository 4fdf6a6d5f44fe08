//! A live value in the form in which people write it in a manifest.

use serde_json::Value;

use crate::model::each_text;
use crate::schema::{Field, ListAs, Type, Wire, units, wire};

/// A value as people write it: keywords instead of values that are hard to write, amounts with their units where
/// `with_units`, sets in order. A text that only looks like a variable is not one.
#[must_use]
pub fn spell(row: &Field, value: &Value, with_units: bool) -> Value {
    match (value, &row.ty) {
        (Value::String(value), _) => {
            let word = row.aliases.iter().find(|(_, known)| known == value);
            let plain =
                if matches!(row.ty, Type::Text(rule) if rule.long) { wire::lines(value) } else { value.clone() };
            word.map_or_else(|| escaped(&plain), |(word, _)| Value::from(*word))
        }
        (Value::Number(number), _) => {
            let spelled = row.unit.zip(number.as_i64()).filter(|_| with_units);
            let spelled = spelled.and_then(|(unit, number)| units::spell(number, unit));
            spelled.map_or_else(|| value.clone(), Value::from)
        }
        // Of several ids, the first is the one that people sign in with.
        (Value::Array(_), Type::List(_, ListAs::Set)) if !matches!(row.wire, Wire::Folded(_)) => {
            let mut value = in_full(value);
            if let Value::Array(items) = &mut value {
                items.sort_by_cached_key(ToString::to_string);
                items.dedup();
            }
            value
        }
        _ => in_full(value),
    }
}

/// A number with its unit, and a word in place of what it stands for, as [`spell`] has them; all else as it is.
#[must_use]
pub fn in_words(row: &Field, value: &Value) -> Value {
    match (value, &row.ty) {
        (Value::String(text), _) if row.aliases.iter().all(|(_, known)| known != text) => value.clone(),
        (Value::String(_) | Value::Number(_), _) => spell(row, value, true),
        (Value::Object(members), Type::Object(rows)) => {
            let said = members.iter().map(|(name, value)| {
                let row = rows.iter().find(|row| row.name == name);
                (name.clone(), row.map_or_else(|| value.clone(), |row| in_words(row, value)))
            });
            Value::Object(said.collect())
        }
        _ => value.clone(),
    }
}

/// A text that is no variable.
#[must_use]
pub fn escaped(text: &str) -> Value {
    Value::from(text.replace("${", "$${"))
}

fn in_full(value: &Value) -> Value {
    let mut value = value.clone();
    each_text(&mut value, &|text| *text = text.replace("${", "$${"));
    value
}
