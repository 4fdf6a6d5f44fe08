//! A plan as a document: what was allowed, its risks, what many projects share, then each project.

use std::collections::{BTreeMap, BTreeSet};

use super::against::against;
use super::changes::{field_change, origin};
use super::edit::{edit, new_value, old_value};
use super::listings::{Notes, awaited, ignored_by_rule, not_compared, not_managed, not_managed_here, noted, part};
use super::obstacles::obstacles;
use super::projects::{Labels, TOGETHER};
use super::risks::{Told, few_words, risks};
use super::steps;
use super::together::Together;
use crate::model::Action;
use crate::record::{
    ChangeRecord, Counts, FlagRecord, IgnoredRecord, NoteRecord, PlanRecord, ProjectRecord, RefusalRecord, StepRecord,
};
use crate::text::{count, short_id};
use crate::view::document::{
    Block, Document, Happens, Harm, Label, Phrase, Point, Resource, Section, Title, Tone, Topic, Verdict,
};

/// A plan; `allowed` are the addresses that the person has allowed.
#[must_use]
pub fn plan_document(plan: &PlanRecord, allowed: &BTreeSet<String>) -> Document {
    let labels = Labels::of(plan.projects.iter().map(|it| (it.project.as_str(), &it.labels)));
    let steps = Steps::of(plan);
    let together = Together::of(plan);
    let notes = plan.projects.iter().flat_map(|it| it.notes.iter().map(|note| (it.project.as_str(), note)));
    let notes = Notes::shared(notes, TOGETHER);
    let mut blocks = vec![];
    if let Some(base) = &plan.base {
        let review = base.review.iter().map(|it| (it.project.clone(), it.what.clone())).collect();
        blocks.push(Block::Review(review));
    }
    blocks.push(Block::Obstacles(obstacles(plan.projects.iter(), allowed, &labels)));
    let told = plan.projects.iter().flat_map(|it| told(it, steps.flags_of(&it.project)));
    blocks.push(Block::Risks(risks(told, &labels)));
    blocks.extend(together.blocks(&labels));
    let sections = plan.projects.iter().filter_map(|project| section(project, &steps, &together, &notes));
    blocks.extend(sections.map(Block::Section));
    blocks.push(Block::Points(notes.points(&labels)));
    blocks.push(Block::Steps(steps::steps(plan, &labels)));
    let ignored = plan.ignored.iter().map(|IgnoredRecord { address, action, field, rule }| {
        let change = field.as_ref().map(|field| field_change(field, edit(field)));
        (rule, (address.to_string(), (*action).into(), change))
    });
    blocks.push(Block::Ignored(ignored_by_rule(ignored)));
    blocks.extend(not_managed(plan.projects.iter().map(|it| (it.project.as_str(), &it.unmanaged))));
    blocks.extend(not_compared(plan.projects.iter().map(|it| it.not_compared.as_slice())));
    blocks.extend(plan.base.as_ref().map(|base| Block::Against(against(plan, base, &labels))));
    blocks.retain(|block| !block.is_empty());
    let title =
        title("Plan", &plan.api, plan.projects.iter().map(|it| (it.project.as_str(), it.organization.as_str())));
    Document { topic: Topic::Plan, stack: None, links: None, title, verdict: verdict(plan, allowed), blocks }
}

/// What a document is about: `Plan for 25 projects`, and where they are.
pub(super) fn title<'a>(
    what: &str,
    api: &str,
    projects: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone,
) -> Option<Title> {
    let (first, _) = projects.clone().next()?;
    let who = if projects.len() == 1 { first.to_owned() } else { count(projects.len(), "project") };
    let organizations: BTreeSet<&str> =
        projects.map(|(_, organization)| organization).filter(|it| !it.is_empty()).collect();
    let organizations = match organizations.len() {
        0..=SHOWN => organizations.into_iter().map(|it| format!(" · {it}")).collect(),
        many => format!(" · {}", count(many, "organization")),
    };
    let host = api.split_once("://").map_or(api, |(_, rest)| rest).trim_end_matches('/');
    Some(Title { what: format!("{what} for {who}"), target: format!("{host}{organizations}") })
}

