//! The blocks of a page, each in its form.

use super::changes::{self, Rung};
use super::escape::{code, fence, fold, html_code, opening, prose};
use crate::record::Place;
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{
    Against, Block, Document, Ignored, Inline, Label, Links, Listed, Listing, ListingOf, Phrase, Point, Projects, Run,
    Section, Tone,
};
use crate::view::lists::{List, list};

/// The marker by which comments are found, and the verdict as a heading.
pub(super) fn head(document: &Document) -> String {
    let Document { topic, stack, verdict, .. } = document;
    let stack = stack.as_ref().map_or(String::new(), |stack| format!("{} · ", code(stack)));
    format!("<!-- supaform:{} -->\n### {stack}{}{}\n", topic.name(), verdict.head, verdict.rest.text(code))
}

/// A point of a list with its place, and its hints below.
fn item(head: &str, message: &str, at: Option<&Place>, hints: &[String]) -> String {
    let at = at.map_or(String::new(), |at| format!(" ({})", code(&format!("{}:{}", at.file, at.line))));
    let hints: String = hints.iter().map(|hint| format!("  - {}\n", opening(hint))).collect();
    format!("- {head}: {}{at}\n{hints}", prose(message))
}

fn point(point: &Point) -> String {
    let Point { label, code: id, subject, message, projects, at, hints } = point;
    let label = match label {
        Label::Problem => None,
        Label::Note => Some(label.word().to_owned()),
        Label::Refused
        | Label::Allowed
        | Label::HeldBack
        | Label::NotPlanned
        | Label::NotCompared
        | Label::Awaited
        | Label::Error
        | Label::Warning => Some(format!("**{}**", label.word())),
    };
    let parts = [label, id.as_deref().map(code), subject.as_deref().map(code)];
    let head = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let who = projects.as_ref().map_or(String::new(), |projects| format!(" · {}", projects.text(true)));
    item(&head, &format!("{message}{who}"), at.as_ref(), hints)
}

/// Points; on low rungs only those that decide something.
pub(super) fn points(all: &[Point], rung: Rung) -> String {
    all.iter().filter(|it| rung < Rung::Resources || it.label != Label::Note).map(point).collect()
}

pub(super) fn review(all: &[(Option<String>, String)]) -> String {
    let line = |(project, what): &(Option<String>, String)| {
        let who = project.as_ref().map_or(String::new(), |project| format!("{} ", code(project)));
        format!("> - {who}{}\n", opening(what))
    };
    format!("\n> [!CAUTION]\n> **The rules change**\n{}", all.iter().map(line).collect::<String>())
}

/// What it was held against, and what is no longer managed.
pub(super) fn against(against: &Against, rung: Rung) -> String {
    let lines = against.released.iter().map(|it| {
        let stays = it.stays.as_ref().map_or(String::new(), |stays| format!(", stays {}", code(stays)));
        let who = match &it.projects {
            Projects::Named(names) if names.len() == 1 => names.concat(),
            many @ (Projects::All(_) | Projects::Label(..) | Projects::Named(_)) => many.text(rung < Rung::Sets),
        };
        format!("- {} is no longer managed{stays}: {}\n", code(&it.place), code(&who))
    });
    let lines: String = lines.collect();
    let lines = if lines.is_empty() { lines } else { format!("\n{lines}") };
    format!("\nAgainst {}: {}\n{lines}", code(&against.revision), against.counts)
}

