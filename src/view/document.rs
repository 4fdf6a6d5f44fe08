//! What a person is told, as a tree of labelled blocks: each says what it means, and none how it looks.
//!
//! [`build`](super::build) makes it, and each format prints it. Texts in it are as they came: a renderer makes them safe in its
//! own way. Nothing is shortened in it; how much is shown of it is up to the renderer and [`Detail`](super::Detail).

mod change;
mod edit;
mod sides;
mod suites;

pub(super) use change::named;
pub use change::{
    ByProject, FieldChange, Happens, Harm, Ignored, ProjectChange, Projects, Resource, Risk, Risks, Shared, SharedField,
};
pub use edit::{Edit, NOT_SET, Piece, SecretEdit};
pub use sides::{Beside, Side, Sides};
pub use suites::{Case, End, Suite};

use std::collections::BTreeMap;

use crate::record::Place;
use crate::schema::Impact;

/// All that is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is about.
    pub topic: Topic,
    /// What it comes to.
    pub verdict: Verdict,
    /// The rest, in its order.
    pub blocks: Vec<Block>,
}

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// What would be done.
    Plan,
    /// What has happened to live.
    Drift,
    /// What was done.
    Report,
    /// What was found in manifests, or ended a run.
    Findings,
    /// How two projects differ.
    Comparison,
    /// What a branch changes in the manifests.
    Revisions,
}

impl Topic {
    /// Its name, as formats need one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Drift => "drift",
            Self::Report => "report",
            Self::Findings => "findings",
            Self::Comparison => "comparison",
            Self::Revisions => "revisions",
        }
    }
}

/// What it comes to: a few words, and what is to be added to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How good that is.
    pub tone: Tone,
    /// The few words.
    pub head: String,
    /// The rest of the sentence.
    pub rest: Phrase,
}

impl Verdict {
    /// The whole sentence, each name as `name` writes it.
    #[must_use]
    pub fn text(&self, name: impl Fn(&str) -> String) -> String {
        format!("{}{}", self.head, self.rest.text(name))
    }
}

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Neutral,
    /// As it should be.
    Good,
    /// Somebody has to look.
    Doubtful,
    /// It failed, or is refused.
    Bad,
    /// Nothing was done.
    Idle,
}

impl Tone {
    /// Its name, as formats need one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
            Self::Idle => "idle",
        }
    }
}

/// Part of a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(pub Vec<Inline>);

/// What a phrase is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words of ours; nothing in them is from outside.
    Words(String),
    /// A name from outside, exactly as it is.
    Name(String),
    /// A sentence, which may be from outside; what stands in back quotes are names.
    Sentence(String),
}

impl Phrase {
    /// A phrase of words alone.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Inline::Words(words.into())])
    }

    /// Adds words.
    #[must_use]
    pub fn then(mut self, words: impl Into<String>) -> Self {
        self.0.push(Inline::Words(words.into()));
        self
    }

    /// Adds a name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.push(Inline::Name(name.into()));
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn sentence(mut self, text: impl Into<String>) -> Self {
        self.0.push(Inline::Sentence(text.into()));
        self
    }

    /// The phrase as a text, what is from outside as `name` writes it.
    #[must_use]
    pub fn text(&self, name: impl Fn(&str) -> String) -> String {
        let part = |part: &Inline| match part {
            Inline::Words(words) => words.clone(),
            Inline::Name(text) | Inline::Sentence(text) => name(text),
        };
        self.0.iter().map(part).collect()
    }
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// What it is about, in a sentence, where the verdict has the numbers: its head, and the rest.
    Headline(String, String),
    /// How two projects differ within a section.
    Sides(Sides),
    /// What has happened to live, the worst first.
    Deviations(Vec<Deviation>),
    /// How to go on.
    Ways(Vec<Way>),
    /// What is let pass that was not before: by whom, and what.
    Review(Vec<(Option<String>, String)>),
    /// What was held against.
    Against(Against),
    /// What all of it can do, by kind of harm, the worst first.
    Risks(Risks),
    /// Fields that become the same in many projects.
    Shared(Shared),
    /// A field that becomes something else in each of many projects.
    ByProject(ByProject),
    /// A project or a section, with blocks of its own.
    Section(Section),
    /// Resources that change.
    Changes(Vec<Resource>),
    /// Fields that are sent along unchanged, by section.
    SentAlong(Vec<(String, Vec<String>)>),
    /// What is refused, failed or worth knowing.
    Points(Vec<Point>),
    /// What rules leave alone.
    Ignored(Vec<Ignored>),
    /// Names and what there is to say of each; of less weight.
    Listing(Listing),
    /// What was done in a project.
    Run(Run),
}

