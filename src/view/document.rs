//! The document that a person reads, as a tree of labelled blocks: each block says what it means, and none says how it
//! looks.
//!
//! [`build`](super::build) makes it, and each format prints it. Its texts are not escaped: a format makes them safe in its
//! own way. Nothing in it is shortened; a format and [`Detail`](super::Detail) decide how much is shown.

mod change;
mod edit;
mod points;
mod sides;
mod states;
mod steps;
mod suites;
mod verdict;

pub(super) use change::named;
pub use change::{
    ByProject, Cause, Class, FieldChange, Happens, Harm, Ignored, ProjectChange, Projects, Resource, Risk, Risks,
    Shared, SharedField,
};
pub use edit::{Edit, NOT_SET, Piece, SecretEdit};
pub use points::{Label, Listed, Listing, ListingOf, Obstacle, Point, Run, Step, Stretch};
pub use sides::{Among, AmongField, Beside, Side, Sides};
pub use states::{State, States};
pub use steps::{Planned, Steps};
pub use suites::{Case, End, Suite};
pub use verdict::{Inline, Phrase, Tone, Verdict};

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::record::Place;
use crate::schema::Impact;

/// A whole document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What the document is about.
    pub topic: Topic,
    /// The name of the workspace, where there are several.
    pub stack: Option<String>,
    /// Where people see the files, where that is known.
    pub links: Option<Links>,
    /// The topic in words, where it is about projects.
    pub title: Option<Title>,
    /// The verdict.
    pub verdict: Verdict,
    /// The other blocks, in order.
    pub blocks: Vec<Block>,
}

/// The pages of a code host that show the files of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// What is before a path: `https://github.com/acme/infra/blob/1a2b3c4d/`, and the workspace's folder.
    pub before: String,
    /// What is between a path and the number of a line: `#L`.
    pub between: String,
}

impl Links {
    /// The pages below an address, of the files in a folder.
    #[must_use]
    pub fn new(address: &str, folder: &str, between: &str) -> Self {
        let before = format!("{address}{}", utf8_percent_encode(folder, PATH));
        Self { before, between: between.to_owned() }
    }

    /// The address of a place. What a path could end it with is encoded.
    #[must_use]
    pub fn to(&self, at: &Place) -> String {
        let Self { before, between } = self;
        format!("{before}{}{between}{}", utf8_percent_encode(&at.file, PATH), at.line)
    }
}

/// What of a path is encoded in an address: all but letters, digits and what stands for itself.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// What a document is about, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// `Plan for 25 projects`.
    pub what: String,
    /// The API's host and the organizations: `api.supabase.com · acme-inc`.
    pub target: String,
}

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Changes that an apply would make.
    Plan,
    /// Changes of live that no apply made.
    Drift,
    /// Changes that an apply made.
    Report,
    /// Findings in manifests, or those that ended a run.
    Findings,
    /// How two projects differ.
    Comparison,
    /// What a branch changes in the manifests.
    Revisions,
    /// The state of projects.
    Status,
}

impl Topic {
    /// The name of the topic, for formats that need one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Drift => "drift",
            Self::Report => "report",
            Self::Findings => "findings",
            Self::Comparison => "comparison",
            Self::Revisions => "revisions",
            Self::Status => "status",
        }
    }
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A sentence about the subject, where the verdict has the numbers: its head, and the rest.
    Headline(String, String),
    /// How two projects differ within a section.
    Sides(Sides),
    /// How several projects differ within a section.
    Among(Among),
    /// The state of projects.
    States(States),
    /// The calls that an apply would make, by projects in which they are the same.
    Steps(Vec<Steps>),
    /// Drift, the worst first.
    Deviations(Vec<Deviation>),
    /// The ways to go on.
    Ways(Vec<Way>),
    /// Permissions that the plan newly uses: who gave each, and for what.
    Review(Vec<(Option<String>, String)>),
    /// What is refused or could not be done, the gravest first.
    Obstacles(Vec<Obstacle>),
    /// The comparison with a base.
    Against(Against),
    /// Risks, by class of harm, the worst first.
    Risks(Risks),
    /// Fields that get the same value in many projects.
    Shared(Shared),
    /// A field that gets another value in each of many projects.
    ByProject(ByProject),
    /// A project or a section, with blocks of its own.
    Section(Section),
    /// Resources that change.
    Changes(Vec<Resource>),
    /// Fields that are sent along unchanged, by section.
    SentAlong(Vec<(String, Vec<String>)>),
    /// Refusals, failures and notes.
    Points(Vec<Point>),
    /// Differences that rules leave alone.
    Ignored(Vec<Ignored>),
    /// Names with facts about each, of less weight.
    Listing(Listing),
    /// The steps that were done in a project.
    Run(Run),
}

