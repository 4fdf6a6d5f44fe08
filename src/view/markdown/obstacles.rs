//! What is refused or could not be done, as a table with the lines to copy, and the risks, an alert for each class: on every
//! rung.

use super::changes::Rung;
use super::escape::{cell, code, fence, fold, linked, opening, prose};
use super::sets::Sets;
use crate::schema::Impact;
use crate::text::count;
use crate::view::document::{Cause, Class, Label, Links, Obstacle, Projects, Risks};

/// The most projects that are named in a line.
const NAMED: usize = 10;

/// The obstacles; those that a line in a commit's message lifts are in a table.
pub(super) fn obstacles(all: &[Obstacle], rung: Rung, sets: Option<&Sets<'_>>, links: Option<&Links>) -> String {
    let (words, others): (Vec<_>, Vec<_>) = all.iter().partition(|it| !it.words.is_empty());
    let mut text = String::new();
    if !others.is_empty() {
        text.push('\n');
        text.extend(others.iter().map(|it| point(it, sets, links)));
    }
    if !words.is_empty() {
        text.push_str(&table(&words, rung, sets, links));
    }
    text
}

fn point(obstacle: &Obstacle, sets: Option<&Sets<'_>>, links: Option<&Links>) -> String {
    let Obstacle { label, code: id, message, hints, .. } = obstacle;
    let at = place(obstacle, links);
    let hints: String = hints.iter().map(|hint| format!("  - {}\n", opening(hint))).collect();
    let who = who(&obstacle.projects, sets);
    if *label == Label::Allowed {
        return format!("- **{}** {who}: {}\n", label.word(), prose(message));
    }
    format!("- **{}** {who}: {} {}{at}\n{hints}", label.word(), prose(message), code(id))
}

fn place(obstacle: &Obstacle, links: Option<&Links>) -> String {
    obstacle.at.as_ref().map_or(String::new(), |at| format!(" ({})", linked(at, None, links)))
}

/// What is refused, and the line that allows it.
fn table(all: &[&Obstacle], rung: Rung, sets: Option<&Sets<'_>>, links: Option<&Links>) -> String {
    let mut text =
        String::from("\n| project | refused | line for the commit's message that allows it |\n|---|---|---|\n");
    for it in all {
        let word = match it.words.as_slice() {
            [one] => code(one),
            many => format!("{} below", count(many.len(), "line")),
        };
        let (who, what) = (who(&it.projects, sets), prose(&it.message));
        let what = format!("{what} {}{}", code(&it.code), place(it, links));
        text.push_str(&format!("| {} | {} | {} |\n", cell(&who), cell(&what), cell(&word)));
    }
    let hints: Vec<&String> =
        all.iter().flat_map(|it| &it.hints).filter(|hint| hint.starts_with("`protected")).collect();
    if let Some(hint) = hints.first() {
        text.push_str(&format!("\n{}\n", prose(hint.trim_end_matches(':'))));
    }
    let words: Vec<String> = all.iter().flat_map(|it| it.words.iter().cloned()).collect();
    if words.len() > 1 && rung < Rung::Sets {
        text.push_str(&fold(false, "All lines, to copy", &format!("\n{}", fence("", &words))));
    }
    text
}

/// An alert for each class of harm.
pub(super) fn risks(risks: &Risks, sets: Option<&Sets<'_>>) -> String {
    risks.classes.iter().map(|class| alert(class, sets)).collect()
}

fn alert(class: &Class, sets: Option<&Sets<'_>>) -> String {
    let kind = match class.impact {
        Impact::Destructive | Impact::LockOut => "CAUTION",
        Impact::History | Impact::Restart | Impact::Security | Impact::Access => "WARNING",
        Impact::Billed => "IMPORTANT",
    };
    let mut text = format!("\n> [!{kind}]\n> **{}**\n", class.impact.heading());
    for risk in &class.risks {
        for cause in &risk.causes {
            let why = prose(&risk.why);
            text.push_str(&format!("> - {} in {}{}{why}\n", what(cause), who(&cause.projects, sets), risk.joint()));
        }
    }
    text
}

fn what(cause: &Cause) -> String {
    let one = |(name, change): &(String, Option<String>)| match change {
        Some(change) => format!("{} {}", code(name), code(change)),
        None => code(name),
    };
    cause.what.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Projects by name where they are few, else how many there are.
fn who(projects: &Projects, sets: Option<&Sets<'_>>) -> String {
    match (projects, sets) {
        (Projects::Named(all), None) if all.len() > NAMED => {
            let first: Vec<String> = all.iter().take(NAMED).map(|name| code(name)).collect();
            format!("{} and {} more", first.join(", "), all.len() - NAMED)
        }
        (Projects::Named(all), None) => all.iter().map(|name| code(name)).collect::<Vec<_>>().join(", "),
        (Projects::All(all), _) => format!("all {} projects", all.len()),
        (Projects::Label(all, label), _) => format!("{} (all of {})", count(all.len(), "project"), code(label)),
        (Projects::Named(all), Some(sets)) => sets.called(&all.iter().map(String::as_str).collect::<Vec<_>>()),
    }
}
