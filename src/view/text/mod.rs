//! Documents as text for a terminal.

mod changes;
mod drift;
mod obstacles;
mod page;
mod sides;
mod styled;

pub use page::text;
pub(super) use page::verdict_line;
pub(super) use styled::without_command;
pub use styled::{Line, Role, StyledText};
