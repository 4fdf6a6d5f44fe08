//! Drift as a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::change::{RecordedValue, RiskRecord, Row, row_of};
use super::of_plan::{self, recorded};
use super::place::{AddressRecord, Place};
use super::plan::{AwaitedRecord, IgnoreRuleRecord, NotComparedRecord, NoteRecord, UnadoptedRecord, UnmanagedRecord};
use super::problem::ProblemRecord;
use super::seal::{DRIFT, VERSION, no_part, sealed};
use crate::diag::Sources;
use crate::model::{Action, Change, FieldChange, Ignored, ProjectPlan};
use crate::plan::drift::Drift;
use crate::schema::Impact;

/// The drift of live from the manifests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftRecord {
    format: String,
    version: u32,
    /// The API's origin.
    pub api: String,
    /// The drift in numbers.
    pub summary: DriftCounts,
    /// The projects, by name.
    pub projects: Vec<DriftProjectRecord>,
    /// Differences that rules leave alone.
    pub ignored: Vec<DriftIgnoredRecord>,
    /// Projects that no document adopts.
    pub unadopted: Vec<UnadoptedRecord>,
    /// The part of the fleet that it is about, with `--shard`: `3/8`.
    #[serde(default)]
    pub shard: Option<String>,
    /// It is compared before the record is built.
    #[serde(default, deserialize_with = "no_part", skip_serializing)]
    seal: (),
}

/// The drift in numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftCounts {
    /// Resources that are live and that the manifests want deleted.
    pub added: usize,
    /// Resources that are not as the manifests say.
    pub changed: usize,
    /// Fields that differ in them.
    pub fields: usize,
    /// Resources that the manifests have and live lacks.
    pub removed: usize,
    /// Fields whose change makes a project easier to attack.
    pub weakened: usize,
    /// Projects that could not be compared.
    pub blocked: usize,
}

/// What happened to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Happened {
    /// The resource is live, and the manifests want it deleted.
    Added,
    /// Some of its fields differ from the manifests.
    Changed,
    /// The manifests have the resource, and it is not live.
    Removed,
}

/// The drift of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftProjectRecord {
    /// The name of its document.
    pub project: String,
    /// Its ref, where it exists.
    pub r#ref: Option<String>,
    /// Its name in the dashboard.
    pub name: String,
    /// Its organization, where known.
    pub organization: String,
    /// Its region, where known.
    pub region: String,
    /// Whether it is protected.
    pub protected: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The sections that are managed.
    pub sections: Vec<String>,
    /// The changes.
    pub changes: Vec<DriftChangeRecord>,
    /// Notes.
    pub notes: Vec<NoteRecord>,
    /// Secrets that live has and that were not compared, because their values are not at hand.
    pub not_compared: Vec<NotComparedRecord>,
    /// What waits for somebody outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<AwaitedRecord>,
    /// Why it could not be compared.
    pub blocked: Option<ProblemRecord>,
    /// What is not managed.
    pub unmanaged: UnmanagedRecord,
}

/// The drift of a resource, and where the resource is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftChangeRecord {
    /// The resource.
    pub address: AddressRecord,
    /// What has happened to it.
    pub happened: Happened,
    /// Where the resource is written.
    pub at: Option<Place>,
    /// Its fields that differ.
    pub fields: Vec<DriftFieldRecord>,
}

/// A field that is not as the manifests say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftFieldRecord {
    /// Its name.
    pub name: String,
    /// The desired value.
    pub wanted: Option<RecordedValue>,
    /// The live value.
    pub live: Option<RecordedValue>,
    /// The consequences of the change from desired to live.
    pub risks: Vec<RiskRecord>,
    /// Where the desired value is written.
    pub at: Option<Place>,
    /// Its row of the table, which gives the unit of its values.
    #[serde(skip)]
    pub row: Row,
}

/// A difference that a rule leaves alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftIgnoredRecord {
    /// The section or item that differs.
    pub address: AddressRecord,
    /// What has happened to it.
    pub happened: Happened,
    /// The field that differs; nothing where a whole item was added or removed.
    pub field: Option<DriftFieldRecord>,
    /// The rule.
    pub rule: IgnoreRuleRecord,
}

impl Happened {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

impl From<Action> for Happened {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Added,
            Action::Update => Self::Changed,
            Action::Delete => Self::Removed,
        }
    }
}

impl DriftRecord {
    /// The record of what has happened.
    #[must_use]
    pub fn of(drift: &Drift, sources: &Sources) -> Self {
        let Drift { api, projects, ignored, unadopted } = drift;
        let projects = projects.iter().map(|(name, it)| project(name, it, sources)).collect();
        let ignored = ignored.iter().map(|it| self::ignored(it, sources)).collect();
        Self::new(api.clone(), projects, ignored, unadopted.iter().map(of_plan::unadopted).collect())
    }

