//! The branches that documents describe: they are in no list of projects, so the lists of their projects are read first.

use std::collections::{BTreeMap, BTreeSet};

use super::branches::{branch_live, branches};
use super::problem::{Found, blocked_by, no_branch, parent_unclear};
use super::read::list_of;
use crate::api::Reader;
use crate::model::{
    Branch, BranchOf, Claim, Desired, DesiredProject, Item, Listed, LiveProject, Preview, Problem, ProjectRef,
    SectionBody, Settings, Status,
};
use futures_util::stream::{self, StreamExt as _};

/// The branches of the projects that have documents of branches, or patterns for them.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    parents: BTreeMap<String, Parent>,
}

#[derive(Debug)]
enum Parent {
    Live(ProjectRef, Vec<Branch>),
    /// It is not there yet.
    Absent,
    Unread(Box<Problem>),
}

impl Lineage {
    /// Reads them: nothing where no document and no pattern is about a branch.
    pub(super) async fn trace(reader: &Reader, desired: &Desired) -> Self {
        let of =
            desired.projects.values().filter_map(|project| project.branch_of.as_ref()).map(|of| of.project.as_str());
        let names: BTreeSet<&str> = of.chain(desired.previews.iter().map(|preview| preview.parent.as_str())).collect();
        let claims: Vec<&Claim> =
            desired.claims.iter().filter(|claim| names.contains(claim.document.as_str())).collect();
        let is_named = claims.iter().any(|claim| claim.reference.is_none());
        let listed = if is_named { Some(list_of(reader).await) } else { None };
        let found = claims.into_iter().map(|claim| async {
            let reference = match (&claim.reference, &listed) {
                (Some(reference), _) => Ok(Some(reference.clone())),
                (None, Some(Ok(listed))) => named(claim, listed),
                (None, Some(Err(why))) => Err(Box::new(blocked_by(why, None))),
                (None, None) => Ok(None),
            };
            let parent = match reference {
                Ok(Some(reference)) => match branches(reader, &reference).await {
                    Ok(branches) => Parent::Live(reference, branches),
                    Err(why) => Parent::Unread(Box::new(blocked_by(&why, None))),
                },
                Ok(None) => Parent::Absent,
                Err(why) => Parent::Unread(why),
            };
            (claim.document.clone(), parent)
        });
        Self { parents: stream::iter(found).buffer_unordered(reader.parallel()).collect().await }
    }

    /// Gives each live branch that a pattern matches, and that no document describes, what the pattern wants.
    pub(super) fn expand(&self, desired: &mut Desired) {
        for (parent, branches) in self.parents.iter().filter_map(|(name, parent)| match parent {
            Parent::Live(_, branches) => Some((name, branches)),
            Parent::Absent | Parent::Unread(_) => None,
        }) {
            let described = |branch: &Branch| {
                desired.claims.iter().any(|claim| {
                    claim.reference.as_ref() == Some(&branch.reference)
                        || claim.branch_of.as_ref().is_some_and(|(of, name)| of == parent && *name == branch.name)
                })
            };
            let open: Vec<&Branch> =
                branches.iter().filter(|it| !it.is_default && !it.is_leaving && !described(it)).collect();
            let made: Vec<DesiredProject> =
                open.into_iter().filter_map(|branch| Preview::of(&desired.previews, parent, &branch.name)).collect();
            for mut project in made {
                // Names that differ in special letters only are told apart by their refs.
                if desired.projects.contains_key(&project.document)
                    && let Some(branch) = project.branch_of.as_ref().and_then(|of| named_branch(branches, &of.branch))
                {
                    project.document = format!("{}-{}", project.document, branch.reference);
                }
                desired.projects.insert(project.document.clone(), project);
            }
        }
    }

    /// The live branches that documents describe, as they would be listed.
    pub(super) fn listed(&self, desired: &Desired) -> BTreeMap<String, Listed> {
        let one = |project: &DesiredProject| {
            let of = project.branch_of.as_ref()?;
            let Parent::Live(_, branches) = self.parents.get(&of.project)? else { return None };
            let branch = named_branch(branches, &of.branch)?;
            Some(Listed {
                reference: branch.reference.clone(),
                name: branch.name.clone(),
                organization: String::new(),
                region: String::new(),
                status: branch.status.clone(),
                postgres: None,
            })
        };
        desired.projects.iter().filter_map(|(name, project)| Some((name.clone(), one(project)?))).collect()
    }

    /// The live branch of a document; absent where its project's manifest makes it.
    pub(super) fn find(&self, project: &DesiredProject, of: &BranchOf, desired: &Desired) -> Found {
        let (parent, branches) = match self.parents.get(&of.project) {
            Some(Parent::Live(reference, branches)) => (Some(reference.clone()), branches.as_slice()),
            Some(Parent::Absent) | None => (None, &[][..]),
            Some(Parent::Unread(why)) => return Err(why.clone()),
        };
        let written = written(desired, of);
        let renamed = || crate::kind::written(written?, "renamed_from");
        let found = named_branch(branches, &of.branch).or_else(|| named_branch(branches, renamed()?));
        let mut live = match found {
            Some(branch) => branch_live(branch),
            None if written.is_some() => LiveProject {
                reference: None,
                name: of.branch.clone(),
                organization: String::new(),
                region: String::new(),
                status: Status::Absent,
                kinds: BTreeMap::new(),
                parent: None,
            },
            None => return Err(Box::new(no_branch(project, of, parent.is_some()))),
        };
        live.parent = parent;
        Ok(live)
    }
}

fn named_branch<'b>(branches: &'b [Branch], name: &str) -> Option<&'b Branch> {
    branches.iter().find(|branch| branch.name == name && !branch.is_default && !branch.is_leaving)
}

/// What the selected manifest of a project wants of a branch, where it makes it.
fn written<'d>(desired: &'d Desired, of: &BranchOf) -> Option<&'d Settings> {
    match &desired.projects.get(&of.project)?.sections.get("branches")?.body {
        SectionBody::Items(items) => match items.get(&of.branch)? {
            Item::Present(settings, _) => Some(settings),
            Item::Absent(_) | Item::Unmanaged(_) => None,
        },
        SectionBody::Settings(_) => None,
    }
}

/// The one project that a document without a ref means.
fn named(claim: &Claim, listed: &[Listed]) -> Result<Option<ProjectRef>, Box<Problem>> {
    let is_it = |it: &&Listed| claim.organization.as_ref() == Some(&it.organization) && claim.name == it.name;
    let meant: Vec<&Listed> = listed.iter().filter(is_it).collect();
    let there = |it: &&&Listed| claim.region.as_ref() == Some(&it.region);
    match (meant.as_slice(), meant.iter().filter(there).collect::<Vec<_>>().as_slice()) {
        ([], _) => Ok(None),
        ([one], _) => Ok(Some(one.reference.clone())),
        (_, [one]) => Ok(Some(one.reference.clone())),
        _ => Err(Box::new(parent_unclear(&claim.document))),
    }
}
