//! What differs, as records: a resource, its fields, their values.

use serde::de::IgnoredAny;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::place::{AddressRecord, Place};
use crate::kinds::KINDS;
use crate::model::{Action, Certainty, Why};
use crate::plan::identity::SecretForm;
use crate::schema::{Field, Impact};

/// A resource that differs. As JSON it has a `patch`, too, which is made when it is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "WithPatch")]
pub struct ChangeRecord {
    /// The resource.
    pub address: AddressRecord,
    /// What happens to it.
    pub action: Action,
    /// Where the resource is written.
    pub at: Option<Place>,
    /// The origin of the difference, with `--base`.
    pub why: Option<Why>,
    /// Its fields that differ.
    pub fields: Vec<FieldRecord>,
}

/// A change as it is saved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithPatch {
    address: AddressRecord,
    action: Action,
    at: Option<Place>,
    why: Option<Why>,
    fields: Vec<FieldRecord>,
    /// It follows from the fields.
    #[serde(rename = "patch")]
    _patch: IgnoredAny,
}

impl From<WithPatch> for ChangeRecord {
    fn from(saved: WithPatch) -> Self {
        let WithPatch { address, action, at, why, fields, _patch } = saved;
        Self { address, action, at, why, fields }
    }
}

impl Serialize for ChangeRecord {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self { address, action, at, why, fields } = self;
        let mut members = out.serialize_struct("ChangeRecord", 6)?;
        members.serialize_field("address", address)?;
        members.serialize_field("action", action)?;
        members.serialize_field("at", at)?;
        members.serialize_field("why", why)?;
        members.serialize_field("fields", fields)?;
        members.serialize_field("patch", &self.patch())?;
        members.end()
    }
}

impl ChangeRecord {
    /// The change as a JSON patch (RFC 6902) of what people write; secrets are left out.
    fn patch(&self) -> json_patch::Patch {
        let side = |pick: fn(&FieldRecord) -> &Option<RecordedValue>| {
            let values = self.fields.iter().filter_map(|field| match pick(field) {
                Some(RecordedValue::Value(value)) if !field.is_secret() => Some((field.name.clone(), value.clone())),
                Some(RecordedValue::Value(_) | RecordedValue::Secret(_)) | None => None,
            });
            Value::Object(values.collect())
        };
        json_patch::diff(&side(|field| &field.before), &side(|field| &field.after))
    }

    /// Whether it changes a section; items and the project itself have records of their own.
    pub(crate) fn is_section(&self) -> bool {
        self.address.item.is_none() && !self.address.kind.is_empty()
    }
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRecord {
    /// Its name.
    pub name: String,
    /// The live value.
    pub before: Option<RecordedValue>,
    /// The desired value.
    pub after: Option<RecordedValue>,
    /// How certain the difference is.
    pub certainty: Certainty,
    /// Whether the value of a desired secret is at hand; true where none is desired.
    pub at_hand: bool,
    /// The origin of the difference, with `--base`.
    pub why: Option<Why>,
    /// The risks of the change.
    pub risks: Vec<RiskRecord>,
    /// Where the desired value is written.
    pub at: Option<Place>,
    /// Its row of the table, which gives the unit of its values.
    #[serde(skip)]
    pub row: Row,
}

impl FieldRecord {
    fn is_secret(&self) -> bool {
        self.row.0.is_some_and(Field::is_secret)
    }
}

/// A row of the field table, or none. Records are equal whatever this program's table says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row(pub Option<&'static Field>);

impl PartialEq for Row {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A value that may be shown, or a secret that may not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordedValue {
    /// A value.
    Value(Value),
    /// A secret.
    Secret(SecretRecord),
}

/// The part of a secret that may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SecretRecord {
    /// All of its sources.
    From(SecretForm),
    /// A secret is live: always `true`.
    IsSet(bool),
}

/// A risk of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskRecord {
    /// The class of harm.
    pub impact: Impact,
    /// The consequence.
    pub why: String,
}

/// The row of a field, by its name.
pub(crate) fn row_of(kind: &str, name: &str) -> Row {
    Row(crate::kind::find(KINDS, kind).and_then(|kind| kind.info().find(name)).map(|path| path.row()))
}
