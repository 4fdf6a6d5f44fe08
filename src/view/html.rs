//! A document as a page of HTML: one file without scripts that loads nothing. It is well-formed XML, too.

use super::Detail;
use super::document::{
    Block, ByProject, Deviation, Document, Edit, FieldChange, Happens, Harm, Inline, NOT_SET, Phrase, Piece, Point,
    ProjectChange, Resource, Run, Section, Shared, SharedField, Step, Tone,
};
use super::lists::{List, list};
use super::markdown::entities;
use crate::record::Place;

const STYLE: &str = include_str!("html.css");

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
"#;

/// A document as a page.
#[must_use]
pub fn html(document: &Document, detail: Detail) -> String {
    let Document { topic, verdict, blocks } = document;
    let verdict = tag("h1", verdict.tone.name(), &(entities(&verdict.head) + &phrase(&verdict.rest)));
    let (title, blocks) = (topic.name(), self::blocks(blocks, detail));
    format!(
        "{HEAD}<title>Supaform: {title}</title>\n<style>{STYLE}</style></head>\n<body>\n{verdict}{blocks}</body></html>\n"
    )
}

/// An element on a line of its own, with a class unless that is empty; empty where the content is empty.
fn tag(name: &str, class: &str, content: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    if content.is_empty() { String::new() } else { format!("<{name}{class}>{content}</{name}>\n") }
}

fn each<T>(name: &str, all: &[T], content: impl Fn(&T) -> String) -> String {
    all.iter().map(|it| format!("<{name}>{}</{name}>\n", content(it))).collect()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", entities(text))
}

/// A sentence; text in back quotes becomes code.
fn prose(text: &str) -> String {
    text.split('`').enumerate().map(|(at, part)| if at % 2 == 1 { code(part) } else { entities(part) }).collect()
}

fn phrase(phrase: &Phrase) -> String {
    let part = |part: &Inline| match part {
        Inline::Words(text) => entities(text),
        Inline::Name(text) => code(text),
        Inline::Sentence(text) => prose(text),
    };
    phrase.0.iter().map(part).collect()
}

fn place(at: Option<&Place>) -> String {
    at.map_or(String::new(), |at| format!(" <span class=\"at\">{}:{}</span>", entities(&at.file), at.line))
}

fn fold(open: bool, summary: &str, content: &str) -> String {
    let open = if open { " open=\"\"" } else { "" };
    format!("<details{open}><summary>{summary}</summary>\n{content}</details>\n")
}

fn blocks(all: &[Block], detail: Detail) -> String {
    all.iter().map(|it| block(it, detail)).collect()
}

fn listed(block: &Block) -> String {
    let Some(List { tone, head, rows }) = list(block) else { return String::new() };
    let rows = tag("ul", tone.name(), &each("li", &rows, |(row, at)| phrase(row) + &place(at.as_ref())));
    head.map_or(rows.clone(), |head| fold(tone == Tone::Neutral, &phrase(&head), &rows))
}

