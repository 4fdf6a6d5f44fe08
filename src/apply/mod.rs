//! Carries out a plan and decides nothing: all requests are in the plan.
//!
//! For each step: read again, stop if somebody has changed what the step touches; send; wait; read back and compare.
//! Projects run side by side and are isolated; within one, a failure skips only what depends on it. Main function:
//! [`apply`].

mod context;
mod creation;
mod report;
mod run;
mod step;
mod turn;
mod verdict;
mod wait;

use futures_util::stream::{self, StreamExt as _};

pub use context::{Context, Event};
pub use report::{Outcome, ProjectReport, Report, StepReport};
pub use turn::Turn;

use crate::model::{Plan, Status, Step};

/// Carries out a plan and reports what came of it.
pub async fn apply(context: &Context<'_>, plan: &Plan) -> Report {
    let projects = plan.projects.iter().filter(|(_, project)| !project.changes.is_empty() || project.blocked.is_some());
    let projects: Vec<_> = projects.map(|(name, project)| (name.clone(), project.blocked.clone())).collect();
    let reports = stream::iter(projects)
        .then(|named| async move { (named, context.turn.begin().await) })
        .map(|((name, blocked), turn)| async move {
            let context = Context { turn, ..context.clone() };
            let report = match blocked {
                Some(blocked) => ProjectReport { problem: Some(blocked), ..ProjectReport::default() },
                None => project(&context, plan, &name).await,
            };
            (name, report)
        })
        // Each has its turn.
        .buffer_unordered(usize::MAX);
    let projects = reports.collect::<Vec<_>>().await.into_iter().collect();
    Report { api: plan.api.clone(), plan: plan.id.clone(), projects }
}

async fn project(context: &Context<'_>, plan: &Plan, name: &str) -> ProjectReport {
    let Some(live) = context.live.projects.get(name) else {
        return ProjectReport::default();
    };
    let steps: Vec<&Step> = plan.steps_of(name).collect();
    match (&live.status, &live.reference) {
        (Status::Absent, _) => creation::create(context, plan, name, live, &steps).await,
        (Status::ComingUp, Some(reference)) => creation::come_up(context, plan, name, reference, &steps).await,
        (_, Some(reference)) => run::run(context, name, reference, Some(&live.kinds), &steps).await,
        (_, None) => ProjectReport::default(),
    }
}
