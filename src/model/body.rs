//! Bodies of requests, and the places of secrets in them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::{FieldKey, Outputs, Piece, ProjectRef, Reference};
use crate::secret::SecretUse;

/// A part of a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The member of an object.
    Member(String),
    /// The item of a list.
    Item(usize),
}

/// A place in JSON. It is not a text, so that no name has to be escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BodyPlace(pub Vec<Part>);

impl BodyPlace {
    /// The place of a member, by the names on its path.
    pub fn member<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self(names.into_iter().map(|name| Part::Member(name.to_owned())).collect())
    }

    /// The same place within an item of a list.
    #[must_use]
    pub fn in_item(self, index: usize) -> Self {
        Self(std::iter::once(Part::Item(index)).chain(self.0).collect())
    }
}

impl fmt::Display for BodyPlace {
    /// As a JSON pointer (RFC 6901).
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Member(name) => write!(out, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Part::Item(index) => write!(out, "/{index}"),
        })
    }
}

/// Why a body cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfilled {
    /// The secret has no value.
    Unresolved(SecretUse),
    /// The body has no room for a secret: another value is at its place, or on the path.
    Taken(BodyPlace),
    /// The value comes from an earlier step, and was not filled in.
    Later(BodyPlace),
    /// The secret is to be sent as an object, and its text is none, or not the one that is meant.
    NoSuchObject(BodyPlace, Meant),
}

/// The object that the text of a secret must be: one with this member of this value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The member.
    pub member: &'static str,
    /// Its value.
    pub value: String,
}

impl Meant {
    /// The object in a text.
    fn read(&self, text: &Value) -> Option<Value> {
        let object: Value = crate::json::read(text.as_str()?.as_bytes()).ok()?;
        (object.get(self.member)?.as_str()? == self.value).then_some(object)
    }
}

/// The JSON of a request without its secrets: their places are empty, so that nothing can be sent instead of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonBody {
    /// Everything that is not secret.
    pub value: Value,
    /// The secrets, by their places.
    pub secrets: BTreeMap<BodyPlace, SecretUse>,
    /// Texts that need values of an earlier step, by their places.
    pub later: BTreeMap<BodyPlace, Vec<Piece>>,
    /// The places of secrets that are sent as the object that their text is.
    pub objects: BTreeMap<BodyPlace, Meant>,
}

impl JsonBody {
    /// A body of known values, and secrets by their places.
    #[must_use]
    pub const fn of(value: Value, secrets: BTreeMap<BodyPlace, SecretUse>) -> Self {
        Self { value, secrets, later: BTreeMap::new(), objects: BTreeMap::new() }
    }

    /// Removes the texts in which `stand_in` stands for a reference, and keeps their pieces instead.
    pub fn refer(&mut self, stand_in: &str, reference: &Reference) {
        let mut later = BTreeMap::new();
        take_out(&mut self.value, &mut vec![], &|text| Piece::split(text, stand_in, reference), &mut later);
        self.later.extend(later);
    }

    /// The body with the values of earlier steps; `None` where one is missing.
    #[must_use]
    pub fn with(&self, outputs: &Outputs) -> Option<Self> {
        let mut filled = Self { later: BTreeMap::new(), ..self.clone() };
        for (place, pieces) in &self.later {
            put(&mut filled.value, &place.0, Piece::join(pieces, outputs)?.into())?;
        }
        // A plain part of a secret stays in the secret, with the stand-in for the ref.
        for (Reference::RefOf(_), made) in outputs {
            let fill = |text: &mut String| *text = text.replace(ProjectRef::STAND_IN, made);
            filled.secrets.values_mut().for_each(|secret| secret.each_plain(&fill));
        }
        Some(filled)
    }

    /// Removes everything of a field.
    pub fn leave_out(&mut self, key: &FieldKey) {
        let place = BodyPlace::member(key.way());
        self.secrets.remove(&place);
        self.later.remove(&place);
        self.objects.remove(&place);
        if let Value::Object(members) = &mut self.value {
            match key {
                FieldKey::Known(path) => drop(path.take(members)),
                FieldKey::Extra(name) => drop(members.shift_remove(name)),
                FieldKey::File(_) => {}
            }
        }
    }

    /// The body with the values of its secrets, as `value_of` returns them.
    ///
    /// # Errors
    /// When a secret has no value, or its place is taken.
    pub fn filled(&self, value_of: impl Fn(&SecretUse) -> Option<Value>) -> Result<Value, Unfilled> {
        if let Some(place) = self.later.keys().next() {
            return Err(Unfilled::Later(place.clone()));
        }
        let mut filled = self.value.clone();
        for (place, secret) in &self.secrets {
            let text = value_of(secret).ok_or_else(|| Unfilled::Unresolved(secret.clone()))?;
            let value = match self.objects.get(place) {
                Some(meant) => meant.read(&text).ok_or_else(|| Unfilled::NoSuchObject(place.clone(), meant.clone()))?,
                None => text,
            };
            put(&mut filled, &place.0, value).ok_or_else(|| Unfilled::Taken(place.clone()))?;
        }
        Ok(filled)
    }

    /// The body for people, with `(secret NAME)` where a secret goes. It is never sent.
    #[must_use]
    pub fn shown(&self) -> Value {
        let shown = Self { objects: BTreeMap::new(), ..self.clone() };
        shown.filled(|secret| Some(format!("({secret})").into())).unwrap_or_else(|_| self.value.clone())
    }
}

