//! The steps of a project, in order: a failure skips only what depends on it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::sent::Sent;
use super::step::{Seen, WAS_SO};
use super::together::Together;
use super::work::{Ended, Work};
use super::{Context, Event, Outcome, ProjectReport, StepReport};
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
    let mut run = Run {
        context,
        name,
        reference,
        planned_on,
        report: ProjectReport::default(),
        undone: BTreeMap::new(),
        last: None,
        further: BTreeMap::new(),
        together: None,
        sent: Sent::default(),
        begun: BTreeMap::new(),
    };
    for (index, step) in steps.iter().enumerate() {
        run.step(step).await;
        if steps.get(index + 1).is_none_or(|next| next.at != step.at) {
            run.find_lost().await;
        }
    }
    run.read_back().await;
    run.report
}

struct Run<'a> {
    context: &'a Context<'a>,
    name: &'a str,
    reference: &'a ProjectRef,
    planned_on: Option<&'a BTreeMap<&'static str, LiveKind>>,
    report: ProjectReport,
    /// What was not done, and because of which step.
    undone: BTreeMap<StepId, StepId>,
    /// What was read after the step before: nothing was sent since, so that the next one of the collection need not read again.
    last: Option<(&'a Address, LiveKind)>,
    /// What was live of a kind after a step that only made way for its next one: that one starts from there.
    further: BTreeMap<&'a str, LiveKind>,
    /// The steps before this one that are not read back yet.
    together: Option<Together<'a>>,
    /// What was written of the section so far and may be lost.
    sent: Sent<'a>,
    /// When each step was begun.
    begun: BTreeMap<StepId, Duration>,
}

impl<'a> Run<'a> {
    async fn step(&mut self, step: &'a Step) {
        let work = Work::of(self.context, self.name, self.reference, step);
        let goes_along = |together: &Together<'_>| work.as_ref().is_ok_and(|work| together.takes(work));
        if !self.together.as_ref().is_some_and(goes_along) {
            self.read_back().await;
        }
        let ended = match self.hindrance(step) {
            Some(outcome) => Err(Box::new(outcome)),
            None => {
                self.begun.insert(step.id, self.context.clock.now());
                (self.context.events)(Event::Started(step));
                match work {
                    Ok(work) => self.carry_out(work).await,
                    Err(outcome) => Err(outcome),
                }
            }
        };
        if let Some(ended) = ended.transpose() {
            self.read_back().await;
            self.end(step, ended);
        }
    }

    /// Why a step is not begun.
    fn hindrance(&self, step: &Step) -> Option<Outcome> {
        let because = step.after.iter().find_map(|id| self.undone.get(id)).copied();
        let skipped = because.map(|because| Outcome::Skipped { because });
        skipped.or_else(|| self.context.writer.is_stopped().then_some(Outcome::Stopped))
    }

    /// Carries a step out, and gives its notes; `None` where it is read back later.
    async fn carry_out(&mut self, work: Work<'a>) -> Ended<Option<Vec<String>>> {
        let kind = work.step.at.subject.kind_name();
        let seen = self.last.take().filter(|(at, _)| **at == work.step.at).map(|(_, live)| live);
        let live = self.planned_on.map(|all| self.further.get(kind).or_else(|| all.get(kind)).unwrap_or(&NOT_READ));
        if let (Some(planned_on), true) = (live, Together::suits(&work)) {
            let together = match self.together.take() {
                Some(together) => together,
                None => Together::begin(&work, seen).await?,
            };
            return self.together.insert(together).send(work, planned_on).await.map(|()| None);
        }
        let Seen { notes, live } = work.run(live, seen).await?;
        if work.step.changes.is_empty() {
            self.further.insert(kind, live.clone());
        }
        self.sent.add(&work, &live);
        self.last = matches!(live, LiveKind::Items(_)).then_some((&work.step.at, live));
        Ok(Some(notes))
    }

    /// Reads what the last steps have written, where that is still to be done.
    async fn read_back(&mut self) {
        let Some(together) = self.together.take() else { return };
        let (ends, live) = together.read_back().await;
        self.last = ends.last().map(|(step, _)| &step.at).zip(live);
        for (step, ended) in ends {
            self.end(step, ended);
        }
    }

    /// Writes again what was lost after it had been read back.
    async fn find_lost(&mut self) {
        for step in std::mem::take(&mut self.sent).lost() {
            (self.context.events)(Event::Waiting(step, "it to be there again: it was lost"));
            let again = match Work::of(self.context, self.name, self.reference, step) {
                Ok(work) => work.run(None, None).await,
                Err(outcome) => Err(outcome),
            };
            let Some(told) = self.report.steps.iter_mut().find(|told| told.id == step.id) else { continue };
            match again {
                Ok(Seen { notes, live }) => {
                    told.notes.extend(notes.into_iter().filter(|note| note != WAS_SO));
                    self.last = Some((&step.at, live));
                }
                Err(outcome) => {
                    self.undone.insert(step.id, step.id);
                    told.outcome = *outcome;
                }
            }
        }
    }

    fn end(&mut self, step: &Step, ended: Ended<Vec<String>>) {
        let (outcome, notes) = ended.map_or_else(|outcome| (*outcome, vec![]), |notes| (Outcome::Done, notes));
        let because = if let Outcome::Skipped { because } = outcome { because } else { step.id };
        if !matches!(outcome, Outcome::Done) {
            self.undone.insert(step.id, because);
        }
        (self.context.events)(Event::Ended(step, &outcome));
        let report = StepReport::of(step, outcome, notes);
        self.report.steps.push(match self.begun.get(&step.id) {
            Some(&begun) => report.during(begun..self.context.clock.now()),
            None => report,
        });
    }
}
