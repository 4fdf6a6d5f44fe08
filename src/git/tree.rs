//! The files of a workspace at a commit, read from git's objects: the working tree is never touched.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ask::{commit, failed, git, no_repository, text};
use crate::failure::Failure;
use crate::files::{Refused, Root};
use crate::manifest::listing::{self, Ignores};
use crate::manifest::marker::Limits;
use crate::manifest::{MARKER, Texts};
use crate::workspace;

/// The files below the root at a commit.
pub struct Tree<'a> {
    root: &'a Root,
    files: BTreeMap<String, Blob>,
    /// Paths that must not be shown, by ignore file.
    ignores: OnceCell<[(&'static str, Ignores); 2]>,
}

/// A file as git lists it.
struct Blob {
    link: bool,
    id: String,
}

impl<'a> Tree<'a> {
    /// Lists the files below the root at a revision, whose commit is returned, too.
    pub fn open(root: &'a Root, revision: &str) -> Result<(String, Self), Failure> {
        let prefix = git(root.path(), &["rev-parse", "--show-prefix"], None).map_err(|why| no_repository(&why))?;
        let commit = commit(root, revision)?;
        let tree = format!("{commit}:{}", text(&prefix));
        // A revision without the folder has no workspace.
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

    /// The manifests and their texts, with one run of git.
    pub fn found(&self) -> Result<workspace::Found, Failure> {
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
    /// The ignore file that lists a path.
    #[must_use]
    pub fn ignored(&self, path: &str) -> Option<&'static str> {
        let read = |name| (name, self.ignores(name, Ignores::of_any_case()).unwrap_or_default());
        let all = self.ignores.get_or_init(|| [read(listing::IGNORE), read(listing::GITIGNORE)]);
        all.iter().find(|(_, ignores)| ignores.leave_out(path)).map(|(name, _)| *name)
    }

    /// Whether the commit has a file.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Those of the files that are as they are in the commit.
    pub fn holds(&self, files: &[(String, String)]) -> Result<BTreeSet<String>, Failure> {
        let blob = |path: &str| self.files.get(path).filter(|blob| !blob.link);
        let known: Vec<_> = files.iter().filter_map(|(path, text)| Some((path, text, blob(path)?))).collect();
        let blobs = self.batch(known.iter().map(|(.., blob)| blob.id.as_str()))?;
        let same = |((path, text, _), blob): ((&String, &String, &Blob), Vec<u8>)| {
            let committed = as_text(blob, u64::MAX).ok()?;
            same(&committed, text).then(|| path.clone())
        };
        Ok(known.into_iter().zip(blobs).filter_map(same).collect())
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Result<Arc<str>, Refused> {
        as_text(self.blob(path)?, workspace::MOST_TEXT).map(Arc::from)
    }

    fn blob(&self, path: &str) -> Result<Vec<u8>, Refused> {
        let blob = self.files.get(path).ok_or(Refused::Missing)?;
        if blob.link {
            return Err(Refused::Link);
        }
        let mut found = self.batch([blob.id.as_str()].into_iter()).map_err(|_| Refused::Missing)?;
        Ok(found.pop().unwrap_or_default())
    }
}

impl Texts for Tree<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        match self.ignored(path) {
            Some(by) => Err(Refused::Ignored { by }),
            None => self.text(path),
        }
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        if let Some(by) = self.ignored(path) {
            return Err(Refused::Ignored { by });
        }
        self.blob(path).and_then(|bytes| within(bytes, workspace::MOST_CONTENT)).map(Arc::from)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        let folder = folder.trim_end_matches('/');
        let below =
            |path: &&String| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let mut below = self.files.keys().filter(below).peekable();
        below.peek().ok_or(Refused::Missing)?;
        let shown = |path: &&String| listing::never_shown(path).is_none() && self.ignored(path).is_none();
        let found: Vec<String> = below.filter(shown).cloned().collect();
        let most = workspace::MOST_LISTED;
        if found.len() > most { Err(Refused::TooMany { most }) } else { Ok(found) }
    }
}

/// Whether two texts are the same except for line ends, which git may change in the folder.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
}

fn within(bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, Refused> {
    if bytes.len() as u64 > most { Err(Refused::TooLarge { most }) } else { Ok(bytes) }
}

fn as_text(bytes: Vec<u8>, most: u64) -> Result<String, Refused> {
    let bytes = within(bytes, most)?;
    let text = String::from_utf8(bytes).map_err(|why| Refused::NotText { at: why.utf8_error().valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
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
