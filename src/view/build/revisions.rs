//! What a branch changes in the effective manifests: equal changes of many projects first, then project by project.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{change, fact, field_name, place, section};
use super::projects::{Labels, TOGETHER, called};
use super::risks::{Told, risks};
use crate::compare::{Comparison, Difference, Fact, Place, StatedValue};
use crate::model::DisplayValue;
use crate::record::{Presence, Revised, Revisions};
use crate::schema::Impact;
use crate::text::{count, short_id};
use crate::view::document::{
    Block, Document, Edit, FieldChange, Happens, Harm, Phrase, Resource, Section, Shared, SharedField, Tone, Topic,
    Verdict,
};

/// The projects in which one place gets the same value, each with its difference.
type Members<'a> = Vec<(&'a str, &'a Difference)>;

/// Equal changes: the same place gets the same value.
type Same<'a> = BTreeMap<(&'a Place, String), Members<'a>>;

/// The differences of two revisions.
#[must_use]
pub fn revisions_document(revisions: &Revisions<'_>) -> Document {
    let same = same(revisions);
    let all = revisions.projects.iter().filter(|(_, it)| it.presence == Presence::Both);
    let all = all.flat_map(|(name, project)| project.found.differences.iter().map(move |it| (*name, it)));
    let labels = Labels::of(revisions.projects.iter().map(|(name, project)| (*name, &project.labels)));
    let mut blocks = vec![Block::Risks(risks(all.filter_map(|(project, it)| told(project, it)), &labels))];
    blocks.extend(shared(revisions, &same, &labels));
    let sections =
        revisions.projects.iter().filter_map(|(name, project)| project_section(revisions, name, project, &same));
    blocks.extend(sections.map(Block::Section));
    blocks.retain(|block| !block.is_empty());
    Document { topic: Topic::Revisions, stack: None, links: None, title: None, verdict: verdict(revisions), blocks }
}

/// The changes that at least three projects share.
fn same<'a>(revisions: &'a Revisions<'_>) -> Same<'a> {
    let mut same = Same::new();
    for (name, project) in revisions.projects.iter().filter(|(_, it)| it.presence == Presence::Both) {
        for difference in &project.found.differences {
            same.entry((&difference.place, key(difference.after.as_ref()))).or_default().push((name, difference));
        }
    }
    same.retain(|_, members| members.len() >= TOGETHER);
    same
}

/// A key that is equal for two projects with the same value: whole texts, and references as they are written.
fn key(says: Option<&Fact>) -> String {
    match says {
        Some(it) if matches!(it.says, StatedValue::DisplayValue(DisplayValue::Secret(_))) => format!("{:?}", it.says),
        other => format!("{:?}", other.map(|it| &it.says)),
    }
}

fn shared(revisions: &Revisions<'_>, same: &Same<'_>, labels: &Labels<'_>) -> Vec<Block> {
    let mut blocks: BTreeMap<(Option<&str>, Vec<&str>), Vec<SharedField>> = BTreeMap::new();
    for ((place, _), members) in same {
        let projects = members.iter().map(|(name, _)| *name).collect();
        let fields = blocks.entry((place.subject.kind(), projects)).or_default();
        fields.extend(shared_field(revisions, members));
    }
    let block = |((kind, projects), fields): ((Option<&str>, Vec<&str>), _)| {
        Block::Shared(Shared { section: section(kind), projects: called(labels, &projects), fields })
    };
    blocks.into_iter().map(block).collect()
}

fn shared_field(revisions: &Revisions<'_>, members: &Members<'_>) -> Option<SharedField> {
    let mut befores: BTreeMap<String, usize> = BTreeMap::new();
    for (_, difference) in members {
        *befores.entry(key(difference.before.as_ref())).or_default() += 1;
    }
    let usual = befores.iter().max_by_key(|(_, many)| **many).map(|(before, _)| before.clone())?;
    let is_usual = |it: &Difference| key(it.before.as_ref()) == usual;
    let (_, first) = members.iter().find(|(_, it)| is_usual(it))?;
    let differ = members.iter().filter(|(_, it)| !is_usual(it));
    Some(SharedField {
        change: field_change(revisions, first),
        risks: harms(first),
        differ: differ.map(|(name, it)| ((*name).to_owned(), said(it.before.as_ref(), it))).collect(),
    })
}

/// The section of one project; `None` where all of it is shown with others.
fn project_section(revisions: &Revisions<'_>, name: &str, project: &Revised, same: &Same<'_>) -> Option<Section> {
    let of = |happens, facts, blocks| {
        let counts = count(project.found.differences.len(), "field");
        Some(Section {
            name: name.to_owned(),
            happens,
            facts,
            labels: project.labels.clone(),
            counts,
            outline: vec![],
            blocks,
        })
    };
    match project.presence {
        Presence::New => return of(Happens::Added, vec![format!("new: {}", content(&project.found))], vec![]),
        Presence::Gone => {
            let what = "no longer in the manifests; live stays as it is";
            return of(Happens::Removed, vec![what.to_owned()], vec![]);
        }
        Presence::Both => {}
    }
    let told = |it: &&Difference| same.contains_key(&(&it.place, key(it.after.as_ref())));
    let rest: Vec<_> = project.found.differences.iter().filter(|it| !told(it)).collect();
    let mut kinds: BTreeMap<Option<&str>, Vec<FieldChange>> = BTreeMap::new();
    for difference in &rest {
        kinds.entry(difference.place.subject.kind()).or_default().push(field_change(revisions, difference));
    }
    let resource = |(kind, fields)| {
        let (name, happens) = (section(kind), Happens::Changed);
        Resource { name, is_item: false, happens, origin: None, risks: vec![], at: None, fields }
    };
    let mut blocks = vec![
        Block::Review(project.renamed.iter().map(|(_, what)| (None, what.clone())).collect()),
        Block::Changes(kinds.into_iter().map(resource).collect()),
    ];
    blocks.retain(|block| !block.is_empty());
    if blocks.is_empty() { None } else { of(Happens::Changed, vec![], blocks) }
}

