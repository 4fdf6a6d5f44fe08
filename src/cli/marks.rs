//! The names by which our comments, issues and marks are told apart from those of others.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::run::Run;
use crate::diag::render::escape;

impl Run {
    /// What tells the comments and issues of this workspace from those of others: a name that was given, or where it lies.
    pub(super) fn stack(&self, given: Option<&str>) -> String {
        given.map(str::to_owned).or_else(|| self.place_in_repository()).unwrap_or_else(|| DEFAULT.to_owned())
    }
}

/// The name of a workspace where there is only one.
pub(super) const DEFAULT: &str = "default";

/// The names of our marks.
pub(super) const PLAN: &str = "supaform/plan";
pub(super) const APPLY: &str = "supaform/apply";

/// The name of a mark of a workspace.
pub(super) fn mark(name: &str, key: &str) -> String {
    if key == DEFAULT { name.to_owned() } else { format!("{name}: {}", escape(key)) }
}

/// What a marker does not hold as it is; hyphens, of which two would end it, among it.
const MARKER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'/');

/// A name as a marker can hold it; two names never become one.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, MARKER).to_string()
}
