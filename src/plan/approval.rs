//! Compares what was approved with what would be done now: any subset of the approved steps may be applied, and no other
//! step.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Change, DisplayValue, FieldChange, Plan, Problem, Step};

/// The steps whose hashes were not approved, by project.
///
/// `blind` is the plan of somebody who has no value of any secret. An approval covers the reference of a secret and never
/// its value, so a step that differs from the approved one of `blind` only by new values of secrets is approved with it.
#[must_use]
pub fn unapproved<'a>(plan: &'a Plan, blind: &Plan, approved: &BTreeSet<String>) -> BTreeMap<&'a str, Vec<&'a Step>> {
    let mut found: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| !approved.contains(&step.hash)) {
        if !only_rotates(step, blind, approved) {
            found.entry(&step.at.project).or_default().push(step);
        }
    }
    found
}

/// Whether a step adds nothing to what was approved but new values of secrets.
fn only_rotates(step: &Step, blind: &Plan, approved: &BTreeSet<String>) -> bool {
    let mut known = blind.steps_of(&step.at.project);
    if !known.all(|step| approved.contains(&step.hash)) {
        return false;
    }
    let seen = |change: &Change| {
        let changes = &blind.projects.get(&step.at.project)?.changes;
        changes.iter().find(|known| known.at == change.at && known.action == change.action)
    };
    step.changes.iter().all(|change| {
        let rotated = |diff: &FieldChange| {
            diff.before == DisplayValue::SecretSet && matches!(diff.after, DisplayValue::Secret(_))
        };
        match seen(change) {
            Some(known) => {
                let was_seen = |diff: &FieldChange| known.fields.iter().any(|it| it.name() == diff.name());
                change.fields.iter().all(|diff| rotated(diff) || was_seen(diff))
            }
            None => change.action == Action::Update && !change.fields.is_empty() && change.fields.iter().all(rotated),
        }
    })
}

/// Withholds projects: none of their steps is done, so their refusals no longer matter; other projects go on.
pub fn withhold(plan: &mut Plan, withheld: BTreeMap<String, Problem>) {
    plan.steps.retain(|step| !withheld.contains_key(&step.at.project));
    for (name, why) in withheld {
        if let Some(project) = plan.projects.get_mut(&name) {
            project.refusals.clear();
            project.blocked = Some(why);
        }
    }
}
