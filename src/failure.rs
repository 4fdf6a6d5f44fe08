//! How a run fails: an exit code and findings.

use crate::diag::{Code, Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;

/// A run that could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// The findings.
    pub findings: Diagnostics,
    /// The texts that the findings point into.
    pub sources: Sources,
}

impl Failure {
    /// A failure without a place in a file.
    #[must_use]
    pub fn new(exit: Exit, code: Code, message: impl Into<String>) -> Self {
        let mut findings = Diagnostics::new();
        findings.push(Diagnostic::new(code, Severity::Error, message));
        Self { exit, findings, sources: Sources::new() }
    }

    /// A failure with a hint.
    #[must_use]
    pub fn with_hint(exit: Exit, code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let mut findings = Diagnostics::new();
        findings.push(Diagnostic::new(code, Severity::Error, message).hint(hint));
        Self { exit, findings, sources: Sources::new() }
    }

    /// A finding that stops the run, without a place in a file.
    #[must_use]
    pub fn of(finding: Diagnostic) -> Self {
        let mut findings = Diagnostics::new();
        findings.push(finding);
        Self::invalid(findings, Sources::new())
    }

    /// Findings that stop the run.
    #[must_use]
    pub fn invalid(findings: Diagnostics, sources: Sources) -> Self {
        Self { exit: Exit::Invalid, findings, sources }
    }
}
