//! Finds the live project of each document: by its ref, or by its name in a list.

use std::collections::BTreeMap;

use super::identity::Projects;
use super::lineage::Lineage;
use super::problem::{Found, blocked_by, coming_up, gone, gone_or, not_found};
use super::read::{list_of, listed};
use crate::api::{ApiError, Reader};
use crate::model::{Desired, DesiredProject, Listed, LiveProject, ProjectRef, ReadCall, Status};

/// How projects are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// With as few requests as possible: one project by its ref, several by the list.
    Cheapest,
    /// By the list, which also has the projects that no document adopts. That is one request, too.
    ByList,
}

/// Reads the status of one project by its ref.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn status_of(reader: &Reader, reference: &ProjectRef) -> Result<LiveProject, ApiError> {
    let read = ReadCall::get("/v1/projects/{ref}").param("ref", reference.as_str());
    let answer = reader.read(&read).await?;
    listed(&answer.body)
        .map(|listed| listed.live())
        .ok_or_else(|| ApiError::unreadable(Some(read.as_call()), "a project was expected"))
}

/// Finds the live project of each document, and returns what was listed on the way.
pub(super) async fn identify(
    reader: &Reader,
    (desired, lineage): (&Desired, &Lineage),
    lookup: Lookup,
) -> (Vec<(String, Found)>, Vec<Listed>) {
    let branches = desired.projects.values().filter_map(|project| Some((project, project.branch_of.as_ref()?)));
    let branches = branches.map(|(project, of)| (project.document.clone(), lineage.find(project, of, desired)));
    let (mut found, listed) = identify_projects(reader, desired, lookup).await;
    found.extend(branches);
    (found, listed)
}

async fn identify_projects(reader: &Reader, desired: &Desired, lookup: Lookup) -> (Vec<(String, Found)>, Vec<Listed>) {
    let projects: Vec<&DesiredProject> =
        desired.projects.values().filter(|project| project.branch_of.is_none()).collect();
    if let [only] = projects.as_slice()
        && let Some(reference) = only.reference.as_ref().filter(|_| lookup == Lookup::Cheapest)
    {
        let found = status_of(reader, &reference.value).await.map_err(|why| Box::new(gone_or(&why, only)));
        return (vec![(only.document.clone(), found)], vec![]);
    }
    if projects.is_empty() && lookup == Lookup::Cheapest {
        return (vec![], vec![]);
    }
    let list = list_of(reader).await;
    let live = list.as_ref().map(|listed| Projects::of(listed));
    let find = |project: &DesiredProject| match &live {
        Ok(listed) => pick(project, listed),
        Err(why) => Err(Box::new(blocked_by(why, None))),
    };
    let found = projects.into_iter().map(|project| (project.document.clone(), find(project))).collect();
    (found, list.unwrap_or_default())
}

fn pick(project: &DesiredProject, live: &Projects<'_>) -> Found {
    if let Some(found) = live.the_one(project)? {
        return Ok(found.live());
    }
    match (&project.reference, &project.organization) {
        (Some(_), _) => Err(Box::new(gone(project))),
        (None, _) if project.creates() => Ok(to_be(project)),
        (None, slug) => {
            let slug = slug.as_ref().map_or("", |slug| &slug.value);
            Err(Box::new(not_found(project, slug, project.live_name(), live)))
        }
    }
}

/// A project that is to be created.
fn to_be(project: &DesiredProject) -> LiveProject {
    let text = |written: &Option<crate::model::Spanned<String>>| {
        written.as_ref().map_or_else(String::new, |written| written.value.clone())
    };
    LiveProject {
        reference: None,
        name: project.live_name().to_owned(),
        organization: text(&project.organization),
        region: text(&project.region),
        status: Status::Absent,
        kinds: BTreeMap::new(),
        parent: None,
    }
}

/// The projects of a name in an organization.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn by_name(reader: &Reader, organization: &str, name: &str) -> Result<Vec<Listed>, ApiError> {
    let mut list = list_of(reader).await?;
    list.retain(|listed| listed.organization == organization && listed.name == name);
    Ok(list)
}

/// A project that is coming up cannot be read, so it cannot be checked for drift.
pub(super) fn readable(project: &DesiredProject, live: LiveProject, lookup: Lookup) -> Found {
    if lookup == Lookup::ByList && live.status == Status::ComingUp {
        if project.branch_of.is_some() {
            return Ok(LiveProject { status: Status::Parked, ..live });
        }
        return Err(Box::new(coming_up(project)));
    }
    Ok(live)
}
