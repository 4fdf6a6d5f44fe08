//! The files that untrusted manifests may use: those of the checked-out commit, as they were committed.

use std::sync::Arc;

use super::tree::{Tree, same};
use crate::diag::{Diagnostic, Severity, codes::manifest as codes};
use crate::failure::Failure;
use crate::files::{Refused, Root};
use crate::manifest::Texts;
use crate::workspace::{Found, is_repository};

/// The texts that manifests name, and the commit that must have them where the manifests are untrusted.
pub struct Tracked<'a> {
    root: &'a Root,
    commit: Option<Tree<'a>>,
    untrusted: bool,
}

impl<'a> Tracked<'a> {
    /// Reads the commit where the manifests are untrusted and are in a repository.
    pub fn of(root: &'a Root, untrusted: bool) -> Result<Self, Failure> {
        let here = root.path().canonicalize().unwrap_or_default();
        let in_repository = || here.ancestors().any(is_repository);
        let commit = if untrusted && in_repository() { Some(Tree::open(root, "HEAD")?.1) } else { None };
        Ok(Self { root, commit, untrusted })
    }

    /// Leaves out the manifests that are not as they were committed, with a warning.
    pub fn keep(&self, found: &mut Found) -> Result<(), Failure> {
        let Some(commit) = &self.commit else { return Ok(()) };
        let committed = commit.holds(&found.files)?;
        found.files.retain(|(path, _)| {
            if committed.contains(path) {
                return true;
            }
            let message = format!("`{}` is not read: {}", path.escape_debug(), Refused::Uncommitted);
            let hint = "Commit the file; an uncommitted one may be somebody else's.";
            found.diagnostics.push(Diagnostic::new(codes::FILE_REFUSED, Severity::Error, message).hint(hint));
            false
        });
        Ok(())
    }
}

impl Texts for Tracked<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        let text = Texts::read(self.root, path)?;
        match &self.commit {
            None if self.untrusted => Err(Refused::Uncommitted),
            None => Ok(text),
            Some(commit) if same(&commit.text(path).map_err(|_| Refused::Uncommitted)?, &text) => Ok(text),
            Some(_) => Err(Refused::Uncommitted),
        }
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        let bytes = self.root.bytes(path)?;
        match &self.commit {
            None if self.untrusted => Err(Refused::Uncommitted),
            None => Ok(bytes),
            Some(commit) if commit.bytes(path).is_ok_and(|committed| committed == bytes) => Ok(bytes),
            Some(_) => Err(Refused::Uncommitted),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        Texts::list(self.root, folder)
    }
}
