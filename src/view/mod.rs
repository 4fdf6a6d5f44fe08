//! Records as people and programs read them. This module formats and never decides.
//!
//! [`build`] turns a [record](crate::record) into a [`document`]: a tree of labelled blocks that say what they mean. Each
//! format prints documents and knows no plan: text as [`StyledText`], lines whose parts say what they mean and which the
//! terminal colours; Markdown for pull requests; a page of HTML; and the formats of CI systems: GitHub's annotations,
//! JUnit, SARIF. Of these, JUnit prints suites, the others [findings](crate::record::Annotation).
//!
//! Text from outside stays text in every format, never markup, a command or a control sequence (`tests/hostile.rs`).
//! Nothing depends on colour alone, and the same input gives the same bytes.

mod approval;
pub mod build;
mod detail;
pub mod document;
mod explain;
mod github;
mod html;
mod import;
mod junit;
mod lists;
mod markdown;
mod needs;
mod notification;
mod sarif;
mod status;
mod text;

pub use approval::unapproved;
pub use detail::Detail;
pub use explain::explained_text;
pub use github::github;
pub use html::html;
pub use import::{copied_page, factored_page, import_page};
pub use junit::junit;
pub use markdown::{Fitting, TooLong, code as markdown_code, findings_markdown, markdown, without_html};
pub use needs::{needs_github, needs_gitlab, needs_text};
pub use notification::{Notification, Sender, slack, webhook};
pub use sarif::sarif;
pub use status::{spread_page, status_page};
pub use text::{Line, Role, StyledText, text};
