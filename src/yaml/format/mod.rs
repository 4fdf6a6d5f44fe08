//! One way to write a manifest: two spaces a level, one line between parts at most, quotes where somebody needs them.
//!
//! What a file says and its comments stay; nothing is sorted. [`format`] takes the text apart (`tree`), writes it anew
//! (`write`), and believes the result only after reading both: the same tree, the same comments.

mod tree;
mod words;
mod write;

use super::splice::bare;
use super::{Content, Node};

/// Beyond so many characters a collection in brackets is written in lines.
const WIDTH: usize = 120;

/// A text that is valid YAML and cannot be formatted without changing what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unformatted;

/// The text as it should be written.
pub fn format(text: &str) -> Result<String, Unformatted> {
    let document = tree::parse(text).ok_or(Unformatted)?;
    let written = write::write(text, &document).ok_or(Unformatted)?;
    let again = tree::parse(&written).ok_or(Unformatted)?;
    let same_comments = document.comments.iter().map(|it| it.text).eq(again.comments.iter().map(|it| it.text));
    let (Some(said), Some(says)) = (bare(text), bare(&written)) else { return Err(Unformatted) };
    if same(&said, &says) && same_comments { Ok(written) } else { Err(Unformatted) }
}

/// Whether two trees say the same; how a text is quoted says nothing.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.content, &other.content) {
        (Content::Text { text: one, .. }, Content::Text { text: other, .. }) => one == other,
        (Content::List(one), Content::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Content::Map(one), Content::Map(other)) => {
            let pairs = || one.iter().zip(other);
            one.len() == other.len()
                && pairs().all(|(one, other)| one.key == other.key && same(&one.value, &other.value))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests;
