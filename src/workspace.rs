//! Finds the root and the files below it, and reads them. No other files are read unless a manifest names them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::codes::{manifest as codes, yaml as yaml_codes};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::files::{Refused, Root, What};
use crate::manifest::listing::{self, GITIGNORE, IGNORE, Ignores, NOT_OURS};
use crate::manifest::marker::Limits;
use crate::manifest::{MARKER, Texts};
use crate::yaml;

/// The most files: twice as many as ten thousand projects have; a folder with more is another kind of folder.
const MOST_FILES: usize = 20_000;
/// The largest manifest; nobody writes a larger one by hand.
const MOST_FILE: u64 = 1024 * 1024;
/// The most of all manifests together: ten thousand projects with a hundred settings each have half as much.
const MOST_TOTAL: usize = 64 * 1024 * 1024;
/// The largest text that a manifest names, such as a mail template.
pub const MOST_TEXT: u64 = 256 * 1024;
/// The largest file of a folder that a manifest names.
pub const MOST_CONTENT: u64 = 16 * 1024 * 1024;
/// The most files of such a folder; one with more is another kind of folder.
pub const MOST_LISTED: usize = 5_000;
/// The largest ignore file.
pub const MOST_IGNORE: u64 = 256 * 1024;

/// The contents of a workspace.
#[derive(Debug)]
pub struct Found {
    /// The YAML files, by path from the root with `/`, sorted; with their texts.
    pub files: Vec<(String, String)>,
    /// Errors of reading.
    pub diagnostics: Diagnostics,
}

/// The root: as given, or the nearest folder from `from` upwards that has a `supaform.yaml`.
///
/// # Errors
/// When there is none.
pub fn find(given: Option<&Path>, from: &Path) -> Result<Root, Diagnostic> {
    let marked = |folder: &Path| folder.join(MARKER).is_file();
    let message = match given {
        Some(root) if marked(root) => return Ok(Root::new(root)),
        Some(root) => format!("`{}` has no `{MARKER}`", root.display()),
        None => match from.ancestors().find(|folder| marked(folder)) {
            Some(root) => return Ok(Root::new(root)),
            None => format!("neither this folder nor one above it has a `{MARKER}`"),
        },
    };
    Err(Diagnostic::new(codes::NO_WORKSPACE, Severity::Error, message)
        .hint(format!("Write `version: 1` into a file `{MARKER}` at the root, or name the root with `--root`.")))
}

/// Reads the YAML files below the root, except in hidden folders, in `node_modules`, and those that `.supaformignore`
/// names; where `manifests:` is written, only the files that it names are opened.
#[must_use]
pub fn read(root: &Root) -> Found {
    let mut diagnostics = Diagnostics::new();
    let limits = root.read_text(MARKER, MOST_FILE).map_or_else(|_| Limits::default(), |text| Limits::of(&text));
    let paths = discover(root, &limits, &mut diagnostics);
    let mut found = collect(paths, |path, most| root.read(path, most));
    diagnostics.extend(std::mem::take(&mut found.diagnostics));
    Found { diagnostics, ..found }
}

impl Found {
    /// Whether nothing was read, so that the contents of the workspace are unknown.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.files.is_empty() && self.diagnostics.has_errors()
    }

    fn too_much(message: String) -> Self {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(error(codes::TOO_MUCH, message).hint(NOT_OURS));
        Self { files: vec![], diagnostics }
    }
}

/// Reads the files of these paths, each of at most so many bytes; none, where they are too many or too much.
#[must_use]
pub fn collect(paths: Vec<String>, mut read: impl FnMut(&str, u64) -> Result<Vec<u8>, Refused>) -> Found {
    if paths.len() > MOST_FILES {
        return Found::too_much(format!("more than {MOST_FILES} YAML files"));
    }
    let mut found = Found { files: vec![], diagnostics: Diagnostics::new() };
    let mut total = 0;
    for path in paths {
        match manifest(&path, read(&path, MOST_FILE)) {
            Ok(text) => {
                total += text.len();
                found.files.push((path, text));
            }
            Err(finding) => found.diagnostics.push(finding),
        }
        if total > MOST_TOTAL {
            return Found::too_much(format!("the manifests are larger than {MOST_TOTAL} bytes together"));
        }
    }
    found
}

