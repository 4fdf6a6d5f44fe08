//! A problem as a record.

use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::diag::Sources;
use crate::model::Problem;

/// What went wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemRecord {
    /// The code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// How a run ends because of it, as an exit code.
    pub exit: u8,
    /// Where the subject is written.
    pub at: Option<Place>,
}

impl ProblemRecord {
    /// The record of a problem.
    #[must_use]
    pub fn of(problem: &Problem, sources: &Sources) -> Self {
        Self {
            code: problem.finding.code.id().to_owned(),
            message: problem.finding.message.clone(),
            hints: problem.finding.hints.clone(),
            exit: problem.exit.code(),
            at: Place::of_origin(problem.finding.origin.as_ref(), sources),
        }
    }
}
