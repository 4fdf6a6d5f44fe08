//! A plan as text: risk first, then one block a resource, only what changes, and a last line that greps well.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Fleet;
use super::value::{change, new_value, old_value};
use super::{Detail, Line, Page, Role};
use crate::diag::Sources;
use crate::diag::render::escape;
use crate::model::{Action, Change, Note, Origin, Plan, ProjectPlan, Refusal};
use crate::plan::short_id;
use crate::schema::Impact;

/// Field names are padded to at most this width, so that one long name does not push all values away.
const NAME_COLUMN: usize = 36;

/// Renders a plan; `allowed` are the addresses that the person has allowed.
pub fn plan_text(plan: &Plan, sources: &Sources, detail: Detail, allowed: &BTreeSet<String>) -> Page {
    let mut page = Page::new();
    let fleet = Fleet::of(plan);
    fleet.push(plan, sources, detail, &mut page);
    for (name, project) in &plan.projects {
        let (changes, told) = fleet.rest(project);
        if changes.is_empty() && project.is_quiet() {
            continue;
        }
        page.gap();
        page.push(heading(name, project));
        risks(plan, name, &told, &mut page);
        blocks(&changes, sources, detail, &mut page);
        companions(plan, name, &mut page);
        if let Some(blocked) = &project.blocked {
            page.gap();
            page.push(
                Line::of(Role::Bad, format!("  Cannot be planned [{}]: ", blocked.code.id()))
                    .plain(escape(&blocked.message))
                    .at(place(sources, blocked.origin.as_ref(), None)),
            );
            hints(&blocked.hints, &mut page);
        }
        refusals(project, sources, allowed, &mut page);
        notes(&project.notes, sources, &mut page);
        unmanaged(project, detail, &mut page);
    }
    page.gap();
    page.push(summary(plan));
    page
}

impl ProjectPlan {
    /// Whether there is nothing to tell of it beside its changes.
    fn is_quiet(&self) -> bool {
        self.refusals.is_empty() && self.notes.is_empty() && self.blocked.is_none()
    }
}

/// The first line of a project's part: its document, and which project that is.
pub(super) fn heading(name: &str, project: &ProjectPlan) -> Line {
    let reference = project.reference.as_ref().map_or("ref known after creation", |reference| reference.as_str());
    let mut facts = vec![reference.to_owned()];
    if !project.region.is_empty() {
        facts.push(escape(&project.region).into_owned());
    }
    if project.protected {
        facts.push("protected".to_owned());
    }
    Line::of(Role::Heading, escape(name)).plain(format!("  ({})", facts.join(", ")))
}

