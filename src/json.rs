//! Reads JSON from outside within limits: a small text may need a hundred times its size once it is parsed, so the values
//! are counted before any is built.

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Value};

/// The most values of a text: several times those of a fleet of hundreds of projects.
pub const VALUES: usize = 500_000;

/// Reads a text of at most [`VALUES`] values.
///
/// # Errors
/// When the text is not JSON, or has more values.
pub fn read(text: &[u8]) -> Result<Value, Error> {
    bounded(VALUES, text)?;
    serde_json::from_slice(text)
}

/// Whether a text is JSON of at most so many values; none is built.
///
/// # Errors
/// When the text is not JSON, or has more values.
pub fn bounded(most: usize, text: &[u8]) -> Result<(), Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    Count { left: &mut { most }, most }.deserialize(&mut reader)?;
    reader.end()
}

/// Counts the values of a text down, without building them.
struct Count<'c> {
    left: &'c mut usize,
    most: usize,
}

impl Count<'_> {
    fn again(&mut self) -> Count<'_> {
        Count { left: self.left, most: self.most }
    }
}

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(D::Error::custom(format!("more than {} values", self.most)));
        };
        *self.left = left;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.again())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(self.again())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_texts_are_read_unchanged() {
        for text in
            ["null", "[1, -2, 0.5, true, \"a\\u0000b\", {\"a\": {\"b\": []}}]", "{\"a\": 1, \"a\": 2}", " \"x\" "]
        {
            assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for text in ["", "{", "[1] 2", "{\"a\" 1}", "nul", "[1,]"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn many_values_in_few_bytes_are_refused_before_they_are_made() {
        let just = format!("[{}0]", "0,".repeat(VALUES - 2));
        assert!(read(just.as_bytes()).is_ok());
        for text in [
            format!("[{}0]", "0,".repeat(VALUES - 1)),
            format!("[{}[]]", "[],".repeat(5_000_000)),
            format!("{{{}\"b\":0}}", "\"a\":0,".repeat(VALUES)),
        ] {
            assert!(read(text.as_bytes()).unwrap_err().to_string().contains("more than 500000 values"));
        }
        assert!(bounded(3, b"[1, 2]").is_ok() && bounded(2, b"[1, 2]").is_err());
        assert!(read("[".repeat(1_000_000).as_bytes()).is_err(), "neither is the depth without a bound");
    }
}
