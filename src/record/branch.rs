//! The result of `branch`.

use serde::Serialize;

use super::done::Named;

/// What was done with a branch, or would be.
#[derive(Debug, Serialize)]
pub struct BranchRecord<'a> {
    /// Its address.
    pub branch: &'a str,
    /// The ref of the project that it is.
    pub r#ref: &'a str,
    /// What was asked for: `merge`, `push`, `reset`, `restore`, `diff` or `wait`.
    pub action: &'a str,
    /// Whether something was done.
    pub done: bool,
    /// The migrations that one side has and the other has not, by version and name.
    pub migrations: &'a [String],
    /// The difference of the schemas as SQL; null where it was not asked for, or may not be read.
    pub diff: Option<&'a str>,
    /// Whether the branch has no history yet, so that a difference means nothing.
    pub without_history: bool,
    /// Why there was nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nothing_to_do: Option<&'a str>,
}

impl Named for BranchRecord<'_> {
    const FORMAT: &'static str = "supaform.branch";
}
