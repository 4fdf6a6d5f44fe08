//! A field that was looked up once: its row, and its path in a document.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::{Field, members};

/// The path of a field: its row, and the rows of the objects that it is in.
#[derive(Clone)]
pub struct FieldPath {
    outer: Vec<&'static Field>,
    row: &'static Field,
    name: Cow<'static, str>,
}

impl FieldPath {
    /// The path of a row that is in no object.
    #[must_use]
    pub const fn of(row: &'static Field) -> Self {
        Self { outer: vec![], row, name: Cow::Borrowed(row.name) }
    }

    /// The path of a member of this object.
    #[must_use]
    pub fn member(&self, row: &'static Field) -> Self {
        let outer = self.outer.iter().copied().chain([self.row]).collect();
        Self { outer, row, name: Cow::Owned(format!("{}.{}", self.name, row.name)) }
    }

    /// The path of the field of this name, with dots where it is a member of an object. A name itself may have dots.
    #[must_use]
    pub fn find(rows: impl IntoIterator<Item = &'static Field>, name: &str) -> Option<Self> {
        let rows: Vec<&'static Field> = rows.into_iter().collect();
        if let Some(row) = rows.iter().find(|row| row.name == name) {
            return Some(Self::of(row));
        }
        let mut path = rows.iter().find_map(|row| Some((Self::of(row), below(row, name)?)));
        while let Some((outer, rest)) = path {
            let inner = members::members(outer.row)?;
            if let Some(row) = inner.iter().find(|row| row.name == rest) {
                return Some(outer.member(row));
            }
            path = inner.iter().find_map(|row| Some((outer.member(row), below(row, rest)?)));
        }
        None
    }

    /// The paths of all fields with a value in a row: itself, or the members of an object whose members are fields.
    #[must_use]
    pub fn leaves(row: &'static Field) -> Vec<Self> {
        Self::of(row).within()
    }

    fn within(self) -> Vec<Self> {
        match members::members(self.row) {
            Some(inner) => inner.iter().flat_map(|row| self.member(row).within()).collect(),
            None => vec![self],
        }
    }

    /// The path from the row of the table on; `None` where the field is itself a row of the table.
    #[must_use]
    pub fn within_top(&self) -> Option<Self> {
        let (first, rest) = self.outer.split_first()?;
        let name = Cow::Owned(below(first, &self.name)?.to_owned());
        Some(Self { outer: rest.to_vec(), row: self.row, name })
    }

    /// The row of the field.
    #[must_use]
    pub const fn row(&self) -> &'static Field {
        self.row
    }

    /// The row of the table that the field is in.
    #[must_use]
    pub fn top(&self) -> &'static Field {
        self.outer.first().copied().unwrap_or(self.row)
    }

    /// The name of the field, with dots where it is a member of an object: `features.s3Protocol.enabled`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the members on the path, its own included.
    pub fn way(&self) -> impl Iterator<Item = &'static str> {
        self.outer.iter().chain([&self.row]).map(|row| row.name)
    }

    /// The value at this path of a document.
    #[must_use]
    pub fn get<'v>(&self, document: &'v Map<String, Value>) -> Option<&'v Value> {
        let mut way = self.way();
        let first = document.get(way.next()?)?;
        way.try_fold(first, |value, name| value.get(name))
    }

    /// Sets the value at this path; missing objects on the path are created.
    pub fn put(&self, document: &mut Map<String, Value>, value: Value) {
        if let Some(place) = self.outer.iter().try_fold(document, |object, row| {
            let inner = object.entry(row.name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            inner.as_object_mut()
        }) {
            place.insert(self.row.name.to_owned(), value);
        }
    }

    /// Removes the value at this path.
    pub fn take(&self, document: &mut Map<String, Value>) -> Option<Value> {
        let place = self.outer.iter().try_fold(document, |object, row| object.get_mut(row.name)?.as_object_mut())?;
        place.shift_remove(self.row.name)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

/// The rest of a name that begins with a row's.
fn below<'n>(row: &Field, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(row.name)?.strip_prefix('.')
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

    fn path(name: &str) -> FieldPath {
        FieldPath::find(ROWS, name).expect("a field")
    }

    #[test]
    fn a_name_leads_through_objects_and_dots_may_be_in_names() {
        let most = path("features.s3.most");
        assert_eq!(most.way().collect::<Vec<_>>(), ["features", "s3", "most"]);
        assert_eq!((most.row().name, most.top().name, most.name()), ("most", "features", "features.s3.most"));
        let within = most.within_top().expect("it lies in an object");
        assert_eq!((within.top().name, within.name()), ("s3", "s3.most"));
        assert!(path("cron.limit").within_top().is_none());
        assert_eq!((path("cron.limit").row().name, path("cron.limit").top().name), ("cron.limit", "cron.limit"));
        for unknown in ["features.s3.least", "featuresx", "cron.other", "cron.limit.more", ""] {
            assert!(FieldPath::find(ROWS, unknown).is_none(), "{unknown}");
        }
        let names: Vec<_> = ROWS.iter().flat_map(FieldPath::leaves).map(|path| path.name().to_owned()).collect();
        assert_eq!(names, ["cron.limit", "features.s3.enabled", "features.s3.most", "features.cache"]);
    }

    #[test]
    fn a_value_is_set_read_and_removed_and_others_stay() {
        let mut document = json!({"features": {"cache": true, "s3": null}, "other": 1}).as_object().cloned().unwrap();
        let most = path("features.s3.most");
        assert_eq!(most.get(&document), None);
        assert_eq!(most.take(&mut document), None);
        most.put(&mut document, 3.into());
        let put = json!({"features": {"cache": true, "s3": {"most": 3}}, "other": 1});
        assert_eq!(Value::Object(document.clone()), put);
        assert_eq!(most.get(&document), Some(&json!(3)));
        assert_eq!(most.take(&mut document), Some(json!(3)));
        assert_eq!(Value::Object(document), json!({"features": {"cache": true, "s3": {}}, "other": 1}));
    }
}
