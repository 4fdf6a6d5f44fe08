//! A plan as Markdown.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::{code, fence, html_code, opening, prose};
use super::{RUNGS, Rung, Told, TooLong, first_that_fits, point};
use crate::diag::render::escape;
use crate::model::Action;
use crate::record::Counts;
use crate::record::{ChangeRecord, FieldRecord, NoteRecord, Place, PlanRecord, ProjectRecord, UnadoptedRecord};
use crate::schema::Impact;
use crate::text::count;
use crate::view::Detail;
use crate::view::aside::{by_organization, by_rule, not_compared_count, rule_told};
use crate::view::attribution::{self, word};
use crate::view::fleet::{Fleet, Who, remaining};
use crate::view::plan::{SharedNotes, facts, main_file, names_items, not_managed, not_managed_in_all, told, verdict};
use crate::view::spread::{Block, Spread};
use crate::view::value::{self, Piece, after, tell};

/// Up to so many projects are shown unfolded.
const OPEN: usize = 3;

/// A plan as a comment of at most `limit` characters.
///
/// # Errors
/// When even its risks and one line a project are more.
pub fn plan_markdown(plan: &PlanRecord, detail: Detail, limit: usize) -> Result<String, TooLong> {
    plan_told(plan, detail, limit).map(|told| told.text)
}

/// The same, with what it leaves out.
///
/// # Errors
/// When even its risks and one line a project are more.
pub fn plan_told(plan: &PlanRecord, detail: Detail, limit: usize) -> Result<Told, TooLong> {
    let from = if detail.brief { Rung::Resources } else { Rung::Whole };
    let pages = RUNGS.into_iter().filter(|rung| *rung >= from).map(|rung| (rung, page(plan, rung, detail)));
    let (rung, text) = first_that_fits(pages, limit)?;
    let changes = || plan.projects.iter().flat_map(|project| &project.changes);
    let is_whole = rung <= Rung::Folded || changes().next().is_none();
    let grave = |impact| matches!(impact, Impact::Destructive | Impact::LockOut | Impact::Security);
    let risks = changes().flat_map(|change| &change.fields).flat_map(|field| &field.risks);
    let endangers = risks.into_iter().any(|risk| grave(risk.impact));
    Ok(Told { text, is_whole, hides_risk: rung == Rung::Projects && endangers })
}

fn page(plan: &PlanRecord, rung: Rung, detail: Detail) -> String {
    let (head, rest) = verdict(plan, code);
    let mut text = format!("<!-- supaform:plan -->\n**{head}**{rest}\n");
    text.push_str(&against(plan));
    text.push_str(&risks(plan));
    if rung == Rung::Projects {
        text.push('\n');
        text.extend(plan.projects.iter().filter(|project| !is_silent(project, detail)).map(line));
        text.push_str("\nThe changes themselves are too long to be shown here.\n");
        return text;
    }
    let fleet = Fleet::of(plan);
    let spread = Spread::of(plan, &fleet);
    let shared_notes = SharedNotes::of(plan);
    text.push_str(&together(plan, &fleet, rung.detail(detail), rung));
    text.extend(spread.blocks(plan).map(|block| by_project(&block, rung.detail(detail), rung)));
    let open = plan.projects.iter().filter(|project| !is_silent(project, detail)).count() <= OPEN;
    for project in plan.projects.iter().filter(|project| !is_silent(project, detail)) {
        let (changes, _) =
            remaining(project, |change, field| fleet.tells(change, field) || spread.tells(change, field));
        let notes = shared_notes.rest(project);
        if !changes.is_empty() || !project.may_pass() || !notes.is_empty() || names_items(project, detail) {
            text.push_str(&part(plan, project, &changes, &notes, open, rung, detail));
        }
    }
    if rung < Rung::Resources {
        text.push_str(&noted(plan, &shared_notes));
        text.push_str(&ignored(plan));
        text.push_str(&unadopted(plan));
    }
    text.push_str(&footer(plan, detail));
    if rung > Rung::Whole {
        text.push_str(match rung {
            Rung::Resources => "\nValues are too long to be shown here, but for those that endanger something.\n",
            Rung::Counts => "\nLong texts are told by their number of lines, but for those that endanger something.\n",
            _ => "",
        });
    }
    text
}

