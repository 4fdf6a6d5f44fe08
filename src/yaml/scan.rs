//! The look at the raw characters before parsing: what no YAML reader should be asked to make sense of.

use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, SourceId, Span, chars};

/// What the raw characters show.
pub(super) struct Scan {
    /// Characters for which the file is refused.
    pub(super) refusals: Vec<Diagnostic>,
    /// Bytes at which a character stands that is not seen; whether it is refused depends on what holds it.
    pub(super) invisible: Vec<usize>,
}

/// More refusals than this tell nothing new: the file is binary or hostile.
const ENOUGH: usize = 10;

/// Looks at every character once.
pub(super) fn scan(source: SourceId, text: &str) -> Scan {
    let mut found = Scan { refusals: vec![], invisible: vec![] };
    for (at, character) in text.char_indices() {
        // Nearly all characters are printable ASCII.
        if matches!(character, ' '..='~' | '\n') {
            continue;
        }
        let span = Span::new(source, at, at + character.len_utf8());
        if chars::is_invisible(character) {
            let byte_order_mark = character == '\u{feff}' && at == 0;
            if !byte_order_mark {
                found.invisible.push(at);
            }
        } else if let Some(refusal) = refusal(character, text.as_bytes().get(at + 1), span) {
            found.refusals.push(refusal);
            if found.refusals.len() == ENOUGH {
                break;
            }
        }
    }
    found
}

fn refusal(character: char, next: Option<&u8>, span: Span) -> Option<Diagnostic> {
    let name = chars::name(character);
    if chars::is_control(character) {
        let message = format!("control character {name}");
        return Some(Diagnostic::error(codes::CONTROL_CHARACTER, span, message).hint("Remove it."));
    }
    let lone_return = character == '\r' && next != Some(&b'\n');
    if lone_return || chars::is_foreign_break(character) {
        let message = format!("{name} is a line break to some readers only");
        return Some(Diagnostic::error(codes::LINE_BREAK, span, message).hint("End lines with LF or CRLF."));
    }
    None
}
