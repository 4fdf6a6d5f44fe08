//! What somebody meant by an unknown name: another tool's name for a setting, a setting that is not managed yet, or a typo.

use super::index::KindIndex;
use crate::diag::Diagnostic;
use crate::kinds::aliases::{self, How, Meant};
use crate::yaml::{Content, Entry, Node};

/// The most names of a nested value that are explained one by one.
const MOST: usize = 8;

/// Explains the name of a section that other tools or the API have. `known`: the names that are valid there.
pub(super) fn section(found: Diagnostic, name: &str, known: &[&str]) -> Diagnostic {
    match aliases::section(name).filter(|ours| known.contains(ours)) {
        Some(ours) => found.hint(format!("Its section is `{ours}`.")),
        None if aliases::is_to_come(name) => {
            found.hint("Supaform does not manage it yet; docs/coverage.md lists what is managed and what is not.")
        }
        None => found.did_you_mean(name, known.iter().copied()),
    }
}

/// Explains a key of a section that other tools or the API have; `None` if no tool has it.
pub(super) fn field(found: &Diagnostic, kind: &KindIndex, entry: &Entry) -> Option<Diagnostic> {
    if let Some(meant) = aliases::field(kind.info, &entry.key.name) {
        return Some(found.clone().hint(told(&entry.key.name, &meant, Some(&entry.value))));
    }
    let mut leaves = vec![];
    nested(&entry.key.name, &entry.value, &mut leaves);
    let known = leaves.iter().filter_map(|(path, node)| Some((path, aliases::field(kind.info, path)?, *node)));
    let hints: Vec<String> = known.take(MOST).map(|(path, meant, node)| told(path, &meant, Some(node))).collect();
    (!hints.is_empty()).then(|| hints.into_iter().fold(found.clone(), Diagnostic::hint))
}

fn told(path: &str, meant: &Meant, node: Option<&Node>) -> String {
    match meant {
        Meant::Nothing(why) => format!("`{path}` cannot be set: {}", lower(why)),
        Meant::Field(ours, How::Same) => format!("`{path}` is `{ours}` here."),
        Meant::Field(ours, How::Told(how)) => format!("`{path}` is `{ours}` here. {how}"),
        Meant::Field(ours, How::Turned) => match node.map(|node| &node.content) {
            Some(Content::Bool(on)) => {
                format!("`{path}` is `{ours}` here, with the opposite meaning: write `{ours}: {}`.", !on)
            }
            _ => format!("`{path}` is `{ours}` here, with the opposite meaning: `true` becomes `false`."),
        },
    }
}

/// The values within a value, each by its path with dots.
fn nested<'n>(path: &str, node: &'n Node, out: &mut Vec<(String, &'n Node)>) {
    let Some(entries) = node.as_map() else { return };
    for entry in entries.iter().take(MOST) {
        let path = format!("{path}.{}", entry.key.name);
        if path.len() > 128 {
            continue;
        }
        match entry.value.as_map() {
            Some(_) => nested(&path, &entry.value, out),
            None => out.push((path, &entry.value)),
        }
    }
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}
