//! Valid YAML that is refused: the findings of the loader, each built in one place. None shows a value.

use granit_parser::ScalarStyle;

use super::escapes::escapes;
use super::limits;
use super::node::{Content, Node};
use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, SourceId, Span, chars};

/// A tag, as written.
pub(super) fn tag(span: Span, written: &str) -> Diagnostic {
    let hint = match written {
        "!!str" | "!" => "Put quotes around a text.",
        "!include" | "!file" => "Use `{file: PATH}` for the text of a file.",
        "!env" | "!ENV" => "Use `{env: NAME}` for a secret of the environment, or `${var.NAME}`.",
        _ => "Remove it; quotes make a text, `{file: PATH}` reads one.",
    };
    Diagnostic::error(codes::TAG, span, "tags are not supported").hint(hint)
}

/// The first level beyond the limit.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(codes::TOO_DEEP, span, format!("nesting deeper than {} levels", limits::DEPTH))
}

/// The value that exceeds the budget of nodes or of text.
pub(super) fn over_budget(span: Span, nodes: usize) -> Diagnostic {
    let (limit, what) = if nodes > limits::NODES {
        (limits::NODES, "keys and values")
    } else {
        (limits::EXPANDED_BYTES, "bytes of text")
    };
    Diagnostic::error(codes::TOO_MANY_NODES, span, format!("more than {limit} {what} after expanding aliases"))
        .here("the limit is crossed here")
        .hint("Split the file.")
}

/// A key or text that is too long, at its first character.
pub(super) fn too_long(span: Span, bytes: usize) -> Diagnostic {
    let head = Span { end: span.start + 1, ..span };
    let message = format!("a text of {bytes} bytes, and {} are allowed", limits::TEXT_BYTES);
    Diagnostic::error(codes::TEXT_TOO_LONG, head, message)
        .hint("Put it into a file of its own and name that with `{file: PATH}`.")
}

/// A second document in the stream.
pub(super) fn second_document(span: Span) -> Diagnostic {
    Diagnostic::error(codes::SECOND_DOCUMENT, span, "a second document begins here")
        .hint("Put several projects under `projects:`, or each into a file of its own.")
}

/// A file without a value.
pub(super) fn says_nothing(span: Span) -> Diagnostic {
    Diagnostic::error(codes::SAYS_NOTHING, span, "the file is empty")
        .hint("Remove the file, or write a document; nothing is ever deleted because a file is empty.")
}

/// A list or map as a key.
pub(super) fn complex_key(span: Span) -> Diagnostic {
    Diagnostic::error(codes::KEY_NOT_TEXT, span, "a list or map cannot be a key")
        .hint("Put quotes around a text that begins with a bracket or brace.")
}

/// An alias as a key.
pub(super) fn alias_as_key(span: Span) -> Diagnostic {
    Diagnostic::error(codes::KEY_NOT_TEXT, span, "an alias cannot be a key").hint("Write the key out.")
}

/// An alias before its anchor, or without one.
pub(super) fn unknown_anchor(span: Span, name: &str) -> Diagnostic {
    let message = format!("there is no anchor `&{}` before this", shorten(name));
    Diagnostic::error(codes::UNKNOWN_ANCHOR, span, message)
        .hint("Put quotes around a text that begins with an asterisk.")
}

/// An alias that would repeat itself.
pub(super) fn alias_in_itself(span: Span, written: &str) -> Diagnostic {
    let message = format!("`{}` stands inside its own anchor", shorten(written));
    Diagnostic::error(codes::ALIAS_IN_ITSELF, span, message)
}

/// A key that stands twice; `first` is the other place.
pub(super) fn duplicate_key(span: Span, first: Span, name: &str) -> Diagnostic {
    let message = format!("key `{}` stands twice", shorten(name));
    Diagnostic::error(codes::DUPLICATE_KEY, span, message).here("again").label(first, "first here")
}

/// A scalar key that is no text of one line, or asks for a merge.
pub(super) fn key(key: &Node, name: &str, style: ScalarStyle) -> Option<Diagnostic> {
    let refuse = |message: String| Diagnostic::error(codes::KEY_NOT_TEXT, key.span, message);
    match &key.content {
        Content::Text { .. } if name == "<<" && style == ScalarStyle::Plain => {
            let error = Diagnostic::error(codes::MERGE_KEY, key.span, "merge keys are not supported");
            Some(error.hint("Say what is common in a profile, and use it with `extends:`."))
        }
        Content::Text { .. } if name.contains(['\n', '\t']) => {
            Some(refuse("a key is a text of one line, without tabs".to_owned()))
        }
        Content::Text { .. } => None,
        Content::Null { written: false } => {
            let error = refuse("nothing stands where a key belongs".to_owned());
            Some(error.hint("Write a key before the colon."))
        }
        Content::Null { .. }
        | Content::Bool(_)
        | Content::Int(_)
        | Content::Float(_)
        | Content::List(_)
        | Content::Map(_) => Some(
            refuse(format!("this key is {}, not a text", key.what()))
                .hint("Put quotes around a key that is meant to be a text.")
                .fix(key.span, format!("\"{name}\"")),
        ),
    }
}

/// A character in a key that nobody sees.
pub(super) fn invisible_in_key(span: Span, character: char) -> Diagnostic {
    let message = format!("the key holds the invisible character {}", chars::name(character));
    Diagnostic::error(codes::INVISIBLE_CHARACTER, span, message).hint("Remove it.")
}

/// A character elsewhere that nobody sees.
pub(super) fn invisible(span: Span, character: char) -> Diagnostic {
    let message = format!("invisible character {}", chars::name(character));
    Diagnostic::warning(codes::INVISIBLE_CHARACTER, span, message)
}

/// The first tab in the indentation of a value that begins its line at `start`.
pub(super) fn tab_before(source: SourceId, text: &str, start: usize) -> Option<Diagnostic> {
    let before = text.as_bytes().get(..start)?;
    let indentation = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'?')).count();
    let line = start - indentation;
    let begins_line = matches!(before.get(..line), None | Some([] | [.., b'\n'] | [0xef, 0xbb, 0xbf]));
    let at = line + before.get(line..)?.iter().position(|&byte| byte == b'\t')?;
    begins_line.then(|| tab(Span::new(source, at, at + 1)))
}

/// A tab where YAML wants spaces.
pub(super) fn tab(span: Span) -> Diagnostic {
    Diagnostic::error(codes::TAB, span, "a tab where YAML wants spaces").hint("Indent with spaces.")
}

/// The escapes of a double-quoted text that smuggle in what may not stand there raw.
pub(super) fn hidden_escapes(span: Span, raw: &str) -> impl Iterator<Item = Diagnostic> {
    escapes(raw).filter_map(move |(range, character)| {
        let start = span.start as usize;
        let place = Span::new(span.source, start + range.start, start + range.end);
        let name = chars::name(character);
        if chars::is_invisible(character) {
            let message = format!("an escape for the invisible character {name}");
            return Some(Diagnostic::error(codes::INVISIBLE_CHARACTER, place, message).hint("Remove it."));
        }
        if chars::is_control(character) || chars::is_foreign_break(character) || character == '\r' {
            let message = format!("an escape for the control character {name}");
            let error = Diagnostic::error(codes::CONTROL_CHARACTER, place, message);
            return Some(error.hint("Remove it; `\\n` and `\\t` are the ones that a text may hold."));
        }
        None
    })
}

/// As much of a name as fits into a message.
fn shorten(name: &str) -> String {
    const SHOWN: usize = 60;
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}
