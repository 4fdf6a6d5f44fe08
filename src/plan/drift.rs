//! Drift: the differences from desired to live, each with its consequences, and the sorts of difference that there are.
//!
//! Pure. Main function: [`make`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Inputs, outline};
use crate::diag::codes::plan as codes;
use crate::diff::{self, DiffContext};
use crate::kind::{self, Kind, KindInfo, Sides};
use crate::kinds::project;
use crate::model::{
    Action, Address, Certainty, Change, Desired, DesiredProject, DisplayValue, FieldChange, FieldChanges, FieldKey,
    Ignored, Item, Listed, LiveKind, LiveProject, Problem, ProjectPlan, Section, SectionBody, Status,
};
use crate::schema::{FieldPath, Impact, wire};

/// Drift of live from the manifests. It is no plan: it has no steps and no refusals.
#[derive(Debug)]
#[must_use = "drift that is not told was looked for in vain"]
pub struct Drift {
    /// The API's origin, such as `https://api.supabase.com`.
    pub api: String,
    /// The drift of each project, by the name of its document: in each change, `before` is desired and `after` is live.
    pub projects: BTreeMap<String, ProjectPlan>,
    /// Differences that rules leave alone, in the same direction.
    pub ignored: Vec<Ignored>,
    /// Projects that no document adopts.
    pub unadopted: Vec<Listed>,
}