/// The most organizations that are named.
const SHOWN: usize = 2;

/// The verdict of a plan: what somebody still has to decide, then the changes; `allowed` are the addresses that the person has
/// allowed.
pub(in crate::view) fn verdict(plan: &PlanRecord, allowed: &BTreeSet<String>) -> Verdict {
    let Counts { calls, blocked, .. } = plan.summary;
    let refusals = plan.projects.iter().flat_map(|project| &project.refusals).filter(|it| !it.is_allowed(allowed));
    let refused = refusals.map(|refusal| &refusal.address).collect::<BTreeSet<_>>().len();
    let not_planned = format!("{} not planned", count(blocked, "project"));
    let ignored = match plan.ignored.len() {
        0 => String::new(),
        many => format!(" · {} ignored by rules", count(many, "difference")),
    };
    let more = format!("{ignored}{}", part(plan.shard.as_deref()));
    let of = |tone, head: &str, rest: String| Verdict::of(tone, head, Phrase::words(rest));
    if plan.is_empty() {
        let clean = plan.projects.iter().filter(|project| project.blocked.is_none()).count();
        return match (clean, blocked) {
            (0, 1..) => of(Tone::Bad, "Nothing planned", format!(": {not_planned}{more}")),
            (_, 1..) => of(
                Tone::Bad,
                "Not all planned",
                format!(": {not_planned} · {} as the manifests say{more}", count(clean, "project")),
            ),
            _ => of(Tone::Neutral, "No changes", format!(": {} as the manifests say{more}", count(clean, "project"))),
        };
    }
    let touched = plan.projects.iter().filter(|project| !project.changes.is_empty()).count();
    let within = if touched > 1 { format!(" in {}", count(touched, "project")) } else { String::new() };
    let changes = format!("{}{within}", plan.summary.changes());
    let blocked = if blocked == 0 { String::new() } else { format!(" · {not_planned}") };
    // As refusals are: a field is a change, and so is an item.
    let all = plan.summary.add + plan.summary.fields + plan.summary.remove;
    let mut verdict = match (refused, blocked.is_empty()) {
        (0, true) => of(Tone::Neutral, "Plan", format!(": {changes}{more}")),
        (0, false) => of(Tone::Bad, "Not all planned", format!(": {changes}{blocked}{more}")),
        _ => {
            let all =
                if refused < all { format!("{refused} of {}", count(all, "change")) } else { count(refused, "change") };
            of(Tone::Bad, "Refused", format!(": {all} · {changes}{blocked}{more}"))
        }
    };
    verdict.more = Phrase::words(format!("{} · id ", count(calls, "call"))).name(short_id(&plan.id));
    verdict
}

/// The risks of a project's steps, but for those that are refused, which are told with the refusal.
fn told<'a>(project: &'a ProjectRecord, flags: impl Iterator<Item = &'a FlagRecord>) -> impl Iterator<Item = Told<'a>> {
    let refused = |flag: &FlagRecord| {
        let is_about = |it: &RefusalRecord| {
            let subject = it.address.local();
            let rest = flag.what.strip_prefix(subject.as_str());
            it.class == Some(flag.impact) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        project.refusals.iter().any(is_about)
    };
    let changes: BTreeMap<String, Option<String>> = project
        .changes
        .iter()
        .flat_map(|change| {
            let local = change.address.local();
            change.fields.iter().map(move |field| (format!("{local}.{}", field.name), few_words(&edit(field))))
        })
        .collect();
    flags.filter(move |flag| !refused(flag)).map(move |flag| Told {
        impact: flag.impact,
        why: &flag.why,
        what: flag.what.clone(),
        change: changes.get(&flag.what).cloned().flatten(),
        project: &project.project,
    })
}

/// The steps of each project.
struct Steps<'a>(BTreeMap<&'a str, Vec<&'a StepRecord>>);

impl<'a> Steps<'a> {
    fn of(plan: &'a PlanRecord) -> Self {
        let mut by_project: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for step in &plan.steps {
            by_project.entry(step.address.project.as_str()).or_default().push(step);
        }
        Self(by_project)
    }

    fn of_project(&self, name: &str) -> impl Iterator<Item = &'a StepRecord> {
        self.0.get(name).into_iter().flatten().copied()
    }

    /// What the steps of a project can do.
    fn flags_of(&self, name: &str) -> impl Iterator<Item = &'a FlagRecord> {
        self.of_project(name).flat_map(|step| &step.flags)
    }
}

