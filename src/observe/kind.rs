//! Reads one kind of one project: what its list shows, and what single reads add to that.

use super::problem::blocked_by;
use super::read::answer_of;
use super::recall::State;
use crate::api::{ApiError, Memory, Reader};
use crate::kind::{Kind, UnexpectedShape};
use crate::model::{Answer, Call, LiveKind, Origin, Problem, ProjectRef, ReadCall, Section};

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
