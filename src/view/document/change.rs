//! What changes: a resource with its fields, and what many projects have in common.

use std::collections::BTreeMap;

use super::edit::Edit;
use crate::record::Place;
use crate::schema::Impact;
use crate::text::count;

/// What can go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risks {
    /// How many projects there are.
    pub of: usize,
    /// By kind of harm and reason.
    pub risks: Vec<Risk>,
}

/// A kind of harm for a reason, with all that brings it about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// What kind of harm.
    pub impact: Impact,
    /// What happens.
    pub why: String,
    /// What brings it about, and in which projects.
    pub causes: Vec<(String, Vec<String>)>,
}

/// What a change can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harm {
    /// What kind of harm.
    pub impact: Impact,
    /// What happens.
    pub why: String,
}

/// Fields of a section that become the same in many projects.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The section.
    pub section: String,
    /// In which projects.
    pub projects: Projects,
    /// The fields.
    pub fields: Vec<SharedField>,
}

/// A field that becomes the same in many projects.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedField {
    /// The change as most have it.
    pub change: FieldChange,
    /// What the changes can do.
    pub risks: Vec<Harm>,
    /// Where it was otherwise before, and what.
    pub differ: Vec<(String, String)>,
}

/// A field that becomes something else in each of many projects.
#[derive(Debug, Clone, PartialEq)]
pub struct ByProject {
    /// `auth.site_url`, `secrets.STRIPE_KEY`.
    pub name: String,
    /// What happens to it.
    pub happens: Happens,
    /// In which projects.
    pub projects: Projects,
    /// What the changes can do.
    pub risks: Vec<Harm>,
    /// The changes.
    pub rows: Vec<ProjectChange>,
    /// The place that says it, where that is one for all.
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
    /// Where the difference comes from, in words; nothing where it is intended.
    pub origin: Option<&'static str>,
    /// Where it was written.
    pub at: Option<Place>,
    /// Its fields that change.
    pub fields: Vec<FieldChange>,
}

impl Resource {
    /// The file that says most of the change.
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
    /// It is made.
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
    /// What happens to it.
    pub edit: Edit,
    /// Where the difference comes from, in words; nothing where it is intended.
    pub origin: Option<&'static str>,
    /// What it can do.
    pub risks: Vec<Harm>,
    /// Where it was written before, of two revisions.
    pub was_at: Option<Place>,
    /// Where it was written.
    pub at: Option<Place>,
}

/// What a rule leaves alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    /// The rule: why, who answers for it, until when.
    pub rule: String,
    /// Where it was written.
    pub at: Option<Place>,
    /// What differs: where, whether it would be made, and the field if it is one.
    pub all: Vec<(String, Happens, Option<FieldChange>)>,
}

/// A set of projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projects {
    /// All that there are.
    All(usize),
    /// Just those with a label: `env=prod`.
    Label(usize, String),
    /// These.
    Named(Vec<String>),
}

/// At most so many are named in a line, unless all are asked for.
const NAMED: usize = 10;

/// Names of a list in one line: all of them, or the first and how many more `--full` shows.
pub(in crate::view) fn named<'a>(all: impl ExactSizeIterator<Item = &'a str>, full: bool) -> String {
    let most = if full || all.len() <= NAMED { all.len() } else { NAMED };
    let more = all.len() - most;
    let named = all.take(most).collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named}, … {more} more (--full)") }
}

impl Projects {
    /// `3 projects (all of env=prod)`; of many that have no word in common the first are named, or all.
    #[must_use]
    pub fn text(&self, full: bool) -> String {
        match self {
            Self::All(many) => format!("{} (all)", count(*many, "project")),
            Self::Label(many, label) => format!("{} (all of {label})", count(*many, "project")),
            Self::Named(names) => {
                let list = named(names.iter().map(String::as_str), full);
                format!("{} ({list})", count(names.len(), "project"))
            }
        }
    }
}
