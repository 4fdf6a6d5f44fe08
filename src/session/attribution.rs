//! The origins of a plan's differences: changes of the branch, drift, or changes that are not applied yet.

use super::base::Base;
use super::plan::Planned;
use super::replan::plan_of;
use super::start::Session;
use crate::git::earlier;
use crate::kinds::KINDS;
use crate::model::Desired;
use crate::plan::attribution::Attribution;
use crate::plan::repair;
use crate::plan::revisions::Matched;

impl Planned {
    /// The origins, given what another revision desires.
    #[must_use]
    pub fn attribution(&self, base: &Matched) -> Attribution {
        let Self { workspace, plan, live, .. } = self;
        Attribution::of(plan, &plan_of(workspace, live, &plan.api, &base.desired))
    }

    /// Marks changes that only restore what a revision says as repairs.
    pub fn judge_repairs(&mut self, of: &Attribution, revision: &str) {
        repair::judge(KINDS, &mut self.plan, of, revision);
    }
}

impl Session {
    /// The origins, given also what that revision desired earlier: changes of it that are not applied yet.
    pub fn attribution_over_time(
        &self,
        planned: &Planned,
        (base, matched): (&Base, &Matched),
        fork: Option<&str>,
    ) -> Attribution {
        let Planned { workspace, plan, live, .. } = planned;
        let of = |desired: &Desired| plan_of(workspace, live, &plan.api, desired);
        let mut found = planned.attribution(matched);
        let earlier = if found.has_drift() { earlier(&workspace.root, &base.commit) } else { vec![] };
        let states = fork.map(str::to_owned).into_iter().chain(earlier);
        for (at, commit) in states.enumerate() {
            if !found.has_drift() {
                break;
            }
            let Some(earlier) = self.quietly(workspace, &commit) else { continue };
            let before = workspace.matched(&earlier.desired, Some(live)).desired;
            // A change that the base has only since the branch began is new, so it cannot have been applied long ago.
            let since_fork = at == 0 && fork.is_some();
            found.not_applied(plan, &of(&before), |at, field| since_fork || before.says(at, field));
        }
        found
    }
}
