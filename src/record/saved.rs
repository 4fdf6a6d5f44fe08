//! A saved record, read again.

use serde::Deserialize;
use serde_json::Value;

use super::check;
use super::drift::DriftRecord;
use super::failure::FailureRecord;
use super::plan::PlanRecord;
use super::report::ReportRecord;
use super::seal::{DRIFT, FAILURE, PLAN, PLAN_VERSION, REPORT, VERSION};
use super::unbuilt::seal_of;
use crate::json;

/// A plan, drift, a report, or the reason why there is none of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A plan.
    Plan(PlanRecord),
    /// Drift.
    Drift(DriftRecord),
    /// A report.
    Report(ReportRecord),
    /// The reason why there is no plan or report.
    Failure(FailureRecord),
}

/// The fewest bytes for each value of a large record. Records have 20 and more; a text with fewer is none, and would fill the memory.
const BYTES_A_VALUE: usize = 16;

/// What says whether a text is worth being read.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: Value,
    #[serde(default)]
    version: Option<Value>,
    #[serde(default)]
    seal: Option<Value>,
}

/// Why a text is not accepted as a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The text is something else.
    #[error("is no saved plan or report{0}")]
    Foreign(String),
    /// The text has another version.
    #[error("has version {0}, and only version {1} is known")]
    Version(String, u32),
    /// The text has changed since it was saved.
    #[error("has been edited since it was saved")]
    Edited,
    /// The text has a valid seal, and is inconsistent.
    #[error("contradicts itself: {0}")]
    Contradicts(String),
}

impl Record {
    /// The record as JSON, sealed. The same input gives the same bytes; permuted manifests change only places.
    #[must_use]
    pub fn json(&self) -> Value {
        match self {
            Self::Plan(plan) => plan.json(),
            Self::Drift(drift) => drift.json(),
            Self::Report(report) => report.json(),
            Self::Failure(failure) => failure.as_json(),
        }
    }

    /// Reads the output of [`Record::json`].
    ///
    /// # Errors
    /// When the text is something else, has another version, was edited, or is inconsistent.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let foreign = |error: serde_json::Error| Unreadable::Foreign(format!(": {error}"));
        json::bounded(json::VALUES.max(text.len() / BYTES_A_VALUE), text.as_bytes()).map_err(foreign)?;
        // A large text that is something else is not built.
        let head: Head = serde_json::from_str(text).map_err(|_| Unreadable::Foreign(String::new()))?;
        let format = head.format.as_str().unwrap_or_default();
        if ![PLAN, DRIFT, REPORT, FAILURE].contains(&format) {
            return Err(Unreadable::Foreign(String::new()));
        }
        let known = if format == PLAN { PLAN_VERSION } else { VERSION };
        match head.version {
            Some(version) if version == known => {}
            version => return Err(Unreadable::Version(version.map_or("none".to_owned(), |it| it.to_string()), known)),
        }
        if format == FAILURE {
            let failure = serde_json::from_str(text).ok().and_then(|value| FailureRecord::read(&value));
            return failure.map(Self::Failure).ok_or_else(|| Unreadable::Foreign(String::new()));
        }
        if head.seal != Some(seal_of(text).map_err(foreign)?.into()) {
            return Err(Unreadable::Edited);
        }
        let read = match format {
            PLAN => serde_json::from_str(text).map(|plan: PlanRecord| Self::Plan(plan.with_rows())),
            DRIFT => serde_json::from_str(text).map(|drift: DriftRecord| Self::Drift(drift.with_rows())),
            _ => serde_json::from_str(text).map(Self::Report),
        };
        let record = read.map_err(foreign)?;
        let holds_together = match &record {
            Self::Plan(plan) => check::of_plan(plan),
            Self::Report(report) => check::of_report(report),
            Self::Drift(_) | Self::Failure(_) => Ok(()),
        };
        holds_together.map_err(Unreadable::Contradicts)?;
        Ok(record)
    }
}
