//! Which files are left out: those that ignore files name, hidden files, and folders of packages. The rules are the same
//! for a folder ([`crate::workspace`]) and for a listing of git.

use std::collections::BTreeMap;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use unicode_normalization::UnicodeNormalization as _;

use crate::files::Refused;

/// The ignore file that lists files that are no manifests.
pub const IGNORE: &str = ".supaformignore";
/// Git's ignore file.
pub const GITIGNORE: &str = ".gitignore";
/// The folder of installed packages of npm.
const PACKAGES: &str = "node_modules";

/// The hint for a file that looks like another tool's.
pub(crate) const NOT_OURS: &str = "If the file is no manifest, name it in `.supaformignore`, or list the folders of manifests under `manifests:` in `supaform.yaml`.";

/// The rules of ignore files of one name, by folder.
#[derive(Debug, Default)]
pub struct Ignores {
    rules: BTreeMap<String, Gitignore>,
    /// Whether `A` equals `a`, as on some file systems.
    any_case: bool,
}

impl Ignores {
    /// No rules yet; upper and lower case are the same.
    #[must_use]
    pub fn of_any_case() -> Self {
        Self { any_case: true, ..Self::default() }
    }

    /// Adds the text of the ignore file of a folder: its path from the root with `/`, empty for the root itself.
    pub fn add(&mut self, folder: &str, text: &str) {
        let mut builder = GitignoreBuilder::new(folder);
        drop(builder.case_insensitive(self.any_case));
        for line in text.lines() {
            // A line that cannot be read ignores nothing, as in git.
            drop(builder.add_line(None, line));
        }
        self.rules.insert(folder.to_owned(), builder.build().unwrap_or_else(|_| Gitignore::empty()));
    }

    /// Whether the nearest ignore file with a rule for a path leaves it out.
    #[must_use]
    pub fn names(&self, path: &str, folder: bool) -> bool {
        let above = path.rmatch_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default()).chain([""]);
        for above in above {
            match self.rules.get(above).map(|rules| rules.matched(path, folder)) {
                Some(Match::Ignore(_)) => return true,
                Some(Match::Whitelist(_)) => return false,
                Some(Match::None) | None => {}
            }
        }
        false
    }

    /// Whether a file, or a folder above it, is left out: nothing below an ignored folder can be included again, as in git.
    #[must_use]
    pub fn leave_out(&self, path: &str) -> bool {
        prefixes(path).any(|(part, folder)| self.names(part, folder))
    }
}

/// The folders of a path from the root down, then the path itself; each with whether it is a folder.
fn prefixes(path: &str) -> impl Iterator<Item = (&str, bool)> {
    let ends = path.match_indices('/').map(|(at, _)| (at, true)).chain([(path.len(), false)]);
    ends.map(move |(end, folder)| (path.get(..end).unwrap_or_default(), folder))
}

/// The folders above a path, from the root down; the root is an empty text.
pub fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once("").chain(prefixes(path).filter(|(_, folder)| *folder).map(|(part, _)| part))
}

/// The manifests among `paths` (from the root, with `/`), sorted.
#[must_use]
pub fn manifests<'p>(paths: impl Iterator<Item = &'p str>, ignores: &Ignores) -> Vec<&'p str> {
    let mut found: Vec<&str> =
        paths.filter(|path| is_yaml(path) && !is_hidden(path) && !ignores.leave_out(path)).collect();
    found.sort_unstable();
    found
}

/// Whether a file is YAML by its name.
pub(crate) fn is_yaml(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name.rsplit_once('.'), Some((stem, "yaml" | "yml")) if !stem.is_empty())
}

/// Whether a name alone leaves out a file or folder.
pub(crate) fn is_passed_over(name: &str, folder: bool) -> bool {
    name.starts_with('.') || (folder && name == PACKAGES)
}

fn is_hidden(path: &str) -> bool {
    prefixes(path).any(|(part, folder)| is_passed_over(part.rsplit('/').next().unwrap_or_default(), folder))
}

/// Why a file must not be shown, whatever it holds, judged by its path alone.
pub(crate) fn never_shown(path: &str) -> Option<Refused> {
    // Other systems accept further names for a file: with blanks or dots behind, shortened, or with the name of a stream.
    let short =
        |part: &str| part.rsplit_once('~').is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
    let alias = |part: &str| part.ends_with(['.', ' ']) || part.contains(':') || short(part);
    if path.split('/').any(|part| part.starts_with('.') || alias(part)) {
        return Some(Refused::Hidden);
    }
    path.split('/').any(|part| part.eq_ignore_ascii_case(PACKAGES)).then_some(Refused::Package)
}

/// A path as file systems compare it that ignore case and Unicode normal form.
pub(super) fn folded(path: &str) -> String {
    path.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::Root;

    #[test]
    fn a_listing_is_read_as_the_folder_would_be() {
        let files = [
            ("supaform.yaml", ""),
            ("a.yml", ""),
            ("b.txt", ""),
            (".hidden.yaml", ""),
            (".github/ci.yaml", ""),
            ("web/node_modules/x.yaml", ""),
            ("node_modules.yaml", ""),
            (".yaml", ""),
            ("charts/values.yaml", ""),
            ("charts/deep/values.yaml", ""),
            ("projects/old-1.yaml", ""),
            ("projects/old-2.yaml", ""),
            ("projects/new.yaml", ""),
            ("deep/charts/kept.yaml", ""),
            ("deep/gone.yaml", ""),
            ("deep/er/gone.yaml", ""),
            ("kept/x.yaml", ""),
            ("kept/y.yaml", ""),
            (".supaformignore", "/charts/\nold-*.yaml\n!old-2.yaml\nkept/*\n!kept/y.yaml\n# no rule\n"),
            ("deep/.supaformignore", "gone.yaml\n"),
            ("projects/.supaformignore", "!old-1.yaml\n"),
        ];
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut ignores = Ignores::default();
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(IGNORE)) {
            ignores.add(path.strip_suffix(IGNORE).unwrap().trim_end_matches('/'), text);
        }
        let found = manifests(files.iter().map(|(path, _)| *path), &ignores);
        let walked = crate::workspace::read(&Root::new(dir.path())).files;
        let walked: Vec<_> = walked.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(found, walked);
        assert!(found.contains(&"projects/old-1.yaml") && found.contains(&"kept/y.yaml"), "{found:?}");
    }
}
