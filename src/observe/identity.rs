//! Which live project a document means, where that is not plain: nothing is guessed, and no project has two masters.

use crate::diag::codes::plan as codes;
use crate::exit::Exit;
use crate::kinds::project::REGION_GROUPS;
use crate::model::{Claim, Desired, DesiredProject, Finding, Listed, LiveProject, Problem};

/// The one project of those that a document may mean; none where there is none.
///
/// The API keeps names unique within an organization when a project is made, and not when it is moved or renamed.
pub(super) fn the_one<'l>(project: &DesiredProject, list: &'l [Listed]) -> Result<Option<&'l Listed>, Box<Problem>> {
    let meant: Vec<&Listed> = list.iter().filter(|listed| listed.is_of(project)).collect();
    if meant.len() < 2 {
        return Ok(meant.first().copied());
    }
    let region = project.region.as_ref().map(|region| region.value.as_str());
    let mut there = meant.iter().filter(|listed| Some(listed.region.as_str()) == region);
    match (there.next(), there.next()) {
        (Some(one), None) => Ok(Some(one)),
        _ => Err(Box::new(several(project, &meant))),
    }
}

fn several(project: &DesiredProject, meant: &[&Listed]) -> Problem {
    let organization = project.organization.as_ref().map_or("", |slug| &slug.value);
    let message = format!(
        "the organization `{organization}` has {} projects with the name `{}`: {}",
        meant.len(),
        project.live_name(),
        listed(meant.iter().copied())
    );
    let hints = vec![
        "Say which one is meant with `ref:`.".to_owned(),
        "`region:` decides, too, where only one of them is there.".to_owned(),
    ];
    let origin = project.name.as_ref().map_or_else(|| project.origin(), |name| name.origin.clone());
    Problem {
        finding: Finding { code: codes::SEVERAL_PROJECTS, message, hints, origin: Some(origin) },
        exit: Exit::Refused,
    }
}

/// Refs with their regions: `aaaaaaaaaaaaaaaaaaaa (eu-central-1), bbbbbbbbbbbbbbbbbbbb (us-east-1)`.
#[must_use]
pub fn listed<'l>(projects: impl Iterator<Item = &'l Listed>) -> String {
    projects.map(|it| format!("{} ({})", it.reference, it.region)).collect::<Vec<_>>().join(", ")
}

/// Why a project cannot be planned that another document means, too; all documents count, whatever is selected.
pub(super) fn shared(project: &DesiredProject, live: &LiveProject, desired: &Desired) -> Option<Box<Problem>> {
    let own = desired.claims.iter().find(|claim| claim.document == project.document)?;
    let elsewhere = |claim: &&Claim| {
        let region = claim.region.as_deref().filter(|region| !REGION_GROUPS.contains(region));
        claim.reference.is_none() && region.is_some_and(|region| region != live.region)
    };
    let others = || desired.claims.iter().filter(|claim| claim.document != project.document && !elsewhere(claim));
    // A pinned project gets the name that is written, and would be found by that from then on.
    let wanted = project.name.as_ref().filter(|_| project.reference.is_some());
    let after = |claim: &&Claim| wanted.is_some_and(|name| claim.is_named(&live.organization, &name.value));
    let (other, when) = match (others().find(|claim| live.is_meant_by(claim)), others().find(after)) {
        (Some(other), _) => (other, "are one live project"),
        (None, Some(other)) => (other, "would be one live project by the new name"),
        (None, None) => return None,
    };
    let reference = live.reference.as_ref().map_or(String::new(), |reference| format!(", {reference}"));
    let mut both = [own, other];
    both.sort_by(|a, b| a.document.cmp(&b.document));
    let [one, two] = both.map(|claim| format!("`{}` ({})", claim.document, claim.place));
    let message = format!("{one} and {two} {when}{reference}: nothing of it is written as long as both are there");
    let hints = vec![
        "Keep one of the two documents: each would undo what the other writes, and one may lack what protects the other."
            .to_owned(),
        "If two projects are meant, pin each with its `ref:`.".to_owned(),
    ];
    let origin = project.reference.as_ref().map_or_else(|| project.origin(), |it| it.origin.clone());
    Some(Box::new(Problem {
        finding: Finding { code: codes::SHARED_PROJECT, message, hints, origin: Some(origin) },
        exit: Exit::Refused,
    }))
}
