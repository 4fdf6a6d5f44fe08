//! What is refused or could not be done, and the risks, each class once.

use super::changes::place;
use super::styled::{Line, Role, StyledText};
use crate::view::Detail;
use crate::view::document::{Cause, Class, Label, Obstacle, Risks};

/// The widest column of project names, so that one long name does not push all sentences away.
const COLUMN: usize = 24;

/// The most lines to copy of one obstacle, without `--full`.
const WORDS: usize = 3;

/// The width of the headings of classes.
const HEADING: usize = 22;

const fn mark(label: Label) -> (char, Role) {
    match label {
        Label::Refused | Label::NotPlanned | Label::NotCompared | Label::Problem | Label::Error => ('✗', Role::Bad),
        Label::HeldBack | Label::Awaited | Label::Warning => ('!', Role::Risk),
        Label::Allowed => ('✓', Role::Good),
        Label::Note => ('·', Role::Dim),
    }
}

pub(super) fn obstacles(all: &[Obstacle], detail: Detail, out: &mut StyledText) {
    let only = |it: &Obstacle| if let [one] = it.projects.names() { one.chars().count() } else { 0 };
    let width = all.iter().map(only).filter(|width| *width <= COLUMN).max().unwrap_or(0) + 5;
    for of_label in all.chunk_by(|one, other| one.label == other.label) {
        let Some(first) = of_label.first() else { continue };
        let (sign, role) = mark(first.label);
        let many: usize = of_label.iter().map(|it| it.projects.names().len()).sum();
        out.gap();
        out.push(Line::of(role, format!(" {sign} {} ({many})", first.label.word())));
        let mut said: &[String] = &[];
        for it in of_label {
            // The way is told once for those that follow each other.
            let hints = if it.hints == said { &[] } else { it.hints.as_slice() };
            obstacle(it, hints, width, detail, out);
            said = &it.hints;
        }
    }
}

fn obstacle(obstacle: &Obstacle, hints: &[String], width: usize, detail: Detail, out: &mut StyledText) {
    let Obstacle { label, code, projects, message, at, hints: _, words } = obstacle;
    let start = match projects.names() {
        [one] => Line::new().plain(format!("   {one}")).pad(width),
        _ => Line::new().plain("   ").then(Role::Plain, format!("{}: ", projects.text(detail.full))),
    };
    let from = if projects.names().len() == 1 { start.width().min(width) } else { 5 };
    // What somebody has allowed needs no explanation.
    let code = if *label == Label::Allowed { String::new() } else { format!(" [{code}]") };
    out.push(start.plain(message).then(Role::Dim, code).at(place(at.as_ref(), None)));
    let indented = |text: &str| Line::new().pad_to(from).plain(text);
    for hint in hints {
        out.push(indented(hint));
    }
    let shown = if detail.full { words.len() } else { WORDS.min(words.len()) };
    for word in words.iter().take(shown) {
        out.push(indented("").then(Role::Heading, word).whole());
    }
    if words.len() > shown {
        out.push(indented("").then(Role::Dim, format!("… {} more (--full)", words.len() - shown)));
    }
}

/// A class in one line for each of its causes, its heading before the first.
pub(super) fn risks(risks: &Risks, detail: Detail, out: &mut StyledText) {
    out.gap();
    for Class { impact, risks } in &risks.classes {
        let mut heading = impact.heading();
        for risk in risks {
            for cause in &risk.causes {
                let sign = if heading.is_empty() { ' ' } else { '!' };
                let start = Line::of(Role::Risk, format!(" {sign} {}", std::mem::take(&mut heading))).pad(HEADING);
                let who = cause.projects.text(detail.full);
                let line = start.plain(format!("{} in {who}", what(cause)));
                out.push(line.then(Role::Dim, format!("{}{}", risk.joint(), risk.why)));
            }
        }
    }
}

fn what(cause: &Cause) -> String {
    let one = |(name, change): &(String, Option<String>)| match change {
        Some(change) => format!("{name} {change}"),
        None => name.clone(),
    };
    cause.what.iter().map(one).collect::<Vec<_>>().join(", ")
}