/// Removes the texts that have pieces. In a list, null keeps the place of an item.
fn take_out(
    value: &mut Value,
    way: &mut Vec<Part>,
    split: &dyn Fn(&str) -> Option<Vec<Piece>>,
    out: &mut BTreeMap<BodyPlace, Vec<Piece>>,
) {
    let mut each = |part: Part, inner: &mut Value| -> bool {
        way.push(part);
        let pieces = inner.as_str().and_then(split);
        let is_out = pieces.is_some();
        match pieces {
            Some(pieces) => drop(out.insert(BodyPlace(way.clone()), pieces)),
            None => take_out(inner, way, split, out),
        }
        way.pop();
        is_out
    };
    match value {
        Value::Object(members) => members.retain(|name, inner| !each(Part::Member(name.clone()), inner)),
        Value::Array(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                if each(Part::Item(index), inner) {
                    *inner = Value::Null;
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Sets a value at an empty place, and creates the objects on the path.
fn put(document: &mut Value, way: &[Part], value: Value) -> Option<()> {
    let (first, rest) = way.split_first()?;
    match (first, document) {
        (Part::Item(index), Value::Array(items)) if rest.is_empty() => {
            let free = items.get_mut(*index).filter(|item| item.is_null())?;
            *free = value;
            Some(())
        }
        (Part::Item(index), Value::Array(items)) => put(items.get_mut(*index)?, rest, value),
        (Part::Member(name), Value::Object(members)) if rest.is_empty() => {
            let free = !members.contains_key(name);
            free.then(|| drop(members.insert(name.clone(), value)))
        }
        (Part::Member(name), Value::Object(members)) => {
            put(members.entry(name).or_insert_with(|| Value::Object(Map::new())), rest, value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::SecretSource;

    fn secret(name: &str) -> SecretUse {
        SecretUse::one(SecretSource::Env(name.to_owned()))
    }

    fn body(value: Value, places: Vec<BodyPlace>) -> JsonBody {
        JsonBody::of(value, places.into_iter().map(|place| (place, secret("PASS"))).collect())
    }

    #[test]
    fn a_secret_goes_where_its_name_says_whatever_the_name_is() {
        for name in ["a", "a/b", "~", "~1", "", "0", "a.b"] {
            let body = body(json!({"x": {}}), vec![BodyPlace::member([name]), BodyPlace::member(["x", name])]);
            let filled = body.filled(|_| Some("value".into()));
            let both = Some("value".into());
            let filled = filled.unwrap();
            assert_eq!((filled.get(name).cloned(), filled["x"].get(name).cloned()), (both.clone(), both), "{name}");
            let pointer = BodyPlace::member(["x", name]).to_string();
            assert_eq!(filled.pointer(&pointer), Some(&json!("value")), "{pointer}");
        }
        let list = body(json!([{"name": "A"}, {"name": "B"}]), vec![BodyPlace::member(["value"]).in_item(1)]);
        assert_eq!(list.shown(), json!([{"name": "A"}, {"name": "B", "value": "($PASS)"}]));
    }

    #[test]
    fn a_place_that_is_taken_or_missing_is_an_error_and_nothing_stands_in() {
        let member = |names: &[&str]| BodyPlace::member(names.iter().copied());
        for (value, place) in [
            (json!({"a": 1}), member(&["a"])),
            (json!({"a": null}), member(&["a"])),
            (json!({"a": 1}), member(&["a", "b"])),
            (json!([]), BodyPlace::member(["value"]).in_item(0)),
            (json!([]), member(&["a"])),
            (json!(null), member(&["a"])),
            (json!({}), BodyPlace::default()),
        ] {
            let body = body(value, vec![place.clone()]);
            assert_eq!(body.filled(|_| Some("value".into())), Err(Unfilled::Taken(place)));
            assert!(!body.value.to_string().contains("PASS"));
        }
        let missing = JsonBody::of(json!({}), BTreeMap::from([(member(&["a"]), secret("A"))]));
        assert_eq!(missing.filled(|_| None), Err(Unfilled::Unresolved(secret("A"))));
    }

    #[test]
    fn what_a_step_makes_is_nowhere_before_it_is_made_and_everywhere_afterwards() {
        let reference = Reference::RefOf("acme".to_owned());
        let mut body = body(json!({"url": "https://???.dev", "of": {"many": ["a", "???"]}, "plain": "x"}), vec![]);
        let whole = body.value.clone();
        body.refer("???", &reference);
        assert_eq!(body.value, json!({"of": {"many": ["a", null]}, "plain": "x"}));
        let first = BodyPlace(vec![Part::Member("of".to_owned()), Part::Member("many".to_owned()), Part::Item(1)]);
        assert_eq!(body.filled(|_| None), Err(Unfilled::Later(first)));
        assert_eq!(body.with(&Outputs::new()), None);
        let made = body.with(&Outputs::from([(reference, "abc".to_owned())])).unwrap().filled(|_| None).unwrap();
        let expected = whole.to_string().replace("???", "abc");
        assert_eq!(made, serde_json::from_str::<Value>(&expected).unwrap());
    }

    #[test]
    fn a_plain_part_of_a_secret_gets_what_a_step_makes_too() {
        let plain = |text: &str| SecretSource::Plain(text.to_owned());
        let parts = |text: &str| vec![plain(text), SecretSource::Env("PASS".to_owned())];
        let use_of = |text: &str| SecretUse { parts: parts(text), between: "|" };
        let stands = use_of(&format!("of-{}", ProjectRef::STAND_IN));
        let body = JsonBody::of(json!({}), BTreeMap::from([(BodyPlace::member(["a"]), stands)]));
        let made = body.with(&Outputs::from([(Reference::RefOf("acme".to_owned()), "abc".to_owned())])).unwrap();
        assert_eq!(made.secrets.into_values().collect::<Vec<_>>(), [use_of("of-abc")]);
    }
}
