//! YAML text to [`Node`]s with byte spans. Not for writing YAML (that is `serde_yaml`) and not for meaning.

mod node;
mod read;

pub use node::{Content, Entry, Key, Node, Style};
pub use read::read;
