//! A temporary folder, where a file is needed for a moment.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

/// A new folder for its owner only; dropping the value deletes it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Creates one in the system's folder for temporary files.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("supaform-{}", super::unguessable()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }

    /// The path of a file in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Copies a file into it, with the time of its last change.
    ///
    /// # Errors
    /// When there is no such file, or the system refuses.
    pub fn copy(&self, from: &Path, name: &str) -> io::Result<()> {
        let to = self.path(name);
        fs::copy(from, &to)?;
        File::options().write(true).open(&to)?.set_modified(fs::metadata(from)?.modified()?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_it_and_copies_keep_their_time() {
        let scratch = Scratch::new().unwrap();
        let (one, two) = (scratch.path("one"), scratch.path("two"));
        fs::write(&one, "x").unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&one).unwrap().set_modified(long_ago).unwrap();
        scratch.copy(&one, "two").unwrap();
        assert_eq!(fs::metadata(&two).unwrap().modified().unwrap(), long_ago);
        assert!(scratch.copy(&scratch.path("none"), "three").is_err());
        drop(scratch);
        assert!(!one.exists() && !two.exists());
    }
}