/// Computes the drift, given also the differences that rules left alone and the projects that no document adopts.
pub fn make(inputs: Inputs<'_>, ignored: Vec<Ignored>, unadopted: Vec<Listed>) -> Drift {
    let mut projects = BTreeMap::new();
    for (name, desired) in &inputs.desired.projects {
        let mut project = outline(desired, inputs.live.projects.get(name));
        if let Some(blocked) = inputs.blocked.get(name) {
            project.blocked = Some(blocked.clone());
        } else if let Some(live) = inputs.live.projects.get(name) {
            if live.status == Status::Absent {
                let origin = desired.create.as_ref().map(|create| create.origin.clone());
                let at = Address::of_project(name);
                project.changes.push(Change { at, action: Action::Delete, fields: FieldChanges::default(), origin });
            } else {
                let named = project::to_rename(desired);
                let named = named.iter().map(|section| (&project::Project as &'static dyn Kind, section));
                let sections = desired.sections.iter();
                let sections =
                    sections.filter_map(|(name, section)| Some((kind::find(inputs.registry, name)?, section)));
                for (kind, section) in named.chain(sections) {
                    of_section(inputs, kind, desired, live, section, &mut project);
                }
                project.changes.sort_by(|a, b| a.at.cmp(&b.at));
            }
        }
        projects.insert(name.clone(), project);
    }
    let ignored = ignored.into_iter().map(|it| Ignored {
        action: reversed(it.action),
        field: it.field.as_ref().map(mirrored),
        ..it
    });
    Drift { api: inputs.api.to_owned(), projects, ignored: ignored.collect(), unadopted }
}

fn of_section(
    inputs: Inputs<'_>,
    kind: &'static dyn Kind,
    desired: &DesiredProject,
    live: &LiveProject,
    section: &Section,
    project: &mut ProjectPlan,
) {
    let info = kind.info();
    let seen = live.kinds.get(info.name).unwrap_or(&LiveKind::NotYet);
    let context = DiffContext { project: &desired.document, reference: live.reference.as_ref(), vault: inputs.vault };
    let mut found = diff::section(info, context, section, seen);
    // What is awaited has not drifted.
    for awaited in kind.awaited(&desired.document, section, seen) {
        for change in found.changes.iter_mut().filter(|change| change.at == awaited.at) {
            change.fields.retain(|field| !awaited.holds.contains(&field.name()));
        }
        found.changes.retain(|change| change.at != awaited.at || !change.fields.is_empty());
    }
    let repair = super::found::take_in(kind, &desired.document, section, seen, found, project);
    let strayed = kind.strayed(&desired.document, section, seen);
    let mut changes: Vec<Change> = repair.iter().chain(&strayed).map(mirror).collect();
    for change in changes.iter_mut().filter(|change| change.action == Action::Create) {
        change.fields =
            change.at.subject.item().map_or_else(FieldChanges::default, |name| of_item(info, seen, name).into());
    }
    if !changes.is_empty() {
        let wanted = diff::applied(section, seen);
        kind.add_risks(Sides { before: &wanted, after: seen, policy: section.policy }, &mut changes);
    }
    for diff in changes.iter_mut().flat_map(|change| &mut change.fields) {
        // A restart that happened then is not part of the live state.
        diff.risks.retain(|(impact, _)| *impact != Impact::Restart);
    }
    project.changes.extend(changes);
}

/// The change that made live what it is, from the change that would undo it; its risks are judged as far as the table has
/// them.
#[must_use]
pub fn mirror(change: &Change) -> Change {
    let Change { at, action, fields, origin } = change;
    Change {
        at: at.clone(),
        action: reversed(*action),
        fields: fields.iter().map(mirrored).collect(),
        origin: origin.clone(),
    }
}

const fn reversed(action: Action) -> Action {
    match action {
        Action::Create => Action::Delete,
        Action::Update => Action::Update,
        Action::Delete => Action::Create,
    }
}

fn mirrored(diff: &FieldChange) -> FieldChange {
    let (before, after) = (diff.after.clone(), diff.before.clone());
    let risks = diff.row().map_or(vec![], |row| diff::risks(row, &before, &after));
    FieldChange { before, after, risks, ..diff.clone() }
}

/// The fields of a live item, as far as they may be shown.
fn of_item(info: &'static KindInfo, seen: &LiveKind, name: &str) -> Vec<FieldChange> {
    let item = match seen {
        LiveKind::Items(items) => items.get(name),
        LiveKind::Settings(_) | LiveKind::NotYet => None,
    };
    let nothing = Map::new();
    let item = item.unwrap_or(&nothing);
    let is_set = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    let paths = info.rows().filter_map(|row| FieldPath::find(info.rows(), row.name));
    let set = paths.filter_map(|path| Some((path.get(item).filter(is_set)?, path)));
    let diff = |(value, path): (&Value, FieldPath)| {
        let row = path.row();
        let after =
            if row.is_secret() { DisplayValue::SecretSet } else { DisplayValue::Value(wire::from_wire(row, value)) };
        FieldChange {
            risks: diff::risks(row, &DisplayValue::Absent, &after),
            key: FieldKey::Known(path),
            before: DisplayValue::Absent,
            after,
            certainty: Certainty::Known,
            at_hand: true,
            origin: None,
            along: false,
        }
    };
    set.map(diff).collect()
}

/// A sort of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A managed setting differs.
    Change,
    /// A managed project or item does not exist.
    Missing,
    /// Something exists that no manifest has: an item of a collection, a project of an organization, a setting with another
    /// value than on an untouched project.
    Unmanaged,
}

/// The sorts of difference in drift.
#[must_use]
pub fn sorts(drift: &Drift, desired: &Desired) -> BTreeSet<Sort> {
    let mut found = BTreeSet::new();
    if !drift.unadopted.is_empty() {
        found.insert(Sort::Unmanaged);
    }
    for (name, project) in &drift.projects {
        if project.blocked.as_ref().is_some_and(is_missing) {
            found.insert(Sort::Missing);
        }
        found.extend(project.changes.iter().map(|change| match change.action {
            Action::Delete => Sort::Missing,
            Action::Update | Action::Create => Sort::Change,
        }));
        let items = desired.projects.get(name).is_some_and(|desired| has_unknown_items(project, desired));
        if items || !project.unmanaged.touched.is_empty() {
            found.insert(Sort::Unmanaged);
        }
    }
    found
}

/// Whether a project cannot be planned because it does not exist.
#[must_use]
pub fn is_missing(blocked: &Problem) -> bool {
    [codes::PROJECT_GONE, codes::PROJECT_NOT_FOUND].contains(&blocked.finding.code)
}

/// Whether items are live that the manifests do not mark as `{unmanaged: true}`.
fn has_unknown_items(project: &ProjectPlan, desired: &DesiredProject) -> bool {
    let spared = |kind: &str, name: &str| match desired.sections.get(kind).map(|section| &section.body) {
        Some(SectionBody::Items(items)) => matches!(items.get(name), Some(Item::Unmanaged(_))),
        _ => false,
    };
    project.unmanaged.items.iter().any(|(kind, names)| names.iter().any(|name| !spared(kind, name)))
}

#[cfg(test)]
#[path = "drift_tests.rs"]
mod tests;
