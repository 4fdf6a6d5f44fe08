//! What can be said of a file before it is parsed: its encoding, its size, and characters that do not belong.

use super::LARGEST_FILE;
use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};

/// Bytes that are no UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct NotText {
    /// The first byte that is off, from 0.
    pub at: usize,
    /// What it is.
    pub what: &'static str,
}

/// Bytes as text.
///
/// # Errors
/// Names the first byte that is not UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    let what = match bytes.as_slice() {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "UTF-32, not UTF-8,",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16, not UTF-8,",
        _ => "not UTF-8",
    };
    String::from_utf8(bytes).map_err(|error| NotText { at: error.utf8_error().valid_up_to(), what })
}

/// Refuses files that are too large or hold characters that no text needs. Says whether the file can be parsed.
pub(super) fn screen(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> bool {
    let text = &sources.get(id).text;
    if text.len() > LARGEST_FILE {
        let message = format!("the file has {} bytes; at most {LARGEST_FILE} are read", text.len());
        out.push(Diagnostic::error(codes::TOO_LARGE, Span::new(id, 0, 0), message));
        return false;
    }
    let bytes = text.as_bytes();
    let bad = text.char_indices().find(|&(at, c)| match c {
        '\n' | '\t' => false,
        '\r' => bytes.get(at + 1) != Some(&b'\n'),
        '\u{feff}' => at != 0,
        '\u{2028}' | '\u{2029}' => true,
        c => c.is_control(),
    });
    let Some((at, c)) = bad else { return true };
    let message = match c {
        '\r' => "a carriage return without a line feed".to_owned(),
        '\u{feff}' => "a byte order mark in the middle of the file".to_owned(),
        c => format!("the control character U+{:04X}", u32::from(c)),
    };
    let finding = Diagnostic::error(codes::CONTROL_CHARACTER, Span::new(id, at, at + c.len_utf8()), message);
    out.push(finding.hint("Take it out; line breaks are LF or CRLF."));
    false
}
