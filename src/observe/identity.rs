//! The live project of a document, where it is not obvious: nothing is guessed, and no project has two documents.

use std::collections::BTreeMap;

use crate::diag::codes::plan as codes;
use crate::exit::Exit;
use crate::kinds::project::REGION_GROUPS;
use crate::model::{Claim, Desired, DesiredProject, Finding, Listed, LiveProject, Problem};

/// The live projects that were listed, by what finds them.
pub(super) struct Projects<'l> {
    all: &'l [Listed],
    by_reference: BTreeMap<&'l str, &'l Listed>,
    by_name: BTreeMap<(&'l str, &'l str), Vec<&'l Listed>>,
}

impl<'l> Projects<'l> {
    pub(super) fn of(all: &'l [Listed]) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for listed in all {
            by_name.entry((listed.organization.as_str(), listed.name.as_str())).or_default().push(listed);
        }
        Self { all, by_reference: all.iter().map(|listed| (listed.reference.as_str(), listed)).collect(), by_name }
    }

    /// Those that a document may mean: by its ref, else by organization and name.
    fn meant(&self, project: &DesiredProject) -> Vec<&'l Listed> {
        match (&project.reference, &project.organization) {
            (Some(reference), _) => self.by_reference.get(reference.value.as_str()).copied().into_iter().collect(),
            (None, Some(slug)) => {
                let named = self.by_name.get(&(slug.value.as_str(), project.live_name()));
                named.cloned().unwrap_or_default()
            }
            (None, None) => vec![],
        }
    }

    /// The names in an organization, in the order in which they were listed.
    pub(super) fn names_in<'a>(&'a self, slug: &'a str) -> impl Iterator<Item = &'l str> + 'a {
        self.all.iter().filter(move |live| live.organization == slug).map(|live| live.name.as_str())
    }

    /// The one project that a document means; none where there is none.
    ///
    /// The API keeps names unique within an organization when a project is made, and not when it is moved or renamed.
    pub(super) fn the_one(&self, project: &DesiredProject) -> Result<Option<&'l Listed>, Box<Problem>> {
        let meant = self.meant(project);
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
}

/// The live project of each document, as it was listed.
#[must_use]
pub(super) fn meant(desired: &Desired, listed: &[Listed]) -> BTreeMap<String, Listed> {
    let live = Projects::of(listed);
    let the_one = |project: &DesiredProject| live.the_one(project).ok().flatten().cloned();
    desired.projects.iter().filter_map(|(name, project)| Some((name.clone(), the_one(project)?))).collect()
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
        "Name one of them with `ref:`.".to_owned(),
        "`region:` is enough where only one of them is in that region.".to_owned(),
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

/// What every document of a workspace means, by what finds it.
pub(super) struct Claims<'d> {
    documents: BTreeMap<&'d str, &'d Claim>,
    pinned: BTreeMap<&'d str, Vec<&'d Claim>>,
    /// Those without a ref, by organization and name.
    named: BTreeMap<(&'d str, &'d str), Vec<&'d Claim>>,
}

impl<'d> Claims<'d> {
    pub(super) fn of(all: &'d [Claim]) -> Self {
        let (mut pinned, mut named): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        for claim in all {
            match (&claim.reference, &claim.organization) {
                (Some(reference), _) => pinned.entry(reference.as_str()).or_default().push(claim),
                (None, Some(slug)) => named.entry((slug.as_str(), claim.name.as_str())).or_default().push(claim),
                (None, None) => {}
            }
        }
        // The first document of a name: what is written twice is refused before.
        let documents = all.iter().rev().map(|claim| (claim.document.as_str(), claim)).collect();
        Self { documents, pinned, named }
    }

    /// Those that mean a project of this name without its ref.
    fn named<'s>(&'s self, organization: &'s str, name: &'s str) -> impl Iterator<Item = &'d Claim> + 's {
        self.named.get(&(organization, name)).into_iter().flatten().copied()
    }

    /// Those that mean a live project.
    fn of_live<'s>(&'s self, live: &'s LiveProject) -> impl Iterator<Item = &'d Claim> + 's {
        let by_reference = live.reference.as_ref().and_then(|reference| self.pinned.get(reference.as_str()));
        by_reference.into_iter().flatten().copied().chain(self.named(&live.organization, &live.name))
    }
}

/// Why a project cannot be planned that another document means, too; all documents count, whatever is selected.
pub(super) fn shared(project: &DesiredProject, live: &LiveProject, claims: &Claims<'_>) -> Option<Box<Problem>> {
    let own = claims.documents.get(project.document.as_str())?;
    let elsewhere = |claim: &Claim| {
        let region = claim.region.as_deref().filter(|region| !REGION_GROUPS.contains(region));
        claim.reference.is_none() && region.is_some_and(|region| region != live.region)
    };
    let is_another = |claim: &&Claim| claim.document != project.document && !elsewhere(claim);
    // A pinned project gets the name that is written, and would be found by that from then on.
    let wanted = project.name.as_ref().filter(|_| project.reference.is_some());
    let mut after = wanted.into_iter().flat_map(|name| claims.named(&live.organization, &name.value));
    let (other, when) = match (claims.of_live(live).find(is_another), after.find(is_another)) {
        (Some(other), _) => (other, "are one live project"),
        (None, Some(other)) => (other, "would be one live project by the new name"),
        (None, None) => return None,
    };
    let reference = live.reference.as_ref().map_or(String::new(), |reference| format!(", {reference}"));
    let mut both = [*own, other];
    both.sort_by(|a, b| a.document.cmp(&b.document));
    let [one, two] = both.map(|claim| format!("`{}` ({})", claim.document, claim.place));
    let message =
        format!("{one} and {two} {when}{reference}: nothing of it is written as long as both documents exist");
    let hints = vec![
        "Keep one of the two documents: each would undo what the other writes, and one may lack the protection of the other."
            .to_owned(),
        "If two projects are meant, pin each with its `ref:`.".to_owned(),
    ];
    let origin = project.reference.as_ref().map_or_else(|| project.origin(), |it| it.origin.clone());
    Some(Box::new(Problem {
        finding: Finding { code: codes::SHARED_PROJECT, message, hints, origin: Some(origin) },
        exit: Exit::Refused,
    }))
}