impl Block {
    /// Whether it is of so little weight that it is told only where all is asked for.
    #[must_use]
    pub fn is_footer(&self) -> bool {
        matches!(self, Self::Listing(Listing { of: ListingOf::NotManagedHere, .. }))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Review(all) => all.is_empty(),
            Self::Deviations(all) => all.is_empty(),
            Self::Ways(all) => all.is_empty(),
            Self::Risks(all) => all.risks.is_empty(),
            Self::Changes(all) => all.is_empty(),
            Self::SentAlong(all) => all.is_empty(),
            Self::Points(all) => all.is_empty(),
            Self::Ignored(all) => all.is_empty(),
            Self::Headline(..)
            | Self::Sides(_)
            | Self::Against(_)
            | Self::Shared(_)
            | Self::ByProject(_)
            | Self::Section(_)
            | Self::Listing(_)
            | Self::Run(_) => false,
        }
    }
}

/// Something that has happened to live, in one project or in many in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// In which projects, where it is more than one.
    pub projects: Option<Projects>,
    /// Their names.
    pub named: Vec<String>,
    /// The section or item, and the field where one has changed: `auth.jwt_exp`.
    pub name: String,
    /// What has happened.
    pub happens: Happens,
    /// The field that has changed, from what the manifests say to what is live; of what was added, all that it has.
    pub fields: Vec<FieldChange>,
    /// What that does, what weakens first.
    pub risks: Vec<Harm>,
    /// Where it was written.
    pub at: Option<Place>,
}

impl Deviation {
    /// Whether a project is easier to attack by it.
    #[must_use]
    pub fn weakens(&self) -> bool {
        self.risks.iter().any(|harm| harm.impact == Impact::Security)
    }

    /// In which projects it is.
    #[must_use]
    pub fn who(&self, full: bool) -> String {
        self.projects.as_ref().map_or_else(|| self.named.concat(), |projects| projects.text(full))
    }

    /// Its address, as `accept` takes it; nothing where it cannot be accepted by itself.
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
    /// By a command, in which names from outside may stand.
    Command(&'static str, String),
    /// By what our own words say.
    Words(&'static str, &'static str),
}

/// The revision that a plan is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// As it was named.
    pub revision: String,
    /// Its commit.
    pub commit: String,
    /// How many differences are what.
    pub counts: String,
    /// What is no longer managed.
    pub released: Vec<Released>,
}

/// Something that is no longer managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// What: `auth.jwt_exp`.
    pub place: String,
    /// What is live, where that is known.
    pub stays: Option<String>,
    /// In which projects.
    pub projects: Projects,
}

/// A project, and what there is to say of it alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The name of its document.
    pub name: String,
    /// Whether it comes or goes, as a whole.
    pub happens: Happens,
    /// Which project that is: its ref, its region, whether it is protected.
    pub facts: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What happens in it, in numbers; what is told of many projects at once is counted, too.
    pub counts: String,
    /// All that changes in it, by name.
    pub outline: Vec<(String, Vec<String>)>,
    /// The rest.
    pub blocks: Vec<Block>,
}

impl Section {
    /// Whether there is something in it that is not told elsewhere; names of what is not managed count where all is asked for.
    #[must_use]
    pub fn is_told(&self, full: bool) -> bool {
        self.happens != Happens::Changed || self.blocks.iter().any(|block| full || !block.is_footer())
    }

    /// What is refused, failed or worth knowing in it.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        let points =
            self.blocks.iter().filter_map(|it| if let Block::Points(points) = it { Some(points) } else { None });
        points.flatten()
    }
}

/// A statement with a label: something that is refused, that failed, that is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What it is.
    pub label: Label,
    /// Its code, for `explain`.
    pub code: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// A sentence.
    pub message: String,
    /// Of which projects, where it is told of many at once.
    pub projects: Option<Projects>,
    /// Where it was written.
    pub at: Option<Place>,
    /// What to do: sentences.
    pub hints: Vec<String>,
}

/// What a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// It may not be done.
    Refused,
    /// It was refused, and somebody gave their word.
    Allowed,
    /// It could be done, and is not.
    HeldBack,
    /// It is not known what would be done.
    NotPlanned,
    /// It is not known what has happened.
    NotCompared,
    /// It went wrong.
    Problem,
    /// It forbids going on.
    Error,
    /// Somebody has to decide.
    Warning,
    /// Worth knowing.
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
            Self::Problem => "Failed",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "Note",
        }
    }
}

/// Names, and what there is to say of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What is listed.
    pub of: ListingOf,
    /// In a line.
    pub sum: String,
    /// Each.
    pub items: Vec<Listed>,
}

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingOf {
    /// What no manifest manages, by project.
    NotManaged,
    /// Secrets that were not compared.
    NotCompared,
    /// Projects without a document; the sum is their organization.
    WithoutDocument,
    /// What no manifest of a project manages; listed is what an untouched project has otherwise.
    NotManagedHere,
}

/// One of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// What there is to say of it.
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
    /// What went wrong.
    pub problems: Vec<Point>,
}

/// A step that was done, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How it ended.
    pub tone: Tone,
    /// The word for that.
    pub outcome: &'static str,
    /// What it writes.
    pub subject: String,
    /// The request.
    pub request: String,
    /// What is worth knowing.
    pub notes: Vec<String>,
}