/// What there is to say of one project; nothing where there is nothing.
fn section(project: &ProjectRecord, steps: &Steps<'_>, together: &Together<'_>, notes: &Notes<'_>) -> Option<Section> {
    let name = &project.project;
    let sent_along = steps.of_project(name).filter(|step| !step.also_sends.is_empty());
    let points: Vec<Point> = project
        .awaited
        .iter()
        .map(|it| awaited(None, it))
        .chain(project.notes.iter().filter(|it| !notes.has(it)).map(note))
        .collect();
    let mut blocks = vec![
        Block::Changes(project.changes.iter().filter_map(|change| resource(change, steps, together)).collect()),
        Block::SentAlong(sent_along.map(|step| (step.address.local(), step.also_sends.clone())).collect()),
        Block::Points(points),
    ];
    blocks.retain(|block| !block.is_empty());
    let names = !project.unmanaged.items.is_empty() || !project.unmanaged.touched.is_empty();
    if blocks.is_empty() && project.changes.is_empty() && !names {
        return None;
    }
    if names || !blocks.is_empty() {
        blocks.extend(not_managed_here(&project.unmanaged).map(Block::Listing));
    }
    let counts = Counts::of_changes(project.changes.iter().map(|change| (change.action, change.fields.len())));
    let fields = |change: &ChangeRecord| change.fields.iter().map(|field| field.name.clone()).collect();
    Some(Section {
        name: name.clone(),
        happens: Happens::Changed,
        facts: facts(project),
        labels: project.labels.clone(),
        counts: counts.changes(),
        outline: project.changes.iter().map(|change| (change.address.local(), fields(change))).collect(),
        blocks,
    })
}

/// Facts that identify the project: its ref and region, and whether it is protected.
fn facts(project: &ProjectRecord) -> Vec<String> {
    let unknown = if project.blocked.is_some() { "ref not known" } else { "ref known after creation" };
    let mut facts = vec![project.r#ref.as_deref().unwrap_or(unknown)];
    if !project.region.is_empty() {
        facts.push(&project.region);
    }
    if project.protected {
        facts.push("protected");
    }
    facts.into_iter().map(str::to_owned).collect()
}

/// A resource with the changes that are shown with its project; `None` where there are none.
fn resource(change: &ChangeRecord, steps: &Steps<'_>, together: &Together<'_>) -> Option<Resource> {
    let name = change.address.local();
    let flags = steps.flags_of(&change.address.project).filter(|flag| flag.what == name);
    let risks = flags.map(|flag| Harm { impact: flag.impact, why: flag.why.clone() }).collect();
    let fields = change.fields.iter().filter(|field| !together.tells(change, field));
    let value = match change.action {
        Action::Create => new_value,
        Action::Update => edit,
        Action::Delete => old_value,
    };
    let fields: Vec<_> = fields.map(|field| field_change(field, value(field))).collect();
    (!fields.is_empty() || change.fields.is_empty()).then(|| Resource {
        name,
        is_item: change.address.item.is_some(),
        happens: change.action.into(),
        origin: origin(change.why),
        risks,
        at: change.at.clone(),
        fields,
    })
}

fn note(note: &NoteRecord) -> Point {
    let (message, at) = (noted(note), note.at.clone());
    Point { label: Label::Note, code: None, subject: None, message, projects: None, at, hints: vec![] }
}
