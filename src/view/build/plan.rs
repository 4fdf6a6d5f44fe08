//! A plan as a document: what was allowed, its risks, what many projects share, then each project.

use std::collections::{BTreeMap, BTreeSet};

use super::against::against;
use super::changes::{field_change, origin};
use super::edit::{edit, new_value, old_value};
use super::listings::{ignored_by_rule, not_compared, not_managed, not_managed_here, noted, part};
use super::projects::{Labels, TOGETHER, called, one_place};
use super::together::Together;
use crate::diag::codes::{plan as plan_codes, trust};
use crate::model::Action;
use crate::record::{
    ChangeRecord, Counts, FlagRecord, IgnoredRecord, NoteRecord, PlanRecord, ProblemRecord, ProjectRecord,
    RefusalRecord, StepRecord,
};
use crate::schema::Impact;
use crate::text::{count, short_id};
use crate::view::document::{
    Block, Document, Happens, Label, Phrase, Point, Resource, Risk, Risks, Section, Tone, Topic, Verdict,
};

/// A plan; `allowed` are the addresses that the person has allowed.
#[must_use]
pub fn plan_document(plan: &PlanRecord, allowed: &BTreeSet<String>) -> Document {
    let labels = Labels::of(plan.projects.iter().map(|it| (it.project.as_str(), &it.labels)));
    let steps = Steps::of(plan);
    let together = Together::of(plan);
    let notes = SharedNotes::of(plan);
    let mut blocks = vec![];
    if let Some(base) = &plan.base {
        let review = base.review.iter().map(|it| (it.project.clone(), it.what.clone())).collect();
        blocks.extend([Block::Review(review), Block::Against(against(plan, base, &labels))]);
    }
    let flags = plan.projects.iter().flat_map(|it| steps.flags_of(&it.project).map(|flag| (it.project.as_str(), flag)));
    blocks.push(Block::Risks(Risks { of: plan.projects.len(), risks: risks(flags) }));
    blocks.extend(together.blocks(&labels));
    let sections = plan.projects.iter().filter_map(|project| section(project, &steps, &together, &notes, allowed));
    blocks.extend(sections.map(Block::Section));
    blocks.push(Block::Points(notes.points(&labels)));
    let ignored = plan.ignored.iter().map(|IgnoredRecord { address, action, field, rule }| {
        let change = field.as_ref().map(|field| field_change(field, edit(field)));
        (rule, (address.to_string(), (*action).into(), change))
    });
    blocks.push(Block::Ignored(ignored_by_rule(ignored)));
    blocks.extend(not_managed(plan.projects.iter().map(|it| (it.project.as_str(), &it.unmanaged))));
    blocks.extend(not_compared(plan.projects.iter().map(|it| it.not_compared.as_slice())));
    blocks.retain(|block| !block.is_empty());
    Document { topic: Topic::Plan, verdict: verdict(plan), blocks }
}

/// The verdict of a plan.
pub(in crate::view) fn verdict(plan: &PlanRecord) -> Verdict {
    let Counts { calls, blocked, .. } = plan.summary;
    let blocked = if blocked == 0 { String::new() } else { format!(" · {} not planned", count(blocked, "project")) };
    let ignored = match plan.ignored.len() {
        0 => String::new(),
        many => format!(" · {} ignored by rules", count(many, "difference")),
    };
    let footer = format!("{blocked}{ignored}{}", part(plan.shard.as_deref()));
    let of = |head: &str, rest: Phrase| Verdict { tone: Tone::Neutral, head: head.to_owned(), rest };
    if plan.is_empty() {
        let clean = plan.projects.iter().filter(|project| project.blocked.is_none()).count();
        if clean == 0 && !blocked.is_empty() {
            return of("Nothing planned", Phrase::words(footer.replacen(" · ", ": ", 1)));
        }
        let rest = format!(": {} as the manifests say{footer}", count(clean, "project"));
        return of("No changes", Phrase::words(rest));
    }
    let rest = Phrase::words(format!(": {} · {} · id ", plan.summary.changes(), count(calls, "call")));
    of("Plan", rest.name(short_id(&plan.id)).then(footer))
}

