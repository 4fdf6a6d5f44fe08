//! A plan as text: risk first, then one block a resource, only what changes, and a last line that greps well.

use std::collections::{BTreeMap, BTreeSet};

use super::aside::{ignored, not_compared, unadopted, unadopted_count};
use super::attribution::{self, marked};
use super::fleet::Fleet;
use super::record::{
    BlockedRecord, ChangeRecord, FieldRecord, NoteRecord, Place, PlanRecord, ProjectRecord, RefusalRecord,
};
use super::value::{change, new_value, old_value};
use super::{Counts, Detail, Line, Page, Role};
use crate::diag::render::escape;
use crate::model::Action;
use crate::plan::short_id;
use crate::schema::Impact;

/// Field names are padded to at most this width, so that one long name does not push all values away.
const NAME_COLUMN: usize = 36;

/// Renders a plan; `allowed` are the addresses that the person has allowed.
pub fn plan_text(plan: &PlanRecord, detail: Detail, allowed: &BTreeSet<String>) -> Page {
    let mut page = Page::new();
    attribution::push_review(plan, &mut page);
    let fleet = Fleet::of(plan);
    fleet.push(plan, detail, &mut page);
    for project in &plan.projects {
        let (changes, told) = fleet.rest(project);
        if changes.is_empty() && project.is_quiet() && !names_items(project, detail) {
            continue;
        }
        page.gap();
        page.push(heading(project));
        risks(plan, &project.project, &told, &mut page);
        blocks(&changes, detail, &mut page);
        companions(plan, &project.project, &mut page);
        if let Some(blocked) = &project.blocked {
            let BlockedRecord { code, message, hints: ways_out, at, exit: _ } = blocked;
            page.gap();
            page.push(
                Line::of(Role::Bad, format!("  {} [{}]: ", blocked.what(), escape(code)))
                    .plain(escape(message))
                    .at(place(at.as_ref(), None)),
            );
            hints(ways_out, &mut page);
        }
        refusals(project, allowed, &mut page);
        notes(&project.notes, &mut page);
        unmanaged(project, detail, &mut page);
    }
    if detail.full {
        ignored(plan, detail, &mut page);
    }
    unadopted(plan, &mut page);
    attribution::push(plan, &mut page);
    not_compared(plan, detail, &mut page);
    page.gap();
    page.push(summary(plan));
    page
}

/// The first line of a project's part: its document, and which project that is.
pub(super) fn heading(project: &ProjectRecord) -> Line {
    Line::of(Role::Heading, escape(&project.project)).plain(format!("  ({})", escape(&facts(project).join(", "))))
}

