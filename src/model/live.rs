//! The live state.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{DesiredProject, ProjectRef};

/// The live state of everything that a plan reads, by the name of the project's document.
#[derive(Debug, Default, Clone)]
pub struct Live {
    /// The projects.
    pub projects: BTreeMap<String, LiveProject>,
}

/// The live state of one project.
#[derive(Debug, Clone)]
pub struct LiveProject {
    /// Its ref; `None` where it does not exist yet.
    pub reference: Option<ProjectRef>,
    /// Its name at Supabase.
    pub name: String,
    /// Its organization's slug.
    pub organization: String,
    /// Its region.
    pub region: String,
    /// Its status.
    pub status: Status,
    /// The live state, by kind.
    pub kinds: BTreeMap<&'static str, LiveKind>,
    /// Of a branch, the ref of the project that it is a branch of, where that is known.
    pub parent: Option<ProjectRef>,
}

/// A project as the list of projects tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its ref.
    pub reference: ProjectRef,
    /// Its name at Supabase.
    pub name: String,
    /// Its organization's slug.
    pub organization: String,
    /// Its region.
    pub region: String,
    /// Its status, in the API's word.
    pub status: String,
    /// The version of its Postgres, where it is told.
    pub postgres: Option<String>,
}

/// A branch as its project's list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// The ref of the project that it is.
    pub reference: ProjectRef,
    /// Whether it is the project itself.
    pub is_default: bool,
    /// Whether it stays while nobody uses it.
    pub persistent: bool,
    /// The git branch that it follows.
    pub git_branch: Option<String>,
    /// Its pull request, where it was made for one.
    pub pull_request: Option<u64>,
    /// The status of the project that it is, in the API's word; empty where it is not told yet.
    pub status: String,
    /// Whether its deletion is scheduled.
    pub is_leaving: bool,
}

impl Listed {
    /// Its live state, of which nothing else is read yet.
    #[must_use]
    pub fn live(&self) -> LiveProject {
        let Self { reference, name, organization, region, status, postgres: _ } = self.clone();
        let status = Status::of(&status);
        LiveProject {
            reference: Some(reference),
            name,
            organization,
            region,
            status,
            kinds: BTreeMap::new(),
            parent: None,
        }
    }
}

/// The live state of one kind. Values are as the API shows them, by the name of the field.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveKind {
    /// One document.
    Settings(Map<String, Value>),
    /// Items by name.
    Items(BTreeMap<String, Map<String, Value>>),
    /// Not read, because the project is not up: all that is wanted is new.
    NotYet,
}

/// The status of a project, as far as a plan cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// `ACTIVE_HEALTHY` or `ACTIVE_UNHEALTHY`: settings can be read and written.
    Usable,
    /// It does not exist yet.
    Absent,
    /// This run has made it, and it is up.
    Created,
    /// `COMING_UP` or `UNKNOWN` after a creation: wait, then read.
    ComingUp,
    /// `INACTIVE`: paused.
    Paused,
    /// A branch that is not up, as happens to it while nobody uses it: left alone.
    Parked,
    /// In a transition that ends by itself: `RESTORING`, `RESTARTING`…
    Changing(String),
    /// Will not come up by itself: `INIT_FAILED`, `REMOVED`…
    Failed(String),
}

impl LiveProject {
    /// Whether nobody uses the project yet, so that nothing can be taken from anybody: it is to be created, was created by
    /// this run, or is still coming up after its creation by an earlier one.
    #[must_use]
    pub fn is_new(&self, desired: &DesiredProject) -> bool {
        match self.status {
            Status::Absent | Status::Created => true,
            Status::ComingUp => desired.creates(),
            Status::Usable | Status::Paused | Status::Parked | Status::Changing(_) | Status::Failed(_) => false,
        }
    }
}

impl Status {
    /// Reads the API's word. An unknown word is a transition: it is waited for, never acted on.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "ACTIVE_HEALTHY" | "ACTIVE_UNHEALTHY" => Self::Usable,
            "COMING_UP" | "UNKNOWN" => Self::ComingUp,
            "INACTIVE" => Self::Paused,
            "INIT_FAILED" | "REMOVED" | "GOING_DOWN" | "PAUSE_FAILED" | "RESTORE_FAILED" => {
                Self::Failed(word.to_owned())
            }
            other => Self::Changing(other.to_owned()),
        }
    }
}