fn is_silent(project: &ProjectRecord, detail: Detail) -> bool {
    project.changes.is_empty() && project.is_quiet() && !names_items(project, detail)
}

/// One line for each kind of harm and reason, with all that causes it: on every rung.
fn risks(plan: &PlanRecord) -> String {
    let mut said: BTreeMap<(Impact, &str), BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for project in &plan.projects {
        for flag in plan.flags_of(&project.project) {
            let whats = said.entry((flag.impact, &flag.why)).or_default();
            whats.entry(&flag.what).or_default().insert(&project.project);
        }
    }
    if said.is_empty() {
        return String::new();
    }
    let grave = said.keys().any(|(impact, _)| matches!(impact, Impact::Destructive | Impact::LockOut));
    let mut text = format!("\n> [!{}]\n", if grave { "CAUTION" } else { "WARNING" });
    for ((_, why), whats) in said {
        let list = |names: BTreeSet<&str>| match names.len() {
            many if many > OPEN && many == plan.projects.len() => format!("all {many} projects"),
            _ => names.into_iter().map(code).collect::<Vec<_>>().join(", "),
        };
        let places = whats.into_iter().map(|(what, projects)| format!("{} in {}", code(what), list(projects)));
        text.push_str(&format!("> - {}: {}\n", opening(why), places.collect::<Vec<_>>().join("; ")));
    }
    text
}

/// What it was held against, and what is no longer managed.
fn against(plan: &PlanRecord) -> String {
    let Some(base) = &plan.base else { return String::new() };
    let (counts, released) = attribution::told(plan, base, Detail::ALL);
    let line = |it: &attribution::Released<'_>| {
        let stays = if it.stays.is_empty() { String::new() } else { format!(", stays {}", code(&it.stays)) };
        format!("- {} is no longer managed{stays}: {}\n", code(it.place), code(&it.who))
    };
    let lines: String = released.iter().map(line).collect();
    let lines = if lines.is_empty() { lines } else { format!("\n{lines}") };
    let review = base.review.iter().map(|it| {
        let who = it.project.as_ref().map_or(String::new(), |project| format!("{} ", code(project)));
        format!("> - {who}{}\n", opening(&it.what))
    });
    let review: String = review.collect();
    let review = if review.is_empty() { review } else { format!("\n> [!CAUTION]\n{review}") };
    format!("{review}\nAgainst {}: {counts}\n{lines}", code(&base.revision))
}

/// A project in one line.
fn line(project: &ProjectRecord) -> String {
    let refused = match project.refusals.len() {
        0 => String::new(),
        many => format!("; {many} refused"),
    };
    let does = match &project.blocked {
        Some(blocked) => format!("{}, {}", blocked.what().to_lowercase(), code(&blocked.code)),
        None => counts(project).changes(),
    };
    format!("- {}: {does}{refused}\n", code(&project.project))
}

fn counts(project: &ProjectRecord) -> Counts {
    Counts::of_changes(project.changes.iter().map(|change| (change.action, change.fields.len())))
}

/// What many projects share.
fn together(plan: &PlanRecord, fleet: &Fleet<'_>, detail: Detail, rung: Rung) -> String {
    let mut text = String::new();
    for block in fleet.blocks(plan, detail) {
        let mut lines = vec![format!("@@ {} in {} @@", escape(block.kind), block.who.told(true))];
        for shared in &block.fields {
            if rung == Rung::Resources && shared.usual.risks.is_empty() {
                lines.push(format!("~ {}", escape(&shared.usual.name)));
                continue;
            }
            field(shared.usual, seen(shared.usual, detail), &mut lines);
            // Where something endangers, what it was before counts for whom it is otherwise.
            if rung <= Rung::Folded || !shared.usual.risks.is_empty() {
                lines.extend(shared.differ.iter().map(|differ| format!("    differs before: {differ}")));
            } else if !shared.differ.is_empty() {
                lines.push(format!("    differs before in {}", count(shared.differ.len(), "project")));
            }
        }
        text.push('\n');
        text.push_str(&fence("diff", &lines));
    }
    text
}