    /// A record made of these parts.
    #[must_use]
    pub fn new(
        api: String,
        projects: Vec<DriftProjectRecord>,
        ignored: Vec<DriftIgnoredRecord>,
        unadopted: Vec<UnadoptedRecord>,
    ) -> Self {
        let summary = DriftCounts::of(&projects);
        Self {
            format: DRIFT.to_owned(),
            version: VERSION,
            api,
            summary,
            projects,
            ignored,
            unadopted,
            shard: None,
            seal: (),
        }
    }

    /// The record as JSON, sealed.
    #[must_use]
    pub fn json(&self) -> Value {
        sealed(self)
    }

    /// Looks up the rows of the fields again, which are not saved.
    pub(super) fn with_rows(mut self) -> Self {
        for project in &mut self.projects {
            for change in &mut project.changes {
                for field in &mut change.fields {
                    field.row = row_of(&change.address.kind, &field.name);
                }
            }
            for touched in &mut project.unmanaged.touched {
                touched.row = row_of(&touched.kind, &touched.name);
            }
        }
        for DriftIgnoredRecord { address, field, .. } in &mut self.ignored {
            if let Some(field) = field {
                field.row = row_of(&address.kind, &field.name);
            }
        }
        self
    }
}

impl DriftCounts {
    fn of(projects: &[DriftProjectRecord]) -> Self {
        let mut counts = Self::default();
        for project in projects {
            counts.blocked += usize::from(project.blocked.is_some());
            for change in &project.changes {
                match change.happened {
                    Happened::Added => counts.added += 1,
                    Happened::Removed => counts.removed += 1,
                    Happened::Changed => {
                        counts.changed += 1;
                        counts.fields += change.fields.len();
                    }
                }
                counts.weakened += change.fields.iter().filter(|field| field.weakens()).count();
            }
        }
        counts
    }
}

impl DriftChangeRecord {
    /// Whether the change makes the project easier to attack.
    #[must_use]
    pub fn weakens(&self) -> bool {
        self.fields.iter().any(DriftFieldRecord::weakens)
    }
}

impl DriftFieldRecord {
    /// Whether a field's change makes the project easier to attack.
    #[must_use]
    pub fn weakens(&self) -> bool {
        self.risks.iter().any(|risk| risk.impact == Impact::Security)
    }
}

fn project(name: &str, project: &ProjectPlan, sources: &Sources) -> DriftProjectRecord {
    let ProjectPlan {
        reference,
        name: live_name,
        region,
        organization,
        protected,
        labels,
        sections,
        changes,
        unmanaged,
        notes,
        not_compared,
        awaited,
        // Drift applies nothing, so it has no refusals.
        refusals: _,
        lifted: _,
        blocked,
    } = project;
    DriftProjectRecord {
        project: name.to_owned(),
        r#ref: reference.as_ref().map(ToString::to_string),
        name: live_name.clone(),
        organization: organization.clone(),
        region: region.clone(),
        protected: *protected,
        labels: labels.clone(),
        sections: sections.iter().map(|&name| name.to_owned()).collect(),
        changes: changes.iter().map(|it| change(it, sources)).collect(),
        notes: notes.iter().map(|it| of_plan::note(it, sources)).collect(),
        not_compared: not_compared.iter().map(|it| of_plan::not_compared(it, sources)).collect(),
        awaited: awaited.iter().map(|it| of_plan::awaited(it, sources)).collect(),
        blocked: blocked.as_ref().map(|it| ProblemRecord::of(it, sources)),
        unmanaged: of_plan::unmanaged(unmanaged),
    }
}

fn change(change: &Change, sources: &Sources) -> DriftChangeRecord {
    let Change { at, action, fields, origin } = change;
    DriftChangeRecord {
        address: at.into(),
        happened: (*action).into(),
        at: Place::of_origin(origin.as_ref(), sources),
        fields: fields.iter().map(|it| field(it, sources)).collect(),
    }
}

fn field(diff: &FieldChange, sources: &Sources) -> DriftFieldRecord {
    DriftFieldRecord {
        name: diff.name().to_owned(),
        wanted: recorded(&diff.before),
        live: recorded(&diff.after),
        risks: of_plan::risks(diff),
        at: Place::of_origin(diff.origin.as_ref(), sources),
        row: Row(diff.row()),
    }
}

fn ignored(ignored: &Ignored, sources: &Sources) -> DriftIgnoredRecord {
    let Ignored { at, action, field: diff, rule } = ignored;
    DriftIgnoredRecord {
        address: at.into(),
        happened: (*action).into(),
        field: diff.as_ref().map(|it| field(it, sources)),
        rule: of_plan::rule(rule),
    }
}
