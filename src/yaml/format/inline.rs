//! Formats what is on one line: scalars, keys, and lists and maps in brackets.

use super::tree::{Member, Part, Shape, is_block};
use super::words::{Around, word, written};

/// A scalar, or the lines of a longer text, whose line breaks stay as they are.
pub(super) fn lines(text: &str, part: &Part, indent: usize) -> Option<String> {
    let raw = part.raw(text);
    if !raw.contains('\n') {
        return scalar(text, part, Around::Line);
    }
    let indent = " ".repeat(indent);
    let mut lines = String::new();
    for (number, line) in raw.split('\n').enumerate() {
        let line = line.trim_start_matches([' ', '\t']);
        let end = line.trim_end_matches([' ', '\t']);
        // A backslash may escape the blank behind it.
        let line = if end.ends_with('\\') { line } else { end };
        if number > 0 {
            lines.push('\n');
            lines.push_str(if line.is_empty() { "" } else { &indent });
        }
        lines.push_str(line);
    }
    Some(lines)
}

/// A key on one line, even if it was written on several (`? …`).
pub(super) fn key(text: &str, part: &Part, around: Around) -> Option<String> {
    match &part.shape {
        Shape::Word { text: value, .. } if part.raw(text).contains('\n') => Some(word(value)),
        Shape::Word { .. } | Shape::Alias | Shape::Block(_) | Shape::Flow(_) => scalar(text, part, around),
    }
}

/// A list or map on one line; `None` where it has several lines, or comments.
pub(super) fn flow(text: &str, part: &Part) -> Option<String> {
    let (Shape::Flow(members) | Shape::Block(members)) = &part.shape else {
        return scalar(text, part, Around::Brackets);
    };
    let raw = part.raw(text);
    if raw.contains('\n') && !members.is_empty() {
        return None;
    }
    let member = |member: &Member| {
        let value = anchored(&member.value, &flow(text, &member.value)?);
        let Some(name) = &member.key else { return Some(value) };
        let name = anchored(name, &key(text, name, Around::Brackets)?);
        Some(joined(&format!("{name}:"), &value))
    };
    let all = members.iter().map(member).collect::<Option<Vec<_>>>()?.join(", ");
    let is_map = raw.starts_with('{') || members.iter().any(|member| member.key.is_some());
    Some(if is_map { format!("{{{all}}}") } else { format!("[{all}]") })
}

/// A scalar or an alias on one line, without its anchor.
fn scalar(text: &str, part: &Part, around: Around) -> Option<String> {
    let raw = part.raw(text);
    match &part.shape {
        Shape::Alias => Some(raw.to_owned()),
        Shape::Word { style, text } if !raw.contains('\n') && !is_block(*style) => {
            Some(written(raw, text, *style, around))
        }
        Shape::Word { .. } | Shape::Block(_) | Shape::Flow(_) => None,
    }
}

pub(super) fn anchored(part: &Part, text: &str) -> String {
    let anchor = part.anchor.as_ref().map_or(String::new(), |name| format!("&{name}"));
    joined(&anchor, text)
}

pub(super) fn joined(one: &str, other: &str) -> String {
    match (one, other) {
        ("", other) => other.to_owned(),
        (one, "") => one.to_owned(),
        (one, other) => format!("{one} {other}"),
    }
}

/// The width in characters.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}
