//! Risks by class of harm: a class once, a consequence once, and of its causes those together that the same projects have.

use std::collections::{BTreeMap, BTreeSet};

use super::projects::{Labels, called};
use crate::schema::Impact;
use crate::view::document::{Cause, Class, Edit, NOT_SET, Risk, Risks};

/// A risk of a change in a project.
#[derive(Debug, Clone)]
pub(super) struct Told<'a> {
    /// The class of harm.
    pub(super) impact: Impact,
    /// The consequence.
    pub(super) why: &'a str,
    /// The item or field that has it: `auth.password_min_length`.
    pub(super) what: String,
    /// Its change in a few words, where they are few.
    pub(super) change: Option<String>,
    /// The name of the project's document.
    pub(super) project: &'a str,
}

/// The longest change that is told along with a risk, in characters.
const FEW: usize = 48;

/// The change of a value in a few words: `12 → 8`.
pub(super) fn few_words(edit: &Edit) -> Option<String> {
    let Edit::Swap(before, after) = edit else { return None };
    let words = format!("{} → {after}", before.as_deref().unwrap_or(NOT_SET));
    (words.chars().count() <= FEW).then_some(words)
}

/// A cause: its change where all its projects have the same one, and its projects.
#[derive(Default)]
struct Gathered<'a> {
    changes: BTreeSet<Option<String>>,
    projects: BTreeSet<&'a str>,
}

/// By class, consequence and cause.
type ByClass<'a> = BTreeMap<Impact, BTreeMap<&'a str, BTreeMap<String, Gathered<'a>>>>;

/// Risks by class.
pub(super) fn risks<'a>(all: impl Iterator<Item = Told<'a>>, labels: &Labels<'_>) -> Risks {
    let mut classes = ByClass::new();
    for Told { impact, why, what, change, project } in all {
        let cause = classes.entry(impact).or_default().entry(why).or_default().entry(what).or_default();
        cause.changes.insert(change);
        cause.projects.insert(project);
    }
    let class = |(impact, reasons): (Impact, BTreeMap<&str, _>)| Class {
        impact,
        risks: reasons.into_iter().map(|(why, causes)| risk(why, causes, labels)).collect(),
    };
    Risks { classes: classes.into_iter().map(class).collect() }
}

fn risk(why: &str, causes: BTreeMap<String, Gathered<'_>>, labels: &Labels<'_>) -> Risk {
    let mut by_projects: BTreeMap<BTreeSet<&str>, Vec<(String, Option<String>)>> = BTreeMap::new();
    for (what, Gathered { mut changes, projects }) in causes {
        let change = if changes.len() == 1 { changes.pop_first().flatten() } else { None };
        by_projects.entry(projects).or_default().push((what, change));
    }
    let cause = |(projects, what): (BTreeSet<&str>, _)| {
        let names: Vec<&str> = projects.into_iter().collect();
        Cause { what, projects: called(labels, &names) }
    };
    Risk { why: why.to_owned(), causes: by_projects.into_iter().map(cause).collect() }
}
