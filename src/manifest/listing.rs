//! Which files of a listing are manifests, by the rules that [`super::workspace`] follows in a folder.

use std::collections::BTreeMap;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The file that names what is no manifest.
pub const IGNORE: &str = ".supaformignore";

/// The manifests among `paths` (from the root, with `/`), sorted; `ignores` are the texts of the ignore files by folder.
#[must_use]
pub fn manifests<'p>(paths: impl Iterator<Item = &'p str>, ignores: &BTreeMap<String, String>) -> Vec<&'p str> {
    let rules: BTreeMap<&str, Gitignore> =
        ignores.iter().map(|(folder, text)| (folder.as_str(), rules(folder, text))).collect();
    let mut found: Vec<&str> = paths.filter(|path| is_yaml(path) && !is_ignored(path, &rules)).collect();
    found.sort_unstable();
    found
}

fn rules(folder: &str, text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.lines() {
        // A line that cannot be read ignores nothing, as in a folder.
        drop(builder.add_line(None, line));
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn is_yaml(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name.rsplit_once('.'), Some((stem, "yaml" | "yml")) if !stem.is_empty())
}

/// Whether a part of the path is hidden or ignored: nothing below an ignored folder can be had back.
fn is_ignored(path: &str, rules: &BTreeMap<&str, Gitignore>) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| (at, true)).chain([(path.len(), false)]);
    ends.into_iter().any(|(end, folder)| {
        let part = path.get(..end).unwrap_or_default();
        let name = part.rsplit('/').next().unwrap_or_default();
        name.starts_with('.') || (folder && name == "node_modules") || is_named(part, folder, rules)
    })
}

/// Whether the nearest ignore file that says anything of a path names it.
fn is_named(path: &str, folder: bool, rules: &BTreeMap<&str, Gitignore>) -> bool {
    let above = path.rmatch_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default()).chain([""]);
    for above in above {
        match rules.get(above).map(|rules| rules.matched(path, folder)) {
            Some(Match::Ignore(_)) => return true,
            Some(Match::Whitelist(_)) => return false,
            Some(Match::None) | None => {}
        }
    }
    false
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
        let ignores = files.iter().filter(|(path, _)| path.ends_with(IGNORE)).map(|(path, text)| {
            let folder = path.strip_suffix(IGNORE).unwrap().trim_end_matches('/');
            (folder.to_owned(), (*text).to_owned())
        });
        let found = manifests(files.iter().map(|(path, _)| *path), &ignores.collect());
        let walked = crate::manifest::workspace::read(&Root::new(dir.path())).files;
        let walked: Vec<_> = walked.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(found, walked);
        assert!(found.contains(&"projects/old-1.yaml") && found.contains(&"kept/y.yaml"), "{found:?}");
    }
}
