//! YAML text to [`Node`]s with byte spans. Not for writing YAML (that is `serde_yaml`) and not for meaning.

mod node;

pub use node::{Content, Entry, Key, Node, Style};
