//! What a branch changes in the effective manifests: equal changes of many projects first, then project by project.

use std::collections::{BTreeMap, BTreeSet};

use super::build::projects::{TOGETHER, called};
use super::compare::field_name;
use super::document::named;
use super::facts::{fact, facts};
use super::{Detail, Line, Role, StyledText};
use crate::compare::{Comparison, Difference, Fact, Says};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::model::{Origin, Shown};
use crate::record::{Presence, Revisions};
use crate::text::count;

/// The projects in which one place becomes the same, each with its difference.
type Members<'a> = Vec<(&'a str, &'a Difference)>;

/// Renders the differences of two revisions for people.
pub fn revisions_text(revisions: &Revisions<'_>, detail: Detail) -> StyledText {
    let mut page = StyledText::new();
    let shared = shared(revisions);
    fleet(revisions, &shared, detail, &mut page);
    for (name, project) in &revisions.projects {
        match project.presence {
            Presence::Both => {
                let told = |it: &&Difference| shared.contains_key(&(&it.place, key(it.after.as_ref())));
                let rest: Vec<_> = project.found.differences.iter().filter(|it| !told(it)).collect();
                project_block(revisions, (name, project.renamed.as_ref()), &rest, detail, &mut page);
            }
            Presence::New => {
                page.gap();
                let what = content(&project.found);
                page.push(Line::of(Role::Add, format!("+ {}", escape(name))).plain(format!("  new: {what}")));
            }
            Presence::Gone => {
                page.gap();
                page.push(
                    Line::of(Role::Remove, format!("- {}", escape(name)))
                        .plain("  no longer in the manifests; what is live stays as it is"),
                );
            }
        }
    }
    page.gap();
    page.push(summary(revisions));
    page
}

/// What at least three projects share: the same place becomes the same.
fn shared<'a>(revisions: &'a Revisions<'_>) -> BTreeMap<(&'a crate::compare::Place, String), Members<'a>> {
    let mut shared: BTreeMap<_, Members<'_>> = BTreeMap::new();
    for (name, project) in revisions.projects.iter().filter(|(_, it)| it.presence == Presence::Both) {
        for difference in &project.found.differences {
            shared.entry((&difference.place, key(difference.after.as_ref()))).or_default().push((name, difference));
        }
    }
    shared.retain(|_, members| members.len() >= TOGETHER);
    shared
}

/// What tells whether two projects say the same: whole texts, and references as they are written.
fn key(says: Option<&Fact>) -> String {
    match says {
        Some(it) if matches!(it.says, Says::Shown(Shown::Secret(_))) => format!("{:?}", it.says),
        other => format!("{:?}", other.map(|it| &it.says)),
    }
}

fn fleet(
    revisions: &Revisions<'_>,
    shared: &BTreeMap<(&crate::compare::Place, String), Members<'_>>,
    detail: Detail,
    page: &mut StyledText,
) {
    let mut blocks: BTreeMap<(Option<&str>, Vec<&str>), Vec<&Members<'_>>> = BTreeMap::new();
    for ((place, _), members) in shared {
        let projects = members.iter().map(|(name, _)| *name).collect();
        blocks.entry((place.subject.kind(), projects)).or_default().push(members);
    }
    let labels = revisions.projects.iter().map(|(name, project)| (*name, &project.labels)).collect();
    for ((kind, projects), fields) in blocks {
        page.gap();
        let who = called(&labels, &projects).text(detail.full);
        page.push(Line::of(Role::Change, format!("~ {}", section(kind))).plain(format!(" in {who}")));
        let width = fields.iter().filter_map(|members| members.first()).map(|(_, it)| width(it)).max();
        for members in fields {
            let mut befores: BTreeMap<String, usize> = BTreeMap::new();
            for (_, difference) in members {
                *befores.entry(key(difference.before.as_ref())).or_default() += 1;
            }
            let usual = befores.iter().max_by_key(|(_, many)| **many).map(|(before, _)| before.clone());
            let is_usual = |it: &Difference| Some(key(it.before.as_ref())) == usual;
            let Some((_, first)) = members.iter().find(|(_, it)| is_usual(it)) else { continue };
            line(revisions, first, 4, width.unwrap_or_default() + 4, detail, page);
            let differ: Vec<String> = members
                .iter()
                .filter(|(_, it)| !is_usual(it))
                .map(|(name, it)| format!("{} {}", escape(name), said(it.before.as_ref(), kind, detail)))
                .collect();
            if !differ.is_empty() {
                let differ = named(differ.iter().map(String::as_str), detail.full);
                page.push(Line::of(Role::Dim, format!("      differs before: {differ}")));
            }
        }
    }
}

fn project_block(
    revisions: &Revisions<'_>,
    (name, renamed): (&str, Option<&(String, String)>),
    differences: &[&Difference],
    detail: Detail,
    page: &mut StyledText,
) {
    if differences.is_empty() && renamed.is_none() {
        return;
    }
    page.gap();
    page.push(Line::of(Role::Heading, escape(name)));
    if let Some((_, what)) = renamed {
        page.push(Line::of(Role::Risk, format!("  ! {}", escape(what))));
    }
    let mut kinds: BTreeMap<Option<&str>, Vec<&Difference>> = BTreeMap::new();
    for difference in differences {
        kinds.entry(difference.place.subject.kind()).or_default().push(difference);
    }
    for (kind, differences) in kinds {
        page.push(Line::of(Role::Change, format!("  ~ {}", section(kind))));
        let width = differences.iter().map(|it| width(it)).max().unwrap_or_default() + 6;
        for difference in differences {
            line(revisions, difference, 6, width, detail, page);
        }
    }
}

