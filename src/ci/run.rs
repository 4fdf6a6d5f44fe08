//! What is known of a run of a CI system.

use std::path::PathBuf;

use crate::forge::{Head, Place};

/// How far the request of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// It is open, or there is none.
    #[default]
    Proposed,
    /// A merge queue is about to merge it, and all before it, as the commit of the run.
    Queued,
    /// It was merged, as the commit of the run.
    Merged,
}

/// A run of a CI system.
#[derive(Debug, Default)]
pub struct Ci {
    /// The name of the code host.
    pub host: Option<&'static str>,
    /// The address of its API, if the system has it in a variable.
    pub api: Option<String>,
    /// The request and its commit.
    pub place: Option<Place>,
    /// How far the request is.
    pub phase: Phase,
    /// The last commit of the branch that an earlier run was for, where the event does not name its request.
    pub head: Option<Head>,
    /// The branch of the run, if it is for one.
    pub branch: Option<String>,
    /// The address of the run's page.
    pub run: Option<String>,
    /// Where the host shows the files of the commit: what is before a path, and what is between it and a line's number.
    pub files: Option<(String, String)>,
    /// A file whose Markdown is shown with the run.
    pub summary: Option<PathBuf>,
    /// A file for outputs of later steps.
    pub outputs: Option<PathBuf>,
    /// Whether lines of the log become annotations.
    pub annotates: bool,
    /// Whether the run continues one that may have been a stranger's.
    pub second_hand: bool,
}

/// The branch of a whole name.
pub(super) fn of_heads(name: &str) -> Option<String> {
    name.strip_prefix("refs/heads/").map(str::to_owned)
}

/// The request that a group of the merge queue ends with: `refs/heads/gh-readonly-queue/main/pr-12-c0ffee`.
pub(super) fn of_queue(name: &str) -> Option<u64> {
    let (_, group) = name.strip_prefix("refs/heads/gh-readonly-queue/")?.rsplit_once("/pr-")?;
    group.split('-').next()?.parse().ok()
}
