//! Reads the live state: the project of each document, its status, and its managed endpoints, concurrently.
//!
//! Reads of a plan: one for the project's status, or one list for several projects or for one without `ref`; along with it, or
//! after it where there is no `ref`, one per managed endpoint and per kind that one leans on, or one for several of them; then one
//! per item that its list does not show whole. Main function: [`observe`].

mod aggregate;
mod branches;
mod identity;
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
pub use identity::listed as refs_of;
use identity::meant;
use identity::{Claims, Projects};
use lineage::Lineage;
use problem::{Found, gate, gone, gone_or, not_found};
pub use problem::{blocked_by, coming_up};
use read::{answer_of, list_of, listed};
use recall::State;
pub use survey::{Surveyed, projects, survey};
pub use tally::Progress;
use tally::Tally;

use futures_util::future::{AbortHandle, Abortable, Either, join_all, pending, ready, select};
use futures_util::stream::{self, StreamExt as _};
use serde_json::Map;

use crate::api::{ApiError, Memory, Reader};
use crate::kind::{Kind, KindInfo, Registry, UnexpectedShape};
use crate::model::{
    Answer, Call, Desired, DesiredProject, Listed, Live, LiveKind, LiveProject, Origin, Problem, ProjectRef, ReadCall,
    Section, Status,
};

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

/// How projects are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// With as few requests as possible: one project by its ref, several by the list.
    Cheapest,
    /// By the list, which also has the projects that no document adopts. That is one request, too.
    ByList,
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

/// Why a kind could not be read.
#[derive(Debug)]
pub enum Unread {
    /// The API refused, or answers in a form that is not understood.
    Api(ApiError),
    /// The items that were read cannot be told apart.
    Unclear(Box<Problem>),
}

impl Unread {
    /// The problem of the project.
    #[must_use]
    pub fn blocked(self, origin: Option<Origin>) -> Problem {
        match self {
            Self::Api(why) => blocked_by(&why, origin),
            Self::Unclear(blocked) => *blocked,
        }
    }
}

impl From<ApiError> for Unread {
    fn from(why: ApiError) -> Self {
        Self::Api(why)
    }
}

/// What was just read of a kind.
#[derive(Debug)]
pub struct Fresh {
    /// What it means.
    pub live: LiveKind,
    answers: Vec<(ReadCall, Answer)>,
}

impl Fresh {
    /// What a call that reads was answered, if it was among them.
    #[must_use]
    pub fn answer_to(&self, call: &Call) -> Option<&Answer> {
        let (_, answer) = self.answers.iter().find(|(read, _)| read.as_call() == call)?;
        Some(answer).filter(|answer| answer.status < 300)
    }
}

impl From<LiveKind> for Fresh {
    /// What is known without another read.
    fn from(live: LiveKind) -> Self {
        Self { live, answers: vec![] }
    }
}

/// Reads one kind of one project; its items by the names that `section` gives them.
///
/// # Errors
/// When the API refuses, answers in a form that is not understood, or shows items that cannot be told apart.
pub async fn kind_of(
    reader: &Reader,
    kind: &dyn Kind,
    project: &str,
    reference: &ProjectRef,
    section: Option<&Section>,
) -> Result<LiveKind, Unread> {
    let mut live = listed_kind(reader, kind, project, reference, section).await?.live;
    if section.is_some() {
        in_detail_of(reader, reader.memory(), kind, reference, section, &mut live).await?;
    }
    Ok(live)
}

/// The same, without what the list of its items does not show of them.
///
/// # Errors
/// When the API refuses, answers in a form that is not understood, or shows items that cannot be told apart.
pub async fn listed_kind(
    reader: &Reader,
    kind: &dyn Kind,
    project: &str,
    reference: &ProjectRef,
    section: Option<&Section>,
) -> Result<Fresh, Unread> {
    let (reads, mut answers) = (kind.reads(reference), vec![]);
    for read in &reads {
        answers.push(answer_of(reader, read).await?);
    }
    let live = kind.observe(&answers).map_err(|why| unreadable(reads.first(), &why))?;
    let live = match section {
        Some(section) => kind.align(project, section, live).map_err(Unread::Unclear)?,
        None => live,
    };
    Ok(Fresh { live, answers: reads.into_iter().zip(answers).collect() })
}

/// Reads what the list does not show, of the items of `section`; without one, of every item that needs it.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn in_detail(
    reader: &Reader,
    kind: &dyn Kind,
    reference: &ProjectRef,
    section: Option<&Section>,
    live: &mut LiveKind,
) -> Result<(), ApiError> {
    in_detail_of(reader, None, kind, reference, section, live).await
}

/// The same, without the downloads of which memory knows what they would show.
async fn in_detail_of(
    reader: &Reader,
    memory: Option<&dyn Memory>,
    kind: &dyn Kind,
    reference: &ProjectRef,
    section: Option<&Section>,
    live: &mut LiveKind,
) -> Result<(), ApiError> {
    for (name, read) in kind.detail_reads(section, reference, live) {
        let LiveKind::Items(items) = &mut *live else { break };
        let Some(item) = items.get_mut(&name) else { continue };
        let state = State::of(memory, kind, section, &name, item, read.as_call());
        if state.as_ref().is_some_and(|state| state.recall(item)) {
            continue;
        }
        let answer = answer_of(reader, &read).await?;
        kind.merge_detail(section, &name, item, &answer).map_err(|why| unreadable(Some(&read), &why))?;
        if let Some(state) = state {
            state.note(item);
        }
    }
    Ok(())
}

/// Reads items of `section` by their names, whatever the list of all of them shows: those that are there.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn by_names(
    reader: &Reader,
    kind: &dyn Kind,
    reference: &ProjectRef,
    section: &Section,
    names: &[&str],
) -> Result<LiveKind, ApiError> {
    let mut rows = vec![];
    for read in names.iter().filter_map(|name| kind.item_read(reference, name)) {
        let answer = answer_of(reader, &read).await?;
        rows.extend((answer.status < 300).then_some(answer.body));
    }
    let rows = Answer { status: 200, body: rows.into(), at: None };
    let mut live = kind.observe(&[rows]).map_err(|why| unreadable(kind.reads(reference).first(), &why))?;
    in_detail(reader, kind, reference, Some(section), &mut live).await?;
    Ok(live)
}

fn unreadable(read: Option<&ReadCall>, why: &UnexpectedShape) -> ApiError {
    ApiError::unreadable(read.map(ReadCall::as_call), why.to_string())
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
async fn identify(
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

/// The live fields of a pinned project itself, where the manifest sets any.
pub fn itself(project: &DesiredProject, live: &mut LiveProject) {
    if crate::kinds::project::to_rename(project).is_some() {
        let name = Map::from_iter([("name".to_owned(), live.name.clone().into())]);
        live.kinds.insert(KindInfo::PROJECT, LiveKind::Settings(name));
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
fn readable(project: &DesiredProject, live: LiveProject, lookup: Lookup) -> Found {
    if lookup == Lookup::ByList && live.status == Status::ComingUp {
        if project.branch_of.is_some() {
            return Ok(LiveProject { status: Status::Parked, ..live });
        }
        return Err(Box::new(coming_up(project)));
    }
    Ok(live)
}
