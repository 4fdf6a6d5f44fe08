//! Projects that do not exist or are not up yet: create, wait, and then carry out the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::run::run;
use super::verdict::{failed, fate_unknown, finding};
use super::{Context, Event, Outcome, ProjectReport, StepReport, wait};
use crate::api::{Class, SendError};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::kind::Kind;
use crate::model::{
    Change, Desired, DesiredProject, Finding, Listed, Live, LiveProject, Outputs, Plan, Problem, ProjectRef, Reference,
    Refusal, Status, Step,
};
use crate::observe;

/// The most times that a creation is sent, each time after the list has shown that no project was created.
const SENDS: u32 = 3;

/// How long a new project may take to be listed, in seconds: 6 is the longest that was measured.
const LISTED_WITHIN: u64 = 30;

/// Creates a project, and then does the steps after it.
pub(super) async fn create(
    context: &Context<'_>,
    plan: &Plan,
    name: &str,
    live: &LiveProject,
    steps: &[&Step],
) -> ProjectReport {
    let Some((creation, rest)) = steps.split_first().filter(|(first, _)| first.creates()) else {
        return ProjectReport::default();
    };
    let began = context.clock.now();
    (context.events)(Event::Started(creation));
    let made = send(context, live, creation).await;
    let (outcome, created) = match made {
        Ok(reference) => (Outcome::Done, Some(reference)),
        Err(outcome) => (*outcome, None),
    };
    (context.events)(Event::Ended(creation, &outcome));
    let notes = created.iter().map(|reference| format!("its ref is {reference}")).collect();
    let mut report = ProjectReport {
        steps: vec![StepReport::of(creation, outcome, notes).during(began..context.clock.now())],
        created: created.clone(),
        problem: None,
    };
    if let Some(reference) = created {
        if let Some(twins) = twins(context, live, &reference).await {
            report.problem = Some(twins);
        } else {
            let after = come_up(context, plan, name, (&reference, None), rest).await;
            report.steps.extend(after.steps);
            report.problem = after.problem;
        }
        if report.steps.len() == 1 && context.writer.is_stopped() {
            report.steps.extend(rest.iter().map(|step| StepReport::of(step, Outcome::Stopped, vec![])));
        }
    } else {
        let skipped = |step: &&Step| StepReport::of(step, Outcome::Skipped { because: creation.id }, vec![]);
        report.steps.extend(rest.iter().map(skipped));
    }
    report
}

/// Checks whether somebody else created a project of the same name at the same time. The API has no lock against that.
async fn twins(context: &Context<'_>, live: &LiveProject, ours: &ProjectRef) -> Option<Problem> {
    let mut named = observe::by_name(context.writer.reader(), &live.organization, &live.name).await.ok()?;
    named.retain(|it| it.reference != *ours);
    if named.is_empty() {
        return None;
    }
    let others = observe::refs_of(named.iter());
    Some(Problem { finding: Finding { code: codes::MADE_TWICE, message: format!(
            "`{}` names more than one project of `{}` now: this run created {ours}, somebody else created {others} at the same time",
            live.name,
            live.organization
        ), hints: vec![
            "Nothing was written to either of them. Delete one of them in the dashboard, then pin the other with `ref:`."
                .to_owned(),
            "Let one apply run at a time.".to_owned(),
        ], origin: None }, exit: Exit::Attention })
}

