//! Values of PostgreSQL as the API has them in JSON: as the service beside the database reads them, which is written in JavaScript.

use postgres_protocol::Oid;
use serde_json::{Value, json};

/// The largest whole number that JavaScript has exactly.
const SAFE: i64 = (1 << 53) - 1;

/// A value of a type, from its text.
pub(super) fn read(oid: Oid, text: &str) -> Value {
    let whole = || text.parse::<i64>().map_or_else(|_| text.into(), Value::from);
    match oid {
        16 => (text == "t").into(),
        // Larger ones would lose digits.
        20 => text.parse::<i64>().ok().filter(|it| it.abs() <= SAFE).map_or_else(|| text.into(), Value::from),
        21 | 23 | 26 => whole(),
        // What is no number in JSON becomes `null`.
        700 | 701 => text.parse::<f64>().map_or(Value::Null, number),
        114 | 3802 => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        17 => bytes(text),
        _ => match element(oid) {
            Some(element) => list(text, element).unwrap_or_else(|| text.into()),
            None => text.into(),
        },
    }
}

/// The type of the elements of a list, as far as lists are read; `numeric` and `bigint` are read otherwise within one.
fn element(oid: Oid) -> Option<Oid> {
    Some(match oid {
        1000 => 16,
        1005 => 21,
        1007 => 23,
        1028 => 26,
        1021 => 700,
        1022 | 1231 => 701,
        199 | 3807 => 114,
        1001 => 17,
        // Texts: bigint, char, varchar, text, name, inet, cidr, macaddr, uuid, times and ranges.
        1016 | 1014 | 1015 | 1009 | 1008 | 1040 | 1041 | 1115 | 1182 | 1183 | 1185 | 1187 | 1270 | 2951 | 651 => 25,
        _ => return None,
    })
}

/// JavaScript has one sort of number.
fn number(float: f64) -> Value {
    if float.fract() == 0.0 && float.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        let whole = float as i64;
        return whole.into();
    }
    json!(float)
}

fn bytes(text: &str) -> Value {
    let digits = text.strip_prefix("\\x").unwrap_or_default().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    json!({"type": "Buffer", "data": digits.chunks(2).filter_map(byte).collect::<Vec<_>>()})
}

/// A list such as `{a,"b c",NULL,{d}}`.
fn list(text: &str, element: Oid) -> Option<Value> {
    // Bounds that do not begin with 1 stand in front: `[0:1]={a,b}`.
    let text = if text.starts_with('[') { text.split_once('=')?.1 } else { text };
    let mut rest = text.strip_prefix('{')?.chars();
    members(&mut rest, element)
}

fn members(rest: &mut std::str::Chars<'_>, element: Oid) -> Option<Value> {
    let (mut members, mut text, mut quoted, mut inner) = (vec![], String::new(), false, None);
    loop {
        match rest.next()? {
            '{' => inner = Some(self::members(rest, element)?),
            '"' => {
                quoted = true;
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => text.push(rest.next()?),
                        other => text.push(other),
                    }
                }
            }
            end @ (',' | '}') => {
                let given = std::mem::take(&mut text);
                match inner.take() {
                    Some(list) => members.push(list),
                    None if !quoted && given == "NULL" => members.push(Value::Null),
                    None if quoted || !given.is_empty() => members.push(read(element, &given)),
                    None => {}
                }
                quoted = false;
                if end == '}' {
                    return Some(members.into());
                }
            }
            other => text.push(other),
        }
    }
}

/// A parameter of a query as its text; `None` for null.
pub(super) fn parameter(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(","))),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
    }
}

fn item(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Array(_) => parameter(value).unwrap_or_default(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            let text = parameter(value).unwrap_or_default();
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_javascript() {
        for (oid, text, expected) in [
            (16, "t", json!(true)),
            (20, "9007199254740991", json!(9_007_199_254_740_991_i64)),
            (20, "9007199254740993", json!("9007199254740993")),
            (23, "-5", json!(-5)),
            (701, "2", json!(2)),
            (701, "0.5", json!(0.5)),
            (701, "NaN", Value::Null),
            (1700, "1.50", json!("1.50")),
            (3802, r#"{"a": [1]}"#, json!({"a": [1]})),
            (17, "\\x00ff", json!({"type": "Buffer", "data": [0, 255]})),
            (1184, "2026-01-01 00:00:00+00", json!("2026-01-01 00:00:00+00")),
            (1009, r#"{a,"b,\"c\\",NULL,"NULL",""}"#, json!(["a", "b,\"c\\", null, "NULL", ""])),
            (1007, "{{1,2},{3,4}}", json!([[1, 2], [3, 4]])),
            (1009, "{}", json!([])),
            (1009, "[0:1]={a,b}", json!(["a", "b"])),
            (1016, "{1}", json!(["1"])),
            (16_999, "{a}", json!("{a}")),
        ] {
            assert_eq!(read(oid, text), expected, "{text}");
        }
    }

    #[test]
    fn parameters_are_those_of_the_driver() {
        for (value, expected) in [
            (json!(null), None),
            (json!("it's"), Some("it's")),
            (json!(1), Some("1")),
            (json!(true), Some("true")),
            (json!({"a": 1}), Some(r#"{"a":1}"#)),
            (json!(["a", "b\"", null, [1]]), Some(r#"{"a","b\"",NULL,{"1"}}"#)),
        ] {
            assert_eq!(parameter(&value).as_deref(), expected, "{value}");
        }
    }
}
