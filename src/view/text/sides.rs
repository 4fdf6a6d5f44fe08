//! Two projects beside each other: the value of each, one below the other.

use super::changes::{piece_line, place};
use super::styled::{Line, Role, StyledText};
use crate::view::Detail;
use crate::view::document::{Among, AmongField, Beside, Listed, Projects, Sides, named};

/// The widest column of the names of fields.
const NAME_COLUMN: usize = 36;

pub(super) fn sides(sides: &Sides, detail: Detail, out: &mut StyledText) {
    let Sides { section, names, both, only, unknown } = sides;
    out.gap();
    out.push(Line::of(Role::Change, format!("  {section}")));
    let alone = only.iter().flatten().chain(unknown).map(|it| it.name.as_str());
    let widths = both.iter().map(|it| it.name.as_str()).chain(alone).map(|name| name.chars().count());
    let width = widths.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default() + 8;
    for it in both {
        beside(it, names, width, detail, out);
    }
    for (who, all) in names.iter().zip(only).filter(|(_, all)| !all.is_empty()) {
        out.push(Line::of(Role::Dim, format!("    only {who}")));
        for Listed { name, facts, at } in all {
            let start = Line::new().plain(format!("      {name}")).pad(width);
            let line = facts.iter().fold(start, |line, fact| line.then(Role::Add, detail.cut(fact)));
            out.push(line.at(place(at.as_ref(), None)));
        }
    }
    if !unknown.is_empty() {
        let why = "    cannot be compared: set in both, and each digest is keyed by its project";
        out.push(Line::of(Role::Dim, why));
    }
    for Listed { name, facts: _, at } in unknown {
        out.push(Line::new().plain(format!("      {name}")).at(place(at.as_ref(), None)));
    }
}

fn beside(beside: &Beside, names: &[String; 2], width: usize, detail: Detail, out: &mut StyledText) {
    let Beside { name, one, other, lines } = beside;
    let column = names.iter().map(|name| name.chars().count()).max().unwrap_or_default() + 2;
    let mut start = Line::new().plain(format!("      {name}"));
    if start.width() > NAME_COLUMN + 6 {
        out.push(std::mem::take(&mut start));
    }
    for (who, side, role) in [(&names[0], one, Role::Remove), (&names[1], other, Role::Add)] {
        let (mut who, mut at) = (who.as_str(), place(side.at.as_ref(), None));
        for said in &side.says {
            let line = std::mem::take(&mut start).pad_to(width).then(Role::Dim, who).pad_to(width + column);
            out.push(line.then(role, detail.cut(said)).at(at.take()));
            who = "";
        }
    }
    for line in detail.lines(lines) {
        out.push(Line::new().plain(" ".repeat(width)).append(piece_line(line.as_ref())));
    }
}

/// Projects by their names where they are few.
fn who(projects: &Projects, detail: Detail) -> String {
    match projects {
        Projects::Named(all) => named(all.iter().map(String::as_str), detail.full),
        Projects::All(_) | Projects::Label(..) => projects.text(detail.full),
    }
}

/// The most values of a field, without `--full`.
const VALUES: usize = 10;

/// Several projects: each value of a field with who has it.
pub(super) fn among(among: &Among, detail: Detail, out: &mut StyledText) {
    let Among { section, fields, unknown } = among;
    out.gap();
    out.push(Line::of(Role::Change, format!("  {section}")));
    let names = fields.iter().map(|it| it.name.chars().count()).filter(|width| *width <= NAME_COLUMN);
    let width = names.max().unwrap_or_default() + 8;
    for AmongField { name, values } in fields {
        let widest = values.iter().map(|(side, _)| detail.cut(&side.says.join(", ")).chars().count());
        let column = width + widest.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default() + 2;
        let mut start = Line::new().plain(format!("      {name}"));
        let shown = if detail.full { values.len() } else { VALUES.min(values.len()) };
        for (side, projects) in values.iter().take(shown) {
            let line = std::mem::take(&mut start).pad_to(width).plain(detail.cut(&side.says.join(", "))).pad(column);
            out.push(line.then(Role::Dim, who(projects, detail)).at(place(side.at.as_ref(), None)));
        }
        if values.len() > shown {
            let more = format!("… {} more values (--full)", values.len() - shown);
            out.push(Line::new().pad_to(width).then(Role::Dim, more));
        }
    }
    if !unknown.is_empty() {
        out.push(Line::of(
            Role::Dim,
            "    cannot be compared: set in several, and each digest is keyed by its project",
        ));
    }
    for name in unknown {
        out.push(Line::new().plain(format!("      {name}")));
    }
}
