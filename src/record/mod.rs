//! Plans and reports as they are shown, saved and read again: plain data, without secrets, with places told in lines.
//!
//! Every renderer takes a record, so that a saved one shows as it did at first. The JSON forms are here and nowhere else. They are versioned; a plan and a
//! report have a seal,
//! which tells an edited file from one that was saved; it proves nothing of who saved it. So a plan that is read must
//! also hold together: each step's hash is made again of what the record shows, and the plan's id of those.

mod attribution;
mod check;
mod counts;
mod events;
mod failure;
pub(crate) mod finding;
mod of_plan;
mod plan;
mod report;
pub mod schema;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use attribution::released;
pub use counts::Counts;
pub use events::{Events, failed_event};
pub use failure::FailureRecord;
pub use finding::{Finding, Level};
pub(crate) use of_plan::recorded;
pub use plan::{
    BaseRecord, BlockedRecord, ChangeRecord, FieldRecord, FlagRecord, IgnoreRuleRecord, IgnoredRecord,
    NotComparedRecord, NoteRecord, PlanRecord, ProjectRecord, RecordedValue, RefusalRecord, ReleasedRecord,
    ReviewRecord, RiskRecord, Row, SecretRecord, StepRecord, TouchedRecord, UnadoptedRecord, UnmanagedRecord,
};
pub use report::{OutcomeRecord, ProblemRecord, ProjectReportRecord, ReportRecord, StepReportRecord};

use crate::diag::{Sources, Span};
use crate::model::Origin;
use crate::secret::hex;

/// The version of reports, failures and events; it grows when a member changes its meaning or goes.
pub const VERSION: u32 = 1;

/// The version of plans. Since 2, a step holds its whole request, and its hash covers that.
pub const PLAN_VERSION: u32 = 2;

const PLAN: &str = "supaform.plan";
const FAILURE: &str = "supaform.diagnostics";
const REPORT: &str = "supaform.report";

/// A plan or a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A plan.
    Plan(PlanRecord),
    /// A report.
    Report(ReportRecord),
    /// Why there is none.
    Failure(FailureRecord),
}

/// Why a text is not taken for a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is something else.
    #[error("is no saved plan or report{0}")]
    Foreign(String),
    /// It is of another version.
    #[error("has version {0}, and only version {1} is known")]
    Version(String, u32),
    /// It is not as it was saved.
    #[error("has been edited since it was saved")]
    Edited,
    /// It has a seal, and does not hold together.
    #[error("was never saved like this: {0}")]
    Contradicts(String),
}

/// A place in a file; both count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, relative to the root.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// Where a span starts.
    #[must_use]
    pub fn of(span: Span, sources: &Sources) -> Self {
        let position = sources.position(span);
        Self { file: sources.get(span.source).path.clone(), line: position.line, column: position.column }
    }

    fn of_origin(origin: Option<&Origin>, sources: &Sources) -> Option<Self> {
        origin.map(|origin| Self::of(origin.span, sources))
    }
}

/// Where a resource is, in words that outlive the run: `acme/secrets/STRIPE_KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct AddressRecord {
    /// The name of the project's document.
    pub project: String,
    /// The section; empty for the project itself.
    pub kind: String,
    /// The item of a collection, or a field.
    pub item: Option<String>,
}

impl AddressRecord {
    /// The section or item within its project: `auth`, `secrets.STRIPE_KEY`; `project` for the project itself.
    #[must_use]
    pub fn local(&self) -> String {
        match (&self.item, self.kind.as_str()) {
            (Some(item), kind) => format!("{kind}.{item}"),
            (None, "") => "project".to_owned(),
            (None, kind) => kind.to_owned(),
        }
    }
}

impl From<String> for AddressRecord {
    fn from(text: String) -> Self {
        let mut parts = text.splitn(3, '/').map(str::to_owned);
        let project = parts.next().unwrap_or_default();
        Self { project, kind: parts.next().unwrap_or_default(), item: parts.next() }
    }
}

impl From<AddressRecord> for String {
    fn from(address: AddressRecord) -> Self {
        address.to_string()
    }
}

impl From<&crate::model::Address> for AddressRecord {
    fn from(address: &crate::model::Address) -> Self {
        let crate::model::Address { project, subject } = address;
        let kind = subject.kind().unwrap_or_default().to_owned();
        Self { project: project.clone(), kind, item: subject.name().map(str::to_owned) }
    }
}

impl std::fmt::Display for AddressRecord {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.project)?;
        if !self.kind.is_empty() || self.item.is_some() {
            write!(out, "/{}", self.kind)?;
        }
        self.item.as_ref().map_or(Ok(()), |item| write!(out, "/{item}"))
    }
}

impl Record {
    /// The record as JSON, sealed. The same input gives the same bytes; permuted manifests give the same but for places.
    #[must_use]
    pub fn json(&self) -> Value {
        match self {
            Self::Plan(plan) => plan.json(),
            Self::Report(report) => report.json(),
            Self::Failure(failure) => failure.as_json(),
        }
    }

    /// Reads what [`Record::json`] has made.
    ///
    /// # Errors
    /// When the text is something else, of another version, was edited, or contradicts itself.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let foreign = |error: serde_json::Error| Unreadable::Foreign(format!(": {error}"));
        let mut value = crate::json::read(text.as_bytes()).map_err(foreign)?;
        let format = value.get("format").and_then(Value::as_str).unwrap_or_default().to_owned();
        if ![PLAN, REPORT, FAILURE].contains(&format.as_str()) {
            return Err(Unreadable::Foreign(String::new()));
        }
        let known = if format == PLAN { PLAN_VERSION } else { VERSION };
        match value.get("version") {
            Some(version) if *version == known => {}
            version => return Err(Unreadable::Version(version.map_or("none".to_owned(), Value::to_string), known)),
        }
        if format == FAILURE {
            let failure = FailureRecord::read(&value).map(Self::Failure);
            return failure.ok_or_else(|| Unreadable::Foreign(String::new()));
        }
        let said = value.as_object_mut().and_then(|members| members.shift_remove("seal"));
        if said != Some(seal(&value).into()) {
            return Err(Unreadable::Edited);
        }
        let read = if format == PLAN {
            serde_json::from_value(value).map(|plan: PlanRecord| Self::Plan(plan.with_rows()))
        } else {
            serde_json::from_value(value).map(Self::Report)
        };
        let record = read.map_err(foreign)?;
        check::holds_together(&record).map_err(Unreadable::Contradicts)?;
        Ok(record)
    }
}

fn sealed(record: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    let seal = seal(&value);
    if let Some(members) = value.as_object_mut() {
        members.insert("seal".to_owned(), seal.into());
    }
    value
}

/// A hash over all but places, which may differ where manifests are written in another order (R30).
fn seal(value: &Value) -> String {
    let mut text = hex(&Sha256::digest(without_places(value).to_string().as_bytes()));
    text.truncate(32);
    text
}

/// Members that hold what users write: nothing in them is a place.
const USERS: [&str; 5] = ["before", "after", "patch", "body", "labels"];

fn without_places(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| *name != "at").map(|(name, value)| {
                let value = if USERS.contains(&name.as_str()) { value.clone() } else { without_places(value) };
                (name.clone(), value)
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.iter().map(without_places).collect(),
        other => other.clone(),
    }
}