fn section(kind: Option<&str>) -> &str {
    kind.unwrap_or("project")
}

fn width(difference: &Difference) -> usize {
    field_name(difference).chars().count() + 2
}

/// One difference, from `indent` on, its values from `column` on.
fn line(
    revisions: &Revisions<'_>,
    difference: &Difference,
    indent: usize,
    column: usize,
    detail: Detail,
    page: &mut StyledText,
) {
    let kind = difference.place.subject.kind();
    let lines = match (&difference.before, &difference.after) {
        (Some(before), Some(after)) => facts(before, after, detail),
        (before, after) => vec![
            Line::of(Role::Remove, said(before.as_ref(), kind, detail))
                .plain(" → ")
                .then(Role::Add, said(after.as_ref(), kind, detail)),
        ],
    };
    let mut at = places(revisions, difference);
    let mut name = field_name(difference);
    for line in lines {
        let start = Line::new().plain(format!("{}{}", " ".repeat(indent), std::mem::take(&mut name)));
        page.push(start.pad_to(column).append(line).at(at.take()));
    }
    if let Some(why) = risk(difference) {
        page.push(Line::of(Role::Risk, format!("{}! {why}", " ".repeat(indent + 2))));
    }
}

fn said(says: Option<&Fact>, kind: Option<&str>, detail: Detail) -> String {
    let nothing = if kind.is_none() { "(not set)" } else { "(not managed)" };
    says.map_or(nothing.to_owned(), |says| fact(says, detail))
}

/// What a reviewer must not miss of the project itself.
fn risk(difference: &Difference) -> Option<&'static str> {
    let is = |fact: &Option<Fact>, value: bool| {
        fact.as_ref().is_some_and(|fact| fact.says == Says::Shown(Shown::Value(value.into())))
    };
    let place = &difference.place;
    match (place.subject.kind(), place.field.as_str()) {
        (None, "ref") if difference.before.is_some() && difference.after.is_some() => {
            Some("all that is managed, every secret too, goes to another project")
        }
        (None, "protected") if is(&difference.after, false) => Some("what cannot be undone may be allowed from now on"),
        (None, field) if is(&difference.after, true) => {
            let prunes = field.strip_prefix("manage.").and_then(|rest| rest.strip_suffix(".prune"));
            prunes.map(|_| "what is live and not written here is to be deleted from now on")
        }
        _ => None,
    }
}

/// `profiles/acme.yaml:7 → projects/acme.yaml:12`, as short as it can be.
fn places(revisions: &Revisions<'_>, difference: &Difference) -> Option<String> {
    let place = |fact: &Option<Fact>, sources: &Sources| {
        let Origin { span, layer: _ } = fact.as_ref()?.origin.as_ref()?;
        Some((escape(&sources.get(span.source).path).into_owned(), sources.position(*span).line))
    };
    let before = place(&difference.before, revisions.before);
    let after = place(&difference.after, revisions.after);
    match (before, after) {
        (None, None) => None,
        (Some((file, line)), None) => Some(format!("{file}:{line} → gone")),
        (None, Some((file, line))) => Some(format!("{file}:{line}")),
        (Some(before), Some(after)) if before == after => Some(format!("{}:{}", after.0, after.1)),
        (Some(before), Some(after)) if before.0 == after.0 => Some(format!("{}:{} → :{}", after.0, before.1, after.1)),
        (Some(before), Some(after)) => Some(format!("{}:{} → {}:{}", before.0, before.1, after.0, after.1)),
    }
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
    if text.is_empty() { "it manages nothing yet".to_owned() } else { text }
}

/// The last line.
fn summary(revisions: &Revisions<'_>) -> Line {
    let commit: String = revisions.commit.chars().take(8).collect();
    let base = if revisions.commit.starts_with(revisions.base) {
        commit
    } else {
        format!("{} ({commit})", escape(revisions.base))
    };
    let projects = || revisions.projects.values();
    let of = |presence: Presence| projects().filter(move |it| it.presence == presence);
    let changed = of(Presence::Both).filter(|it| it.renamed.is_some() || !it.found.differences.is_empty()).count();
    let (new, gone) = (of(Presence::New).count(), of(Presence::Gone).count());
    let same = of(Presence::Both).count() - changed;
    if changed + new + gone == 0 {
        let what = count(same, "project");
        return Line::of(Role::Heading, "No changes").plain(format!(": {what} as in {base}"));
    }
    let fields = of(Presence::Both).map(|it| it.found.differences.len()).sum();
    Line::of(Role::Heading, "Rendered").plain(format!(
        ": {} changed ({}), {new} new, {gone} gone, {same} as in {base}",
        count(changed, "project"),
        count(fields, "field"),
    ))
}
