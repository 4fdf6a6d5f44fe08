//! The description of a kind as data. What needs code is in `kind::Kind`, which has one of these.

use serde_json::Value;

use super::{Field, FieldPath, Impact, Literal, Type};

/// The description of a kind as data.
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
    /// The fields of the items that its settings become, where files say what these are; no manifest writes them.
    pub of_files: &'static [Field],
    /// What each group is about, for the documentation; empty where there is one group.
    pub headings: &'static [&'static str],
    /// The path template of a POST that takes a form, where items are not written as JSON: their fields are in its `metadata`.
    pub form: Option<&'static str>,
    /// Members of a request that are no settings: the kind itself sends them.
    pub own_members: &'static [&'static str],
    /// Kinds that must be settled first.
    pub after: &'static [&'static str],
    /// A small manifest section that shows it, as YAML.
    pub example: &'static str,
    /// The services that must be healthy before a new project can take its writes (names of the health endpoint).
    pub services: &'static [&'static str],
    /// Other kinds whose live state its rules read, whether they are managed or not.
    pub looks_at: &'static [&'static str],
    /// Other kinds that a project cannot have along with it.
    pub excludes: &'static [&'static str],
    /// Whether a 404 is a valid answer of its read and no failure: the API hides what is switched off.
    pub may_be_missing: bool,
    /// Members of an answer that are dropped: key material, and values that nobody desires.
    pub dropped: &'static [&'static str],
    /// Members of an answer that no request sets: an import does not take them for settings that are not known yet.
    pub read_only: &'static [&'static str],
    /// Whether names of items may be patterns, which say what is wanted of the projects that the matching live items are.
    pub patterns: bool,
    /// Another `POST` that makes an item, and where in its body the members are: it takes more of them than the usual one.
    pub also_made_by: Option<(&'static str, &'static str)>,
    /// The risk of making an item, whatever it has: a clause without a full stop.
    pub creation: Option<(Impact, &'static str)>,
    /// When a write of it is read back.
    pub read_back: ReadBack,
    /// When a write has taken effect.
    pub settles: Settles,
    /// How long its list may show old values after a write, in seconds; 0 where it shows the new ones at once. The answer to
    /// the write is then believed.
    pub lags: u32,
    /// Where the read of all settings of a project shows it, too; `None` where only its own read does.
    pub aggregate: Option<Aggregate>,
}

/// What the read of all settings of a project shows of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Aggregate {
    /// Where: a JSON pointer into the attributes of its answer.
    pub at: &'static str,
    /// That part as the kind's own read would show it; `None` where it has another form than the documented one.
    pub as_own: fn(&Value) -> Option<Value>,
    /// Fields for which it shows the platform's figure where nothing is set: only the kind's own read tells which it is.
    pub effective: &'static [&'static str],
}

impl Aggregate {
    /// [`Aggregate::as_own`] of a kind that both reads show alike: an object that is not empty.
    #[must_use]
    pub fn as_it_is(shown: &Value) -> Option<Value> {
        shown.as_object().filter(|members| !members.is_empty()).map(|members| members.clone().into())
    }
}

/// When the writes of a kind are read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBack {
    /// Each before the next one is sent.
    Each,
    /// Those of several items at once: no item depends on another.
    Together,
    /// Each; an item may be missing although the API accepted it, so that it is looked for and sent again.
    MayBeLost,
}

/// When a write of a kind has taken effect.
#[derive(Debug, Clone, Copy)]
pub enum Settles {
    /// With its answer.
    AtOnce,
    /// When a read shows the new value.
    Seen {
        /// The path template of the read; its one parameter is the ref.
        read: &'static str,
        /// JSON pointers into its answer, and the value that each must show.
        until: &'static [(&'static str, Until)],
        /// The services that must be healthy afterwards (names of the health endpoint).
        healthy: &'static [&'static str],
        /// How long it may take, in seconds.
        deadline: u32,
    },
    /// With its answer, or with a restart if a change needs one: the request decides whether that happens now.
    Restart {
        /// The member of the request that decides.
        member: &'static str,
        /// The services that must be healthy afterwards (names of the health endpoint).
        healthy: &'static [&'static str],
        /// How long it may take, in seconds.
        deadline: u32,
    },
}

/// The value that a read must show.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// This value.
    Is(Literal),
    /// The value that was sent, by a JSON pointer into the request.
    AsSent(&'static str),
}

