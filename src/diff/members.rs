//! Objects whose members are fields of their own: only the members in a manifest are compared.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{is_unset, same_value};
use crate::kind::KindInfo;
use crate::model::{DesiredValue, DisplayValue, Origin, Setting, Settings, Touched};
use crate::schema::{Field, FieldPath, members, wire};

/// A setting to compare: its field, its desired value, and its live value.
pub(crate) type Part<'a> = (FieldPath, Cow<'a, Setting>, Option<&'a Value>);

/// A setting by itself, or each written member of an object, named with dots.
pub(crate) fn of<'a>(
    setting: &'a Setting,
    seen: Option<&'a Value>,
    places: &BTreeMap<String, Origin>,
) -> Vec<Part<'a>> {
    let mut parts = vec![];
    split(FieldPath::of(setting.field), Cow::Borrowed(setting), seen, places, &mut parts);
    parts
}

fn split<'a>(
    path: FieldPath,
    setting: Cow<'a, Setting>,
    seen: Option<&'a Value>,
    places: &BTreeMap<String, Origin>,
    out: &mut Vec<Part<'a>>,
) {
    let (Some(rows), DesiredValue::Value(Value::Object(written))) = (members::members(setting.field), &setting.value)
    else {
        out.push((path, setting, seen));
        return;
    };
    for field in rows {
        let Some(value) = written.get(field.name) else { continue };
        let value = if value.is_null() { DesiredValue::Clear } else { DesiredValue::Value(value.clone()) };
        let path = path.member(field);
        let origin = places.get(path.name()).unwrap_or(&setting.origin).clone();
        let seen = seen.map(|seen| seen.get(field.name).unwrap_or(&Value::Null));
        split(path, Cow::Owned(Setting { field, value, origin, parts: vec![], over: vec![] }), seen, places, out);
    }
}

/// The live fields that are not written: how many, and those with another value than on an untouched project.
pub(super) fn unmanaged(
    info: &KindInfo,
    settings: &Settings,
    hands_off: &BTreeSet<&str>,
    live: &Map<String, Value>,
) -> (usize, Vec<Touched>) {
    let mut all = vec![];
    // Another field may stand for the same of the API.
    let stands_for =
        |row: &Field| row.api_name.filter(|name| settings.fields.values().any(|it| it.field.api_name == Some(name)));
    let rows = info.all_fields().filter(|row| stands_for(row).is_none() || settings.fields.contains_key(row.name));
    for (row, seen) in rows.filter_map(|row| Some((row, live.get(row.name)?))) {
        match settings.fields.get(row.name).map(|setting| &setting.value) {
            None => unwritten(FieldPath::of(row), None, seen, &mut all),
            Some(DesiredValue::Value(written)) => unwritten(FieldPath::of(row), Some(written), seen, &mut all),
            Some(DesiredValue::Clear | DesiredValue::Secret(_)) => {}
        }
    }
    let touched = all.iter().filter(|(path, _)| !hands_off.contains(path.top().name));
    (all.len(), touched.filter_map(|(path, seen)| self::touched(info.name, path, seen)).collect())
}

/// A live field that is not written, and its value.
type Unwritten<'v> = (FieldPath, &'v Value);

fn unwritten<'v>(path: FieldPath, written: Option<&Value>, seen: &'v Value, out: &mut Vec<Unwritten<'v>>) {
    let (Some(rows), Value::Object(inner)) = (members::members(path.row()), seen) else {
        if written.is_none() {
            out.push((path, seen));
        }
        return;
    };
    for (row, seen) in rows.iter().filter_map(|row| Some((row, inner.get(row.name)?))) {
        unwritten(path.member(row), written.and_then(|written| written.get(row.name)), seen, out);
    }
}

fn touched(kind: &'static str, path: &FieldPath, seen: &Value) -> Option<Touched> {
    let row = path.row();
    let untouched = members::untouched(row)?;
    let is_untouched = if untouched.is_null() { is_unset(row, seen) } else { same_value(row, &untouched, seen) };
    let live = match seen {
        _ if is_untouched => return None,
        _ if row.is_secret() => DisplayValue::SecretSet,
        seen @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_)) => DisplayValue::Value(wire::from_wire(row, seen)),
    };
    Some(Touched { kind, path: path.clone(), live, untouched })
}
