//! A plan as text: risk first, then one block a resource, only what changes, and a last line that greps well.

use std::collections::{BTreeMap, BTreeSet};

use super::aside::{ignored, not_compared, unadopted, unadopted_count};
use super::attribution::{self, marked};
use super::fleet::{Fleet, TOGETHER, Who, remaining, who};
use super::spread::Spread;
use super::value::{change, new_value, old_value, shown};
use super::{Detail, Line, Page, Role};
use crate::diag::render::escape;
use crate::model::Action;
use crate::record::{
    BlockedRecord, ChangeRecord, Counts, FieldRecord, NoteRecord, Place, PlanRecord, ProjectRecord, RefusalRecord,
    TouchedRecord, UnmanagedRecord,
};
use crate::schema::Impact;
use crate::text::{count, short_id};

/// Field names are padded to at most this width, so that one long name does not push all values away.
const NAME_COLUMN: usize = 36;

/// Renders a plan; `allowed` are the addresses that the person has allowed.
pub fn plan_text(plan: &PlanRecord, detail: Detail, allowed: &BTreeSet<String>) -> Page {
    let mut page = Page::new();
    attribution::push_review(plan, &mut page);
    let shared_notes = SharedNotes::of(plan);
    let fleet = Fleet::of(plan);
    let spread = Spread::of(plan, &fleet);
    fleet.push(plan, detail, &mut page);
    spread.push(plan, detail, &mut page);
    for project in &plan.projects {
        let (changes, told) =
            remaining(project, |change, field| fleet.tells(change, field) || spread.tells(change, field));
        let notes_left = shared_notes.rest(project);
        if changes.is_empty() && project.may_pass() && notes_left.is_empty() && !names_items(project, detail) {
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
        notes(&notes_left, &mut page);
        unmanaged(project, detail, &mut page);
    }
    shared_notes.push(plan, detail, &mut page);
    if detail.full {
        ignored(plan, detail, &mut page);
    }
    unadopted(plan, &mut page);
    if !detail.full {
        footer(plan, &mut page);
    }
    not_compared(plan, detail, &mut page);
    attribution::push(plan, detail, &mut page);
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
            let line = gone.iter().fold(start, |line, diff| line.plain("  ").append(old_value(diff, detail)));
            page.push(marked(line, change_.why).at(at));
        }
        (Action::Create, [only]) => {
            let line = Line::of(Role::Add, format!("  + {name}  ")).append(new_value(only, detail));
            page.push(marked(line, change_.why).at(at));
        }
        (Action::Create, fields) => {
            page.push(marked(Line::of(Role::Add, format!("  + {name}")), change_.why).at(at));
            for field in fields.iter().filter(|_| !detail.brief) {
                let start = Line::new().plain(format!("      {}", escape(&field.name))).pad(28);
                page.push(start.append(new_value(field, detail)));
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

fn notes(notes: &[&NoteRecord], page: &mut Page) {
    if !notes.is_empty() {
        page.gap();
    }
    for note in notes {
        page.push(Line::of(Role::Dim, "  Note: ").plain(escape(&told(note))).at(place(note.at.as_ref(), None)));
    }
}

/// Notes that many projects have, told once with their projects.
pub(super) struct SharedNotes<'a> {
    by_text: BTreeMap<String, Vec<(&'a str, &'a NoteRecord)>>,
}

impl<'a> SharedNotes<'a> {
    /// Finds what is noted of at least three projects in the same words.
    pub(super) fn of(plan: &'a PlanRecord) -> Self {
        let mut by_text: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for project in &plan.projects {
            for note in &project.notes {
                by_text.entry(told(note)).or_default().push((project.project.as_str(), note));
            }
        }
        by_text.retain(|_, all| all.len() >= TOGETHER);
        Self { by_text }
    }

    /// The notes of a project that are told with it.
    pub(super) fn rest<'p>(&self, project: &'p ProjectRecord) -> Vec<&'p NoteRecord> {
        project.notes.iter().filter(|note| !self.by_text.contains_key(&told(note))).collect()
    }

    /// The notes, each with its projects and, where that is one for all, its place.
    pub(super) fn told(&self, plan: &PlanRecord) -> Vec<(&str, Who, Option<&'a Place>)> {
        let labels = plan.projects.iter().map(|it| (it.project.as_str(), &it.labels)).collect();
        let mut told = vec![];
        for (text, all) in &self.by_text {
            let projects: Vec<&str> = all.iter().map(|(project, _)| *project).collect();
            let at = one_place(all.iter().map(|(_, note)| note.at.as_ref()));
            told.push((text.as_str(), who(&labels, &projects), at));
        }
        told
    }

    fn push(&self, plan: &PlanRecord, detail: Detail, page: &mut Page) {
        if !self.by_text.is_empty() {
            page.gap();
        }
        for (text, who, at) in self.told(plan) {
            let line = Line::of(Role::Dim, "Note: ").plain(format!("{} · {}", escape(text), who.told(detail.full)));
            page.push(line.at(place(at, None)));
        }
    }
}

