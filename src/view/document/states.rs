//! The state of projects.

use super::Tone;

/// The state of each project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct States {
    /// The label that is told of each, where many have one.
    pub label: Option<String>,
    /// The projects.
    pub projects: Vec<State>,
}

/// The state of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The name of its document.
    pub name: String,
    /// The value of the label.
    pub label: String,
    /// Its health in a word, and how good that is.
    pub health: (Tone, String),
    /// The version of its Postgres, where it is known.
    pub postgres: Option<String>,
    /// How many settings differ, are weakened by that, and are not managed; nothing where it could not be compared.
    pub compared: Option<[usize; 3]>,
    /// How many secrets are at hand, of how many.
    pub secrets: (usize, usize),
}
