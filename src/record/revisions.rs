//! What a branch changes in the effective manifests, as a record.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compared::difference_json;
use super::seal::VERSION;
use crate::compare::Comparison;
use crate::diag::Sources;

/// Two revisions of a workspace.
#[derive(Debug)]
pub struct Revisions<'a> {
    /// The base as the command line names it.
    pub base: &'a str,
    /// Its commit.
    pub commit: &'a str,
    /// The sources of the base.
    pub before: &'a Sources,
    /// The sources of the working tree.
    pub after: &'a Sources,
    /// The changes of each project, by name.
    pub projects: BTreeMap<&'a str, Revised>,
}

/// The changes of a project between two revisions.
#[derive(Debug)]
pub struct Revised {
    /// The revisions that have the project.
    pub presence: Presence,
    /// The name of its document in the base, where that is another, and the consequences.
    pub renamed: Option<(String, String)>,
    /// `labels:`, of the working tree or else of the base.
    pub labels: BTreeMap<String, String>,
    /// The differences; for a new project, all its values.
    pub found: Comparison,
}

/// The revisions that have a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// In both.
    Both,
    /// Only in the working tree.
    New,
    /// Only in the base.
    Gone,
}

/// The differences of two revisions as JSON.
#[must_use]
pub fn revisions_json(revisions: &Revisions<'_>) -> Value {
    let project = |(name, project): (&&str, &Revised)| {
        let differences: Vec<Value> =
            project.found.differences.iter().map(|it| difference_json(it, revisions.before, revisions.after)).collect();
        json!({
            "project": name,
            "presence": match project.presence {
                Presence::Both => "both",
                Presence::New => "new",
                Presence::Gone => "gone",
            },
            "former": project.renamed.as_ref().map(|(former, _)| former),
            "differences": differences,
            "equal": project.found.equal,
        })
    };
    json!({
        "format": "supaform.revisions",
        "version": VERSION,
        "base": {"revision": revisions.base, "commit": revisions.commit},
        "projects": revisions.projects.iter().map(project).collect::<Vec<_>>(),
    })
}
