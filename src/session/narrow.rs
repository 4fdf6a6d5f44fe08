//! Narrows a workspace, given another revision.

use super::base::Base;
use super::start::Session;
use super::workspace::Workspace;
use crate::compare::{Identity, Side, compare};
use crate::diag::codes::trust;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::DesiredProject;

impl Workspace {
    /// Keeps the projects whose manifests differ from those of a revision; returns whether there are any.
    pub fn keep_affected(&mut self, base: &Base) -> bool {
        let base = self.matched(&base.desired, None);
        let side = |project: &DesiredProject| Side::rendered(project, KINDS, Identity::Whole);
        self.desired.projects.retain(|name, project| {
            // A renamed document looks up its secrets under other names, so it counts as changed.
            let before = base.desired.projects.get(name).filter(|_| !base.renamed.contains_key(name));
            before.is_none_or(|before| !compare(&side(before), &side(project)).differences.is_empty())
        });
        !self.desired.projects.is_empty()
    }
}

impl Session {
    /// Keeps the projects of untrusted manifests that the base has, too: a stranger who names another ref must not see what
    /// is live there. Notes the names of the others.
    pub fn keep_known(&self, workspace: &mut Workspace, base: Option<&Base>) -> Result<Vec<String>, Failure> {
        let Some(why) = self.untrusted().filter(|_| !self.is_in_process()) else { return Ok(vec![]) };
        let Some(base) = base else {
            let message = format!(
                "untrusted manifests are compared with live only against a base, and these are untrusted: {why}"
            );
            let hint = "Name a merged revision with `--base REV`: only projects that it has are read.";
            return Err(Failure::with_hint(Exit::Refused, trust::UNTRUSTED, message, hint));
        };
        let mut unknown = vec![];
        workspace.desired.projects.retain(|name, project| {
            let known = base.desired.projects.values().any(|known| known.is_same_project(project));
            if !known {
                unknown.push(name.clone());
            }
            known
        });
        for name in &unknown {
            self.observer.note(&format!("{name}: not read, since the base has no such project"));
        }
        Ok(unknown)
    }
}
