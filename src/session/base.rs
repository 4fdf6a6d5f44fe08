//! The workspace at another revision.

use super::start::Session;
use super::workspace::Workspace;
use crate::diag::codes::{manifest as manifest_codes, run as codes};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{Refused, Root};
use crate::git::{Tree, commit};
use crate::kinds::KINDS;
use crate::manifest::{self, MARKER};
use crate::model::{AllowRule, Desired, IgnoreRule};

/// The workspace of another revision.
pub struct Base {
    /// The commit.
    pub commit: String,
    /// The sources of its manifests.
    pub sources: Sources,
    /// Its desired state.
    pub desired: Desired,
    /// Whether it could be read; otherwise its protections are unknown.
    pub whole: bool,
    /// Its rules of `ignore:`.
    pub ignore: Vec<IgnoreRule>,
    /// Its rules of `allow:`.
    pub allow: Vec<AllowRule>,
}

impl Session {
    /// Reads and builds the workspace of a revision, without selecting.
    pub fn base(&self, workspace: &Workspace, revision: &str) -> Result<Base, Failure> {
        let (commit, tree) = Tree::open(&workspace.root, revision)?;
        if !tree.has(MARKER) {
            self.observer
                .note(&format!("`{}` has no workspace here, so everything counts as new", revision.escape_debug()));
            return Ok(Base {
                commit,
                sources: Sources::new(),
                desired: Desired::default(),
                whole: true,
                ignore: vec![],
                allow: vec![],
            });
        }
        let found = tree.found()?;
        let built = manifest::build(found.files, &tree, KINDS, &self.manifest_options(&workspace.root));
        let mut findings = found.diagnostics;
        findings.extend(built.diagnostics);
        if findings.has_errors() {
            let message = format!("the manifests of `{revision}` are not valid; the places are those of that revision");
            findings.push(Diagnostic::new(codes::NO_BASE, Severity::Error, message));
            return Err(Failure::invalid(findings, built.sources));
        }
        let mut bared = Diagnostics::new();
        for (path, span) in manifest::bared(&workspace.shown, &built.secret_files) {
            bared.push(manifest::shown_secret(path, span));
        }
        // A file that git ignored at the base may be secret, so a branch must commit it before it is shown.
        let ignored: Vec<_> = workspace.shown.iter().filter(|(path, _)| tree.ignored(path).is_some()).collect();
        let head = if ignored.is_empty() { None } else { Some(Tree::open(&workspace.root, "HEAD")?.1) };
        for (path, span) in ignored.into_iter().filter(|(path, _)| !head.as_ref().is_some_and(|head| head.has(path))) {
            let message = format!("`{path}` is ignored by git at `{revision}`, and would be shown here");
            bared.push(Diagnostic::error(manifest_codes::FILE_REFUSED, *span, message).private());
        }
        if bared.has_errors() {
            // This holds whatever else of the base is unknown.
            return Err(Failure { exit: Exit::Refused, ..Failure::invalid(bared, workspace.sources.clone()) });
        }
        Ok(Base {
            commit,
            sources: built.sources,
            desired: built.desired,
            whole: true,
            ignore: built.ignore,
            allow: built.allow,
        })
    }

    /// The base for its protections: where its manifests are not valid, those are unknown.
    pub fn guard(&self, workspace: &Workspace, revision: &str) -> Result<Base, Failure> {
        match self.base(workspace, revision) {
            Err(failure) if failure.exit == Exit::Invalid && commit(&workspace.root, revision).is_ok() => {
                self.observer.note(&format!(
                    "the manifests of `{}` are not valid, so every project counts as protected",
                    revision.escape_debug()
                ));
                let commit = commit(&workspace.root, revision)?;
                let (sources, desired) = (Sources::new(), Desired::default());
                Ok(Base { commit, sources, desired, whole: false, ignore: vec![], allow: vec![] })
            }
            other => other,
        }
    }

    /// The workspace of an earlier revision, if it can be read.
    pub(super) fn quietly(&self, workspace: &Workspace, commit: &str) -> Option<Base> {
        let (_, tree) = Tree::open(&workspace.root, commit).ok()?;
        if tree.has(MARKER) { self.base(workspace, commit).ok() } else { None }
    }
}

/// The rules of `allow:` of a revision, even if the manifests beside them are not valid.
pub(super) fn allow(root: &Root, revision: &str) -> Result<Vec<AllowRule>, Failure> {
    let (_, tree) = Tree::open(root, revision)?;
    match tree.text(MARKER) {
        Ok(text) => manifest::allowances(text.to_string()).map_err(|(mut findings, sources)| {
            let message = format!("the rules of `{revision}` are not valid; the places are those of that revision");
            findings.push(Diagnostic::new(codes::NO_BASE, Severity::Error, message));
            Failure::invalid(findings, sources)
        }),
        Err(Refused::Missing) => Ok(vec![]),
        Err(why) => {
            let message = format!("`{MARKER}` of `{revision}` cannot be read: {why}");
            Err(Failure::new(Exit::Failed, codes::NO_BASE, message))
        }
    }
}