/// Which project that is: its ref and region, and whether it is protected.
pub(super) fn facts(project: &ProjectRecord) -> Vec<&str> {
    let unknown = if project.blocked.is_some() { "ref not known" } else { "ref known after creation" };
    let mut facts = vec![project.r#ref.as_deref().unwrap_or(unknown)];
    if !project.region.is_empty() {
        facts.push(&project.region);
    }
    if project.protected {
        facts.push("protected");
    }
    facts
}

fn risks(plan: &PlanRecord, project: &str, told: &BTreeSet<String>, page: &mut Page) {
    // One line for each kind of harm and reason, with all that causes it.
    let mut said: BTreeMap<(Impact, &str), Vec<&str>> = BTreeMap::new();
    for flag in plan.flags_of(project).filter(|flag| !told.contains(&flag.what)) {
        said.entry((flag.impact, &flag.why)).or_default().push(&flag.what);
    }
    if said.is_empty() {
        return;
    }
    page.gap();
    for ((_, why), whats) in said {
        page.push(Line::of(Role::Risk, format!("  ! {}: ", escape(why))).plain(escape(&whats.join(", "))));
    }
}

fn blocks(changes: &[ChangeRecord], detail: Detail, page: &mut Page) {
    if !changes.is_empty() {
        page.gap();
    }
    for change in changes {
        match (&change.address.item, change.action) {
            (None, Action::Update) => settings_block(change, detail, page),
            _ => item_block(change, detail, page),
        }
    }
}

/// What is sent along because the API wants it.
fn companions(plan: &PlanRecord, project: &str, page: &mut Page) {
    let steps = plan.steps.iter().filter(|step| step.address.project == project);
    for step in steps.filter(|step| !step.also_sends.is_empty()) {
        let text = format!("      {} also sends: {}", step.address.kind, step.also_sends.join(", "));
        page.push(Line::of(Role::Dim, escape(&text)));
    }
}

fn settings_block(change_: &ChangeRecord, detail: Detail, page: &mut Page) {
    let file = main_file(change_).map(|file| escape(file).into_owned());
    let (role, mark) = if change_.action == Action::Create { (Role::Add, '+') } else { (Role::Change, '~') };
    let header = Line::of(role, format!("  {mark} {}", escape(&change_.address.local())));
    if detail.brief {
        let names: Vec<_> = change_.fields.iter().map(|field| field.name.as_str()).collect();
        page.push(header.plain(format!("  {}", escape(&names.join(", ")))).at(file));
        return;
    }
    page.push(header.at(file.clone()));
    fields(&change_.fields, file.as_deref(), detail, page);
}

fn fields(all: &[FieldRecord], file: Option<&str>, detail: Detail, page: &mut Page) {
    let names = all.iter().map(|field| field.name.chars().count());
    let width = names.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default() + 8;
    for field in all {
        let mut at = place(field.at.as_ref(), file);
        for (index, line) in change(field, detail).into_iter().enumerate() {
            let name = if index == 0 { escape(&field.name) } else { "".into() };
            let start = Line::new().plain(format!("      {name}")).pad(width);
            let line = if index == 0 { marked(line, field.why) } else { line };
            page.push(start.append(line).at(at.take()));
        }
    }
}

fn item_block(change_: &ChangeRecord, detail: Detail, page: &mut Page) {
    let name = escape(&change_.address.local()).into_owned();
    let at = place(change_.at.as_ref(), None);
    match (change_.action, change_.fields.as_slice()) {
        (Action::Delete, gone) => {
            let start = Line::of(Role::Remove, format!("  - {name}"));
            let line = gone.iter().fold(start, |line, diff| line.plain("  ").append(old_value(diff)));
            page.push(marked(line, change_.why).at(at));
        }
        (Action::Create, [only]) => {
            let line = Line::of(Role::Add, format!("  + {name}  ")).append(new_value(only));
            page.push(marked(line, change_.why).at(at));
        }
        (Action::Create, fields) => {
            page.push(marked(Line::of(Role::Add, format!("  + {name}")), change_.why).at(at));
            for field in fields.iter().filter(|_| !detail.brief) {
                let start = Line::new().plain(format!("      {}", escape(&field.name))).pad(28);
                page.push(start.append(new_value(field)));
            }
        }
        (Action::Update, [only]) => {
            let mut lines = change(only, detail).into_iter();
            let first = lines.next().unwrap_or_default();
            let line = Line::of(Role::Change, format!("  ~ {name}  ")).append(first);
            page.push(marked(line, only.why).at(at));
            lines.for_each(|line| page.push(Line::new().plain("      ").append(line)));
        }
        (Action::Update, all) => {
            page.push(Line::of(Role::Change, format!("  ~ {name}")).at(at));
            fields(all, None, detail, page);
        }
    }
}

/// The file that says most of a change: named once, so that the fields need only their lines.
pub(super) fn main_file(change: &ChangeRecord) -> Option<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for at in change.fields.iter().filter_map(|field| field.at.as_ref()) {
        *counts.entry(&at.file).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(path, count)| (*count, std::cmp::Reverse(*path)));
    most.map(|(path, _)| path)
}

pub(super) fn place(at: Option<&Place>, known: Option<&str>) -> Option<String> {
    let Place { file, line, column: _ } = at?;
    let file = escape(file);
    Some(if known == Some(file.as_ref()) { format!(":{line}") } else { format!("{file}:{line}") })
}

