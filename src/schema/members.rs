//! Members of objects as fields of their own, by names with dots: `features.s3Protocol.enabled`.
//!
//! The API carries them within an object; each is compared, shown, flagged and allowed by itself.

use serde_json::{Map, Value};

use super::wire::from_wire;
use super::{Field, Type, Wire};

/// The members of an object whose members are fields of their own.
#[must_use]
pub const fn members(row: &Field) -> Option<&'static [Field]> {
    match (&row.ty, row.wire) {
        (Type::Object(members), Wire::Plain) if !row.atomic => Some(*members),
        _ => None,
    }
}

/// The value of a field on an untouched project, in the form in which people write it; of an object, its known members.
/// `None` where the value is not known, or cannot be written.
#[must_use]
pub fn untouched(row: &Field) -> Option<Value> {
    if let Some(inner) = members(row) {
        let known: Map<_, _> = inner.iter().filter_map(|row| Some((row.name.to_owned(), untouched(row)?))).collect();
        return (!known.is_empty()).then_some(Value::Object(known));
    }
    if row.is_secret() {
        return (!row.cleared_as.is_empty()).then_some(Value::Null);
    }
    let default = row.default.filter(|_| !row.identity)?.to_value();
    match (default.is_null(), row.cleared_as.is_empty()) {
        (false, _) => Some(from_wire(row, &default)),
        (true, false) => Some(Value::Null),
        (true, true) => None,
    }
}
