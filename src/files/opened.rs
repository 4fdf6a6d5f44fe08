//! An opened folder as each system has it, and why a file was not read or written.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Why a file was not read or written. The target of a link is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The path starts at the root of the machine.
    #[error("an absolute path")]
    Absolute,
    /// The path leads out of the root.
    #[error("a path that leads out of the workspace")]
    Outside,
    /// The file is a symbolic link, or a part of its path is one.
    #[error("a symbolic link")]
    Link,
    /// The file is a folder, a pipe, a device…
    #[error("not a regular file")]
    Irregular,
    /// The file is larger than files of its sort may be.
    #[error("larger than {most} bytes")]
    TooLarge {
        /// The limit in bytes.
        most: u64,
    },
    /// The folder has more files than folders of its sort may have.
    #[error("a folder of more than {most} files")]
    TooMany {
        /// The most.
        most: usize,
    },
    /// The file does not exist.
    #[error("no such file")]
    Missing,
    /// The file is not text.
    #[error("not UTF-8 at byte {at}")]
    NotText {
        /// The first byte that is not UTF-8.
        at: usize,
    },
    /// A part of the path begins with a dot, like those of tools with credentials.
    #[error("a path with a hidden part, whose contents would be shown")]
    Hidden,
    /// The file belongs to an installed package.
    #[error("in a folder of packages, and its contents would be shown")]
    Package,
    /// An ignore file lists it.
    #[error("a file that `{by}` ignores, and its contents would be shown")]
    Ignored {
        /// The name of the ignore file.
        by: &'static str,
    },
    /// Untrusted manifests may only show what everybody can read in the repository.
    #[error("not in the commit that is checked out, and the manifests are untrusted")]
    Uncommitted,
    /// The file was replaced while it was read.
    #[error("a file that changes while it is read")]
    Swapped,
    /// The system refused.
    #[error("{0}")]
    System(ErrorKind),
}

/// Who may read a written file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whoever could read the replaced file; for a new file, the system's default.
    AsBefore,
    /// Its owner only.
    Owner,
}

/// The type of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, whatever its target.
    Link,
    /// A pipe, a device, a socket…
    Other,
}

/// An opened folder of the system. Names are single parts of a path; no link is followed.
pub(super) trait Opened: Sized {
    /// Opens a folder that a person named, or that is trusted: links to it are followed.
    fn open(path: &Path) -> io::Result<Self>;
    /// Opens a file that a person named: links to it are followed.
    fn follow(path: &Path) -> io::Result<File>;
    /// Opens a folder within it.
    fn enter(&self, name: &OsStr) -> Result<Self, Refused>;
    /// Creates a folder within it.
    fn make(&self, name: &OsStr) -> io::Result<()>;
    /// The type of an entry; `None` where there is none.
    fn look(&self, name: &OsStr) -> Result<Option<What>, Refused>;
    /// The names in it, each with its type.
    fn list(&self) -> io::Result<Vec<(OsString, What)>>;
    /// Opens a regular file, without waiting for the other end of a pipe.
    fn file(&self, name: &OsStr) -> Result<File, Refused>;
    /// Opens a regular file to append to it; creates it if it does not exist.
    fn extend(&self, name: &OsStr) -> Result<File, Refused>;
    /// Creates a file where nothing exists, readable by its owner or as the system's default.
    fn fresh(&self, name: &OsStr, readers: Readers) -> io::Result<File>;
    /// Gives a new file the owner and the permissions of an old one.
    fn dress(&self, new: &File, old: &File) -> io::Result<()>;
    /// Renames an entry, replacing another.
    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &OsStr) -> io::Result<()>;
    /// Waits until the names in it have reached the disk.
    fn sync(&self) -> io::Result<()>;
}

/// The system's error as one of ours.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
#[expect(clippy::wildcard_enum_match_arm, reason = "there are some forty kinds, and more to come")]
pub(super) fn refused(error: io::Error) -> Refused {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Refused::Missing,
        kind => Refused::System(kind),
    }
}
