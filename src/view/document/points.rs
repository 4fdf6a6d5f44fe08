//! Statements, lists, and what was done.

use super::{Projects, Tone};
use crate::record::Place;

/// Something that is refused or could not be done, in one project or equally in many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What it is.
    pub label: Label,
    /// The code.
    pub code: String,
    /// The projects.
    pub projects: Projects,
    /// A sentence.
    pub message: String,
    /// Where the subject is written.
    pub at: Option<Place>,
    /// What to do: sentences.
    pub hints: Vec<String>,
    /// Lines for the message of a commit, each of which allows the change in one project.
    pub words: Vec<String>,
}

/// A statement with a label: a refusal, a failure or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What it is.
    pub label: Label,
    /// The subject.
    pub code: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// A sentence.
    pub message: String,
    /// The projects, where the statement is shown for many at once.
    pub projects: Option<Projects>,
    /// Where the subject is written.
    pub at: Option<Place>,
    /// What to do: sentences.
    pub hints: Vec<String>,
}

/// The label of a statement, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// The change is refused.
    Refused,
    /// The project could not be planned.
    NotPlanned,
    /// The project could not be compared.
    NotCompared,
    /// The change could be made, but is held back.
    HeldBack,
    /// The change was refused, and somebody allowed it.
    Allowed,
    /// Somebody outside has to do something first.
    Awaited,
    /// A step failed.
    Problem,
    /// The error forbids going on.
    Error,
    /// Somebody has to decide.
    Warning,
    /// A fact worth knowing.
    Note,
}

impl Label {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "Refused",
            Self::Allowed => "Allowed",
            Self::HeldBack => "Held back",
            Self::NotPlanned => "Cannot be planned",
            Self::NotCompared => "Cannot be compared",
            Self::Awaited => "Waits",
            Self::Problem => "Failed",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "Note",
        }
    }
}

/// Names, and facts about each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What is listed.
    pub of: ListingOf,
    /// The summary in one line.
    pub sum: String,
    /// The entries.
    pub items: Vec<Listed>,
}

/// The subject of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingOf {
    /// What no manifest manages, by project.
    NotManaged,
    /// Secrets that were not compared.
    NotCompared,
    /// Projects without a document; the sum is their organization.
    WithoutDocument,
    /// What no manifest of a project manages; its entries are what differs from an untouched project.
    NotManagedHere,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Facts about it.
    pub facts: Vec<String>,
    /// Where it was written.
    pub at: Option<Place>,
}

/// What was done in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The name of its document.
    pub name: String,
    /// Whether all went well.
    pub went_well: bool,
    /// The steps.
    pub steps: Vec<Step>,
    /// How many of its steps went wrong; what went wrong with the project itself counts as one.
    pub failed: usize,
}

/// A step that was done, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How good the outcome is.
    pub tone: Tone,
    /// The word for the outcome.
    pub outcome: &'static str,
    /// The resource that the step writes.
    pub subject: String,
    /// The request.
    pub request: String,
    /// Notes.
    pub notes: Vec<String>,
    /// When it was under way, where any step of the run took time.
    pub stretch: Option<Stretch>,
}

/// A part of the time of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// When it begins, in thousandths of the whole.
    pub from: u64,
    /// How long it is, in thousandths of the whole.
    pub long: u64,
    /// The same in words: "after 2 s, for 41 s".
    pub words: String,
}
