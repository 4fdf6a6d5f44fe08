//! The workspace at another revision, read from git's objects: the working tree is never touched.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::workspace::Workspace;
use super::{Failure, Run, tracked};
use crate::diag::codes::{manifest as manifest_codes, run as codes};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::files::{Refused, Root};
use crate::kinds::KINDS;
use crate::manifest::listing::{self, Ignores};
use crate::manifest::marker::Limits;
use crate::manifest::{self, MARKER, Texts, workspace};
use crate::model::{AllowRule, Desired, IgnoreRule};

/// How many states of a workspace are looked at for one that live is still like.
const MOST_STATES: usize = 10;

/// What another revision says.
pub(super) struct Base {
    pub commit: String,
    pub sources: Sources,
    pub desired: Desired,
    /// Whether it could be read; otherwise what it protects is not known.
    pub whole: bool,
    /// Its rules of `ignore:`.
    pub ignore: Vec<IgnoreRule>,
    /// Its rules of `allow:`.
    pub allow: Vec<AllowRule>,
}

/// Reads and builds the workspace of a revision, whatever is selected.
pub(super) fn load(run: &Run, workspace: &Workspace, revision: &str) -> Result<Base, Failure> {
    let (commit, tree) = Tree::open(&workspace.root, revision)?;
    if !tree.files.contains_key(MARKER) {
        run.terminal.err(&format!("`{}` has no workspace here, so that everything is new\n", revision.escape_debug()));
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
    let built = manifest::build(found.files, &tree, KINDS, &run.manifest_options(&workspace.root));
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
    // A branch does not make public what it no longer ignores, unless it commits it.
    let ignored: Vec<_> = workspace.shown.iter().filter(|(path, _)| tree.ignored(path).is_some()).collect();
    let head = if ignored.is_empty() { None } else { Some(Tree::open(&workspace.root, "HEAD")?.1) };
    for (path, span) in ignored.into_iter().filter(|(path, _)| !head.as_ref().is_some_and(|head| head.has(path))) {
        let message = format!("`{path}` is ignored at `{revision}`, and would be shown here");
        bared.push(Diagnostic::error(manifest_codes::FILE_REFUSED, *span, message).private());
    }
    if bared.has_errors() {
        // Whatever is not known of the base, this is.
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

/// The same, for what it protects: where its manifests are not valid, that is not known.
pub(super) fn guard(run: &Run, workspace: &Workspace, revision: &str) -> Result<Base, Failure> {
    match load(run, workspace, revision) {
        Err(failure) if failure.exit == Exit::Invalid && commit(&workspace.root, revision).is_ok() => {
            run.terminal.err(&format!(
                "the manifests of `{}` are not valid, so that every project counts as protected\n",
                revision.escape_debug()
            ));
            let commit = commit(&workspace.root, revision)?;
            let (sources, desired) = (Sources::new(), Desired::default());
            Ok(Base { commit, sources, desired, whole: false, ignore: vec![], allow: vec![] })
        }
        other => other,
    }
}

/// The commits that have made the states of the workspace before that of a revision, the newest first.
pub(super) fn earlier(workspace: &Workspace, commit: &str) -> Vec<String> {
    let most = format!("--max-count={}", MOST_STATES + 1);
    let told = git(workspace.root.path(), &["rev-list", "--first-parent", &most, commit, "--", "."], None);
    let told = told.map(|told| String::from_utf8_lossy(&told).into_owned()).unwrap_or_default();
    // The first of them has made the state of the revision itself.
    told.lines().skip(1).map(str::to_owned).collect()
}

/// What an earlier revision said, if there is anything to be read.
pub(super) fn quietly(run: &Run, workspace: &Workspace, commit: &str) -> Option<Base> {
    let (_, tree) = Tree::open(&workspace.root, commit).ok()?;
    if tree.has(MARKER) { load(run, workspace, commit).ok() } else { None }
}

/// The rules of `allow:` of a revision, whatever the manifests beside them are like.
pub(super) fn allow(root: &Root, revision: &str) -> Result<Vec<AllowRule>, Failure> {
    let (_, tree) = Tree::open(root, revision)?;
    match tree.text(MARKER) {
        Ok(text) => manifest::allowances(text.to_string()).map_err(|(mut findings, sources)| {
            let message = format!("the rules of `{revision}` are not valid; the places are those of that revision");
            findings.push(Diagnostic::new(codes::NO_BASE, Severity::Error, message));
            Failure::invalid(findings, sources)
        }),
        Err(Refused::Missing) => Ok(vec![]),
        Err(why) => Err(failed(format!("`{MARKER}` of `{revision}` is not read: {why}"))),
    }
}

/// The commit that a revision names.
pub(super) fn commit(root: &Root, revision: &str) -> Result<String, Failure> {
    let wanted = format!("{revision}^{{commit}}");
    let commit = git(root.path(), &["rev-parse", "--verify", "--end-of-options", &wanted], None);
    Ok(text(&commit.map_err(|why| no_revision(revision, &why))?))
}

/// The files below the root at a commit.
pub(super) struct Tree<'a> {
    root: &'a Root,
    files: BTreeMap<String, Blob>,
    /// What must not be shown, by the sort of ignore file.
    ignores: OnceCell<[(&'static str, Ignores); 2]>,
}

/// A file as git lists it.
struct Blob {
    link: bool,
    id: String,
}

impl<'a> Tree<'a> {
    pub(super) fn open(root: &'a Root, revision: &str) -> Result<(String, Self), Failure> {
        let prefix = git(root.path(), &["rev-parse", "--show-prefix"], None).map_err(|why| no_repository(&why))?;
        let commit = commit(root, revision)?;
        let tree = format!("{commit}:{}", text(&prefix));
        // A revision that lacks the folder has no workspace there.
        let Ok(list) = git(root.path(), &["ls-tree", "-r", "-z", "--full-tree", tree.trim_end_matches('/')], None)
        else {
            return Ok((commit, Self { root, files: BTreeMap::new(), ignores: OnceCell::new() }));
        };
        let files = list.split(|byte| *byte == 0).filter_map(|entry| {
            let (facts, path) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
            let mut facts = facts.split(' ');
            let (mode, sort, id) = (facts.next()?, facts.next()?, facts.next()?);
            (sort == "blob").then(|| (path.to_owned(), Blob { link: mode == "120000", id: id.to_owned() }))
        });
        Ok((commit, Self { root, files: files.collect(), ignores: OnceCell::new() }))
    }

    /// The manifests and their texts, in one question to git.
    pub(super) fn found(&self) -> Result<workspace::Found, Failure> {
        let ignores = self.ignores(listing::IGNORE, Ignores::default())?;
        let limits = self.text(MARKER).map_or_else(|_| Limits::default(), |text| Limits::of(&text));
        let paths = self.files.keys().map(String::as_str).filter(|path| limits.allow(path));
        let paths = listing::manifests(paths, &ignores);
        let blobs = self.batch(paths.iter().map(|path| self.files[*path].id.as_str()))?;
        let mut texts: BTreeMap<&str, Vec<u8>> = paths.iter().copied().zip(blobs).collect();
        let paths = paths.into_iter().map(str::to_owned).collect();
        Ok(workspace::collect(paths, |path, most| {
            if self.files[path].link {
                return Err(Refused::Link);
            }
            within(texts.remove(path).unwrap_or_default(), most)
        }))
    }

    /// The rules of ignore files of one name.
    fn ignores(&self, name: &str, mut ignores: Ignores) -> Result<Ignores, Failure> {
        let named = |(path, blob): &(&String, &Blob)| !blob.link && path.rsplit('/').next() == Some(name);
        let files: Vec<_> = self.files.iter().filter(named).collect();
        let texts = self.batch(files.iter().map(|(_, blob)| blob.id.as_str()))?;
        for ((path, _), text) in files.iter().zip(texts) {
            let folder = path.strip_suffix(name).unwrap_or_default().trim_end_matches('/');
            ignores.add(folder, &String::from_utf8_lossy(&text));
        }
        Ok(ignores)
    }

    /// The contents of blobs, in their order.
    fn batch<'i>(&self, ids: impl Iterator<Item = &'i str>) -> Result<Vec<Vec<u8>>, Failure> {
        let ids: Vec<&str> = ids.collect();
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let answer = git(self.root.path(), &["cat-file", "--batch"], Some(ids.join("\n") + "\n"));
        let answer = answer.map_err(|why| failed(why.message()))?;
        let mut rest = answer.as_slice();
        let blobs: Option<Vec<Vec<u8>>> = ids.iter().map(|_| blob(&mut rest)).collect();
        blobs.ok_or_else(|| failed("git answered with something that is not understood".to_owned()))
    }
}

/// The next blob of `cat-file --batch`: `ID blob SIZE`, its bytes, a line break.
fn blob(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let line = rest.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = rest.split_at_checked(line)?;
    let size: usize = std::str::from_utf8(head).ok()?.rsplit(' ').next()?.parse().ok()?;
    let bytes = body.get(1..=size)?.to_vec();
    *rest = body.get(size + 2..)?;
    Some(bytes)
}

impl Tree<'_> {
    /// The sort of ignore file that names a path there.
    fn ignored(&self, path: &str) -> Option<&'static str> {
        let read = |name| (name, self.ignores(name, Ignores::of_any_case()).unwrap_or_default());
        let all = self.ignores.get_or_init(|| [read(listing::IGNORE), read(listing::GITIGNORE)]);
        all.iter().find(|(_, ignores)| ignores.leave_out(path)).map(|(name, _)| *name)
    }

    /// Whether git keeps a file there.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Of files those that are as they are in the commit.
    pub(super) fn holds(&self, files: &[(String, String)]) -> Result<BTreeSet<String>, Failure> {
        let blob = |path: &str| self.files.get(path).filter(|blob| !blob.link);
        let known: Vec<_> = files.iter().filter_map(|(path, text)| Some((path, text, blob(path)?))).collect();
        let blobs = self.batch(known.iter().map(|(.., blob)| blob.id.as_str()))?;
        let same = |((path, text, _), blob): ((&String, &String, &Blob), Vec<u8>)| {
            let committed = as_text(blob, u64::MAX).ok()?;
            tracked::same(&committed, text).then(|| path.clone())
        };
        Ok(known.into_iter().zip(blobs).filter_map(same).collect())
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Result<Arc<str>, Refused> {
        let blob = self.files.get(path).ok_or(Refused::Missing)?;
        if blob.link {
            return Err(Refused::Link);
        }
        let mut found = self.batch([blob.id.as_str()].into_iter()).map_err(|_| Refused::Missing)?;
        as_text(found.pop().unwrap_or_default(), workspace::MOST_TEXT).map(Arc::from)
    }
}

impl Texts for Tree<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        match self.ignored(path) {
            Some(by) => Err(Refused::Ignored { by }),
            None => self.text(path),
        }
    }
}

