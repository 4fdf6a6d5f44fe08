//! What is on a code host: its comments, marks, requests and issues, and what goes wrong.

use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    /// The request that it stands on.
    pub(crate) on: u64,
    pub(crate) author: &'static str,
    pub(crate) body: String,
    pub(crate) hidden: bool,
    /// How often it was changed.
    pub(crate) version: u64,
}

/// A mark on a commit, as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) commit: String,
    pub(crate) author: &'static str,
    pub(crate) body: Value,
}

/// A request that was merged, and the commit that tells of it.
#[derive(Debug, Clone)]
pub(crate) struct Merged {
    pub(crate) number: u64,
    pub(crate) head: String,
    pub(crate) commit: String,
    /// The commit that its merge made, where another one tells of it.
    pub(crate) made: Option<String>,
    /// The branch that it went into.
    pub(crate) into: &'static str,
    /// Whether it came from a fork.
    pub(crate) forked: bool,
}

impl Merged {
    pub(crate) fn new(number: u64, head: &str, commit: &str) -> Self {
        Self { number, head: head.to_owned(), commit: commit.to_owned(), made: None, into: "main", forked: false }
    }

    pub(super) fn made(&self) -> &str {
        self.made.as_deref().unwrap_or(&self.commit)
    }

    /// The id of the repository that it came from; ours is 42.
    pub(super) fn from(&self) -> u64 {
        if self.forked { 43 } else { 42 }
    }
}

/// A pipeline of a request: the name and the commit that it ran for, and the parents of that commit.
#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    pub(crate) on: u64,
    pub(crate) name: String,
    pub(crate) commit: String,
    pub(crate) parents: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) number: u64,
    pub(crate) author: &'static str,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) open: bool,
}

/// What the next request of a kind gets instead of its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) method: &'static str,
    /// A part of the path.
    pub(crate) part: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: &'static str,
    /// Whether the request is carried out all the same.
    pub(crate) done: bool,
}

impl Fault {
    pub(crate) const fn new(method: &'static str, part: &'static str, status: u16) -> Self {
        Self { method, part, status, headers: &[], body: "", done: false }
    }
}

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) comments: Vec<Comment>,
    pub(crate) marks: Vec<Marked>,
    pub(crate) merged: Vec<Merged>,
    /// Requests that are open: number, repository, branch and last commit.
    pub(crate) open: Vec<(u64, &'static str, &'static str, &'static str)>,
    /// How often a commit is asked for before it is known by which request it came.
    pub(crate) late: usize,
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) issues: Vec<Issue>,
    /// What issues were opened with.
    pub(crate) opened: Vec<Value>,
    /// Check runs, with the remarks of all requests.
    pub(crate) checks: Vec<Value>,
    /// The labels of the request.
    pub(crate) labels: Vec<String>,
    /// The labels of the repository, where they have numbers: the first is 1.
    pub(crate) known_labels: Vec<String>,
    pub(crate) log: Vec<String>,
    pub(crate) faults: Vec<Fault>,
    /// Whether the last page names itself as the next one.
    pub(crate) circles: bool,
    /// Whether the token may not ask whose it is.
    pub(crate) nameless: bool,
    pub(super) made: u64,
}
