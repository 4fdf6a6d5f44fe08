//! Reads the live state: the project of each document, its status, and its managed endpoints, concurrently.
//!
//! Reads of a plan: one for the project's status, or one list for several projects or for one without `ref`; along with it, or
//! after it where there is no `ref`, one per managed endpoint and per kind that one leans on, or one for several of them; then one
//! per item that its list does not show whole. Main function: [`observe`].

mod aggregate;
mod branches;
mod find;
mod identity;
mod kind;
mod lineage;
mod problem;
mod read;
mod recall;
mod survey;
mod tally;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::pin;

use aggregate::Aggregated;
pub use aggregate::Reads;
pub use branches::{branches, status_of_branch};
pub use find::{Lookup, by_name, status_of};
use find::{identify, readable};
use identity::Claims;
pub use identity::listed as refs_of;
use identity::meant;
pub use kind::{Fresh, Unread, by_names, in_detail, kind_of, listed_kind};
use lineage::Lineage;
use problem::gate;
pub use problem::{blocked_by, coming_up};
pub use survey::{Surveyed, projects, survey};
pub use tally::Progress;
use tally::Tally;

use futures_util::future::{AbortHandle, Abortable, Either, join_all, pending, ready, select};
use futures_util::stream::{self, StreamExt as _};
use serde_json::Map;

use crate::api::Reader;
use crate::kind::{Kind, KindInfo, Registry};
use crate::model::{Desired, DesiredProject, Listed, Live, LiveKind, LiveProject, Problem, ProjectRef, Status};

/// What was read, and the projects that cannot be planned.
#[derive(Debug, Default)]
pub struct Observed {
    /// What is live.
    pub live: Live,
    /// Why a project cannot be planned.
    pub blocked: BTreeMap<String, Problem>,
    /// All projects that the token sees, where they were listed.
    pub listed: Vec<Listed>,
    lineage: Lineage,
}

impl Observed {
    /// Gives the live branches that patterns match what these want, as it was done to what was observed.
    pub fn expand(&self, desired: &mut Desired) {
        self.lineage.expand(desired);
    }

    /// The live project of each document, as it was listed: a branch by its project's list.
    #[must_use]
    pub fn meant(&self, desired: &Desired) -> BTreeMap<String, Listed> {
        let mut all = meant(desired, &self.listed);
        all.extend(self.lineage.listed(desired));
        all
    }

    /// Puts the refs that were found into the values that use them.
    pub fn fill_in(&self, desired: &mut Desired) {
        for (name, project) in &mut desired.projects {
            if let Some(reference) = self.live.projects.get(name).and_then(|live| live.reference.as_ref()) {
                project.fill_in(reference);
            }
        }
    }
}

/// Reads everything that a plan of `desired` needs, and adds to that the live branches that its patterns match.
///
/// What is pinned by `ref:` is read along with its status, so that a plan waits for one answer instead of two. Of a project that turns
/// out not to be ours, or not to be up, the reads are given up, and nothing is made of those that have come back. `progress` is told how
/// many of the projects are read.
pub async fn observe(
    reader: &Reader,
    registry: Registry,
    desired: &mut Desired,
    lookup: Lookup,
    with: Reads,
    progress: Progress<'_>,
) -> Observed {
    let lineage = Lineage::trace(reader, desired).await;
    lineage.expand(desired);
    let observed = observe_all(reader, registry, (desired, &lineage), lookup, with, progress).await;
    for (name, live) in &observed.live.projects {
        if let (Status::Parked, Some(project)) = (&live.status, desired.projects.get_mut(name)) {
            project.sections.clear();
        }
    }
    Observed { lineage, ..observed }
}

