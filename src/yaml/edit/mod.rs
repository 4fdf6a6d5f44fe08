//! Changing one value of a text without touching anything else of it: comments, quotes and blank lines stay.
//!
//! What was meant is not believed, what is read is: each result is read again, and is nothing where it is not the old tree
//! with just that change.

mod insert;
mod list;
mod set;
mod write;

#[cfg(test)]
mod laws;

pub use insert::{Place, insert};
pub use set::{Obstacle, set};

use super::{Node, read};
use crate::diag::{Diagnostics, Sources};

/// The tree of a text that has no errors.
fn tree(text: &str) -> Option<Node> {
    let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
    let id = sources.add("text", text);
    read(&sources, id, &mut out).filter(|_| !out.has_errors())
}

fn at(offset: u32) -> usize {
    offset as usize
}

/// Where the line begins that an offset is in.
fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Where the line ends that an offset is in.
fn line_end(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| offset + end)
}

/// What stands before a key in its line: spaces only, else the key does not begin its line.
fn indent_of(text: &str, start: usize) -> Option<&str> {
    text.get(line_start(text, start)..start).filter(|indent| indent.bytes().all(|byte| byte == b' '))
}

/// Writes lines below the one that holds `offset`.
fn below(text: &str, offset: usize, lines: &str) -> String {
    let (before, after) = text.split_at_checked(line_end(text, offset)).unwrap_or((text, ""));
    format!("{before}\n{lines}{after}")
}
