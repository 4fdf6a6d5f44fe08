//! The difference between desired and live, as data.

use serde_json::{Map, Value};

use super::{Address, Origin, Subject};
use crate::schema::{Field, FieldPath, Impact, KindInfo};
use crate::secret::SecretUse;

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// Some of its fields change.
    Update,
    /// It is removed.
    Delete,
}

/// A resource that differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which.
    pub at: Address,
    /// What happens to it.
    pub action: Action,
    /// Its fields that differ, in the order of the table.
    pub fields: Vec<FieldChange>,
    /// Where it was written; nothing where pruning removes it.
    pub origin: Option<Origin>,
}

impl Change {
    /// Whether a project is made.
    #[must_use]
    pub fn is_creation(&self) -> bool {
        self.at.subject == Subject::Project && self.action == Action::Create
    }
}

/// Which field a manifest means: resolved once, when it is read, and carried along.
#[derive(Debug, Clone)]
pub enum FieldKey {
    /// One of the table.
    Known(FieldPath),
    /// A key of `extra` or `extra_secrets`, which the table does not know.
    Extra(String),
}

impl FieldKey {
    /// The field of this name, whether the table knows it or not.
    #[must_use]
    pub fn of(info: &KindInfo, name: &str) -> Self {
        info.find(name).map_or_else(|| Self::Extra(name.to_owned()), Self::Known)
    }

    /// Its name, with dots where it is a member of an object.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(path) => path.name(),
            Self::Extra(name) => name,
        }
    }

    /// Its row, where the table has one.
    #[must_use]
    pub const fn row(&self) -> Option<&'static Field> {
        match self {
            Self::Known(path) => Some(path.row()),
            Self::Extra(_) => None,
        }
    }

    /// The names of the members on the way to it, itself included.
    #[must_use]
    pub fn way(&self) -> Vec<&str> {
        match self {
            Self::Known(path) => path.way().collect(),
            Self::Extra(name) => vec![name],
        }
    }

    /// What a document has there.
    #[must_use]
    pub fn get<'v>(&self, document: &'v Map<String, Value>) -> Option<&'v Value> {
        match self {
            Self::Known(path) => path.get(document),
            Self::Extra(name) => document.get(name),
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// Which.
    pub key: FieldKey,
    /// What is live, in the form in which people write it.
    pub before: DisplayValue,
    /// What is wanted, in the same form.
    pub after: DisplayValue,
    /// How sure it is that they differ.
    pub certainty: Certainty,
    /// Whether the value of the secret that is wanted is at hand; true where none is wanted. An apply needs it.
    pub at_hand: bool,
    /// Where it was written.
    pub origin: Option<Origin>,
    /// What this change can do, each with its reason.
    pub risks: Vec<(Impact, &'static str)>,
    /// Whether the API changes it by itself, along with another field of the same change: it is not sent.
    pub along: bool,
}

impl FieldChange {
    /// Its name, with dots where it is a member of an object.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// Its row; none for a key of `extra`.
    #[must_use]
    pub const fn row(&self) -> Option<&'static Field> {
        self.key.row()
    }
}

/// A value as it may be shown. A secret cannot be shown because it is not there.
#[derive(Debug, Clone, PartialEq)]
pub enum DisplayValue {
    /// Nothing: null, not set, or not read yet.
    Absent,
    /// A value that is no secret.
    Value(Value),
    /// A secret is there (live).
    SecretSet,
    /// A secret is wanted: where it comes from.
    Secret(SecretUse),
}

/// How sure a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Compared, and it differs.
    Known,
    /// Cannot be compared; it is written because the resource is new or asks for it.
    Unknowable,
}

/// Where a difference comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The branch wants something else than its base.
    Intended,
    /// Live is not as both want it.
    Drift,
    /// The branch wants something else, and live is not as its base wants it.
    Both,
    /// Live is not as both want it, but as the base wanted it before: it was merged, and not applied yet.
    Unapplied,
}
