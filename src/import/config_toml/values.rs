//! Values of `config.toml` in the form in which manifests have them: units, inverted switches, lists.

use serde_json::{Number, Value, json};

use crate::kinds::aliases::How;
use crate::schema::{Field, Literal, Type, Unit, Wire, units};
use crate::yaml::{Content, Node};

/// The value of a field that is no secret; calls of `env()` are resolved before.
///
/// # Errors
/// When the field cannot have it: the reason, a clause.
pub(super) fn value(row: &Field, node: &Node, how: How) -> Result<Value, String> {
    let wrong = |wanted: &str| Err(format!("it is {}, and `{}` is {wanted}", node.what(), row.name));
    if node.as_text() == Some("") && !matches!(row.ty, Type::List(..)) {
        // An empty text that clears the field means `null`; any other cannot be said in a manifest.
        let clears = row.cleared_as.contains(&Literal::Text("")) || matches!(row.ty, Type::Choice(_)) && row.nullable();
        return if clears { Ok(Value::Null) } else { Err("it is empty".to_owned()) };
    }
    match &row.ty {
        Type::Bool => match boolean(node) {
            Some(on) => Ok((on != (how == How::Turned)).into()),
            None => wrong("`true` or `false`"),
        },
        Type::Int { .. } => match whole(node, row.unit)? {
            Some(number) => Ok(row.unit.and_then(|unit| units::spell(number, unit)).map_or(number.into(), Into::into)),
            None => wrong("a whole number"),
        },
        Type::Number { .. } => match hours(node) {
            Some(number) => Ok(spelled(number, row.unit)),
            None => wrong("a number"),
        },
        Type::Text(_) | Type::Choice(_) => match plain(node) {
            Some(text) => Ok(escaped(&text).into()),
            None => wrong("a text"),
        },
        Type::List(..) => list(row, node),
        Type::Map(_) => match node.as_map() {
            Some(entries) => {
                let pairs =
                    entries.iter().map(|entry| Some((entry.key.name.clone(), escaped(&plain(&entry.value)?).into())));
                pairs.collect::<Option<_>>().map(Value::Object).ok_or_else(|| "its values are no texts".to_owned())
            }
            None => wrong("a table"),
        },
        Type::Object(_) | Type::Any => wrong("more than one setting"),
    }
}

fn list(row: &Field, node: &Node) -> Result<Value, String> {
    let items: Option<Vec<String>> = match node.as_list() {
        Some(items) => items.iter().map(plain).collect(),
        // Several in one text, as variables of the environment have them.
        None => node
            .as_text()
            .map(|text| text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()),
    };
    let items = items.ok_or_else(|| format!("it is {}, and `{}` is a list of texts", node.what(), row.name))?;
    match (row.wire, items.as_slice()) {
        (Wire::Folded(_), []) => Ok(Value::Null),
        (Wire::Folded(_), [one]) => Ok(escaped(one).into()),
        _ => Ok(items.iter().map(|item| escaped(item)).collect::<Vec<_>>().into()),
    }
}

/// A switch, also one that comes from a variable.
pub(super) fn boolean(node: &Node) -> Option<bool> {
    match &node.content {
        Content::Bool(on) => Some(*on),
        Content::Text { text, .. } => text.parse().ok(),
        Content::Null { .. } | Content::Int(_) | Content::Float(_) | Content::List(_) | Content::Map(_) => None,
    }
}

/// A text, or a number in its place.
pub(super) fn plain(node: &Node) -> Option<String> {
    match &node.content {
        Content::Text { text, .. } => Some(text.clone()),
        Content::Int(number) => Some(number.to_string()),
        Content::Null { .. } | Content::Bool(_) | Content::Float(_) | Content::List(_) | Content::Map(_) => None,
    }
}

/// A text in a manifest, where `${` begins a variable.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

