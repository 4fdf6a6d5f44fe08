//! Changes as diffs, with less detail on each rung.

use super::escape::{code, fence, fold, html_code};
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{ByProject, Edit, FieldChange, Happens, Piece, Resource, SecretEdit, Shared, SharedField};

/// How much of the changes is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rung {
    /// Long texts whole.
    Whole,
    /// Changed lines of long texts, with some lines around them.
    Folded,
    /// The number of changed lines of long texts.
    Counts,
    /// One line per resource.
    Resources,
    /// One line per project.
    Projects,
    /// A line for all projects of which the same is said.
    Sets,
}

impl Rung {
    pub(super) fn detail(self, detail: Detail) -> Detail {
        let (full, counts) = (self == Self::Whole, self >= Self::Counts);
        Detail { full, counts, brief: false, uncut: true, context: detail.context }
    }

    /// The remark on what is left out.
    pub(super) const fn leaves_out(self) -> &'static str {
        match self {
            Self::Whole | Self::Folded => "",
            Self::Counts => "\nLong texts are shown as numbers of lines, except those of risky changes.\n",
            Self::Resources => "\nValues are too long to be shown here, except those of risky changes.\n",
            Self::Projects | Self::Sets => "\nThe changes themselves are too long to be shown here.\n",
        }
    }
}

/// Changes that many projects share.
pub(super) fn shared(shared: &Shared, rung: Rung, detail: Detail) -> String {
    let detail = rung.detail(detail);
    let mut lines = vec![format!("@@ {} in {} @@", shared.section, shared.projects.text(true))];
    for SharedField { change, risks: _, differ } in &shared.fields {
        if rung == Rung::Resources && change.risks.is_empty() {
            lines.push(format!("~ {}", change.name));
            continue;
        }
        field(change, detail, &mut lines);
        // In a risky change, the value before matters for the projects that differ.
        if rung <= Rung::Folded || !change.risks.is_empty() {
            let differ = differ.iter().map(|(project, before)| format!("    differs before: {project} {before}"));
            lines.extend(differ);
        } else if !differ.is_empty() {
            lines.push(format!("    differs before in {}", count(differ.len(), "project")));
        }
    }
    format!("\n{}", fence("diff", &lines))
}

/// A field that many projects change, each to a value of its own: folded.
pub(super) fn by_project(block: &ByProject, rung: Rung, detail: Detail) -> String {
    let mut lines = vec![];
    for row in block.rows.iter().filter(|_| rung < Rung::Resources) {
        lines.push(format!("@@ {} @@", row.project));
        field(&row.change, rung.detail(detail), &mut lines);
    }
    if lines.is_empty() {
        return format!("\n- {}, different in {}\n", code(&block.name), count(block.rows.len(), "project"));
    }
    let what = if block.happens == Happens::Added { "New" } else { "Changes" };
    let (name, who) = (html_code(&block.name), html_code(&block.projects.text(true)));
    fold(false, &format!("{what}: {name}, different in {who}"), &format!("\n{}", fence("diff", &lines)))
}

/// Resources as one diff.
pub(super) fn resources(resources: &[Resource], rung: Rung, detail: Detail) -> String {
    let mut lines = vec![];
    for it in resources {
        resource(it, rung, rung.detail(detail), &mut lines);
    }
    format!("\n{}", fence("diff", &lines))
}

fn resource(resource: &Resource, rung: Rung, detail: Detail, lines: &mut Vec<String>) {
    let Resource { name, fields, .. } = resource;
    let names = fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
    let origin = resource.origin.map_or(String::new(), |words| format!(" {words}"));
    let new = |field: &FieldChange| format!("+   {}: {}", field.name, new_value(field, detail));
    let risky = || fields.iter().filter(|field| !field.risks.is_empty());
    match (resource.happens, fields.as_slice()) {
        (Happens::Removed, _) => lines.push(format!("- {name}{origin}")),
        (Happens::Added, []) => lines.push(format!("+ {name}{origin}")),
        (Happens::Added, _) if rung == Rung::Resources => {
            lines.push(format!("+ {name}"));
            lines.extend(risky().map(new));
        }
        (Happens::Added, [only]) => lines.push(format!("+ {name}{origin}: {}", new_value(only, detail))),
        (Happens::Added, fields) => {
            lines.push(format!("+ {name}"));
            lines.extend(fields.iter().map(new));
        }
        (Happens::Changed, _) if rung == Rung::Resources => {
            lines.push(format!("~ {name}: {names}"));
            risky().for_each(|one| field(one, detail, lines));
        }
        (Happens::Changed, fields) => {
            let file = resource.main_file().map_or(String::new(), |file| format!(" {file}"));
            lines.push(format!("@@ {name} @@{file}"));
            for one in fields {
                field(one, detail, lines);
            }
        }
    }
}

/// The value of a field of a new item, on one line.
pub(super) fn new_value(field: &FieldChange, detail: Detail) -> String {
    match &field.edit {
        Edit::Secret(SecretEdit::Set(from)) => format!("(secret) from {from}"),
        Edit::New(value) | Edit::Gone(value) | Edit::Swap(_, value) => detail.cut(value),
        Edit::Secret(_) | Edit::Items(_) | Edit::Lines(_) => String::new(),
    }
}

pub(super) fn field(field: &FieldChange, detail: Detail, lines: &mut Vec<String>) {
    // A risky change is never shown as a number of lines.
    let detail = Detail { counts: detail.counts && field.risks.is_empty(), ..detail };
    let name = match field.origin {
        None => field.name.clone(),
        Some(words) => format!("{} {words}", field.name),
    };
    let piece = |piece: &Piece| match piece {
        Piece::Add(text) => format!("+   {text}"),
        Piece::Remove(text) => format!("-   {text}"),
        Piece::Keep(text) => format!("    {text}"),
    };
    match &field.edit {
        Edit::New(value) => lines.push(format!("+ {name}: {}", detail.cut(value))),
        Edit::Gone(value) => lines.push(format!("- {name}: {}", detail.cut(value))),
        Edit::Swap(before, after) => {
            lines.extend(before.iter().map(|before| format!("- {name}: {}", detail.cut(before))));
            lines.push(format!("+ {name}: {}", detail.cut(after)));
        }
        Edit::Secret(secret) => lines.push(format!("~ {name}: (secret) {}", secret.words())),
        Edit::Items(pieces) => {
            lines.push(format!("  {name}:"));
            lines.extend(pieces.iter().map(piece));
        }
        Edit::Lines(pieces) => {
            let (added, removed) = Edit::tally(pieces);
            lines.push(format!("  {name}: +{added} -{removed} lines"));
            let left_out = || "    ⋮".to_owned();
            lines.extend(detail.lines(pieces).iter().map(|it| it.as_ref().map_or_else(left_out, piece)));
        }
    }
}