/// A field that many projects change, each to a value of its own: in a fold.
fn by_project(block: &Block<'_>, detail: Detail, rung: Rung) -> String {
    let (name, who) = (html_code(&block.name), html_code(&block.who.told(true)));
    let what = if block.is_new { "New" } else { "Changes" };
    let mut lines = vec![];
    for row in block.rows.iter().filter(|_| rung < Rung::Resources) {
        lines.push(format!("@@ {} @@", escape(row.project)));
        field(row.field, detail, &mut lines);
    }
    if lines.is_empty() {
        return format!("\n- {}, different in {}\n", code(&block.name), count(block.rows.len(), "project"));
    }
    let lines = fence("diff", &lines);
    format!("\n<details>\n<summary>{what}: {name}, different in {who}</summary>\n\n{lines}\n</details>\n")
}

/// What is noted of many projects in the same words.
fn noted(plan: &PlanRecord, notes: &SharedNotes<'_>) -> String {
    let point =
        |(text, who, at): (&str, Who, Option<&Place>)| point("Note", &format!("{text} · {}", who.told(true)), at, &[]);
    let points: String = notes.told(plan).into_iter().map(point).collect();
    if points.is_empty() { points } else { format!("\n{points}") }
}

/// What no manifest manages and what was not compared: how much, and in a fold what it is, where all is asked for.
fn footer(plan: &PlanRecord, detail: Detail) -> String {
    let managed = not_managed_in_all(plan).map(|many| {
        let named = plan.projects.iter().filter_map(|project| Some((&project.project, not_managed(project)?)));
        (
            "Not managed",
            many,
            named.map(|(name, what)| format!("- {}: {}\n", code(name), prose(&what))).collect::<String>(),
        )
    });
    let compared = not_compared_count(plan).map(|many| {
        let named = plan.projects.iter().flat_map(|project| &project.not_compared).map(|it| {
            let name =
                if it.address.item.is_some() { it.address.to_string() } else { format!("{}/{}", it.address, it.field) };
            format!("- {}: {}\n", code(&name), code(&it.secret))
        });
        ("Not compared", many, named.collect())
    });
    let told = managed.into_iter().chain(compared).map(|(head, many, points)| {
        if detail.full {
            format!("\n<details>\n<summary>{head}: {}</summary>\n\n{points}\n</details>\n", html_code(&many))
        } else {
            format!("\n{head}: {}\n", prose(&many))
        }
    });
    told.collect()
}

/// What rules leave alone.
fn ignored(plan: &PlanRecord) -> String {
    let rules: String = by_rule(plan)
        .into_iter()
        .map(|(rule, all)| {
            let whats = all.into_iter().map(|ignored| match &ignored.field {
                Some(field) => code(&format!("{}/{}", ignored.address, field.name)),
                None => code(&ignored.address.to_string()),
            });
            let head = whats.collect::<Vec<_>>().join(", ");
            point(&head, &rule_told(rule), rule.at.as_ref(), &[])
        })
        .collect();
    if rules.is_empty() {
        return rules;
    }
    format!("\n<details>\n<summary>Ignored by rules</summary>\n\n{rules}\n</details>\n")
}

