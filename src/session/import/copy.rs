//! A world of the sandbox that is a copy of live projects, to rehearse on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Map;

use super::choose::{Choice, Chosen, not_up};
use super::ground::Ground;
use super::{Which, chosen};
use crate::api::Reader;
use crate::clock::{Clock, JumpClock};
use crate::diag::Diagnostic;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import::live::{Source, add as add_live};
use crate::import::{Draft, DraftProject, Left};
use crate::kind::find;
use crate::kinds::KINDS;
use crate::model::{Listed, ReadCall};
use crate::observe::{Surveyed, blocked_by, branches, projects, survey};
use crate::sandbox::{Options, Organization, Project, Sandbox, State};
use crate::session::options::Peer;
use crate::session::start::Session;

/// The plan of an organization whose plan the token may not see.
const PLAN: &str = "team";

/// A copy of live projects.
pub struct CopiedWorld {
    /// The text of the file of the world.
    pub text: String,
    /// How many projects and branches it has.
    pub projects: usize,
    /// What it has not as it is live.
    pub left: Vec<Left>,
    /// Projects that are asked for and are not up, each with how such a run ends.
    pub skipped: Vec<(Diagnostic, Exit)>,
}

impl Session {
    /// Reads live projects whole, and makes a world of the sandbox that has the same settings, names and digests; then reads that
    /// world the same way, and tells what differs.
    pub async fn copy(&self, which: &Which) -> Result<CopiedWorld, Failure> {
        self.require_trust_to_look()?;
        let ground = Ground::of(self)?;
        let (connection, options) = self.connect(&ground.workspace)?;
        let reader = Reader::new(options);
        let failed = |why| blocked_by(&why, None).failure();
        let listed = projects(&reader).await.map_err(failed)?;
        let documents = &ground.workspace.documents;
        let mut which = which.clone();
        if which.addresses.is_empty() && !which.all && which.organization.is_none() {
            let own = documents.iter().filter(|it| it.branch_of.is_none()).map(|it| it.document.clone());
            which.addresses.extend(own);
        }
        let Choice { chosen: mut all, mut skipped } = chosen(&which, &reader, &listed, documents).await?;
        all.extend(branches_of(&reader, &all, &mut skipped).await?);
        let surveyed = self.survey(&reader, &all).await;
        let mut state = State::empty();
        for one in &surveyed {
            self.lifetime.go_on()?;
            add_organization(&mut state, &reader, &one.listed.organization).await;
            add(&mut state, one);
        }
        join_branches(&mut state);
        connection.save()?;
        let mut left = unreadable(&all, &surveyed);
        let text = state.text();
        let again = self.survey_copy(state, &all, &ground).await?;
        left.extend(differences(&all, &surveyed, &again));
        Ok(CopiedWorld { text, projects: all.len(), left, skipped })
    }

    /// What the copy shows.
    async fn survey_copy(&self, state: State, all: &[Chosen], ground: &Ground) -> Result<Vec<Surveyed>, Failure> {
        let clock: Arc<dyn Clock> = JumpClock::start();
        let options = Options { rate_limit: Some(0), ..Options::default() };
        let sandbox = Sandbox::with(state, options, Arc::clone(&clock));
        let sandbox = sandbox.map_err(|why| {
            Failure::new(Exit::Failed, codes::BAD_STATE, format!("what is live makes no world: {why}"))
        })?;
        let reader = Reader::new(self.client(&Peer::sandbox(&sandbox, clock), &ground.workspace.vault));
        let listed: Vec<Listed> = all.iter().map(|it| it.listed.clone()).collect();
        Ok(survey(&reader, KINDS, listed, |_, _| ()).await)
    }
}

/// The branches of the chosen projects: each is a project of its own, which no list has.
async fn branches_of(
    reader: &Reader,
    all: &[Chosen],
    skipped: &mut Vec<(Diagnostic, Exit)>,
) -> Result<Vec<Chosen>, Failure> {
    let mut found = vec![];
    for parent in all.iter().filter(|it| it.branch_of.is_none()) {
        // A token that may not see them copies the project alone.
        let Ok(branches) = branches(reader, &parent.listed.reference).await else { continue };
        for branch in branches.into_iter().filter(|it| !it.is_default && !it.is_leaving) {
            if all.iter().any(|it| it.listed.reference == branch.reference) {
                continue;
            }
            let document = format!("{}@{}", parent.document, branch.name);
            let listed = Listed {
                reference: branch.reference,
                name: branch.name.clone(),
                status: branch.status,
                postgres: None,
                ..parent.listed.clone()
            };
            if let Some(left_out) = not_up(&listed) {
                skipped.push(left_out);
                continue;
            }
            let branch_of = Some((parent.document.clone(), branch.name));
            found.push(Chosen { listed, document, is_known: false, branch_of, parts: vec![] });
        }
    }
    Ok(found)
}

