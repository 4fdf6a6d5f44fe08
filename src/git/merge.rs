//! The merge of a branch with its base, made by git from its objects.
//!
//! A branch that lacks commits of its base does not mean to revert them. So the tree of a merge is planned. Uncommitted
//! changes count as the branch's. The working tree, the index and the branches stay as they are; git keeps the objects of
//! the merge until it collects garbage.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::ask::{self, GitOutput, NoAnswer, commit, failed, text};
use super::history::is_shallow;
use super::tree::Tree;
use crate::diag::Sources;
use crate::diag::codes::{run as codes, trust};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{Refused, Root, Scratch};
use crate::kinds::KINDS;
use crate::manifest::{self, Built, Texts, listing};
use crate::text::count;
use crate::workspace;

/// A merge that is only read.
pub struct Merge {
    /// How many commits of the base the branch lacks.
    pub behind: usize,
    /// The last common commit.
    pub fork: String,
    /// The tree of the merge.
    pub tree: String,
    /// A commit of that tree, without a branch.
    commit: String,
    /// A commit of the branch with its uncommitted changes.
    head: String,
    /// The base as the command line names it.
    revision: String,
    /// Files that both have changed in the same place, by their paths from the root.
    conflicts: BTreeSet<String>,
}

impl Merge {
    /// The merge of the checked-out commit with a base; `None` where the commit has all of the base.
    pub fn of(root: &Root, revision: &str, untrusted: bool) -> Result<Option<Self>, Failure> {
        // An error of the base is reported where the base is read.
        let (Ok(base), Ok(head)) = (commit(root, revision), commit(root, "HEAD")) else { return Ok(None) };
        if base == head || has_parent(root, &head, &base) || is_ancestor(root, &base, &head)? {
            return Ok(None);
        }
        let folder = root.path();
        let Some(fork) = fork(root, &base, &head)? else { return Err(nothing_in_common(root, revision)) };
        let behind =
            text(&git(folder, &["rev-list", "--count", &format!("{head}..{base}")])?).parse().unwrap_or_default();
        // The uncommitted files of untrusted manifests do not count.
        let branch = if untrusted { head } else { with_changes(root, &head)? };
        let merged =
            ask(folder, &["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", &base, &branch], None)?;
        let (tree, conflicts) = match merged.code {
            Some(0 | 1) if !merged.stdout.is_empty() => taken_apart(&merged.stdout),
            _ => return Err(cannot_merge(root, revision, &merged.stderr)),
        };
        let prefix = text(&git(folder, &["rev-parse", "--show-prefix"])?);
        let conflicts = conflicts.iter().filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned).collect();
        let commit = committed(folder, &tree, &[&base, &branch])?;
        Ok(Some(Self { behind, fork, tree, commit, head: branch, revision: revision.to_owned(), conflicts }))
    }

    /// The distance of the branch from its base, in words.
    #[must_use]
    pub fn told(&self) -> String {
        let many = count(self.behind, "commit");
        format!("The branch is {many} behind `{}`: what is planned is the merge of both", self.revision.escape_debug())
    }

    /// Reads and builds the workspace of the merge.
    pub fn build(&self, root: &Root, untrusted: bool, options: &manifest::Options) -> Result<(usize, Built), Failure> {
        let (_, tree) = Tree::open(root, &self.commit)?;
        let mut found = tree.found()?;
        if found.is_unread() {
            return Err(Failure::invalid(found.diagnostics, Sources::new()));
        }
        let wanted: Vec<String> = found.files.iter().map(|(path, _)| path.clone()).collect();
        if !untrusted {
            // A manifest that git ignores is in no commit, and stays as it is.
            let (_, head) = Tree::open(root, &self.head)?;
            let here = workspace::read(root);
            found.files.extend(here.files.into_iter().filter(|(path, _)| !head.has(path) && !tree.has(path)));
            found.files.sort();
        }
        let files = found.files.len();
        let texts = Merged { tree, read: RefCell::default() };
        let mut built = manifest::build(found.files, &texts, KINDS, options);
        let mut read = texts.read.take();
        read.extend(wanted);
        let is_read = |path: &&String| read.contains(*path) || path.rsplit('/').next() == Some(listing::IGNORE);
        let conflicts: Vec<&String> = self.conflicts.iter().filter(is_read).collect();
        if !conflicts.is_empty() {
            return Err(self.conflict(&conflicts));
        }
        found.diagnostics.extend(std::mem::take(&mut built.diagnostics));
        built.diagnostics = found.diagnostics;
        if built.diagnostics.has_errors() {
            let message = format!("the places are those of the merge with `{}`, which is not made yet", self.revision);
            let found = crate::diag::Diagnostic::new(codes::NO_BASE, crate::diag::Severity::Error, message);
            built.diagnostics.push(found.hint("Merge that revision into the branch to see the files."));
        }
        Ok((files, built))
    }

    fn conflict(&self, files: &[&String]) -> Failure {
        let list: Vec<String> = files.iter().map(|path| format!("`{}`", path.escape_debug())).collect();
        let message = format!("the branch cannot be merged with `{}`: both change {}", self.revision, list.join(", "));
        let hint = format!("Merge `{}` into the branch, settle the conflicts, and plan again.", self.revision);
        Failure::with_hint(Exit::Invalid, trust::MERGE_CONFLICT, message, hint)
    }

    /// The failure of an apply on a branch that lacks commits of its base.
    #[must_use]
    pub fn refused(&self) -> Failure {
        let many = count(self.behind, "commit");
        let message =
            format!("the branch lacks {many} of `{}`, and apply would revert what they changed", self.revision);
        let hint = "Merge that revision into the branch first: apply uses the checked-out files, never a merge that nobody has made.";
        Failure::with_hint(Exit::Refused, trust::BEHIND_BASE, message, hint)
    }
}

