//! Small parts of texts for people.

use unicode_width::UnicodeWidthStr as _;

/// `1 field`, `2 fields`.
#[must_use]
pub fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}

/// The first eight digits of an id, for display; an id is hexadecimal digits.
#[must_use]
pub fn short_id(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// The width of a text in columns of a terminal.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.width()
}
