//! Two projects beside each other: by section, what differs in both, then what only one of them has.

use std::collections::BTreeMap;

use super::facts::{beside, fact, field_name, place, section};
use crate::compare::{Difference, Fact, Verdict as Comparable};
use crate::diag::Sources;
use crate::record::{Differing, Pair, differing};
use crate::text::count;
use crate::view::document::{Beside, Block, Document, Listed, Phrase, Sides, Tone, Topic, Verdict};

/// A comparison.
#[must_use]
pub fn comparison_document(pair: Pair<'_>, sources: &Sources) -> Document {
    let how = if pair.live { "live" } else { "as the manifests say" };
    let head = format!("{} and {}", pair.one.project, pair.other.project);
    let mut blocks = vec![Block::Headline(head, format!(", {how}"))];
    let mut sections: BTreeMap<Option<&str>, Vec<&Difference>> = BTreeMap::new();
    for difference in &pair.found.differences {
        sections.entry(difference.place.subject.kind()).or_default().push(difference);
    }
    blocks.extend(sections.into_iter().map(|(kind, all)| Block::Sides(sides(kind, &all, pair, sources))));
    Document { topic: Topic::Comparison, stack: None, links: None, title: None, verdict: verdict(pair), blocks }
}

fn sides(kind: Option<&str>, all: &[&Difference], pair: Pair<'_>, sources: &Sources) -> Sides {
    let (mut both, mut one, mut other, mut unknown) = (vec![], vec![], vec![], vec![]);
    for difference in all {
        let name = field_name(difference);
        let alone = |said: &Fact| Listed {
            name: name.clone(),
            facts: vec![fact(said)],
            at: place(said.origin.as_ref(), sources),
        };
        match (&difference.before, &difference.after, difference.verdict) {
            (before, _, Comparable::Unknown) => {
                let at = before.as_ref().and_then(|before| place(before.origin.as_ref(), sources));
                unknown.push(Listed { name, facts: vec![], at });
            }
            (Some(before), Some(after), Comparable::Differs) => both.push(beside(name, before, after, sources)),
            (Some(before), None, Comparable::Differs) => one.push(alone(before)),
            (None, Some(after), Comparable::Differs) => other.push(alone(after)),
            (None, None, Comparable::Differs) => {}
        }
    }
    let both: Vec<Beside> = both;
    let names = [pair.one.project.to_owned(), pair.other.project.to_owned()];
    Sides { section: section(kind), names, both, only: [one, other], unknown }
}

fn verdict(pair: Pair<'_>) -> Verdict {
    let Differing { differ, one, other, unknown } = differing(pair.found);
    let equal = format!("{} equal", pair.found.equal);
    let of = |head: &str, rest| Verdict::of(Tone::Neutral, head, rest);
    if pair.found.differences.is_empty() {
        return of("No differences", Phrase::words(format!(": {equal}")));
    }
    let only = |many: usize, name: &str| Phrase::words(format!("{many} only ")).name(name);
    let parts = [
        (differ, Phrase::words(format!("{differ} differ"))),
        (one, only(one, pair.one.project)),
        (other, only(other, pair.other.project)),
        (unknown, Phrase::words(format!("{} cannot be compared", count(unknown, "secret")))),
    ];
    let parts = parts.into_iter().filter(|(many, _)| *many > 0);
    let rest = parts.fold(Phrase::words(": "), |Phrase(mut all), (_, Phrase(part))| {
        all.extend(part);
        Phrase(all).then(" · ")
    });
    of("Compared", rest.then(equal))
}
