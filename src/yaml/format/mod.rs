//! The one form of a text: two spaces a level, quotes only where some reader needs them, a block where a line is too long.
//!
//! Keys keep their order and comments their places. Nothing that is meant changes: what comes out is read again, and
//! where it is not the same, nothing comes out.

mod inline;
mod print;
mod tree;
mod words;

use super::{Content, Node, read};
use crate::diag::{Diagnostics, Sources};

pub use words::word;

/// The most characters of a line that holds a list in brackets or a map in braces.
const WIDTH: usize = 120;

/// A text in its one form. Nothing where it is no map, cannot be read, or would not mean the same.
#[must_use]
pub fn format(text: &str) -> Option<String> {
    let breaks = if text.split('\n').next().is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" };
    let text = text.replace("\r\n", "\n");
    let document = tree::parse(&text)?;
    let formatted = print::print(&text, &document)?;
    let again = tree::parse(&formatted)?;
    let comments = |document: &tree::Document<'_>| -> Vec<String> {
        document.comments.iter().map(|comment| comment.text.to_owned()).collect()
    };
    let same = comments(&document) == comments(&again) && means_same(&meaning(&text)?, &meaning(&formatted)?);
    same.then(|| formatted.replace('\n', breaks))
}

fn meaning(text: &str) -> Option<Node> {
    let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
    let id = sources.add("", text);
    read(&sources, id, &mut out)
}

/// Whether two trees have the same keys in the same order, and the same values of the same types.
fn means_same(one: &Node, other: &Node) -> bool {
    match (&one.content, &other.content) {
        (Content::Text { text: one, .. }, Content::Text { text: other, .. }) => one == other,
        (Content::List(one), Content::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| means_same(one, other))
        }
        (Content::Map(one), Content::Map(other)) => {
            let same = |(one, other): (&super::Entry, &super::Entry)| {
                one.key.name == other.key.name && means_same(&one.value, &other.value)
            };
            one.len() == other.len() && one.iter().zip(other).all(same)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
