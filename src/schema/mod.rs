//! The field table: the name of a setting, its allowed values, and the consequences of changing it.
//!
//! A field is described once, here, as a row of a kind. Validation, suggestions, JSON Schema, documentation, comparison,
//! masking, request bodies, the sandbox and the tests read that row. This module knows no single kind and does no I/O.

pub mod address;
mod build;
pub mod check;
pub mod conformance;
pub mod docs;
mod info;
pub mod json_schema;
pub mod members;
mod path;
mod refused;
pub mod template;
pub mod units;
pub mod wire;

pub use build::*;
pub use info::{Aggregate, Items, KindInfo, ReadBack, Settles, Shape, Until, Update, Writes};
pub use path::FieldPath;
pub use refused::Refused;

use serde_json::Value;

/// One setting: its name, its allowed values, and the consequences of changing it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of a row by itself")]
pub struct Field {
    /// The API's own name: manifests speak the API's language.
    pub name: &'static str,
    /// The allowed values, in the form in which people write them.
    pub ty: Type,
    /// Its description: a sentence with a full stop.
    pub doc: &'static str,
    /// A value as YAML, for documentation and hover texts, where an example says more than the type.
    pub example: Option<&'static str>,
    /// The platform's default on an untouched project: shown in docs, used by the sandbox, sent only where `rest: default`
    /// asks for it.
    pub default: Option<Literal>,
    /// The values that live shows for a cleared field; empty: `null` is refused.
    pub cleared_as: &'static [Literal],
    /// Fields that must be set with it or be live already.
    pub needs: &'static [Needs],
    /// The unit of its number.
    pub unit: Option<Unit>,
    /// For a secret: how the API shows it.
    pub secret: Option<Digest>,
    /// How the API carries the value.
    pub wire: Wire,
    /// The risks of changing it.
    pub risks: &'static [Risk],
    /// Why changing it has no risk that a person must know of; a field with neither this nor a risk fails the tests.
    pub harmless: Option<&'static str>,
    /// Whether its kind finds the risks of changing it, because they depend on more than this one value.
    pub judged: bool,
    /// Fields that the API changes along with it.
    pub takes_along: &'static [Along],
    /// Keywords that manifests may use for values that are hard to write: (keyword, value).
    pub aliases: &'static [(&'static str, &'static str)],
    /// The variables of a text in the auth service's template language; empty: it is not a template.
    pub variables: &'static [&'static str],
    /// The entitlement of the organization's plan that the field needs.
    pub entitlement: Option<&'static str>,
    /// The API field behind a name that is ours.
    pub api_name: Option<&'static str>,
    /// Whether the field only identifies the live item, and is never sent.
    pub identity: bool,
    /// Whether the field says which files of the workspace are meant, so that the API knows nothing of it.
    pub local: bool,
    /// Whether the value is set when an item is created, so that no request changes it.
    pub fixed: bool,
    /// Whether the API accepts all members of the object or none, so that unwritten members are sent with their live
    /// values.
    pub together: bool,
    /// Whether the object is replaced as a whole, so that its members are no fields of their own.
    pub atomic: bool,
    /// Why the row allows less than the specification.
    pub stricter_than_spec: Option<&'static str>,
    /// Why it should no longer be used.
    pub deprecated: Option<&'static str>,
    /// Whether people read it as prose, in which a `$` or a brace means nothing.
    pub prose: bool,
    /// Whether a live value that is another one is as good as the wanted one: for states that only go one way.
    pub reached: Option<fn(&Value, &Value) -> bool>,
    /// Brings a value into the form in which equal meanings compare equal; the written value is sent.
    pub canonical: Option<fn(Value) -> Value>,
}

/// A literal of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'static str),
}

impl Literal {
    /// The literal as JSON.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(it) => it.into(),
            Self::Int(it) => it.into(),
            Self::Text(it) => it.into(),
        }
    }
}

/// What a field may hold.
#[derive(Debug)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds, both included.
    Int {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// A number within bounds, both included.
    Number {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// A text.
    Text(TextRule),
    /// One of a few values.
    Choice(&'static [&'static str]),
    /// A list; [`ListAs`] says how two of them compare.
    List(&'static Self, ListAs),
    /// Values by free names.
    Map(&'static Self),
    /// Named fields within a field.
    Object(&'static [Field]),
    /// Anything that JSON can hold.
    Any,
}

/// Which texts are allowed.
#[derive(Debug, Clone, Copy)]
pub struct TextRule {
    /// The form that it must have.
    pub form: Option<&'static Form>,
    /// The greatest number of characters.
    pub max_chars: Option<usize>,
    /// Whether line breaks make sense: the text then gets a line diff and is usually in a file.
    pub long: bool,
}

/// The form of a text: a small function, compared with the pattern of the specification by a test.
#[derive(Debug)]
pub struct Form {
    /// What is expected, for errors: "an address such as `name@example.com`".
    pub expected: &'static str,
    /// The pattern for JSON Schema (ECMA-262).
    pub pattern: &'static str,
    /// Whether a text has the form.
    pub holds: fn(&str) -> bool,
    /// Why a text is refused although the API would accept it.
    pub refuses: Option<fn(&str) -> Option<Refused>>,
}

/// How two lists compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListAs {
    /// Order matters.
    Sequence,
    /// Order and repetition do not.
    Set,
}

/// How the API carries a field, where that is not simply its JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// As it is.
    Plain,
    /// A list (or a secret's parts) as one text with this between the items.
    Joined(&'static str),
    /// A map as `key=value,key=value`.
    Pairs,
    /// A list as one comma-joined text that the API folds together with another field's.
    Folded(&'static str),
    /// A whole number as text.
    NumberAsText,
    /// A moment as RFC 3339 text, equal to every text of the same moment.
    Moment,
    /// A switch that the API does not have: an empty list in another field means off.
    Switch {
        /// The field of the list.
        list: &'static str,
        /// The list's value where the switch is turned on and no list is written.
        first: &'static str,
    },
}

/// How the API shows a secret that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// Lower-case hex of HMAC-SHA256 with the project's ref as the key.
    HmacOfRef,
    /// Lower-case hex of SHA-256.
    Sha256,
    /// The public part of a key in JSON; compared by its thumbprint, in lower-case hex.
    JwkThumbprint,
    /// Never.
    Never,
}

/// What a number counts, so that people may write `1h` or `50MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Bytes.
    Bytes,
}

/// Fields that must be set with a field or be live already.
#[derive(Debug)]
pub struct Needs {
    /// For which changes of the field.
    pub when: When,
    /// Fields that must be set: neither null nor empty, and for a boolean `true`.
    pub fields: &'static [&'static str],
}