/// Sends the creation. Never creates a second project: after a lost answer, the list is read first.
async fn send(context: &Context<'_>, live: &LiveProject, step: &Step) -> Result<ProjectRef, Box<Outcome>> {
    let reader = context.writer.reader();
    let find = || observe::by_name(reader, &live.organization, &live.name);
    match find().await {
        Ok(there) if there.is_empty() => {}
        Ok(_) => return Err(Box::new(Outcome::Stale(appeared(live, step)))),
        Err(why) => return Err(Box::new(failed(step, &why))),
    }
    let mut lost = None;
    for _ in 0..SENDS {
        let why = match context.writer.send(&step.call, None).await {
            Ok(answer) => {
                let told = answer.body.get("ref").and_then(serde_json::Value::as_str).and_then(ProjectRef::parse);
                match told {
                    Some(reference) => return Ok(reference),
                    None => {
                        crate::api::ApiError::unreadable(Some(&step.call), "the ref of the new project was expected")
                    }
                }
            }
            Err(SendError::Unknown(why)) => why,
            // After a lost answer, the API may refuse the name because the lost request has taken it.
            Err(SendError::Api(why)) if lost.is_some() && why.class == Class::Invalid => why,
            Err(SendError::Api(why))
                if why.class == Class::Invalid && find().await.is_ok_and(|there| !there.is_empty()) =>
            {
                return Err(Box::new(Outcome::Stale(appeared(live, step))));
            }
            Err(SendError::Api(why)) => return Err(Box::new(failed(step, &why))),
            Err(SendError::Unresolved(secret)) => {
                let message = format!("{secret} could not be resolved");
                return Err(Box::new(Outcome::Failed(
                    finding(step, codes::UNRESOLVED_SECRET, message).ends(Exit::Invalid),
                )));
            }
        };
        let until = context.clock.now() + Duration::from_secs(LISTED_WITHIN);
        while !context.writer.is_stopped() {
            match find().await.as_deref() {
                Ok([one]) => return Ok(one.reference.clone()),
                Ok([]) if context.clock.now() < until => context.writer.pause(Duration::from_secs(3)).await,
                Ok([]) => break,
                Ok(several) => return Err(Box::new(Outcome::Unknown(unclear(live, step, several)))),
                Err(_) => return Err(Box::new(fate_unknown(step, &why, context.writer.is_stopped()))),
            }
        }
        if context.writer.is_stopped() {
            return Err(Box::new(fate_unknown(step, &why, context.writer.is_stopped())));
        }
        lost = Some(why);
    }
    match lost {
        Some(why) => Err(Box::new(fate_unknown(step, &why, context.writer.is_stopped()))),
        None => Err(Box::new(Outcome::Stopped)),
    }
}

/// The answer was lost, and several projects may be the new one: none is assumed to be.
fn unclear(live: &LiveProject, step: &Step, several: &[Listed]) -> Problem {
    let refs = observe::refs_of(several.iter());
    let message = format!(
        "the answer was lost, and `{}` has several projects with the name `{}` now: {refs}",
        live.organization, live.name
    );
    let hint = "Find the new project in the dashboard, and pin the right one with `ref:`. Each project costs money as long as it exists.";
    finding(step, codes::FATE_UNKNOWN, message).hint(hint).ends(Exit::Attention)
}

fn appeared(live: &LiveProject, step: &Step) -> Problem {
    let message =
        format!("a project `{}` has been created in `{}` since the plan was made", live.name, live.organization);
    let hint = "Run plan again: it adopts that project, if it is the right one.";
    finding(step, codes::STALE, message).hint(hint).ends(Exit::Stale)
}

/// The ref of a project, and of a branch that of the project that it is a branch of.
pub(super) type Whole<'a> = (&'a ProjectRef, Option<&'a ProjectRef>);

/// A project that is coming up: waits, reads, makes sure that nothing unseen needs a change, and then carries out the plan
/// with the values that have become known.
pub(super) async fn come_up(
    context: &Context<'_>,
    plan: &Plan,
    name: &str,
    of: Whole<'_>,
    approved: &[&Step],
) -> ProjectReport {
    match come_up_or(context, plan, name, of, approved).await {
        Ok(report) => report,
        Err(problem) => ProjectReport { problem: Some(*problem), ..ProjectReport::default() },
    }
}

