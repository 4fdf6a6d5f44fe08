//! Notifications for people and programs that do not watch the run: of drift, or that it could not be checked.

mod slack;

pub use slack::slack;

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::record::{Annotation, DriftProjectRecord, DriftRecord};
use crate::text::count;

/// The version of the notification's format. Since version 2 it holds drift, and no plan.
const NOTICE_VERSION: u32 = 2;

/// The result of a check for drift.
#[derive(Debug, Clone, Copy)]
pub enum Notification<'a> {
    /// The drift, and the projects that could not be read.
    Drift(&'a DriftRecord),
    /// The check failed.
    Failed(&'a [Annotation]),
}

impl Notification<'_> {
    /// One line, for people.
    #[must_use]
    pub fn title(self) -> String {
        let Notification::Drift(drift) = self else { return "Supaform: the check for drift failed".to_owned() };
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

/// The run that notifies.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// The address of its page.
    pub run: Option<String>,
    /// The repository of the manifests: `acme/infra`.
    pub repository: Option<String>,
    /// The workspace, where the repository may have several: its folder.
    pub workspace: Option<String>,
    /// The day on which it looked, in UTC: `2026-11-30`.
    pub day: String,
}

/// The projects with something to report.
fn told(drift: &DriftRecord) -> Vec<&DriftProjectRecord> {
    drift.projects.iter().filter(|project| !project.changes.is_empty() || project.blocked.is_some()).collect()
}

/// The notification for programs: the drift, as `drift --format json` prints it, in an envelope.
#[must_use]
pub fn webhook(notice: Notification<'_>, exit: Exit, sender: &Sender) -> Value {
    let Sender { run, repository, workspace, day } = sender;
    let (drift, failures) = match notice {
        Notification::Drift(drift) => (drift.json(), vec![]),
        Notification::Failed(findings) => (Value::Null, findings.iter().map(failure).collect()),
    };
    json!({
        "format": "supaform.notice",
        "version": NOTICE_VERSION,
        "command": "drift",
        "exit": exit.code(),
        "day": day,
        "run": run,
        "repository": repository,
        "workspace": workspace,
        "drift": drift,
        "failures": failures,
    })
}

fn failure(finding: &Annotation) -> Value {
    let Annotation { code, level: _, message, hints, at } = finding;
    json!({"code": code, "message": message, "hints": hints, "at": at})
}
