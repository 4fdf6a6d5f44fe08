//! The events of an apply, one JSON object per line. They have no times: the same run gives the same lines, except that
//! lines of projects, which run side by side, may interleave differently.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{OutcomeRecord, PlanRecord, ProblemRecord, ReportRecord, VERSION};
use crate::apply::Event;
use crate::diag::render::{self, escape_json};
use crate::diag::{Diagnostic, Sources};
use crate::exit::Exit;
use crate::model::Step;

/// Turns events into lines; a wait is reported once, however often it polls.
#[derive(Debug, Default)]
pub struct Events {
    waits: BTreeMap<String, String>,
}

impl Events {
    /// The first line: the plan.
    #[must_use]
    pub fn begun(plan: &PlanRecord) -> String {
        line(&json!({
            "event": "begun",
            "format": "supaform.events",
            "version": VERSION,
            "plan": plan.id,
            "api": plan.api,
            "summary": plan.summary,
        }))
    }

    /// The line of an event, if it is not a repetition.
    pub fn line(&mut self, event: &Event<'_>, sources: &Sources) -> Option<String> {
        match event {
            Event::Started(step) => Some(line(&with_step("started", step, json!({})))),
            Event::Waiting(step, what) => {
                self.is_new(&step.id.to_string(), what).then(|| line(&with_step("waiting", step, json!({"for": what}))))
            }
            Event::ProjectWaiting(project, what) => {
                self.is_new(project, what).then(|| line(&json!({"event": "waiting", "project": project, "for": what})))
            }
            Event::Ended(step, outcome) => {
                let problem = outcome.problem().map(|problem| ProblemRecord::of(problem, sources));
                let end = json!({"outcome": OutcomeRecord::from(*outcome), "problem": problem});
                Some(line(&with_step("ended", step, end)))
            }
        }
    }

    /// The last line: the result.
    #[must_use]
    pub fn finished(report: &ReportRecord) -> String {
        let count = |outcome: OutcomeRecord| (outcome.word().to_owned(), report.count(outcome).into());
        let steps: Map<String, Value> = OutcomeRecord::ALL.into_iter().map(count).collect();
        let problem = |(at, problem)| json!({"address": at, "problem": problem});
        let whole = report.projects.iter().filter_map(|project| Some((&project.project, project.problem.as_ref()?)));
        let problems: Vec<Value> = whole.map(problem).collect();
        line(&json!({"event": "finished", "exit": report.exit, "steps": steps, "problems": problems}))
    }

    fn is_new(&mut self, who: &str, what: &str) -> bool {
        self.waits.insert(who.to_owned(), what.to_owned()).as_deref() != Some(what)
    }
}

/// The only line of a run that failed early: the reason.
#[must_use]
pub fn failed_event(found: &[&Diagnostic], sources: &Sources, exit: Exit) -> String {
    line(&json!({
        "event": "failed",
        "format": "supaform.events",
        "version": VERSION,
        "exit": exit.code(),
        "diagnostics": render::json(found, sources),
    }))
}

fn with_step(event: &str, step: &Step, more: Value) -> Value {
    let mut members = json!({
        "event": event,
        "project": step.at.project,
        "step": step.id.to_string(),
        "hash": step.hash,
        "address": step.about(),
        "method": step.call.operation.method,
        "path": step.call.path(),
    });
    if let (Value::Object(members), Value::Object(more)) = (&mut members, more) {
        members.extend(more);
    }
    members
}

fn line(value: &Value) -> String {
    format!("{}\n", escape_json(&value.to_string()))
}
