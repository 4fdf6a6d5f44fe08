//! Sets of projects, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Place, PlanRecord};
use crate::view::document::Projects;

/// From how many projects on equal changes are told together.
pub(in crate::view) const TOGETHER: usize = 3;

/// The labels of all projects, by name.
pub(in crate::view) type Labels<'a> = BTreeMap<&'a str, &'a BTreeMap<String, String>>;

/// The labels of all projects of a plan.
pub(super) fn labels(plan: &PlanRecord) -> Labels<'_> {
    plan.projects.iter().map(|project| (project.project.as_str(), &project.labels)).collect()
}

/// How a set of projects is called, given the labels of all: all of a label, all, or by name.
pub(in crate::view) fn called(all: &Labels<'_>, projects: &[&str]) -> Projects {
    if projects.len() == all.len() {
        return Projects::All(all.len());
    }
    let labels: BTreeSet<(&String, &String)> =
        projects.iter().filter_map(|name| all.get(name)).flat_map(|labels| labels.iter()).collect();
    let is_exactly = |(key, value): &(&String, &String)| {
        let with: Vec<&str> =
            all.iter().filter(|(_, labels)| labels.get(*key) == Some(*value)).map(|(name, _)| *name).collect();
        with == projects
    };
    match labels.into_iter().find(is_exactly) {
        Some((key, value)) => Projects::Label(projects.len(), format!("{key}={value}")),
        None => Projects::Named(projects.iter().map(|name| (*name).to_owned()).collect()),
    }
}

/// The place that all have.
pub(super) fn one_place<'p>(mut all: impl Iterator<Item = Option<&'p Place>>) -> Option<Place> {
    let first = all.next()??;
    all.all(|other| other == Some(first)).then(|| first.clone())
}
