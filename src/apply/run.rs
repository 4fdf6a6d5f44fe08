//! The steps of a project, in order: a failure skips only what depends on it.

use std::collections::BTreeMap;

use super::step::Seen;
use super::{Context, Event, Outcome, ProjectReport, StepReport, step};
use crate::model::{Address, LiveKind, ProjectRef, Step, StepId};

/// The live state of a kind that was not read.
static NOT_READ: LiveKind = LiveKind::NotYet;

/// Runs the steps of a project, in order; `planned_on` is the live state when they were planned, where any was known.
pub(super) async fn run(
    context: &Context<'_>,
    name: &str,
    reference: &ProjectRef,
    planned_on: Option<&BTreeMap<&'static str, LiveKind>>,
    steps: &[&Step],
) -> ProjectReport {
    let mut report = ProjectReport::default();
    // What was not done, and because of which step.
    let mut undone: BTreeMap<StepId, StepId> = BTreeMap::new();
    // What was read after the step before: nothing was sent since, so that the next one of the collection need not read again.
    let mut last: Option<(&Address, LiveKind)> = None;
    // What was live of a kind after a step that only made way for its next one: that one starts from there.
    let mut further: BTreeMap<&str, LiveKind> = BTreeMap::new();
    for step in steps {
        let seen = last.take().filter(|(at, _)| **at == step.at).map(|(_, live)| live);
        let (outcome, notes) = match step.after.iter().find_map(|id| undone.get(id)) {
            Some(&because) => (Outcome::Skipped { because }, vec![]),
            None if context.writer.is_stopped() => (Outcome::Stopped, vec![]),
            None => {
                (context.events)(Event::Started(step));
                let kind = step.at.subject.kind_name();
                let live = planned_on.map(|all| further.get(kind).or_else(|| all.get(kind)).unwrap_or(&NOT_READ));
                match step::run(context, name, reference, live, seen, step).await {
                    Ok(Seen { notes, live }) => {
                        if step.changes.is_empty() {
                            further.insert(kind, live.clone());
                        }
                        last = matches!(live, LiveKind::Items(_)).then_some((&step.at, live));
                        (Outcome::Done, notes)
                    }
                    Err(outcome) => (*outcome, vec![]),
                }
            }
        };
        let because = if let Outcome::Skipped { because } = outcome { because } else { step.id };
        if !matches!(outcome, Outcome::Done) {
            undone.insert(step.id, because);
        }
        (context.events)(Event::Ended(step, &outcome));
        report.steps.push(StepReport::of(step, outcome, notes));
    }
    report
}
