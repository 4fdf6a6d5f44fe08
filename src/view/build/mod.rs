//! Records become documents: the one place that walks them.

mod against;
mod changes;
pub(super) mod edit;
mod findings;
mod plan;
pub(super) mod projects;
mod record;
mod report;
mod suites;
mod summary;
mod together;

pub use findings::{findings_document, plan_findings};
pub use plan::plan_document;
pub(super) use plan::verdict;
pub use record::document;
pub use report::report_document;
pub use suites::{findings_suites, plan_suites, report_suites};
pub use summary::{Summary, summary};
