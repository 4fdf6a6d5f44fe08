//! A notification as a message for Slack: risks first, names and no values.
//!
//! Text from outside is in code spans, with `&`, `<` and `>` escaped as Slack requires, so that it is neither a mention, a
//! link nor markup.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Notification, Sender, told};
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::record::{Annotation, DriftProjectRecord, DriftRecord, Happened};
use crate::schema::Impact;
use crate::text::count;
use crate::view::build::{deviations, drift_verdict, ways};
use crate::view::document::{Deviation, Harm, Verdict, Way};

/// Slack allows 50 blocks; some are needed for the start and the end.
const PROJECTS: usize = 40;
/// Slack allows 3,000 characters per text.
const MOST: usize = 3_000;
/// The most names, of projects or fields, in a list.
const NAMED: usize = 10;

/// The message, as an incoming webhook expects it.
#[must_use]
pub fn slack(notice: Notification<'_>, exit: Exit, sender: &Sender) -> Value {
    let blocks = match notice {
        Notification::Drift(drift) => of_drift(drift),
        Notification::Failed(findings) => findings.iter().take(PROJECTS).map(failure).collect(),
    };
    let title = notice.title();
    let header = json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": false}});
    let end = json!({"type": "context", "elements": [mrkdwn(&end(exit, sender))]});
    let blocks: Vec<Value> = std::iter::once(header).chain(blocks).chain([end]).collect();
    json!({"text": title, "blocks": blocks})
}

fn of_drift(drift: &DriftRecord) -> Vec<Value> {
    let (told, deviations) = (told(drift), deviations(drift));
    let Verdict { tone: _, head, rest, more: _ } = drift_verdict(drift);
    let mut blocks = vec![section(&format!("*{head}*{}", rest.text(code)))];
    blocks.extend(risks(&deviations));
    blocks.extend(told.iter().take(PROJECTS).map(|project| section(&of_project(project))));
    if told.len() > PROJECTS {
        blocks.push(section(&format!("and {} more", count(told.len() - PROJECTS, "project"))));
    }
    blocks.extend(unmanaged(drift));
    let way = |way: &Way| match way {
        Way::Command(head, command) => format!("• {head}: {}", code(command)),
        Way::Words(head, words) => format!("• {head}: {}", text(words)),
    };
    let ways: Vec<String> = ways(&deviations, drift.projects.len()).iter().map(way).collect();
    if !ways.is_empty() {
        blocks.push(section(&ways.join("\n")));
    }
    blocks
}

/// Whose run it was, and when.
fn end(exit: Exit, sender: &Sender) -> String {
    let Sender { run, repository, workspace, day } = sender;
    let run = run.as_deref().filter(|url| {
        let is_page = url.starts_with("https://") || url.starts_with("http://");
        is_page && url.chars().all(|c| c.is_ascii_graphic() && !"<>|".contains(c))
    });
    let run = run.map(|url| format!("<{}|the run>", url.replace('&', "&amp;")));
    let facts = [repository.as_deref().map(code), workspace.as_deref().map(code), Some(safe(day)), run];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    format!("{} · exit code {}", facts.join(" · "), exit.code())
}

/// One line for each reason, what weakens first, with its projects.
fn risks(deviations: &[Deviation]) -> Option<Value> {
    let mut said: BTreeMap<(bool, &str), BTreeSet<&str>> = BTreeMap::new();
    for deviation in deviations {
        for Harm { impact, why } in &deviation.risks {
            let projects = said.entry((*impact != Impact::Security, why)).or_default();
            projects.extend(deviation.named.iter().map(String::as_str));
        }
    }
    let line = |((_, why), projects): ((bool, &str), BTreeSet<&str>)| {
        format!("• {}: {}", text(why), names(projects.into_iter()))
    };
    let lines: Vec<String> = said.into_iter().map(line).collect();
    (!lines.is_empty()).then(|| section(&format!("*What it does*\n{}", lines.join("\n"))))
}

