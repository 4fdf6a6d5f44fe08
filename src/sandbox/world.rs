//! The built-in world.

use super::state::{Organization, Project, State};

/// The ref of the built-in project.
const QUICKSTART: &str = "quickstartquickstart";

/// An organization on the team plan with one untouched project.
pub(super) fn built_in() -> State {
    let mut state = State::empty();
    let acme = Organization { name: "Acme Inc".to_owned(), plan: "team".to_owned() };
    state.organizations.insert("acme-inc".to_owned(), acme);
    let project = Project::untouched("Acme Quickstart", "acme-inc", "eu-central-1");
    state.projects.insert(QUICKSTART.to_owned(), project);
    state
}
