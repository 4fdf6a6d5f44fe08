//! Checks of request bodies, with refusals in the style of the API's own validator.

use serde_json::{Map, Value};

use super::answer::{Answer, refuse};

/// The body as an object.
pub(super) fn object(body: Option<&Value>) -> Result<&Map<String, Value>, Answer> {
    match body {
        Some(Value::Object(members)) => Ok(members),
        other => Err(refuse(400, format!("Invalid input: expected object, received {}", word(other)))),
    }
}

/// The body as a list.
pub(super) fn list(body: Option<&Value>) -> Result<&Vec<Value>, Answer> {
    match body {
        Some(Value::Array(items)) => Ok(items),
        other => Err(refuse(400, format!("Invalid input: expected array, received {}", word(other)))),
    }
}

/// Refuses members that a strict body does not know.
pub(super) fn strict(members: &Map<String, Value>, known: &[&str]) -> Result<(), Answer> {
    let unknown: Vec<String> =
        members.keys().filter(|name| !known.contains(&name.as_str())).map(|name| format!("\"{name}\"")).collect();
    match unknown.as_slice() {
        [] => Ok(()),
        [one] => Err(refuse(400, format!("Unrecognized key: {one}"))),
        many => Err(refuse(400, format!("Unrecognized keys: {}", many.join(", ")))),
    }
}

/// A required text.
pub(super) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, Answer> {
    match members.get(name) {
        Some(Value::String(text)) => Ok(text),
        other => Err(expected(name, "string", other)),
    }
}

/// A text that may be left out.
pub(super) fn optional_text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Answer> {
    if members.contains_key(name) { text(members, name).map(Some) } else { Ok(None) }
}

/// The API's message for a wrong type: `name: Invalid input: expected string, received number`.
pub(super) fn expected(name: &str, what: &str, given: Option<&Value>) -> Answer {
    refuse(400, format!("{name}: Invalid input: expected {what}, received {}", word(given)))
}

/// One of a choice of values.
pub(super) fn one_of(name: &str, given: &str, words: &[&str]) -> Result<(), Answer> {
    if words.contains(&given) {
        return Ok(());
    }
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Err(refuse(400, format!("{name}: Invalid option: expected one of {}", words.join("|"))))
}

/// The form of an organization's slug.
pub(super) const SLUG: &str = "^[\\w-]+$";

/// A text that does not match a pattern.
pub(super) fn no_match(name: &str, pattern: &str) -> Answer {
    refuse(400, format!("{name}: Invalid string: must match pattern /{pattern}/"))
}

/// A length in characters.
pub(super) fn length(name: &str, given: &str, least: usize, most: usize) -> Result<(), Answer> {
    let characters = given.chars().count();
    if characters < least {
        return Err(refuse(400, format!("{name}: Too small: expected string to have >={least} characters")));
    }
    if characters > most {
        return Err(refuse(400, format!("{name}: Too big: expected string to have <={most} characters")));
    }
    Ok(())
}

/// The type of a value, in the validator's words.
pub(super) fn word(given: Option<&Value>) -> &'static str {
    match given {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
