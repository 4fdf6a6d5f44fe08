//! The two sides of a comparison, as people read them.

use serde_json::Value;

use super::edit::{between, is_list, is_long, item, shown};
use crate::compare::{Difference, Fact, Place, StatedValue};
use crate::diag::Sources;
use crate::model::{DisplayValue, Origin};
use crate::record::{Place as At, recorded};
use crate::text::count;
use crate::view::document::{Beside, Edit, Piece, Side};

/// One side, on one line.
pub(in crate::view) fn fact(fact: &Fact) -> String {
    match &fact.says {
        StatedValue::DisplayValue(value) => shown(fact.field, recorded(value).as_ref()),
        StatedValue::Cleared => "null (cleared)".to_owned(),
        StatedValue::Gone => "null (absent)".to_owned(),
        StatedValue::Unmanaged => "(not managed)".to_owned(),
    }
}

/// From one side to the other, as a change in time.
pub(super) fn change(before: &Fact, after: &Fact) -> Edit {
    match (&before.says, &after.says) {
        (
            StatedValue::DisplayValue(one @ DisplayValue::Value(_)),
            StatedValue::DisplayValue(other @ DisplayValue::Value(_)),
        ) => between(after.field, recorded(one).as_ref(), recorded(other).as_ref()),
        _ => Edit::Swap(Some(fact(before)), fact(after)),
    }
}

/// Two sides of equal standing: what only the first has, what only the second has, and the lines of a long text.
pub(super) fn beside(name: String, before: &Fact, after: &Fact, sources: &Sources) -> Beside {
    let (one, other, lines) = match (&before.says, &after.says) {
        (
            StatedValue::DisplayValue(DisplayValue::Value(one)),
            StatedValue::DisplayValue(DisplayValue::Value(other)),
        ) => values(before, after, one, other),
        (StatedValue::DisplayValue(DisplayValue::SecretSet), StatedValue::DisplayValue(DisplayValue::SecretSet)) => {
            (vec![fact(before)], vec!["(secret) another one".to_owned()], vec![])
        }
        _ => (vec![fact(before)], vec![fact(after)], vec![]),
    };
    let side = |says, it: &Fact| Side { says, at: place(it.origin.as_ref(), sources) };
    Beside { name, one: side(one, before), other: side(other, after), lines }
}

fn values(before: &Fact, after: &Fact, one: &Value, other: &Value) -> (Vec<String>, Vec<String>, Vec<Piece>) {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) if is_list(after.field) => {
            let only = |these: &[Value], those: &[Value]| -> Vec<String> {
                these.iter().filter(|it| !those.contains(it)).map(|it| format!("+ {}", item(it))).collect()
            };
            let (first, second) = (only(one, other), only(other, one));
            if first.is_empty() && second.is_empty() {
                let all = |these: &[Value]| format!("[{}]", these.iter().map(item).collect::<Vec<_>>().join(", "));
                return (vec![all(one)], vec![all(other)], vec![]);
            }
            let or_less = |lines: Vec<String>| if lines.is_empty() { vec!["nothing more".to_owned()] } else { lines };
            (or_less(first), or_less(second), vec![])
        }
        (Value::String(one), Value::String(other)) if is_long(after.field, one, other) => {
            let many = |text: &str| vec![count(text.lines().count(), "line")];
            let lines = if let Edit::Lines(lines) = change(before, after) { lines } else { vec![] };
            (many(one), many(other), lines)
        }
        _ => (vec![fact(before)], vec![fact(after)], vec![]),
    }
}

/// The place where it is written.
pub(super) fn place(origin: Option<&Origin>, sources: &Sources) -> Option<At> {
    origin.map(|origin| At::of(origin.span, sources))
}

/// The name of a field within its section.
pub(super) fn field_name(difference: &Difference) -> String {
    item_field(&difference.place)
}

/// The item and the field of a place; an item of one value is named without the field.
pub(in crate::view) fn item_field(place: &Place) -> String {
    match (place.subject.item(), place.field.as_str()) {
        (Some(item), "" | "value") => item.to_owned(),
        (Some(item), field) => format!("{item}.{field}"),
        (None, field) => field.to_owned(),
    }
}

/// The section that a difference is in.
pub(super) fn section(kind: Option<&str>) -> String {
    kind.unwrap_or("project").to_owned()
}
