//! Members of objects as fields of their own, by names with dots: `features.s3Protocol.enabled`.
//!
//! The API takes and shows them within an object; what is compared, shown, flagged and allowed is each by itself.

use serde_json::{Map, Value};

use super::wire::from_wire;
use super::{Field, Type, Wire};

/// The members of an object whose members are fields of their own.
#[must_use]
pub const fn members(row: &Field) -> Option<&'static [Field]> {
    match (&row.ty, row.wire) {
        (Type::Object(members), Wire::Plain) if !row.whole => Some(*members),
        _ => None,
    }
}

/// The names on the way to a field, and its row. A name that leads to no row stands for itself: some have dots.
pub fn trace(rows: impl IntoIterator<Item = &'static Field>, name: &str) -> (Vec<&str>, Option<&'static Field>) {
    let mut rows: Vec<&'static Field> = rows.into_iter().collect();
    let (mut way, mut rest) = (vec![], name);
    loop {
        if let Some(row) = rows.iter().find(|row| row.name == rest) {
            way.push(rest);
            return (way, Some(row));
        }
        let inner = rows.iter().find_map(|row| {
            let after = rest.strip_prefix(row.name)?.strip_prefix('.')?;
            Some((row.name, members(row)?, after))
        });
        let Some((outer, members, after)) = inner else { return (vec![name], None) };
        way.push(outer);
        rows = members.iter().collect();
        rest = after;
    }
}

/// A row and the rows within it: each that holds a value, by its name with dots.
#[must_use]
pub fn leaves(row: &'static Field) -> Vec<(String, &'static Field)> {
    let Some(inner) = members(row) else { return vec![(row.name.to_owned(), row)] };
    let named = |(name, leaf): (String, _)| (format!("{}.{name}", row.name), leaf);
    inner.iter().flat_map(leaves).map(named).collect()
}

/// What an untouched project has in a field, in the form in which people write it; of an object what is known of its
/// members. Nothing where that is not known, or where nobody could write it.
#[must_use]
pub fn untouched(row: &Field) -> Option<Value> {
    if let Some(inner) = members(row) {
        let known: Map<_, _> = inner.iter().filter_map(|row| Some((row.name.to_owned(), untouched(row)?))).collect();
        return (!known.is_empty()).then_some(Value::Object(known));
    }
    if row.is_secret() {
        return (!row.unset.is_empty()).then_some(Value::Null);
    }
    let default = row.default.filter(|_| !row.identity)?.to_value();
    match (default.is_null(), row.unset.is_empty()) {
        (false, _) => Some(from_wire(row, &default)),
        (true, false) => Some(Value::Null),
        (true, true) => None,
    }
}

/// What a document has at the end of a way.
#[must_use]
pub fn get<'v>(document: &'v Map<String, Value>, way: &[&str]) -> Option<&'v Value> {
    let (first, rest) = way.split_first()?;
    rest.iter().try_fold(document.get(*first)?, |value, name| value.get(name))
}

/// Puts a value at the end of a way; what is on the way is an object afterwards.
pub fn put(document: &mut Map<String, Value>, way: &[&str], value: Value) {
    match way {
        [] => {}
        [last] => drop(document.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            let inner = document.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{flag, int, object};

    static ROWS: &[Field] = &[
        int("cron.limit", 0, 9),
        object("features", &[object("s3", &[flag("enabled"), int("most", 0, 9)]), flag("cache")]),
    ];

    #[test]
    fn a_name_leads_through_objects_and_dots_may_be_in_names() {
        let way = |name| trace(ROWS, name);
        assert_eq!(way("features.s3.most").0, ["features", "s3", "most"]);
        assert_eq!(way("features.s3.most").1.map(|row| row.name), Some("most"));
        assert_eq!(
            (way("cron.limit").0, way("cron.limit").1.map(|row| row.name)),
            (vec!["cron.limit"], Some("cron.limit"))
        );
        for unknown in ["features.s3.least", "featuresx", "cron.other", "cron.limit.more", ""] {
            assert_eq!((way(unknown).0, way(unknown).1.is_none()), (vec![unknown], true));
        }
        let names: Vec<_> = ROWS.iter().flat_map(leaves).map(|(name, _)| name).collect();
        assert_eq!(names, ["cron.limit", "features.s3.enabled", "features.s3.most", "features.cache"]);
    }

    #[test]
    fn what_is_put_is_got_and_nothing_else_is_touched() {
        let mut document = json!({"features": {"cache": true, "s3": null}, "other": 1}).as_object().cloned().unwrap();
        put(&mut document, &["features", "s3", "most"], 3.into());
        assert_eq!(
            Value::Object(document.clone()),
            json!({"features": {"cache": true, "s3": {"most": 3}}, "other": 1})
        );
        assert_eq!(get(&document, &["features", "s3", "most"]), Some(&json!(3)));
        assert_eq!((get(&document, &["other", "x"]), get(&document, &[])), (None, None));
    }
}
