//! One setting over many projects, as a record.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compared::{place_json, says_json};
use super::seal::VERSION;
use crate::compare::{Fact, StatedValue, is_as_wanted};
use crate::diag::Sources;

/// A setting, or a field of an item, and what the projects have.
#[derive(Debug)]
pub struct Spread<'a> {
    /// The section.
    pub section: &'static str,
    /// The item, if it is of one.
    pub item: Option<&'a str>,
    /// The field.
    pub field: &'a str,
    /// Whether live or the manifests are told.
    pub basis: Basis,
    /// The projects that were read, by name.
    pub projects: Vec<SpreadProject<'a>>,
    /// The others, and why.
    pub unread: Vec<(&'a str, String)>,
}

/// What is told of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What is live.
    Live,
    /// What the manifests say.
    Desired,
}

/// What a project has.
#[derive(Debug)]
pub struct SpreadProject<'a> {
    /// The name of its document.
    pub project: &'a str,
    /// Its labels.
    pub labels: &'a BTreeMap<String, String>,
    /// What its manifest says, if anything.
    pub wanted: Option<&'a Fact>,
    /// What is live, if anything.
    pub live: Option<&'a Fact>,
}

/// How live compares with the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The manifest gives the value, or a secret that may be the live one.
    Given,
    /// The manifest says another one.
    Differs,
    /// No manifest says anything.
    Unmanaged,
}

impl Standing {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Differs => "differs",
            Self::Unmanaged => "unmanaged",
        }
    }
}

impl<'a> SpreadProject<'a> {
    /// What is told of the project.
    #[must_use]
    pub fn told(&self, basis: Basis) -> Option<&'a Fact> {
        match basis {
            Basis::Live => self.live,
            Basis::Desired => self.wanted,
        }
    }

    /// How live compares with the manifest.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let wanted = self.wanted.filter(|wanted| wanted.says != StatedValue::Unmanaged);
        match wanted.map(|wanted| is_as_wanted(wanted, self.live)) {
            Some(Some(false)) => Standing::Differs,
            Some(Some(true) | None) => Standing::Given,
            None => Standing::Unmanaged,
        }
    }
}

impl Spread<'_> {
    /// Whether the setting is otherwise than the manifest says anywhere.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.projects.iter().any(|project| project.standing() == Standing::Differs)
    }

    /// The record as JSON.
    #[must_use]
    pub fn json(&self, sources: &Sources) -> Value {
        let says = |fact: Option<&Fact>| fact.map(|fact| says_json(&fact.says));
        let project = |it: &SpreadProject<'_>| {
            let standing = (self.basis == Basis::Live).then(|| it.standing().word());
            json!({
                "project": it.project,
                "labels": it.labels,
                "live": says(it.live),
                "wanted": says(it.wanted),
                "standing": standing,
                "at": place_json(it.wanted.and_then(|wanted| wanted.origin.as_ref()), sources),
            })
        };
        json!({
            "format": "supaform.status-field",
            "version": VERSION,
            "section": self.section,
            "item": self.item,
            "field": self.field,
            "projects": self.projects.iter().map(project).collect::<Vec<_>>(),
            "unread": self.unread.iter().map(|(project, why)| json!({"project": project, "why": why})).collect::<Vec<_>>(),
        })
    }
}
