//! Documents as text for a terminal.

mod changes;
mod drift;
mod page;
mod styled;

pub(super) use changes::edit_lines;
pub use page::text;
pub(super) use styled::without_command;
pub use styled::{Line, Role, StyledText};
