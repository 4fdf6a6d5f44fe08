//! Reports how a run failed.

use super::run::Run;
use super::terminal::{self, Terminal};
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;

impl Run {
    /// Reports the errors, in the format that was asked for.
    pub(super) fn fail(&self, failure: Failure) -> Exit {
        let Failure { exit, findings, sources } = failure;
        self.findings(&findings.sorted(), &sources, exit);
        exit
    }
}

/// The exit code, given that the result may be incomplete: an incomplete file must not look complete.
pub(super) fn told(exit: Exit, terminal: &Terminal) -> Exit {
    let Some(why) = terminal::lost() else { return exit };
    let message = format!("the result is incomplete: stdout could not be written ({why})");
    let finding = Diagnostic::new(codes::NOT_PRINTED, Severity::Error, message);
    terminal.show(&[&finding], &Sources::new());
    Exit::worst([exit, Exit::Failed], false)
}
