//! What was approved against what would be done now (R29): any subset of the approved steps may be applied, and no other.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Blocked, Plan, Step};

/// The steps whose hashes were not approved, by project.
#[must_use]
pub fn beyond<'a>(plan: &'a Plan, approved: &BTreeSet<String>) -> BTreeMap<&'a str, Vec<&'a Step>> {
    let mut found: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| !approved.contains(&step.hash)) {
        found.entry(&step.at.project).or_default().push(step);
    }
    found
}

/// Holds projects back: none of their steps is done, so that nothing is left to refuse of them; the others go on (R31).
pub fn hold_back(plan: &mut Plan, held: BTreeMap<String, Blocked>) {
    plan.steps.retain(|step| !held.contains_key(&step.at.project));
    for (name, why) in held {
        if let Some(project) = plan.projects.get_mut(&name) {
            project.refusals.clear();
            project.blocked = Some(why);
        }
    }
}