impl Block {
    /// Whether the block is of so little weight that it is shown with `--full` only.
    #[must_use]
    pub fn is_footer(&self) -> bool {
        matches!(self, Self::Listing(Listing { of: ListingOf::NotManagedHere, .. }))
    }

    /// Whether the block is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Review(all) => all.is_empty(),
            Self::Deviations(all) => all.is_empty(),
            Self::Steps(all) => all.is_empty(),
            Self::Ways(all) => all.is_empty(),
            Self::Obstacles(all) => all.is_empty(),
            Self::Risks(all) => all.classes.is_empty(),
            Self::Changes(all) => all.is_empty(),
            Self::SentAlong(all) => all.is_empty(),
            Self::Points(all) => all.is_empty(),
            Self::Ignored(all) => all.is_empty(),
            Self::Headline(..)
            | Self::Sides(_)
            | Self::Among(_)
            | Self::States(_)
            | Self::Against(_)
            | Self::Shared(_)
            | Self::ByProject(_)
            | Self::Section(_)
            | Self::Listing(_)
            | Self::Run(_) => false,
        }
    }
}

/// A change of live that no apply made, in one project or equally in many.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// The projects, where there are several.
    pub projects: Option<Projects>,
    /// The names of the projects.
    pub named: Vec<String>,
    /// The labels of each, in the same order.
    pub labels: Vec<BTreeMap<String, String>>,
    /// The section or item, and the field where one has changed: `auth.jwt_exp`.
    pub name: String,
    /// What has happened.
    pub happens: Happens,
    /// The changed fields, from the desired value to the live one; of an added item, all its fields.
    pub fields: Vec<FieldChange>,
    /// The consequences, what weakens first.
    pub risks: Vec<Harm>,
    /// Where the desired value is written.
    pub at: Option<Place>,
}

impl Deviation {
    /// Whether the change makes a project easier to attack.
    #[must_use]
    pub fn weakens(&self) -> bool {
        self.risks.iter().any(|harm| harm.impact == Impact::Security)
    }

    /// The projects in words.
    #[must_use]
    pub fn who(&self, full: bool) -> String {
        self.projects.as_ref().map_or_else(|| self.named.concat(), |projects| projects.text(full))
    }

    /// The address as `accept` expects it; `None` where the change cannot be accepted by itself.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        let ([project], [field]) = (self.named.as_slice(), self.fields.as_slice()) else { return None };
        let (section, name) = self.name.split_once('.')?;
        let is_plain = !matches!(field.edit, Edit::Secret(_)) && self.happens == Happens::Changed;
        (is_plain && name == field.name).then(|| format!("{project}/{section}/{name}"))
    }
}

/// A way to go on: when, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A command, which may contain names from outside.
    Command(&'static str, String),
    /// A description in our own words.
    Words(&'static str, &'static str),
}

/// The revision that a plan is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// The revision as the command line names it.
    pub revision: String,
    /// Its commit.
    pub commit: String,
    /// The number of differences by origin.
    pub counts: String,
    /// What is no longer managed.
    pub released: Vec<Released>,
}

/// A setting that is no longer managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Its place: `auth.jwt_exp`.
    pub place: String,
    /// The live value, where it is known.
    pub stays: Option<String>,
    /// The projects.
    pub projects: Projects,
}

/// A project, and what is shown for it alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The name of its document.
    pub name: String,
    /// Whether the whole project is added or removed.
    pub happens: Happens,
    /// Facts that identify the project: its ref, its region, whether it is protected.
    pub facts: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What happens in it, in numbers; what is told of many projects at once is counted, too.
    pub counts: String,
    /// All changes, by name.
    pub outline: Vec<(String, Vec<String>)>,
    /// The other blocks.
    pub blocks: Vec<Block>,
}

impl Section {
    /// Whether the section has something that is not shown elsewhere; names of what is not managed count with `--full`
    /// only.
    #[must_use]
    pub fn is_told(&self, full: bool) -> bool {
        self.happens != Happens::Changed || self.blocks.iter().any(|block| full || !block.is_footer())
    }

    /// The refusals, failures and notes of the section.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        let points =
            self.blocks.iter().filter_map(|it| if let Block::Points(points) = it { Some(points) } else { None });
        points.flatten()
    }
}
