//! The JSON forms as JSON Schema (draft-07). They describe this version exactly; later ones may add members.

mod diagnostics;
mod drift;
mod forms;
mod parts;
mod plan;

pub use diagnostics::diagnostics;
pub use drift::drift;
pub use forms::{event, plan, report};
