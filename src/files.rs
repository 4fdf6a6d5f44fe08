//! Reading files below a root, and nowhere else: what a manifest names must not reach the rest of the machine.
//!
//! A path is taken apart into its components, each is looked at before the next, and what was opened must be what was
//! looked at. Main types: [`Root`], [`Refused`].

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

/// A folder that files are read below.
#[derive(Debug, Clone)]
pub struct Root {
    path: PathBuf,
}

/// Why a file was not read. Where a link leads is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It starts at the root of the machine.
    #[error("an absolute path")]
    Absolute,
    /// It leads out of the root.
    #[error("a path that leads out of the workspace")]
    Outside,
    /// It is a symbolic link, or a part of its path is one.
    #[error("a symbolic link")]
    Link,
    /// It is a folder, a pipe, a device…
    #[error("not a regular file")]
    Irregular,
    /// It is larger than files of its sort may be.
    #[error("larger than {most} bytes")]
    TooLarge {
        /// The most bytes.
        most: u64,
    },
    /// It is not there.
    #[error("no such file")]
    Missing,
    /// It is no text.
    #[error("not UTF-8 at byte {at}")]
    NotText {
        /// The first byte that is not.
        at: usize,
    },
    /// It was swapped while it was read.
    #[error("a file that changes while it is read")]
    Swapped,
    /// The system refused.
    #[error("{0}")]
    System(ErrorKind),
}

impl Root {
    /// The folder at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a text of at most `most` bytes; a byte-order mark at its start is dropped.
    ///
    /// # Errors
    /// As [`Root::read`], and where it is not UTF-8.
    pub fn read_text(&self, relative: &str, most: u64) -> Result<String, Refused> {
        let bytes = self.read(relative, most)?;
        let mut text =
            String::from_utf8(bytes).map_err(|error| Refused::NotText { at: error.utf8_error().valid_up_to() })?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(text)
    }

    /// Reads a file of at most `most` bytes.
    ///
    /// # Errors
    /// When the path leads out of the root, through a link, or to anything but a regular file of that size.
    pub fn read(&self, relative: &str, most: u64) -> Result<Vec<u8>, Refused> {
        let path = self.walk(relative)?;
        let file = open(&path)?;
        let seen = fs::symlink_metadata(&path).map_err(refused)?;
        let opened = file.metadata().map_err(refused)?;
        if !opened.is_file() {
            return Err(Refused::Irregular);
        }
        if seen.is_symlink() || !same(&seen, &opened) || !self.holds(&path) {
            return Err(Refused::Swapped);
        }
        if opened.len() > most {
            return Err(Refused::TooLarge { most });
        }
        let mut bytes = vec![];
        // A file may grow while it is read, so its length is not believed.
        file.take(most + 1).read_to_end(&mut bytes).map_err(refused)?;
        if bytes.len() as u64 > most { Err(Refused::TooLarge { most }) } else { Ok(bytes) }
    }

    /// Replaces a text, whole or not at all.
    ///
    /// # Errors
    /// When the path leads out of the root or over a link, or when the system refuses.
    pub fn replace(&self, relative: &str, text: &str) -> Result<(), Refused> {
        let path = self.walk(relative)?;
        let mut beside = path.clone().into_os_string();
        beside.push(".supaform-new");
        let written = fs::write(&beside, text)
            .and_then(|()| fs::set_permissions(&beside, fs::metadata(&path)?.permissions()))
            .and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| {
            drop(fs::remove_file(&beside));
            refused(error)
        })
    }

    /// Writes a text where there is nothing yet, and the folders above it. What is there stays: that is the system's
    /// [`ErrorKind::AlreadyExists`].
    ///
    /// # Errors
    /// When something is there, when the path leads out of the root or over a link, or when the system refuses.
    pub fn create(&self, relative: &str, text: &str) -> Result<(), Refused> {
        let mut path = self.path.clone();
        let mut parts = Path::new(relative).components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else { return Err(Refused::Outside) };
            path.push(name);
            if parts.peek().is_some() {
                match fs::symlink_metadata(&path) {
                    Ok(folder) if folder.is_symlink() => return Err(Refused::Link),
                    Ok(_) => {}
                    Err(_) => fs::create_dir(&path).map_err(refused)?,
                }
            }
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(refused)?;
        file.write_all(text.as_bytes()).map_err(refused)
    }

    /// The path of a file, when no part of it is a link.
    fn walk(&self, relative: &str) -> Result<PathBuf, Refused> {
        let mut path = self.path.clone();
        for part in Path::new(relative).components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => {
                    path.push(name);
                    if fs::symlink_metadata(&path).map_err(refused)?.is_symlink() {
                        return Err(Refused::Link);
                    }
                }
                Component::ParentDir => return Err(Refused::Outside),
                Component::RootDir | Component::Prefix(_) => return Err(Refused::Absolute),
            }
        }
        if fs::symlink_metadata(&path).map_err(refused)?.is_file() { Ok(path) } else { Err(Refused::Irregular) }
    }

    /// Whether the path, as the system resolves it now, is still below the root.
    fn holds(&self, path: &Path) -> bool {
        match (fs::canonicalize(&self.path), fs::canonicalize(path)) {
            (Ok(root), Ok(path)) => path.starts_with(root),
            _ => false,
        }
    }
}