async fn observe_all(
    reader: &Reader,
    registry: Registry,
    (desired, lineage): (&Desired, &Lineage),
    lookup: Lookup,
    with: Reads,
    progress: Progress<'_>,
) -> Observed {
    let tally = &Tally::new(desired, progress);
    let all = desired.projects.values().map(|project| kinds_of(registry, project).count()).sum();
    let aggregated = &Aggregated::new(with, reader, all);
    let (mut handles, mut early) = (vec![], vec![]);
    for project in desired.projects.values() {
        for read in project.reference.iter().flat_map(|it| reads(registry, project, &it.value, aggregated)) {
            let (handle, registration) = AbortHandle::new_pair();
            handles.push((&project.document, handle));
            tally.expect(&project.document);
            early.push((read, registration));
        }
    }
    let early =
        stream::iter(early).map(|(read, it)| Abortable::new(read.answered(reader, desired, aggregated, tally), it));
    // A slow answer holds up no other.
    let mut early = early.buffer_unordered(reader.parallel());
    let mut answers = vec![];
    let (identified, listed) = {
        let reading = async {
            while let Some(answer) = early.next().await {
                answers.extend(answer.into_iter().flatten());
            }
            pending::<Infallible>().await
        };
        match select(pin!(identify(reader, (desired, lineage), lookup)), pin!(reading)).await {
            Either::Left((found, _)) => found,
            Either::Right((never, _)) => match never {},
        }
    };
    let mut observed = Observed { listed, ..Observed::default() };
    let claims = Claims::of(&desired.claims);
    let mut late = vec![];
    for (name, found) in identified {
        let project = &desired.projects[&name];
        let unshared = |live| identity::shared(project, &live, &claims).map_or(Ok(live), Err);
        let readable = |live| readable(project, live, lookup);
        match found.and_then(unshared).and_then(|live| gate(project, live)).and_then(readable) {
            Ok(mut live) => {
                itself(project, &mut live);
                if let (Status::Usable, Some(reference), None) = (&live.status, &live.reference, &project.reference) {
                    late.extend(reads(registry, project, reference, aggregated).inspect(|_| tally.expect(&name)));
                }
                if live.status == Status::Usable {
                    tally.came(&name);
                } else {
                    tally.leave(&name);
                }
                observed.live.projects.insert(name, live);
            }
            Err(blocked) => {
                tally.leave(&name);
                observed.blocked.insert(name, *blocked);
            }
        }
    }
    let is_up = |name: &str| observed.live.projects.get(name).is_some_and(|live| live.status == Status::Usable);
    handles.iter().filter(|(name, _)| !is_up(name)).for_each(|(_, handle)| handle.abort());
    answers.retain(|answer| is_up(&answer.project));
    let late = stream::iter(late).map(|read| read.answered(reader, desired, aggregated, tally));
    let late = late.buffer_unordered(reader.parallel());
    let rest = stream::select(early.filter_map(|answer| ready(answer.ok())), late).collect::<Vec<_>>().await;
    answers.extend(rest.into_iter().flatten());
    // Of several errors of a project always the same one is told.
    answers.sort_by(|one, other| (&one.project, one.order).cmp(&(&other.project, other.order)));
    for Answered { project, kind, live, .. } in answers {
        match live {
            Ok(live) => {
                if let Some(project) = observed.live.projects.get_mut(&project) {
                    project.kinds.insert(kind, live);
                }
            }
            Err(why) => {
                let section = desired.projects[&project].sections.get(kind);
                let origin = section.map(|section| section.origin.clone());
                observed.blocked.entry(project).or_insert_with(|| why.blocked(origin));
            }
        }
    }
    observed.live.projects.retain(|name, _| !observed.blocked.contains_key(name));
    observed
}

/// What is to be read of a project.
struct Read {
    project: String,
    reference: ProjectRef,
    /// The kinds, each with its place among the project's: one, or several that one answer may settle.
    kinds: Vec<(usize, &'static dyn Kind)>,
}

/// What came of it.
struct Answered {
    project: String,
    order: usize,
    kind: &'static str,
    live: Result<LiveKind, Unread>,
}

/// What is to be read of a project that has this ref.
fn reads(
    registry: Registry,
    project: &DesiredProject,
    reference: &ProjectRef,
    aggregated: &Aggregated,
) -> impl Iterator<Item = Read> {
    let mut kinds: Vec<_> = kinds_of(registry, project).enumerate().collect();
    let together = aggregated.take(project, &mut kinds, |(_, kind)| *kind);
    let all = kinds.into_iter().map(|alone| vec![alone]).chain([together]).filter(|kinds| !kinds.is_empty());
    all.map(|kinds| Read { project: project.document.clone(), reference: reference.clone(), kinds })
}

impl Read {
    async fn answered(
        self,
        reader: &Reader,
        desired: &Desired,
        aggregated: &Aggregated,
        tally: &Tally<'_>,
    ) -> Vec<Answered> {
        let Self { project, reference, kinds } = &self;
        let wanted = &desired.projects[project];
        let mut settled = match kinds.as_slice() {
            [_] => BTreeMap::new(),
            several => {
                let several: Vec<_> = several.iter().map(|(_, kind)| *kind).collect();
                aggregated.settled(reader, wanted, reference, &several).await
            }
        };
        let answered = kinds.iter().map(|(order, kind)| {
            let (order, kind, name) = (*order, *kind, kind.info().name);
            let known = settled.remove(name);
            async move {
                let live = match known {
                    Some(live) => Ok(live),
                    None => kind_of(reader, kind, project, reference, wanted.sections.get(name)).await,
                };
                Answered { project: project.clone(), order, kind: name, live }
            }
        });
        let answered = join_all(answered).await;
        tally.came(project);
        answered
    }
}

/// The managed kinds of a project, and those that they lean on.
pub fn kinds_of(registry: Registry, project: &DesiredProject) -> impl Iterator<Item = &'static dyn Kind> {
    let managed = |kind: &str| project.sections.contains_key(kind);
    registry.iter().copied().filter(move |kind| {
        let name = kind.info().name;
        managed(name)
            || registry.iter().any(|other| {
                let section = project.sections.get(other.info().name);
                section.is_some_and(|section| other.leans_on(section).contains(&name))
            })
    })
}

/// The live fields of a pinned project itself, where the manifest sets any.
pub fn itself(project: &DesiredProject, live: &mut LiveProject) {
    if crate::kinds::project::to_rename(project).is_some() {
        let name = Map::from_iter([("name".to_owned(), live.name.clone().into())]);
        live.kinds.insert(KindInfo::PROJECT, LiveKind::Settings(name));
    }
}