fn field_change(revisions: &Revisions<'_>, difference: &Difference) -> FieldChange {
    let edit = match (&difference.before, &difference.after) {
        (Some(before), Some(after)) => change(before, after),
        (before, after) => Edit::Swap(Some(said(before.as_ref(), difference)), said(after.as_ref(), difference)),
    };
    let origin = |fact: &Option<Fact>, sources| place(fact.as_ref()?.origin.as_ref(), sources);
    FieldChange {
        name: field_name(difference),
        edit,
        origin: None,
        risks: harms(difference),
        was_at: origin(&difference.before, revisions.before),
        at: origin(&difference.after, revisions.after),
    }
}

fn said(says: Option<&Fact>, of: &Difference) -> String {
    let nothing = if of.place.subject.kind().is_none() { "(not set)" } else { "(not managed)" };
    says.map_or(nothing.to_owned(), fact)
}

/// The risk of a change of the project itself that a reviewer must not miss.
fn harm(difference: &Difference) -> Option<(Impact, &'static str)> {
    let is = |fact: &Option<Fact>, value: bool| {
        fact.as_ref().is_some_and(|fact| fact.says == StatedValue::DisplayValue(DisplayValue::Value(value.into())))
    };
    let place = &difference.place;
    let why = match (place.subject.kind(), place.field.as_str()) {
        (None, "ref") if difference.before.is_some() && difference.after.is_some() => {
            Some("everything that is managed, secrets included, goes to another project")
        }
        (None, "protected") if is(&difference.after, false) => {
            Some("changes that cannot be undone may be allowed from now on")
        }
        (None, field) if is(&difference.after, true) => {
            let prunes = field.strip_prefix("manage.").and_then(|rest| rest.strip_suffix(".prune"));
            prunes.map(|_| "live items that are not in the manifests are deleted from now on")
        }
        _ => None,
    };
    why.map(|why| (Impact::Destructive, why))
}

fn harms(difference: &Difference) -> Vec<Harm> {
    harm(difference).into_iter().map(|(impact, why)| Harm { impact, why: why.to_owned() }).collect()
}

/// The risk that a reviewer must not miss, and its cause.
fn told<'a>(project: &'a str, difference: &Difference) -> Option<Told<'a>> {
    let (impact, why) = harm(difference)?;
    let what = format!("{}.{}", section(difference.place.subject.kind()), field_name(difference));
    Some(Told { impact, why, what, change: None, project })
}

/// `auth (12 fields), secrets (3)`.
fn content(found: &Comparison) -> String {
    let mut kinds: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    let subjects = found.differences.iter().map(|it| &it.place.subject);
    for (kind, subject) in subjects.filter_map(|subject| Some((subject.kind()?, subject))) {
        let entry = kinds.entry(kind).or_default();
        entry.0 += 1;
        entry.1.extend(subject.item());
    }
    let kinds = kinds.into_iter().map(|(kind, (fields, items))| match items.len() {
        0 => format!("{kind} ({})", count(fields, "field")),
        many => format!("{kind} ({})", count(many, "item")),
    });
    let text = kinds.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "manages nothing yet".to_owned() } else { text }
}

/// The verdict of a branch.
fn verdict(revisions: &Revisions<'_>) -> Verdict {
    let commit = short_id(revisions.commit);
    let base = |phrase: Phrase| {
        if revisions.commit.starts_with(revisions.base) {
            phrase.name(commit)
        } else {
            phrase.name(revisions.base).then(format!(" ({commit})"))
        }
    };
    let projects = || revisions.projects.values();
    let of = |presence: Presence| projects().filter(move |it| it.presence == presence);
    let changed = of(Presence::Both).filter(|it| it.renamed.is_some() || !it.found.differences.is_empty()).count();
    let (new, gone) = (of(Presence::New).count(), of(Presence::Gone).count());
    let same = of(Presence::Both).count() - changed;
    let says = |head: &str, rest: String| {
        let rest = base(Phrase::words(rest));
        Verdict::of(Tone::Neutral, head, rest)
    };
    if changed + new + gone == 0 {
        return says("No changes", format!(": {} as in ", count(same, "project")));
    }
    let fields = of(Presence::Both).map(|it| it.found.differences.len()).sum();
    let (projects, fields) = (count(changed, "project"), count(fields, "field"));
    says("Rendered", format!(": {projects} changed ({fields}), {new} new, {gone} gone, {same} as in "))
}
