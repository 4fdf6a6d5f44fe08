//! The first look at several sections of a project by one read, where reads wait for each other.
//!
//! The API shows all settings of a project in one answer: as they are in effect, in other words than the single reads have, and by a
//! route that is not yet settled. So nothing of it is ever told or written over. It can only say that a section is as the manifests
//! want it, with nothing else to tell; any other section is read by itself, as if this answer had not come.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

use crate::api::{ApiError, Class, Reader};
use crate::diff::{self, DiffContext};
use crate::kind::Kind;
use crate::model::{Answer, DesiredProject, LiveKind, ProjectRef, ReadCall, Section, SectionBody};

/// Which reads of the API are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Reads {
    /// One read of all settings of a project in place of several, where that is faster
    #[default]
    Auto,
    /// Only those of the API's first version: one for each section
    V1,
}

/// The fewest sections for which one read of all settings is worth its while.
const LEAST: usize = 3;

/// The read of all settings of a project, as long as it spares others.
pub(super) struct Aggregated {
    /// How many more may be in vain: one is taken for each that is sent, and one given back for each read that it spared.
    left: AtomicI64,
}

impl Aggregated {
    /// For a run that has `all` these sections to read. Where all reads are under way at once anyway, none is spared: the run would not end earlier.
    pub(super) fn new(reads: Reads, reader: &Reader, all: usize) -> Self {
        let pays = reads == Reads::Auto && all > reader.parallel();
        Self { left: AtomicI64::new(if pays { i64::try_from(reader.parallel()).unwrap_or(i64::MAX) } else { 0 }) }
    }

    /// Takes out of the kinds that are to be read of a project those that can be looked at together.
    pub(super) fn take<T>(
        &self,
        project: &DesiredProject,
        kinds: &mut Vec<T>,
        kind_of: impl Fn(&T) -> &'static dyn Kind,
    ) -> Vec<T> {
        let is_shown = |read: &T| is_shown(project, kind_of(read));
        if self.left.load(Ordering::Relaxed) <= 0 || kinds.iter().filter(|read| is_shown(read)).count() < LEAST {
            return vec![];
        }
        kinds.extract_if(.., |read| is_shown(read)).collect()
    }

    /// Which of these kinds are as the manifests want them, by the read of all settings.
    pub(super) async fn settled(
        &self,
        reader: &Reader,
        project: &DesiredProject,
        reference: &ProjectRef,
        kinds: &[&'static dyn Kind],
    ) -> BTreeMap<&'static str, LiveKind> {
        let may = |left: i64| (left > 0).then(|| left - 1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, may).is_err() {
            return BTreeMap::new();
        }
        let read = ReadCall::get("/v2/projects/{ref}/config").param("ref", reference.as_str());
        let answered = reader.try_read(&read).await;
        let Some(attributes) = self.attributes(&answered, reference) else { return BTreeMap::new() };
        let mut project = project.clone();
        project.fill_in(reference);
        let context = DiffContext { project: &project.document, reference: Some(reference), vault: reader.vault() };
        let settled = |kind: &&'static dyn Kind| {
            let name = kind.info().name;
            let section = project.sections.get(name)?;
            let live = shown(*kind, attributes).filter(|live| is_settled(*kind, context, section, live))?;
            Some((name, live))
        };
        let settled: BTreeMap<_, _> = kinds.iter().filter_map(settled).collect();
        self.left.fetch_add(i64::try_from(settled.len()).unwrap_or(i64::MAX), Ordering::Relaxed);
        settled
    }

    /// The settings in an answer. An API that has no such read, or a token that may not use it, is not asked again in this run.
    fn attributes<'a>(&self, answered: &'a Result<Answer, ApiError>, reference: &ProjectRef) -> Option<&'a Value> {
        let why = match answered {
            Ok(answer) => {
                let data = answer.body.get("data")?;
                let is = |key: &str, wanted: &str| data.get(key).and_then(Value::as_str) == Some(wanted);
                if is("type", "project_config") && is("id", reference.as_str()) {
                    return data.get("attributes");
                }
                "the answer has another form".to_owned()
            }
            Err(why) if matches!(why.class, Class::Permission | Class::PlanLimit | Class::NotFound) => why.to_string(),
            Err(_) => return None,
        };
        self.left.store(i64::MIN / 2, Ordering::Relaxed);
        tracing::debug!("from now on each section is read by itself: {why}");
        None
    }
}

/// Whether the read of all settings shows all that a section wants.
fn is_shown(project: &DesiredProject, kind: &dyn Kind) -> bool {
    let info = kind.info();
    let (Some(aggregate), Some(section)) = (info.aggregate, project.sections.get(info.name)) else { return false };
    match &section.body {
        SectionBody::Settings(settings) => !aggregate.effective.iter().any(|name| settings.fields.contains_key(name)),
        SectionBody::Items(_) => false,
    }
}

/// The live state of a kind as its own read would show it.
fn shown(kind: &dyn Kind, attributes: &Value) -> Option<LiveKind> {
    let aggregate = kind.info().aggregate?;
    let body = (aggregate.as_own)(attributes.pointer(aggregate.at)?)?;
    kind.observe(&[Answer { status: 200, body, at: None }]).ok()
}

/// Whether there is nothing to tell: all that the section wants is there and as wanted, and nothing else was touched.
fn is_settled(kind: &dyn Kind, context: DiffContext<'_>, section: &Section, live: &LiveKind) -> bool {
    let (SectionBody::Settings(wanted), LiveKind::Settings(seen)) = (&section.body, live) else { return false };
    let named = wanted.fields.keys().copied().chain(wanted.extra.keys().map(String::as_str));
    if !named.chain(wanted.extra_secrets.keys().map(String::as_str)).all(|name| seen.contains_key(name)) {
        return false;
    }
    let found = diff::section(kind.info(), context, section, live);
    found.changes.is_empty()
        && found.unmanaged.touched.is_empty()
        && found.notes.is_empty()
        && kind.notes(live).is_empty()
}
