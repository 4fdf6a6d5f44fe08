//! Diagnostics as text for people, and as JSON. Nothing that was read can forge output: it is printed escaped.

mod escape;
mod human;
mod json;

pub use escape::{escape, escape_lines};
pub use human::{explain, human};
pub use json::{json, json_text};
