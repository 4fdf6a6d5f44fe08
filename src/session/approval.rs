//! Holding a plan to what was approved.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Planned;
use crate::kinds::KINDS;
use crate::model::{Blocked, Plan, Step};
use crate::plan::{Inputs, approval, make};
use crate::secret::Vault;

impl Planned {
    /// The steps beyond those that were approved, by project: approved are their hashes.
    #[must_use]
    pub fn unapproved(&self, approved: &BTreeSet<String>) -> BTreeMap<&str, Vec<&Step>> {
        approval::unapproved(&self.plan, &self.blind(), approved)
    }

    /// Leaves out the steps of these projects, and says why; the others go on.
    pub fn withhold(&mut self, withheld: BTreeMap<String, Blocked>) {
        approval::withhold(&mut self.plan, withheld);
    }

    /// The plan that somebody sees who has no value of any secret.
    fn blind(&self) -> Plan {
        let Self { workspace, plan, live, .. } = self;
        let blocked = plan.projects.iter().filter_map(|(name, project)| Some((name.clone(), project.blocked.clone()?)));
        make(Inputs {
            registry: KINDS,
            api: &plan.api,
            desired: &workspace.desired,
            live,
            blocked: &blocked.collect(),
            vault: &Vault::new(),
        })
    }
}
