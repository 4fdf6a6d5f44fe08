//! What can be said of a kind without code. What takes code is `kind::Kind`, which has one of these.

use super::{Field, FieldPath, Literal};

/// Everything about a kind that can be said without code.
#[derive(Debug)]
pub struct KindInfo {
    /// The section's name in a manifest: `auth`.
    pub name: &'static str,
    /// What it is: a sentence.
    pub doc: &'static str,
    /// How the API holds it.
    pub shape: Shape,
    /// The rows, in groups.
    pub fields: &'static [&'static [Field]],
    /// What each group is about, for the documentation; empty where there is one group.
    pub headings: &'static [&'static str],
    /// Members of a request that are no setting: the kind sends them by itself.
    pub own_members: &'static [&'static str],
    /// Kinds that must be settled first.
    pub after: &'static [&'static str],
    /// A small manifest section that shows it, as YAML.
    pub example: &'static str,
    /// The services that must be healthy before a new project can take its writes (names of the health endpoint).
    pub services: &'static [&'static str],
    /// Other kinds whose live state its rules look at, whether they are managed or not.
    pub looks_at: &'static [&'static str],
    /// Whether a 404 is an answer of its read that says something, and no failure: where the API hides what is switched off.
    pub may_be_missing: bool,
    /// Members of an answer that are never kept: key material, and what is nobody's wish.
    pub dropped: &'static [&'static str],
    /// When a write has taken effect.
    pub settles: Settles,
}

/// When a write of a kind has taken effect.
#[derive(Debug, Clone, Copy)]
pub enum Settles {
    /// With its answer.
    AtOnce,
    /// When a read shows it.
    Seen {
        /// The path template of the read; its one parameter is the ref.
        read: &'static str,
        /// JSON pointers into its answer, and what they must show.
        until: &'static [(&'static str, Until)],
        /// The services that must be healthy afterwards (names of the health endpoint).
        healthy: &'static [&'static str],
        /// How long it may take, in seconds.
        deadline: u32,
    },
    /// With its answer, or with a restart where a change takes one: the request says whether it happens now.
    Restart {
        /// The member of the request that says it.
        member: &'static str,
        /// The services that must be healthy afterwards (names of the health endpoint).
        healthy: &'static [&'static str],
        /// How long it may take, in seconds.
        deadline: u32,
    },
}

/// What a read must show.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// This.
    Is(Literal),
    /// What was sent, by a JSON pointer into the request.
    AsSent(&'static str),
}

impl KindInfo {
    /// What most kinds have: nothing that is out of the ordinary.
    pub const PLAIN: Self = Self {
        name: "",
        doc: "",
        shape: Shape::Settings { path: "", write: Writes::Patch, seen_at: None, sent_at: None },
        fields: &[],
        headings: &[],
        own_members: &[],
        after: &[],
        example: "",
        services: &[],
        looks_at: &[],
        may_be_missing: false,
        dropped: &[],
        settles: Settles::AtOnce,
    };

    /// The name of the kind that is the project itself, which is no section of a manifest.
    pub const PROJECT: &'static str = "project";

    /// The row of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        super::find(self.fields, name)
    }

    /// All rows, in order.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        super::all(self.fields)
    }

    /// All that holds a value: rows, or the members of objects whose members are fields, in order.
    pub fn leaves(&self) -> impl Iterator<Item = FieldPath> {
        self.all_fields().flat_map(FieldPath::leaves)
    }

    /// The way to the field of this name, with dots where it is a member of an object.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FieldPath> {
        FieldPath::find(self.all_fields(), name)
    }

    /// Whether it is known of some of its settings what an untouched project has.
    #[must_use]
    pub fn has_untouched(&self) -> bool {
        matches!(self.shape, Shape::Settings { .. })
            && self.all_fields().any(|field| super::members::untouched(field).is_some())
    }

    /// Whether its changes can be stored without the restart that puts them into effect: the request says which.
    #[must_use]
    pub const fn can_wait(&self) -> bool {
        matches!(self.settles, Settles::Restart { .. })
    }

    /// The one field of which each item consists, where a collection has such.
    #[must_use]
    pub const fn scalar(&self) -> Option<&'static str> {
        match self.shape {
            Shape::Collection { scalar, .. } => scalar,
            Shape::Settings { .. } => None,
        }
    }

    /// The groups of rows, each with its heading; the heading is empty where there is one group.
    pub fn groups(&self) -> impl Iterator<Item = (&'static str, &'static [Field])> {
        let headings = self.headings.iter().copied().chain(std::iter::repeat(""));
        headings.zip(self.fields.iter().copied())
    }
}

/// How the API holds a kind.
#[derive(Debug)]
pub enum Shape {
    /// One document that always exists.
    Settings {
        /// The path template.
        path: &'static str,
        /// How it is written.
        write: Writes,
        /// Where the answer of a read has it: a key, or nothing for all of it.
        seen_at: Option<&'static str>,
        /// Where a request wants it: a key, or nothing for all of it.
        sent_at: Option<&'static str>,
    },
    /// Named items.
    Collection {
        /// The path template of the list.
        path: &'static str,
        /// The member of an item that is its name.
        key: &'static str,
        /// The one field of which an item consists: `NAME: value` is short for `NAME: {field: value}`.
        scalar: Option<&'static str>,
        /// Names that do not exist for us: the platform's own.
        reserved: Option<fn(&str) -> bool>,
        /// Why a name cannot be an item's: lower case, no full stop.
        bad_name: fn(&str) -> Option<String>,
        /// What goes when an item does, for the plan.
        delete_risk: &'static str,
        /// How items are written one by one; nothing where the kind says it by itself.
        items: Option<Items>,
    },
}

/// How the items of a collection are written, one by one: made by a POST to the list, removed by a DELETE of their own.
#[derive(Debug, Clone, Copy)]
pub struct Items {
    /// The path template of one.
    pub path: &'static str,
    /// What fills the template beside the ref, and the member of a live item that has it.
    pub id: (&'static str, &'static str),
    /// Whether the request that makes one has its name.
    pub named: bool,
    /// How one is changed; nothing where the API cannot.
    pub update: Option<Update>,
}

/// How one item is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// PATCH: only what changes.
    Patch,
    /// PUT: only what changes; what it leaves out may be reset.
    Put,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// PATCH: only what changes.
    Patch,
    /// PUT of the whole document.
    Put,
    /// PUT of the whole document, made over a fresh read: null leaves a key out and is never sent.
    Overlay,
    /// PUT without a body: what changes stands in the query.
    PutQuery,
    /// POST of the whole document to a path of its own.
    Post(&'static str),
}
