//! What people and programs are told who do not look at the run: of drift, or that it could not be looked for.

mod slack;

pub use slack::slack;

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::record::{Finding, PlanRecord, ProjectRecord, VERSION};
use crate::text::count;

/// What came of looking for drift.
#[derive(Debug, Clone, Copy)]
pub enum Notification<'a> {
    /// A plan: what differs, and what could not be read.
    Plan(&'a PlanRecord),
    /// It did not come to a plan.
    Failed(&'a [Finding]),
}

impl Notification<'_> {
    /// One line, for people.
    #[must_use]
    pub fn title(self) -> String {
        let Notification::Plan(plan) = self else { return "Supaform: drift could not be looked for".to_owned() };
        let told = told(plan);
        let unread = told.iter().filter(|project| project.blocked.is_some()).count();
        let mut parts = vec![];
        if unread < told.len() {
            parts.push(format!("drift in {}", count(told.len() - unread, "project")));
        }
        if unread > 0 {
            parts.push(format!("{} could not be compared", count(unread, "project")));
        }
        if !plan.unadopted.is_empty() {
            parts.push(format!("{} without a document", count(plan.unadopted.len(), "project")));
        }
        let what = if parts.is_empty() { "items that no manifest knows".to_owned() } else { parts.join(", ") };
        format!("Supaform: {what}")
    }
}

/// The projects that there is something to tell of.
fn told(plan: &PlanRecord) -> Vec<&ProjectRecord> {
    plan.projects.iter().filter(|project| !project.changes.is_empty() || project.blocked.is_some()).collect()
}

/// The notice for programs: the plan as `drift --format json` prints it, in an envelope.
#[must_use]
pub fn webhook(notice: Notification<'_>, exit: Exit) -> Value {
    let (plan, failures) = match notice {
        Notification::Plan(plan) => (plan.json(), vec![]),
        Notification::Failed(findings) => (Value::Null, findings.iter().map(failure).collect()),
    };
    json!({
        "format": "supaform.notice",
        "version": VERSION,
        "command": "drift",
        "exit": exit.code(),
        "plan": plan,
        "failures": failures,
    })
}

fn failure(finding: &Finding) -> Value {
    let Finding { code, level: _, message, hints, at } = finding;
    json!({"code": code, "message": message, "hints": hints, "at": at})
}
