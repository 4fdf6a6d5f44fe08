//! Sets of projects, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::Place;
use crate::view::document::Projects;

/// From how many projects on equal changes are shown together.
pub(in crate::view) const TOGETHER: usize = 3;

/// The labels of all projects.
pub(in crate::view) struct Labels<'a> {
    by_project: BTreeMap<&'a str, &'a BTreeMap<String, String>>,
    /// How many projects have a label.
    many: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Labels<'a> {
    /// The labels of these projects.
    pub(in crate::view) fn of(all: impl Iterator<Item = (&'a str, &'a BTreeMap<String, String>)>) -> Self {
        let by_project: BTreeMap<_, _> = all.collect();
        let mut many = BTreeMap::new();
        for (key, value) in by_project.values().copied().flatten() {
            *many.entry((key.as_str(), value.as_str())).or_default() += 1;
        }
        Self { by_project, many }
    }

    /// The labels of a project.
    pub(super) fn of_project(&self, project: &str) -> BTreeMap<String, String> {
        self.by_project.get(project).map(|labels| (*labels).clone()).unwrap_or_default()
    }

    /// A label that these projects have, and no other.
    fn of_exactly(&self, projects: &[&str]) -> Option<(&str, &str)> {
        let mut labels = projects.iter().map(|name| self.by_project.get(name).copied());
        let mut all: BTreeSet<_> = pairs(labels.next()??).filter(|it| self.many[it] == projects.len()).collect();
        for other in labels {
            let other = other?;
            all.retain(|(key, value)| other.get(*key).is_some_and(|is| is == value));
        }
        all.first().copied()
    }
}

fn pairs(labels: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    labels.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}

/// How a set of projects is named, given the labels of all: by a label that all share, as all, or by their names.
pub(in crate::view) fn called(all: &Labels<'_>, projects: &[&str]) -> Projects {
    let names = projects.iter().map(|name| (*name).to_owned()).collect();
    if projects.len() == 1 {
        return Projects::Named(names);
    }
    if projects.len() == all.by_project.len() {
        return Projects::All(names);
    }
    match all.of_exactly(projects) {
        Some((key, value)) => Projects::Label(names, format!("{key}={value}")),
        None => Projects::Named(names),
    }
}

/// The place that all share.
pub(super) fn one_place<'p>(mut all: impl Iterator<Item = Option<&'p Place>>) -> Option<Place> {
    let first = all.next()??;
    all.all(|other| other == Some(first)).then(|| first.clone())
}
