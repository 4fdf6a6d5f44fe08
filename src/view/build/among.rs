//! Several projects beside each other: by section, the fields in which they differ and who has which value.

use std::collections::BTreeMap;

use super::facts::{fact, item_field, place, section};
use super::projects::{Labels, called};
use crate::compare::{Apart, Fact, Verdict as Comparable};
use crate::diag::Sources;
use crate::record::Several;
use crate::text::count;
use crate::view::document::{Among, AmongField, Block, Document, NOT_SET, Phrase, Side, Tone, Topic, Verdict};

/// A comparison of several; `labels` are those of the projects.
#[must_use]
pub fn several_document<'a>(
    several: &Several<'a>,
    labels: impl Iterator<Item = (&'a str, &'a BTreeMap<String, String>)>,
    sources: &Sources,
) -> Document {
    let how = if several.live { "live" } else { "as the manifests say" };
    let labels = Labels::of(labels);
    let mut sections: BTreeMap<Option<&str>, Vec<&Apart<'_>>> = BTreeMap::new();
    for apart in &several.found.differences {
        sections.entry(apart.place.subject.kind()).or_default().push(apart);
    }
    let mut blocks = vec![Block::Headline(count(several.projects.len(), "project"), format!(", {how}"))];
    let of_section = |(kind, all): (Option<&str>, Vec<&Apart<'_>>)| {
        let (unknown, apart): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.verdict == Comparable::Unknown);
        Block::Among(Among {
            section: section(kind),
            fields: apart.into_iter().map(|it| field(several, it, &labels, sources)).collect(),
            unknown: unknown.into_iter().map(|it| item_field(it.place)).collect(),
        })
    };
    blocks.extend(sections.into_iter().map(of_section));
    Document { topic: Topic::Comparison, stack: None, links: None, title: None, verdict: verdict(several), blocks }
}

fn field(several: &Several<'_>, apart: &Apart<'_>, labels: &Labels<'_>, sources: &Sources) -> AmongField {
    let value = |(said, who): &(Option<&Fact>, Vec<usize>)| {
        let names: Vec<&str> =
            who.iter().filter_map(|number| several.projects.get(*number)).map(|it| it.project).collect();
        let says = vec![said.map_or_else(|| NOT_SET.to_owned(), fact)];
        let at = said.and_then(|said| place(said.origin.as_ref(), sources));
        (Side { says, at }, called(labels, &names))
    };
    AmongField { name: item_field(apart.place), values: apart.values.iter().map(value).collect() }
}

fn verdict(several: &Several<'_>) -> Verdict {
    let (differ, unknown) = several.differing();
    let equal = format!("{} equal", several.found.equal);
    if differ + unknown == 0 {
        return Verdict::of(Tone::Neutral, "No differences", Phrase::words(format!(": {equal}")));
    }
    let unknown =
        if unknown == 0 { String::new() } else { format!("{} cannot be compared · ", count(unknown, "secret")) };
    Verdict::of(Tone::Neutral, "Compared", Phrase::words(format!(": {differ} differ · {unknown}{equal}")))
}
