//! Text that came from outside, made safe to print: no control characters, no marks that turn text around or hide it.

use std::borrow::Cow;

/// Whether a character could change what a terminal or a reader sees: controls, bidirectional overrides, zero-width and
/// tag characters, line and paragraph separators.
#[must_use]
pub(crate) const fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line of safe text: what could deceive is written as `\u{1b}`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    replace(text, |_| false)
}

/// Safe text that keeps its line breaks.
#[must_use]
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    replace(text, |c| c == '\n')
}

fn replace(text: &str, keep: fn(char) -> bool) -> Cow<'_, str> {
    let bad = |c: char| is_deceptive(c) && !keep(c);
    if !text.chars().any(bad) {
        return Cow::Borrowed(text);
    }
    let safe = text.chars().fold(String::with_capacity(text.len() + 8), |mut safe, c| {
        match c {
            '\t' => safe.push_str("\\t"),
            '\n' if bad(c) => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            c if bad(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
        safe
    });
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o01_what_could_deceive_is_shown_as_text() {
        assert_eq!(escape("a\u{1b}[2Jb\r\u{202e}c\td\n"), "a\\u{1b}[2Jb\\r\\u{202e}c\\td\\n");
        assert_eq!(escape("ünïcode → ok"), "ünïcode → ok");
        assert_eq!(escape_lines("a\nb\u{7}"), "a\nb\\u{7}");
    }
}