/// The text of one of them.
fn manifest(path: &str, read: Result<Vec<u8>, Refused>) -> Result<String, Diagnostic> {
    let shown = path.escape_debug();
    let bytes = read.map_err(|why| {
        if matches!(why, Refused::TooLarge { .. }) {
            let hint = "Split it into several files, or put long texts into files of their own with `{file: PATH}`.";
            return error(yaml_codes::FILE_TOO_LARGE, format!("`{shown}` is {why}")).hint(hint).hint(NOT_OURS);
        }
        error(codes::FILE_REFUSED, format!("`{shown}` is not read: {why}")).hint(NOT_OURS)
    })?;
    let text = yaml::decode(&bytes).map_err(|why| {
        error(yaml_codes::NOT_UTF8, format!("`{shown}` is not read: {why}")).hint("Save it as UTF-8.").hint(NOT_OURS)
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The paths of the YAML files below the root, sorted.
fn discover(root: &Root, limits: &Limits, out: &mut Diagnostics) -> Vec<String> {
    let mut ignores = Ignores::default();
    let mut paths = vec![];
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = match root.list(&folder) {
            Ok(entries) => entries,
            Err(why) => {
                let shown = slashed(&folder);
                let message = format!("the folder `{}` is not read: {why}", shown.escape_debug());
                out.push(error(codes::FILE_REFUSED, message).hint(NOT_OURS));
                continue;
            }
        };
        if entries.iter().any(|(name, _)| name == IGNORE) {
            let path = slashed(&folder.join(IGNORE));
            match root.read_text(&path, MOST_IGNORE) {
                Ok(text) => ignores.add(&slashed(&folder), &text),
                // What it would leave out is not known.
                Err(why) => {
                    let message = format!("`{}` is not read: {why}", path.escape_debug());
                    out.push(error(codes::FILE_REFUSED, message).hint("Write it as a file, or remove it."));
                    continue;
                }
            }
        }
        for (name, what) in entries {
            let (path, is_folder) = (folder.join(&name), what == What::Folder);
            let shown = slashed(&path);
            if listing::is_passed_over(&name.to_string_lossy(), is_folder) || ignores.names(&shown, is_folder) {
                continue;
            }
            if is_folder {
                folders.extend(limits.reach(&shown).then_some(path));
            } else if listing::is_yaml(&shown) && limits.allow(&shown) {
                if path.to_str().is_some_and(|path| !path.chars().any(char::is_control)) {
                    paths.push(shown);
                } else {
                    let message = format!("the file name `{}` is not read", shown.escape_debug());
                    out.push(
                        error(codes::FILE_REFUSED, message).hint("Use a name in UTF-8 without control characters."),
                    );
                }
            }
        }
        // Enough to say that they are too many.
        if paths.len() > MOST_FILES {
            break;
        }
    }
    paths.sort();
    paths
}

/// A path as it is written in manifests and messages.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

fn error(code: crate::diag::Code, message: String) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, message)
}

