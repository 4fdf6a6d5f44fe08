//! Changes: a resource with its fields, and changes that many projects share.

use std::collections::BTreeMap;

use super::edit::Edit;
use crate::record::Place;
use crate::schema::Impact;
use crate::text::count;

/// The risks of a plan or of drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risks {
    /// The classes of harm, the gravest first.
    pub classes: Vec<Class>,
}

/// A class of harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The class.
    pub impact: Impact,
    /// Its risks, by consequence.
    pub risks: Vec<Risk>,
}

/// A consequence with all its causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// The consequence.
    pub why: String,
    /// The causes.
    pub causes: Vec<Cause>,
}

/// Fields or items that have one consequence in the same projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Each with its change in a few words, where all projects have the same one: `auth.password_min_length`, `12 → 8`.
    pub what: Vec<(String, Option<String>)>,
    /// The projects.
    pub projects: Projects,
}

impl Risk {
    /// The words between a cause and the consequence: `secrets.OLD` ` ` `is removed`, `auth.site_url` `: ` `people …`.
    #[must_use]
    pub fn joint(&self) -> &'static str {
        if self.why.starts_with("is ") { " " } else { ": " }
    }
}

/// A risk of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harm {
    /// The class of harm.
    pub impact: Impact,
    /// The consequence.
    pub why: String,
}

/// Fields of a section that get the same value in many projects.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The section.
    pub section: String,
    /// The projects.
    pub projects: Projects,
    /// The fields.
    pub fields: Vec<SharedField>,
}

/// A field that gets the same value in many projects.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedField {
    /// The change as most have it.
    pub change: FieldChange,
    /// The risks of the changes.
    pub risks: Vec<Harm>,
    /// Projects with another value before, and that value.
    pub differ: Vec<(String, String)>,
}

/// A field that gets another value in each of many projects.
#[derive(Debug, Clone, PartialEq)]
pub struct ByProject {
    /// `auth.site_url`, `secrets.STRIPE_KEY`.
    pub name: String,
    /// What happens to the field.
    pub happens: Happens,
    /// The projects.
    pub projects: Projects,
    /// The risks of the changes.
    pub risks: Vec<Harm>,
    /// The changes.
    pub rows: Vec<ProjectChange>,
    /// The place of the new value, where all projects share one.
    pub at: Option<Place>,
}

/// A project's change of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectChange {
    /// The name of the document.
    pub project: String,
    /// What happens to the section or the item.
    pub happens: Happens,
    /// The change.
    pub change: FieldChange,
}

/// A resource that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its name within its project: `auth`, `secrets.STRIPE_KEY`.
    pub name: String,
    /// Whether it is one of many of its kind.
    pub is_item: bool,
    /// What happens to it.
    pub happens: Happens,
    /// The origin of the difference in words; `None` where it is intended.
    pub origin: Option<&'static str>,
    /// The risks of changing it as a whole; those of a field are with the field.
    pub risks: Vec<Harm>,
    /// Where the desired value is written.
    pub at: Option<Place>,
    /// Its fields that change.
    pub fields: Vec<FieldChange>,
}

impl Resource {
    /// The file with most of the changed values.
    #[must_use]
    pub fn main_file(&self) -> Option<&str> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for at in self.fields.iter().filter_map(|field| field.at.as_ref()) {
            *counts.entry(&at.file).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(path, count)| (*count, std::cmp::Reverse(*path)));
        most.map(|(path, _)| path)
    }
}

/// What happens to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happens {
    /// It is added.
    Added,
    /// It changes.
    Changed,
    /// It is removed.
    Removed,
}

impl Happens {
    /// Its sign, as in a diff.
    #[must_use]
    pub const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Changed => '~',
            Self::Removed => '-',
        }
    }
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Its name.
    pub name: String,
    /// The change of its value.
    pub edit: Edit,
    /// The origin of the difference in words; `None` where it is intended.
    pub origin: Option<&'static str>,
    /// The risks.
    pub risks: Vec<Harm>,
    /// Where the value was written in the first of two revisions.
    pub was_at: Option<Place>,
    /// Where the value is written.
    pub at: Option<Place>,
}

/// Differences that a rule leaves alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    /// The rule: its reason, its owner, its last day.
    pub rule: String,
    /// Where the rule is written.
    pub at: Option<Place>,
    /// The differences: the place of each, whether it would be created, and its field if it has one.
    pub all: Vec<(String, Happens, Option<FieldChange>)>,
}

/// A set of projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projects {
    /// All projects of the run.
    All(Vec<String>),
    /// All projects with a label: `env=prod`.
    Label(Vec<String>, String),
    /// Projects by name.
    Named(Vec<String>),
}

/// The most projects that are named in a line without `--full`.
const NAMED: usize = 10;

/// Names in one line: all of them, or the first and how many more `--full` shows.
pub(in crate::view) fn named<'a>(all: impl ExactSizeIterator<Item = &'a str>, full: bool) -> String {
    let most = if full || all.len() <= NAMED { all.len() } else { NAMED };
    let more = all.len() - most;
    let named = all.take(most).collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named}, … {more} more (--full)") }
}

impl Projects {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::All(names) | Self::Label(names, _) | Self::Named(names) => names,
        }
    }

    /// `3 projects (all of env=prod)`; projects without a common label are named, all or the first of them.
    #[must_use]
    pub fn text(&self, full: bool) -> String {
        match self {
            Self::All(names) => format!("{} (all)", count(names.len(), "project")),
            Self::Label(names, label) => format!("{} (all of {label})", count(names.len(), "project")),
            Self::Named(names) if names.len() == 1 => names.concat(),
            Self::Named(names) => {
                let list = named(names.iter().map(String::as_str), full);
                format!("{} ({list})", count(names.len(), "project"))
            }
        }
    }
}
