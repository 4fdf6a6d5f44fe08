//! What the parser does not like, in words.

use granit_parser::{ErrorKind, Marker, ScanError};

use super::{interpolation, refusals};
use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, SourceId, Span};

/// The parser's error as a finding at the character where it stopped.
#[expect(clippy::wildcard_enum_match_arm, reason = "the parser has some eighty errors")]
pub(super) fn explain(error: &ScanError, source: SourceId, text: &str) -> Diagnostic {
    let at = offset(error.marker(), text);
    let span = Span::new(source, at, at + character_length(text, at));
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => return refusals::too_deep(span),
        ErrorKind::DirectiveDisallowed => {
            return Diagnostic::error(codes::DIRECTIVE, span, "directives are not supported")
                .hint("Remove the line; manifests are YAML 1.2.");
        }
        kind if is_tab(kind) => return refusals::tab(tab_near(source, text, at)),
        _ => {}
    }
    if let Some(finding) = interpolation::explain(source, text, at) {
        return finding;
    }
    let (message, hint) = words(error.kind());
    let finding = Diagnostic::error(codes::SYNTAX, span, message);
    if hint.is_empty() { finding } else { finding.hint(hint) }
}

/// A place of the parser as a span of ours.
pub(super) fn span(source: SourceId, text: &str, place: granit_parser::Span) -> Span {
    let start = offset(&place.start, text);
    Span::new(source, start, offset(&place.end, text).max(start))
}

/// The tab for which the parser stopped at byte `at`: in the indentation of that line, or else the next one.
fn tab_near(source: SourceId, text: &str, at: usize) -> Span {
    let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let rest = text.get(line..).unwrap_or_default();
    let indentation = rest.find(|character| !matches!(character, ' ' | '\t')).unwrap_or(rest.len());
    let in_indentation = rest.find('\t').filter(|&tab| tab < indentation).map(|tab| line + tab);
    let next = || text.get(at..).and_then(|after| after.find('\t')).map(|tab| at + tab);
    in_indentation.or_else(next).map_or(Span::new(source, at, at), |tab| Span::new(source, tab, tab + 1))
}

fn offset(marker: &Marker, text: &str) -> usize {
    marker.byte_offset().unwrap_or(text.len()).min(text.len())
}

fn character_length(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).filter(|next| !next.is_control()).map_or(0, char::len_utf8)
}

const fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    )
}

const CLOSE: &str = "Close it; the place is where reading gave up.";
const ALIGN: &str = "Members of one map or list begin in the same column.";
const QUOTE_COLON: &str = "A text that holds `: ` needs quotes, and members of one map begin in the same column.";

/// What went wrong and what to do, for the errors that people make; the rest as the parser says it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the parser has some eighty errors")]
fn words(kind: &ErrorKind) -> (String, &'static str) {
    let (message, hint) = match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a quote is not closed", CLOSE)
        }
        ErrorKind::UnexpectedEofFlowSequence => ("a list `[` is not closed", CLOSE),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("a map `{` is not closed", CLOSE)
        }
        ErrorKind::UnclosedFlowCollection { open } => return (format!("`{open}` is not closed"), CLOSE),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` is closed by `{close}`"), "");
        }
        ErrorKind::MisplacedFlowCollectionEnd => ("a bracket is closed that was not opened", ""),
        ErrorKind::ExpectedFlowMappingSeparator => ("a map in braces goes on with `,` or ends with `}`", ""),
        ErrorKind::ExpectedFlowSequenceSeparator => ("a list in brackets goes on with `,` or ends with `]`", ""),
        ErrorKind::ExpectedBlockMappingKey => ("a key belongs here", ALIGN),
        ErrorKind::ExpectedBlockSequenceEntry => ("a `- ` belongs here", ALIGN),
        ErrorKind::BlockSequenceEntryNotAllowed => ("a `- ` cannot stand here", ALIGN),
        ErrorKind::BlockEntryInFlowCollection => ("a `- ` cannot stand inside brackets", ""),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => ("a `:` is missing after a key", QUOTE_COLON),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("a `:` cannot stand here", QUOTE_COLON)
        }
        ErrorKind::MappingKeyNotAllowed => ("a key cannot stand here", ALIGN),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidBlockScalarIndent => ("this line is indented wrongly", ALIGN),
        ErrorKind::UnknownQuotedScalarEscape => {
            ("an unknown escape in double quotes", "Write `\\\\` for a backslash, or use single quotes.")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("something stands after the closing quote", "Write `''` for a quote within single quotes.")
        }
        ErrorKind::UnexpectedCharacter { .. } => {
            ("a text cannot begin with this character", "Put quotes around the text.")
        }
        ErrorKind::CommentNotSeparated => ("a space is missing before the comment", ""),
        ErrorKind::MissingAnchorOrAliasName => {
            ("a name is missing after `&` or `*`", "Put quotes around a text that begins with `&` or `*`.")
        }
        ErrorKind::BomInsideDocument => ("a byte order mark inside the document", "Remove it."),
        ErrorKind::UnexpectedEof => ("the file ends too early", ""),
        other => return (other.to_string().trim_end_matches('.').to_lowercase(), ""),
    };
    (message.to_owned(), hint)
}
