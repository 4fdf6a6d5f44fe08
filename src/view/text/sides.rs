//! Two projects beside each other: the value of each, one below the other.

use super::changes::{piece_line, place};
use super::styled::{Line, Role, StyledText};
use crate::view::Detail;
use crate::view::document::{Beside, Listed, Sides};

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