fn block(block: &Block, detail: Detail) -> String {
    match block {
        Block::Shared(Shared { section, projects, fields }) => {
            let row = |SharedField { change, risks, differ }: &SharedField| {
                let before =
                    |(project, before): &(String, String)| format!("{} before: {}", code(project), code(before));
                row(&change.name, change, risks, &tag("ul", "idle", &each("li", differ, before)), detail)
            };
            let head = format!("~ {} in {}", code(section), entities(&projects.text(true)));
            fold(true, &head, &tag("table", "", &each("tr", fields, row)))
        }
        Block::ByProject(ByProject { name, happens, projects, risks, rows, at }) => {
            let who = entities(&projects.text(true));
            let head = format!("{} {}, different in {who}{}", happens.sign(), code(name), place(at.as_ref()));
            let row = |it: &ProjectChange| row(&it.project, &it.change, &[], "", detail);
            fold(true, &head, &(harms(risks) + &tag("table", "", &each("tr", rows, row))))
        }
        Block::Section(section) if !section.is_told(detail.full) => String::new(),
        Block::Section(Section { name, happens, facts, labels: _, counts, outline: _, blocks }) => {
            let sign = if *happens == Happens::Changed { String::new() } else { format!("{} ", happens.sign()) };
            let facts = if facts.is_empty() { String::new() } else { format!(" ({})", entities(&facts.join(", "))) };
            let head = format!("{sign}{}{facts}: {}", code(name), entities(counts));
            // Risks are shown first, with their causes.
            let blocks = blocks.iter().filter(|it| !matches!(it, Block::Risks(_)) && (detail.full || !it.is_footer()));
            fold(true, &head, &blocks.map(|it| self::block(it, detail)).collect::<String>())
        }
        Block::Changes(all) => each("section", all, |Resource { name, is_item: _, happens, origin, at, fields }| {
            let rows = each("tr", fields, |field| row(&field.name, field, &field.risks, "", detail));
            let (origin, at) = (origin.unwrap_or_default(), place(at.as_ref()));
            tag("h2", "", &format!("{} {} {origin}{at}", happens.sign(), code(name))) + &tag("table", "", &rows)
        }),
        Block::Points(points) => tag("ul", "", &each("li", points, point)),
        Block::Run(Run { name, went_well, steps, problems }) => {
            let row = |Step { tone, outcome, subject, request, notes }: &Step| {
                let notes = tag("ul", "idle", &each("li", notes, |note| prose(note)));
                tag("td", tone.name(), outcome) + &each("td", &[code(subject), code(request) + &notes], Clone::clone)
            };
            let problems = tag("ul", "", &each("li", problems, point));
            fold(!went_well || !steps.is_empty(), &code(name), &(tag("table", "", &each("tr", steps, row)) + &problems))
        }
        Block::Headline(head, rest) => tag("p", "", &prose(&format!("{head}{rest}"))),
        Block::Deviations(all) => {
            let row = |it: &Deviation| {
                let head = format!("{} {} {}", entities(&it.who(true)), it.happens.sign(), code(&it.name));
                let value = |field: &FieldChange| {
                    let name = if it.happens == Happens::Changed { String::new() } else { code(&field.name) + " " };
                    name + &edit(&field.edit, detail)
                };
                let values = it.fields.iter().map(value).collect::<String>() + &harms(&it.risks);
                each("td", &[head, values, place(it.at.as_ref())], Clone::clone)
            };
            tag("table", "", &each("tr", all, row))
        }
        Block::Review(_)
        | Block::Ways(_)
        | Block::Against(_)
        | Block::Risks(_)
        | Block::SentAlong(_)
        | Block::Ignored(_)
        | Block::Listing(_)
        | Block::Sides(_) => listed(block),
    }
}

fn harms(harms: &[Harm]) -> String {
    harms.iter().map(|harm| tag("div", "doubtful", &format!("! {}", prose(&harm.why)))).collect()
}

fn row(name: &str, change: &FieldChange, risks: &[Harm], more: &str, detail: Detail) -> String {
    let origin = change.origin.map_or(String::new(), |words| format!(" <span class=\"doubtful\">{words}</span>"));
    let value = edit(&change.edit, detail) + &harms(risks) + more;
    each("td", &[code(name) + &origin, value, place(change.at.as_ref())], Clone::clone)
}

fn edit(edit: &Edit, detail: Detail) -> String {
    let piece = |piece: Option<&Piece>| match piece {
        Some(Piece::Add(text)) => format!("<ins>+ {}</ins>\n", entities(text)),
        Some(Piece::Remove(text)) => format!("<del>- {}</del>\n", entities(text)),
        Some(Piece::Keep(text)) => format!("<span>  {}</span>\n", entities(text)),
        None => "<span>  ⋮</span>\n".to_owned(),
    };
    match edit {
        Edit::New(value) => format!("<ins>{}</ins>", code(value)),
        Edit::Gone(value) => format!("<del>{}</del>", code(value)),
        Edit::Swap(before, after) => {
            let before = before.as_deref().unwrap_or(NOT_SET);
            format!("<del>{}</del> → <ins>{}</ins>", code(before), code(after))
        }
        Edit::Secret(secret) => format!("(secret) {}", entities(&secret.words())),
        Edit::Items(all) => tag("pre", "", &all.iter().map(|it| piece(Some(it))).collect::<String>()),
        Edit::Lines(all) => {
            let (added, removed) = Edit::tally(all);
            let lines = Detail { uncut: true, brief: false, ..detail }.lines(all);
            let lines: String = lines.iter().map(|it| piece(it.as_ref())).collect();
            fold(true, &format!("+{added} -{removed} lines"), &tag("pre", "", &lines))
        }
    }
}

fn point(point: &Point) -> String {
    let Point { label, code: id, subject, message, projects, at, hints } = point;
    let names: String = [id, subject].into_iter().flatten().map(|name| format!(" {}", code(name))).collect();
    let who = projects.as_ref().map_or(String::new(), |projects| format!(" · {}", entities(&projects.text(true))));
    let head = format!("<b>{}</b>{names}: {}{who}{}", label.word(), prose(message), place(at.as_ref()));
    head + &tag("ul", "", &each("li", hints, |hint| prose(hint)))
}
