//! Diagnostics as text for people, as one line each, and as JSON. Nothing that comes from outside is printed raw.

mod escape;
mod excerpt;
mod explain;
mod human;
mod machine;

pub use escape::{escape, escape_json, escape_lines};
pub use explain::explain;
pub use human::human;
pub use machine::{json, short};

use std::borrow::Cow;

use super::{Diagnostic, Severity};

/// `3 errors, 1 warning`; nothing where there are none.
#[must_use]
pub fn summary(found: &[&Diagnostic]) -> Option<String> {
    let count = |severity| found.iter().filter(|one| one.severity == severity).count();
    let parts: Vec<String> = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A path that can begin a line.
fn printable_path(path: &str) -> Cow<'_, str> {
    if is_command(path) { Cow::Owned(format!("./{}", escape(path))) } else { escape(path) }
}

/// Sentences of which each can begin a line.
fn printable_lines(text: &str) -> Cow<'_, str> {
    if text.lines().any(is_command) { escape(text) } else { escape_lines(text) }
}

/// Whether a CI system could take a line for a command to itself.
fn is_command(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("::") || line.starts_with("##")
}

/// A text cut at its spaces, but not within back quotes, so that what is quoted can be copied.
#[must_use]
pub fn whole_words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted) = (vec![], 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'`' => quoted = !quoted,
            b' ' if !quoted => {
                words.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    // An opening quote without its end keeps nothing together.
    match text.get(start..) {
        Some(rest) if quoted => words.extend(rest.split(' ')),
        rest => words.extend(rest),
    }
    words
}

#[cfg(test)]
mod tests;