/// The path `written` in the file `from`, relative to the root both are below: `../a.html` in `projects/b.yaml` is `a.html`.
///
/// # Errors
/// When it is absolute, is no path but an address or another system's, or leads out of the root.
pub fn beside(from: &str, written: &str) -> Result<String, Refused> {
    let drive = written.as_bytes().get(1) == Some(&b':');
    if written.starts_with('/') || written.contains('\\') || written.contains("://") || drive {
        return Err(Refused::Absolute);
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(Refused::Outside)?;
            }
            name => parts.push(name),
        }
    }
    Ok(parts.join("/"))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn refused(error: std::io::Error) -> Refused {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Refused::Missing,
        kind => Refused::System(kind),
    }
}

/// Opens without following a link and without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> Result<File, Refused> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).custom_flags(NO_FOLLOW | NO_WAIT).open(path).map_err(refused)
}

#[cfg(not(unix))]
fn open(path: &Path) -> Result<File, Refused> {
    OpenOptions::new().read(true).open(path).map_err(refused)
}

// `O_NOFOLLOW` and `O_NONBLOCK` of the common systems. Elsewhere the checks before and after opening must do.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const NO_FOLLOW: i32 = 0o400_000;
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
const NO_FOLLOW: i32 = 0o100_000;
#[cfg(target_os = "macos")]
const NO_FOLLOW: i32 = 0x100;
#[cfg(all(
    unix,
    not(any(target_os = "macos", all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))
))]
const NO_FOLLOW: i32 = 0;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
const NO_WAIT: i32 = 0o4_000;
#[cfg(target_os = "macos")]
const NO_WAIT: i32 = 0x4;
#[cfg(all(
    unix,
    not(any(target_os = "macos", all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))
))]
const NO_WAIT: i32 = 0;

#[cfg(unix)]
fn same(seen: &fs::Metadata, opened: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (seen.dev(), seen.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn same(seen: &fs::Metadata, opened: &fs::Metadata) -> bool {
    seen.len() == opened.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_says_them() {
        for (from, written, wanted) in [
            ("projects/a.yaml", "../templates/b.html", Ok("templates/b.html")),
            ("supaform.yaml", "b.html", Ok("b.html")),
            ("a/b/c.yaml", "./d//e", Ok("a/b/d/e")),
            ("a.yaml", "../b", Err(Refused::Outside)),
            ("a/b.yaml", "../../etc/passwd", Err(Refused::Outside)),
            ("a.yaml", "/etc/passwd", Err(Refused::Absolute)),
            ("a.yaml", "C:/x", Err(Refused::Absolute)),
            ("a.yaml", "\\\\host\\share", Err(Refused::Absolute)),
            ("a.yaml", "file:///etc/passwd", Err(Refused::Absolute)),
        ] {
            assert_eq!(beside(from, written), wanted.map(str::to_owned), "{written} in {from}");
        }
    }

    #[test]
    fn only_regular_files_of_a_fair_size_are_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.txt"), "\u{feff}hello").unwrap();
        fs::write(dir.path().join("bad.txt"), b"ok\xff").unwrap();
        let root = Root::new(dir.path());
        assert_eq!(root.read_text("a.txt", 100).unwrap(), "hello");
        assert_eq!(root.read("a.txt", 3), Err(Refused::TooLarge { most: 3 }));
        assert_eq!(root.read_text("bad.txt", 100), Err(Refused::NotText { at: 2 }));
        assert_eq!(root.read("", 100), Err(Refused::Irregular));
        assert_eq!(root.read("b.txt", 100), Err(Refused::Missing));
        assert_eq!(root.read("a.txt/b", 100), Err(Refused::Missing));
        assert_eq!(root.read("../x", 100), Err(Refused::Outside));
        assert_eq!(root.read("/etc/hostname", 100), Err(Refused::Absolute));
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new(dir.path());
        root.create("a/b/c.txt", "one").unwrap();
        assert_eq!(root.create("a/b/c.txt", "two"), Err(Refused::System(ErrorKind::AlreadyExists)));
        assert_eq!(root.read_text("a/b/c.txt", 100).unwrap(), "one");
        assert_eq!(root.create("../d.txt", ""), Err(Refused::Outside));
        assert_eq!(root.create("a/b/c.txt/d", ""), Err(Refused::Missing));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("a", dir.path().join("link")).unwrap();
            std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
            assert_eq!(root.create("link/e.txt", ""), Err(Refused::Link));
            assert_eq!(root.create("dangling", ""), Err(Refused::System(ErrorKind::AlreadyExists)));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.yaml", dir.path().join("link.yaml")).unwrap();
        let root = Root::new(dir.path());
        root.replace("a.yaml", "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(root.replace("link.yaml", "x"), Err(Refused::Link));
        assert_eq!(root.replace("b.yaml", "x"), Err(Refused::Missing));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_refused() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        fs::write(dir.path().join("real/a"), "x").unwrap();
        symlink("real/a", dir.path().join("link")).unwrap();
        symlink("real", dir.path().join("folder")).unwrap();
        symlink("nowhere", dir.path().join("dangling")).unwrap();
        symlink("loop", dir.path().join("loop")).unwrap();
        let root = Root::new(dir.path());
        for path in ["link", "folder/a", "dangling", "loop"] {
            assert_eq!(root.read(path, 100), Err(Refused::Link), "{path}");
        }
        let pipe = dir.path().join("pipe");
        if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
            assert_eq!(root.read("pipe", 100), Err(Refused::Irregular));
            // Also when it appears after it was looked at: opening does not wait for a writer.
            assert!(open(&pipe).is_ok());
        }
        assert_eq!(Root::new("/dev").read("zero", 100), Err(Refused::Irregular));
    }
}
