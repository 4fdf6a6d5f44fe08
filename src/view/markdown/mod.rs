//! Documents as Markdown, fit for a comment on a pull request.

mod changes;
mod drift;
mod escape;
mod obstacles;
mod page;
mod plain;
mod sets;

pub(super) use escape::entities;
pub use page::{Fitting, TooLong, findings_markdown, markdown};
pub use plain::without_html;
