//! Formats a text: two spaces per level, quotes only where some reader needs them, a block where a line is too long.
//!
//! Keys keep their order and comments their places. The meaning never changes: the result is read again, and discarded
//! where it differs.

mod inline;
mod print;
mod tree;
mod words;

use super::{Node, read};
use crate::diag::{Diagnostics, Sources};

pub(super) use print::WIDTH;
pub use words::{word, word_in_brackets};

/// The formatted text. `None` where the text is not a map, cannot be read, or would change its meaning.
#[must_use]
pub fn format(text: &str) -> Option<String> {
    let breaks = if text.split('\n').next().is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" };
    let text = text.replace("\r\n", "\n");
    let document = tree::parse(&text)?;
    let formatted = print::print(&text, &document)?;
    let again = tree::parse(&formatted)?;
    let texts = |document: &tree::Document<'_>| -> Vec<String> {
        document.comments.iter().map(|comment| comment.text.to_owned()).collect()
    };
    let same = texts(&document) == texts(&again) && meaning(&text)?.means_same(&meaning(&formatted)?);
    same.then(|| formatted.replace('\n', breaks))
}

/// The comments of a text, in order, each with its first byte. `None` where the text cannot be read.
#[must_use]
pub fn comments(text: &str) -> Option<Vec<(usize, String)>> {
    let document = tree::parse(text)?;
    Some(document.comments.iter().map(|comment| (comment.start, comment.text.to_owned())).collect())
}

fn meaning(text: &str) -> Option<Node> {
    let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
    let id = sources.add("", text);
    read(&sources, id, &mut out)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
