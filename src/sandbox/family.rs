//! A project and its branches: each is a project of its own, which no list of projects has.

use super::branching::Branch;
use super::state::State;

impl State {
    /// The refs that a request may change which names this project, or a branch: it, its branches, and the project that it is a
    /// branch of.
    pub(super) fn family(&self, reference: &str) -> Vec<String> {
        let Some(project) = self.projects.get(reference) else { return vec![] };
        let branches = project.branches.iter().map(|branch| branch.reference.clone());
        let all = project.branch_of.clone().into_iter().chain(branches);
        std::iter::once(reference.to_owned()).chain(all.filter(|other| other != reference)).collect()
    }

    /// The ref of the project and the place of its branch that has this ref or id.
    pub(super) fn branch(&self, given: &str) -> Option<(String, usize)> {
        self.projects.iter().find_map(|(reference, project)| {
            let is_it = |branch: &Branch| branch.reference == given || branch.id.eq_ignore_ascii_case(given);
            Some((reference.clone(), project.branches.iter().position(is_it)?))
        })
    }

    /// Deletes the branches whose time has come.
    pub(super) fn delete_branches(&mut self, now: u64) {
        let mut gone = vec![];
        for project in self.projects.values_mut() {
            let due = |branch: &mut Branch| branch.deleted_at_ms.is_some_and(|at| at <= now);
            gone.extend(project.branches.extract_if(.., due).map(|branch| branch.reference));
        }
        for reference in gone {
            self.remove(&reference);
        }
    }

    /// Removes the project that a branch is.
    pub(super) fn remove(&mut self, reference: &str) {
        if let Some(project) = self.projects.get_mut(reference) {
            project.removed = true;
            "REMOVED".clone_into(&mut project.status);
        }
    }
}