/// What lies in the folder, but for what ignore files name: it may hold what nobody is to be shown.
impl Texts for Root {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        if let Some(by) = ignored(self, path) {
            return Err(Refused::Ignored { by });
        }
        self.read_text(path, MOST_TEXT).map(Arc::from)
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, Refused> {
        if let Some(by) = ignored(self, path) {
            return Err(Refused::Ignored { by });
        }
        Self::read(self, path, MOST_CONTENT).map(Arc::from)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Refused> {
        let (mut found, mut folders) = (vec![], vec![folder.trim_end_matches('/').to_owned()]);
        while let Some(folder) = folders.pop() {
            for (name, what) in Self::list(self, Path::new(&folder))? {
                let Some(name) = name.to_str() else { continue };
                let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                if listing::never_shown(&path).is_some() {
                    continue;
                }
                match what {
                    What::Folder => folders.push(path),
                    What::File | What::Link => found.push(path),
                    What::Other => {}
                }
                if found.len() + folders.len() > MOST_LISTED {
                    return Err(Refused::TooMany { most: MOST_LISTED });
                }
            }
        }
        found.retain(|path| ignored(self, path).is_none());
        found.sort();
        Ok(found)
    }
}

/// Whether a folder is the top of a working tree of git: its `.git` is a folder of git's, or a file that names one.
#[must_use]
pub fn is_repository(folder: &Path) -> bool {
    let git = folder.join(".git");
    git.is_file() || git.join("HEAD").is_file()
}

/// The sort of ignore file that names a path below the root; those of the repository above the root count, too.
fn ignored(root: &Root, path: &str) -> Option<&'static str> {
    let named = |root: &Root, path: &str, file: &'static str| {
        let mut ignores = Ignores::of_any_case();
        for folder in listing::folders(path) {
            let at = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
            if let Ok(text) = root.read_text(&at, MOST_IGNORE) {
                ignores.add(folder, &text);
            }
        }
        ignores.leave_out(path).then_some(file)
    };
    let by_git = || {
        let here = root.path().canonicalize().ok()?;
        let top = here.ancestors().find(|folder| is_repository(folder)).unwrap_or(&here);
        let prefix = slashed(here.strip_prefix(top).ok()?);
        let path = if prefix.is_empty() { path.to_owned() } else { format!("{prefix}/{path}") };
        named(&Root::new(top), &path, GITIGNORE)
    };
    named(root, path, IGNORE).or_else(by_git)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn workspace(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn the_root_is_found_from_below() {
        let dir = workspace(&[("supaform.yaml", "version: 1"), ("a/b/c.yaml", "")]);
        let below = dir.path().join("a/b");
        assert_eq!(find(None, &below).unwrap().path(), dir.path());
        assert_eq!(find(Some(dir.path()), Path::new("/")).unwrap().path(), dir.path());
        assert_eq!(find(Some(&below), &below).unwrap_err().code, codes::NO_WORKSPACE);
        assert_eq!(find(None, Path::new("/")).unwrap_err().code, codes::NO_WORKSPACE);
    }

    #[test]
    fn manifests_are_read_in_order_and_nothing_else() {
        let dir = workspace(&[
            ("supaform.yaml", "version: 1"),
            ("projects/b.yaml", "b"),
            ("projects/a.yml", "a"),
            ("projects/a.txt", "no"),
            (".env", "no"),
            (".github/ci.yaml", "no"),
            ("web/node_modules/x/y.yaml", "no"),
            ("charts/values.yaml", "no"),
            ("kept-by-git.yaml", "yes"),
            (".gitignore", "kept-by-git.yaml"),
            (".supaformignore", "charts/\n"),
        ]);
        let found = read(&Root::new(dir.path()));
        assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
        let paths: Vec<_> = found.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["kept-by-git.yaml", "projects/a.yml", "projects/b.yaml", "supaform.yaml"]);
    }

    #[test]
    fn a_folder_is_listed_without_what_nobody_is_to_be_shown() {
        let dir = workspace(&[
            ("f/b.ts", ""),
            ("f/a/c.bin", ""),
            ("f/.env", ""),
            ("f/.git/config", ""),
            ("f/node_modules/x.js", ""),
            ("f/secret.key", ""),
            ("f/.gitignore", "*.key\n"),
            ("g/b.ts", ""),
        ]);
        fs::write(dir.path().join("f/a/c.bin"), [0xff, 0]).unwrap();
        let root = Root::new(dir.path());
        assert_eq!(Texts::list(&root, "f").unwrap(), ["f/a/c.bin", "f/b.ts"]);
        assert_eq!(Texts::list(&root, "f/a/").unwrap(), ["f/a/c.bin"]);
        assert_eq!(root.bytes("f/a/c.bin").unwrap().as_ref(), [0xff, 0]);
        assert_eq!(root.bytes("f/secret.key"), Err(Refused::Ignored { by: GITIGNORE }));
        assert_eq!(Texts::list(&root, "h"), Err(Refused::Missing));
        assert_eq!(Texts::list(&root, "../f"), Err(Refused::Outside));
    }

    #[test]
    fn files_that_must_not_be_read_are_told() {
        let dir = workspace(&[("supaform.yaml", "version: 1")]);
        fs::write(dir.path().join("large.yaml"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
        fs::write(dir.path().join("latin.yaml"), b"caf\xe9").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.yaml")).unwrap();
        let found = read(&Root::new(dir.path()));
        let said: Vec<_> = found.diagnostics.sorted().iter().map(|found| found.message.clone()).collect();
        assert!(said.contains(&"`large.yaml` is larger than 1048576 bytes".to_owned()), "{said:?}");
        assert!(said.contains(&"`latin.yaml` is not read: not UTF-8 at byte 3".to_owned()), "{said:?}");
        #[cfg(unix)]
        assert!(said.contains(&"`link.yaml` is not read: a symbolic link".to_owned()), "{said:?}");
        assert_eq!(found.files.len(), 1);
    }
}
