//! Saved plans and reports: writing and reading them.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{self, Readers, Refused, Root};
use crate::record::{PlanRecord, Record, Unreadable};

/// The largest file that is taken for a record: a plan of 1,000 projects with 100 changed settings each has about 100 MiB.
const MOST: u64 = 128 << 20;

/// Reads a saved plan or report.
pub fn read(path: &Path) -> Result<Record, Failure> {
    let failed = |code, why: &str| Failure::new(Exit::Invalid, code, format!("`{}` {why}", path.display()));
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed(codes::NO_RECORD, "is not a file"));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let text = Root::new(folder).read_text(&name.to_string_lossy(), MOST);
    let text = text.map_err(|why| failed(codes::NO_RECORD, &format!("cannot be read: {why}")))?;
    Record::read(&text).map_err(|why| {
        let code = match why {
            Unreadable::Foreign(_) => codes::NO_RECORD,
            Unreadable::Version(..) => codes::OTHER_VERSION,
            Unreadable::Edited => codes::EDITED,
            Unreadable::Contradicts(_) => codes::FORGED,
        };
        failed(code, &why.to_string())
    })
}

/// Reads saved plans or reports of the parts of a fleet, and joins them; a single one stays as it is.
pub fn read_all(paths: &[PathBuf]) -> Result<Record, Failure> {
    let records: Vec<Record> = paths.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let failed = |path: Option<&PathBuf>, what: &str| {
        let path = path.map_or_else(String::new, |path| format!("`{}` ", path.display()));
        let hint = "Join what one command printed of the parts `--shard 1/N` to `--shard N/N` of one workspace.";
        Failure::with_hint(Exit::Invalid, codes::NOT_JOINED, format!("{path}{what}"), hint)
    };
    let merged = Record::merge(records).map_err(|why| failed(paths.get(why.at), &why.what))?;
    merged.ok_or_else(|| failed(None, "no file is given"))
}

/// Reads a plan that was approved.
pub fn approved(path: &Path) -> Result<PlanRecord, Failure> {
    match read(path)? {
        Record::Plan(plan) => Ok(plan),
        other @ (Record::Drift(_) | Record::Report(_) | Record::Failure(_)) => {
            let what = if matches!(other, Record::Drift(_)) { "drift" } else { "an apply or a failure" };
            let message = format!("`{}` is not a plan: {what} was saved there", path.display());
            Err(Failure::with_hint(Exit::Invalid, codes::NO_RECORD, message, "Save a plan with `plan --out FILE`."))
        }
    }
}

/// The failure to write a file that `--out` or a similar option names.
pub fn cannot_save(path: &Path, why: &Refused) -> Failure {
    let message = format!("`{}` cannot be written: {why}", path.display());
    if matches!(why, Refused::Link | Refused::Irregular) {
        let hint = "Name a new file or a regular one; nothing else is overwritten.";
        return Failure::with_hint(Exit::Failed, codes::CANNOT_SAVE, message, hint);
    }
    if matches!(why, Refused::TooLarge { .. }) {
        let hint = "Save the plan in parts, one for each of `--shard 1/N` to `--shard N/N`; `show`, `comment` and `merge` join them.";
        return Failure::with_hint(Exit::Failed, codes::CANNOT_SAVE, message, hint);
    }
    Failure::new(Exit::Failed, codes::CANNOT_SAVE, message)
}

/// Saves a record, whole or not at all, for its owner only.
///
/// # Errors
/// When it is larger than [`read`] takes, or cannot be written.
pub fn save(path: &Path, record: &impl Serialize) -> Result<(), Refused> {
    save_within(MOST, path, record)
}

fn save_within(most: u64, path: &Path, record: &impl Serialize) -> Result<(), Refused> {
    let mut left = most;
    let saved = files::save_with(path, Readers::Owner, |out| {
        let mut out = Within { out, left: &mut left };
        serde_json::to_writer_pretty(&mut out, record)?;
        out.write_all(b"\n")
    });
    if left == 0 { Err(Refused::TooLarge { most }) } else { saved }
}

/// Takes so many bytes and no more.
struct Within<'o> {
    out: &'o mut dyn Write,
    left: &'o mut u64,
}

impl Write for Within<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.left = self.left.saturating_sub(bytes.len() as u64);
        if *self.left == 0 {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Refused, save_within};

    #[test]
    fn what_would_not_be_read_again_is_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let record = "x".repeat(50);
        assert!(matches!(save_within(50, &path, &record), Err(Refused::TooLarge { most: 50 })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
        save_within(54, &path, &record).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("\"{record}\"\n"));
    }
}
