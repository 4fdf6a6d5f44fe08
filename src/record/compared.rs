//! Two projects compared, as a record.

use serde_json::{Value, json};

use super::of_plan::recorded;
use super::place::Place;
use super::seal::VERSION;
use crate::compare::{Among, Apart, Comparison, Difference, Fact, StatedValue, Verdict};
use crate::diag::Sources;
use crate::model::{Origin, ProjectRef};

/// A project that is compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The name of its document.
    pub project: &'a str,
    /// Its ref, where it is known.
    pub reference: Option<&'a ProjectRef>,
}

/// Two projects compared, and on which basis.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The first.
    pub one: Compared<'a>,
    /// The second.
    pub other: Compared<'a>,
    /// Compared by their live state instead of their manifests.
    pub live: bool,
    /// What differs.
    pub found: &'a Comparison,
}

/// The number of differences by sort.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Differing {
    pub(crate) differ: usize,
    pub(crate) one: usize,
    pub(crate) other: usize,
    pub(crate) unknown: usize,
}

pub(crate) fn differing(found: &Comparison) -> Differing {
    let mut counts = Differing { differ: 0, one: 0, other: 0, unknown: 0 };
    for difference in &found.differences {
        match (&difference.before, &difference.after, difference.verdict) {
            (_, _, Verdict::Unknown) => counts.unknown += 1,
            (Some(_), None, _) => counts.one += 1,
            (None, Some(_), _) => counts.other += 1,
            _ => counts.differ += 1,
        }
    }
    counts
}

/// A comparison as JSON.
#[must_use]
pub fn compare_json(pair: Pair<'_>, sources: &Sources) -> Value {
    let Differing { differ, one, other, unknown } = differing(pair.found);
    let side = |it: Compared<'_>| json!({"project": it.project, "ref": it.reference});
    let differences: Vec<Value> =
        pair.found.differences.iter().map(|it| difference_json(it, sources, sources)).collect();
    json!({
        "format": "supaform.comparison",
        "version": VERSION,
        "live": pair.live,
        "before": side(pair.one),
        "after": side(pair.other),
        "summary": {
            "differ": differ, "only_before": one, "only_after": other, "not_comparable": unknown, "equal": pair.found.equal,
        },
        "differences": differences,
    })
}

/// Several projects compared, and on which basis.
#[derive(Debug, Clone, Copy)]
pub struct Several<'a> {
    /// The projects.
    pub projects: &'a [Compared<'a>],
    /// Compared by their live state instead of their manifests.
    pub live: bool,
    /// What differs.
    pub found: &'a Among<'a>,
}

impl Several<'_> {
    /// How many places differ, and how many cannot be compared.
    pub(crate) fn differing(&self) -> (usize, usize) {
        let unknown = self.found.differences.iter().filter(|it| it.verdict == Verdict::Unknown).count();
        (self.found.differences.len() - unknown, unknown)
    }

    /// The record as JSON.
    #[must_use]
    pub fn json(&self, sources: &Sources) -> Value {
        let (differ, unknown) = self.differing();
        let name = |number: &usize| self.projects.get(*number).map(|it| it.project);
        let value = |(fact, who): &(Option<&Fact>, Vec<usize>)| {
            json!({
                "says": fact.map(|fact| says_json(&fact.says)),
                "at": place_json(fact.and_then(|fact| fact.origin.as_ref()), sources),
                "projects": who.iter().filter_map(name).collect::<Vec<_>>(),
            })
        };
        let difference = |Apart { place, values, verdict }: &Apart<'_>| {
            json!({
                "section": place.subject.kind(),
                "item": place.subject.item(),
                "field": if place.field.is_empty() { Value::Null } else { place.field.as_str().into() },
                "comparable": *verdict == Verdict::Differs,
                "values": values.iter().map(value).collect::<Vec<_>>(),
            })
        };
        let project = |it: &Compared<'_>| json!({"project": it.project, "ref": it.reference});
        json!({
            "format": "supaform.comparison-of-several",
            "version": VERSION,
            "live": self.live,
            "projects": self.projects.iter().map(project).collect::<Vec<_>>(),
            "summary": {"differ": differ, "not_comparable": unknown, "equal": self.found.equal},
            "differences": self.found.differences.iter().map(difference).collect::<Vec<_>>(),
        })
    }
}

/// A difference as JSON; each side has its own sources.
pub(super) fn difference_json(difference: &Difference, before: &Sources, after: &Sources) -> Value {
    let side = |fact: Option<&Fact>, sources: &Sources| match fact {
        None => Value::Null,
        Some(fact) => json!({"says": says_json(&fact.says), "at": place_json(fact.origin.as_ref(), sources)}),
    };
    let place = &difference.place;
    json!({
        "section": place.subject.kind(),
        "item": place.subject.item(),
        "field": if place.field.is_empty() { Value::Null } else { place.field.as_str().into() },
        "comparable": difference.verdict == Verdict::Differs,
        "before": side(difference.before.as_ref(), before),
        "after": side(difference.after.as_ref(), after),
    })
}

/// The value of a side, in the form of a plan's fields, with `{"cleared": true}`, `{"removed": true}` and `{"unmanaged":
/// true}`.
pub(super) fn says_json(says: &StatedValue) -> Value {
    match says {
        StatedValue::DisplayValue(shown) => json!(recorded(shown)),
        StatedValue::Cleared => json!({"cleared": true}),
        StatedValue::Gone => json!({"removed": true}),
        StatedValue::Unmanaged => json!({"unmanaged": true}),
    }
}

/// The place where the value is written.
pub(super) fn place_json(origin: Option<&Origin>, sources: &Sources) -> Value {
    json!(origin.map(|origin| Place::of(origin.span, sources)))
}
