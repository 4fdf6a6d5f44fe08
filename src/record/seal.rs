//! The names and versions of the JSON forms, and the seal that detects edits of a saved file.

use serde::de::IgnoredAny;
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserialize as _, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::secret::hash_of_json;

/// The version of reports, drift, failures and events; it grows when a member changes its meaning or is removed.
pub const VERSION: u32 = 1;

/// The version of plans. Since 2, a step holds its whole request, and its hash covers that.
pub const PLAN_VERSION: u32 = 2;

pub(super) const PLAN: &str = "supaform.plan";
pub(super) const FAILURE: &str = "supaform.diagnostics";
pub(super) const REPORT: &str = "supaform.report";
pub(super) const DRIFT: &str = "supaform.drift";

pub(super) fn sealed(record: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    let seal = seal(&value);
    if let Some(members) = value.as_object_mut() {
        members.insert("seal".to_owned(), seal.into());
    }
    value
}

/// A hash over everything but places, which may differ where manifests are written in another order.
fn seal(value: &Value) -> String {
    hash(&WithoutPlaces(value))
}

/// A hash over JSON, which is nowhere as a whole.
pub(super) fn hash(json: &impl Serialize) -> String {
    shortened(hash_of_json(json))
}

pub(super) fn shortened(mut hash: String) -> String {
    hash.truncate(32);
    hash
}

/// Members with users' own data: nothing in them is a place.
pub(super) const USERS: [&str; 7] = ["before", "after", "wanted", "live", "patch", "body", "labels"];

/// JSON but for places.
struct WithoutPlaces<'v>(&'v Value);

impl Serialize for WithoutPlaces<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut map = out.serialize_map(None)?;
                for (name, value) in members.iter().filter(|(name, _)| *name != "at") {
                    if USERS.contains(&name.as_str()) {
                        map.serialize_entry(name, value)?;
                    } else {
                        map.serialize_entry(name, &WithoutPlaces(value))?;
                    }
                }
                map.end()
            }
            Value::Array(items) => out.collect_seq(items.iter().map(WithoutPlaces)),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other.serialize(out),
        }
    }
}

/// A part of a record as JSON but for places, which is a value for as long as it is written.
pub(super) struct Part<'p, T>(pub(super) &'p T);

impl<T: Serialize> Serialize for Part<'_, T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        WithoutPlaces(&serde_json::to_value(self.0).map_err(S::Error::custom)?).serialize(out)
    }
}

/// Parts one after the other.
pub(super) struct Parts<'p, T>(pub(super) &'p [T]);

impl<T: Serialize> Serialize for Parts<'_, T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(Part))
    }
}

/// A seal that is no part of what is built.
pub(super) fn no_part<'de, D: Deserializer<'de>>(reader: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(reader).map(|_| ())
}
