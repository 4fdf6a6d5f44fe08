//! Turns records into documents. Nothing else walks through records.

mod against;
mod among;
mod changes;
mod compare;
mod drift;
pub(super) mod edit;
pub(super) mod facts;
mod findings;
mod listings;
mod obstacles;
mod plan;
mod projects;
mod record;
mod report;
mod revisions;
mod risks;
mod spread;
mod status;
mod steps;
mod suites;
mod summary;
mod together;

pub use among::several_document;
pub use compare::comparison_document;
pub use drift::drift_document;
pub(super) use drift::{deviations, verdict as drift_verdict, ways};
pub use findings::{drift_findings, findings_document, plan_findings};
pub use plan::plan_document;
pub use record::document;
pub use report::report_document;
pub use revisions::revisions_document;
pub use spread::spread_document;
pub use status::status_document;
pub use suites::{drift_suites, findings_suites, plan_suites, report_suites};
pub use summary::{Summary, summary};
