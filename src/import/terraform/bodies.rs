//! Settings as the API has them, in the form of manifests.

use serde_json::{Map, Value, json};

use super::given::Given;
use crate::diff::{is_unset, same_value};
use crate::import::names::secret_name;
use crate::kind::{Kind, KindInfo};
use crate::manifest::spell::spell;
use crate::model::{Answer, LiveKind};
use crate::schema::{FieldPath, members, wire};
use crate::secret::looks_like_digest;

/// The settings of a kind in an answer of the API, where it has the form of one.
pub(super) fn observed(kind: &dyn Kind, body: Value) -> Option<Map<String, Value>> {
    match kind.observe(&[Answer { status: 200, body, at: None }]) {
        Ok(LiveKind::Settings(settings)) => Some(settings),
        Ok(LiveKind::Items(_) | LiveKind::NotYet) | Err(_) => None,
    }
}

/// The value of each setting that is known, by the name of its field. In a dump of everything, what is as on an untouched
/// project is nobody's wish.
pub(super) fn settings(info: &'static KindInfo, live: &Map<String, Value>, dump: bool) -> Vec<(FieldPath, Value)> {
    let mut settings = vec![];
    for path in info.leaves() {
        let (row, Some(seen)) = (path.row(), path.get(live)) else { continue };
        if row.is_secret() || row.identity {
            continue;
        }
        let untouched = members::untouched(row);
        let is_untouched = match &untouched {
            Some(untouched) => same_value(row, untouched, seen),
            None => matches!(seen, Value::Null),
        };
        if dump && (is_untouched || seen.is_null()) {
            continue;
        }
        let empty = seen.is_null() || seen.as_str() == Some("");
        let value = if empty && row.nullable() && is_unset(row, seen) {
            Value::Null
        } else {
            spell(row, &wire::from_wire(row, seen), true)
        };
        settings.push((path, value));
    }
    settings
}

/// The reference to a secret and what to tell of it; nothing where none is set.
pub(super) fn secret(name: &str, given: &Given) -> Option<(Value, Option<String>)> {
    if matches!(given, Given::Null) || given.text() == Some("") {
        return None;
    }
    if let Given::Variable(variable) = given {
        return Some((json!({"env": format!("TF_VAR_{variable}")}), None));
    }
    let name = secret_name(name);
    let why = if given.text().is_some_and(looks_like_digest) {
        "the value is unknown, for Terraform has its digest alone"
    } else if matches!(given, Given::Unknown(_)) {
        "only Terraform knows the value"
    } else {
        "the value is a secret and was not copied"
    };
    Some((json!({"secret": name}), Some(format!("{why}: give it as the secret `{name}`"))))
}
