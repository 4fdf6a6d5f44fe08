//! Lists beside the changes, in plans and in drift: notes, what rules leave alone, what nobody manages.

use std::collections::BTreeMap;

use super::edit::shown;
use super::projects::{Labels, called, one_place};
use crate::record::{
    AwaitedRecord, IgnoreRuleRecord, NotComparedRecord, NoteRecord, TouchedRecord, UnadoptedRecord, UnmanagedRecord,
};
use crate::text::count;
use crate::view::document::{Block, FieldChange, Happens, Ignored, Label, Listed, Listing, ListingOf, Point};

/// Which part of a fleet it is about, where it is split.
pub(super) fn part(shard: Option<&str>) -> String {
    shard.map_or(String::new(), |shard| format!(" · part {shard}"))
}

/// What waits for somebody outside, and what to do; with the project, where it does not stand with it.
pub(super) fn awaited(project: Option<&str>, awaited: &AwaitedRecord) -> Point {
    let AwaitedRecord { address, text, todo, at } = awaited;
    let subject = project.map_or_else(|| address.local(), |_| address.to_string());
    Point {
        label: Label::Awaited,
        code: None,
        subject: Some(subject),
        message: text.clone(),
        projects: None,
        at: at.clone(),
        hints: todo.clone(),
    }
}

/// A note with what it is about.
pub(super) fn noted(note: &NoteRecord) -> String {
    match (&note.address.item, note.address.kind.as_str()) {
        (Some(item), kind) => format!("{kind}.{item} {}", note.text),
        (None, "") => note.text.clone(),
        (None, kind) => format!("{kind}.{}", note.text),
    }
}

/// Notes of several projects, by their words.
pub(super) struct Notes<'n> {
    by_text: BTreeMap<String, Vec<(&'n str, &'n NoteRecord)>>,
}

impl<'n> Notes<'n> {
    /// The notes that at least so many projects have in the same words.
    pub(super) fn shared(all: impl Iterator<Item = (&'n str, &'n NoteRecord)>, least: usize) -> Self {
        let mut by_text: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (project, note) in all {
            by_text.entry(noted(note)).or_default().push((project, note));
        }
        by_text.retain(|_, all| all.len() >= least);
        Self { by_text }
    }

    /// Whether a note is among them.
    pub(super) fn has(&self, note: &NoteRecord) -> bool {
        self.by_text.contains_key(&noted(note))
    }

    /// Each once, with its projects and, where all share one, its place.
    pub(super) fn points(&self, labels: &Labels<'_>) -> Vec<Point> {
        let point = |(text, all): (&String, &Vec<(&str, &NoteRecord)>)| {
            let projects: Vec<&str> = all.iter().map(|(project, _)| *project).collect();
            Point {
                label: Label::Note,
                code: None,
                subject: None,
                message: text.clone(),
                projects: Some(called(labels, &projects)),
                at: one_place(all.iter().map(|(_, note)| note.at.as_ref())),
                hints: vec![],
            }
        };
        self.by_text.iter().map(point).collect()
    }
}

/// A difference that is left alone: its place, whether it would be created, and its field if it has one.
type Left = (String, Happens, Option<FieldChange>);

/// What is ignored, by the rules in their order.
pub(super) fn ignored_by_rule<'r>(all: impl Iterator<Item = (&'r IgnoreRuleRecord, Left)>) -> Vec<Ignored> {
    let mut rules: BTreeMap<_, Vec<Left>> = BTreeMap::new();
    for (rule, left) in all {
        rules.entry((&rule.at, rule)).or_default().push(left);
    }
    let rules = rules.into_iter().map(|((_, rule), all)| {
        let IgnoreRuleRecord { path: _, reason, owner, until, at } = rule;
        Ignored { rule: format!("{reason} ({owner}, until {until})"), at: at.clone(), all }
    });
    rules.collect()
}

