//! Objects whose members are fields of their own: only those that a manifest writes are compared.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::kind::KindInfo;
use crate::model::{Datum, Origin, Setting, Settings};
use crate::schema::{Field, members};

/// A setting as it is compared: its name, itself, and what is live.
pub(crate) type Part<'a> = (String, Cow<'a, Setting>, Option<&'a Value>);

/// A setting by itself, or each member that is written of an object, named with dots.
pub(crate) fn of<'a>(
    setting: &'a Setting,
    seen: Option<&'a Value>,
    places: &BTreeMap<String, Origin>,
) -> Vec<Part<'a>> {
    let mut parts = vec![];
    split(setting.field.name.to_owned(), Cow::Borrowed(setting), seen, places, &mut parts);
    parts
}

fn split<'a>(
    name: String,
    setting: Cow<'a, Setting>,
    seen: Option<&'a Value>,
    places: &BTreeMap<String, Origin>,
    out: &mut Vec<Part<'a>>,
) {
    let (Some(rows), Datum::Value(Value::Object(written))) = (members::members(setting.field), &setting.value) else {
        out.push((name, setting, seen));
        return;
    };
    for field in rows {
        let Some(value) = written.get(field.name) else { continue };
        let value = if value.is_null() { Datum::Clear } else { Datum::Value(value.clone()) };
        let name = format!("{name}.{}", field.name);
        let origin = places.get(&name).unwrap_or(&setting.origin).clone();
        let seen = seen.map(|seen| seen.get(field.name).unwrap_or(&Value::Null));
        split(name, Cow::Owned(Setting { field, value, origin, parts: vec![], over: vec![] }), seen, places, out);
    }
}

/// How many fields are live and not written.
pub(super) fn count_unmanaged(info: &KindInfo, settings: &Settings, live: &Map<String, Value>) -> usize {
    let rows = info.all_fields().filter_map(|row| Some((row, live.get(row.name)?)));
    let count = |(row, seen): (&Field, _)| match settings.fields.get(row.name).map(|setting| &setting.value) {
        None => unwritten(row, None, seen),
        Some(Datum::Value(written)) => unwritten(row, Some(written), seen),
        Some(Datum::Clear | Datum::Secret(_)) => 0,
    };
    rows.map(count).sum()
}

fn unwritten(row: &Field, written: Option<&Value>, seen: &Value) -> usize {
    let (Some(rows), Value::Object(seen)) = (members::members(row), seen) else {
        return usize::from(written.is_none());
    };
    let inner = rows.iter().filter_map(|row| Some((row, seen.get(row.name)?)));
    inner.map(|(row, seen)| unwritten(row, written.and_then(|written| written.get(row.name)), seen)).sum()
}