/// The section of one project.
pub(super) fn section(section: &Section, open: bool, rung: Rung, detail: Detail, links: Option<&Links>) -> String {
    let facts: Vec<String> = section.facts.iter().map(|fact| html_code(fact)).collect();
    let (mut text, mut items) = (String::new(), String::new());
    for block in &section.blocks {
        match block {
            Block::Review(all) => text.push_str(&review(all)),
            Block::Changes(resources) => text.push_str(&changes::resources(resources, rung, detail, links)),
            Block::SentAlong(all) if rung < Rung::Resources => {
                for (section, names) in all {
                    let names: Vec<String> = names.iter().map(|name| code(name)).collect();
                    items.push_str(&format!("- {} also sends {}\n", code(section), names.join(", ")));
                }
            }
            Block::Points(all) => items.push_str(&points(all, rung)),
            Block::Listing(listing) if detail.full && rung < Rung::Resources => {
                text.push_str(&not_managed_here(listing));
            }
            Block::Headline(..)
            | Block::Sides(_)
            | Block::Among(_)
            | Block::States(_)
            | Block::Steps(_)
            | Block::Deviations(_)
            | Block::Ways(_)
            | Block::Obstacles(_)
            | Block::Against(_)
            | Block::Risks(_)
            | Block::Shared(_)
            | Block::ByProject(_)
            | Block::Section(_)
            | Block::SentAlong(_)
            | Block::Ignored(_)
            | Block::Listing(_)
            | Block::Run(_) => {}
        }
    }
    if !items.is_empty() {
        text.push_str(&format!("\n{items}"));
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    fold(open, &format!("{}{facts}: {}", html_code(&section.name), section.counts), &text)
}

/// What no manifest of a project manages, with the values that an untouched project has otherwise.
fn not_managed_here(listing: &Listing) -> String {
    let item = |it: &Listed| {
        format!("- {}: {}\n", code(&it.name), it.facts.iter().map(|fact| code(fact)).collect::<Vec<_>>().join(" · "))
    };
    let items: String = listing.items.iter().map(item).collect();
    let head = if listing.sum.is_empty() { String::new() } else { format!("\nNot managed: {}\n", prose(&listing.sum)) };
    let items =
        if items.is_empty() { items } else { format!("\nNot managed, and not as on an untouched project:\n\n{items}") };
    head + &items
}

/// The summary, and with `--full` the entries in a fold.
pub(super) fn sum(listing: &Listing, detail: Detail) -> String {
    let (head, point): (_, fn(&Listed) -> String) = match listing.of {
        ListingOf::NotManaged => ("Not managed", |it| prose(&it.facts.join(", "))),
        ListingOf::NotCompared => ("Not compared", |it| it.facts.iter().map(|fact| code(fact)).collect()),
        ListingOf::WithoutDocument | ListingOf::NotManagedHere => return String::new(),
    };
    if !detail.full {
        // The last line has it.
        return String::new();
    }
    let points: String = listing.items.iter().map(|it| format!("- {}: {}\n", code(&it.name), point(it))).collect();
    fold(false, &format!("{head}: {}", html_code(&listing.sum)), &format!("\n{points}"))
}

/// A block without a form of its own.
pub(super) fn listed(block: &Block) -> String {
    let Some(List { tone: _, head, rows }) = list(block) else { return String::new() };
    let phrase = |phrase: &Phrase| -> String {
        let part = |part: &Inline| match part {
            Inline::Words(text) => text.clone(),
            Inline::Name(text) => code(text),
            Inline::Sentence(text) => prose(text),
        };
        phrase.0.iter().map(part).collect()
    };
    let head = head.map_or(String::new(), |head| format!("\n{}\n", phrase(&head)));
    head + "\n" + &rows.iter().map(|(row, _)| format!("- {}\n", phrase(row))).collect::<String>()
}

/// Differences that rules leave alone.
pub(super) fn ignored(all: &[Ignored]) -> String {
    let rule = |it: &Ignored| {
        let whats = it.all.iter().map(|(address, _, field)| match field {
            Some(field) => code(&format!("{address}/{}", field.name)),
            None => code(address),
        });
        item(&whats.collect::<Vec<_>>().join(", "), &it.rule, it.at.as_ref(), &[])
    };
    fold(false, "Ignored by rules", &format!("\n{}", all.iter().map(rule).collect::<String>()))
}

/// Projects without a document.
pub(super) fn without_document(listing: &Listing) -> String {
    let point = |it: &Listed| {
        let facts: Vec<String> = it.facts.iter().map(|fact| code(fact)).collect();
        format!("- {} {}\n", code(&it.name), facts.join(", "))
    };
    let points: String = listing.items.iter().map(point).collect();
    format!("\nProjects of {} without a document:\n\n{points}", code(&listing.sum))
}

/// How much was done in a project.
pub(super) fn end(run: &Run) -> String {
    let done = run.steps.iter().filter(|step| step.tone == Tone::Good).count();
    format!("{done} of {} done", count(run.steps.len(), "call"))
}

/// What was done in a project: all steps, those that are not done, or none.
pub(super) fn run(run: &Run, rung: Rung) -> String {
    let is_shown = |tone: Tone| match rung {
        Rung::Whole | Rung::Unplaced | Rung::Folded | Rung::Counts => true,
        Rung::Resources => tone != Tone::Good,
        Rung::Projects | Rung::Sets => false,
    };
    let mut lines = vec![];
    for step in run.steps.iter().filter(|step| is_shown(step.tone)) {
        let sign = match step.tone {
            Tone::Good => '+',
            Tone::Bad => '-',
            Tone::Doubtful | Tone::Idle | Tone::Neutral => '!',
        };
        lines.push(format!("{sign} {:<8} {}  {}", step.outcome, step.subject, step.request));
        lines.extend(step.notes.iter().map(|note| format!("           {note}")));
    }
    let mut text = String::new();
    if !lines.is_empty() {
        text.push_str(&format!("\n{}", fence("diff", &lines)));
    }
    fold(!run.went_well, &format!("{}: {}", html_code(&run.name), end(run)), &text)
}

/// Findings as Markdown of at most `limit` characters: as many as fit, and the number of the others.
#[must_use]
pub fn findings_markdown(document: &Document, limit: usize) -> String {
    let more = |left: usize| format!("\nand {left} more\n");
    let mut text = format!("{}\n", head(document));
    let mut length = text.chars().count();
    let all = document.blocks.iter().filter_map(|block| if let Block::Points(all) = block { Some(all) } else { None });
    let all: Vec<&Point> = all.flatten().collect();
    for (index, it) in all.iter().enumerate() {
        let (one, left) = (point(it), all.len() - index);
        length += one.chars().count();
        if length + more(left).chars().count() > limit {
            text.push_str(&more(left));
            break;
        }
        text.push_str(&one);
    }
    text
}
