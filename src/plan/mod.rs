//! Turns differences into a [`Plan`]: every request, in order, with its risks and refusals.
//!
//! Pure. Main function: [`make`].

mod along;
pub mod approval;
pub mod attribution;
mod creation;
pub mod drift;
mod found;
pub mod guard;
pub mod identity;
pub mod ignore;
mod order;
mod planned;
pub mod repair;
pub mod review;
pub mod revisions;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use creation::UP_WITHIN;
pub use identity::plan_id;
use planned::{Planned, flags};

use crate::diff::{self, DiffContext};
use crate::kind::{self, Kind, KindChanges, PlanContext, Registry, SiblingKinds, Sides, Target};
use crate::kinds::project;
use crate::model::{
    Address, Desired, DesiredProject, Live, LiveKind, LiveProject, Note, Plan, Problem, ProjectPlan, Section,
    SectionBody, Status, StepId,
};
use crate::schema::Impact;
use crate::secret::Vault;

/// The inputs of a plan.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The kinds.
    pub registry: Registry,
    /// The API's origin.
    pub api: &'a str,
    /// The desired state, as selected.
    pub desired: &'a Desired,
    /// The live state.
    pub live: &'a Live,
    /// Projects that cannot be planned, and why.
    pub blocked: &'a BTreeMap<String, Problem>,
    /// The values of secrets that were found.
    pub vault: &'a Vault,
}

/// Makes the plan.
pub fn make(inputs: Inputs<'_>) -> Plan {
    let ranks = kind::ranks(inputs.registry);
    let mut projects = BTreeMap::new();
    let mut planned = vec![];
    for (name, desired) in &inputs.desired.projects {
        let mut project = outline(desired, inputs.live.projects.get(name));
        if let Some(blocked) = inputs.blocked.get(name) {
            project.blocked = Some(blocked.clone());
        } else if let Some(live) = inputs.live.projects.get(name) {
            let new = live.status == Status::Absent;
            let itself = if desired.branch_of.is_some() {
                // Its name and its making are its project's to say.
                None
            } else if new {
                Some(project::to_create(desired))
            } else {
                project::to_rename(desired)
            };
            if let Some(section) = itself {
                planned.extend(plan_section(inputs, &project::Project, 0, desired, live, &section, &mut project));
            }
            for (kind_name, section) in &desired.sections {
                let Some(kind) = kind::find(inputs.registry, kind_name) else { continue };
                let rank = ranks.get(kind_name).map_or(0, |rank| rank + 1);
                planned.extend(plan_section(inputs, kind, rank, desired, live, section, &mut project));
            }
            project.changes.sort_by(|a, b| a.at.cmp(&b.at));
            if new {
                creation::complete(inputs.registry, desired, &mut planned, &mut project);
            }
        }
        projects.insert(name.clone(), project);
    }
    let mut steps = order::order(planned);
    for step in &mut steps {
        let reference = projects.get(&step.at.project).and_then(|project: &ProjectPlan| project.reference.as_ref());
        step.hash = identity::of_step(inputs.api, reference, step);
    }
    let id = plan_id(steps.iter().map(|step| step.hash.as_str()));
    Plan { api: inputs.api.to_owned(), id, projects, steps, ignored: vec![] }
}

fn outline(desired: &DesiredProject, live: Option<&LiveProject>) -> ProjectPlan {
    let region = desired.region.as_ref().map_or(String::new(), |region| region.value.clone());
    let organization = desired.organization.as_ref().map_or(String::new(), |slug| slug.value.clone());
    let mut outline = ProjectPlan {
        reference: desired.reference.as_ref().map(|reference| reference.value.clone()),
        name: desired.live_name().to_owned(),
        region,
        organization,
        protected: desired.protected,
        labels: desired.labels.clone(),
        sections: desired.sections.keys().copied().collect(),
        ..ProjectPlan::default()
    };
    if let Some(live) = live {
        outline.reference.clone_from(&live.reference);
        outline.name.clone_from(&live.name);
        outline.region.clone_from(&live.region);
        outline.organization.clone_from(&live.organization);
        let at = Address::of_project(&desired.document);
        let of = desired.branch_of.as_ref();
        if live.status == Status::Parked {
            let text = "the branch is paused or coming up: nothing of it was read, and nothing is changed".to_owned();
            outline.notes.push(Note { at: at.clone(), text, origin: of.map(|of| of.origin.clone()) });
        }
        if let (Status::Absent, Some(of)) = (&live.status, of) {
            let text = format!("comes after `{}`, which makes the branch `{}`", of.project, of.branch);
            outline.notes.push(Note { at: at.clone(), text, origin: Some(of.origin.clone()) });
        }
        if live.status == Status::ComingUp {
            let text =
                "the project is coming up; nothing of it was read, so every managed field is shown as new".to_owned();
            outline.notes.push(Note { at, text, origin: None });
        }
    }
    outline
}

