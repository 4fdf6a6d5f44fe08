//! Any record as a document.

use std::collections::BTreeSet;

use super::drift::drift_document;
use super::findings::findings_document;
use super::plan::plan_document;
use super::report::report_document;
use crate::record::Record;
use crate::view::document::Document;

/// A record as a document.
#[must_use]
pub fn document(record: &Record) -> Document {
    match record {
        Record::Plan(plan) => plan_document(plan, &BTreeSet::new()),
        Record::Drift(drift) => drift_document(drift),
        Record::Report(report) => report_document(report),
        Record::Failure(failure) => findings_document(&failure.findings),
    }
}
