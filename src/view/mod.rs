//! Plans and reports as people and programs read them. Renders, never decides.
//!
//! A renderer makes a [`Page`]: lines of text whose parts say what they mean; the terminal turns meaning into colour.
//! Nothing is said by colour alone, and the same input gives the same bytes.

mod compare;
mod explain;
mod fleet;
mod json;
mod page;
mod plan;
mod report;
mod revisions;
mod value;

pub use compare::{Compared, Pair, compare_json, compare_text};
pub use explain::{Explained, explained_json, explained_text, origin_text};
pub use json::{plan_json, report_json};
pub use page::{Line, Page, Role};
pub use plan::{Counts, plan_text};
pub use report::{problems, report_text, step_line};
pub use revisions::{Presence, Revised, Revisions, revisions_json, revisions_text};

/// How much a rendering shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Unchanged lines around a changed one in long texts.
    pub context: usize,
    /// Long texts whole, unmanaged items by name.
    pub full: bool,
    /// One line a resource.
    pub brief: bool,
}

impl Default for Detail {
    fn default() -> Self {
        Self { context: 2, full: false, brief: false }
    }
}
