//! The calls that an apply would make, and what waits for what.

use super::Projects;

/// The calls in projects where they are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The projects.
    pub projects: Projects,
    /// Stages: a call waits for calls of earlier stages only.
    pub stages: Vec<Vec<Planned>>,
}

/// A call that an apply would make.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Planned {
    /// The resource that it writes: `auth`.
    pub subject: String,
    /// The request, with `{ref}` for the project's ref.
    pub request: String,
    /// The subjects of the calls that must be done before.
    pub after: Vec<String>,
    /// What is waited for afterwards.
    pub wait: Option<String>,
}