/// The risks in flags, by class of harm and reason, the worst first.
fn risks<'a>(flags: impl Iterator<Item = (&'a str, &'a FlagRecord)>) -> Vec<Risk> {
    let mut said: BTreeMap<(Impact, &str), BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (project, flag) in flags {
        let causes = said.entry((flag.impact, &flag.why)).or_default();
        causes.entry(&flag.what).or_default().insert(project);
    }
    let owned = |projects: BTreeSet<&str>| projects.into_iter().map(str::to_owned).collect();
    let risk = |((impact, why), causes): ((Impact, &str), BTreeMap<&str, BTreeSet<&str>>)| Risk {
        impact,
        why: why.to_owned(),
        causes: causes.into_iter().map(|(what, projects)| (what.to_owned(), owned(projects))).collect(),
    };
    said.into_iter().map(risk).collect()
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
fn section(
    project: &ProjectRecord,
    steps: &Steps<'_>,
    together: &Together<'_>,
    notes: &SharedNotes<'_>,
    allowed: &BTreeSet<String>,
) -> Option<Section> {
    let name = &project.project;
    let told = |change: &ChangeRecord| {
        let told = change.fields.iter().filter(|field| together.tells(change, field));
        told.map(|field| format!("{}.{}", change.address.local(), field.name)).collect::<Vec<_>>()
    };
    let told: BTreeSet<String> = project.changes.iter().flat_map(told).collect();
    let flags = steps.flags_of(name).filter(|flag| !told.contains(&flag.what)).map(|flag| (name.as_str(), flag));
    let sent_along = steps.of_project(name).filter(|step| !step.also_sends.is_empty());
    let mut points: Vec<Point> = project.blocked.iter().map(blocked).collect();
    points.extend(project.refusals.iter().map(|it| refusal(it, allowed)));
    points.extend(notes.rest(project).map(note));
    let mut blocks = vec![
        Block::Risks(Risks { of: 1, risks: risks(flags) }),
        Block::Changes(project.changes.iter().filter_map(|change| resource(change, together)).collect()),
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
fn resource(change: &ChangeRecord, together: &Together<'_>) -> Option<Resource> {
    let fields = change.fields.iter().filter(|field| !together.tells(change, field));
    let value = match change.action {
        Action::Create => new_value,
        Action::Update => edit,
        Action::Delete => old_value,
    };
    let fields: Vec<_> = fields.map(|field| field_change(field, value(field))).collect();
    (!fields.is_empty() || change.fields.is_empty()).then(|| Resource {
        name: change.address.local(),
        is_item: change.address.item.is_some(),
        happens: change.action.into(),
        origin: origin(change.why),
        at: change.at.clone(),
        fields,
    })
}

fn blocked(blocked: &ProblemRecord) -> Point {
    let ProblemRecord { code, message, hints, exit: _, at } = blocked.clone();
    // A project that could be planned but is held back, because its plan is not approved.
    let is_held = [trust::NOT_APPROVED, plan_codes::HELD_BACK].iter().any(|held| code == held.id());
    let label = if is_held { Label::HeldBack } else { Label::NotPlanned };
    Point { label, code: Some(code), subject: None, message, projects: None, at, hints }
}

fn refusal(refusal: &RefusalRecord, allowed: &BTreeSet<String>) -> Point {
    let RefusalRecord { code, address, message, hints, at, allow } = refusal.clone();
    let is_allowed = allow.is_some_and(|address| allowed.contains(&address));
    let label = if is_allowed { Label::Allowed } else { Label::Refused };
    Point { label, code: Some(code), subject: Some(address.to_string()), message, projects: None, at, hints }
}

fn note(note: &NoteRecord) -> Point {
    let (message, at) = (noted(note), note.at.clone());
    Point { label: Label::Note, code: None, subject: None, message, projects: None, at, hints: vec![] }
}

/// Notes that many projects share, shown once with their projects.
struct SharedNotes<'a> {
    by_text: BTreeMap<String, Vec<(&'a str, &'a NoteRecord)>>,
}

impl<'a> SharedNotes<'a> {
    /// Finds the notes that at least three projects have in the same words.
    fn of(plan: &'a PlanRecord) -> Self {
        let mut by_text: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for project in &plan.projects {
            for note in &project.notes {
                by_text.entry(noted(note)).or_default().push((project.project.as_str(), note));
            }
        }
        by_text.retain(|_, all| all.len() >= TOGETHER);
        Self { by_text }
    }

    /// The notes of a project that are shown with it.
    fn rest<'p>(&self, project: &'p ProjectRecord) -> impl Iterator<Item = &'p NoteRecord> {
        project.notes.iter().filter(|note| !self.by_text.contains_key(&noted(note)))
    }

    /// The notes, each with its projects and, where all share one, its place.
    fn points(&self, labels: &Labels<'_>) -> Vec<Point> {
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
