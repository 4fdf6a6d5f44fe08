//! What to write: a live value, spelled as the value in its place is.

use serde_json::Value;

use super::texts::{Edit, Part};
use super::wanted::{BY_HAND, Wanted, doubt};
use crate::diag::Diagnostic;
use crate::files;
use crate::kind::KindInfo;
use crate::manifest::spell::{escaped, spell};
use crate::manifest::values::reference;
use crate::model::{Action, DisplayValue, FieldChange};
use crate::schema::{Field, ListAs, Type, wire};
use crate::yaml::Node;

/// What is live, as a manifest would write it; `node` is the current value in the manifest.
pub(super) fn value(info: &'static KindInfo, wanted: &Wanted<'_>, node: Option<&Node>) -> Result<Value, Diagnostic> {
    Ok(match (wanted.field, wanted.change.action) {
        (Some(field), _) => match &field.before {
            DisplayValue::SecretSet | DisplayValue::Secret(_) => {
                let hint = "Let apply restore the live value, or store the new value in the secret's source.";
                return Err(doubt(wanted, "a secret cannot be read back").hint(hint));
            }
            DisplayValue::Absent if field.row().is_some_and(|row| !row.nullable()) => {
                let hint = "Remove the line, so that the field is not managed, or let apply write the value.";
                return Err(doubt(wanted, "live has no value, which a manifest cannot express").hint(hint));
            }
            DisplayValue::Absent => Value::Null,
            DisplayValue::Value(value) => {
                field.row().map_or_else(|| value.clone(), |row| like(row, value, &Written::of(field, node)))
            }
        },
        (None, Action::Delete) => item(info, wanted)?,
        (None, _) => Value::Null,
    })
}

/// How the replaced value is written.
#[derive(Default)]
pub(super) struct Written<'n> {
    /// Whether it is one text, as an amount with its unit is.
    is_text: bool,
    /// Of a list whose items are written one by one: each as it is read, and as it is written, with its variables.
    pub(super) items: Vec<(&'n Value, &'n str)>,
}

impl<'n> Written<'n> {
    pub(super) fn of(field: &'n FieldChange, node: Option<&'n Node>) -> Self {
        let is_text = node.and_then(Node::as_text).is_some();
        let (DisplayValue::Value(Value::Array(meant)), Some(written)) = (&field.after, node.and_then(Node::as_list))
        else {
            return Self { is_text, items: vec![] };
        };
        let texts: Vec<&str> = written.iter().filter_map(Node::as_text).collect();
        // A variable that holds several items is one item of the text.
        let one_by_one = texts.len() == written.len() && texts.len() == meant.len();
        let items = meant.iter().zip(texts).filter(|_| one_by_one).collect();
        Self { is_text, items }
    }
}

/// The edit of the file that a `{file: …}` names, where the value is in one.
pub(super) fn file(wanted: &Wanted<'_>, node: &Node, path: &str, value: &Value) -> Result<Option<Edit>, Diagnostic> {
    let Some(entry) = reference(node).filter(|entry| entry.key.name == "file") else { return Ok(None) };
    let written = entry.value.as_text().filter(|text| !text.contains("${") && node.get("fill").is_none());
    let file = written.and_then(|written| files::beside(path, written).ok());
    match (file, value) {
        (Some(path), Value::String(text)) => {
            // The text of a file is used as it is, without `$${`.
            let text = text.replace("$${", "${");
            Ok(Some(Edit { path, what: Part::Whole(text) }))
        }
        _ => Err(doubt(wanted, "the value is in a file that uses variables").hint(BY_HAND)),
    }
}

/// A live item that no manifest wants.
fn item(info: &'static KindInfo, wanted: &Wanted<'_>) -> Result<Value, Diagnostic> {
    let live = wanted.live.ok_or_else(|| doubt(wanted, "the live item was not read"))?;
    if info.all_fields().any(|row| row.is_secret() && live.get(row.name).is_some_and(|it| !it.is_null())) {
        let hint = "Write it by hand, or `{unmanaged: true}` if it is to be left alone.";
        return Err(doubt(wanted, "a secret cannot be read back").hint(hint));
    }
    let rows = info.all_fields().filter(|row| !row.is_secret());
    let members = rows.filter_map(|row| {
        let seen = live.get(row.name).filter(|seen| !seen.is_null())?;
        let default = row.default.is_some_and(|default| default.to_value() == *seen);
        (!default).then(|| (row.name.to_owned(), like(row, &wire::from_wire(row, seen), &Written::default())))
    });
    Ok(Value::Object(members.collect()))
}

/// A value as people write it, in the order of the written items and with their variables.
fn like(row: &Field, value: &Value, written: &Written<'_>) -> Value {
    let (Value::Array(items), Type::List(_, compared)) = (value, &row.ty) else {
        return spell(row, value, written.is_text);
    };
    let place = |item: &&Value| written.items.iter().position(|(meant, _)| meant == item).unwrap_or(usize::MAX);
    let mut items: Vec<&Value> = items.iter().collect();
    if *compared == ListAs::Set {
        items.sort_by_key(place);
    }
    let text = |item: &Value| match (written.items.iter().find(|(meant, _)| *meant == item), item) {
        (Some((_, text)), _) => Value::from(*text),
        (None, Value::String(text)) => escaped(text),
        (None, other) => other.clone(),
    };
    items.into_iter().map(text).collect()
}