fn of_project(project: &DriftProjectRecord) -> String {
    let name = code(&project.project);
    if let Some(blocked) = &project.blocked {
        let hints: String = blocked.hints.iter().map(|hint| format!("\n• {}", text(hint))).collect();
        return format!("*{name}* could not be compared [{}]: {}{hints}", text(&blocked.code), text(&blocked.message));
    }
    let lines = project.changes.iter().map(|change| {
        let at = code(&change.address.local());
        match change.happened {
            Happened::Changed => {
                let of = |weakens: bool| {
                    let some = change.fields.iter().filter(move |field| field.weakens() == weakens);
                    names(some.map(|field| field.name.as_str()))
                };
                let parts = [(of(true), " (weakened)"), (of(false), "")];
                let parts = parts.iter().filter(|(names, _)| !names.is_empty());
                let parts: Vec<String> = parts.map(|(names, word)| format!("{names}{word}")).collect();
                format!("\n• {at}: {}", parts.join("; "))
            }
            Happened::Added | Happened::Removed => {
                let weakened = if change.weakens() { " (weakened)" } else { "" };
                format!("\n• {at}: {}{weakened}", change.happened.word())
            }
        }
    });
    format!("*{name}*{}", lines.collect::<String>())
}

/// What no manifest manages: items, then projects.
fn unmanaged(drift: &DriftRecord) -> Option<Value> {
    let items = drift.projects.iter().flat_map(|project| {
        let kinds = project.unmanaged.items.iter();
        kinds.map(move |(kind, items)| (format!("{}/{kind}", project.project), items.iter().map(String::as_str)))
    });
    let items = items.map(|(at, items)| format!("• not managed in {}: {}", code(&at), names(items)));
    let mut organizations: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for project in &drift.unadopted {
        organizations.entry(&project.organization).or_default().push(&project.name);
    }
    let projects = organizations.into_iter().map(|(organization, projects)| {
        format!("• without a document in {}: {}", code(organization), names(projects.into_iter()))
    });
    let lines: Vec<String> = items.chain(projects).collect();
    (!lines.is_empty()).then(|| section(&lines.join("\n")))
}

fn failure(finding: &Annotation) -> Value {
    let at = finding.at.as_ref().map_or(String::new(), |at| format!(" {}", code(&format!("{}:{}", at.file, at.line))));
    let hints: String = finding.hints.iter().map(|hint| format!("\n• {}", text(hint))).collect();
    section(&format!("*[{}]*{at} {}{hints}", text(&finding.code), text(&finding.message)))
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.collect();
    let more = if all.len() > NAMED { format!(" and {} more", all.len() - NAMED) } else { String::new() };
    all.iter().take(NAMED).map(|name| code(name)).collect::<Vec<_>>().join(", ") + &more
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": mrkdwn(text)})
}

/// A text with Slack's markup, cut where Slack would refuse it; nothing in it becomes a link or a mention.
fn mrkdwn(text: &str) -> Value {
    let cut = if text.chars().count() > MOST {
        // Cut at a line, so that no code span stays open.
        let start: String = text.chars().take(MOST - 4).collect();
        start.rsplit_once('\n').map_or_else(|| "…".to_owned(), |(lines, _)| format!("{lines}\n…"))
    } else {
        text.to_owned()
    };
    json!({"type": "mrkdwn", "text": cut, "verbatim": true})
}

/// Text from outside, shown as it is.
fn code(text: &str) -> String {
    format!("`{}`", safe(text).replace('`', "'"))
}

/// A sentence: text in back quotes is code, all else is plain.
fn text(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|quoted| quoted.is_empty()) {
        return code(text);
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        1 => code(part),
        _ if part.contains(['*', '_', '~']) => code(part),
        _ => safe(part),
    };
    parts.iter().enumerate().map(part).collect()
}

fn safe(text: &str) -> String {
    escape(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
