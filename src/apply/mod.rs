//! Carries out a plan. It decides nothing: what is sent stands in the plan.
//!
//! For each step: read again, stop if somebody has moved what it touches; send; wait; read back and compare. Projects run
//! side by side and are isolated; within one, a failure skips only what depends on it. Main function: [`apply`].

mod report;
mod step;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

pub use report::{Outcome, Problem, ProjectReport, Report, StepReport};

use crate::api::Writer;
use crate::clock::Clock;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::kind::Registry;
use crate::model::{Desired, Live, LiveKind, Plan, ProjectRef, Step, StepId};
use crate::observe;
use crate::plan::Inputs;
use crate::secret::Vault;

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
                Some(blocked) => ProjectReport { steps: vec![], problem: Some(blocked.into()) },
                None => project(context, plan, &name).await,
            };
            (name, report)
        })
        .buffered(CONCURRENT);
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
        (crate::model::Status::ComingUp, Some(reference)) => come_up(context, plan, name, reference, &steps).await,
        (_, Some(reference)) => run(context, name, reference, &live.kinds, &steps).await,
        (_, None) => ProjectReport::default(),
    }
}

/// A project that was coming up when the plan was made: waits, reads, and sends of the plan only what still differs (R24).
async fn come_up(
    context: &Context<'_>,
    plan: &Plan,
    name: &str,
    reference: &ProjectRef,
    approved: &[&Step],
) -> ProjectReport {
    let failed = |problem| ProjectReport { steps: vec![], problem: Some(problem) };
    (context.events)(Event::ProjectWaiting(name, "the project to come up"));
    let live = match wait::until_up(context, reference).await {
        Ok(live) => live,
        Err(problem) => return failed(problem),
    };
    let mut fresh = Live::default();
    fresh.projects.insert(name.to_owned(), live);
    let mut kinds = BTreeMap::new();
    for (kind, section) in &context.desired.projects[name].sections {
        let Some(kind) = crate::kind::find(context.registry, kind) else { continue };
        match observe::kind_of(context.writer.reader(), kind, name, reference, Some(section)).await {
            Ok(seen) => kinds.insert(kind.info().name, seen),
            Err(why) => return failed(why.blocked(None).into()),
        };
    }
    if let Some(project) = fresh.projects.get_mut(name) {
        project.kinds.clone_from(&kinds);
    }
    // Only this project is live in `fresh`, so only it is planned again.
    let blocked = BTreeMap::new();
    let inputs = Inputs {
        registry: context.registry,
        api: &plan.api,
        desired: context.desired,
        live: &fresh,
        blocked: &blocked,
        vault: context.vault,
    };
    let again = crate::plan::make(inputs);
    // What stood in the plan that was approved has been allowed by its address; what is new has not.
    let allowed: BTreeSet<_> = plan.projects[name].refusals.iter().map(|refusal| &refusal.at).collect();
    let is_new = |refusal: &&crate::model::Refusal| !(refusal.allowable && allowed.contains(&refusal.at));
    if let Some(refusal) = again.projects[name].refusals.iter().find(is_new) {
        let crate::model::Refusal { code, message, hints, origin, .. } = refusal.clone();
        return failed(Problem { code, message, hints, origin, exit: Exit::Refused });
    }
    let shown: BTreeSet<_> = approved.iter().flat_map(|step| &step.changes).flat_map(named).collect();
    let steps: Vec<&Step> = again.steps.iter().collect();
    let unseen = steps.iter().flat_map(|step| &step.changes).flat_map(named).any(|field| !shown.contains(&field));
    if unseen {
        return failed(Problem {
            code: codes::STALE,
            message: "now that the project is up, it needs changes that were not in the plan".to_owned(),
            hints: vec!["Run plan again.".to_owned()],
            origin: None,
            exit: Exit::Stale,
        });
    }
    run(context, name, reference, &kinds, &steps).await
}

fn named(change: &crate::model::Change) -> Vec<(String, String)> {
    let at = change.at.to_string();
    let mut all: Vec<_> = change.fields.iter().map(|diff| (at.clone(), diff.name.clone())).collect();
    all.push((at, String::new()));
    all
}

/// Runs the steps of a project, in order.
async fn run(
    context: &Context<'_>,
    name: &str,
    reference: &ProjectRef,
    planned_on: &BTreeMap<&'static str, LiveKind>,
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
                let live = planned_on.get(step.at.kind).unwrap_or(&LiveKind::NotYet);
                step::run(context, name, reference, live, step).await
            }
        };
        if !matches!(outcome, Outcome::Done) {
            undone.insert(step.id);
        }
        (context.events)(Event::Ended(step, &outcome));
        let (id, at, operation, path) = (step.id, step.at.clone(), step.call.operation, step.call.path());
        report.steps.push(StepReport { id, at, operation, path, outcome, notes });
    }
    report
}
