//! Plans and reports as people and programs read them. Renders, never decides.
//!
//! A renderer takes a [record](crate::record): plain data that can be saved and shown again. There is one a file: text as a [`Page`],
//! lines whose parts say what they mean and that the terminal colours; Markdown for pull requests; and what CI systems read:
//! GitHub's annotations, JUnit, SARIF. The last three tell [findings](crate::record::Finding).
//!
//! Whatever comes from outside is text in every format, never markup, a command or a control sequence
//! (`tests/hostile.rs`). Nothing is said by colour alone, and the same input gives the same bytes.

mod approval;
mod aside;
mod attribution;
mod compare;
mod explain;
mod facts;
mod finding;
mod fleet;
mod github;
mod junit;
mod markdown;
mod needs;
mod notice;
mod page;
mod plan;
mod report;
mod revisions;
mod sarif;
mod spread;
mod summary;
mod value;

pub use approval::unapproved;
pub use attribution::released;
pub use compare::{Compared, Pair, compare_json, compare_text};
pub use explain::{Explained, explained_json, explained_text, origin_text};
pub use finding::plan_findings;
pub use github::github;
pub use junit::{findings_junit, plan_junit, report_junit};
pub use markdown::{
    Told, TooLong, findings_markdown, plan_markdown, plan_told, record_markdown, report_markdown, without_html,
};
pub use needs::{Needed, needs_github, needs_gitlab, needs_json, needs_text};
pub use notice::{Notification, slack, webhook};
pub use page::{Line, Page, Role};
pub use plan::plan_text;
pub use report::{findings_text, problems, problems_text, report_text};
pub use revisions::{Presence, Revised, Revisions, revisions_json, revisions_text};
pub use sarif::sarif;
pub use summary::{Summary, summary};

/// How much a rendering shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Detail {
    /// Unchanged lines around a changed one in long texts.
    pub context: usize,
    /// Long texts whole, unmanaged items by name.
    pub full: bool,
    /// One line a resource.
    pub brief: bool,
    /// Long texts as numbers of lines.
    pub counts: bool,
    /// No line is cut: who reads it decides by it.
    pub uncut: bool,
}

impl Detail {
    /// All there is, nothing cut.
    const ALL: Self = Self { context: 2, full: true, brief: false, counts: false, uncut: true };
}

impl Default for Detail {
    fn default() -> Self {
        Self { context: 2, full: false, brief: false, counts: false, uncut: false }
    }
}