/// The texts of the merge, and which of them were used.
struct Merged<'a> {
    tree: Tree<'a>,
    read: RefCell<BTreeSet<String>>,
}

impl Texts for Merged<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        self.read.borrow_mut().insert(path.to_owned());
        Texts::read(&self.tree, path)
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        self.read.borrow_mut().insert(path.to_owned());
        self.tree.bytes(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        Texts::list(&self.tree, folder)
    }
}

/// Whether a commit has another one as its parent, as the merge commit has that GitHub checks out for a pull request. The
/// commit itself is read, because a shallow clone has no history.
fn has_parent(root: &Root, commit: &str, parent: &str) -> bool {
    let Ok(said) = git(root.path(), &["cat-file", "commit", commit]) else { return false };
    let said = String::from_utf8_lossy(&said);
    said.lines().take_while(|line| !line.is_empty()).any(|line| line.strip_prefix("parent ") == Some(parent))
}

fn is_ancestor(root: &Root, base: &str, head: &str) -> Result<bool, Failure> {
    let asked = ask(root.path(), &["merge-base", "--is-ancestor", base, head], None)?;
    match asked.code {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(said_no(&asked.stderr)),
    }
}

fn fork(root: &Root, base: &str, head: &str) -> Result<Option<String>, Failure> {
    let asked = ask(root.path(), &["merge-base", base, head], None)?;
    match asked.code {
        Some(0) => Ok(Some(text(&asked.stdout))),
        Some(1) => Ok(None),
        _ => Err(said_no(&asked.stderr)),
    }
}

