//! Branches to import. They are in no list of projects, so they are asked for as a plan names them: `acme@staging`.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use super::choose::{Choice, Chosen, known, not_up, unknown};
use crate::api::Reader;
use crate::diag::codes::{plan as plans, run as codes};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import::slug;
use crate::model::{AddressPattern, Branch, DesiredProject, Listed, Preview};
use crate::observe::{blocked_by, branches};

/// What is asked for, of projects and of branches.
pub(super) struct Addresses {
    /// The addresses of projects.
    pub of_projects: Vec<String>,
    of_branches: Vec<Asked>,
}

/// Branches of a project, by patterns of names, and the part of them.
struct Asked {
    address: String,
    project: String,
    branch: String,
    part: Option<String>,
}

impl Asked {
    /// Whether a branch is meant, by its name or by what a plan makes of it.
    fn is_of(&self, branch: &Branch) -> bool {
        let pattern = WildMatch::new(&self.branch);
        let plain = Preview::document("", &branch.name);
        pattern.matches(&branch.name) || pattern.matches(plain.trim_start_matches('@'))
    }
}

impl Addresses {
    /// Tells them apart. The document of a branch means it, too.
    pub(super) fn of(addresses: &[String], documents: &[DesiredProject]) -> Self {
        let mut all = Self { of_projects: vec![], of_branches: vec![] };
        for address in addresses {
            let (named, part) = address.split_once('/').map_or((address.as_str(), None), |(it, part)| (it, Some(part)));
            let document = documents.iter().find(|it| it.document == named).and_then(|it| it.branch_of.as_ref());
            let described = document.map(|of| (of.project.as_str(), of.branch.as_str()));
            match described.or_else(|| named.split_once('@')) {
                Some((project, branch)) => all.of_branches.push(Asked {
                    address: address.clone(),
                    project: project.to_owned(),
                    branch: branch.to_owned(),
                    part: part.map(str::to_owned),
                }),
                None => all.of_projects.push(address.clone()),
            }
        }
        all
    }

    /// Whether branches alone are asked for.
    pub(super) fn are_of_branches(&self) -> bool {
        self.of_projects.is_empty() && !self.of_branches.is_empty()
    }

    /// Adds the branches to what was chosen.
    pub(super) async fn add(
        &self,
        choice: &mut Choice,
        reader: &Reader,
        listed: &[Listed],
        documents: &[DesiredProject],
    ) -> Result<(), Failure> {
        for asked in &self.of_branches {
            let is_meant = |one: &&Listed| {
                let pattern = WildMatch::new(&asked.project);
                document_of(one, choice, documents).is_some_and(|name| pattern.matches(&name))
                    || [one.reference.as_str(), &one.name, &slug(&one.name)].iter().any(|name| pattern.matches(name))
            };
            let parents: Vec<&Listed> = listed.iter().filter(is_meant).collect();
            if parents.is_empty() {
                return Err(unknown(&asked.project, listed, documents));
            }
            let mut found = false;
            for parent in parents {
                let of = document_of(parent, choice, documents).ok_or_else(|| orphaned(asked, parent))?;
                let all = branches(reader, &parent.reference).await;
                let all = all.map_err(|why| blocked_by(&why, None).failure())?;
                for branch in all.iter().filter(|it| !it.is_default && !it.is_leaving && asked.is_of(it)) {
                    found = true;
                    choice.add_branch(branch, asked, (parent, &of), documents);
                }
            }
            if !found {
                let message = format!("`{}`: the project has no such branch", asked.address);
                let hint = "The names of branches are those of the dashboard, with `-` in place of `/`; the default branch is the project itself.";
                return Err(Failure::with_hint(Exit::Failed, plans::NO_BRANCH, message, hint));
            }
        }
        Ok(())
    }
}

/// The document of a project, of the workspace or of this import.
fn document_of(one: &Listed, choice: &Choice, documents: &[DesiredProject]) -> Option<String> {
    let chosen = choice.chosen.iter().find(|it| it.listed.reference == one.reference);
    let known = || known(one, documents).map(|it| it.document.clone());
    chosen.map(|it| it.document.clone()).or_else(known)
}

fn orphaned(asked: &Asked, parent: &Listed) -> Failure {
    let name = slug(&parent.name);
    let message = format!("`{}` would be a branch of a project without a document", asked.address);
    let hint = format!("Import the project, too: `supaform import {name} {name}@{}`.", asked.branch);
    Failure::with_hint(Exit::Invalid, codes::NO_SUCH_PROJECT, message, &hint)
}

impl Choice {
    fn add_branch(
        &mut self,
        branch: &Branch,
        asked: &Asked,
        (parent, of): (&Listed, &str),
        documents: &[DesiredProject],
    ) {
        let listed = Listed {
            reference: branch.reference.clone(),
            name: branch.name.clone(),
            status: branch.status.clone(),
            postgres: None,
            ..parent.clone()
        };
        if let Some(left_out) = not_up(&listed) {
            self.skipped.push(left_out);
            return;
        }
        let parts = |document: &str| -> Vec<AddressPattern> {
            asked.part.iter().filter_map(|part| AddressPattern::parse(&format!("{document}/{part}"))).collect()
        };
        if let Some(again) = self.chosen.iter_mut().find(|it| it.listed.reference == branch.reference) {
            let more = parts(&again.document);
            // Whoever asks for all of it has asked for the part.
            again.parts =
                if again.parts.is_empty() || more.is_empty() { vec![] } else { [&*again.parts, &more].concat() };
            return;
        }
        let describes = |it: &&DesiredProject| {
            it.branch_of.as_ref().is_some_and(|own| own.project == of && own.branch == branch.name)
        };
        let known = documents.iter().find(describes).map(|it| it.document.clone());
        let is_known = known.is_some();
        let document = known.unwrap_or_else(|| self.free(&slug(&format!("{of}-{}", branch.name)), documents));
        let parts = parts(&document);
        let branch_of = Some((of.to_owned(), branch.name.clone()));
        self.chosen.push(Chosen { listed, document, is_known, branch_of, parts });
    }

    /// The name, numbered where a document has it.
    fn free(&self, name: &str, documents: &[DesiredProject]) -> String {
        let own = documents.iter().map(|it| it.document.as_str());
        let taken: BTreeSet<&str> = own.chain(self.chosen.iter().map(|it| it.document.as_str())).collect();
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !taken.contains(name.as_str())).unwrap_or_else(|| name.to_owned())
    }
}
