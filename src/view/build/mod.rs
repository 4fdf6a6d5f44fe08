//! Records become documents: the one place that walks them.

mod against;
pub(super) mod edit;
mod findings;
mod plan;
pub(super) mod projects;
mod report;
mod suites;
mod summary;
mod together;

pub use findings::{findings_document, plan_findings};
pub use plan::plan_document;
pub(super) use plan::verdict;
pub use report::report_document;
pub use suites::{findings_suites, plan_suites, report_suites};
pub use summary::{Summary, summary};

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Why};
use crate::record::{FieldRecord, Record, RiskRecord};
use crate::view::document::{Document, Edit, FieldChange, Happens, Harm};

/// A record as a document.
#[must_use]
pub fn document(record: &Record) -> Document {
    match record {
        Record::Plan(plan) => plan_document(plan, &BTreeSet::new()),
        Record::Report(report) => report_document(report),
        Record::Failure(failure) => findings_document(&failure.findings),
    }
}

impl From<Action> for Happens {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Added,
            Action::Update => Self::Changed,
            Action::Delete => Self::Removed,
        }
    }
}

/// A field with what happens to it.
fn field_change(field: &FieldRecord, edit: Edit) -> FieldChange {
    FieldChange {
        name: field.name.clone(),
        edit,
        origin: origin(field.why),
        risks: field.risks.iter().map(harm).collect(),
        at: field.at.clone(),
    }
}

fn harm(risk: &RiskRecord) -> Harm {
    Harm { impact: risk.impact, why: risk.why.clone() }
}

/// What any of these changes can do, each reason once.
fn harms<'a>(fields: impl Iterator<Item = &'a FieldRecord>) -> Vec<Harm> {
    let by_reason: BTreeMap<&str, Harm> =
        fields.flat_map(|field| &field.risks).map(|risk| (risk.why.as_str(), harm(risk))).collect();
    by_reason.into_values().collect()
}

/// The words for where a difference comes from; what is intended needs none.
const fn origin(why: Option<Why>) -> Option<&'static str> {
    match why {
        Some(Why::Drift) => Some("(drift)"),
        Some(Why::Both) => Some("(drift, and changed here)"),
        Some(Why::Unapplied) => Some("(merged, not yet applied)"),
        Some(Why::Intended) | None => None,
    }
}