/// The head, or a commit of the head with its uncommitted changes.
fn with_changes(root: &Root, head: &str) -> Result<String, Failure> {
    let folder = root.path();
    let scratch = Scratch::new().map_err(|why| failed(format!("no folder can be made to work in: {why}")))?;
    let index = folder.join(text(&git(folder, &["rev-parse", "--git-path", "index"])?));
    let own = scratch.path("index");
    let own = Some(own.as_path());
    // With git's index, unchanged files need not be read.
    if scratch.copy(&index, "index").is_err() {
        done(ask(folder, &["read-tree", head], own)?)?;
    }
    done(ask(folder, &["-c", "core.fsmonitor=false", "add", "-A", "--", "."], own)?)?;
    let tree = text(&done(ask(folder, &["write-tree"], own)?)?);
    if tree == text(&git(folder, &["rev-parse", &format!("{head}^{{tree}}")])?) {
        return Ok(head.to_owned());
    }
    committed(folder, &tree, &[head])
}

/// A commit without a branch.
fn committed(folder: &Path, tree: &str, parents: &[&str]) -> Result<String, Failure> {
    let mut arguments = vec!["commit-tree", tree, "-m", "supaform"];
    for parent in parents {
        arguments.extend(["-p", parent]);
    }
    Ok(text(&git(folder, &arguments)?))
}

/// `TREE`, and the paths in conflict, each followed by a NUL.
fn taken_apart(answer: &[u8]) -> (String, Vec<String>) {
    let mut parts = answer.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).into_owned());
    let tree = parts.next().unwrap_or_default();
    (tree.trim().to_owned(), parts.filter(|path| !path.is_empty()).collect())
}

/// Runs git; always as the same person at the same time, so that the same merge is the same commit.
fn ask(folder: &Path, arguments: &[&str], index: Option<&Path>) -> Result<GitOutput, Failure> {
    let mut command = ask::command(folder, arguments);
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "supaform").env(format!("GIT_{role}_EMAIL"), "supaform@localhost");
        command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
    }
    ask::ask(command, None).map_err(|why| failed(why.message()))
}

fn done(said: GitOutput) -> Result<Vec<u8>, Failure> {
    if said.code == Some(0) { Ok(said.stdout) } else { Err(said_no(&said.stderr)) }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    done(ask(folder, arguments, None)?)
}

fn said_no(stderr: &str) -> Failure {
    failed(NoAnswer::Refused(stderr.to_owned()).message())
}

fn nothing_in_common(root: &Root, revision: &str) -> Failure {
    if is_shallow(root) {
        let message =
            format!("the last common commit of the branch and `{revision}` is unknown, because the clone is shallow");
        let hint = "Fetch the whole history: `fetch-depth: 0` on GitHub and Gitea, `GIT_DEPTH: 0` on GitLab, `clone: {depth: full}` on Bitbucket, `git fetch --unshallow` by hand.";
        return Failure::with_hint(Exit::Failed, codes::NO_BASE, message, hint);
    }
    let message = format!("the branch and `{revision}` have no commit in common");
    Failure::with_hint(Exit::Invalid, codes::NO_BASE, message, "Name the branch that this one will be merged into.")
}

fn cannot_merge(root: &Root, revision: &str, stderr: &str) -> Failure {
    let is_old = stderr.contains("usage:") || stderr.contains("write-tree") || stderr.contains("unknown option");
    if !is_old {
        return said_no(stderr);
    }
    let version = git(root.path(), &["version"]).map(|version| text(&version)).unwrap_or_default();
    let version = version.trim_start_matches("git version ").to_owned();
    let message =
        format!("the branch is behind `{revision}`, and to merge them takes git 2.38 or later: this is {version}");
    let hint = format!("Use a later git, or merge `{revision}` into the branch yourself.");
    Failure::with_hint(Exit::Failed, codes::NO_BASE, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_a_merge_is_taken_apart() {
        let of = |answer: &str| taken_apart(answer.as_bytes());
        assert_eq!(of("abc\0"), ("abc".to_owned(), vec![]));
        assert_eq!(of("abc\n"), ("abc".to_owned(), vec![]));
        assert_eq!(of("abc\0a b.yaml\0ü.yaml\0"), ("abc".to_owned(), vec!["a b.yaml".to_owned(), "ü.yaml".to_owned()]));
    }
}
