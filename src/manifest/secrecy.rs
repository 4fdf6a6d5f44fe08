//! Guesses whether a text might be a secret.

use super::index::KindIndex;
use crate::diag::nearest;
use crate::yaml::{Content, Node};

/// Whether a name or a line suggests that a secret follows.
pub(super) fn sounds_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["secret", "pass", "token", "key", "credential"].iter().any(|word| lower.contains(word))
}

/// Whether the line of an unknown key might show a secret, judged by its name or by the known names near it. Where no names
/// may be guessed, the answer is yes.
pub(super) fn may_hold_secret<'k>(
    value: &Node,
    name: &str,
    kinds: impl IntoIterator<Item = &'k KindIndex>,
    guess: bool,
) -> bool {
    let suspicious = sounds_secret(name);
    let shown = matches!(value.content, Content::Null { .. } | Content::Bool(_));
    let near = || {
        kinds.into_iter().any(|kind| {
            nearest(name, kind.info.all_fields().map(|field| field.name))
                .and_then(|name| kind.row(name))
                .is_some_and(|row| row.field.is_secret())
        })
    };
    !shown && (suspicious || !guess || name.len() > 64 || near())
}