async fn add_organization(state: &mut State, reader: &Reader, slug: &str) {
    if state.organizations.contains_key(slug) {
        return;
    }
    let read = ReadCall::get("/v1/organizations/{slug}").param("slug", slug);
    let told = reader.read(&read).await.ok().map(|answer| answer.body);
    let text = |name: &str| told.as_ref().and_then(|it| it.get(name)?.as_str().map(str::to_owned));
    let name = text("name").unwrap_or_else(|| slug.to_owned());
    state
        .organizations
        .insert(slug.to_owned(), Organization { name, plan: text("plan").unwrap_or_else(|| PLAN.to_owned()) });
}

fn add(state: &mut State, one: &Surveyed) {
    let Listed { reference, name, organization, region, .. } = &one.listed;
    let mut project = Project::untouched(name, organization, region);
    for (kind, live) in &one.kinds {
        if let Ok(live) = live {
            project.copy(kind, live);
        }
    }
    state.projects.insert(reference.as_str().to_owned(), project);
}

/// Keeps of the branches those that are copied, and lets them know whose they are.
fn join_branches(state: &mut State) {
    let known: BTreeSet<String> = state.projects.keys().cloned().collect();
    let mut owners = BTreeMap::new();
    for (reference, project) in &mut state.projects {
        project.branches.retain(|branch| known.contains(&branch.reference));
        let own = project.branches.iter().filter(|branch| !branch.is_default);
        owners.extend(own.map(|branch| (branch.reference.clone(), reference.clone())));
    }
    for (branch, owner) in owners {
        if let Some(project) = state.projects.get_mut(&branch) {
            project.branches.clear();
            project.branch_of = Some(owner);
        }
    }
}

fn unreadable(all: &[Chosen], surveyed: &[Surveyed]) -> Vec<Left> {
    let projects = all.iter().zip(surveyed);
    let kinds = projects.flat_map(|(one, it)| it.kinds.iter().map(move |(kind, live)| (one, kind, live)));
    let failed = kinds.filter_map(|(one, kind, live)| {
        let why = live.as_ref().err()?;
        Some(Left { at: format!("{}/{kind}", one.document), why: format!("not readable: {}", why.message) })
    });
    failed.collect()
}

/// What a manifest would say of the copy otherwise than of what is live.
fn differences(all: &[Chosen], live: &[Surveyed], copied: &[Surveyed]) -> Vec<Left> {
    let mut left = vec![];
    for (one, (live, copied)) in all.iter().zip(live.iter().zip(copied)) {
        let (before, after) = (said(one, live), said(one, copied));
        let readable = live.kinds.iter().filter(|(_, read)| read.is_ok());
        for (kind, _) in readable {
            let (was, is) = (before.0.sections.get(*kind), after.0.sections.get(*kind));
            let names: BTreeSet<&String> = was.into_iter().chain(is).flat_map(Map::keys).collect();
            let differ =
                names.into_iter().filter(|name| was.and_then(|it| it.get(*name)) != is.and_then(|it| it.get(*name)));
            left.extend(
                differ.map(|name| Left { at: format!("{}/{kind}/{name}", one.document), why: OTHERWISE.to_owned() }),
            );
        }
        let (was, is) = (&before.1.texts, &after.1.texts);
        let differ = was.keys().filter(|path| was.get(*path) != is.get(*path));
        left.extend(differ.map(|path| Left { at: path.clone(), why: OTHERWISE.to_owned() }));
    }
    left
}

const OTHERWISE: &str = "the copy has it otherwise, or not at all";

/// What manifests say of a project, with their texts.
fn said(one: &Chosen, surveyed: &Surveyed) -> (DraftProject, Draft) {
    let (mut project, mut draft) = (DraftProject::default(), Draft::default());
    let (document, lacks) = (one.document.as_str(), BTreeSet::new());
    let source = Source { document, file: "projects/copy.yaml", all_fields: false, lacks: &lacks, there: &|_| None };
    for (kind, live) in &surveyed.kinds {
        if let (Some(kind), Ok(live)) = (find(KINDS, kind), live) {
            // What is not known is in no copy either.
            let _counts = add_live(&mut draft, &mut project, &source, kind, live);
        }
    }
    (project, draft)
}