/// Projects that no document adopts, by organization.
pub(super) fn without_document(all: &[UnadoptedRecord]) -> Vec<Block> {
    let mut organizations: BTreeMap<&str, Vec<Listed>> = BTreeMap::new();
    for it in all {
        let facts = vec![it.r#ref.clone(), it.region.clone(), it.status.clone()];
        let listed = Listed { name: it.name.clone(), facts, at: None };
        organizations.entry(&it.organization).or_default().push(listed);
    }
    let listing = |(organization, items): (&str, Vec<Listed>)| {
        Block::Listing(Listing { of: ListingOf::WithoutDocument, sum: organization.to_owned(), items })
    };
    organizations.into_iter().map(listing).collect()
}

/// What no manifest manages, of all projects: `5350 live fields (7 not as on an untouched project), 3 secrets in 25 projects`.
pub(super) fn not_managed<'u>(all: impl Iterator<Item = (&'u str, &'u UnmanagedRecord)> + Clone) -> Option<Block> {
    let (mut fields, mut touched, mut items, mut projects) = (0, 0, BTreeMap::new(), 0);
    for UnmanagedRecord { fields: many, touched: these, items: kinds } in all.clone().map(|(_, it)| it) {
        projects += usize::from(*many > 0 || !kinds.is_empty());
        fields += many;
        touched += these.len();
        for (kind, names) in kinds {
            *items.entry(kind.as_str()).or_insert(0) += names.len();
        }
    }
    let mut parts = vec![];
    if fields > 0 {
        let otherwise =
            if touched == 0 { String::new() } else { format!(" ({touched} not as on an untouched project)") };
        parts.push(format!("{}{otherwise}", count(fields, "live field")));
    }
    parts.extend(items.into_iter().map(|(kind, many)| items_of(many, kind)));
    let within = if projects > 1 { format!(" in {}", count(projects, "project")) } else { String::new() };
    let listed = all
        .filter_map(|(project, it)| Some(Listed { name: project.to_owned(), facts: vec![unmanaged(it)?], at: None }));
    let sum = format!("{}{within}", parts.join(", "));
    let listing = Listing { of: ListingOf::NotManaged, sum, items: listed.collect() };
    (!parts.is_empty()).then_some(Block::Listing(listing))
}

/// `1 secret`, `2 secrets`, `1 branch`.
fn items_of(many: usize, kind: &str) -> String {
    match kind.strip_suffix("ches") {
        Some(stem) if many == 1 => format!("1 {stem}ch"),
        _ => count(many, kind.strip_suffix('s').unwrap_or(kind)),
    }
}

/// What no manifest of a project manages: `214 live fields, 3 secrets (A, B, C)`.
fn unmanaged(unmanaged: &UnmanagedRecord) -> Option<String> {
    let mut parts = vec![];
    if unmanaged.fields > 0 {
        parts.push(count(unmanaged.fields, "live field"));
    }
    for (kind, names) in &unmanaged.items {
        parts.push(format!("{} ({})", items_of(names.len(), kind), names.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The same, with what an untouched project has otherwise.
pub(super) fn not_managed_here(unmanaged: &UnmanagedRecord) -> Option<Listing> {
    let touched = |it: &TouchedRecord| {
        let untouched = format!("untouched: {}", shown(it.row.0, it.untouched.as_ref()));
        let facts = vec![shown(it.row.0, it.live.as_ref()), untouched];
        Listed { name: format!("{}.{}", it.kind, it.name), facts, at: None }
    };
    let items: Vec<Listed> = unmanaged.touched.iter().map(touched).collect();
    let sum = self::unmanaged(unmanaged).unwrap_or_default();
    (!sum.is_empty() || !items.is_empty()).then_some(Listing { of: ListingOf::NotManagedHere, sum, items })
}

/// The secrets that were not compared, as one line of the run: `7 secrets in 25 projects (values not at hand)`.
pub(super) fn not_compared<'n>(all: impl Iterator<Item = &'n [NotComparedRecord]> + Clone) -> Option<Block> {
    let of: Vec<usize> = all.clone().map(<[_]>::len).filter(|many| *many > 0).collect();
    let secrets = count(of.iter().sum(), "secret");
    let listed = all.flatten().map(|it| {
        let address = it.address.to_string();
        let name = if it.address.item.is_some() { address } else { format!("{address}/{}", it.field) };
        Listed { name, facts: vec![it.secret.clone()], at: it.at.clone() }
    });
    let sum = format!("{secrets} in {} (values not at hand)", count(of.len(), "project"));
    let listing = Listing { of: ListingOf::NotCompared, sum, items: listed.collect() };
    (!of.is_empty()).then_some(Block::Listing(listing))
}