fn risks(plan: &Plan, project: &str, told: &BTreeSet<String>, page: &mut Page) {
    // One line for each kind of harm and reason, with all that causes it.
    let mut said: BTreeMap<(Impact, &str), Vec<&str>> = BTreeMap::new();
    let flags = plan.steps_of(project).flat_map(|step| &step.flags);
    for flag in flags.filter(|flag| !told.contains(&flag.what)) {
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

fn blocks(changes: &[Change], sources: &Sources, detail: Detail, page: &mut Page) {
    if !changes.is_empty() {
        page.gap();
    }
    for change in changes {
        match &change.at.item {
            None => settings_block(change, sources, detail, page),
            Some(item) => item_block(change, item, sources, detail, page),
        }
    }
}

/// What is sent along because the API wants it.
fn companions(plan: &Plan, project: &str, page: &mut Page) {
    for step in plan.steps_of(project).filter(|step| !step.companions.is_empty()) {
        let names = escape(&step.companions.join(", ")).into_owned();
        page.push(Line::of(Role::Dim, format!("      {} also sends: {names}", step.at.kind)));
    }
}

fn settings_block(change_: &Change, sources: &Sources, detail: Detail, page: &mut Page) {
    let file = main_file(change_, sources);
    let header = match (change_.action, change_.at.kind) {
        (Action::Create, _) => Line::of(Role::Add, "  + project"),
        (_, "") => Line::of(Role::Change, "  ~ project"),
        (_, kind) => Line::of(Role::Change, format!("  ~ {kind}")),
    };
    if detail.brief {
        let names: Vec<_> = change_.fields.iter().map(|diff| diff.name.as_str()).collect();
        page.push(header.plain(format!("  {}", escape(&names.join(", ")))).at(file));
        return;
    }
    page.push(header.at(file.clone()));
    fields(change_, file.as_deref(), sources, detail, page);
}

fn fields(change_: &Change, file: Option<&str>, sources: &Sources, detail: Detail, page: &mut Page) {
    let names = change_.fields.iter().map(|diff| diff.name.chars().count());
    let width = names.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default() + 8;
    for diff in &change_.fields {
        let mut at = place(sources, diff.origin.as_ref(), file);
        for (index, line) in change(diff, detail).into_iter().enumerate() {
            let name = if index == 0 { escape(&diff.name) } else { "".into() };
            let start = Line::new().plain(format!("      {name}")).pad(width);
            page.push(start.append(line).at(at.take()));
        }
    }
}

fn item_block(change_: &Change, item: &str, sources: &Sources, detail: Detail, page: &mut Page) {
    let name = format!("{}.{}", change_.at.kind, escape(item));
    let at = place(sources, change_.origin.as_ref(), None);
    match (change_.action, change_.fields.as_slice()) {
        (Action::Delete, gone) => {
            let start = Line::of(Role::Remove, format!("  - {name}"));
            page.push(gone.iter().fold(start, |line, diff| line.plain("  ").append(old_value(diff))).at(at));
        }
        (Action::Create, [only]) => {
            page.push(Line::of(Role::Add, format!("  + {name}  ")).append(new_value(only)).at(at));
        }
        (Action::Create, fields) => {
            page.push(Line::of(Role::Add, format!("  + {name}")).at(at));
            for diff in fields.iter().filter(|_| !detail.brief) {
                page.push(Line::new().plain(format!("      {}", escape(&diff.name))).pad(28).append(new_value(diff)));
            }
        }
        (Action::Update, [only]) => {
            let mut lines = change(only, detail).into_iter();
            let first = lines.next().unwrap_or_default();
            page.push(Line::of(Role::Change, format!("  ~ {name}  ")).append(first).at(at));
            lines.for_each(|line| page.push(Line::new().plain("      ").append(line)));
        }
        (Action::Update, _) => {
            page.push(Line::of(Role::Change, format!("  ~ {name}")).at(at));
            fields(change_, None, sources, detail, page);
        }
    }
}

/// The file that says most of a change: named once, so that the fields need only their lines.
fn main_file(change_: &Change, sources: &Sources) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for origin in change_.fields.iter().filter_map(|diff| diff.origin.as_ref()) {
        *counts.entry(&sources.get(origin.span.source).path).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(path, count)| (**count, std::cmp::Reverse(**path)));
    most.map(|(path, _)| escape(path).into_owned())
}

fn place(sources: &Sources, origin: Option<&Origin>, known: Option<&str>) -> Option<String> {
    let span = origin?.span;
    let line = sources.position(span).line;
    let path = escape(&sources.get(span.source).path);
    Some(if known == Some(path.as_ref()) { format!(":{line}") } else { format!("{path}:{line}") })
}

fn refusals(project: &ProjectPlan, sources: &Sources, allowed: &BTreeSet<String>, page: &mut Page) {
    for refusal in &project.refusals {
        let Refusal { code, at, message, hints: ways_out, origin, allowable } = refusal;
        page.gap();
        if *allowable && allowed.contains(&at.to_string()) {
            page.push(Line::of(Role::Risk, "  Allowed: ").plain(format!(
                "{}: {}",
                escape(&at.to_string()),
                escape(message)
            )));
            continue;
        }
        let what = format!("{}: {}", escape(&at.to_string()), escape(message));
        let line = Line::of(Role::Bad, format!("  Refused [{}]: ", code.id())).plain(what);
        page.push(line.at(place(sources, origin.as_ref(), None)));
        hints(ways_out, page);
    }
}

fn hints(hints: &[String], page: &mut Page) {
    for hint in hints {
        page.push(Line::new().plain(format!("      {}", escape(hint))));
    }
}

fn notes(notes: &[Note], sources: &Sources, page: &mut Page) {
    if !notes.is_empty() {
        page.gap();
    }
    for note in notes {
        let what = match (&note.at.item, note.at.kind) {
            (Some(item), kind) => format!("{kind}.{item} "),
            (None, "") => String::new(),
            (None, kind) => format!("{kind}."),
        };
        let text = format!("{}{}", escape(&what), escape(&note.text));
        page.push(Line::of(Role::Dim, "  Note: ").plain(text).at(place(sources, note.origin.as_ref(), None)));
    }
}

fn unmanaged(project: &ProjectPlan, detail: Detail, page: &mut Page) {
    let mut parts = vec![];
    if project.unmanaged.fields > 0 {
        parts.push(count(project.unmanaged.fields, "live field"));
    }
    for (kind, names) in &project.unmanaged.items {
        let noun = kind.strip_suffix('s').unwrap_or(kind);
        let list = if detail.full { format!(" ({})", escape(&names.join(", "))) } else { String::new() };
        parts.push(format!("{}{list}", count(names.len(), noun)));
    }
    if !parts.is_empty() {
        page.gap();
        page.push(Line::of(Role::Dim, format!("  Not managed: {}", parts.join(", "))));
    }
}

/// `1 field`, `2 fields`.
pub(super) fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}

/// What a plan does, in numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Resources that are made.
    pub add: usize,
    /// Resources that change.
    pub change: usize,
    /// Fields that change in them.
    pub fields: usize,
    /// Resources that are removed.
    pub remove: usize,
    /// Writing requests.
    pub calls: usize,
    /// Projects that could not be planned.
    pub blocked: usize,
}

impl Counts {
    /// Counts what a plan does.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let blocked = plan.projects.values().filter(|project| project.blocked.is_some()).count();
        let mut counts = Self { calls: plan.steps.len(), blocked, ..Self::default() };
        for change in plan.projects.values().flat_map(|project| &project.changes) {
            match change.action {
                Action::Create => counts.add += 1,
                Action::Delete => counts.remove += 1,
                Action::Update => {
                    counts.change += 1;
                    counts.fields += change.fields.len();
                }
            }
        }
        counts
    }
}

/// The last line.
fn summary(plan: &Plan) -> Line {
    let Counts { add, change, fields, remove, calls, blocked } = Counts::of(plan);
    let blocked = if blocked == 0 { String::new() } else { format!(" · {} not planned", count(blocked, "project")) };
    if plan.is_empty() {
        let clean = plan.projects.values().filter(|project| project.blocked.is_none()).count();
        if clean == 0 && !blocked.is_empty() {
            return Line::of(Role::Heading, "Nothing planned").plain(blocked.replacen(" · ", ": ", 1));
        }
        return Line::of(Role::Heading, "No changes")
            .plain(format!(": {} as the manifests say{blocked}", count(clean, "project")));
    }
    let fields = count(fields, "field");
    Line::of(Role::Heading, "Plan").plain(format!(
        ": {add} to add, {change} to change ({fields}), {remove} to remove · {} · id {}{blocked}",
        count(calls, "call"),
        short_id(&plan.id),
    ))
}