/// The changes of a field for which something holds. A missing value counts as the field's default.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Every change, except clearing it.
    Set,
    /// Every change.
    Changed,
    /// A boolean becomes `true`.
    On,
    /// A boolean becomes `false`.
    Off,
    /// A number goes down.
    Lower,
    /// A number more than doubles.
    Doubled,
    /// A number goes up.
    Higher,
    /// A list or a map gets something that was not in it.
    Grows,
    /// A value is cleared.
    Cleared,
    /// A change that a function of both values recognises.
    Where(&'static Case),
}

/// A class of changes that a function recognises.
#[derive(Debug)]
pub struct Case {
    /// The changes in words, for the documentation: "when it becomes longer".
    pub when: &'static str,
    /// Whether a change from one value to another belongs to the class. Values have the form in which people write them;
    /// null means none.
    pub holds: fn(&Value, &Value) -> bool,
}

/// A risk of changing a field, shown before the change is made.
#[derive(Debug)]
pub struct Risk {
    /// For which changes.
    pub when: When,
    /// What kind of harm.
    pub impact: Impact,
    /// The consequence: a clause without a full stop.
    pub why: &'static str,
}

/// Fields that the API changes along with a field, though nobody sends them.
#[derive(Debug)]
pub struct Along {
    /// For which changes of the field.
    pub when: When,
    /// The fields; a name that ends with `*` means all that begin so.
    pub fields: &'static [&'static str],
    /// The live value for which this happens; `None`: every value.
    pub from: Option<Literal>,
    /// Their new value; `None`: their defaults.
    pub becomes: Option<Literal>,
    /// Whether it always happens; it may depend on the organization's plan.
    pub sure: bool,
    /// What is lost where that is not certain: a clause without a full stop.
    pub why: &'static str,
}

/// A kind of harm that a change can do, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Data is lost that cannot be recovered.
    Destructive,
    /// People or programs may lose access.
    LockOut,
    /// The history of migrations and their files go apart: projects no longer have what one folder makes.
    History,
    /// The database restarts.
    Restart,
    /// Makes the project easier to attack.
    Security,
    /// Some people can no longer sign in; reverting the change helps at once, so nobody has to allow it by its address.
    Access,
    /// Costs money.
    Billed,
}

impl Impact {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Destructive, Self::LockOut, Self::History, Self::Restart, Self::Security, Self::Access, Self::Billed];

    /// The one of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|impact| impact.word() == word)
    }

    /// All words, for messages: `destructive, lock-out, …`.
    #[must_use]
    pub fn words() -> String {
        Self::ALL.map(Self::word).join(", ")
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Destructive => "destructive",
            Self::LockOut => "lock-out",
            Self::History => "history",
            Self::Restart => "restart",
            Self::Security => "security",
            Self::Access => "access",
            Self::Billed => "billed",
        }
    }

    /// What it does, as the heading of a list of risks.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Destructive => "Cannot be undone",
            Self::LockOut => "Locks out",
            Self::History => "Departs from the history",
            Self::Restart => "Restarts",
            Self::Security => "Weakens security",
            Self::Access => "Takes away access",
            Self::Billed => "Costs money",
        }
    }
}

impl Field {
    /// Whether `null` may be written: it clears the field.
    #[must_use]
    pub const fn nullable(&self) -> bool {
        !self.cleared_as.is_empty()
    }

    /// Whether the field holds a secret.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// Whether people read the text, such as a mail or the name of a sender.
    #[must_use]
    pub const fn is_free_text(&self) -> bool {
        self.prose || matches!(self.ty, Type::Text(TextRule { long: true, .. }))
    }
}

/// The field of this name among groups of fields.
#[must_use]
pub fn find(groups: &'static [&'static [Field]], name: &str) -> Option<&'static Field> {
    all(groups).find(|field| field.name == name)
}

/// All fields of some groups.
pub fn all(groups: &'static [&'static [Field]]) -> impl Iterator<Item = &'static Field> {
    groups.iter().flat_map(|group| group.iter())
}
