//! Text from outside as Markdown that is only ever text.
//!
//! What GitHub, GitLab and others make of Markdown beyond its specification (mentions, references, autolinks, emoji,
//! commits) they leave alone within code. So text from outside stands in code spans and fences, but for plain words.

use crate::diag::render::escape;
use crate::view::text::without_command;

/// A text as a code span: what is in it is shown as it is.
pub(super) fn code(text: &str) -> String {
    let text = escape(text);
    if text.trim().is_empty() {
        return format!("`\"{text}\"`");
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // One space on either side is taken off again by readers.
    let edge = |at: Option<char>| matches!(at, Some('`' | ' '));
    let space = if edge(text.chars().next()) || edge(text.chars().next_back()) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence: its plain words as they are, all else as code, what stands in back quotes too.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|quoted| quoted.trim().is_empty()) {
        return code(text);
    }
    let part = |(index, part): (usize, &&str)| match (index % 2, part.trim_matches(' ')) {
        (_, "") => (*part).to_owned(),
        (0, words) if is_plain(words) => (*part).to_owned(),
        (0, words) => part.replacen(words, &code(words), 1),
        _ => code(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// A sentence at the start of a point, where a number would make a list of it, and nothing a line under the point above.
pub(super) fn opening(text: &str) -> String {
    let text = text.trim_matches(' ');
    let is_number = text.starts_with(|first: char| first.is_ascii_digit());
    if text.is_empty() || is_number { code(text) } else { prose(text) }
}

/// A text as HTML code, for where Markdown is not read.
pub(super) fn html_code(text: &str) -> String {
    format!("<code>{}</code>", entities(text))
}

/// A text as HTML and XML read it back.
pub(in crate::view) fn entities(text: &str) -> String {
    escape(text).chars().fold(String::new(), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
        out
    })
}

/// Lines as a fenced block.
pub(super) fn fence(language: &str, lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    let lines: String = lines.iter().map(|line| format!("{}\n", without_command(line))).collect();
    format!("{fence}{language}\n{lines}{fence}\n")
}

/// A part that folds, below a line that stays.
pub(super) fn fold(open: bool, summary: &str, content: &str) -> String {
    let open = if open { " open" } else { "" };
    format!("\n<details{open}>\n<summary>{summary}</summary>\n{content}\n</details>\n")
}

pub(super) fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

/// Whether words are nothing but words: no character that Markdown or one of its dialects could take for more.
fn is_plain(words: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'\'');
    words.split(' ').all(|word| {
        let core = word.strip_prefix('(').unwrap_or(word).trim_end_matches([',', ';', '.', ':', ')', '?']);
        if core.is_empty() {
            return word.len() <= 1;
        }
        let number = core.len() < 7 && core.bytes().all(|byte| byte.is_ascii_digit());
        // Seven hexadecimal digits and more could be a commit.
        let commit = core.len() >= 7 && core.bytes().all(|byte| byte.is_ascii_hexdigit());
        number || (core.split('-').all(letters) && !commit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_code_unless_it_is_words() {
        for (text, wanted) in [
            ("restarts the database; clients must use TLS from then on", None),
            ("is removed: its value cannot be had back", None),
            ("If that is meant, add `--allow a/b`.", Some("If that is meant, add `--allow a/b`.")),
            ("ask @team", Some("`ask @team`")),
            ("see #1", Some("`see #1`")),
            ("GH-1", Some("`GH-1`")),
            ("deadbeef", Some("`deadbeef`")),
            ("www.example.com", Some("`www.example.com`")),
            ("a *b* c", Some("`a *b* c`")),
            ("one ` quote", Some("``one ` quote``")),
            ("a `` b", Some("```a `` b```")),
            ("of `@a` and `b`", Some("of `@a` and `b`")),
        ] {
            assert_eq!(prose(text), wanted.unwrap_or(text));
        }
        assert_eq!(opening("1. a list"), "`1. a list`");
        assert_eq!(opening(" "), "`\"\"`");
    }

    #[test]
    fn code_spans_hold_any_text() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(" "), "`\" \"`");
        assert_eq!(code("a\nb"), r"`a\nb`");
    }
}
