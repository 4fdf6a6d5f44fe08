//! What people and programs are told who do not look at the run: of drift, or that it could not be looked for.

mod slack;

pub use slack::slack;

use serde_json::{Value, json};

use super::Finding;
use super::record::{PlanRecord, VERSION};
use crate::exit::Exit;

/// What came of looking for drift.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// A plan: what differs, and what could not be read.
    Plan(&'a PlanRecord),
    /// It did not come to a plan.
    Failed(&'a [Finding]),
}

/// The notice for programs: the plan as `drift --format json` prints it, in an envelope.
#[must_use]
pub fn webhook(notice: Notice<'_>, exit: Exit) -> Value {
    let (plan, failures) = match notice {
        Notice::Plan(plan) => (plan.json(), vec![]),
        Notice::Failed(findings) => (Value::Null, findings.iter().map(failure).collect()),
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
