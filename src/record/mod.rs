//! Plans and reports as they are shown, saved and read again: plain data, without secrets, with places as lines and
//! columns.
//!
//! What people see is made from a record, so that a saved one shows as it did at first. The JSON forms are here and nowhere
//! else. They are versioned; a plan and a report have a seal, which detects edits but does not prove who saved the file. So
//! a plan that is read must also be consistent: each step's hash is computed again from what the record shows, and the
//! plan's id from those.

pub(crate) mod annotation;
mod attribution;
mod branch;
mod change;
mod check;
mod compared;
mod counts;
mod done;
mod drift;
mod events;
mod explained;
mod failure;
mod import;
mod merge;
mod needed;
mod of_plan;
mod place;
mod plan;
mod problem;
mod report;
mod revisions;
mod saved;
pub mod schema;
mod seal;
mod spread;
mod status;
mod unbuilt;

pub use annotation::{Annotation, Level};
pub use attribution::released;
pub use branch::BranchRecord;
pub(crate) use change::row_of;
pub use change::{ChangeRecord, FieldRecord, RecordedValue, RiskRecord, Row, SecretRecord};
pub use compared::{Compared, Pair, Several, compare_json};
pub(crate) use compared::{Differing, differing};
pub use counts::Counts;
pub use done::{
    AcceptedRecord, FormattedRecord, Named, PinnedProjectRecord, PinnedRecord, RenderedRecord, SchemaDriftRecord,
    SchemaFindingRecord, ValidationRecord,
};
pub use drift::{
    DriftChangeRecord, DriftCounts, DriftFieldRecord, DriftIgnoredRecord, DriftProjectRecord, DriftRecord, Happened,
};
pub use events::{Events, failed_event};
pub use explained::{Explained, explained_json, origin_text};
pub use failure::FailureRecord;
pub use import::{
    FactoredRecord, ImportRecord, ImportedProjectRecord, ImportedSecretsRecord, LeftRecord, ProfileRecord,
    UnreadableRecord,
};
pub use merge::Mismatch;
pub(crate) use needed::TOKEN;
pub use needed::{Needed, needs_json};
pub(crate) use of_plan::recorded;
pub use place::{AddressRecord, Place};
pub use plan::{
    AwaitedRecord, BaseRecord, FlagRecord, IgnoreRuleRecord, IgnoredRecord, NotComparedRecord, NoteRecord, PlanRecord,
    ProjectRecord, RefusalRecord, ReleasedRecord, ReviewRecord, StepRecord, TouchedRecord, UnadoptedRecord,
    UnmanagedRecord,
};
pub use problem::ProblemRecord;
pub use report::{OutcomeRecord, ProjectReportRecord, ReportRecord, StepReportRecord, TimesRecord};
pub use revisions::{Presence, Revised, Revisions, revisions_json};
pub use saved::{Record, Unreadable};
pub use seal::{PLAN_VERSION, VERSION};
pub use spread::{Basis, Spread, SpreadProject, Standing};
pub use status::{AtHand, ComparedRecord, ProjectStatusRecord, StatusRecord};
