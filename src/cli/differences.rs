//! Changes of files, as unified differences.

use std::collections::BTreeMap;

use super::terminal::Terminal;
use crate::diag::render::escape;
use crate::lines::{ChangeTag, LineDiff};
use crate::session::Changed;
use crate::view::{Line, Role, StyledText};

/// Shows what would be written, before what is said of it.
pub(super) fn preview(terminal: &Terminal, new: &BTreeMap<String, String>, changed: &[Changed]) {
    terminal.out(&created(new));
    terminal.page(differences(changed));
    if !new.is_empty() || !changed.is_empty() {
        terminal.out("\n");
    }
}

/// New files, each with its text.
fn created(files: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (path, content) in files {
        text.push_str(&format!("--- {}\n", escape(path)));
        content.lines().for_each(|line| text.push_str(&format!("{}\n", escape(line))));
    }
    text
}

/// Changes of files, as unified differences.
pub(super) fn differences(changed: &[Changed]) -> StyledText {
    let mut page = StyledText::new();
    for Changed { path, before, after } in changed {
        page.push(Line::of(Role::Heading, format!("--- {}", escape(path))));
        page.push(Line::of(Role::Heading, format!("+++ {}", escape(path))));
        for (heading, lines) in LineDiff::between(before, after).hunks(1) {
            page.push(Line::of(Role::Dim, heading.to_string()));
            for change in lines {
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

/// A line whose trailing blanks are visible.
fn shown(line: &str) -> String {
    let text = line.trim_end();
    let blanks = line.trim_end_matches(['\r', '\n']).len() - text.len();
    format!("{}{}", escape(text), "·".repeat(blanks))
}
