//! Writes a value as lines of YAML, in the form of `fmt`, and as a tree.

use serde_json::Value;

use super::super::format::{WIDTH, word, word_in_brackets};
use super::super::{Content, Entry, Key, Node, Style};
use crate::diag::Span;

/// A value after `KEY:` in a line with `indent` spaces and `used` characters: the rest of that line, and the lines below
/// it.
pub(super) fn lines(value: &Value, indent: usize, used: usize) -> Vec<String> {
    match value {
        Value::String(text) if is_block(text) => block(text, indent + 2),
        Value::Array(items) if !fits(value, used) => {
            let items = items.iter().flat_map(|value| item(value, indent + 2));
            std::iter::once(String::new()).chain(items).collect()
        }
        Value::Object(members) if !fits(value, used) => {
            let members = members.iter().flat_map(|(key, value)| member(key, value, indent + 2));
            std::iter::once(String::new()).chain(members).collect()
        }
        Value::String(text) => vec![word(text)],
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            vec![flow(value)]
        }
    }
}

/// An item of a list in lines of its own; the first begins with its dash.
pub(super) fn item(value: &Value, indent: usize) -> Vec<String> {
    let mut lines = lines(value, indent, indent + 2);
    // A value with lines of its own begins behind the dash.
    if lines.len() > 1 && lines.first().is_some_and(String::is_empty) {
        lines.remove(0);
    }
    if let Some(first) = lines.first_mut() {
        *first = format!("{:indent$}- {}", "", first.trim_start());
    }
    lines
}

/// A member of a map in lines of its own, in the form of `fmt`.
#[must_use]
pub fn member(key: &str, value: &Value, indent: usize) -> Vec<String> {
    let start = format!("{:indent$}{}:", "", word_in_brackets(key));
    let mut lines = lines(value, indent, start.chars().count() + 1);
    if let Some(first) = lines.first_mut() {
        *first = if first.is_empty() { start } else { format!("{start} {first}") };
    }
    lines
}

/// A value on one line, as within brackets.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => word_in_brackets(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{}: {}", word_in_brackets(key), flow(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other.to_string(),
    }
}

/// Whether a list or a map fits on one line: it is short, and no text in it has several lines.
fn fits(value: &Value, used: usize) -> bool {
    !has_block(value) && used + flow(value).chars().count() <= WIDTH
}

fn has_block(value: &Value) -> bool {
    match value {
        Value::String(text) => is_block(text),
        Value::Array(items) => items.iter().any(has_block),
        Value::Object(members) => members.values().any(has_block),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a text can be written with `|`: it has several lines, and nothing that a block would hide or change.
fn is_block(text: &str) -> bool {
    let odd = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'));
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n') && !body.starts_with([' ', '\n']) && !body.ends_with(char::is_whitespace) && !text.contains(odd)
}

fn block(text: &str, indent: usize) -> Vec<String> {
    let (mark, body) = text.strip_suffix('\n').map_or(("|-", text), |body| ("|", body));
    let line = |line: &str| if line.is_empty() { String::new() } else { format!("{:indent$}{line}", "") };
    std::iter::once(mark.to_owned()).chain(body.split('\n').map(line)).collect()
}

/// A value as a tree; `None` where no text can be read as it.
pub(super) fn node_of(value: &Value, span: Span) -> Option<Node> {
    let content = match value {
        Value::Null => Content::Null { written: true },
        Value::Bool(it) => Content::Bool(*it),
        Value::Number(number) => match (number.as_i128(), number.as_f64()) {
            (Some(whole), _) => Content::Int(whole),
            (None, number) => Content::Float(number?),
        },
        Value::String(text) => Content::Text { text: text.clone(), style: Style::Plain },
        Value::Array(items) => Content::List(items.iter().map(|item| node_of(item, span)).collect::<Option<_>>()?),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                Some(Entry { key: Key { name: name.clone(), span }, value: node_of(value, span)? })
            };
            Content::Map(members.iter().map(member).collect::<Option<_>>()?)
        }
    };
    Some(Node { span, content })
}
