//! Changes as diffs, with less detail on each rung.

use super::escape::{cell, code, fence, fold, html_code, linked};
use crate::record::Place;
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{
    ByProject, Edit, FieldChange, Happens, Links, NOT_SET, Piece, Resource, SecretEdit, Shared, SharedField,
};

/// How much of the changes is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rung {
    /// Long texts whole, and where each value is written.
    Whole,
    /// Long texts whole.
    Unplaced,
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
        let (full, counts) = (self <= Self::Unplaced, self >= Self::Counts);
        Detail { full, counts, brief: false, uncut: true, context: detail.context }
    }

    /// The remark on what is left out.
    pub(super) const fn leaves_out(self) -> &'static str {
        match self {
            Self::Whole | Self::Unplaced | Self::Folded => "",
            Self::Counts => "\nLong texts are shown as numbers of lines, except those of risky changes.\n",
            Self::Resources => "\nValues are too long to be shown here, except those of risky changes.\n",
            Self::Projects | Self::Sets => "\nThe changes themselves are too long to be shown here.\n",
        }
    }
}

/// Changes that many projects share.
pub(super) fn shared(shared: &Shared, rung: Rung, detail: Detail, pages: Option<&Links>) -> String {
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
    let places = written(shared.fields.iter().filter_map(|field| field.change.at.as_ref()), pages);
    format!("\n{}{places}", fence("diff", &lines))
}

/// The most places that are told of a section or a project.
const PLACES: usize = 12;

/// Where values are written, where pages show it.
fn written<'p>(all: impl Iterator<Item = &'p Place>, pages: Option<&Links>) -> String {
    let Some(pages) = pages else { return String::new() };
    let mut places: Vec<&Place> = all.collect();
    places.sort();
    places.dedup_by_key(|at| (&at.file, at.line));
    let more = places.len().saturating_sub(PLACES);
    let mut known = None;
    let told = places.iter().take(PLACES).map(|at| {
        let told = linked(at, known, Some(pages));
        known = Some(at.file.as_str());
        told
    });
    let told = told.collect::<Vec<_>>().join(", ");
    match (told.is_empty(), more) {
        (true, _) => told,
        (false, 0) => format!("\nWritten at {told}\n"),
        (false, more) => format!("\nWritten at {told} and {}\n", count(more, "other place")),
    }
}

/// A field that many projects change, each to a value of its own: a table in a fold.
pub(super) fn by_project(block: &ByProject, rung: Rung, detail: Detail, pages: Option<&Links>) -> String {
    if rung >= Rung::Resources {
        return format!("- {}, different in {}\n", code(&block.name), count(block.rows.len(), "project"));
    }
    let detail = rung.detail(detail);
    let mut text = String::from("\n| project | live | becomes |\n|---|---|---|\n");
    for row in &block.rows {
        let (before, after) = sides(&row.change, detail);
        let origin = row.change.origin.map_or(String::new(), |words| format!(" {words}"));
        text.push_str(&format!("| {} | {} | {}{origin} |\n", cell(&code(&row.project)), cell(&before), cell(&after)));
    }
    let what = if block.happens == Happens::Added { "New" } else { "Changes" };
    let (name, who) = (html_code(&block.name), html_code(&block.projects.text(true)));
    let places = block.at.iter().chain(block.rows.iter().filter_map(|row| row.change.at.as_ref()));
    text.push_str(&written(places, pages));
    fold(false, &format!("{what}: {name}, different in {who}"), &text)
}

/// The live value and the new one.
fn sides(field: &FieldChange, detail: Detail) -> (String, String) {
    let cut = |text: &str| code(&detail.cut(text));
    match &field.edit {
        Edit::New(value) => (String::new(), cut(value)),
        Edit::Gone(value) => (cut(value), String::new()),
        Edit::Swap(before, after) => (cut(before.as_deref().unwrap_or(NOT_SET)), cut(after)),
        Edit::Secret(secret) => (String::new(), code(&format!("(secret) {}", secret.words()))),
        Edit::Items(_) | Edit::Lines(_) => (String::new(), String::new()),
    }
}

/// Resources as one diff.
pub(super) fn resources(resources: &[Resource], rung: Rung, detail: Detail, pages: Option<&Links>) -> String {
    let mut lines = vec![];
    let mut kind = "";
    for it in resources {
        // Items of a kind have its heading, as the fields of a section have.
        let (of, _) = it.name.split_once('.').filter(|_| it.is_item).unwrap_or(("", ""));
        if of != kind && !of.is_empty() {
            lines.push(format!("@@ {of} @@"));
        }
        kind = of;
        resource(it, rung, rung.detail(detail), &mut lines);
    }
    let places = resources.iter().flat_map(|it| it.at.iter().chain(it.fields.iter().filter_map(|it| it.at.as_ref())));
    format!("\n{}{}", fence("diff", &lines), written(places, pages))
}

fn resource(resource: &Resource, rung: Rung, detail: Detail, lines: &mut Vec<String>) {
    let Resource { fields, .. } = resource;
    let name = resource.name.split_once('.').filter(|_| resource.is_item).map_or(resource.name.as_str(), |(_, it)| it);
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
            lines.push(if resource.is_item { format!("~ {name}") } else { format!("@@ {name} @@{file}") });
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