/// Projects without a document.
fn unadopted(plan: &PlanRecord) -> String {
    let organizations = by_organization(plan).into_iter().map(|(organization, projects)| {
        let head = format!("\nProjects of {} without a document:\n\n", code(organization));
        let point = |it: &&UnadoptedRecord| format!("- {} {}, {}\n", code(&it.name), code(&it.r#ref), code(&it.status));
        head + &projects.iter().map(point).collect::<String>()
    });
    organizations.collect()
}

/// What one project has for itself.
fn part(
    plan: &PlanRecord,
    project: &ProjectRecord,
    changes: &[ChangeRecord],
    notes: &[&NoteRecord],
    open: bool,
    rung: Rung,
    detail: Detail,
) -> String {
    let open = if open { " open" } else { "" };
    let facts: Vec<String> = facts(project).into_iter().map(html_code).collect();
    let (name, facts) = (html_code(&project.project), facts.join(", "));
    let does = if project.blocked.is_some() { "not planned".to_owned() } else { counts(project).changes() };
    let mut text = format!("\n<details{open}>\n<summary>{name} ({facts}): {does}</summary>\n");
    if !changes.is_empty() {
        let mut lines = vec![];
        for change in changes {
            resource(change, rung, detail, &mut lines);
        }
        text.push_str(&format!("\n{}", fence("diff", &lines)));
    }
    let mut items = vec![];
    if let Some(blocked) = &project.blocked {
        let head = format!("**{}** {}", blocked.what(), code(&blocked.code));
        items.push(point(&head, &blocked.message, blocked.at.as_ref(), &blocked.hints));
    }
    for refusal in &project.refusals {
        let head = format!("**Refused** {} {}", code(&refusal.code), code(&refusal.address.to_string()));
        items.push(point(&head, &refusal.message, refusal.at.as_ref(), &refusal.hints));
    }
    if rung < Rung::Resources {
        let steps = plan.steps.iter().filter(|step| step.address.project == project.project);
        for step in steps.filter(|step| !step.also_sends.is_empty()) {
            let names: Vec<String> = step.also_sends.iter().map(|name| code(name)).collect();
            items.push(format!("- {} also sends {}\n", code(&step.address.local()), names.join(", ")));
        }
        items.extend(notes.iter().map(|note| point("Note", &told(note), note.at.as_ref(), &[])));
    }
    if !items.is_empty() {
        text.push_str(&format!("\n{}", items.concat()));
    }
    text.push_str("\n</details>\n");
    text
}

fn resource(change: &ChangeRecord, rung: Rung, detail: Detail, lines: &mut Vec<String>) {
    let name = escape(&change.address.local()).into_owned();
    let names: Vec<&str> = change.fields.iter().map(|field| field.name.as_str()).collect();
    let names = escape(&names.join(", ")).into_owned();
    let why = match word(change.why).trim() {
        word if word.is_empty() || change.action == Action::Update => String::new(),
        word => format!(" {word}"),
    };
    let new = |field: &FieldRecord| format!("+   {}: {}", escape(&field.name), after(field, rung.detail(detail)));
    match (change.action, change.fields.as_slice()) {
        (Action::Delete, _) => lines.push(format!("- {name}{why}")),
        (Action::Create, []) => lines.push(format!("+ {name}{why}")),
        (Action::Create, fields) if rung == Rung::Resources => {
            lines.push(format!("+ {name}"));
            lines.extend(fields.iter().filter(|field| !field.risks.is_empty()).map(new));
        }
        (Action::Create, [only]) => {
            lines.push(format!("+ {name}{why}: {}", after(only, rung.detail(detail))));
        }
        (Action::Create, fields) => {
            lines.push(format!("+ {name}"));
            lines.extend(fields.iter().map(new));
        }
        (Action::Update, fields) if rung == Rung::Resources => {
            lines.push(format!("~ {name}: {names}"));
            for one in fields.iter().filter(|field| !field.risks.is_empty()) {
                field(one, seen(one, rung.detail(detail)), lines);
            }
        }
        (Action::Update, fields) => {
            let file = main_file(change).map_or(String::new(), |file| format!(" {}", escape(file)));
            lines.push(format!("@@ {name} @@{file}"));
            for one in fields {
                field(one, seen(one, rung.detail(detail)), lines);
            }
        }
    }
}

/// How much is told of a field: what endangers is never told as a number of lines.
fn seen(field: &FieldRecord, detail: Detail) -> Detail {
    Detail { counts: detail.counts && field.risks.is_empty(), ..detail }
}

fn field(field: &FieldRecord, detail: Detail, lines: &mut Vec<String>) {
    let name = match word(field.why) {
        "" => escape(&field.name).into_owned(),
        word => format!("{} {word}", escape(&field.name)),
    };
    let piece = |piece: Piece| match piece {
        Piece::Add(text) => format!("+   {text}"),
        Piece::Remove(text) => format!("-   {text}"),
        Piece::Keep(text) => format!("    {text}"),
        Piece::Gap => "    ⋮".to_owned(),
    };
    match tell(field, detail) {
        value::Told::New(value) => lines.push(format!("+ {name}: {value}")),
        value::Told::Swap(before, after) => {
            if field.before.is_some() {
                lines.push(format!("- {name}: {before}"));
            }
            lines.push(format!("+ {name}: {after}"));
        }
        value::Told::Secret(_, what) => lines.push(format!("~ {name}: (secret) {what}")),
        value::Told::Items(pieces) => {
            lines.push(format!("  {name}:"));
            lines.extend(pieces.into_iter().map(piece));
        }
        value::Told::Lines(added, removed, pieces) => {
            lines.push(format!("  {name}: +{added} -{removed} lines"));
            lines.extend(pieces.into_iter().map(piece));
        }
    }
}
