//! Changes as lines: a name, the change of its value, and on the right the place of the desired value.

use super::styled::{Line, Role, StyledText};
use crate::record::Place;
use crate::view::Detail;
use crate::view::document::{
    ByProject, Edit, FieldChange, Happens, NOT_SET, Piece, Resource, SecretEdit, Shared, SharedField, named,
};

/// The widest column of field names, so that one long name does not push all values away.
const NAME_COLUMN: usize = 36;

/// The column of fields below their section or item.
const FIELDS: usize = 7;

/// The most projects shown for a field that differs everywhere, without `--full`.
const SHOWN: usize = 3;

/// `file:line`; only `:line` where the file is known already.
pub(super) fn place(at: Option<&Place>, known: Option<&str>) -> Option<String> {
    let Place { file, line, column: _ } = at?;
    Some(if known == Some(file) { format!(":{line}") } else { format!("{file}:{line}") })
}

pub(super) const fn sign(happens: Happens) -> (Role, char) {
    let role = match happens {
        Happens::Added => Role::Add,
        Happens::Changed => Role::Change,
        Happens::Removed => Role::Remove,
    };
    (role, happens.sign())
}

/// A line with the words for the origin of the difference at its end.
fn marked(line: Line, origin: Option<&'static str>) -> Line {
    match origin {
        None => line,
        Some(words) => line.plain("  ").then(Role::Risk, words),
    }
}

/// An item or a line that is added, removed or stays; `None` stands for left-out ones.
pub(super) fn piece_line(piece: Option<&Piece>) -> Line {
    match piece {
        Some(Piece::Add(text)) => Line::of(Role::Add, format!("+ {text}")),
        Some(Piece::Remove(text)) => Line::of(Role::Remove, format!("- {text}")),
        Some(Piece::Keep(text)) => Line::of(Role::Dim, format!("  {text}")),
        None => Line::of(Role::Dim, "  ⋮"),
    }
}

/// The change of a field: the first line follows its name, the others are below.
pub(super) fn edit_lines(edit: &Edit, detail: Detail) -> Vec<Line> {
    let each = |piece: &Piece| piece_line(Some(piece));
    match edit {
        Edit::New(value) => vec![Line::of(Role::Add, detail.cut(value))],
        Edit::Gone(value) => vec![Line::of(Role::Remove, detail.cut(value))],
        Edit::Swap(before, after) => {
            let before = detail.cut(before.as_deref().unwrap_or(NOT_SET));
            vec![Line::of(Role::Remove, before).plain(" → ").then(Role::Add, detail.cut(after))]
        }
        Edit::Secret(secret) => {
            let role = match secret {
                SecretEdit::Set(_) | SecretEdit::Unwanted => Role::Add,
                SecretEdit::Replaced(_) | SecretEdit::Other(_) => Role::Change,
                SecretEdit::Cleared | SecretEdit::Missing(_) => Role::Remove,
            };
            vec![Line::of(role, "(secret)").plain(format!(" {}", secret.words()))]
        }
        Edit::Items(pieces) if detail.brief => {
            let join = |line: Line, piece| if line.width() == 0 { piece } else { line.plain(", ").append(piece) };
            vec![pieces.iter().map(each).fold(Line::new(), join)]
        }
        Edit::Items(pieces) => pieces.iter().map(each).collect(),
        Edit::Lines(pieces) => {
            let (added, removed) = Edit::tally(pieces);
            let head = Line::of(Role::Add, format!("+{added}")).plain(" ").then(Role::Remove, format!("-{removed}"));
            let lines = detail.lines(pieces).into_iter();
            let lines = lines.map(|piece| piece_line(piece.as_ref()));
            std::iter::once(head.plain(" lines")).chain(lines).collect()
        }
    }
}

/// The value of a field of a new item.
fn new_line(change: &FieldChange, detail: Detail) -> Line {
    match &change.edit {
        Edit::Secret(SecretEdit::Set(from)) => Line::of(Role::Add, "(secret)").plain(format!(" from {from}")),
        other @ (Edit::New(_) | Edit::Gone(_) | Edit::Swap(..) | Edit::Secret(_) | Edit::Items(_) | Edit::Lines(_)) => {
            edit_lines(other, detail).into_iter().next().unwrap_or_default()
        }
    }
}

pub(super) fn resources(resources: &[Resource], detail: Detail, out: &mut StyledText) {
    out.gap();
    for it in resources {
        if it.happens == Happens::Changed && !it.is_item {
            section(it, detail, out);
        } else {
            item(it, detail, out);
        }
    }
}

/// A section: its file is named once, so that its fields need only their lines.
fn section(section: &Resource, detail: Detail, out: &mut StyledText) {
    let (role, mark) = sign(section.happens);
    let header = Line::of(role, format!("   {mark} {}", section.name));
    let file = section.main_file();
    if detail.brief {
        let names: Vec<_> = section.fields.iter().map(|field| field.name.as_str()).collect();
        out.push(header.plain(format!("  {}", names.join(", "))).at(file.map(str::to_owned)));
        return;
    }
    out.push(header.at(file.map(str::to_owned)));
    fields(&section.fields, file, detail, out);
}

fn fields(all: &[FieldChange], file: Option<&str>, detail: Detail, out: &mut StyledText) {
    let width = width(all.iter()) + FIELDS;
    for field in all {
        field_lines(field, file, (FIELDS, width), detail, out);
    }
}

/// The width of the names of fields, with the space behind them.
fn width<'f>(all: impl Iterator<Item = &'f FieldChange>) -> usize {
    let names = all.map(|field| field.name.chars().count());
    names.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default() + 2
}

