//! A folder of the user that nobody else can write to, and files in it that outlive a run.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a folder, and those above it, for this user only.
///
/// # Errors
/// As the system says.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder)
}

/// Refuses a folder that somebody else could have prepared, or could change.
///
/// # Errors
/// With the reason.
#[cfg(unix)]
pub fn check(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(folder).map_err(|error| error.to_string())?;
    let why = if !found.is_dir() {
        "it is not a folder"
    } else if found.uid() != user() {
        "it belongs to somebody else"
    } else if found.mode() & 0o022 != 0 {
        "others may write to it"
    } else {
        return Ok(());
    };
    Err(why.to_owned())
}

/// On this system, the folders of a user belong to that user.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn check(_: &Path) -> Result<(), String> {
    Ok(())
}

/// The user of this process.
#[cfg(unix)]
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The user of this process: unknown on this system.
#[cfg(not(unix))]
#[must_use]
pub fn user() -> u32 {
    0
}

/// Opens a file, and creates it if it does not exist; no link is followed.
///
/// # Errors
/// As the system says.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options.open(path)
}
