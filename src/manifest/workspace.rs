//! Finding the root and the files below it, and reading them. Nothing else is ever read by itself.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use ignore::WalkBuilder;

use super::{MARKER, Texts};
use crate::diag::codes::{manifest as codes, yaml as yaml_codes};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::files::{Refused, Root};
use crate::yaml;

/// More files than people write.
const MOST_FILES: usize = 2_000;
/// A manifest of this many bytes is no longer written by hand.
const MOST_FILE: u64 = 1024 * 1024;
/// All manifests together.
const MOST_TOTAL: usize = 16 * 1024 * 1024;
/// A text that a manifest names, such as a mail template.
pub const MOST_TEXT: u64 = 256 * 1024;

/// What lies below a root.
#[derive(Debug)]
pub struct Found {
    /// The YAML files, by path from the root with `/`, sorted; with their texts.
    pub files: Vec<(String, String)>,
    /// What could not be read.
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

/// Reads the YAML files below the root, except in hidden folders, in `node_modules`, and what `.supaformignore` names.
#[must_use]
pub fn read(root: &Root) -> Found {
    let mut diagnostics = Diagnostics::new();
    let paths = discover(root, &mut diagnostics);
    let mut found = collect(paths, |path, most| root.read(path, most));
    diagnostics.extend(std::mem::take(&mut found.diagnostics));
    Found { diagnostics, ..found }
}

/// Reads the files of these paths, each of at most so many bytes.
#[must_use]
pub fn collect(paths: Vec<String>, mut read: impl FnMut(&str, u64) -> Result<Vec<u8>, Refused>) -> Found {
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
            let message = format!("the manifests are larger than {MOST_TOTAL} bytes together");
            found
                .diagnostics
                .push(error(codes::TOO_MUCH, message).hint("Name what is no manifest in `.supaformignore`."));
            break;
        }
    }
    found
}

/// The text of one of them.
fn manifest(path: &str, read: Result<Vec<u8>, Refused>) -> Result<String, Diagnostic> {
    let shown = path.escape_debug();
    let bytes = read.map_err(|why| match why {
        Refused::TooLarge { .. } => error(yaml_codes::FILE_TOO_LARGE, format!("`{shown}` is {why}"))
            .hint("Split it into several files, or put long texts into files of their own with `{file: PATH}`."),
        _ => error(codes::FILE_REFUSED, format!("`{shown}` is not read: {why}"))
            .hint("Name it in `.supaformignore` if it is no manifest."),
    })?;
    let text = yaml::decode(&bytes).map_err(|why| {
        error(yaml_codes::NOT_UTF8, format!("`{shown}` is not read: {why}")).hint("Save it as UTF-8.")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The paths of the YAML files below the root, sorted.
fn discover(root: &Root, out: &mut Diagnostics) -> Vec<String> {
    let walk = WalkBuilder::new(root.path())
        .standard_filters(false)
        .hidden(true)
        .follow_links(false)
        .add_custom_ignore_filename(super::listing::IGNORE)
        .filter_entry(|entry| entry.file_name() != "node_modules")
        .build();
    let mut paths = vec![];
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => {
                let why = why.io_error().map_or_else(|| "it cannot be listed".to_owned(), |io| io.kind().to_string());
                out.push(error(codes::FILE_REFUSED, format!("a folder of the workspace is not read: {why}")));
                continue;
            }
        };
        let yaml =
            entry.path().extension().is_some_and(|extension| ["yaml", "yml"].map(OsStr::new).contains(&extension));
        let folder = entry.file_type().is_none_or(|kind| kind.is_dir());
        if !yaml || folder {
            continue;
        }
        let relative = entry.path().strip_prefix(root.path()).unwrap_or(entry.path());
        if let Some(path) = relative.to_str().filter(|path| !path.chars().any(char::is_control)) {
            paths.push(path.replace(std::path::MAIN_SEPARATOR, "/"));
        } else {
            let shown = relative.to_string_lossy();
            let message = format!("the file name `{}` is not read", shown.escape_debug());
            out.push(error(codes::FILE_REFUSED, message).hint("Use a name in UTF-8 without control characters."));
        }
        if paths.len() > MOST_FILES {
            let message = format!("more than {MOST_FILES} YAML files");
            out.push(error(codes::TOO_MUCH, message).hint("Name folders without manifests in `.supaformignore`."));
            return vec![];
        }
    }
    paths.sort();
    paths
}

fn error(code: crate::diag::Code, message: String) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, message)
}

impl Texts for Root {
    fn read(&self, path: &str) -> Result<Arc<str>, Refused> {
        self.read_text(path, MOST_TEXT).map(Arc::from)
    }
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
