//! Folders by their handles: an opened folder stays the same, whoever moves what on the disk.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawMode};
use rustix::io::Errno;

use super::opened::{Opened, Readers, Refused, What, refused};

/// Never inherited by a started program, never a link, and never waiting for the other end of a pipe.
const FLAGS: OFlags = OFlags::CLOEXEC.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
/// Read and write permissions are kept; set-user-ID and the like are not.
const PERMISSIONS: RawMode = 0o777;

/// An opened folder.
pub(super) struct Folder(OwnedFd);

impl Opened for Folder {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    fn follow(path: &Path) -> io::Result<File> {
        Ok(rustix::fs::open(path, OFlags::RDONLY | FLAGS.difference(OFlags::NOFOLLOW), Mode::empty())?.into())
    }

    fn enter(&self, name: &OsStr) -> Result<Self, Refused> {
        let opened = rustix::fs::openat(&self.0, name, OFlags::RDONLY | OFlags::DIRECTORY | FLAGS, Mode::empty());
        match opened {
            Ok(folder) => Ok(Self(folder)),
            // Systems differ in their error for a link.
            Err(error) => Err(if self.look(name)? == Some(What::Link) { Refused::Link } else { refused(error.into()) }),
        }
    }

    fn make(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(PERMISSIONS))?)
    }

    fn look(&self, name: &OsStr) -> Result<Option<What>, Refused> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(what(FileType::from_raw_mode(found.st_mode)))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(refused(error.into())),
        }
    }

    fn list(&self) -> io::Result<Vec<(OsString, What)>> {
        let mut all = vec![];
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            // Some file systems do not have the type here. An entry may have been removed by now.
            let found = if entry.file_type() == FileType::Unknown {
                self.look(name).ok().flatten()
            } else {
                Some(what(entry.file_type()))
            };
            all.extend(found.map(|found| (name.to_owned(), found)));
        }
        Ok(all)
    }

    fn file(&self, name: &OsStr) -> Result<File, Refused> {
        // Opening a device may have an effect.
        match self.look(name)? {
            Some(What::File) => self.regular(name, OFlags::RDONLY),
            Some(What::Link) => Err(Refused::Link),
            Some(What::Folder | What::Other) => Err(Refused::Irregular),
            None => Err(Refused::Missing),
        }
    }

    fn extend(&self, name: &OsStr) -> Result<File, Refused> {
        match self.look(name)? {
            Some(What::File) | None => self.regular(name, OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE),
            Some(What::Link) => Err(Refused::Link),
            Some(What::Folder | What::Other) => Err(Refused::Irregular),
        }
    }

    fn fresh(&self, name: &OsStr, readers: Readers) -> io::Result<File> {
        let mode = match readers {
            Readers::AsBefore => 0o666,
            Readers::Owner => 0o600,
        };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | FLAGS;
        Ok(rustix::fs::openat(&self.0, name, flags, Mode::from_raw_mode(mode))?.into())
    }

    fn dress(&self, new: &File, old: &File) -> io::Result<()> {
        let (is, was) = (rustix::fs::fstat(new)?, rustix::fs::fstat(old)?);
        if (is.st_uid, is.st_gid) != (was.st_uid, was.st_gid) {
            // Only root can keep the owner of a file; others become its owner.
            let (owner, group) = (rustix::fs::Uid::from_raw(was.st_uid), rustix::fs::Gid::from_raw(was.st_gid));
            rustix::fs::fchown(new, Some(owner), Some(group)).ok();
        }
        Ok(rustix::fs::fchmod(new, Mode::from_raw_mode(was.st_mode & PERMISSIONS))?)
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.0) {
            // Some file systems cannot sync folders.
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::BADF) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn what(sort: FileType) -> What {
    match sort {
        FileType::RegularFile => What::File,
        FileType::Directory => What::Folder,
        FileType::Symlink => What::Link,
        FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => {
            What::Other
        }
    }
}

impl Folder {
    /// The opened file is a regular one, even if something else took its place since the check.
    pub(super) fn regular(&self, name: &OsStr, flags: OFlags) -> Result<File, Refused> {
        let opened = rustix::fs::openat(&self.0, name, flags | FLAGS, Mode::from_raw_mode(0o666));
        let opened = opened.map_err(|error| match error {
            Errno::LOOP | Errno::MLINK => Refused::Link,
            other => refused(other.into()),
        })?;
        let found = rustix::fs::fstat(&opened).map_err(|error| refused(error.into()))?;
        let regular = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        if regular { Ok(opened.into()) } else { Err(Refused::Irregular) }
    }
}
