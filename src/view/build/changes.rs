//! The blocks of a changed field.

use std::collections::BTreeMap;

use crate::model::{Action, Why};
use crate::record::{FieldRecord, RiskRecord};
use crate::view::document::{Edit, FieldChange, Happens, Harm};

impl From<Action> for Happens {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Added,
            Action::Update => Self::Changed,
            Action::Delete => Self::Removed,
        }
    }
}

/// A field and its change.
pub(super) fn field_change(field: &FieldRecord, edit: Edit) -> FieldChange {
    FieldChange {
        name: field.name.clone(),
        edit,
        origin: origin(field.why),
        risks: field.risks.iter().map(harm).collect(),
        was_at: None,
        at: field.at.clone(),
    }
}

fn harm(risk: &RiskRecord) -> Harm {
    Harm { impact: risk.impact, why: risk.why.clone() }
}

/// The risks of these changes, each reason once.
pub(super) fn harms<'a>(fields: impl Iterator<Item = &'a FieldRecord>) -> Vec<Harm> {
    let by_reason: BTreeMap<&str, Harm> =
        fields.flat_map(|field| &field.risks).map(|risk| (risk.why.as_str(), harm(risk))).collect();
    by_reason.into_values().collect()
}

/// The words for the origin of a difference; an intended one needs none.
pub(super) const fn origin(why: Option<Why>) -> Option<&'static str> {
    match why {
        Some(Why::Drift) => Some("(drift)"),
        Some(Why::Both) => Some("(drift, and changed here)"),
        Some(Why::Unapplied) => Some("(merged, not yet applied)"),
        Some(Why::Intended) | None => None,
    }
}
