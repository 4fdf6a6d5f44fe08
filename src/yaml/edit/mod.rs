//! Changes one value of a text and nothing else: comments, quotes and blank lines stay.
//!
//! Every result is read again, and is discarded unless it is the old tree with exactly that change.

mod insert;
mod list;
mod remove;
mod set;
mod write;

#[cfg(test)]
mod laws;

pub use insert::{Place, insert};
pub use remove::{Removed, remark, remove};
pub use set::{Obstacle, Setting, set, set_all};
pub use write::member;

use super::{Node, read};
use crate::diag::{Diagnostics, Sources};

/// The tree of a text that has no errors.
#[must_use]
pub fn tree(text: &str) -> Option<Node> {
    let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
    let id = sources.add("text", text);
    read(&sources, id, &mut out).filter(|_| !out.has_errors())
}

fn at(offset: u32) -> usize {
    offset as usize
}

/// The start of the line of an offset.
fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The end of the line of an offset.
fn line_end(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| offset + end)
}

/// The indentation before a key; `None` where the key does not begin its line.
fn indent_of(text: &str, start: usize) -> Option<&str> {
    text.get(line_start(text, start)..start).filter(|indent| indent.bytes().all(|byte| byte == b' '))
}

/// Inserts lines below the line of `offset`.
fn below(text: &str, offset: usize, lines: &str) -> String {
    let (before, after) = text.split_at_checked(line_end(text, offset)).unwrap_or((text, ""));
    format!("{before}\n{lines}{after}")
}
