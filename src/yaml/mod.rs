//! YAML text to [`Node`]s with byte spans. Not for writing YAML (that is `serde_yaml`) and not for meaning.
//!
//! [`read`] checks the raw characters (`scan`), runs the parser, builds nodes from its events (`load`) and explains its
//! errors (`syntax`). No step recurses, and [`limits`] bound each.

mod decode;
pub mod edit;
mod escapes;
pub mod format;
mod interpolation;
pub mod limits;
mod load;
mod node;
mod refusals;
mod scalar;
mod scan;
mod syntax;

pub use decode::{DecodeError, decode};
pub use node::{Content, Entry, Key, Node, Style};

use crate::diag::chars;
use crate::diag::codes::yaml as codes;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};

/// The first character of a text that no manifest may hold, not even escaped.
#[must_use]
pub fn unwritable(text: &str) -> Option<char> {
    text.chars()
        .find(|&it| chars::is_invisible(it) || chars::is_control(it) || chars::is_foreign_break(it) || it == '\r')
}

/// Reads the only document of a source. Without a result, `out` has the reason; warnings are also in `out`.
pub fn read(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    let text = &*sources.get(id).text;
    if text.len() > limits::FILE_BYTES {
        out.push(too_large(id, text.len()));
        return None;
    }
    let scan = scan::scan(id, text);
    if !scan.refusals.is_empty() {
        for refusal in scan.refusals {
            out.push(refusal);
        }
        return None;
    }
    let (node, findings) = load::load(id, text, scan.invisible);
    for finding in findings {
        out.push(finding);
    }
    node
}

fn too_large(id: SourceId, actual: usize) -> Diagnostic {
    let message = format!("the file has {actual} bytes, and {} are allowed", limits::FILE_BYTES);
    Diagnostic::error(codes::FILE_TOO_LARGE, Span::new(id, 0, 0), message)
        .hint("Split it into several files, or put long texts into files of their own with `{file: PATH}`.")
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
