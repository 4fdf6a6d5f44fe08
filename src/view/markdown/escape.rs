//! Text from outside as Markdown that stays text.
//!
//! GitHub, GitLab and others extend Markdown (mentions, references, autolinks, emoji, commits), but not within code. So
//! text from outside is in code spans and fences, except for plain words.

use crate::diag::render::escape;
use crate::record::Place;
use crate::view::document::Links;
use crate::view::text::without_command;

/// A text as a code span, which shows it as it is.
pub fn code(text: &str) -> String {
    let text = escape(text);
    if text.trim().is_empty() {
        return format!("`\"{text}\"`");
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // Readers remove one space on either side.
    let edge = |at: Option<char>| matches!(at, Some('`' | ' '));
    let space = if edge(text.chars().next()) || edge(text.chars().next_back()) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence: its plain words as they are, all else as code, including text in back quotes. Where two pieces of code would
/// touch, all of it is code: their fences would be read as others.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|quoted| quoted.trim().is_empty()) {
        return code(text);
    }
    let pieces = parts.iter().enumerate().flat_map(|(index, part)| match (index % 2, part.trim_matches(' ')) {
        (_, "") => vec![Piece::Plain((*part).to_owned())],
        (0, _) => words(part),
        _ => vec![Piece::Code((*part).to_owned())],
    });
    let pieces: Vec<Piece> = pieces.filter(|piece| *piece != Piece::Plain(String::new())).collect();
    if pieces.windows(2).any(|pair| matches!(pair, [Piece::Code(_), Piece::Code(_)])) {
        return code(text);
    }
    let written = |piece: &Piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Code(text) => code(text),
    };
    pieces.iter().map(written).collect()
}

/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Code(String),
}

/// Plain words, and those between them as code; what ends a part of the sentence stands behind the code.
fn words(text: &str) -> Vec<Piece> {
    let mut pieces = vec![];
    let all: Vec<&str> = text.split(' ').collect();
    let runs: Vec<&[&str]> = all.chunk_by(|one, next| is_plain(one) == is_plain(next)).collect();
    for (index, run) in runs.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        let said = run.join(" ");
        if run.iter().all(|word| is_plain(word)) {
            // The space is a piece of its own, so that pieces of code do not touch.
            pieces.push(Piece::Plain(format!("{space}{said}")));
            continue;
        }
        let (start, core, end) = apart(&said);
        pieces.extend([
            Piece::Plain(format!("{space}{start}")),
            Piece::Code(core.to_owned()),
            Piece::Plain(end.to_owned()),
        ]);
    }
    pieces
}

/// What opens and what ends a part of a sentence, and what is between: `(`, `@ann`, `),`.
fn apart(text: &str) -> (&str, &str, &str) {
    let core = text.strip_prefix('(').unwrap_or(text);
    let (start, _) = text.split_at(text.len() - core.len());
    let ends: &[char] = if core.contains('(') { &[',', ';', '.', ':'] } else { &[',', ';', '.', ':', ')'] };
    let kept = core.trim_end_matches(ends);
    // More than that is no end of a sentence: `:::::`.
    if kept.is_empty() || core.len() > kept.len() + 2 {
        return ("", text, "");
    }
    let (core, end) = core.split_at(kept.len());
    (start, core, end)
}

/// A sentence at the start of a point. A number there would start a list, so it becomes code.
pub(super) fn opening(text: &str) -> String {
    let text = text.trim_matches(' ');
    let is_number = text.starts_with(|first: char| first.is_ascii_digit());
    if text.is_empty() || is_number { code(text) } else { prose(text) }
}

/// A place as code, which leads to its page where that is known; of a known file, only the line.
pub(super) fn linked(at: &Place, known: Option<&str>, links: Option<&Links>) -> String {
    let Place { file, line, column: _ } = at;
    let name = code(&if known == Some(file) { format!(":{line}") } else { format!("{file}:{line}") });
    links.map_or_else(|| name.clone(), |links| format!("[{name}]({})", links.to(at)))
}

/// Markdown as a cell of a table, which a bar would end even within code.
pub(super) fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// A text as HTML code, for places where Markdown is not read.
pub(super) fn html_code(text: &str) -> String {
    format!("<code>{}</code>", entities(text))
}

/// A text that HTML and XML read back unchanged.
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

/// A fold below a summary.
pub(super) fn fold(open: bool, summary: &str, content: &str) -> String {
    let open = if open { " open" } else { "" };
    format!("\n<details{open}>\n<summary>{summary}</summary>\n{content}\n</details>\n")
}

pub(super) fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

/// Whether a text is only words: it has no character with a meaning in Markdown or one of its dialects.
fn is_plain(words: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'\'');
    words.split(' ').all(|word| {
        let core = word.strip_prefix('(').unwrap_or(word).trim_end_matches([',', ';', '.', ':', ')', '?']);
        if core.is_empty() {
            return word.len() <= 1;
        }
        if matches!(core, "·" | "…") {
            return true;
        }
        let number = core.len() < 7 && core.bytes().all(|byte| byte.is_ascii_digit());
        // Seven or more hexadecimal digits could be a commit.
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
            ("is removed: its value cannot be recovered", None),
            ("If that is meant, add `--allow a/b`.", Some("If that is meant, add `--allow a/b`.")),
            ("ask @team", Some("ask `@team`")),
            ("by hand (@acme/security, until 2027-02-28)", Some("by hand (`@acme/security`, until `2027-02-28`)")),
            ("@a::::: b", Some("`@a:::::` b")),
            ("ask @team, or #1: both", Some("ask `@team`, or `#1`: both")),
            ("see #1", Some("see `#1`")),
            ("GH-1", Some("`GH-1`")),
            ("deadbeef", Some("`deadbeef`")),
            ("www.example.com", Some("`www.example.com`")),
            ("a *b* c", Some("a `*b*` c")),
            ("a *b c* d", Some("a `*b c*` d")),
            ("`a`: PATCH /v1/{ref}, but `b`", Some("`a`: PATCH `/v1/{ref}`, but `b`")),
            ("`a`@b", Some("`` `a`@b ``")),
            ("x@`a` b", Some("``x@`a` b``")),
            ("a  @b @c  d", Some("a  `@b @c`  d")),
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
