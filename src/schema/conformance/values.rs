//! How the values that a row allows differ from those of the API.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::schema::{Field, TextRule, Type, Wire};

/// How the values that a row allows differ from those of the API.
#[derive(Default)]
pub(super) struct Difference {
    pub(super) wider: Vec<String>,
    pub(super) stricter: Vec<String>,
}

impl Difference {
    /// Compares a lower bound (or, with both negated, an upper one).
    fn bound(&mut self, word: &str, row: Option<f64>, api: Option<f64>, row_is_tighter: fn(f64, f64) -> bool) {
        match (row, api) {
            (Some(row), Some(api)) if row_is_tighter(row, api) => {
                self.stricter.push(format!("{word} {row} in the row, {api} at the API"));
            }
            (Some(row), Some(api)) if row_is_tighter(api, row) => {
                self.wider.push(format!("{word} {row} in the row, {api} at the API"));
            }
            (Some(row), None) => self.stricter.push(format!("{word} {row} in the row, none at the API")),
            (None, Some(api)) => self.wider.push(format!("no {word} in the row, {api} at the API")),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

pub(super) fn difference(row: &Field, schema: &Value) -> Difference {
    let mut found = Difference::default();
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let pattern = schema.get("pattern").and_then(Value::as_str);
    match (&row.ty, row.wire) {
        (Type::Int { .. }, Wire::NumberAsText) => {
            found.stricter.push("the row allows numbers, the API any text".to_owned());
        }
        (Type::Int { min, max }, _) => {
            #[expect(clippy::cast_precision_loss, reason = "bounds of the API are far below 2^53")]
            let bound = |bound: i64, none: i64| (bound != none).then_some(bound as f64);
            found.bound("minimum", bound(*min, i64::MIN), number("minimum"), |a, b| a > b);
            found.bound("maximum", bound(*max, i64::MAX), number("maximum"), |a, b| a < b);
        }
        (Type::Number { min, max }, _) => {
            let bound = |bound: f64| bound.is_finite().then_some(bound);
            found.bound("minimum", bound(*min), number("minimum"), |a, b| a > b);
            found.bound("maximum", bound(*max), number("maximum"), |a, b| a < b);
        }
        (Type::Text(rule), _) => text(&mut found, rule, schema, pattern),
        (Type::Choice(words), _) => choices(&mut found, words, schema),
        // The parts of a joined text have forms of their own, which cannot be compared with a pattern of the whole.
        (
            Type::List(Type::Text(rule), _) | Type::Map(Type::Text(rule)),
            Wire::Joined(_) | Wire::Folded(_) | Wire::Pairs,
        ) => {
            if let (None, Some(pattern)) = (rule.form, pattern) {
                found.wider.push(format!("the API requires `{pattern}`, the row allows any text"));
            }
        }
        _ => {}
    }
    if !matches!(row.ty, Type::Choice(_)) && schema.get("enum").is_some() {
        found.wider.push("the API has a choice of values, the row allows any".to_owned());
    }
    found
}

fn text(found: &mut Difference, rule: &TextRule, schema: &Value, pattern: Option<&str>) {
    let format = schema.get("format").and_then(Value::as_str);
    match (rule.form, pattern.or(format)) {
        (Some(form), None) => {
            found.stricter.push(format!("the row requires {}, the API allows any text", form.expected));
        }
        (Some(form), Some(_)) if pattern.is_some_and(|pattern| pattern != form.pattern) => {
            // Which of two patterns is stricter cannot be computed, so the row must give a reason.
            found.stricter.push(format!(
                "the API requires `{}`, the row `{}`",
                pattern.unwrap_or_default(),
                form.pattern
            ));
        }
        (None, Some(wanted)) => found.wider.push(format!("the API requires `{wanted}`, the row allows any text")),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let length = |key: &str| schema.get(key).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let most = rule.max_chars.map(|most| most as f64);
    found.bound("greatest length", most, length("maxLength"), |a, b| a < b);
    if rule.form.is_none() && length("minLength").is_some_and(|least| least > 0.0) {
        found.wider.push("the API requires a text that is not empty, the row allows an empty one".to_owned());
    }
}

fn choices(found: &mut Difference, words: &[&str], schema: &Value) {
    let Some(list) = schema.get("enum").and_then(Value::as_array) else {
        return found.stricter.push("the row has a choice of values, the API allows any text".to_owned());
    };
    let theirs: BTreeSet<&str> = list.iter().filter_map(Value::as_str).collect();
    let ours: BTreeSet<&str> = words.iter().copied().collect();
    found.wider.extend(ours.difference(&theirs).map(|word| format!("the API does not accept {word:?}")));
    found.stricter.extend(theirs.difference(&ours).map(|word| format!("the API also accepts {word:?}")));
}

pub(super) fn type_on_wire(row: &Field) -> Option<&'static str> {
    if row.wire != Wire::Plain {
        return Some("string");
    }
    match row.ty {
        Type::Bool => Some("boolean"),
        Type::Int { .. } => Some("integer"),
        Type::Number { .. } => Some("number"),
        Type::Text(_) | Type::Choice(_) => Some("string"),
        Type::List(..) => Some("array"),
        Type::Map(_) | Type::Object(_) => Some("object"),
        Type::Any => None,
    }
}

pub(super) fn types_of(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

pub(super) fn is_null(schema: &Value) -> bool {
    types_of(schema) == ["null"]
}
