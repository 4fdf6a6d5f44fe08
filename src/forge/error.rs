//! Errors of a code host.

use http::StatusCode;

use crate::diag::codes::trust;
use crate::exit::Exit;
use crate::model::{Finding, Problem};

/// An error of a code host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problem.finding.message)]
pub struct ForgeError {
    /// The problem, and the exit code of the run.
    pub problem: Problem,
    /// The status of the answer, if there was one.
    pub status: Option<StatusCode>,
}

impl ForgeError {
    /// An error with a hint; an empty hint is left out.
    pub(super) fn new(exit: Exit, message: impl Into<String>, hint: &str) -> Self {
        let finding = Finding::new(trust::FORGE, message);
        let finding = if hint.is_empty() { finding } else { finding.hint(hint) };
        Self { problem: finding.ends(exit), status: None }
    }

    /// Whether the target of the request no longer exists.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, Some(StatusCode::NOT_FOUND | StatusCode::GONE))
    }

    /// Whether somebody else has changed it.
    pub(super) fn is_conflict(&self) -> bool {
        self.status == Some(StatusCode::CONFLICT)
    }
}
