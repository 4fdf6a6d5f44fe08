//! The calls of a plan in stages, once for all projects in which they are the same.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::projects::{Labels, called};
use crate::plan::identity::WaitForm;
use crate::record::{PlanRecord, ProjectRecord, StepRecord};
use crate::view::document::{Planned, Steps};

/// The calls, by project.
pub(super) fn steps(plan: &PlanRecord, labels: &Labels<'_>) -> Vec<Steps> {
    let mut by_project: BTreeMap<&str, Vec<&StepRecord>> = BTreeMap::new();
    for step in &plan.steps {
        by_project.entry(&step.address.project).or_default().push(step);
    }
    let mut alike: IndexMap<Vec<Vec<Planned>>, Vec<&str>> = IndexMap::new();
    for project in &plan.projects {
        if let Some(own) = by_project.get(project.project.as_str()) {
            alike.entry(stages(project, own)).or_default().push(&project.project);
        }
    }
    alike.into_iter().map(|(stages, projects)| Steps { projects: called(labels, &projects), stages }).collect()
}

/// Each step one stage after the last of those that it waits for, and in the same one as those of its own kind, which are done one
/// after the other anyway. Steps stand in an order in which they can be done.
fn stages(project: &ProjectRecord, steps: &[&StepRecord]) -> Vec<Vec<Planned>> {
    let mut places: BTreeMap<&str, (usize, &str, String)> = BTreeMap::new();
    let mut stages: Vec<Vec<Planned>> = vec![];
    for step in steps {
        let kind = step.address.kind.as_str();
        let before: Vec<_> = step.after.iter().filter_map(|id| places.get(id.as_str())).collect();
        let next = |(stage, of, _): &&(usize, &str, String)| stage + usize::from(*of != kind);
        let stage = before.iter().map(next).max().unwrap_or_default();
        let after = before.into_iter().map(|(_, _, subject)| subject.clone()).collect();
        let about = match step.settles.as_slice() {
            [one] => one,
            _ => &step.address,
        };
        let subject = Some(about.local()).filter(|it| !it.is_empty()).unwrap_or_else(|| "project".to_owned());
        places.insert(&step.id, (stage, kind, subject.clone()));
        stages.resize(stages.len().max(stage + 1), vec![]);
        let path = match project.r#ref.as_deref() {
            Some(reference) if !reference.is_empty() => step.path.replacen(reference, "{ref}", 1),
            Some(_) | None => step.path.clone(),
        };
        let request = format!("{} {path}", step.method);
        let wait = step.wait.as_ref().map(wait);
        if let Some(stage) = stages.get_mut(stage) {
            stage.push(Planned { subject, request, after, wait });
        }
    }
    stages
}

fn wait(form: &WaitForm) -> String {
    let (until, deadline) = match form {
        WaitForm::Settled { deadline, .. } => ("it has taken effect".to_owned(), deadline),
        WaitForm::Up { deadline, .. } => ("the project is up".to_owned(), deadline),
        WaitForm::Branch { deadline, .. } => ("the branch is up and has its schema".to_owned(), deadline),
        WaitForm::Due {} => return "is sent once it is due".to_owned(),
        WaitForm::Outside { patience: 0 } => return "waits until it is known what to do outside".to_owned(),
        WaitForm::Outside { patience } => ("that is done outside".to_owned(), patience),
        WaitForm::Healthy { services, deadline } => (format!("{} answer again", services.join(", ")), deadline),
    };
    format!("waits until {until}, for {} minutes at most", deadline.div_ceil(60))
}
