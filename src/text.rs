//! Small things that texts for people are made of.

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

/// How many columns of a terminal a text takes.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.width()
}
