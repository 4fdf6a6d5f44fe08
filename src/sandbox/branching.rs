//! What a project keeps of its branches.

use serde::{Deserialize, Serialize};

use super::history::Migration;

/// How long what a merge does takes to be visible: 40 to 56 seconds were measured.
pub(super) const TAKES: u64 = 50_000;

/// How long after its begin a run dies that does.
pub(super) const DIES_AFTER: u64 = 5000;

/// A branch, as the project that it belongs to keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The ref of the project that it is.
    pub reference: String,
    /// Whether it is the project itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
    /// The git branch that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<String>,
    /// Its pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u32>,
    /// Whether it stays while nobody uses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub persistent: bool,
    /// Whether it was made with the project's data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_data: bool,
    /// Where its status is posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// When it was created, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
    /// When it was last changed, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub updated_ms: u64,
    /// When a review was requested, in milliseconds of the sandbox's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_ms: Option<u64>,
    /// When it is deleted, in milliseconds of the sandbox's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at_ms: Option<u64>,
    /// Its runs, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Run>,
    /// The step at which its next run dies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dies_at: Option<String>,
    /// What the list shows of it meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<Box<Lag>>,
}

/// A run of what the platform does with a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// When it began, in milliseconds of the sandbox's time.
    pub began_ms: u64,
    /// The step at which it dies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dies_at: Option<String>,
}

/// A row of a history that will be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coming {
    /// When, in milliseconds of the sandbox's time.
    pub at_ms: u64,
    /// The row.
    pub row: Migration,
}

/// What the list still shows of a branch that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lag {
    /// Until when, in milliseconds of the sandbox's time.
    pub until_ms: u64,
    /// The branch before the change.
    pub before: Branch,
}

impl Branch {
    /// The branch as the list shows it.
    pub(super) fn listed(&self, now: u64) -> &Self {
        self.lag.as_ref().filter(|lag| lag.until_ms > now).map_or(self, |lag| &lag.before)
    }
}
