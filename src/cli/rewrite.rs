//! Files of the workspace that a command rewrites: writing them, and showing what changes.

use similar::{ChangeTag, TextDiff};

use super::Failure;
use crate::diag::codes::run as codes;
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::files::Root;
use crate::view::{Line, Page, Role};

/// A file and its new text.
pub(super) struct Changed<'s> {
    pub path: &'s str,
    pub before: &'s str,
    pub after: String,
}

pub(super) fn write(root: &Root, changed: &[Changed<'_>]) -> Result<(), Failure> {
    for Changed { path, after, .. } in changed {
        root.replace(path, after).map_err(|why| {
            let message = format!("`{path}` cannot be written: {why}");
            Failure::new(Exit::Failed, codes::CANNOT_WRITE, message)
        })?;
    }
    Ok(())
}

/// What changes, as unified differences.
pub(super) fn differences(changed: &[Changed<'_>]) -> Page {
    let mut page = Page::new();
    for Changed { path, before, after } in changed {
        page.push(Line::of(Role::Heading, format!("--- {}", escape(path))));
        page.push(Line::of(Role::Heading, format!("+++ {}", escape(path))));
        for hunk in TextDiff::from_lines(*before, after).unified_diff().context_radius(1).iter_hunks() {
            page.push(Line::of(Role::Dim, hunk.header().to_string()));
            for change in hunk.iter_changes() {
                let role = match change.tag() {
                    ChangeTag::Insert => Role::Add,
                    ChangeTag::Delete => Role::Remove,
                    ChangeTag::Equal => Role::Plain,
                };
                page.push(Line::of(role, format!("{}{}", change.tag(), shown(change.value()))));
            }
        }
        page.gap();
    }
    page
}

/// A line whose blanks at the end can be seen.
fn shown(line: &str) -> String {
    let text = line.trim_end();
    let blanks = line.trim_end_matches(['\r', '\n']).len() - text.len();
    format!("{}{}", escape(text), "·".repeat(blanks))
}
