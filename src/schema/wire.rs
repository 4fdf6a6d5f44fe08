//! Converts a value between the form in which people write it, the form that the API carries, and the form that is
//! compared.
//!
//! The written value is sent: [`canonical`] is for comparing only.

use serde_json::{Map, Value};

use super::{Field, ListAs, Type, Wire};

/// The value of a field in the form that the API expects.
#[must_use]
pub fn to_wire(field: &Field, value: &Value) -> Value {
    match (field.wire, value) {
        (Wire::Joined(between), Value::Array(items)) => join(items, between).into(),
        (Wire::Folded(_), Value::Array(items)) => join(items, ",").into(),
        (Wire::Pairs, Value::Object(pairs)) => {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={}", text_of(value))).collect();
            pairs.join(",").into()
        }
        (Wire::NumberAsText, Value::Number(number)) => number.to_string().into(),
        _ => value.clone(),
    }
}

/// The live value of a field in the form in which people write it.
#[must_use]
pub fn from_wire(field: &Field, value: &Value) -> Value {
    match (field.wire, value) {
        (Wire::Joined(between), Value::String(text)) if !field.is_secret() => split(text, between).into(),
        (Wire::Folded(_), Value::String(text)) => split(text, ",").into(),
        (Wire::Pairs, Value::String(text)) => {
            let pairs = text.split(',').filter_map(|pair| pair.trim().split_once('='));
            Value::Object(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().into())).collect())
        }
        (Wire::NumberAsText, Value::String(text)) => {
            text.trim().parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

/// The form in which two values of a field compare equal when they mean the same.
#[must_use]
pub fn canonical(field: &Field, value: &Value) -> Value {
    if let Some(canonical) = field.canonical {
        return canonical(value.clone());
    }
    match (field.wire, value) {
        (Wire::Moment, Value::String(text)) => {
            text.parse::<jiff::Timestamp>().map_or_else(|_| value.clone(), |moment| moment.to_string().into())
        }
        _ => canon_as(&field.ty, value),
    }
}

/// A text of many lines, independent of the system that wrote it: without a byte order mark, and with plain line feeds.
#[must_use]
pub fn lines(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

fn canon_as(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Text(rule), Value::String(text)) if rule.long => lines(text).into(),
        (Type::List(of, compared), Value::Array(items)) => {
            let mut items: Vec<Value> = items.iter().map(|item| canon_as(of, item)).collect();
            if *compared == ListAs::Set {
                items.sort_by_cached_key(ToString::to_string);
                items.dedup();
            }
            items.into()
        }
        (Type::Map(of), Value::Object(entries)) => {
            let mut sorted: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), canon_as(of, value))).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(Map::from_iter(sorted))
        }
        (Type::Object(fields), Value::Object(entries)) => {
            let known = fields.iter().filter_map(|field| {
                entries.get(field.name).map(|value| (field.name.to_owned(), canon_as(&field.ty, value)))
            });
            Value::Object(known.collect())
        }
        // 1.0 and 1 are one number.
        (Type::Int { .. } | Type::Number { .. }, Value::Number(number)) => match number.as_f64() {
            Some(float) if number.as_i64().is_none() && float.fract() == 0.0 && float.abs() < 9e15 => {
                #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
                let whole = float as i64;
                whole.into()
            }
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

fn join(items: &[Value], between: &str) -> String {
    items.iter().map(text_of).collect::<Vec<_>>().join(between)
}

fn split(text: &str, between: &str) -> Vec<String> {
    text.split(between).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{TextRule, int, list, map, text};

    const TEXT: Type = Type::Text(TextRule { form: None, max_chars: None, long: false });
    static URLS: Field = list("urls", &TEXT, ListAs::Set).wire(Wire::Joined(","));
    static IDS: Field = list("ids", &TEXT, ListAs::Set).wire(Wire::Folded("more_ids"));
    static CODES: Field = map("codes", &TEXT).wire(Wire::Pairs);
    static PORT: Field = int("port", 1, 65_535).wire(Wire::NumberAsText);
    static UNTIL: Field = text("until").wire(Wire::Moment);

    #[test]
    fn what_is_sent_reads_back_as_it_was_written() {
        for (field, written, sent) in [
            (&URLS, json!(["https://a.dev", "https://b.dev"]), json!("https://a.dev,https://b.dev")),
            (&URLS, json!([]), json!("")),
            (&IDS, json!(["one", "two"]), json!("one,two")),
            (&CODES, json!({"15551234567": "123456", "4915": "1"}), json!("15551234567=123456,4915=1")),
            (&CODES, json!({}), json!("")),
            (&PORT, json!(587), json!("587")),
            (&PORT, Value::Null, Value::Null),
        ] {
            assert_eq!(to_wire(field, &written), sent, "{}", field.name);
            assert_eq!(from_wire(field, &sent), written, "{}", field.name);
        }
    }

    #[test]
    fn what_the_api_shows_oddly_is_still_understood() {
        assert_eq!(from_wire(&URLS, &json!(" a , b,,")), json!(["a", "b"]));
        assert_eq!(from_wire(&PORT, &json!("smtp")), json!("smtp"));
        assert_eq!(from_wire(&CODES, &json!("4915=1, 4916=2,")), json!({"4915": "1", "4916": "2"}));
    }

    #[test]
    fn equal_meanings_have_one_canonical_form() {
        let same = |field, a, b| assert_eq!(canonical(field, &a), canonical(field, &b), "{}", field.name);
        same(&URLS, json!(["b", "a", "b"]), json!(["a", "b"]));
        same(&UNTIL, json!("2027-01-01T00:00:00Z"), json!("2027-01-01T01:00:00.000+01:00"));
        assert_ne!(
            canonical(&UNTIL, &json!("2027-01-01T00:00:00Z")),
            canonical(&UNTIL, &json!("2027-01-01T00:00:01Z"))
        );
        assert_eq!(canonical(&UNTIL, &json!("soon")), json!("soon"));
    }

    #[test]
    fn a_text_of_many_lines_means_the_same_whatever_system_wrote_it() {
        static MAIL: Field = crate::schema::long_text("mail");
        static NAME: Field = text("name");
        let same = |field, a: &str, b: &str| canonical(field, &json!(a)) == canonical(field, &json!(b));
        assert!(same(&MAIL, "\u{feff}<p>\r\nHi\r\n</p>\r\n", "<p>\nHi\n</p>\n"));
        assert!(!same(&MAIL, "a\nb", "a b") && !same(&MAIL, "a", "a\n"));
        assert!(!same(&NAME, "\u{feff}a", "a"), "in a name it is a letter");
    }

    proptest::proptest! {
        #[test]
        fn lists_maps_and_numbers_survive_the_wire(
            items in proptest::collection::vec("[a-z0-9:/.*-]{1,12}", 0..6),
            codes in proptest::collection::btree_map("[0-9]{1,15}", "[0-9]{1,8}", 0..6),
            port in 1..=65_535_i64,
        ) {
            for (field, written) in [(&URLS, json!(items)), (&IDS, json!(items)), (&CODES, json!(codes)), (&PORT, json!(port))] {
                proptest::prop_assert_eq!(&from_wire(field, &to_wire(field, &written)), &written);
                let once = canonical(field, &written);
                proptest::prop_assert_eq!(&canonical(field, &once), &once);
            }
            let backwards: Vec<_> = items.iter().rev().collect();
            proptest::prop_assert_eq!(canonical(&URLS, &json!(backwards)), canonical(&URLS, &json!(items)));
        }
    }
}
