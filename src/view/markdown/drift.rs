//! Drift: a fold for each set of projects, with a diff from the desired value to the live one.

use indexmap::IndexMap;

use super::changes::{Rung, field, new_value};
use super::escape::{code, fence, fold, html_code};
use super::sets::Sets;
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{Deviation, FieldChange, Happens, Way};

/// The most folds that are open at first.
const OPEN: usize = 3;

pub(super) fn deviations(all: &[Deviation], rung: Rung, detail: Detail) -> String {
    let mut sets: IndexMap<&[String], Vec<&Deviation>> = IndexMap::new();
    for it in all {
        sets.entry(&it.named).or_default().push(it);
    }
    let open = sets.len() <= OPEN;
    let mut text = String::new();
    let differences = |of: &[&Deviation]| count(of.len(), "difference");
    if rung == Rung::Sets {
        let lines = sets.iter().flat_map(|(named, of)| named.iter().map(|name| (name.as_str(), differences(of))));
        text.push_str(&format!("\n{}", Sets::none().lines(lines)));
        sets.clear();
    }
    for of in sets.values() {
        let who = of.first().map_or(String::new(), |first| first.who(true));
        let many = differences(of);
        if rung == Rung::Projects {
            text.push_str(&format!("\n- {}: {many}\n", code(&who)));
            continue;
        }
        let mut lines = vec![];
        for it in of {
            deviation(it, rung, rung.detail(detail), &mut lines);
        }
        text.push_str(&fold(open, &format!("{}: {many}", html_code(&who)), &format!("\n{}", fence("diff", &lines))));
    }
    text.push_str(match rung {
        Rung::Projects | Rung::Sets => "\nThe differences themselves are too long to be shown here.\n",
        Rung::Whole | Rung::Unplaced | Rung::Folded | Rung::Counts | Rung::Resources => {
            "\n`-` is what the manifests say, `+` is live.\n"
        }
    });
    text
}

fn deviation(deviation: &Deviation, rung: Rung, detail: Detail, lines: &mut Vec<String>) {
    let weakened = if deviation.weakens() { " (weakened)" } else { "" };
    let name = format!("{}{weakened}", deviation.name);
    let is_shown = rung < Rung::Resources || !deviation.risks.is_empty();
    match (deviation.happens, deviation.fields.as_slice()) {
        (Happens::Changed, [one]) if is_shown => field(&FieldChange { name, ..one.clone() }, detail, lines),
        (Happens::Changed, _) => lines.push(format!("~ {name}")),
        (Happens::Removed, _) => lines.push(format!("- {name}: removed")),
        (Happens::Added, fields) => {
            lines.push(format!("+ {name}: added"));
            let fields = fields.iter().filter(|_| is_shown);
            lines.extend(fields.map(|field| format!("+   {}: {}", field.name, new_value(field, detail))));
        }
    }
}

/// A command, which may contain names from outside, as code; our own words as they are.
pub(super) fn ways(all: &[Way]) -> String {
    let way = |way: &Way| match way {
        Way::Command(head, command) => format!("- {head}: {}\n", code(command)),
        Way::Words(head, words) => format!("- {head}: {words}\n"),
    };
    format!("\n{}", all.iter().map(way).collect::<String>())
}
