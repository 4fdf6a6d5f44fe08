//! Why a code host did not do what was asked.

use http::StatusCode;

use crate::diag::codes::trust;
use crate::exit::Exit;
use crate::model::{Finding, Problem};

/// Why a host did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problem.finding.message)]
pub struct ForgeError {
    /// What went wrong, and how the run ends by it.
    pub problem: Problem,
    /// The status that was answered, if any.
    pub status: Option<StatusCode>,
}

impl ForgeError {
    /// An error with what to do; nothing where nothing helps.
    pub(super) fn new(exit: Exit, message: impl Into<String>, hint: &str) -> Self {
        let finding = Finding::new(trust::FORGE, message);
        let finding = if hint.is_empty() { finding } else { finding.hint(hint) };
        Self { problem: finding.ends(exit), status: None }
    }

    /// Whether what was to be changed is no longer there.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, Some(StatusCode::NOT_FOUND | StatusCode::GONE))
    }
}