/// A field's change, its name from the first column on, its value from the second one on.
fn field_lines(
    field: &FieldChange,
    file: Option<&str>,
    (from, to): (usize, usize),
    detail: Detail,
    out: &mut StyledText,
) {
    let mut at = places(field, file);
    for (index, line) in edit_lines(&field.edit, detail).into_iter().enumerate() {
        let (name, line) = if index == 0 { (field.name.as_str(), marked(line, field.origin)) } else { ("", line) };
        let risky = index == 0 && !field.risks.is_empty();
        let start = if risky {
            Line::of(Role::Risk, format!("{}! ", " ".repeat(from.saturating_sub(2))))
        } else {
            Line::new().pad_to(from)
        };
        out.push(start.plain(name).pad(to).append(line).at(at.take()));
    }
}

/// `profiles/acme.yaml:7 → projects/acme.yaml:12`, as short as possible.
fn places(field: &FieldChange, file: Option<&str>) -> Option<String> {
    let (Some(was), at) = (&field.was_at, &field.at) else { return place(field.at.as_ref(), file) };
    let Some(at) = at else { return Some(format!("{} → gone", place(Some(was), file)?)) };
    if (&was.file, was.line) == (&at.file, at.line) {
        return place(Some(at), file);
    }
    Some(format!("{} → {}", place(Some(was), file)?, place(Some(at), Some(&was.file))?))
}

fn item(item: &Resource, detail: Detail, out: &mut StyledText) {
    let (role, mark) = sign(item.happens);
    let (start, at) = (Line::of(role, format!("   {mark} {}", item.name)), place(item.at.as_ref(), None));
    match (item.happens, item.fields.as_slice()) {
        (Happens::Removed, gone) => {
            let values = gone.iter().flat_map(|field| edit_lines(&field.edit, detail));
            let line = values.fold(start, |line, value| line.plain("  ").append(value));
            out.push(marked(line, item.origin).at(at));
        }
        (Happens::Added, [only]) => {
            out.push(marked(start.then(role, "  ").append(new_line(only, detail)), item.origin).at(at));
        }
        (Happens::Added, fields) => {
            out.push(marked(start, item.origin).at(at));
            for field in fields.iter().filter(|_| !detail.brief) {
                let name = Line::new().pad_to(FIELDS).plain(&field.name).pad(29);
                out.push(name.append(new_line(field, detail)));
            }
        }
        (Happens::Changed, [only]) => {
            let mut lines = edit_lines(&only.edit, detail).into_iter();
            let line = start.then(role, "  ").append(lines.next().unwrap_or_default());
            out.push(marked(line, only.origin).at(at));
            lines.for_each(|line| out.push(Line::new().pad_to(FIELDS).append(line)));
        }
        (Happens::Changed, all) => {
            out.push(start.at(at));
            fields(all, None, detail, out);
        }
    }
}

/// Changes that many projects share.
pub(super) fn shared(shared: &Shared, detail: Detail, out: &mut StyledText) {
    out.gap();
    let who = shared.projects.text(detail.full);
    out.push(Line::of(Role::Change, format!(" ~ {}", shared.section)).plain(format!(" in {who}")));
    let width = width(shared.fields.iter().map(|field| &field.change)) + 5;
    for SharedField { change, risks: _, differ } in &shared.fields {
        field_lines(change, None, (5, width), detail, out);
        if !differ.is_empty() {
            let differ: Vec<_> =
                differ.iter().map(|(project, before)| format!("{project} {}", detail.cut(before))).collect();
            let differ = named(differ.iter().map(String::as_str), detail.full);
            out.push(Line::of(Role::Dim, format!("       differs before: {differ}")));
        }
    }
}

/// A field that gets another value in each of many projects: one line per project.
pub(super) fn by_project(block: &ByProject, detail: Detail, out: &mut StyledText) {
    let ByProject { name, happens, projects, risks: _, rows, at } = block;
    out.gap();
    let (role, mark) = sign(*happens);
    let head = Line::of(role, format!(" {mark} {name}"));
    out.push(head.plain(format!(", different in {}", projects.text(detail.full))).at(place(at.as_ref(), None)));
    let shown = if detail.full { rows.len() } else { SHOWN.min(rows.len()) };
    let width = rows.iter().take(shown).map(|row| row.project.chars().count()).max().unwrap_or_default() + 7;
    for row in rows.iter().take(shown) {
        let start = Line::new().plain(format!("     {}", row.project)).pad(width);
        let value = match row.happens {
            Happens::Added => new_line(&row.change, detail),
            Happens::Changed | Happens::Removed => {
                edit_lines(&row.change.edit, detail).into_iter().next().unwrap_or_default()
            }
        };
        let at = if at.is_none() { place(row.change.at.as_ref(), None) } else { None };
        out.push(marked(start.append(value), row.change.origin).at(at));
    }
    if rows.len() > shown {
        out.push(Line::of(Role::Dim, format!("     … {} more (--full)", rows.len() - shown)));
    }
}

/// A difference that a rule leaves alone.
pub(super) fn ignored(
    address: &str,
    happens: Happens,
    field: Option<&FieldChange>,
    detail: Detail,
    out: &mut StyledText,
) {
    let start = Line::new().plain(format!("  {address}  "));
    let Some(field) = field else {
        out.push(start.plain(if happens == Happens::Added { "is not live" } else { "is live" }));
        return;
    };
    let mut start = start.plain(format!("{}  ", field.name));
    for line in edit_lines(&field.edit, detail) {
        let width = start.width();
        out.push(start.append(line));
        start = Line::new().pad_to(width);
    }
}
