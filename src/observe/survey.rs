//! Reads whole projects, whether manifests manage them or not; a kind that cannot be read does not keep the others from it.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

use super::read::list_of;
use super::{Unread, in_detail, listed_kind};
use crate::api::{ApiError, Reader};
use crate::kind::Kind;
use crate::model::{Listed, LiveKind, ProjectRef};

/// What a project has, and what cannot be read of it and why.
#[derive(Debug)]
pub struct Surveyed {
    /// The project.
    pub listed: Listed,
    /// Its kinds by name. Items that the API knows by ids have these for names.
    pub kinds: BTreeMap<&'static str, Result<LiveKind, ApiError>>,
}

/// All projects that the token sees.
///
/// # Errors
/// When the API refuses or answers in a form that is not understood.
pub async fn projects(reader: &Reader) -> Result<Vec<Listed>, ApiError> {
    list_of(reader).await
}

/// Reads these kinds of these projects; after each answer, `progress` is told how many of how many projects are read.
pub async fn survey(
    reader: &Reader,
    kinds: &[&'static dyn Kind],
    projects: Vec<Listed>,
    progress: impl Fn(usize, usize),
) -> Vec<Surveyed> {
    let all = projects.len();
    progress(0, all);
    let mut surveyed: Vec<Surveyed> =
        projects.into_iter().map(|listed| Surveyed { listed, kinds: BTreeMap::new() }).collect();
    let reads: Vec<(usize, ProjectRef, &'static dyn Kind)> = surveyed
        .iter()
        .enumerate()
        .flat_map(|(index, it)| kinds.iter().map(move |kind| (index, it.listed.reference.clone(), *kind)))
        .collect();
    let answers = reads.into_iter().map(|(index, reference, kind)| async move {
        (index, kind.info().name, whole(reader, kind, &reference).await)
    });
    let mut answers = stream::iter(answers).buffer_unordered(reader.parallel());
    let mut done = 0;
    while let Some((index, kind, live)) = answers.next().await {
        let Some(project) = surveyed.get_mut(index) else { continue };
        project.kinds.insert(kind, live);
        if project.kinds.len() == kinds.len() {
            done += 1;
            progress(done, all);
        }
    }
    drop(answers);
    surveyed
}

/// Everything of one kind.
async fn whole(reader: &Reader, kind: &dyn Kind, reference: &ProjectRef) -> Result<LiveKind, ApiError> {
    let mut live = listed_kind(reader, kind, "", reference, None).await.map_err(|why| match why {
        Unread::Api(why) => why,
        // Without a section nothing is matched.
        Unread::Unclear(problem) => ApiError::unreadable(None, problem.finding.message),
    })?;
    in_detail(reader, kind, reference, None, &mut live.live).await?;
    Ok(live.live)
}
