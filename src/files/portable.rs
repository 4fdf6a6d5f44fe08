//! Folders by their paths, for systems without handles of folders: each part is checked before it is used, and the opened
//! file must be the checked one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::opened::{Opened, Readers, Refused, What, refused};

/// A folder and its path.
pub(super) struct Folder(PathBuf);

impl Opened for Folder {
    fn open(path: &Path) -> io::Result<Self> {
        // Links above are resolved once, so that none that is created later is followed.
        let path = fs::canonicalize(path)?;
        if fs::metadata(&path)?.is_dir() { Ok(Self(path)) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    fn follow(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn enter(&self, name: &OsStr) -> Result<Self, Refused> {
        match self.look(name)? {
            Some(What::Folder) => {
                // An entry that is no link may still lead elsewhere, such as a mount point of Windows.
                let real = fs::canonicalize(self.0.join(name)).map_err(refused)?;
                if real.parent() == Some(&self.0) { Ok(Self(real)) } else { Err(Refused::Link) }
            }
            Some(What::Link) => Err(Refused::Link),
            Some(What::File | What::Other) | None => Err(Refused::Missing),
        }
    }

    fn make(&self, name: &OsStr) -> io::Result<()> {
        fs::create_dir(self.0.join(name))
    }

    fn look(&self, name: &OsStr) -> Result<Option<What>, Refused> {
        match fs::symlink_metadata(self.0.join(name)) {
            Ok(found) if found.is_symlink() => Ok(Some(What::Link)),
            Ok(found) if found.is_file() => Ok(Some(What::File)),
            Ok(found) if found.is_dir() => Ok(Some(What::Folder)),
            Ok(_) => Ok(Some(What::Other)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    fn list(&self) -> io::Result<Vec<(OsString, What)>> {
        let mut all = vec![];
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let found = self.look(&name).ok().flatten();
            all.extend(found.map(|found| (name, found)));
        }
        Ok(all)
    }

    fn file(&self, name: &OsStr) -> Result<File, Refused> {
        self.regular(name)?.ok_or(Refused::Missing)?;
        self.same(name, OpenOptions::new().read(true).open(self.0.join(name)))
    }

    fn extend(&self, name: &OsStr) -> Result<File, Refused> {
        let new = self.regular(name)?.is_none();
        let opened = OpenOptions::new().append(true).create(new).open(self.0.join(name));
        self.same(name, opened)
    }

    fn fresh(&self, name: &OsStr, _: Readers) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.0.join(name))
    }

    fn dress(&self, new: &File, old: &File) -> io::Result<()> {
        new.set_permissions(old.metadata()?.permissions())
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Folder {
    /// Whether a regular file exists; anything else is refused.
    fn regular(&self, name: &OsStr) -> Result<Option<()>, Refused> {
        match self.look(name)? {
            Some(What::File) => Ok(Some(())),
            Some(What::Link) => Err(Refused::Link),
            Some(What::Folder | What::Other) => Err(Refused::Irregular),
            None => Ok(None),
        }
    }

    /// The opened file, if it is the one that still exists there.
    fn same(&self, name: &OsStr, opened: io::Result<File>) -> Result<File, Refused> {
        let opened = opened.map_err(refused)?;
        let path = self.0.join(name);
        let (is, stands) = (opened.metadata().map_err(refused)?, fs::symlink_metadata(&path).map_err(refused)?);
        let same = stands.is_file() && is.is_file() && is.len() == stands.len();
        let here = fs::canonicalize(&path).map_err(refused)?.parent() == Some(&self.0);
        if same && here { Ok(opened) } else { Err(Refused::Swapped) }
    }
}
