//! Diagnostics as text for people, as one line each, and as JSON.

mod escape;

pub use escape::{escape, escape_lines};
