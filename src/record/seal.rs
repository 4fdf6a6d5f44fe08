//! The names and versions of the JSON forms, and the seal that tells an edited one from one that was saved.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::secret::hex;

/// The version of reports, drift, failures and events; it grows when a member changes its meaning or goes.
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

/// A hash over all but places, which may differ where manifests are written in another order.
pub(super) fn seal(value: &Value) -> String {
    let mut text = hex(&Sha256::digest(without_places(value).to_string().as_bytes()));
    text.truncate(32);
    text
}

/// Members that hold what users write: nothing in them is a place.
const USERS: [&str; 7] = ["before", "after", "wanted", "live", "patch", "body", "labels"];

fn without_places(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| *name != "at").map(|(name, value)| {
                let value = if USERS.contains(&name.as_str()) { value.clone() } else { without_places(value) };
                (name.clone(), value)
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.iter().map(without_places).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other.clone(),
    }
}
