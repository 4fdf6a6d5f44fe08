//! Files: the only way to open them, and the only way to write them.
//!
//! Below a [`Root`], a path is split, each folder is opened within the one before it, and no link is followed: a path in a
//! manifest must not reach the rest of the machine, and the contents of a checkout must not lead a write out of it. Where a
//! person names a path ([`given()`]), links are followed, but they must lead to a regular file of a limited size. A file is
//! replaced whole or not at all: the new one is created beside it under a name that nobody can guess.
//!
//! Main types: [`Root`], [`Refused`].

mod opened;
#[cfg(any(not(unix), test))]
mod portable;
pub mod private;
mod scratch;
#[cfg(unix)]
mod unix;

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Component, Path, PathBuf};

#[cfg(not(unix))]
use portable::Folder;
#[cfg(unix)]
use unix::Folder;

use opened::{Opened, refused};

pub use opened::{Readers, Refused, What};
pub use scratch::Scratch;

/// A folder that files are read below.
#[derive(Debug, Clone)]
pub struct Root {
    path: PathBuf,
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
    /// As [`Root::read`], and when the file is not UTF-8.
    pub fn read_text(&self, relative: &str, most: u64) -> Result<String, Refused> {
        text(self.read(relative, most)?)
    }

    /// Reads a file of at most `most` bytes.
    ///
    /// # Errors
    /// When the path leads out of the root, through a link, or to anything but a regular file of that size.
    pub fn read(&self, relative: &str, most: u64) -> Result<Vec<u8>, Refused> {
        let (folder, name) = walk::<Folder>(&self.path, relative)?;
        bounded(folder.file(&name)?, most)
    }

    /// The names in a folder below, sorted, each with its type; of the root itself for an empty path.
    ///
    /// # Errors
    /// When the path leads out of the root or through a link, or when the system refuses.
    pub fn list(&self, relative: &Path) -> Result<Vec<(OsString, What)>, Refused> {
        let mut folder = Folder::open(&self.path).map_err(refused)?;
        for name in names(relative)? {
            folder = folder.enter(name)?;
        }
        let mut found = folder.list().map_err(refused)?;
        found.sort();
        Ok(found)
    }

    /// Replaces an existing text, whole or not at all; its permissions stay.
    ///
    /// # Errors
    /// When the path leads out of the root or over a link, when there is no regular file, or when the system refuses.
    pub fn replace(&self, relative: &str, text: &str) -> Result<(), Refused> {
        let (folder, name) = walk::<Folder>(&self.path, relative)?;
        folder.file(&name)?;
        put(&folder, &name, Readers::AsBefore, |out| out.write_all(text.as_bytes()))
    }

    /// Writes a text where nothing exists yet, and the folders above it. An existing file stays: that is the system's
    /// [`std::io::ErrorKind::AlreadyExists`].
    ///
    /// # Errors
    /// When something exists, when the path leads out of the root or over a link, or when the system refuses.
    pub fn create(&self, relative: &str, text: &str) -> Result<(), Refused> {
        create::<Folder>(&self.path, relative, text)
    }
}

/// Reads a file of at most `most` bytes that a person named: links to a regular file are followed, because secrets are
/// mounted as such.
///
/// # Errors
/// When it is a pipe, a device, a folder or larger, or when the system refuses.
pub fn given(path: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    // A device is not even opened, because opening may have an effect.
    if !std::fs::metadata(path).map_err(refused)?.is_file() {
        return Err(Refused::Irregular);
    }
    let file = Folder::follow(path).map_err(refused)?;
    if file.metadata().map_err(refused)?.is_file() { bounded(file, most) } else { Err(Refused::Irregular) }
}

/// The same as a text; a byte-order mark at its start is dropped.
///
/// # Errors
/// As [`given()`], and when the file is not UTF-8.
pub fn given_text(path: &Path, most: u64) -> Result<String, Refused> {
    text(given(path, most)?)
}

