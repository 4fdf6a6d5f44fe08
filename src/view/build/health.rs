//! The state of a project in a person's words.

use std::collections::BTreeMap;

use crate::diag::codes::plan as codes;
use crate::record::ProjectStatusRecord;
use crate::view::document::Tone;

/// The status of a project that is up.
pub(in crate::view) const HEALTHY: &str = "ACTIVE_HEALTHY";

/// Why a project is known not to be there.
const NOT_FOUND: [&str; 2] = [codes::PROJECT_GONE.id(), codes::PROJECT_NOT_FOUND.id()];

/// The label that most of the projects have; of several, `env` before the first in order.
pub(in crate::view) fn usual_label<'a>(all: impl Iterator<Item = &'a BTreeMap<String, String>>) -> Option<&'a str> {
    let mut many: BTreeMap<&str, usize> = BTreeMap::new();
    for key in all.flat_map(BTreeMap::keys) {
        *many.entry(key).or_default() += 1;
    }
    let most = many.values().max().copied()?;
    let mut usual = many.into_iter().filter(|(_, these)| *these == most).map(|(key, _)| key);
    let first = usual.next()?;
    Some(usual.find(|key| *key == "env").unwrap_or(first))
}

/// The status in a person's word, and how good it is.
pub(in crate::view) fn health(project: &ProjectStatusRecord) -> (Tone, String) {
    match (project.status.as_deref(), &project.blocked) {
        (Some(HEALTHY), _) => (Tone::Good, "healthy".to_owned()),
        (Some("ACTIVE_UNHEALTHY"), _) => (Tone::Bad, "unhealthy".to_owned()),
        (Some("INACTIVE"), _) => (Tone::Doubtful, "paused".to_owned()),
        (Some(other), _) => (Tone::Doubtful, other.to_ascii_lowercase().replace('_', " ")),
        (None, Some(problem)) if NOT_FOUND.contains(&problem.code.as_str()) => (Tone::Bad, "not found".to_owned()),
        (None, Some(_)) => (Tone::Bad, "unknown".to_owned()),
        (None, None) => (Tone::Neutral, "to create".to_owned()),
    }
}

/// The first two numbers of a version: `17.6` of `17.6.1.111`.
pub(in crate::view) fn short(version: &str) -> &str {
    version.match_indices('.').nth(1).and_then(|(at, _)| version.get(..at)).unwrap_or(version)
}