fn within(bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, Refused> {
    if bytes.len() as u64 > most { Err(Refused::TooLarge { most }) } else { Ok(bytes) }
}

fn as_text(bytes: Vec<u8>, most: u64) -> Result<String, Refused> {
    let bytes = within(bytes, most)?;
    let text = String::from_utf8(bytes).map_err(|why| Refused::NotText { at: why.utf8_error().valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Why git gave nothing.
pub(super) enum NoAnswer {
    /// It could not be started.
    Absent(std::io::Error),
    /// It said no.
    Refused(String),
}

impl NoAnswer {
    pub(super) fn message(&self) -> String {
        match self {
            Self::Absent(why) => format!("`git` cannot be started: {}", why.kind()),
            Self::Refused(said) => {
                let line = said.lines().next().unwrap_or("it did not say why");
                format!("git refuses: {}", line.trim_start_matches("fatal: "))
            }
        }
    }
}

/// Runs git in a folder; it is asked only for objects, and its words are English.
pub(super) fn git(folder: &Path, arguments: &[&str], input: Option<String>) -> Result<Vec<u8>, NoAnswer> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(NoAnswer::Absent)?;
    // Git answers while it still reads, so that both must go on at once.
    let writer = child
        .stdin
        .take()
        .zip(input)
        .map(|(mut stdin, input)| std::thread::spawn(move || drop(stdin.write_all(input.as_bytes()))));
    let output = child.wait_with_output().map_err(NoAnswer::Absent)?;
    if let Some(writer) = writer {
        drop(writer.join());
    }
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(NoAnswer::Refused(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}

fn failed(message: String) -> Failure {
    Failure::new(Exit::Failed, codes::NO_BASE, message)
}

fn no_repository(why: &NoAnswer) -> Failure {
    let (message, hint) = match why {
        NoAnswer::Absent(_) => (why.message(), "Install git: `--base` reads the other revision with it."),
        NoAnswer::Refused(said) if said.contains("not a git repository") => {
            ("the workspace lies in no git repository".to_owned(), "`--base` compares with a commit of one.")
        }
        NoAnswer::Refused(said) if said.contains(ANOTHER_OWNER) => (why.message(), HOW_TO_OWN),
        NoAnswer::Refused(_) => (why.message(), "`--base` asks git for the files of that revision."),
    };
    Failure::with_hint(Exit::Failed, codes::NO_BASE, message, hint)
}

/// What git says of a repository whose files belong to another user, as in a container.
const ANOTHER_OWNER: &str = "dubious ownership";

const HOW_TO_OWN: &str = "Its files belong to another user. If that is as it should be, as in a container, run `git config --global --add safe.directory` with that folder.";

fn no_revision(revision: &str, why: &NoAnswer) -> Failure {
    // Where git does not look at all, it says nothing of the revision.
    if let NoAnswer::Refused(said) = why
        && [ANOTHER_OWNER, "not a git repository"].iter().any(|words| said.contains(words))
    {
        return no_repository(why);
    }
    let message = match why {
        NoAnswer::Absent(_) => why.message(),
        NoAnswer::Refused(_) => format!("there is no commit `{revision}`"),
    };
    let hint = "Name a branch, a tag or a commit. A shallow clone, as in CI, has to fetch it first.";
    Failure::with_hint(Exit::Invalid, codes::NO_BASE, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_git_are_taken_apart_by_their_sizes() {
        let answer = b"abc blob 4\na\nb\n\nabd blob 0\n\nabe blob 2\nxy\n";
        let mut rest = answer.as_slice();
        let mut next = || blob(&mut rest);
        assert_eq!(next(), Some(b"a\nb\n".to_vec()));
        assert_eq!(next(), Some(vec![]));
        assert_eq!(next(), Some(b"xy".to_vec()));
        assert_eq!(next(), None);
        for cut in ["abc missing\n", "abc blob 9\nx\n", "abc blob 1", ""] {
            assert_eq!(blob(&mut cut.as_bytes()), None, "{cut}");
        }
    }
}
