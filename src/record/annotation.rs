//! Annotations for CI systems: one for each error, refusal and difference. Texts are not escaped.

use super::{Place, ProblemRecord, ReportRecord};
use crate::diag::{Diagnostic, Severity, Sources};

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It forbids going on.
    Error,
    /// Somebody has to decide.
    Warning,
    /// Worth knowing: a difference, a note.
    Note,
}

/// The code of differences.
pub(crate) const DIFFERENCE: &str = "difference";
/// The code of notes.
pub(crate) const NOTE: &str = "note";

/// One annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The code, `difference` or `note`.
    pub code: String,
    /// Its level.
    pub level: Level,
    /// The message: one sentence.
    pub message: String,
    /// What to do: sentences.
    pub hints: Vec<String>,
    /// Where.
    pub at: Option<Place>,
}

impl Annotation {
    /// The annotations of a report: its problems.
    #[must_use]
    pub fn of_report(report: &ReportRecord) -> Vec<Self> {
        let finding = |(at, problem): (String, &ProblemRecord)| Self {
            code: problem.code.clone(),
            level: Level::Error,
            message: format!("{at}: {}", problem.message),
            hints: problem.hints.clone(),
            at: problem.at.clone(),
        };
        report.problems().into_iter().map(finding).collect()
    }

    /// Diagnostics.
    #[must_use]
    pub fn of_diagnostics(found: &[&Diagnostic], sources: &Sources) -> Vec<Self> {
        let finding = |it: &&Diagnostic| Self {
            code: it.code.id().to_owned(),
            level: match it.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            message: it.message.clone(),
            hints: it.hints.clone(),
            at: it.labels.first().map(|label| Place::of(label.span, sources)),
        };
        found.iter().map(finding).collect()
    }

    /// The message and the hints.
    pub(crate) fn text(&self) -> String {
        std::iter::once(&self.message).chain(&self.hints).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
