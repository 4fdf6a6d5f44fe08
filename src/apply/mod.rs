//! Carries out a plan. It decides nothing: what is sent stands in the plan.
//!
//! For each step: read again, stop if somebody has moved what it touches; send; wait; read back and compare. Projects run
//! side by side and are isolated; within one, a failure skips only what depends on it. Main function: [`apply`].

mod creation;
mod report;
mod step;
mod verdict;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

pub use report::{Outcome, Problem, ProjectReport, Report, StepReport};

use crate::api::Writer;
use crate::clock::Clock;
use crate::kind::Registry;
use crate::model::{Desired, Live, LiveKind, Plan, ProjectRef, Status, Step, StepId};
use crate::secret::Vault;

/// What is live of a kind that was not read.
static NOT_READ: LiveKind = LiveKind::NotYet;

/// How many projects are written at once.
const CONCURRENT: usize = 4;

/// What happens, for progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step begins.
    Started(&'a Step),
    /// A step waits for this.
    Waiting(&'a Step, &'a str),
    /// A project waits for this.
    ProjectWaiting(&'a str, &'a str),
    /// A step ended.
    Ended(&'a Step, &'a Outcome),
}

/// Everything that an apply needs.
#[derive(Clone)]
pub struct Context<'a> {
    /// The kinds.
    pub registry: Registry,
    /// The client that may write.
    pub writer: Writer,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What is desired, as planned.
    pub desired: &'a Desired,
    /// What was live when the plan was made.
    pub live: &'a Live,
    /// The values of secrets.
    pub vault: &'a Vault,
    /// Who is told what happens.
    pub events: &'a (dyn Fn(Event<'_>) + Sync),
}

/// Carries out a plan and reports what came of it.
pub async fn apply(context: &Context<'_>, plan: &Plan) -> Report {
    let projects = plan.projects.iter().filter(|(_, project)| !project.changes.is_empty() || project.blocked.is_some());
    let projects: Vec<_> = projects.map(|(name, project)| (name.clone(), project.blocked.clone())).collect();
    let reports = stream::iter(projects)
        .map(|(name, blocked)| async move {
            let report = match blocked {
                Some(blocked) => ProjectReport { problem: Some(blocked.into()), ..ProjectReport::default() },
                None => project(context, plan, &name).await,
            };
            (name, report)
        })
        .buffer_unordered(CONCURRENT);
    let projects = reports.collect::<Vec<_>>().await.into_iter().collect();
    Report { api: plan.api.clone(), plan: plan.id.clone(), projects }
}

impl From<crate::model::Blocked> for Problem {
    fn from(blocked: crate::model::Blocked) -> Self {
        let crate::model::Blocked { code, message, hints, exit, origin } = blocked;
        Self { code, message, hints, origin, exit }
    }
}

async fn project(context: &Context<'_>, plan: &Plan, name: &str) -> ProjectReport {
    let Some(live) = context.live.projects.get(name) else {
        return ProjectReport::default();
    };
    let steps: Vec<&Step> = plan.steps_of(name).collect();
    match (&live.status, &live.reference) {
        (Status::Absent, _) => creation::create(context, plan, name, live, &steps).await,
        (Status::ComingUp, Some(reference)) => creation::come_up(context, plan, name, reference, &steps).await,
        (_, Some(reference)) => run(context, name, reference, Some(&live.kinds), &steps).await,
        (_, None) => ProjectReport::default(),
    }
}

/// Runs the steps of a project, in order; `planned_on` is what was live when they were planned, where anything was known.
async fn run(
    context: &Context<'_>,
    name: &str,
    reference: &ProjectRef,
    planned_on: Option<&BTreeMap<&'static str, LiveKind>>,
    steps: &[&Step],
) -> ProjectReport {
    let mut report = ProjectReport::default();
    let mut undone: BTreeSet<StepId> = BTreeSet::new();
    for step in steps {
        let (outcome, notes) = match step.after.iter().find(|id| undone.contains(id)) {
            Some(&because) => (Outcome::Skipped { because }, vec![]),
            None if context.writer.is_stopped() => (Outcome::Stopped, vec![]),
            None => {
                (context.events)(Event::Started(step));
                let live = planned_on.map(|all| all.get(step.at.subject.kind_name()).unwrap_or(&NOT_READ));
                step::run(context, name, reference, live, step).await
            }
        };
        if !matches!(outcome, Outcome::Done) {
            undone.insert(step.id);
        }
        (context.events)(Event::Ended(step, &outcome));
        report.steps.push(StepReport::of(step, outcome, notes));
    }
    report
}