async fn come_up_or(
    context: &Context<'_>,
    plan: &Plan,
    name: &str,
    of: Whole<'_>,
    approved: &[&Step],
) -> Result<ProjectReport, Box<Problem>> {
    let (reference, _) = of;
    let outputs = Outputs::from([(Reference::RefOf(name.to_owned()), reference.to_string())]);
    let steps: Option<Vec<Step>> = approved.iter().map(|step| step.filled(&outputs)).collect();
    let steps = steps.ok_or_else(|| Box::new(unmade(name)))?;
    let mut wanted = context.desired.projects[name].clone();
    wanted.fill_in(reference);
    let live = Live { projects: BTreeMap::from([(name.to_owned(), once_up(context, name, of, &wanted).await?)]) };
    let desired = Desired { projects: BTreeMap::from([(name.to_owned(), wanted)]), ..Desired::default() };
    let seen = crate::plan::make(crate::plan::Inputs {
        registry: context.registry,
        api: &plan.api,
        desired: &desired,
        live: &live,
        blocked: &BTreeMap::new(),
        vault: context.vault,
    });
    refuse_unseen(plan, name, &seen, approved)?;
    let context = Context { desired: &desired, live: &live, ..context.clone() };
    Ok(run(&context, name, reference, None, &steps.iter().collect::<Vec<_>>()).await)
}

/// The live state of a project, once it is up.
async fn once_up(
    context: &Context<'_>,
    name: &str,
    of: Whole<'_>,
    wanted: &DesiredProject,
) -> Result<LiveProject, Box<Problem>> {
    let (reference, _) = of;
    let kinds: Vec<&'static dyn Kind> = observe::kinds_of(context.registry, wanted).collect();
    let services: BTreeSet<&str> = kinds.iter().flat_map(|kind| kind.info().services).copied().collect();
    let services: Vec<&str> = services.into_iter().collect();
    let mut live = context.turn.without(wait::until_up(context, name, of, &services)).await.map_err(Box::new)?;
    if context.live.projects.get(name).is_some_and(|planned| planned.is_new(wanted)) {
        live.status = Status::Created;
    }
    observe::itself(wanted, &mut live);
    for kind in kinds {
        let section = wanted.sections.get(kind.info().name);
        let seen = observe::kind_of(context.writer.reader(), kind, name, reference, section).await;
        let seen = seen.map_err(|why| Box::new(why.blocked(None)))?;
        live.kinds.insert(kind.info().name, seen);
    }
    Ok(live)
}

/// A step needs a value that no earlier step provides; such a plan was not made by this program.
fn unmade(name: &str) -> Problem {
    Problem {
        finding: Finding {
            code: codes::STALE,
            message: format!("a step of `{name}` needs a value that no earlier step provides"),
            hints: vec!["Run plan again.".to_owned()],
            origin: None,
        },
        exit: Exit::Stale,
    }
}

/// Changes of the approved plan were allowed by their addresses; new ones were not.
fn refuse_unseen(plan: &Plan, name: &str, again: &Plan, approved: &[&Step]) -> Result<(), Box<Problem>> {
    let planned = &plan.projects[name];
    let standing = planned.refusals.iter().filter_map(|refusal| Some((refusal.allow?, &refusal.at)));
    let allowed: BTreeSet<_> = standing.chain(planned.lifted.iter().map(|(impact, at)| (*impact, at))).collect();
    let is_new = |refusal: &&Refusal| refusal.allow.is_none_or(|impact| !allowed.contains(&(impact, &refusal.at)));
    if let Some(refusal) = again.projects[name].refusals.iter().find(is_new) {
        return Err(Box::new(refusal.finding.clone().ends(Exit::Refused)));
    }
    let shown: BTreeSet<_> = approved.iter().flat_map(|step| &step.changes).flat_map(named).collect();
    if again.steps.iter().flat_map(|step| &step.changes).flat_map(named).all(|field| shown.contains(&field)) {
        return Ok(());
    }
    let message = "now that the project is up, it needs changes that were not in the plan";
    Err(Box::new(Finding::new(codes::STALE, message).hint("Run plan again.").ends(Exit::Stale)))
}

fn named(change: &Change) -> Vec<(String, String)> {
    let at = change.at.to_string();
    let mut all: Vec<_> = change.fields.iter().map(|diff| (at.clone(), diff.name().to_owned())).collect();
    all.push((at, String::new()));
    all
}
