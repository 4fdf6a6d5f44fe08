//! Where secrets go in the JSON of a request.

use std::fmt;

use serde_json::{Map, Value};

use super::JsonBody;
use crate::secret::SecretUse;

/// A part of the way to a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The member of an object.
    Member(String),
    /// The item of a list.
    Item(usize),
}

/// A place in JSON. It is no text, so that nothing in a name has to be escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BodyPlace(pub Vec<Part>);

impl BodyPlace {
    /// The place of a member, by the names on the way to it.
    pub fn member<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self(names.into_iter().map(|name| Part::Member(name.to_owned())).collect())
    }

    /// The place of a member of an item of a list.
    #[must_use]
    pub fn of_item(index: usize, name: &str) -> Self {
        Self(vec![Part::Item(index), Part::Member(name.to_owned())])
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

/// Why a body cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfilled {
    /// The secret has no value.
    Unresolved(SecretUse),
    /// The body has no room for a secret: something else stands there, or on the way.
    Taken(BodyPlace),
}

impl JsonBody {
    /// The body with what `value_of` gives in the places of its secrets.
    ///
    /// # Errors
    /// When a secret has no value, or something else stands where it goes.
    pub fn filled(&self, value_of: impl Fn(&SecretUse) -> Option<Value>) -> Result<Value, Unfilled> {
        let mut filled = self.value.clone();
        for (place, secret) in &self.secrets {
            let value = value_of(secret).ok_or_else(|| Unfilled::Unresolved(secret.clone()))?;
            put(&mut filled, &place.0, value).ok_or_else(|| Unfilled::Taken(place.clone()))?;
        }
        Ok(filled)
    }

    /// The body for people, with `(secret NAME)` where a secret goes. It is never sent.
    #[must_use]
    pub fn shown(&self) -> Value {
        self.filled(|secret| Some(format!("({secret})").into())).unwrap_or_else(|_| self.value.clone())
    }
}

/// Puts a value where nothing stands, and makes the objects on the way.
fn put(document: &mut Value, way: &[Part], value: Value) -> Option<()> {
    let (first, rest) = way.split_first()?;
    match (first, document) {
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
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::secret::SecretSource;

    fn secret(name: &str) -> SecretUse {
        SecretUse::one(SecretSource::Env(name.to_owned()))
    }

    fn body(value: Value, places: Vec<BodyPlace>) -> JsonBody {
        JsonBody { value, secrets: places.into_iter().map(|place| (place, secret("PASS"))).collect() }
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
        let list = body(json!([{"name": "A"}, {"name": "B"}]), vec![BodyPlace::of_item(1, "value")]);
        assert_eq!(list.shown(), json!([{"name": "A"}, {"name": "B", "value": "($PASS)"}]));
    }

    #[test]
    fn a_place_that_is_taken_or_missing_is_an_error_and_nothing_stands_in() {
        let member = |names: &[&str]| BodyPlace::member(names.iter().copied());
        for (value, place) in [
            (json!({"a": 1}), member(&["a"])),
            (json!({"a": null}), member(&["a"])),
            (json!({"a": 1}), member(&["a", "b"])),
            (json!([]), BodyPlace::of_item(0, "value")),
            (json!([]), member(&["a"])),
            (json!(null), member(&["a"])),
            (json!({}), BodyPlace::default()),
        ] {
            let body = body(value, vec![place.clone()]);
            assert_eq!(body.filled(|_| Some("value".into())), Err(Unfilled::Taken(place)));
            assert!(!body.value.to_string().contains("PASS"));
        }
        let missing = JsonBody { value: json!({}), secrets: BTreeMap::from([(member(&["a"]), secret("A"))]) };
        assert_eq!(missing.filled(|_| None), Err(Unfilled::Unresolved(secret("A"))));
    }
}