fn plan_section(
    inputs: Inputs<'_>,
    kind: &'static dyn Kind,
    rank: usize,
    desired: &DesiredProject,
    live: &LiveProject,
    section: &Section,
    project: &mut ProjectPlan,
) -> Vec<Planned> {
    let info = kind.info();
    let seen = live.kinds.get(info.name).unwrap_or(&LiveKind::NotYet);
    let reference = live.reference.as_ref();
    let context = DiffContext { project: &desired.document, reference, vault: inputs.vault };
    let mut found = diff::section(info, context, section, seen);
    if !live.is_new(desired) {
        along::complete(info, section, seen, &mut found.changes, &mut found.notes);
    }
    // Most sections have no differences: live is overlaid with desired only where something differs.
    if !found.changes.is_empty() {
        let wanted = diff::applied(section, seen);
        kind.add_risks(Sides { before: seen, after: &wanted, policy: section.policy }, &mut found.changes);
    }
    if live.is_new(desired) {
        // A new project has nothing that a first value could endanger; its changes can only cost money.
        let diffs = found.changes.iter_mut().flat_map(|change| &mut change.fields);
        diffs.for_each(|diff| diff.risks.retain(|(impact, _)| *impact == Impact::Billed));
    }
    let changes = found::take_in(kind, &desired.document, section, seen, found, project);
    note_ignored_extra(info.name, &desired.document, section, project);
    let refused_before = project.refusals.len();
    let target = Target { project: &desired.document, reference };
    let beside = SiblingKinds { desired: &desired.sections, live: &live.kinds };
    let job =
        KindChanges { target: target.clone(), changes: &changes, section, live: seen, policy: section.policy, beside };
    kind.couple_items(&job, &mut project.refusals);
    if changes.is_empty() {
        return vec![];
    }
    // A new project has the platform's defaults; of a project that is coming up nothing is known.
    let fresh = (live.status == Status::Absent).then(|| creation::defaults(info));
    let base = if let LiveKind::Settings(live) = seen { Some(live) } else { fresh.as_ref() };
    if let (SectionBody::Settings(settings), Some(live)) = (&section.body, base) {
        let overlaid = diff::overlay(settings, live);
        let context = PlanContext { target, section, live, overlaid: &overlaid, changes: &changes };
        guard::needs(info, &context, &mut project.refusals);
        kind.validate(&context, &mut project.refusals);
    }
    guard::consent(info, desired.protected, &changes, &mut project.refusals);
    guard::show_ways(desired.protected, &mut project.refusals[refused_before..]);
    let yields_to = kind.yields_to(&job);
    let refers = kind.references(&job);
    let planned = kind.calls(&job).into_iter().map(|made| {
        let changes: Vec<_> = made.settles.iter().map(|&index| changes[index].clone()).collect();
        Planned {
            at: Address::of(&desired.document, info),
            rank,
            after: info.after,
            yields_to: yields_to.clone(),
            refers: refers.clone(),
            flags: flags(&changes, Some(kind)),
            changes,
            made,
        }
    });
    let planned = planned.collect();
    project.changes.extend(changes);
    planned
}

/// The table does not know what is under `extra`, which every plan notes.
fn note_ignored_extra(kind: &'static str, document: &str, section: &Section, project: &mut ProjectPlan) {
    let SectionBody::Settings(settings) = &section.body else { return };
    let mut names: Vec<_> = settings.extra.keys().chain(settings.extra_secrets.keys()).map(String::as_str).collect();
    names.sort_unstable();
    if !names.is_empty() {
        let text = format!("extra: {} is sent as written; Supaform cannot check it", names.join(", "));
        project.notes.push(Note { at: Address::section(document, kind), text, origin: Some(section.origin.clone()) });
    }
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.projects.values().all(|project| project.changes.is_empty())
    }

    /// The steps of a project, in order.
    pub fn steps_of<'a>(&'a self, project: &'a str) -> impl Iterator<Item = &'a crate::model::Step> {
        // Steps are in order of projects: nothing orders those of two projects but their names.
        let from = self.steps.partition_point(|step| step.at.project.as_str() < project);
        self.steps.iter().skip(from).take_while(move |step| step.at.project == project)
    }

    /// The steps that create projects.
    pub fn creations(&self) -> impl Iterator<Item = &crate::model::Step> {
        self.steps.iter().filter(|step| step.creates())
    }

    /// The step with this id.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&crate::model::Step> {
        let at = self.steps.binary_search_by_key(&id, |step| step.id).ok()?;
        self.steps.get(at)
    }
}