/// Writes a file where nothing or a regular file exists, whole or not at all.
///
/// # Errors
/// When a link, a folder, a pipe or a device exists there, or when the system refuses.
pub fn save(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Refused> {
    save_with(path, readers, |out| out.write_all(bytes))
}

/// The same, of what is written piece by piece.
///
/// # Errors
/// As [`save()`], and when `write` fails.
pub fn save_with(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Refused> {
    let (folder, name) = parent(path)?;
    put(&Folder::open(folder).map_err(refused)?, name, readers, write)
}

/// Appends to a file, which is created if it does not exist.
///
/// # Errors
/// When a link, a folder, a pipe or a device exists there, or when the system refuses.
pub fn append(path: &Path, text: &str) -> Result<(), Refused> {
    let (folder, name) = parent(path)?;
    let mut file = Folder::open(folder).map_err(refused)?.extend(name)?;
    file.write_all(text.as_bytes()).map_err(refused)
}

/// 128 bits that nobody can guess, in hex: a hash with a random key of the system.
#[must_use]
pub fn unguessable() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

/// The folder of a path, and its name there.
fn parent(path: &Path) -> Result<(&Path, &OsStr), Refused> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(Refused::Irregular) };
    Ok((if folder.as_os_str().is_empty() { Path::new(".") } else { folder }, name))
}

/// Opens the folders of a path one within the other, and returns the last with the name in it.
fn walk<F: Opened>(root: &Path, relative: &str) -> Result<(F, OsString), Refused> {
    let mut folder = F::open(root).map_err(refused)?;
    let mut names = names(Path::new(relative))?.into_iter().peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            return Ok((folder, name.to_owned()));
        }
        folder = folder.enter(name)?;
    }
    // The root itself.
    Err(Refused::Irregular)
}

/// The parts of a path that stays below the root.
fn names(relative: &Path) -> Result<Vec<&OsStr>, Refused> {
    let mut names = vec![];
    for part in relative.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => names.push(name),
            Component::ParentDir => return Err(Refused::Outside),
            Component::RootDir | Component::Prefix(_) => return Err(Refused::Absolute),
        }
    }
    Ok(names)
}

fn create<F: Opened>(root: &Path, relative: &str, text: &str) -> Result<(), Refused> {
    let mut folder = F::open(root).map_err(refused)?;
    let mut names = names(Path::new(relative))?.into_iter().peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            let mut file = folder.fresh(name, Readers::AsBefore).map_err(refused)?;
            return file.write_all(text.as_bytes()).map_err(refused);
        }
        if folder.look(name)?.is_none() {
            folder.make(name).map_err(refused)?;
        }
        folder = folder.enter(name)?;
    }
    Err(Refused::Irregular)
}

/// Puts a new file in the place of nothing or of a regular file.
fn put<F: Opened>(
    folder: &F,
    name: &OsStr,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Refused> {
    let old = match folder.look(name)? {
        None => None,
        Some(What::File) => Some(folder.file(name)?),
        Some(What::Link) => return Err(Refused::Link),
        Some(What::Folder | What::Other) => return Err(Refused::Irregular),
    };
    let draft = OsString::from(format!(".supaform-{}.new", unguessable()));
    // Until the new file has the permissions of the old one, only its owner may read it.
    let first = if old.is_some() { Readers::Owner } else { readers };
    let file = folder.fresh(&draft, first).map_err(refused)?;
    let mut out = BufWriter::new(&file);
    let written = write(&mut out).and_then(|()| out.flush()).and_then(|()| {
        match &old {
            Some(old) if readers == Readers::AsBefore => folder.dress(&file, old)?,
            _ => {}
        }
        file.sync_all()?;
        folder.rename(&draft, name)
    });
    if let Err(error) = written {
        drop(folder.remove(&draft));
        return Err(refused(error));
    }
    folder.sync().map_err(refused)
}

/// All bytes of a file, if they are not too many.
fn bounded(file: File, most: u64) -> Result<Vec<u8>, Refused> {
    let length = file.metadata().map_err(refused)?.len();
    if length > most {
        return Err(Refused::TooLarge { most });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // A file may grow while it is read, so its length is not trusted.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > most { Err(Refused::TooLarge { most }) } else { Ok(bytes) }
}

fn text(bytes: Vec<u8>) -> Result<String, Refused> {
    let mut text =
        String::from_utf8(bytes).map_err(|error| Refused::NotText { at: error.utf8_error().valid_up_to() })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// The path `written` in the file `from`, relative to the root of both: `../a.html` in `projects/b.yaml` is `a.html`.
///
/// # Errors
/// When it is absolute, an address, another system's path, or leads out of the root.
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

/// How a path is written from a folder.
#[must_use]
pub fn relative(folder: &str, path: &str) -> String {
    let (from, parts) = (folder.split('/').filter(|part| !part.is_empty()), path.split('/'));
    let shared = from.clone().zip(parts.clone()).take_while(|(a, b)| a == b).count();
    let shared = shared.min(parts.clone().count().saturating_sub(1));
    let up = "../".repeat(from.count() - shared);
    up + &parts.skip(shared).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
