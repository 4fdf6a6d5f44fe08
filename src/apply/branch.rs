//! The document of a branch that this run makes: its steps come after those of the project, which made it.

use std::collections::BTreeMap;

use super::{Context, Outcome, ProjectReport, StepReport, creation};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::model::{BranchOf, Finding, LiveProject, Plan, Problem, ProjectRef, Step};
use crate::observe;

/// Finds the branch that was just made, and then carries out the plan of its document.
pub(super) async fn begin(
    context: &Context<'_>,
    plan: &Plan,
    (name, of): (&str, &BranchOf),
    live: &LiveProject,
    steps: &[&Step],
    done: &BTreeMap<String, ProjectReport>,
) -> ProjectReport {
    let is_it = |step: &&Step| step.changes.iter().any(|change| change.at.subject.item() == Some(&of.branch));
    let makes = plan.steps_of(&of.project).filter(|step| step.at.subject.kind() == Some("branches")).find(is_it);
    let report = done.get(&of.project);
    let is_made = |step: &Step| {
        report.into_iter().flat_map(|it| &it.steps).any(|it| it.id == step.id && matches!(it.outcome, Outcome::Done))
    };
    if let Some(step) = makes.filter(|step| !is_made(step)) {
        let skipped = |it: &&Step| StepReport::of(it, Outcome::Skipped { because: step.id }, vec![]);
        return ProjectReport { steps: steps.iter().map(skipped).collect(), ..ProjectReport::default() };
    }
    let known = context.live.projects.get(&of.project).and_then(|parent| parent.reference.clone());
    let parent = live.parent.clone().or(known).or_else(|| report.and_then(|report| report.created.clone()));
    match found(context, of, parent).await {
        Ok((parent, reference)) => creation::come_up(context, plan, name, (&reference, Some(&parent)), steps).await,
        Err(problem) => ProjectReport { problem: Some(*problem), ..ProjectReport::default() },
    }
}

/// The refs of the project and of the branch.
async fn found(
    context: &Context<'_>,
    of: &BranchOf,
    parent: Option<ProjectRef>,
) -> Result<(ProjectRef, ProjectRef), Box<Problem>> {
    let gone = || {
        let message = format!("`{}` has no branch `{}`, although its plan makes one", of.project, of.branch);
        let finding = Finding::new(codes::STALE, message).hint("Run plan again.").at(Some(&of.origin));
        Box::new(finding.ends(Exit::Stale))
    };
    let parent = parent.ok_or_else(gone)?;
    let branches = observe::branches(context.writer.reader(), &parent).await;
    let branches = branches.map_err(|why| Box::new(observe::blocked_by(&why, Some(of.origin.clone()))))?;
    let branch = branches.into_iter().find(|branch| branch.name == of.branch).ok_or_else(gone)?;
    Ok((parent, branch.reference))
}
