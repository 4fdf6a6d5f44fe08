//! YAML text to [`Node`]s with byte spans: within budgets, iteratively, and refusing what tools read differently.
//!
//! Not for writing YAML (that is `serde_yaml`) and not for meaning (that is `manifest`). Main function: [`read`].

mod load;
mod node;
mod scalar;
mod screen;

pub use load::read;
pub use node::{Content, Entry, Key, Node, Style};
pub use screen::{NotText, decode};

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 1024 * 1024;

/// The most values in a file, once aliases are expanded.
pub const MOST_NODES: usize = 10_000;

/// The deepest nesting.
pub const DEEPEST: usize = 32;

/// The longest text, in bytes.
pub const LONGEST_TEXT: usize = 256 * 1024;
