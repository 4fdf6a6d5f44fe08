//! The inputs and the result of every command.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::global::{Format, Global};
use super::progress::Reading;
use super::terminal::Terminal;
use crate::ci::{Environment, Trust, trust};
use crate::diag::render::human;
use crate::diag::{Diagnostic, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::git::Merge;
use crate::session::{Lifetime, Observer, Session, Workspace};

/// The result of a command.
pub(super) type Done = Result<Exit, Failure>;

/// The inputs of every command.
pub(super) struct Run {
    /// The command's name.
    pub command: String,
    pub global: Global,
    pub environment: Environment,
    pub terminal: Terminal,
    pub session: Session,
    /// How far reading is.
    pub reading: Arc<Reading>,
}

impl Run {
    /// A run with these options, and a warning where trust in its manifests is unknown; `private` are files of the
    /// command's own options with secrets.
    pub(super) fn new(
        (command, global): (String, Global),
        environment: Environment,
        terminal: Terminal,
        lifetime: Arc<Lifetime>,
        private: impl Iterator<Item = PathBuf>,
    ) -> (Self, Option<Diagnostic>) {
        let (untrusted, undecided) = match trust_of(&global, &environment) {
            Trust::Full => (None, None),
            Trust::None(why) => (Some(why), None),
            Trust::Undecided(system) => (None, Some(trust::undecided(&system))),
        };
        if let Some(why) = &untrusted {
            terminal.err(&format!(
                "The manifests are untrusted, because {why}: no secrets, no commands, nothing outside of the root\n"
            ));
        }
        let options = global.options(&environment, untrusted, private);
        let reading = Arc::new(Reading::new(terminal));
        let session = Session::new(options, lifetime, Arc::clone(&reading) as Arc<dyn Observer>);
        (Self { command, global, environment, terminal, session, reading }, undecided)
    }

    /// The workspace, offline.
    pub(super) fn load(&self) -> Result<Workspace, Failure> {
        self.load_merged(None)
    }

    /// The same for a merge.
    pub(super) fn load_merged(&self, merge: Option<&Merge>) -> Result<Workspace, Failure> {
        let workspace = self.session.load_merged(merge)?;
        // In other formats, the command itself places the findings.
        if self.global.format == Format::Text {
            self.show(&workspace.warnings.sorted(), &workspace.sources);
        }
        Ok(workspace)
    }

    /// Shows findings on stderr.
    pub(super) fn show(&self, findings: &[&Diagnostic], sources: &Sources) {
        self.terminal.show(findings, sources);
    }
}

/// Whether the manifests are trusted.
fn trust_of(global: &Global, environment: &Environment) -> Trust {
    match () {
        () if global.untrusted => Trust::None("`--untrusted` is given".to_owned()),
        // In a sandbox, the manifests can reach nothing, unless their SQL is run on this machine.
        () if global.sandbox.is_some() && global.postgres.is_none() => Trust::Full,
        () => trust::of(environment),
    }
}

impl Terminal {
    /// Shows findings on stderr.
    pub(super) fn show(&self, findings: &[&Diagnostic], sources: &Sources) {
        if !findings.is_empty() {
            self.err(&human(findings, sources, self.colour_err, self.width_err));
        }
    }
}
