//! What a step does, as a hash; what a plan does, as a hash over those (R29).
//!
//! A hash covers the API's host, the project, the endpoint, and of each field its path, before and after; of a secret
//! its reference, never its state. Positions, times, quotas, file bytes and digests are not in it.

use sha2::{Digest as _, Sha256};

use crate::model::{Action, Address, Call, Change, Param, ProjectRef, Shown};
use crate::secret::hex;

/// The hash of a step: 128 bits in hex.
pub(super) fn step(api: &str, project: Option<&ProjectRef>, at: &Address, call: &Call, changes: &[Change]) -> String {
    let mut hash = Sha256::new();
    // Length-prefixed, so that no two inputs run together.
    let mut take = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    };
    take(api);
    take(project.map_or(at.project.as_str(), ProjectRef::as_str));
    take(&call.operation.to_string());
    for (name, id) in call.params.iter().filter(|(name, _)| *name != "ref") {
        take(name);
        take(match id {
            Param::Known(value) | Param::RefOf(value) => value,
        });
    }
    for change in changes {
        take(&change.at.to_string());
        take(match change.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        });
        for diff in &change.fields {
            take(&diff.name);
            if let Shown::Secret(secret) = &diff.after {
                take("may be written");
                take(&secret.to_string());
            } else {
                take(&text(&diff.before));
                take(&text(&diff.after));
            }
        }
    }
    hash128(hash)
}

fn text(shown: &Shown) -> String {
    match shown {
        Shown::Absent => "absent".to_owned(),
        Shown::Value(value) => format!("value {value}"),
        Shown::SecretSet => "secret".to_owned(),
        Shown::Secret(secret) => format!("secret {secret}"),
    }
}

/// The id of a plan: a hash over the sorted set of its steps' hashes.
#[must_use]
pub fn plan_id<'a>(steps: impl IntoIterator<Item = &'a str>) -> String {
    let sorted: std::collections::BTreeSet<&str> = steps.into_iter().collect();
    let mut hash = Sha256::new();
    for step in sorted {
        hash.update(step.as_bytes());
    }
    hash128(hash)
}

fn hash128(hash: Sha256) -> String {
    let mut text = hex(&hash.finalize());
    text.truncate(32);
    text
}

/// The first eight digits of an id, for display only.
#[must_use]
pub fn short_id(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
