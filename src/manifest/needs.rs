//! What a run needs besides the manifests: the variables, files and commands that secrets come from.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Span;
use crate::model::Desired;
use crate::secret::SecretSource;
use crate::secret::variables::variable_prefix;

use super::{Selection, secrets};

/// A place that uses something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// What uses it: `acme-prod/auth.smtp_pass`, `acme-prod/secrets/STRIPE_KEY`.
    pub at: String,
    /// Where it was written.
    pub span: Span,
    /// Whether only the creation of the project needs it.
    pub for_creation: bool,
}

/// What is needed, each with what uses it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Variables that hold a secret.
    pub secrets: BTreeMap<String, BTreeSet<Use>>,
    /// Files that hold a secret, by path from the root.
    pub files: BTreeMap<String, BTreeSet<Use>>,
    /// Commands that print a secret.
    pub commands: BTreeMap<String, BTreeSet<Use>>,
}

/// What the secrets of `desired` need.
#[must_use]
pub fn needs(desired: &Desired, selection: &Selection) -> Needs {
    let mut needs = Needs::default();
    for wanted in secrets(desired, selection) {
        for source in &wanted.uses.parts {
            let (at, span, for_creation) = (wanted.at.clone(), wanted.span, wanted.for_creation);
            needs.add(source, Use { at, span, for_creation });
        }
    }
    needs
}

impl Needs {
    /// Adds a use of a source.
    pub fn add(&mut self, source: &SecretSource, by: Use) {
        let (all, name) = match source {
            SecretSource::Named { document, name } => {
                (&mut self.secrets, format!("{}{name}", variable_prefix(document)))
            }
            SecretSource::Env(name) => (&mut self.secrets, name.clone()),
            SecretSource::File(path) => (&mut self.files, path.clone()),
            SecretSource::Exec(command) => (&mut self.commands, command.first().cloned().unwrap_or_default()),
            SecretSource::Plain(_) => return,
        };
        all.entry(name).or_default().insert(by);
    }

    /// Whether nothing is needed now; what only a creation needs may come later.
    #[must_use]
    pub fn is_met(&self) -> bool {
        let mut all = self.secrets.values().chain(self.files.values()).chain(self.commands.values()).flatten();
        all.all(|by| by.for_creation)
    }
}
