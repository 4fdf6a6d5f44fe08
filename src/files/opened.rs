//! An opened folder as each system offers it, and why a file was not read or written.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Why a file was not read or written. Where a link leads is not told.
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
    /// A part of its path begins with a dot, as those of tools do that keep credentials.
    #[error("a path with a hidden part, and what it holds would be shown")]
    Hidden,
    /// It belongs to a package that was installed.
    #[error("in a folder of packages, and what it holds would be shown")]
    Package,
    /// An ignore file names it.
    #[error("a file that `{by}` ignores, and what it holds would be shown")]
    Ignored {
        /// The sort of ignore file.
        by: &'static str,
    },
    /// Strangers are shown only what everybody can read in the repository.
    #[error("not in the commit that is checked out, and the manifests are untrusted")]
    Uncommitted,
    /// It was swapped while it was read.
    #[error("a file that changes while it is read")]
    Swapped,
    /// The system refused.
    #[error("{0}")]
    System(ErrorKind),
}

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Those who could read what it replaces, else whoever may read new files.
    AsBefore,
    /// Its owner, whoever could read what it replaces.
    Owner,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, wherever it leads.
    Link,
    /// A pipe, a device, a socket…
    Other,
}

/// An opened folder, as the system offers it. Names are single parts of a path; no link is followed.
pub(super) trait Opened: Sized {
    /// Opens a folder that a person named, or that is trusted: links to it are followed.
    fn open(path: &Path) -> io::Result<Self>;
    /// Opens a file that a person named: links to it are followed.
    fn follow(path: &Path) -> io::Result<File>;
    /// Opens a folder within it.
    fn enter(&self, name: &OsStr) -> Result<Self, Refused>;
    /// Makes a folder within it.
    fn make(&self, name: &OsStr) -> io::Result<()>;
    /// What stands under a name; nothing where nothing does.
    fn look(&self, name: &OsStr) -> Result<Option<What>, Refused>;
    /// The names in it, and what stands under each.
    fn list(&self) -> io::Result<Vec<(OsString, What)>>;
    /// Opens a regular file, without waiting for the other end of a pipe.
    fn file(&self, name: &OsStr) -> Result<File, Refused>;
    /// Opens a regular file to add to it, made where there is none.
    fn extend(&self, name: &OsStr) -> Result<File, Refused>;
    /// Makes a file where nothing stands, to be read by its owner or by whoever may read new files.
    fn fresh(&self, name: &OsStr, readers: Readers) -> io::Result<File>;
    /// Gives a new file, by its handle, the owner and the permissions of an old one.
    fn dress(&self, new: &File, old: &File) -> io::Result<()>;
    /// Puts one name in the place of another.
    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()>;
    /// Takes a file away.
    fn remove(&self, name: &OsStr) -> io::Result<()>;
    /// Waits until the names in it have reached the disk.
    fn sync(&self) -> io::Result<()>;
}

/// What the system said, in our words.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
#[expect(clippy::wildcard_enum_match_arm, reason = "there are some forty kinds, and more to come")]
pub(super) fn refused(error: io::Error) -> Refused {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Refused::Missing,
        kind => Refused::System(kind),
    }
}
