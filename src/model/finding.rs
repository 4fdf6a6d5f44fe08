//! A finding: what is wrong, where, and what to do. The only form of it in a refusal, a problem and a code host's error.

use std::fmt::Display;

use super::Origin;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The code, for `explain`.
    pub code: Code,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do: sentences.
    pub hints: Vec<String>,
    /// Where the subject is written.
    pub origin: Option<Origin>,
}

/// A finding that ends the work on a project, or a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub finding: Finding,
    /// How the process ends because of it.
    pub exit: Exit,
}

impl Finding {
    /// A finding without a place and hints.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hints: vec![], origin: None }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, origin: Option<&Origin>) -> Self {
        self.origin = origin.cloned();
        self
    }

    /// The finding as a problem with an exit code.
    #[must_use]
    pub const fn ends(self, exit: Exit) -> Problem {
        Problem { finding: self, exit }
    }

    /// The finding as an error, with its place in the manifests.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let Self { code, message, hints, origin } = self;
        let mut found = Diagnostic::new(*code, Severity::Error, message);
        if let Some(origin) = origin {
            found = found.label(origin.span, "");
        }
        hints.iter().fold(found, Diagnostic::hint)
    }

    /// The finding as an error about a subject: `acme/auth: …`.
    #[must_use]
    pub fn diagnostic_of(&self, about: impl Display) -> Diagnostic {
        let found = self.diagnostic();
        let message = format!("{about}: {}", found.message);
        Diagnostic { message, ..found }
    }
}

impl Problem {
    /// The finding as the failure of a whole run.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let mut findings = Diagnostics::new();
        findings.push(self.finding.diagnostic());
        Failure { exit: self.exit, findings, sources: Sources::new() }
    }
}
