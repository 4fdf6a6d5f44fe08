//! What a plan tells of drift: which sorts of difference there are between the manifests and live.

use std::collections::BTreeSet;

use crate::diag::codes::plan as codes;
use crate::model::{Action, Blocked, Change, Desired, DesiredProject, Item, Plan, ProjectPlan, SectionBody};

/// A sort of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Something that is managed differs.
    Change,
    /// A managed project or item is not there.
    Missing,
    /// Something is there that no manifest knows: an item of a collection, a project of an organization, a setting that an
    /// untouched project has otherwise.
    Unmanaged,
}

/// The sorts of difference in a plan.
#[must_use]
pub fn sorts(plan: &Plan, desired: &Desired) -> BTreeSet<Sort> {
    let mut found = BTreeSet::new();
    if !plan.unadopted.is_empty() {
        found.insert(Sort::Unmanaged);
    }
    for (name, project) in &plan.projects {
        if project.blocked.as_ref().is_some_and(is_missing) || project.changes.iter().any(Change::is_creation) {
            found.insert(Sort::Missing);
            continue;
        }
        found.extend(project.changes.iter().map(|change| match change.action {
            Action::Create => Sort::Missing,
            Action::Update | Action::Delete => Sort::Change,
        }));
        let items = desired.projects.get(name).is_some_and(|desired| has_unknown_items(project, desired));
        if items || !project.unmanaged.touched.is_empty() {
            found.insert(Sort::Unmanaged);
        }
    }
    found
}

/// Whether a project cannot be planned because there is none.
#[must_use]
pub fn is_missing(blocked: &Blocked) -> bool {
    [codes::PROJECT_GONE, codes::PROJECT_NOT_FOUND].contains(&blocked.code)
}

/// Whether items are live of which the manifests do not say `{unmanaged: true}`.
fn has_unknown_items(project: &ProjectPlan, desired: &DesiredProject) -> bool {
    let spared = |kind: &str, name: &str| match desired.sections.get(kind).map(|section| &section.body) {
        Some(SectionBody::Items(items)) => matches!(items.get(name), Some(Item::Unmanaged(_))),
        _ => false,
    };
    project.unmanaged.items.iter().any(|(kind, names)| names.iter().any(|name| !spared(kind, name)))
}
