//! Quotes: removed where every reader understands the text without them, added where a reader of YAML 1.1 would not.

use granit_parser::ScalarStyle;

use super::super::node::Content;
use super::super::scalar;

/// A text of one line as a value on its own line.
#[must_use]
pub fn word(text: &str) -> String {
    quoted_unless_plain(text, Around::Line)
}

/// The same within brackets or braces, or as a key.
#[must_use]
pub fn word_in_brackets(text: &str) -> String {
    quoted_unless_plain(text, Around::Brackets)
}

fn quoted_unless_plain(text: &str, around: Around) -> String {
    if is_plain(text, around) { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// The surroundings of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Its line.
    Line,
    /// Brackets or braces.
    Brackets,
}

/// A scalar of one line in its formatted form; `raw` is the present one.
pub(super) fn written(raw: &str, text: &str, style: ScalarStyle, around: Around) -> String {
    match style {
        ScalarStyle::Plain if is_text(text) && is_old_word(text) => format!("\"{text}\""),
        // At the beginning of a line it would begin or end a document.
        ScalarStyle::Plain if is_marker(text) => serde_json::Value::from(text).to_string(),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if is_plain(text, around) => text.to_owned(),
        ScalarStyle::SingleQuoted if !text.contains(['"', '\\']) => format!("\"{text}\""),
        ScalarStyle::Plain
        | ScalarStyle::SingleQuoted
        | ScalarStyle::DoubleQuoted
        | ScalarStyle::Literal
        | ScalarStyle::Folded => raw.to_owned(),
    }
}

/// Whether a text begins as a line does that begins or ends a document.
fn is_marker(text: &str) -> bool {
    let rest = text.strip_prefix("---").or_else(|| text.strip_prefix("..."));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

fn is_text(text: &str) -> bool {
    matches!(scalar::resolve(text), Ok(Content::Text { .. }))
}

/// Whether a text certainly needs no quotes.
fn is_plain(text: &str, around: Around) -> bool {
    let known = |c: char| c.is_alphanumeric() || " _-./@+()!?;=&%'".contains(c) || (c == ':' && around == Around::Line);
    let after_colons = || text.match_indices(':').map(|(at, _)| text.get(at + 1..).unwrap_or_default());
    let is_amount = || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (text.starts_with(|c: char| c.is_alphabetic() || c == '/') || is_amount())
        && !text.ends_with(' ')
        && text.chars().all(known)
        && after_colons().all(|rest| !rest.is_empty() && !rest.starts_with(' '))
        && is_text(text)
        && !is_old_word(text)
}

/// Whether a text of YAML 1.2 is something else in YAML 1.1: a boolean, a number, a date.
fn is_old_word(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "=" | "<<") {
        return true;
    }
    let number = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    let all = |digits: &str, known: &str| !digits.is_empty() && digits.chars().all(|c| known.contains(c));
    match number.split_at_checked(2) {
        Some(("0b", digits)) => return all(digits, "01_"),
        Some(("0x", digits)) => return all(digits, "0123456789abcdef_"),
        _ => {}
    }
    let starts = number.starts_with(|c: char| c.is_ascii_digit());
    let grouped = number.contains(['_', ':']) && all(number, "0123456789_:.") && number.matches('.').count() <= 1;
    starts && (grouped || is_date(number))
}

/// `2026-01-31`, alone or followed by a time.
fn is_date(text: &str) -> bool {
    let date = text.split(['t', ' ']).next().unwrap_or_default();
    let mut parts = date.split('-');
    let is = |part: Option<&str>, lengths: &[usize]| {
        part.is_some_and(|part| lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is(parts.next(), &[4]) && is(parts.next(), &[1, 2]) && is(parts.next(), &[1, 2]) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_off_and_go_on() {
        use ScalarStyle::{DoubleQuoted, Plain, SingleQuoted};
        for (style, raw, text, line, brackets) in [
            (Plain, "acme", "acme", "acme", "acme"),
            (Plain, "no", "no", "\"no\"", "\"no\""),
            (Plain, "--- a", "--- a", "\"--- a\"", "\"--- a\""),
            (Plain, "---a", "---a", "---a", "---a"),
            (Plain, "On", "On", "\"On\"", "\"On\""),
            (Plain, "1_000", "1_000", "\"1_000\"", "\"1_000\""),
            (Plain, "12:30", "12:30", "\"12:30\"", "\"12:30\""),
            (Plain, "0b11", "0b11", "\"0b11\"", "\"0b11\""),
            (Plain, "2026-01-31", "2026-01-31", "\"2026-01-31\"", "\"2026-01-31\""),
            (Plain, "true", "true", "true", "true"),
            (Plain, "1e3", "1e3", "1e3", "1e3"),
            (Plain, "192.168.0.1", "192.168.0.1", "192.168.0.1", "192.168.0.1"),
            (Plain, "30m", "30m", "30m", "30m"),
            (DoubleQuoted, "\"acme\"", "acme", "acme", "acme"),
            (DoubleQuoted, "\"1h30m\"", "1h30m", "1h30m", "1h30m"),
            (DoubleQuoted, "\"0x1F\"", "0x1F", "\"0x1F\"", "\"0x1F\""),
            (DoubleQuoted, "\"0o17\"", "0o17", "\"0o17\"", "\"0o17\""),
            (DoubleQuoted, "\"0123\"", "0123", "\"0123\"", "\"0123\""),
            (DoubleQuoted, "\"1e3\"", "1e3", "\"1e3\"", "\"1e3\""),
            (DoubleQuoted, "\"Zoë (dev)\"", "Zoë (dev)", "Zoë (dev)", "Zoë (dev)"),
            (SingleQuoted, "'Acme Inc'", "Acme Inc", "Acme Inc", "Acme Inc"),
            (SingleQuoted, "'it''s'", "it's", "it's", "it's"),
            (SingleQuoted, "'https://a.dev/x'", "https://a.dev/x", "https://a.dev/x", "\"https://a.dev/x\""),
            (SingleQuoted, "'12'", "12", "\"12\"", "\"12\""),
            (SingleQuoted, "'a \"b\": c'", "a \"b\": c", "'a \"b\": c'", "'a \"b\": c'"),
            (SingleQuoted, "'[\\d]'", "[\\d]", "'[\\d]'", "'[\\d]'"),
            (DoubleQuoted, "\"true\"", "true", "\"true\"", "\"true\""),
            (DoubleQuoted, "\"no\"", "no", "\"no\"", "\"no\""),
            (DoubleQuoted, "\"\"", "", "\"\"", "\"\""),
            (DoubleQuoted, "\"a: b\"", "a: b", "\"a: b\"", "\"a: b\""),
            (DoubleQuoted, "\"a #b\"", "a #b", "\"a #b\"", "\"a #b\""),
            (DoubleQuoted, "\"a:\"", "a:", "\"a:\"", "\"a:\""),
            (DoubleQuoted, "\"${var.x}\"", "${var.x}", "\"${var.x}\"", "\"${var.x}\""),
            (DoubleQuoted, "\"a\\nb\"", "a\nb", "\"a\\nb\"", "\"a\\nb\""),
            (DoubleQuoted, "\" a\"", " a", "\" a\"", "\" a\""),
            (DoubleQuoted, "\"~\"", "~", "\"~\"", "\"~\""),
        ] {
            assert_eq!(written(raw, text, style, Around::Line), line, "{raw}");
            assert_eq!(written(raw, text, style, Around::Brackets), brackets, "{raw} in brackets");
        }
    }
}