fn refusals(project: &ProjectRecord, allowed: &BTreeSet<String>, page: &mut Page) {
    for refusal in &project.refusals {
        let RefusalRecord { code, address, message, hints: ways_out, at, allow } = refusal;
        page.gap();
        let what = format!("{address}: {message}");
        if allow.as_ref().is_some_and(|address| allowed.contains(address)) {
            page.push(Line::of(Role::Risk, "  Allowed: ").plain(escape(&what)));
            continue;
        }
        let line = Line::of(Role::Bad, format!("  Refused [{}]: ", escape(code))).plain(escape(&what));
        page.push(line.at(place(at.as_ref(), None)));
        hints(ways_out, page);
    }
}

fn hints(hints: &[String], page: &mut Page) {
    for hint in hints {
        page.push(Line::new().plain(format!("      {}", escape(hint))));
    }
}

fn notes(notes: &[NoteRecord], page: &mut Page) {
    if !notes.is_empty() {
        page.gap();
    }
    for note in notes {
        page.push(Line::of(Role::Dim, "  Note: ").plain(escape(&told(note))).at(place(note.at.as_ref(), None)));
    }
}

/// A note with what it is about.
pub(super) fn told(note: &NoteRecord) -> String {
    match (&note.address.item, note.address.kind.as_str()) {
        (Some(item), kind) => format!("{kind}.{item} {}", note.text),
        (None, "") => note.text.clone(),
        (None, kind) => format!("{kind}.{}", note.text),
    }
}

fn unmanaged(project: &ProjectRecord, detail: Detail, page: &mut Page) {
    if let Some(text) = not_managed(project, detail.full) {
        page.gap();
        page.push(Line::of(Role::Dim, format!("  Not managed: {}", escape(&text))));
    }
}

/// Whether items that are not managed are told by name.
pub(super) fn names_items(project: &ProjectRecord, detail: Detail) -> bool {
    detail.full && !project.unmanaged.items.is_empty()
}

/// `214 live fields, 3 secrets`, with the names of items where they are asked for.
pub(super) fn not_managed(project: &ProjectRecord, named: bool) -> Option<String> {
    let mut parts = vec![];
    if project.unmanaged.fields > 0 {
        parts.push(count(project.unmanaged.fields, "live field"));
    }
    for (kind, names) in &project.unmanaged.items {
        let noun = kind.strip_suffix('s').unwrap_or(kind);
        let list = if named { format!(" ({})", names.join(", ")) } else { String::new() };
        parts.push(format!("{}{list}", count(names.len(), noun)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `1 field`, `2 fields`.
#[must_use]
pub fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}

/// The last line.
fn summary(plan: &PlanRecord) -> Line {
    let (head, rest) = verdict(plan, |id| escape(id).into_owned());
    Line::of(Role::Heading, head).plain(rest)
}

/// What the plan comes to, in two parts of one line; `id` makes its id fit to be shown.
pub(super) fn verdict(plan: &PlanRecord, id: fn(&str) -> String) -> (&'static str, String) {
    let Counts { calls, blocked, .. } = plan.summary;
    let blocked = if blocked == 0 { String::new() } else { format!(" · {} not planned", count(blocked, "project")) };
    let ignored = match plan.ignored.len() {
        0 => String::new(),
        many => format!(" · {} ignored by rules", count(many, "difference")),
    };
    let aside = format!("{blocked}{ignored}{}", unadopted_count(plan));
    if plan.is_empty() {
        let clean = plan.projects.iter().filter(|project| project.blocked.is_none()).count();
        if clean == 0 && !blocked.is_empty() {
            return ("Nothing planned", aside.replacen(" · ", ": ", 1));
        }
        return ("No changes", format!(": {} as the manifests say{aside}", count(clean, "project")));
    }
    let id = id(short_id(&plan.id));
    ("Plan", format!(": {} · {} · id {id}{aside}", plan.summary.changes(), count(calls, "call")))
}
