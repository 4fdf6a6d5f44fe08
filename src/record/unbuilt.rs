//! The seal of a record that is read: hashed as it is read, so that nothing of it is built twice.

use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::seal::{USERS, shortened};
use crate::secret::{Hashing, hash_of};

/// The seal that a text should have: a hash over everything in it but the seal, and but for places.
///
/// # Errors
/// When the text is not JSON.
pub(super) fn seal_of(text: &str) -> Result<String, serde_json::Error> {
    let hash = hash_of(|out| {
        let mut reader = serde_json::Deserializer::from_str(text);
        Passed { out, of: Of::Whole, before: b"" }.deserialize(&mut reader)?;
        reader.end()
    });
    hash.map(shortened)
}

/// The part of a record that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// All of it.
    Whole,
    /// A part that may have places.
    Record,
    /// Users' own data.
    Users,
}

/// JSON that is written as it is read.
struct Passed<'o> {
    out: &'o mut Hashing,
    of: Of,
    /// What is written before it.
    before: &'static [u8],
}

impl Passed<'_> {
    fn value<E: Error>(self, value: impl Serialize) -> Result<(), E> {
        serde_json::to_writer(self.out, &value).map_err(E::custom)
    }

    fn part(&mut self, of: Of, before: &'static [u8]) -> Passed<'_> {
        Passed { out: self.out, of, before }
    }
}

impl<'de> DeserializeSeed<'de> for Passed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        self.out.add(self.before);
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Passed<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.value(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.value(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.value(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.value(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.value(value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.value(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let of = if self.of == Of::Users { Of::Users } else { Of::Record };
        let mut before: &[u8] = b"";
        self.out.add(b"[");
        while items.next_element_seed(self.part(of, before))?.is_some() {
            before = b",";
        }
        self.out.add(b"]");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut before: &[u8] = b"";
        self.out.add(b"{");
        while let Some(name) = members.next_key::<String>()? {
            let is_place = self.of != Of::Users && name == "at";
            if is_place || (self.of == Of::Whole && name == "seal") {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let of = if self.of == Of::Users || USERS.contains(&name.as_str()) { Of::Users } else { Of::Record };
            self.out.add(before);
            self.part(of, b"").value(&name)?;
            members.next_value_seed(self.part(of, b":"))?;
            before = b",";
        }
        self.out.add(b"}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::seal_of;
    use crate::record::seal::sealed;

    /// A text has the seal of the value that it is, whatever is in it.
    #[test]
    fn a_text_has_the_seal_of_its_value() {
        for record in [
            json!({"format": "f", "version": 1, "list": [], "none": {}, "null": null}),
            json!({"a": [1, -2, 0.1, 1e300, u64::MAX, true, "\u{0}\u{7f}\u{1f600}\"\\"], "b": {"c": {"d": [[], [{}]]}}}),
            json!({"at": {"line": 1}, "x": [{"at": 2, "y": 3}], "after": {"at": "kept", "seal": "kept"}, "z": {"seal": 1}}),
            json!({"labels": [{"at": [1]}], "body": {"deep": {"at": {"at": null}}}, "only": {"at": 1}}),
        ] {
            let sealed = sealed(&record);
            for text in [sealed.to_string(), format!("{sealed:#}")] {
                assert_eq!(sealed["seal"], seal_of(&text).unwrap(), "{text}");
            }
            let mut moved = sealed.clone();
            moved["at"] = json!("elsewhere");
            assert_eq!(sealed["seal"], seal_of(&moved.to_string()).unwrap(), "places are no part of it");
            for (pointer, other) in [("/after/at", json!("moved")), ("/labels/0/at/0", json!(2)), ("/z/seal", json!(2))]
            {
                let mut edited = sealed.clone();
                if let Some(value) = edited.pointer_mut(pointer) {
                    *value = other;
                    assert_ne!(sealed["seal"], seal_of(&edited.to_string()).unwrap(), "{pointer}");
                }
            }
        }
        let twice = seal_of("{\"a\": 1, \"a\": 1}").unwrap();
        assert_ne!(Value::from(twice), sealed(&json!({"a": 1}))["seal"], "what is there twice is not there once");
        for text in ["", "{", "[1] 2", "{\"a\" 1}", "nul"] {
            assert!(seal_of(text).is_err(), "{text}");
        }
    }
}
