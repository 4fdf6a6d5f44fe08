//! The change of a value, as people read it: quoted texts, numbers with units, lists by item, long texts by line.

use serde_json::Value;

use crate::diag::render::escape;
use crate::lines::{Change, ChangeTag, LineDiff};
use crate::model::{Certainty, FieldKey};
use crate::record::{FieldRecord, RecordedValue, SecretRecord};
use crate::schema::{Field, Type, units};
use crate::text::count;
use crate::view::document::{Edit, NOT_SET, Piece, SecretEdit};

/// The change of a field.
pub(super) fn edit(field: &FieldRecord) -> Edit {
    let row = field.row.0;
    match (&field.before, &field.after) {
        (Some(RecordedValue::Secret(_)), None) => Edit::Secret(SecretEdit::Cleared),
        (None, Some(RecordedValue::Secret(secret))) => Edit::Secret(SecretEdit::Set(from(field, secret))),
        (Some(_), Some(RecordedValue::Secret(secret))) => Edit::Secret(SecretEdit::Replaced(from(field, secret))),
        (Some(RecordedValue::Secret(_)), after) => {
            Edit::Swap(Some("(live differs)".to_owned()), shown(row, after.as_ref()))
        }
        (None, Some(RecordedValue::Value(Value::String(after)))) if is_file(field) => Edit::Lines(lines("", after)),
        (Some(RecordedValue::Value(Value::String(before))), None) if is_file(field) => Edit::Lines(lines(before, "")),
        // A value that was not read has no "before"; lists show none anyway.
        (None, after) if field.certainty == Certainty::Unknowable && !is_list(row) => {
            Edit::New(shown(row, after.as_ref()))
        }
        (before, after) => between(row, before.as_ref(), after.as_ref()),
    }
}

/// Whether the change of a field fits on a line.
pub(super) fn fits_a_line(field: &FieldRecord) -> bool {
    if is_file(field) {
        return false;
    }
    match (&field.before, &field.after) {
        (Some(RecordedValue::Value(Value::String(before))), Some(RecordedValue::Value(Value::String(after))))
            if is_long(field.row.0, before, after) =>
        {
            false
        }
        _ => !matches!(edit(field), Edit::Items(_)),
    }
}

/// The value of a field of a new item, on one line.
pub(super) fn new_value(field: &FieldRecord) -> Edit {
    match &field.after {
        Some(RecordedValue::Secret(secret)) => Edit::Secret(SecretEdit::Set(from(field, secret))),
        // Whoever reviews the item has its files before them.
        Some(RecordedValue::Value(Value::String(text))) if is_file(field) => {
            Edit::New(count(text.lines().count(), "line"))
        }
        after => Edit::New(shown(field.row.0, after.as_ref())),
    }
}

/// The last value of a field of a removed item.
pub(super) fn old_value(field: &FieldRecord) -> Edit {
    Edit::Gone(shown(field.row.0, field.before.as_ref()))
}

/// The change from one value to another, neither of them secret: lists by item, long texts by line, the rest on one line.
pub(in crate::view) fn between(
    row: Option<&Field>,
    before: Option<&RecordedValue>,
    after: Option<&RecordedValue>,
) -> Edit {
    match (before, after) {
        (before, after) if is_list(row) => items(&list(before), &list(after)),
        (Some(RecordedValue::Value(Value::String(before))), Some(RecordedValue::Value(Value::String(after))))
            if is_long(row, before, after) =>
        {
            Edit::Lines(lines(before, after))
        }
        (before, after) => Edit::Swap(before.map(|before| shown(row, Some(before))), shown(row, after)),
    }
}

/// Whether a field is a file that the settings name.
fn is_file(field: &FieldRecord) -> bool {
    field.name.starts_with(FieldKey::FILES)
}

/// The live value, where it was read.
pub(super) fn before(field: &FieldRecord) -> String {
    match (&field.before, field.certainty) {
        (None, Certainty::Unknowable) => "(new)".to_owned(),
        (before, _) => shown(field.row.0, before.as_ref()),
    }
}

/// The source of a desired secret, and whether its value is at hand.
fn from(field: &FieldRecord, secret: &SecretRecord) -> String {
    match secret {
        SecretRecord::From(source) if !field.at_hand => format!("{} (value not at hand)", escape(&source.to_string())),
        SecretRecord::From(source) => escape(&source.to_string()).into_owned(),
        SecretRecord::IsSet(_) => "live".to_owned(),
    }
}

pub(in crate::view) fn is_list(row: Option<&Field>) -> bool {
    row.is_some_and(|row| matches!(row.ty, Type::List(..)))
}

pub(in crate::view) fn is_long(row: Option<&Field>, before: &str, after: &str) -> bool {
    let declared = row.is_some_and(|row| matches!(&row.ty, Type::Text(rule) if rule.long));
    declared || before.contains('\n') || after.contains('\n')
}

fn list(value: Option<&RecordedValue>) -> Vec<String> {
    match value {
        Some(RecordedValue::Value(Value::Array(items))) => items.iter().map(item).collect(),
        _ => vec![],
    }
}

pub(in crate::view) fn item(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text).into_owned(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            escape(&other.to_string()).into_owned()
        }
    }
}

fn items(before: &[String], after: &[String]) -> Edit {
    let added = after.iter().filter(|item| !before.contains(item)).cloned().map(Piece::Add);
    let removed = before.iter().filter(|item| !after.contains(item)).cloned().map(Piece::Remove);
    let all: Vec<_> = removed.chain(added).collect();
    if before.is_empty() && after.is_empty() {
        return Edit::New("[]".to_owned());
    }
    if all.is_empty() {
        let join = |items: &[String]| format!("[{}]", items.join(", "));
        return Edit::Swap(Some(join(before)), join(after));
    }
    Edit::Items(all)
}

fn lines(before: &str, after: &str) -> Vec<Piece> {
    let diff = LineDiff::between(before, after);
    let piece = |change: Change<&str>| {
        let text = escape(change.value().strip_suffix('\n').unwrap_or(change.value())).into_owned();
        match change.tag() {
            ChangeTag::Insert => Piece::Add(text),
            ChangeTag::Delete => Piece::Remove(text),
            ChangeTag::Equal => Piece::Keep(text),
        }
    };
    diff.changes().map(piece).collect()
}

/// All of a value on one line.
pub(in crate::view) fn shown(row: Option<&Field>, value: Option<&RecordedValue>) -> String {
    match value {
        None => NOT_SET.to_owned(),
        Some(RecordedValue::Secret(SecretRecord::IsSet(_))) => "(secret)".to_owned(),
        Some(RecordedValue::Secret(SecretRecord::From(source))) => {
            format!("(secret) from {}", escape(&source.to_string()))
        }
        Some(RecordedValue::Value(value)) => show_value(row, value),
    }
}

fn show_value(row: Option<&Field>, value: &Value) -> String {
    match value {
        Value::String(text) => {
            let word = row.and_then(|row| row.aliases.iter().find(|(_, value)| value == text));
            word.map_or_else(|| quote(text), |(word, _)| (*word).to_owned())
        }
        Value::Number(number) => {
            row.and_then(|row| row.unit).map_or_else(|| number.to_string(), |unit| units::written(number, unit))
        }
        other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            escape(&other.to_string()).into_owned()
        }
    }
}

fn quote(text: &str) -> String {
    escape(&Value::from(text).to_string()).into_owned()
}