impl KindInfo {
    /// The defaults of most kinds.
    pub const PLAIN: Self = Self {
        name: "",
        doc: "",
        shape: Shape::Settings { path: "", write: Writes::Patch, seen_at: None, sent_at: None },
        fields: &[],
        of_files: &[],
        headings: &[],
        form: None,
        own_members: &[],
        after: &[],
        example: "",
        services: &[],
        looks_at: &[],
        excludes: &[],
        may_be_missing: false,
        dropped: &[],
        read_only: &[],
        patterns: false,
        also_made_by: None,
        creation: None,
        read_back: ReadBack::Each,
        settles: Settles::AtOnce,
        lags: 0,
        aggregate: None,
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

    /// All rows, and those that only files say.
    pub fn rows(&self) -> impl Iterator<Item = &'static Field> {
        self.all_fields().chain(self.of_files)
    }

    /// All fields with a value: rows, or the members of objects whose members are fields, in order.
    pub fn leaves(&self) -> impl Iterator<Item = FieldPath> {
        self.all_fields().flat_map(FieldPath::leaves)
    }

    /// The path of the field of this name, with dots where it is a member of an object.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FieldPath> {
        FieldPath::find(self.all_fields(), name)
    }

    /// Whether the defaults of an untouched project are known for any field.
    #[must_use]
    pub fn has_untouched(&self) -> bool {
        matches!(self.shape, Shape::Settings { .. })
            && self.all_fields().any(|field| !field.local && super::members::untouched(field).is_some())
    }

    /// Whether a plan that does not include a feature decides on a switch of it.
    #[must_use]
    pub fn has_gated_switch(&self) -> bool {
        let is_gated = |row: &Field| matches!(row.ty, Type::Bool) && row.entitlement.is_some();
        matches!(self.shape, Shape::Settings { .. }) && self.leaves().any(|path| is_gated(path.row()))
    }

    /// Whether its changes can be stored without the restart that puts them into effect: the request decides.
    #[must_use]
    pub const fn can_wait(&self) -> bool {
        matches!(self.settles, Settles::Restart { .. })
    }

    /// The one field of which each item consists, in a collection of single values.
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
        /// The key of a read's answer that has the document; `None` for the whole answer.
        seen_at: Option<&'static str>,
        /// The key of a request that has the document; `None` for the whole request.
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
        /// Whether a name is reserved by the platform: such items are ignored.
        reserved: Option<fn(&str) -> bool>,
        /// Why a name cannot name an item: lower case, no full stop.
        bad_name: fn(&str) -> Option<String>,
        /// What deleting an item destroys or breaks, for the plan.
        delete_risk: &'static str,
        /// How items are written one by one; `None` where the kind writes them by its own code.
        items: Option<Items>,
    },
}

/// How the items of a collection are written.
#[derive(Debug, Clone, Copy)]
pub enum Items {
    /// One by one: created by a POST to the list, deleted by a DELETE of their own.
    Each {
        /// The path template of one item.
        path: &'static str,
        /// What fills the template beside the ref, and the member of a live item that has it.
        id: (&'static str, &'static str),
        /// Whether the request that creates an item has its name.
        named: bool,
        /// Members that the request that creates an item has in any case.
        made_with: &'static [(&'static str, Literal)],
        /// How an item is changed; `None` where the API cannot.
        update: Option<Update>,
    },
    /// Several at once: written by a POST of a list to the list, deleted by a DELETE of their names.
    Bulk {
        /// The most items of a project, and the most in one request.
        most: usize,
    },
}

/// How one item is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// PATCH: only what changes.
    Patch,
    /// PUT: what changes, and what would be reset if it were left out. A request has no null, when an item is created, either:
    /// null leaves a member out.
    Put {
        /// The members that are reset where they are left out.
        resets: &'static [&'static str],
    },
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// PATCH: only what changes.
    Patch,
    /// PUT of the whole document.
    Put,
    /// PUT of the whole document, put together from a fresh read: null leaves a key out and is never sent.
    Overlay,
    /// PUT without a body: changes are in the query.
    PutQuery,
    /// POST of the whole document to a path of its own.
    Post(&'static str),
    /// POST without a body to a path of its own: it switches on, and nothing switches off.
    Enable(&'static str),
    /// POST of what a file holds, one by one, to a path of its own: nothing that was appended is ever changed.
    Append(&'static str),
}
