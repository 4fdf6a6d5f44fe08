//! The body of a request, made from the changed fields only.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{BodyPlace, Change, DisplayValue, FieldChange, FieldKey, JsonBody};
use crate::schema::{Wire, wire};
use crate::secret::SecretUse;

/// The body that sets the changed fields and no others. Fields that the API changes by itself are not sent, nor are fields
/// that only identify the item.
#[must_use]
pub fn settings_body(change: &Change, sent_at: Option<&str>) -> JsonBody {
    let mut body = Map::new();
    let mut secrets = BTreeMap::new();
    let is_sent = |field: &&FieldChange| !field.along && !field.row().is_some_and(|row| row.identity || row.local);
    for field in change.fields.iter().filter(is_sent) {
        match sent(field) {
            Ok(value) => put(&mut body, &field.key, value),
            Err(secret) => {
                secrets.insert(BodyPlace::member(sent_at.into_iter().chain(field.key.way())), secret);
            }
        }
    }
    for field in change.fields.iter().filter(is_sent) {
        if let Some((row, Wire::Switch { list, first })) = field.row().map(|row| (row, row.wire)) {
            switch(&mut body, row.name, list, first);
        }
    }
    let value = match sent_at {
        Some(key) => Value::Object(Map::from_iter([(key.to_owned(), Value::Object(body))])),
        None => Value::Object(body),
    };
    JsonBody::of(value, secrets)
}

/// The value of a field in a body: its value as the API carries it, or the secret that is filled in when it is sent.
fn sent(field: &FieldChange) -> Result<Value, SecretUse> {
    match (&field.after, field.row()) {
        (DisplayValue::Value(value), Some(row)) => Ok(wire::to_wire(row, value)),
        (DisplayValue::Value(value), None) => Ok(value.clone()),
        (DisplayValue::Secret(secret), _) => plain_or_secret(secret),
        (DisplayValue::Absent | DisplayValue::SecretSet, _) => Ok(Value::Null),
    }
}

fn put(body: &mut Map<String, Value>, key: &FieldKey, value: Value) {
    match key {
        FieldKey::Known(path) => path.put(body, value),
        FieldKey::Extra(name) => drop(body.insert(name.clone(), value)),
        // Files are no members of a body.
        FieldKey::File(_) => {}
    }
}

/// A plain value is in the body itself.
fn plain_or_secret(secret: &SecretUse) -> Result<Value, SecretUse> {
    secret.plain().map(Value::from).ok_or_else(|| secret.clone())
}

/// Writes a switch that the API does not have as the list that stands for it.
fn switch(body: &mut Map<String, Value>, name: &str, list: &'static str, first: &'static str) {
    match body.shift_remove(name) {
        Some(Value::Bool(false)) => drop(body.insert(list.to_owned(), "".into())),
        Some(_) if !body.contains_key(list) => drop(body.insert(list.to_owned(), first.into())),
        _ => {}
    }
}
