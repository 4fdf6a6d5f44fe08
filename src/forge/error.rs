//! Why a code host did not do what was asked.

use http::StatusCode;

use crate::exit::Exit;

/// Why a host did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ForgeError {
    /// What went wrong: lower case, no full stop.
    pub message: String,
    /// What to do: a sentence, or nothing.
    pub hint: String,
    /// How the run ends by it.
    pub exit: Exit,
    /// The status that was answered, if any.
    pub status: Option<StatusCode>,
}
