//! Documents as Markdown, fit for a comment on a pull request.

mod blocks;
mod changes;
mod drift;
mod escape;
mod obstacles;
mod page;
mod plain;
mod sets;
mod states;

pub use blocks::findings_markdown;
pub use escape::code;
pub(super) use escape::entities;
pub use page::{Fitting, TooLong, markdown};
pub use plain::without_html;
