//! Repairs: changes that only restore what a base revision says, and so endanger nothing that was agreed.
//!
//! A destructive change needs its word, repair or not.

use std::collections::BTreeMap;

use super::attribution::Attribution;
use super::planned::flags;
use crate::kind::{self, Registry, Shape, Writes};
use crate::model::{Action, Address, Change, DisplayValue, FieldChange, Note, Plan, Subject, Why};
use crate::schema::Impact;

/// Removes the risks that a repair does not have, lifts the refusals for them, and notes what is a repair.
pub fn judge(registry: Registry, plan: &mut Plan, of: &Attribution, base: &str) {
    let mut repaired: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for project in plan.projects.values_mut() {
        for change in &mut project.changes {
            let told = clear(registry, change, of);
            // Fields of a document are named, and items of a collection.
            let named = told.iter().filter(|at| at.subject.name().is_some() || change.fields.is_empty());
            repaired.entry(change.at.project.clone()).or_default().extend(named.map(|at| at.subject.told()));
            let (lifted, refusals) = (&mut project.lifted, &mut project.refusals);
            refusals.retain(|refusal| {
                let harmless = refusal.allow.is_some_and(is_spared) && told.contains(&refusal.at);
                lifted.extend(refusal.allow.filter(|_| harmless).map(|impact| (impact, refusal.at.clone())));
                !harmless
            });
        }
    }
    for step in &mut plan.steps {
        for change in &mut step.changes {
            clear(registry, change, of);
        }
        let kind = step.at.subject.kind().and_then(|name| kind::find(registry, name));
        step.flags = flags(&step.changes, kind);
    }
    for (name, whats) in repaired.into_iter().filter(|(_, whats)| !whats.is_empty()) {
        let text = format!("a repair, which restores what {} says: {}", base.escape_debug(), whats.join(", "));
        let Some(project) = plan.projects.get_mut(&name) else { continue };
        project.notes.insert(0, Note { at: Address::of_project(&name), text, origin: None });
    }
}

/// The classes for which a repair needs no word.
const fn is_spared(impact: Impact) -> bool {
    matches!(impact, Impact::Security | Impact::Access | Impact::LockOut)
}

/// Removes the risks from what a change repairs; returns its addresses, and those at which words would be given.
///
/// Where only what changes is sent, a field is judged by itself. Otherwise the fields depend on each other, and the change is
/// a repair as a whole or not at all.
fn clear(registry: Registry, change: &mut Change, of: &Attribution) -> Vec<Address> {
    let whole = of.at(&change.at, None) == Some(Why::Drift);
    let apart = change
        .at
        .subject
        .kind()
        .and_then(|name| kind::find(registry, name))
        .is_some_and(|kind| matches!(kind.info().shape, Shape::Settings { write: Writes::Patch, .. }));
    let replaces = |diff: &FieldChange| diff.before == DisplayValue::SecretSet && diff.after != DisplayValue::Absent;
    let mut repaired = vec![];
    for diff in &mut change.fields {
        // Both revisions name the same secret; nobody can tell whether its value is the same, and live's value is lost.
        if replaces(diff) {
            continue;
        }
        if whole || apart && of.at(&change.at, Some(diff.name())) == Some(Why::Drift) {
            diff.risks.retain(|(impact, _)| !matches!(impact, Impact::Security | Impact::Access));
            if let Subject::Section(_) = change.at.subject {
                repaired.push(change.at.setting(diff.name()));
            }
        }
    }
    if whole && change.action != Action::Delete && !change.fields.iter().any(replaces) {
        repaired.push(change.at.clone());
    }
    repaired
}
