//! What strangers are shown: files as they are in the commit that is checked out, and nothing else that lies in the folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::base::Tree;
use super::{Failure, Run};
use crate::diag::{Diagnostic, Severity, codes::manifest as codes};
use crate::files::{Refused, Root};
use crate::manifest::workspace::{Found, is_repository};
use crate::manifest::{self, Texts};

/// The texts that manifests name, and the commit that they must be in where the manifests are untrusted.
pub(super) struct Tracked<'a> {
    root: &'a Root,
    commit: Option<Tree<'a>>,
    untrusted: bool,
}

impl<'a> Tracked<'a> {
    /// Asks git for the commit where the manifests are untrusted and lie in a repository.
    pub(super) fn of(run: &Run, root: &'a Root) -> Result<Self, Failure> {
        let untrusted = run.untrusted.is_some();
        let here = root.path().canonicalize().unwrap_or_default();
        let in_repository = || here.ancestors().any(is_repository);
        let commit = if untrusted && in_repository() { Some(Tree::open(root, "HEAD")?.1) } else { None };
        Ok(Self { root, commit, untrusted })
    }

    /// Leaves out the manifests that are not as they were committed, and says so: nothing of them is shown.
    pub(super) fn keep(&self, found: &mut Found) -> Result<(), Failure> {
        let Some(commit) = &self.commit else { return Ok(()) };
        let committed = commit.holds(&found.files)?;
        found.files.retain(|(path, _)| {
            if committed.contains(path) {
                return true;
            }
            let message = format!("`{}` is not read: {}", path.escape_debug(), Refused::Uncommitted);
            let hint = "Commit what is to be read; what only lies in the folder may be somebody else's.";
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
}

/// Whether two texts are the same but for line ends, which git may change on its way to the folder.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
}

impl Run {
    /// What the command line adds to manifests.
    pub(super) fn manifest_options(&self, root: &Root) -> manifest::Options {
        let global = &self.global;
        let from = global.secrets_from.as_deref().filter(|from| *from != "-" && !from.starts_with("env:"));
        let given = [global.token_file.clone(), from.map(PathBuf::from)].into_iter().flatten();
        let all = given.chain(global.secret_dir.iter().cloned()).chain(self.private.iter().cloned());
        manifest::Options {
            allow_env: global.allow_env.iter().cloned().collect(),
            environment: None,
            private: below(root, all),
        }
    }
}

/// The paths that lie below the root, with links followed, as manifests write them.
fn below(root: &Root, paths: impl Iterator<Item = PathBuf>) -> BTreeSet<String> {
    let Ok(root) = root.path().canonicalize() else { return BTreeSet::new() };
    let relative = |path: PathBuf| {
        let real = path.canonicalize().ok()?;
        let path = real.strip_prefix(&root).ok().filter(|path| *path != Path::new(""))?;
        Some(path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
    };
    paths.filter_map(relative).collect()
}
