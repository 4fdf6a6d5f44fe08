//! Two projects beside each other: by section, what both have otherwise, then what only one of them has.

use std::collections::BTreeMap;

use super::facts::{fact, two};
use super::{Detail, Line, Role, StyledText};
use crate::compare::{Difference, Fact, Place, Verdict};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::model::Origin;
use crate::record::{Compared, Differing, Pair, differing};
use crate::text::count;

/// The width that the names of fields are padded to at most.
const NAME_COLUMN: usize = 36;

/// Renders a comparison for people.
pub fn compare_text(pair: Pair<'_>, sources: &Sources, detail: Detail) -> StyledText {
    let mut page = StyledText::new();
    let how = if pair.live { "live" } else { "as the manifests say" };
    let name = |it: &Compared<'_>| escape(it.project).into_owned();
    let (one, other) = (name(&pair.one), name(&pair.other));
    page.push(
        Line::of(Role::Heading, one.clone())
            .plain(" and ")
            .then(Role::Heading, other.clone())
            .plain(format!(", {how}")),
    );
    let mut sections: BTreeMap<Option<&str>, Vec<&Difference>> = BTreeMap::new();
    for difference in &pair.found.differences {
        sections.entry(difference.place.subject.kind()).or_default().push(difference);
    }
    for (kind, differences) in sections {
        page.gap();
        page.push(Line::of(Role::Change, format!("  {}", kind.unwrap_or("project"))));
        let show = Show { one: &one, other: &other, sources, detail };
        show.section(&differences, &mut page);
    }
    page.gap();
    page.push(summary(pair, &one, &other));
    page
}

struct Show<'a> {
    one: &'a str,
    other: &'a str,
    sources: &'a Sources,
    detail: Detail,
}

impl Show<'_> {
    fn section(&self, differences: &[&Difference], page: &mut StyledText) {
        let (unknown, known): (Vec<&Difference>, Vec<&Difference>) =
            differences.iter().copied().partition(|difference| difference.verdict == Verdict::Unknown);
        let both: Vec<_> = known.iter().filter_map(|it| Some((it, it.before.as_ref()?, it.after.as_ref()?))).collect();
        let width = width(differences) + 6;
        for (difference, before, after) in both {
            self.both(&field_name(difference), width, before, after, page);
        }
        let only = |pick: fn(&Difference) -> (Option<&Fact>, Option<&Fact>)| -> Vec<(String, &Fact)> {
            let alone = known.iter().filter_map(|it| match pick(it) {
                (Some(fact), None) => Some((field_name(it), fact)),
                _ => None,
            });
            alone.collect()
        };
        for (who, facts) in [
            (self.one, only(|it| (it.before.as_ref(), it.after.as_ref()))),
            (self.other, only(|it| (it.after.as_ref(), it.before.as_ref()))),
        ] {
            if !facts.is_empty() {
                page.push(Line::of(Role::Dim, format!("    only {who}")));
            }
            for (name, said) in facts {
                let line =
                    Line::new().plain(format!("      {name}")).pad(width).then(Role::Add, fact(said, self.detail));
                page.push(line.at(place(self.sources, said.origin.as_ref())));
            }
        }
        if !unknown.is_empty() {
            page.push(Line::of(
                Role::Dim,
                "    cannot be compared: set in both, and each digest is keyed by its project",
            ));
        }
        for difference in unknown {
            let origin = difference.before.as_ref().and_then(|fact| fact.origin.as_ref());
            page.push(Line::new().plain(format!("      {}", field_name(difference))).at(place(self.sources, origin)));
        }
    }

    fn both(&self, name: &str, width: usize, before: &Fact, after: &Fact, page: &mut StyledText) {
        let (first, second, below) = two(before, after, self.detail);
        let column = self.one.chars().count().max(self.other.chars().count()) + 2;
        let mut start = Line::new().plain(format!("      {name}"));
        if start.width() > NAME_COLUMN + 6 {
            page.push(std::mem::take(&mut start));
        }
        for (who, lines, role, fact) in
            [(self.one, first, Role::Remove, before), (self.other, second, Role::Add, after)]
        {
            let mut at = place(self.sources, fact.origin.as_ref());
            let mut who = who;
            for text in lines {
                let line = std::mem::take(&mut start).pad_to(width).then(Role::Dim, who).pad_to(width + column);
                page.push(line.then(role, text).at(at.take()));
                who = "";
            }
        }
        for line in below {
            page.push(Line::new().plain(" ".repeat(width)).append(line));
        }
    }
}

/// The name of a field within its section.
pub(super) fn field_name(difference: &Difference) -> String {
    item_field(&difference.place)
}

/// The item and the field of a place; an item of one value is named without the field.
pub(super) fn item_field(place: &Place) -> String {
    match (place.subject.item(), place.field.as_str()) {
        (Some(item), "" | "value") => escape(item).into_owned(),
        (Some(item), field) => format!("{}.{}", escape(item), escape(field)),
        (None, field) => escape(field).into_owned(),
    }
}

fn width(differences: &[&Difference]) -> usize {
    let names = differences.iter().map(|it| field_name(it).chars().count());
    names.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default() + 2
}

fn place(sources: &Sources, origin: Option<&Origin>) -> Option<String> {
    let span = origin?.span;
    Some(format!("{}:{}", escape(&sources.get(span.source).path), sources.position(span).line))
}

fn summary(pair: Pair<'_>, one: &str, other: &str) -> Line {
    let Differing { differ, one: first, other: second, unknown } = differing(pair.found);
    let equal = format!("{} equal", pair.found.equal);
    if pair.found.differences.is_empty() {
        return Line::of(Role::Heading, "No differences").plain(format!(": {equal}"));
    }
    let parts = [
        (differ, format!("{differ} differ")),
        (first, format!("{first} only {one}")),
        (second, format!("{second} only {other}")),
        (unknown, format!("{} cannot be compared", count(unknown, "secret"))),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(many, _)| *many > 0).map(|(_, text)| text).collect();
    Line::of(Role::Heading, "Compared").plain(format!(": {} · {equal}", parts.join(" · ")))
}