/// A whole number of the unit; parts of a second are dropped, as the tool does that sends them.
fn whole(node: &Node, unit: Option<Unit>) -> Result<Option<i64>, String> {
    let too_large = || "the number is too large".to_owned();
    let fits = |number: i128| i64::try_from(number).map_err(|_| too_large());
    match &node.content {
        Content::Int(number) => fits(*number).map(Some),
        Content::Text { text, .. } => {
            if let Ok(number) = text.parse::<i128>() {
                return fits(number).map(Some);
            }
            let number = match unit {
                Some(Unit::Seconds) => nanoseconds(text).map(|it| it / SECOND),
                Some(Unit::Bytes) => bytes(text),
                Some(Unit::Hours) | None => None,
            };
            number.map(fits).transpose()
        }
        Content::Null { .. } | Content::Bool(_) | Content::Float(_) | Content::List(_) | Content::Map(_) => Ok(None),
    }
}

/// A number of hours.
fn hours(node: &Node) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "what is greater is out of bounds anyway")]
    let exact = |number: i128, parts: i128| number as f64 / parts as f64;
    match &node.content {
        Content::Int(number) => Some(exact(*number, 1)),
        Content::Float(number) => Some(*number),
        Content::Text { text, .. } => nanoseconds(text).map(|nanoseconds| exact(nanoseconds, 3600 * SECOND)),
        Content::Null { .. } | Content::Bool(_) | Content::List(_) | Content::Map(_) => None,
    }
}

/// A number as people write it: with its unit where it is whole.
fn spelled(number: f64, unit: Option<Unit>) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        let whole = number as i64;
        return unit.and_then(|unit| units::spell(whole, unit)).map_or_else(|| json!(whole), Into::into);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

const SECOND: i128 = 1_000_000_000;

/// A duration such as `1h30m` or `1.5s`, as Go writes them.
fn nanoseconds(text: &str) -> Option<i128> {
    const UNITS: [(&str, i128); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", SECOND),
        ("m", 60 * SECOND),
        ("h", 3600 * SECOND),
    ];
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0_i128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()));
        let (word, after) = after.split_at(after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len()));
        let (_, size) = UNITS.iter().find(|(name, _)| *name == word)?;
        total = total.checked_add(scaled(digits, *size)?)?;
        rest = after;
    }
    Some(total)
}

/// A size such as `50MiB`, `50MB` or `50m`: all count in 1024s, as Docker's do.
fn bytes(text: &str) -> Option<i128> {
    let text = text.trim();
    let (digits, word) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len()));
    let word = word.trim_start().to_ascii_lowercase();
    let letters = word.strip_suffix('b').unwrap_or(&word);
    let letter = letters.strip_suffix('i').unwrap_or(letters);
    let power = ["", "k", "m", "g", "t", "p"].iter().position(|it| *it == letter)?;
    scaled(digits, 1024_i128.checked_pow(u32::try_from(power).ok()?)?)
}

/// A decimal number of a unit, without what is below the smallest.
fn scaled(digits: &str, size: i128) -> Option<i128> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let parts = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    format!("{whole}{fraction}").parse::<i128>().ok()?.checked_mul(size).map(|scaled| scaled / parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_as_the_tool_does_that_sends_them() {
        for (text, seconds) in
            [("1s", 1), ("1m0s", 60), ("1h30m", 5400), ("1.5s", 1), ("500ms", 0), ("0s", 0), ("+2s", 2)]
        {
            assert_eq!(nanoseconds(text).map(|it| it / SECOND), Some(seconds), "{text}");
        }
        for text in ["", "1", "s", "1d", "1.2.3s", "-1s", "1s!", ".s"] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
        for (text, size) in
            [("50MiB", 50 << 20), ("50MB", 50 << 20), ("50m", 50 << 20), ("1 GiB", 1 << 30), ("1.5k", 1536), ("7", 7)]
        {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for text in ["", "MiB", "5x", "1.2.3k", "-1k"] {
            assert_eq!(bytes(text), None, "{text}");
        }
        let huge = "9".repeat(80);
        assert_eq!((nanoseconds(&format!("{huge}h")), bytes(&format!("{huge}g"))), (None, None));
    }
}
