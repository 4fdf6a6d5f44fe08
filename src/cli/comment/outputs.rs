//! What a job is told in files: values for later steps, and its summary.

use std::collections::hash_map::RandomState;
use std::fs::OpenOptions;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;

use crate::cli::Failure;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::view::Gist;

/// Values for later steps; the names are part of the interface.
fn values(told: &Gist) -> [(&'static str, String); 4] {
    [
        ("changes", told.changes.to_string()),
        ("refused", told.red.to_string()),
        ("exit", told.exit.to_string()),
        ("summary", told.line.clone()),
    ]
}

/// As GitHub reads them: each between lines that nobody can guess, so that no value ends itself (O04).
pub(super) fn of_github(told: &Gist) -> String {
    let values = values(told);
    let mut delimiter = delimiter();
    while values.iter().any(|(_, value)| value.contains(&delimiter)) {
        delimiter = self::delimiter();
    }
    values.iter().map(|(name, value)| format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")).collect()
}

/// 128 bits of a hash whose key the system has drawn.
fn delimiter() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("supaform_{:016x}{:016x}", random(), random())
}

/// As GitLab reads them: `NAME=VALUE`, a line each.
pub(super) fn dotenv(told: &Gist) -> String {
    let line = |(name, value): (&str, String)| {
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("SUPAFORM_{}={value}\n", name.to_ascii_uppercase())
    };
    values(told).into_iter().map(line).collect()
}

/// Adds to a file of the job.
pub(super) fn append(path: &Path, text: &str) -> Result<(), Failure> {
    let opened = OpenOptions::new().append(true).create(true).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|why| {
        Failure::new(Exit::Failed, codes::CANNOT_SAVE, format!("`{}` cannot be written: {why}", path.display()))
    })
}
