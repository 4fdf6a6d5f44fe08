//! Restricts a plan to what was approved.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Planned;
use crate::diag::codes::trust;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::forge::approval::Approved;
use crate::kinds::KINDS;
use crate::model::{Finding, Plan, Problem, Step};
use crate::plan::{Inputs, approval, make};
use crate::record::{PlanRecord, StepRecord};
use crate::secret::Vault;

/// Describes how a step of the plan differs from the approved one, where there is one.
pub type Words = fn(approved: Option<&PlanRecord>, now: &PlanRecord, step: &StepRecord) -> String;

impl Planned {
    /// Withholds each project that exceeds an approved plan; returns the approved steps that are no longer needed.
    ///
    /// # Errors
    /// When the plan was made for another API.
    pub fn hold_to(&mut self, approved: &PlanRecord, words: Words) -> Result<Vec<String>, Failure> {
        let plan = &self.plan;
        if approved.api != plan.api {
            let message = format!("the plan was made for {}, and this run is for {}", approved.api, plan.api);
            let hint = "Plan again for this API, have that reviewed, and apply it.";
            return Err(Failure::with_hint(Exit::Stale, trust::NOT_APPROVED, message, hint));
        }
        let hashes = approved.steps.iter().map(|step| step.hash.clone()).collect();
        let hint = "Nothing of this project is written. Plan again, have that reviewed, and apply it.";
        let (withheld, now) = self.withheld(&hashes, Some(approved), ("not what was approved", hint), words);
        let left: BTreeSet<&str> = now.steps.iter().map(|record| record.hash.as_str()).collect();
        let done = |step: &&StepRecord| !left.contains(step.hash.as_str());
        // Of projects that are not selected, or in another part of the fleet, this run knows nothing.
        let looked_at = |step: &&StepRecord| self.workspace.desired.projects.contains_key(&step.address.project);
        let steps = approved.steps.iter().filter(looked_at).filter(done);
        let unneeded = steps.filter(|step| !withheld.contains_key(&step.address.project));
        let unneeded = unneeded.map(|step| format!("{} {}", step.method, step.address)).collect();
        approval::withhold(&mut self.plan, withheld);
        Ok(unneeded)
    }

    /// Withholds each project that exceeds what merged requests approve.
    pub fn hold_to_requests(&mut self, approved: &Approved, words: Words) {
        let numbers: Vec<String> = approved.requests.iter().map(|(number, _)| format!("#{number}")).collect();
        let what = match numbers.as_slice() {
            [] => "no merged request approves the change".to_owned(),
            all => format!("not approved by {}", all.join(", ")),
        };
        let hint = "Nothing of this project is written. Open a request whose plan shows the change, have it reviewed, and merge it.";
        let (withheld, _) = self.withheld(&approved.steps(), None, (&what, hint), words);
        self.requests = approved.requests.iter().rev().map(|(number, _)| *number).collect();
        approval::withhold(&mut self.plan, withheld);
    }

    /// The steps that were not approved, by project; `approved` has the hashes of the approved ones.
    #[must_use]
    pub fn unapproved(&self, approved: &BTreeSet<String>) -> BTreeMap<&str, Vec<&Step>> {
        approval::unapproved(&self.plan, &self.blind(), approved)
    }

    /// The projects with unapproved steps, and why; and the plan as a record.
    fn withheld(
        &self,
        hashes: &BTreeSet<String>,
        approved: Option<&PlanRecord>,
        (what, hint): (&str, &str),
        words: Words,
    ) -> (BTreeMap<String, Problem>, PlanRecord) {
        let now = PlanRecord::of(&self.plan, &self.workspace.sources);
        let records: BTreeMap<&str, &StepRecord> =
            now.steps.iter().map(|record| (record.hash.as_str(), record)).collect();
        let withheld = self.unapproved(hashes).into_iter().map(|(name, steps)| {
            let why = steps.iter().filter_map(|step| {
                let record = records.get(step.hash.as_str())?;
                Some(words(approved, &now, record))
            });
            let message = format!("{what}: {}", why.collect::<Vec<_>>().join("; "));
            let origin = steps.first().and_then(|step| step.changes.first()?.origin.clone());
            let hints = vec![hint.to_owned()];
            (
                name.to_owned(),
                Problem { finding: Finding { code: trust::NOT_APPROVED, message, hints, origin }, exit: Exit::Stale },
            )
        });
        (withheld.collect(), now)
    }

    /// The plan as somebody without any value of a secret sees it.
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
