//! Carries out a plan and decides nothing: all requests are in the plan.
//!
//! For each step: read again, stop if somebody has changed what the step touches; send; wait; read back and compare. Items that
//! stand for themselves share the reads.
//! Projects run side by side and are isolated; within one, a failure skips only what depends on it. Main function:
//! [`apply`].

mod branch;
mod context;
mod creation;
mod outside;
mod report;
mod run;
mod sent;
mod step;
mod together;
mod turn;
mod verdict;
mod wait;
mod work;

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

pub use context::{Context, Event};
pub use report::{Outcome, ProjectReport, Report, StepReport};
pub use turn::Turn;

use crate::model::{Plan, Status, Step};

/// Carries out a plan and reports what came of it: projects first, then their branches.
pub async fn apply(context: &Context<'_>, plan: &Plan) -> Report {
    let began = context.clock.now();
    let is_branch = |name: &str| context.desired.projects.get(name).is_some_and(|project| project.branch_of.is_some());
    let mut projects = all(context, plan, &|name| !is_branch(name), &BTreeMap::new()).await;
    let branches = all(context, plan, &is_branch, &projects).await;
    projects.extend(branches);
    Report { api: plan.api.clone(), plan: plan.id.clone(), began, projects }
}

/// Carries out the plan of some projects, after what is `done`.
async fn all(
    context: &Context<'_>,
    plan: &Plan,
    which: &(dyn Fn(&str) -> bool + Sync),
    done: &BTreeMap<String, ProjectReport>,
) -> BTreeMap<String, ProjectReport> {
    let projects = plan
        .projects
        .iter()
        .filter(|(name, project)| which(name) && (!project.changes.is_empty() || project.blocked.is_some()));
    let projects: Vec<_> = projects.map(|(name, project)| (name.clone(), project.blocked.clone())).collect();
    let reports = stream::iter(projects)
        .then(|named| async move { (named, context.turn.begin().await) })
        .map(|((name, blocked), turn)| async move {
            let context = Context { turn, ..context.clone() };
            let report = match blocked {
                Some(blocked) => ProjectReport { problem: Some(blocked), ..ProjectReport::default() },
                None => project(&context, plan, &name, done).await,
            };
            (name, report)
        })
        // Each has its turn.
        .buffer_unordered(usize::MAX);
    reports.collect::<Vec<_>>().await.into_iter().collect()
}

async fn project(
    context: &Context<'_>,
    plan: &Plan,
    name: &str,
    done: &BTreeMap<String, ProjectReport>,
) -> ProjectReport {
    let Some(live) = context.live.projects.get(name) else {
        return ProjectReport::default();
    };
    let steps: Vec<&Step> = plan.steps_of(name).collect();
    let of = context.desired.projects.get(name).and_then(|project| project.branch_of.as_ref());
    if let (Status::Absent, Some(of)) = (&live.status, of) {
        return branch::begin(context, plan, (name, of), live, &steps, done).await;
    }
    match (&live.status, &live.reference) {
        (Status::Absent, _) => creation::create(context, plan, name, live, &steps).await,
        (Status::ComingUp, Some(reference)) => {
            creation::come_up(context, plan, name, (reference, live.parent.as_ref()), &steps).await
        }
        (_, Some(reference)) => run::run(context, name, reference, Some(&live.kinds), &steps).await,
        (_, None) => ProjectReport::default(),
    }
}
