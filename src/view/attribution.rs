//! Where the differences of a plan come from (`--base`), and what a branch stops managing, in words.

use std::collections::BTreeMap;

use super::fleet::who;
use super::value::shown;
use super::{Detail, Line, Page, Role};
use crate::compare::{Fact, Place, Says, Side, compare};
use crate::diag::render::escape;
use crate::model::{Desired, Live, Why};
use crate::plan::attribution::Attribution;
use crate::plan::revisions::Matched;
use crate::record::{BaseRecord, ChangeRecord, PlanRecord, RecordedValue, ReleasedRecord};
use crate::text::count;

impl PlanRecord {
    /// Says of each difference where it comes from.
    pub fn attribute(&mut self, of: &Attribution) {
        for change in self.projects.iter_mut().flat_map(|project| &mut project.changes) {
            let at = change.address.to_string();
            change.why = of.by_name(&at, None);
            for field in &mut change.fields {
                field.why = of.by_name(&at, Some(&field.name));
            }
        }
    }
}

/// What a branch stops managing: what the base says and it does not; each with what is live, where that was read.
#[must_use]
pub fn released(base: &Matched, desired: &Desired, live: &Live) -> Vec<ReleasedRecord> {
    let registry = crate::kinds::KINDS;
    let gone = |name: &String| ReleasedRecord { project: name.clone(), place: "project".to_owned(), stays: None };
    let mut all: Vec<_> = base.gone.keys().map(gone).collect();
    for (name, before) in &base.desired.projects {
        let Some(project) = desired.projects.get(name) else { continue };
        let side = |project| Side::rendered(project, registry, crate::compare::Identity::Without);
        let seen = live.projects.get(name).map(|live| Side::live(&live.kinds, registry, project));
        for difference in compare(&side(before), &side(project)).differences {
            let said = |fact: &Option<Fact>| fact.as_ref().is_some_and(|fact| fact.says != Says::Unmanaged);
            let Place { subject, field, .. } = &difference.place;
            let Some(kind) = subject.kind().filter(|_| said(&difference.before) && !said(&difference.after)) else {
                continue;
            };
            let item = subject.item();
            if item.is_some() && side(project).of(kind, item, None).is_empty() {
                let released = ReleasedRecord { project: name.clone(), place: subject.told(), stays: None };
                if !all.contains(&released) {
                    all.push(released);
                }
                continue;
            }
            let stays = seen.as_ref().and_then(|seen| {
                let facts = seen.of(kind, item, Some(field));
                match facts.first()?.1.says.clone() {
                    Says::Shown(shown) => crate::record::recorded(&shown),
                    _ => None,
                }
            });
            let parts = [Some(kind), item, Some(field.as_str()).filter(|field| !field.is_empty())];
            let place = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
            all.push(ReleasedRecord { project: name.clone(), place, stays });
        }
    }
    all
}

/// What the branch lets pass that its base did not: above all else.
pub(super) fn push_review(plan: &PlanRecord, page: &mut Page) {
    for line in plan.base.iter().flat_map(|base| &base.review) {
        let who = line.project.as_ref().map_or(String::new(), |project| format!("{} ", escape(project)));
        page.push(Line::of(Role::Risk, format!("! {who}{}", escape(&line.what))));
    }
}

/// The word for it, behind a value: what is intended needs none.
pub(super) const fn word(why: Option<Why>) -> &'static str {
    match why {
        Some(Why::Drift) => "(drift)",
        Some(Why::Both) => "(drift, and changed here)",
        Some(Why::Unapplied) => "(merged, not yet applied)",
        Some(Why::Intended) | None => "",
    }
}

/// A line with the word at its end.
pub(super) fn marked(line: Line, why: Option<Why>) -> Line {
    match word(why) {
        "" => line,
        word => line.plain("  ").then(Role::Risk, word),
    }
}

/// Something that is no longer managed; all but the place is safe to print.
pub(super) struct Released<'a> {
    pub(super) place: &'a str,
    /// What is live, where it is known.
    pub(super) stays: String,
    /// In which projects.
    pub(super) who: String,
}

/// How many differences are what, and what the branch stops managing.
pub(super) fn told<'a>(plan: &PlanRecord, base: &'a BaseRecord, detail: Detail) -> (String, Vec<Released<'a>>) {
    let count_of = |why: Why| {
        let of = |change: &ChangeRecord| match change.fields.len() {
            0 => usize::from(change.why == Some(why)),
            _ => change.fields.iter().filter(|field| field.why == Some(why)).count(),
        };
        plan.projects.iter().flat_map(|project| &project.changes).map(of).sum::<usize>()
    };
    let (intended, drift, both) = (count_of(Why::Intended), count_of(Why::Drift), count_of(Why::Both));
    let mut parts = vec![format!("{intended} intended"), format!("{drift} drift")];
    if both > 0 {
        parts.push(format!("{both} both"));
    }
    let unapplied = count_of(Why::Unapplied);
    if unapplied > 0 {
        parts.push(format!("{unapplied} merged and not yet applied"));
    }
    let mut alike: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for released in &base.released {
        let stays = released.stays.as_ref().map_or(String::new(), |held| match held {
            RecordedValue::Secret(_) => "as it is".to_owned(),
            RecordedValue::Value(_) => shown(None, Some(held), detail),
        });
        alike.entry((&released.place, stays)).or_default().push(&released.project);
    }
    if !alike.is_empty() {
        parts.push(format!("{} released", base.released.len()));
    }
    let labels = plan.projects.iter().map(|project| (project.project.as_str(), &project.labels)).collect();
    let lines = alike.into_iter().map(|((place, stays), projects)| {
        let who = match projects.as_slice() {
            [only] => escape(only).into_owned(),
            many => who(&labels, many).told(detail.full),
        };
        Released { place, stays, who }
    });
    let mut counts = parts.join(", ");
    if base.behind > 0 {
        counts = format!("{counts}; the branch is {} behind, and planned as merged", count(base.behind, "commit"));
    }
    (counts, lines.collect())
}

/// What the plan is held against, below its parts.
pub(super) fn push(plan: &PlanRecord, detail: Detail, page: &mut Page) {
    let Some(base) = &plan.base else { return };
    let (counts, released) = told(plan, base, detail);
    page.gap();
    for Released { place, stays, who } in released {
        let stays = if stays.is_empty() { stays } else { format!(", stays {stays}") };
        page.push(Line::of(Role::Dim, format!("  ○ {}  no longer managed{stays} · {who}", escape(place))));
    }
    let commit = escape(base.commit.get(..8).unwrap_or(&base.commit));
    let head = format!("Against {} ({commit}): ", escape(&base.revision));
    page.push(Line::of(Role::Heading, head).plain(counts));
}
