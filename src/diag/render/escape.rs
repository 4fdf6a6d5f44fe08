//! Makes text safe to print: invisible characters become visible, control characters harmless.
//!
//! Some CI systems heed commands in the middle of a line: GitHub's runner `##[…]`, Azure's `##vso[…]`, TeamCity's
//! `##teamcity[…]`. Their second `#` is escaped. Commands that must begin a line (`::error::`) are the caller's to prevent.

use std::borrow::Cow;

use crate::diag::chars;

/// Makes text safe to print within a line: control and invisible characters, tabs and line breaks become `\u{1b}`,
/// `\t`, `\n`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, is_unsafe)
}

/// Like [`escape`], but keeps line feeds and tabs, for texts of several lines.
#[must_use]
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    escape_where(text, |character| !matches!(character, '\n' | '\t') && is_unsafe(character))
}

/// Makes serialized JSON safe to print: JSON itself escapes C0 only, the rest becomes `\u202e` as well.
#[must_use]
pub fn escape_json(json: &str) -> Cow<'_, str> {
    let refused = |character| !matches!(character, '\n' | '\r' | '\t') && is_unsafe(character);
    escape_by(json, refused, |safe, character| {
        safe.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
    })
}

/// Appends the escape of one character.
pub(super) fn push_escaped(out: &mut String, character: char) {
    if matches!(character, '\n' | '\r' | '\t') {
        out.extend(character.escape_default());
    } else {
        out.extend(character.escape_unicode());
    }
}

/// Whether a character must not be printed within a line.
pub(super) const fn is_unsafe(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\t')
        || chars::is_control(character)
        || chars::is_foreign_break(character)
        || chars::is_invisible(character)
}

/// Whether `rest` begins with a command's `#[`, `#vso[` or `#teamcity[`, and `before` ends with another `#`.
pub(super) fn is_inner_command(before: &str, rest: &str) -> bool {
    let name = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[');
    before.ends_with('#') && rest.strip_prefix('#').is_some_and(name)
}

fn escape_where(text: &str, refused: impl Fn(char) -> bool) -> Cow<'_, str> {
    escape_by(text, refused, push_escaped)
}

fn escape_by(text: &str, refused: impl Fn(char) -> bool, push: impl Fn(&mut String, char)) -> Cow<'_, str> {
    // Most texts are plain ASCII, which need not be looked at character by character.
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if (is_plain || !text.contains(&refused)) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        let (before, rest) = text.split_at(at);
        if refused(character) || is_inner_command(before, rest) {
            push(&mut safe, character);
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_become_visible() {
        assert_eq!(escape("a\u{1b}[2Jb"), r"a\u{1b}[2Jb");
        assert_eq!(escape("\u{202e}\u{200b}\u{85}\u{9b}\u{7f}\0"), r"\u{202e}\u{200b}\u{85}\u{9b}\u{7f}\u{0}");
        assert_eq!(escape("a\r\n\tb"), r"a\r\n\tb");
        assert_eq!(escape_lines("a\r\n\tb"), "a\\r\n\tb");
    }

    #[test]
    fn commands_of_ci_systems_in_the_middle_of_a_line_are_broken() {
        assert_eq!(escape("a ##[group]b ##vso[task.x]c ##teamcity[d]"), {
            r"a #\u{23}[group]b #\u{23}vso[task.x]c #\u{23}teamcity[d]"
        });
        assert_eq!(escape("####[x] ## a[1] #[x]"), r"###\u{23}[x] ## a[1] #[x]");
    }

    #[test]
    fn json_stays_json() {
        let hostile = serde_json::json!({"a": "\u{202e}\u{7f}\u{e0041}\n\u{1b}##[x]"});
        let safe = escape_json(&hostile.to_string()).into_owned();
        assert_eq!(safe, r#"{"a":"\u202e\u007f\udb40\udc41\n\u001b#\u0023[x]"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), hostile);
    }

    #[test]
    fn harmless_text_is_not_copied() {
        assert!(matches!(escape("Zürich ❤\u{fe0f} 東京"), Cow::Borrowed(_)));
    }
}
