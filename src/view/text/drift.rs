//! Drift: one line per change with the desired and the live value, and below it the consequences.

use super::changes::{edit_lines, place};
use super::styled::{Line, Role, StyledText};
use crate::schema::Impact;
use crate::view::Detail;
use crate::view::document::{Deviation, Edit, FieldChange, Happens, Harm, Way};

/// The widest column of names, so that one long name does not push all values away.
const COLUMN: usize = 36;

pub(super) fn deviations(all: &[Deviation], detail: Detail, out: &mut StyledText) {
    let widest = |of: &dyn Fn(&Deviation) -> usize| all.iter().map(of).filter(|it| *it <= COLUMN).max().unwrap_or(0);
    let projects = widest(&|it| it.who(detail.full).chars().count()) + 6;
    let names = widest(&|it| it.name.chars().count()) + 2;
    out.gap();
    for it in all {
        let mark = if it.weakens() { "  ! " } else { "    " };
        let start = Line::of(Role::Risk, mark).plain(it.who(detail.full)).pad(projects);
        let start = start.plain(&it.name).pad(projects + names);
        let (line, below) = lines(it, detail);
        let line = start.append(line).at(place(it.at.as_ref(), None));
        out.push(match remark(it, detail) {
            Some((full, short)) => line.remark(Role::Risk, full, short),
            None => line,
        });
        for line in below {
            out.push(Line::new().plain("        ").append(line));
        }
        for Harm { impact: _, why } in it.risks.iter().filter(|_| detail.full) {
            out.push(Line::of(Role::Risk, format!("        {why}")));
        }
    }
}

/// The consequences at the end of the line, in full and in short: `(weakened: …)`, `(weakened)`.
fn remark(deviation: &Deviation, detail: Detail) -> Option<(String, String)> {
    let in_short = |harm: &Harm| {
        if harm.impact == Impact::Security { "weakened".to_owned() } else { harm.impact.heading().to_lowercase() }
    };
    let join = |mut all: Vec<String>| {
        all.dedup();
        (!all.is_empty()).then(|| format!("({})", all.join("; ")))
    };
    let short = join(deviation.risks.iter().map(in_short).collect())?;
    let full = join(deviation.risks.iter().map(|harm| harm.why.clone()).collect())?;
    Some((if detail.brief || detail.full { short.clone() } else { full }, short))
}

/// A change: in its line, and below it.
fn lines(deviation: &Deviation, detail: Detail) -> (Line, Vec<Line>) {
    match (deviation.happens, deviation.fields.as_slice()) {
        (Happens::Changed, [field]) if !detail.brief => {
            let mut lines = match &field.edit {
                Edit::Items(pieces) if pieces.len() > 1 => {
                    let (added, removed) = Edit::tally(pieces);
                    let head = Line::of(Role::Add, format!("+{added}")).plain(" ");
                    let head = head.then(Role::Remove, format!("-{removed}")).plain(" entries");
                    std::iter::once(head).chain(edit_lines(&field.edit, detail)).collect()
                }
                edit @ (Edit::New(_)
                | Edit::Gone(_)
                | Edit::Swap(..)
                | Edit::Secret(_)
                | Edit::Items(_)
                | Edit::Lines(_)) => edit_lines(edit, detail),
            };
            let below = lines.split_off(lines.len().min(1));
            (lines.pop().unwrap_or_default(), below)
        }
        (Happens::Changed, _) => (Line::of(Role::Change, "changed"), vec![]),
        (Happens::Removed, _) => (Line::of(Role::Remove, "removed"), vec![]),
        (Happens::Added, fields) => {
            let of = |field: &FieldChange| {
                let value = edit_lines(&field.edit, detail).into_iter().next().unwrap_or_default();
                Line::new().plain(format!("{}  ", field.name)).append(value)
            };
            (Line::of(Role::Add, "added"), fields.iter().filter(|_| !detail.brief).map(of).collect())
        }
    }
}

pub(super) fn ways(all: &[Way], out: &mut StyledText) {
    out.gap();
    for way in all {
        let (head, way) = match way {
            Way::Command(head, command) => (head, command.as_str()),
            Way::Words(head, words) => (head, *words),
        };
        out.push(Line::new().plain(format!("{head}:")).pad(15).plain(way));
    }
    out.push(Line::of(Role::Dim, "More about each: `--full`. About drift: docs/drift.md"));
}
