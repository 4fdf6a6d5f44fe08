//! Applying: projects with refusals are withheld, and the rest is carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::plan::Planned;
use super::start::Session;
use crate::apply::{Context, Event, Report, Turn};
use crate::diag::Diagnostics;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::{Problem, Refusal};
use crate::plan::{approval, guard};

/// A plan without refusals. Nothing else is applied.
pub struct Cleared {
    planned: Planned,
    outside: Option<Duration>,
}

impl Planned {
    /// Withholds the projects with refusals that are not among the `allowed` addresses; the others may be applied.
    ///
    /// # Errors
    /// When nothing is left then, or the password of a new database is not at hand.
    pub fn clear(mut self, allowed: &BTreeSet<String>) -> Result<Cleared, Failure> {
        withhold_refused(&mut self, allowed)?;
        self.workspace.require_passwords(&self.plan)?;
        Ok(Cleared { planned: self, outside: None })
    }
}

impl Cleared {
    /// The plan and its inputs.
    #[must_use]
    pub fn planned(&self) -> &Planned {
        &self.planned
    }

    /// Lets the run wait for so long for what is done outside, such as DNS records.
    #[must_use]
    pub fn waiting(self, outside: Option<Duration>) -> Self {
        Self { outside, ..self }
    }

    /// Whether there is nothing to do or to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let plan = &self.planned.plan;
        plan.steps.is_empty() && plan.projects.values().all(|project| project.blocked.is_none())
    }
}

impl Session {
    /// Carries out a plan, and reports each event to `events`.
    ///
    /// # Panics
    /// When the plan was not made by [`Session::plan_to_write`].
    pub async fn apply(&self, cleared: &Cleared, events: &(dyn Fn(Event<'_>) + Sync)) -> Result<Report, Failure> {
        let Planned { workspace, plan, live, connection, permit, .. } = &cleared.planned;
        let permit = permit.as_ref().expect("what is applied was planned to be written");
        let context = Context {
            registry: KINDS,
            writer: permit.writer.clone(),
            clock: Arc::clone(&connection.peer.clock),
            desired: &workspace.desired,
            live,
            vault: &workspace.vault,
            turn: Turn::of(self.options().parallel),
            outside: cleared.outside,
            events,
        };
        let report = crate::apply::apply(&context, plan).await;
        connection.save()?;
        Ok(report)
    }
}

/// Withholds each project with refusals; the others go on. Where nothing is left, the run fails.
fn withhold_refused(planned: &mut Planned, allowed: &BTreeSet<String>) -> Result<(), Failure> {
    let standing = guard::standing(&planned.plan, allowed);
    let mut findings = Diagnostics::new();
    let mut refused: BTreeMap<String, Vec<&Refusal>> = BTreeMap::new();
    for refusal in standing {
        findings.push(refusal.finding.diagnostic_of(&refusal.at));
        refused.entry(refusal.at.project.clone()).or_default().push(refusal);
    }
    if refused.is_empty() {
        return Ok(());
    }
    let withheld: BTreeMap<String, Problem> =
        refused.into_iter().map(|(name, refusals)| (name, guard::withheld(&refusals))).collect();
    let others = planned.plan.projects.iter().any(|(name, project)| {
        !withheld.contains_key(name) && (project.blocked.is_some() || planned.plan.steps_of(name).next().is_some())
    });
    if !others {
        let sources = planned.workspace.sources.clone();
        return Err(Failure { exit: Exit::Refused, findings, sources });
    }
    approval::withhold(&mut planned.plan, withheld);
    Ok(())
}
