//! Files of a job: outputs for later steps, and its summary.

use std::path::Path;

use crate::failure::Failure;
use crate::files;
use crate::session::saved::cannot_save;
use crate::view::build::Summary;

/// The text in place of a comment or page that would hide risks.
pub(super) const TOO_LARGE: &str = "**This is too large to be reviewed here.** Even in the shortest form, the changes that destroy, lock out or \
     endanger do not fit. Look at the plan in the log of the run, or split the change.\n";

/// The outputs for later steps; their names are part of the interface.
fn values(told: &Summary) -> [(&'static str, String); 4] {
    [
        ("changes", told.changes.to_string()),
        ("refused", told.red.to_string()),
        ("exit", told.exit.to_string()),
        ("summary", told.line.clone()),
    ]
}

/// In GitHub's form: each value is between delimiters that nobody can guess, so that no value ends itself.
pub(super) fn of_github(told: &Summary) -> String {
    let values = values(told);
    let mut delimiter = delimiter();
    while values.iter().any(|(_, value)| value.contains(&delimiter)) {
        delimiter = self::delimiter();
    }
    values.iter().map(|(name, value)| format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")).collect()
}

/// A delimiter that nobody can guess.
fn delimiter() -> String {
    format!("supaform_{}", files::unguessable())
}

/// In GitLab's form: `NAME=VALUE`, one per line.
pub(super) fn dotenv(told: &Summary) -> String {
    let line = |(name, value): (&str, String)| {
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("SUPAFORM_{}={value}\n", name.to_ascii_uppercase())
    };
    values(told).into_iter().map(line).collect()
}

/// Appends to a file of the job.
pub(super) fn append(path: &Path, text: &str) -> Result<(), Failure> {
    files::append(path, text).map_err(|why| cannot_save(path, &why))
}
