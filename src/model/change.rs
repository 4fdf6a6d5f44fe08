//! The difference between desired and live, as data.

use std::ops::{Deref, DerefMut};
use std::slice;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Address, Content, Origin, Subject};
use crate::schema::{Field, FieldPath, Impact, KindInfo};
use crate::secret::SecretUse;

/// The action on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is created.
    Create,
    /// Some of its fields change.
    Update,
    /// It is deleted.
    Delete,
}

/// A resource that differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// The resource.
    pub at: Address,
    /// What happens to it.
    pub action: Action,
    /// Its fields that differ, in the order of the table.
    pub fields: FieldChanges,
    /// Where it is written; `None` where pruning deletes it.
    pub origin: Option<Origin>,
}

impl Change {
    /// Whether the change creates a project.
    #[must_use]
    pub fn is_creation(&self) -> bool {
        self.at.subject == Subject::Project && self.action == Action::Create
    }
}

/// Fields that differ. A plan has them twice, with a project and with the step that settles them, and holds them once: a copy is made
/// when one of the two is changed.
#[derive(Debug, Clone, Default)]
pub struct FieldChanges(Arc<Vec<FieldChange>>);

impl Deref for FieldChanges {
    type Target = Vec<FieldChange>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for FieldChanges {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Vec<FieldChange>> for FieldChanges {
    fn from(all: Vec<FieldChange>) -> Self {
        Self(Arc::new(all))
    }
}

impl FromIterator<FieldChange> for FieldChanges {
    fn from_iter<I: IntoIterator<Item = FieldChange>>(all: I) -> Self {
        Vec::from_iter(all).into()
    }
}

impl<'a> IntoIterator for &'a FieldChanges {
    type Item = &'a FieldChange;
    type IntoIter = slice::Iter<'a, FieldChange>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a mut FieldChanges {
    type Item = &'a mut FieldChange;
    type IntoIter = slice::IterMut<'a, FieldChange>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// The field of a manifest, looked up once when it is read.
#[derive(Debug, Clone)]
pub enum FieldKey {
    /// One of the table.
    Known(FieldPath),
    /// A key of `extra` or `extra_secrets`, which the table does not know.
    Extra(String),
    /// A file that the settings name: [`FieldKey::FILES`] and its path; or a member of the API that says something about them.
    File(String),
}

impl FieldKey {
    /// What the name of a file begins with: [`Content::FILES`].
    pub const FILES: &str = Content::FILES;

    /// The field of this name, whether the table has it or not.
    #[must_use]
    pub fn of(info: &KindInfo, name: &str) -> Self {
        match info.find(name) {
            Some(path) => Self::Known(path),
            None if name.starts_with(Self::FILES) => Self::File(name.to_owned()),
            None => Self::Extra(name.to_owned()),
        }
    }

    /// A file by its path.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Self::File(format!("{}{path}", Self::FILES))
    }

    /// Its name, with dots where it is a member of an object.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(path) => path.name(),
            Self::Extra(name) | Self::File(name) => name,
        }
    }

    /// Its row, if the table has one.
    #[must_use]
    pub const fn row(&self) -> Option<&'static Field> {
        match self {
            Self::Known(path) => Some(path.row()),
            Self::Extra(_) | Self::File(_) => None,
        }
    }

    /// The names of the members on its path, its own included.
    #[must_use]
    pub fn way(&self) -> Vec<&str> {
        match self {
            Self::Known(path) => path.way().collect(),
            Self::Extra(name) => vec![name],
            Self::File(name) => name.splitn(2, '.').collect(),
        }
    }

    /// The value in a document.
    #[must_use]
    pub fn get<'v>(&self, document: &'v Map<String, Value>) -> Option<&'v Value> {
        match self {
            Self::Known(path) => path.get(document),
            Self::Extra(name) => document.get(name),
            Self::File(name) => match name.split_once('.') {
                Some((member, path)) => document.get(member)?.get(path),
                None => document.get(name),
            },
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// The field.
    pub key: FieldKey,
    /// The live value, in the form in which people write it.
    pub before: DisplayValue,
    /// The desired value, in the same form.
    pub after: DisplayValue,
    /// How certain the difference is.
    pub certainty: Certainty,
    /// Whether the value of the desired secret is at hand; true where none is desired. An apply needs it.
    pub at_hand: bool,
    /// Where the desired value is written.
    pub origin: Option<Origin>,
    /// The risks of this change, each with its reason.
    pub risks: Vec<(Impact, &'static str)>,
    /// Whether the API makes the change along with another field of the same resource: it is not sent.
    pub along: bool,
}

impl FieldChange {
    /// Its name, with dots where it is a member of an object.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// Its row; `None` for a key of `extra`.
    #[must_use]
    pub const fn row(&self) -> Option<&'static Field> {
        self.key.row()
    }
}

/// A value as it may be shown. A secret cannot be shown, because its value is not in here.
#[derive(Debug, Clone, PartialEq)]
pub enum DisplayValue {
    /// Nothing: null, not set, or not read yet.
    Absent,
    /// A value that is no secret.
    Value(Value),
    /// A secret is live.
    SecretSet,
    /// A secret is desired, from these sources.
    Secret(SecretUse),
}

/// How certain a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Compared, and it differs.
    Known,
    /// Not comparable; written because the resource is new or asks for it.
    Unknowable,
}

/// The origin of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The branch desires another value than its base.
    Intended,
    /// Live differs from what both desire.
    Drift,
    /// The branch desires another value, and live differs from what its base desires.
    Both,
    /// Live differs from what both desire, but equals what the base desired earlier: merged and not applied yet.
    Unapplied,
}
