//! What people and programs are told who do not look at the run: of drift, or that it could not be looked for.

mod slack;

pub use slack::slack;

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::record::{Annotation, DriftProjectRecord, DriftRecord};
use crate::text::count;

/// The version of notices. Since 2 they hold what has happened, and no plan.
const NOTICE_VERSION: u32 = 2;

/// What came of looking for drift.
#[derive(Debug, Clone, Copy)]
pub enum Notification<'a> {
    /// What has happened to live, and what could not be read.
    Drift(&'a DriftRecord),
    /// It could not be looked for.
    Failed(&'a [Annotation]),
}

impl Notification<'_> {
    /// One line, for people.
    #[must_use]
    pub fn title(self) -> String {
        let Notification::Drift(drift) = self else { return "Supaform: drift could not be looked for".to_owned() };
        let told = told(drift);
        let unread = told.iter().filter(|project| project.blocked.is_some()).count();
        let mut parts = vec![];
        if unread < told.len() {
            parts.push(format!("drift in {}", count(told.len() - unread, "project")));
        }
        if drift.summary.weakened > 0 {
            parts.push(format!("{} weakened", count(drift.summary.weakened, "field")));
        }
        if unread > 0 {
            parts.push(format!("{} could not be compared", count(unread, "project")));
        }
        if !drift.unadopted.is_empty() {
            parts.push(format!("{} without a document", count(drift.unadopted.len(), "project")));
        }
        let what = if parts.is_empty() { "items that no manifest knows".to_owned() } else { parts.join(", ") };
        format!("Supaform: {what}")
    }
}

/// The projects that there is something to tell of.
fn told(drift: &DriftRecord) -> Vec<&DriftProjectRecord> {
    drift.projects.iter().filter(|project| !project.changes.is_empty() || project.blocked.is_some()).collect()
}

/// The notice for programs: what has happened, as `drift --format json` prints it, in an envelope.
#[must_use]
pub fn webhook(notice: Notification<'_>, exit: Exit) -> Value {
    let (drift, failures) = match notice {
        Notification::Drift(drift) => (drift.json(), vec![]),
        Notification::Failed(findings) => (Value::Null, findings.iter().map(failure).collect()),
    };
    json!({
        "format": "supaform.notice",
        "version": NOTICE_VERSION,
        "command": "drift",
        "exit": exit.code(),
        "drift": drift,
        "failures": failures,
    })
}

fn failure(finding: &Annotation) -> Value {
    let Annotation { code, level: _, message, hints, at } = finding;
    json!({"code": code, "message": message, "hints": hints, "at": at})
}
