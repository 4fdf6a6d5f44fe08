//! One setting over a fleet as a document: each value with who has it.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{fact, place};
use super::projects::{Labels, called};
use crate::diag::Sources;
use crate::record::{Basis, Spread, SpreadProject, Standing};
use crate::text::count;
use crate::view::document::{
    Among, AmongField, Block, Document, Label, NOT_SET, Phrase, Point, Side, Tone, Topic, Verdict,
};

/// The values of a setting, the most frequent one first.
#[must_use]
pub fn spread_document(spread: &Spread<'_>, sources: &Sources) -> Document {
    let labels = Labels::of(spread.projects.iter().map(|it| (it.project, it.labels)));
    let mut values: BTreeMap<(String, Standing), Vec<&SpreadProject<'_>>> = BTreeMap::new();
    for project in &spread.projects {
        let value = value_of(spread, project);
        let standing = if spread.basis == Basis::Live { project.standing() } else { Standing::Given };
        values.entry((value, standing)).or_default().push(project);
    }
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by_key(|(_, projects)| std::cmp::Reverse(projects.len()));
    let verdict = verdict(spread);
    let value = |((value, standing), projects): ((String, Standing), Vec<&SpreadProject<'_>>)| {
        let names: Vec<&str> = projects.iter().map(|it| it.project).collect();
        let says = std::iter::once(value).chain(apart(standing).map(str::to_owned)).collect();
        let wanted = projects.first().and_then(|it| it.wanted).filter(|_| standing != Standing::Unmanaged);
        let at = wanted.and_then(|wanted| place(wanted.origin.as_ref(), sources));
        (Side { says, at }, called(&labels, &names))
    };
    let values: Vec<_> = values.into_iter().map(value).collect();
    let name = spread.item.map_or_else(|| spread.field.to_owned(), |item| format!("{item}.{}", spread.field));
    let fields = vec![AmongField { name, values }];
    let among = Among { section: spread.section.to_owned(), fields, unknown: vec![] };
    let mut blocks = vec![Block::Points(unread(spread))];
    blocks.extend((!spread.projects.is_empty()).then_some(Block::Among(among)));
    blocks.retain(|block| !block.is_empty());
    Document { topic: Topic::Status, stack: None, links: None, title: None, verdict, blocks }
}

/// What is said of a value that no manifest gives.
fn apart(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Given => None,
        Standing::Differs => Some("not as written"),
        Standing::Unmanaged => Some("in no manifest"),
    }
}

/// The value of a project in words.
pub(in crate::view) fn value_of(spread: &Spread<'_>, project: &SpreadProject<'_>) -> String {
    let nothing = || if spread.basis == Basis::Live { NOT_SET } else { "(not managed)" }.to_owned();
    project.told(spread.basis).map_or_else(nothing, fact)
}

/// How many values there are, and how many projects are not as written.
pub(in crate::view) fn verdict(spread: &Spread<'_>) -> Verdict {
    let values: BTreeSet<String> = spread.projects.iter().map(|project| value_of(spread, project)).collect();
    let of = spread.item.map_or_else(|| spread.section.to_owned(), |item| format!("{}.{item}", spread.section));
    let differ = spread.projects.iter().filter(|it| it.standing() == Standing::Differs).count();
    let parts = [(differ, "not as written"), (spread.unread.len(), "not read")];
    let told = parts.iter().filter(|(many, _)| *many > 0);
    let told: String = told.map(|(many, words)| format!(" · {many} {words}")).collect();
    let tone = if told.is_empty() { Tone::Neutral } else { Tone::Doubtful };
    let who = count(spread.projects.len(), "project");
    let rest = format!(" of {of}.{} in {who}{told}", spread.field);
    Verdict::of(tone, count(values.len(), "value"), Phrase::words(rest))
}

/// The projects that were not read, each reason once.
fn unread(spread: &Spread<'_>) -> Vec<Point> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    spread.unread.iter().for_each(|(project, why)| reasons.entry(why).or_default().push(project));
    let labels = Labels::of(std::iter::empty());
    let point = |(why, names): (&str, Vec<&str>)| Point {
        label: Label::NotCompared,
        code: None,
        subject: None,
        message: why.to_owned(),
        projects: Some(called(&labels, &names)),
        at: None,
        hints: vec![],
    };
    reasons.into_iter().map(point).collect()
}
