//! Why a project cannot be planned, for the person who reads it.

use super::identity::Projects;
use crate::api::{ApiError, Class};
use crate::diag::{codes::plan as codes, nearest};
use crate::exit::Exit;
use crate::kinds::project::REGION_GROUPS;
use crate::model::{BranchOf, DesiredProject, Finding, LiveProject, Origin, Problem, Status};

/// What is found of a project, or why it cannot be planned.
pub(super) type Found = Result<LiveProject, Box<Problem>>;

/// The most names of an organization among which a name is guessed: each project that is not found compares them all.
const MOST_NAMES: usize = 1000;

pub(super) fn not_found(project: &DesiredProject, slug: &str, name: &str, live: &Projects<'_>) -> Problem {
    let names = live.names_in(slug);
    let mut hints = vec![];
    match nearest(name, names.take(MOST_NAMES)) {
        Some(near) => hints.push(format!("Did you mean `name: {near}`?")),
        None if live.names_in(slug).next().is_none() => {
            hints.push(format!("The token sees no project in `{slug}`: is the slug right?"));
        }
        None => {}
    }
    hints.push("Pin the right project with `ref:`, or correct `organization:` and `name:`.".to_owned());
    hints.push("To create the project, write `create: true`.".to_owned());
    let origin = project.name.as_ref().or(project.organization.as_ref()).map(|it| it.origin.clone());
    let message = format!("there is no project `{name}` in the organization `{slug}`");
    Problem { finding: Finding { code: codes::PROJECT_NOT_FOUND, message, hints, origin }, exit: Exit::Failed }
}

pub(super) fn gone(project: &DesiredProject) -> Problem {
    let reference = project.reference.as_ref().map_or("", |reference| reference.value.as_str());
    let hints = vec![
        "The project was deleted, belongs to another account than the token's, or the ref is that of a preview branch.".to_owned(),
        "A branch is described by `branch_of: {project: NAME, branch: NAME}` in place of `ref:`.".to_owned(),
        "A pinned project is never created again: correct `ref:`, or remove it to adopt a project by organization and name."
            .to_owned(),
    ];
    let origin = project.reference.as_ref().map(|reference| reference.origin.clone());
    let message = format!("there is no project with the ref `{reference}`");
    Problem { finding: Finding { code: codes::PROJECT_GONE, message, hints, origin }, exit: Exit::Failed }
}

/// A branch that is not live, and that no manifest of its project makes.
pub(super) fn no_branch(project: &DesiredProject, of: &BranchOf, parent_is_live: bool) -> Problem {
    let BranchOf { project: parent, branch, origin } = of;
    let message = if parent_is_live {
        format!("`{parent}` has no branch `{branch}`")
    } else {
        format!("`{parent}` is not there yet, and what is selected of it makes no branch `{branch}`")
    };
    let hints = vec![
        format!("To create it, write it below `branches:` of `{parent}`, such as `branches: {{{branch}: {{}}}}`."),
        format!("Where `--select` leaves that out, select `{parent}/branches` along with `{}`.", project.document),
    ];
    let finding = Finding { code: codes::NO_BRANCH, message, hints, origin: Some(origin.clone()) };
    Problem { finding, exit: Exit::Failed }
}

/// The project of a branch, where several may be meant.
pub(super) fn parent_unclear(document: &str) -> Problem {
    let finding = Finding::new(codes::SEVERAL_PROJECTS, format!("several live projects may be `{document}`"));
    finding.hint("Name one of them with `ref:`.").ends(Exit::Refused)
}

pub(super) fn gone_or(why: &ApiError, project: &DesiredProject) -> Problem {
    if matches!(why.class, Class::Gone | Class::NotFound) {
        return gone(project);
    }
    blocked_by(why, project.reference.as_ref().map(|reference| reference.origin.clone()))
}

/// The problem of a project whose request failed.
#[must_use]
pub fn blocked_by(why: &ApiError, origin: Option<Origin>) -> Problem {
    let (code, exit) = why.ends();
    Problem { finding: Finding { code, message: why.to_string(), hints: why.hints(), origin }, exit }
}

/// Lets through projects that can be planned: those that are up or coming up. Compares organization and region with the
/// manifest.
pub(super) fn gate(project: &DesiredProject, live: LiveProject) -> Found {
    let refuse = |code, exit, message: String, hints: &[&str]| {
        let origin = Some(project.reference.as_ref().map_or_else(|| project.origin(), |it| it.origin.clone()));
        let hints = hints.iter().map(|hint| (*hint).to_owned()).collect();
        Err(Box::new(Problem { finding: Finding { code, message, hints, origin }, exit }))
    };
    if let Some((what, wanted, is, origin)) = moved(project, &live) {
        let message = format!("its {what} is `{is}`, but the manifest says `{wanted}`; a project cannot be moved");
        let hints = vec![format!("Correct `{what}:`, or create a new project there and move the data.")];
        let blocked =
            Problem { finding: Finding { code: codes::PROJECT_MOVED, message, hints, origin }, exit: Exit::Refused };
        return Err(Box::new(blocked));
    }
    match &live.status {
        Status::Usable | Status::Absent | Status::Created | Status::ComingUp | Status::Parked => Ok(live),
        Status::Paused => refuse(
            codes::PROJECT_PAUSED,
            Exit::Refused,
            "the project is paused (INACTIVE)".to_owned(),
            &["Restore it in the dashboard, wait until it is healthy, and run this again."],
        ),
        Status::Changing(word) => refuse(
            codes::PROJECT_BUSY,
            Exit::Attention,
            format!("the project is in a transition ({word})"),
            &["The transition ends by itself: run this again in a few minutes."],
        ),
        Status::Failed(word) => refuse(
            codes::PROJECT_FAILED,
            Exit::Failed,
            format!("the project is down ({word}), which does not end by itself"),
            &["Look at the project in the dashboard; Supabase's support can help."],
        ),
    }
}

/// The problem of a project that is coming up, where it would have to be read.
#[must_use]
pub fn coming_up(project: &DesiredProject) -> Problem {
    Problem {
        finding: Finding {
            code: codes::PROJECT_BUSY,
            message: "the project is coming up, so it cannot be read yet".to_owned(),
            hints: vec!["That takes some minutes: run this again then. Apply waits for it.".to_owned()],
            origin: Some(project.reference.as_ref().map_or_else(|| project.origin(), |it| it.origin.clone())),
        },
        exit: Exit::Attention,
    }
}

fn moved(project: &DesiredProject, live: &LiveProject) -> Option<(&'static str, String, String, Option<Origin>)> {
    let pairs = [
        ("organization", project.organization.as_ref(), &live.organization),
        ("region", project.region.as_ref(), &live.region),
    ];
    pairs.into_iter().find_map(|(what, wanted, is)| {
        let wanted = wanted.filter(|wanted| wanted.value != *is && !REGION_GROUPS.contains(&wanted.value.as_str()))?;
        Some((what, wanted.value.clone(), is.clone(), Some(wanted.origin.clone())))
    })
}