/// The place that all have.
pub(super) fn one_place<'p>(mut all: impl Iterator<Item = Option<&'p Place>>) -> Option<&'p Place> {
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
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
    if !detail.full {
        return;
    }
    if let Some(text) = not_managed(project) {
        page.gap();
        page.push(Line::of(Role::Dim, format!("  Not managed: {}", escape(&text))));
    }
    if project.unmanaged.touched.is_empty() {
        return;
    }
    page.push(Line::of(Role::Dim, "  Not managed, and not as on an untouched project:"));
    let name = |it: &TouchedRecord| format!("{}.{}", it.kind, it.name);
    let width = project.unmanaged.touched.iter().map(|it| name(it).len()).max().unwrap_or_default() + 8;
    for it in &project.unmanaged.touched {
        let line = Line::new().plain(format!("      {}", escape(&name(it)))).pad(width);
        let value = shown(it.row.0, it.live.as_ref(), detail);
        let untouched = format!("  untouched: {}", shown(it.row.0, it.untouched.as_ref(), detail));
        page.push(line.plain(value).then(Role::Dim, untouched));
    }
}

/// Whether items that are not managed are told by name.
pub(super) fn names_items(project: &ProjectRecord, detail: Detail) -> bool {
    detail.full && (!project.unmanaged.items.is_empty() || !project.unmanaged.touched.is_empty())
}

/// What no manifest manages, of all projects in one line.
fn footer(plan: &PlanRecord, page: &mut Page) {
    if let Some(text) = not_managed_in_all(plan) {
        page.gap();
        page.push(Line::of(Role::Dim, "Not managed: ").plain(escape(&text)));
    }
}

/// `5350 live fields (7 not as on an untouched project), 3 secrets in 25 projects`.
pub(super) fn not_managed_in_all(plan: &PlanRecord) -> Option<String> {
    let (mut fields, mut touched, mut items, mut projects) = (0, 0, BTreeMap::new(), 0);
    for UnmanagedRecord { fields: many, touched: these, items: kinds } in plan.projects.iter().map(|it| &it.unmanaged) {
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
    parts.extend(items.into_iter().map(|(kind, many)| count(many, kind.strip_suffix('s').unwrap_or(kind))));
    let within = if projects > 1 { format!(" in {}", count(projects, "project")) } else { String::new() };
    (!parts.is_empty()).then(|| format!("{}{within}", parts.join(", ")))
}

/// `214 live fields, 3 secrets (A, B, C)`.
pub(super) fn not_managed(project: &ProjectRecord) -> Option<String> {
    let mut parts = vec![];
    if project.unmanaged.fields > 0 {
        parts.push(count(project.unmanaged.fields, "live field"));
    }
    for (kind, names) in &project.unmanaged.items {
        let noun = kind.strip_suffix('s').unwrap_or(kind);
        parts.push(format!("{} ({})", count(names.len(), noun), names.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
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
