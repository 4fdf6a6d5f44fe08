//! The names by which our comments, issues and statuses are distinguished from those of others.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::run::Run;
use crate::diag::render::escape;

impl Run {
    /// The name that distinguishes the comments and issues of this workspace: a given one, or its place.
    pub(super) fn stack(&self, given: Option<&str>) -> String {
        given.map(str::to_owned).or_else(|| self.place_in_repository()).unwrap_or_else(|| DEFAULT.to_owned())
    }
}

/// The name of a workspace where there is only one.
pub(super) const DEFAULT: &str = "default";

/// The names of our statuses.
pub(super) const PLAN: &str = "supaform/plan";
pub(super) const APPLY: &str = "supaform/apply";

/// The name of a workspace's status.
pub(super) fn mark(name: &str, key: &str) -> String {
    if key == DEFAULT { name.to_owned() } else { format!("{name}: {}", escape(key)) }
}

/// Characters that a marker escapes, among them hyphens, because two of them would end it.
const MARKER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'/');

/// A name in a marker's form; two names never get the same form.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, MARKER).to_string()
}
