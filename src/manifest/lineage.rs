//! Checks documents of branches: each has a project, which is no branch itself, and no two are of one branch.

use std::collections::BTreeMap;

use super::document::Document;
use super::merge::Merged;
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};
use crate::model::{BranchOf, Desired, DesiredProject, Item, Layer, Preview, SectionBody};
use crate::secret::variables::variable_prefix;

/// The keys that find or make a project, which a branch is not.
const OF_PROJECTS: [&str; 5] = ["ref", "name", "organization", "region", "create"];

/// Refuses what only a project has, where it is written in the document of a branch.
pub(super) fn only_a_branch(main: &Document<'_>, out: &mut Diagnostics) {
    let Some(of) = &main.envelope.branch_of else { return };
    for key in main.envelope.keys.iter().filter(|key| OF_PROJECTS.contains(&key.name.as_str())) {
        let message = format!("`{}` beside `branch_of`", key.name);
        let found = Diagnostic::error(codes::BRANCH_OF, key.span, message).label(of.span, "the branch is named here");
        out.push(found.hint("A branch is found by its project and its name: remove one of the two."));
    }
}

/// Refuses branches of a branch.
pub(super) fn own_branches(name: &str, merged: &[Merged<'_>], out: &mut Diagnostics) {
    let own = merged.iter().filter(|section| section.kind.patterns && section.origin.layer == Layer::Document);
    for section in own {
        let message = format!("`{}` of `{name}`: a branch has none of its own", section.kind.name);
        out.push(
            Diagnostic::error(codes::BRANCH_OF, section.origin.span, message)
                .hint("Write it in the project's document."),
        );
    }
}

/// Checks all documents of branches; `is_written` tells whether there is a document of a name, even one that is refused.
pub(super) fn check(desired: &Desired, is_written: impl Fn(&str) -> bool, out: &mut Diagnostics) {
    let mut described: BTreeMap<(&str, &str), &BranchOf> = BTreeMap::new();
    for (project, of) in desired.projects.values().filter_map(|project| Some((project, project.branch_of.as_ref()?))) {
        if let Some(first) = described.insert((&of.project, &of.branch), of) {
            let message = format!("the branch `{}` of `{}` has two documents", of.branch, of.project);
            let found = Diagnostic::error(codes::SAME_PROJECT, of.origin.span, message);
            out.push(found.label(first.origin.span, "the first is here"));
        }
        match desired.projects.get(&of.project) {
            None if is_written(&of.project) => {}
            None => {
                let message = format!("`branch_of` names the project `{}`, and there is no such document", of.project);
                let found = Diagnostic::error(codes::BRANCH_OF, of.origin.span, message);
                let known =
                    desired.projects.values().filter(|it| it.branch_of.is_none()).map(|it| it.document.as_str());
                out.push_guessing(found, &of.project, known);
            }
            Some(parent) => {
                if let Some(found) = of_a_branch(desired, project, parent).or_else(|| removed(parent, of)) {
                    out.push(found);
                }
            }
        }
    }
    let mut told: Option<&str> = None;
    for preview in &desired.previews {
        let name = Preview::secrets(&preview.parent);
        let same = |project: &&DesiredProject| variable_prefix(&project.document) == variable_prefix(&name);
        if told != Some(&preview.parent)
            && let Some(other) = desired.projects.values().find(same)
        {
            let message = format!("the secrets of `{}` would also be those of the branches that match", other.document);
            let found = Diagnostic::error(codes::SAME_PROJECT, other.span, message);
            let hint =
                format!("Both would be variables `{}…`: give the document another name.", variable_prefix(&name));
            out.push(found.label(preview.wanted.span, "the pattern is here").hint(hint));
        }
        told = Some(&preview.parent);
    }
}

/// The finding of a branch of a branch; where that leads back to itself, with the whole way.
fn of_a_branch(desired: &Desired, project: &DesiredProject, parent: &DesiredProject) -> Option<Diagnostic> {
    let of = project.branch_of.as_ref()?;
    let above = parent.branch_of.as_ref()?;
    let mut way = vec![project.document.as_str()];
    let mut next = Some(of.project.as_str());
    while let Some(name) = next.filter(|name| !way.contains(name)) {
        way.push(name);
        next = desired.projects.get(name).and_then(|it| it.branch_of.as_ref()).map(|of| of.project.as_str());
    }
    let is_cycle = next == Some(project.document.as_str());
    let message = if is_cycle {
        // Told once, at its first document.
        if way.iter().any(|name| *name < project.document.as_str()) {
            return None;
        }
        way.push(way[0]);
        format!("documents are branches of each other: {}", way.join(" → "))
    } else {
        format!("`{}` is a branch itself, and a branch has no branches", parent.document)
    };
    let found = Diagnostic::error(codes::BRANCH_OF, of.origin.span, message);
    Some(found.label(above.origin.span, "this one is a branch, too"))
}

/// The finding of a branch that is described here and removed there.
fn removed(parent: &DesiredProject, of: &BranchOf) -> Option<Diagnostic> {
    let SectionBody::Items(items) = &parent.sections.get("branches")?.body else { return None };
    let Some(Item::Absent(origin)) = items.get(&of.branch) else { return None };
    let message = format!("the branch `{}` is described here, and `{}` removes it", of.branch, parent.document);
    let place: Span = origin.span;
    Some(Diagnostic::error(codes::BRANCH_OF, of.origin.span, message).label(place, "it is removed here"))
}
