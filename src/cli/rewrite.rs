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

/// Writes each file whole, or none of them where one is no longer as it was read.
pub(super) fn write(root: &Root, changed: &[Changed<'_>]) -> Result<(), Failure> {
    let failed = |path: &str, why: String| {
        Failure::new(Exit::Failed, codes::CANNOT_WRITE, format!("`{path}` cannot be written: {why}"))
    };
    for Changed { path, before, .. } in changed {
        let now = root.read_text(path, u64::MAX / 2).map_err(|why| failed(path, why.to_string()))?;
        if now != *before {
            return Err(failed(path, "somebody has changed it since it was read".to_owned()));
        }
    }
    for Changed { path, after, .. } in changed {
        root.replace(path, after).map_err(|why| failed(path, why.to_string()))?;
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
