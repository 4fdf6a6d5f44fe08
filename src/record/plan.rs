//! A plan as a record.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::change::{ChangeRecord, FieldRecord, RecordedValue, Row, row_of};
use super::counts::Counts;
use super::place::{AddressRecord, Place};
use super::problem::ProblemRecord;
use super::seal::{PLAN, PLAN_VERSION, Part, Parts, hash, no_part};
use crate::model::Action;
use crate::plan::guard::TRAILER;
use crate::plan::identity::{RequestForm, WaitForm};
use crate::schema::Impact;

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRecord {
    format: String,
    version: u32,
    /// A hash over the sorted hashes of the steps.
    pub id: String,
    /// The API's origin.
    pub api: String,
    /// The changes in numbers.
    pub summary: Counts,
    /// The projects, by name.
    pub projects: Vec<ProjectRecord>,
    /// The writes, in order.
    pub steps: Vec<StepRecord>,
    /// Differences that rules leave alone.
    pub ignored: Vec<IgnoredRecord>,
    /// The revision that it was compared with, with `--base`.
    pub base: Option<Box<BaseRecord>>,
    /// The part of the fleet that it is about, with `--shard`: `3/8`.
    #[serde(default)]
    pub shard: Option<String>,
    /// It is compared before the record is built.
    #[serde(default, deserialize_with = "no_part", skip_serializing)]
    seal: (),
}

/// The revision that a plan was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseRecord {
    /// The revision as the command line names it.
    pub revision: String,
    /// Its commit.
    pub commit: String,
    /// How many of its commits the branch lacks. Where it lacks any, the plan is that of the merge of both.
    #[serde(default)]
    pub behind: usize,
    /// The tree of that merge, as git knows it.
    #[serde(default)]
    pub merge: Option<String>,
    /// Changes of what the plan allows and the base does not.
    pub review: Vec<ReviewRecord>,
    /// Settings that the base manages and the plan does not.
    pub released: Vec<ReleasedRecord>,
}

/// A change of the rules: a protection that is removed, another project behind the name, a new rule of `ignore:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRecord {
    /// The name of the document, unless it is about the workspace.
    pub project: Option<String>,
    /// What changes.
    pub what: String,
}

/// A setting that is no longer managed, and keeps its live value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedRecord {
    /// The name of the document.
    pub project: String,
    /// The place: `auth.jwt_exp`, `secrets.STRIPE_KEY`, `project` for the whole project.
    pub place: String,
    /// The live value, where it was read.
    pub stays: Option<RecordedValue>,
}

/// The plan of a project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRecord {
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
    pub changes: Vec<ChangeRecord>,
    /// Notes.
    pub notes: Vec<NoteRecord>,
    /// Secrets that live has and that were not compared, because their values are not at hand.
    pub not_compared: Vec<NotComparedRecord>,
    /// What waits for somebody outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<AwaitedRecord>,
    /// The refusals.
    pub refusals: Vec<RefusalRecord>,
    /// Why it could not be planned.
    pub blocked: Option<ProblemRecord>,
    /// What is not managed.
    pub unmanaged: UnmanagedRecord,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteRecord {
    /// The subject.
    pub address: AddressRecord,
    /// A sentence.
    pub text: String,
    /// Where the subject is written.
    pub at: Option<Place>,
}

/// Something that waits for somebody outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitedRecord {
    /// The section or item.
    pub address: AddressRecord,
    /// What is awaited.
    pub text: String,
    /// What to do, a line each.
    pub todo: Vec<String>,
    /// Where the section or item is written.
    pub at: Option<Place>,
}

/// A secret that was not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotComparedRecord {
    /// The section or item with the secret.
    pub address: AddressRecord,
    /// The field.
    pub field: String,
    /// The source of its value.
    pub secret: String,
    /// Where the reference is written.
    pub at: Option<Place>,
}

/// Why a plan may not be applied as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalRecord {
    /// The code.
    pub code: String,
    /// The subject.
    pub address: AddressRecord,
    /// The refused change, and the reason.
    pub message: String,
    /// The hints.
    pub hints: Vec<String>,
    /// The address for `--allow`, if that lifts the refusal.
    pub allow: Option<String>,
    /// The class of harm, if a word of somebody lifts the refusal.
    #[serde(default)]
    pub class: Option<Impact>,
    /// Where the subject is written.
    pub at: Option<Place>,
}

/// A difference that a rule leaves alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IgnoredRecord {
    /// The section or item that differs.
    pub address: AddressRecord,
    /// What would happen to it.
    pub action: Action,
    /// The field that differs; `None` where a whole item would be created or deleted.
    pub field: Option<FieldRecord>,
    /// The rule.
    pub rule: IgnoreRuleRecord,
}

/// A rule of `ignore:`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IgnoreRuleRecord {
    /// The address pattern, with `*` and `?`.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The responsible person.
    pub owner: String,
    /// The last day on which it holds.
    pub until: String,
    /// Where the rule is written.
    pub at: Option<Place>,
}

/// A live project that no document adopts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnadoptedRecord {
    /// Its ref.
    pub r#ref: String,
    /// Its name.
    pub name: String,
    /// Its organization's slug.
    pub organization: String,
    /// Its region.
    pub region: String,
    /// Its status, in the API's word.
    pub status: String,
}

/// What is live and not managed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnmanagedRecord {
    /// How many fields.
    pub fields: usize,
    /// Fields with another value than on an untouched project.
    pub touched: Vec<TouchedRecord>,
    /// The names of items, by kind.
    pub items: BTreeMap<String, Vec<String>>,
}

/// A live setting that no manifest manages, with another value than on an untouched project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchedRecord {
    /// The section.
    pub kind: String,
    /// The field.
    pub name: String,
    /// The live value.
    pub live: Option<RecordedValue>,
    /// The value of an untouched project; `None` where it has none.
    pub untouched: Option<RecordedValue>,
    /// Its row of the table.
    #[serde(skip)]
    pub row: Row,
}

/// A write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    /// Its id within the plan.
    pub id: String,
    /// The hash over its request, its wait and its changes, which is what people approve.
    pub hash: String,
    /// The section that it writes.
    pub address: AddressRecord,
    /// The changes that it settles.
    pub settles: Vec<AddressRecord>,
    /// The method, as in the request.
    pub method: String,
    /// The path, as the request makes it.
    pub path: String,
    /// The whole request.
    pub request: RequestForm,
    /// The condition that is waited for afterwards.
    pub wait: Option<WaitForm>,
    /// The steps that must be done before.
    pub after: Vec<String>,
    /// The risks.
    pub flags: Vec<FlagRecord>,
    /// Fields that are sent along unchanged.
    pub also_sends: Vec<String>,
}

/// A risk of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRecord {
    /// The class of harm.
    pub impact: Impact,
    /// The resource and field.
    pub what: String,
    /// The consequence.
    pub why: String,
}

/// A plan and its seal.
#[derive(Debug, Serialize)]
pub struct SealedPlan<'p> {
    #[serde(flatten)]
    plan: &'p PlanRecord,
    seal: String,
}

/// A plan but for places, project by project.
struct Unplaced<'p>(&'p PlanRecord);

impl Serialize for Unplaced<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let PlanRecord { format, version, id, api, summary, projects, steps, ignored, base, shard, seal: () } = self.0;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("format", format)?;
        map.serialize_entry("version", version)?;
        map.serialize_entry("id", id)?;
        map.serialize_entry("api", api)?;
        map.serialize_entry("summary", &Part(summary))?;
        map.serialize_entry("projects", &Parts(projects))?;
        map.serialize_entry("steps", &Parts(steps))?;
        map.serialize_entry("ignored", &Parts(ignored))?;
        map.serialize_entry("base", &Part(base))?;
        map.serialize_entry("shard", shard)?;
        map.end()
    }
}

impl PlanRecord {
    /// A record made of these parts.
    #[must_use]
    pub fn new(id: String, api: String, summary: Counts, projects: Vec<ProjectRecord>, steps: Vec<StepRecord>) -> Self {
        Self {
            format: PLAN.to_owned(),
            version: PLAN_VERSION,
            id,
            api,
            summary,
            projects,
            steps,
            ignored: vec![],
            base: None,
            shard: None,
            seal: (),
        }
    }

    /// The plan as JSON, sealed.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::to_value(self.sealed()).unwrap_or_default()
    }

    /// The same, to be written piece by piece: a fleet's plan takes many times its size as one value.
    #[must_use]
    pub fn sealed(&self) -> SealedPlan<'_> {
        SealedPlan { plan: self, seal: hash(&Unplaced(self)) }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.projects.iter().all(|project| project.changes.is_empty())
    }

    /// Finds the rows of the fields again, which are not saved.
    pub(super) fn with_rows(mut self) -> Self {
        let changes = self.projects.iter_mut().flat_map(|project| &mut project.changes);
        let fields = changes.flat_map(|change| change.fields.iter_mut().map(|field| (&change.address, field)));
        let ignored = self.ignored.iter_mut().filter_map(|it| Some((&it.address, it.field.as_mut()?)));
        for (address, field) in fields.chain(ignored) {
            field.row = row_of(&address.kind, &field.name);
        }
        for touched in self.projects.iter_mut().flat_map(|project| &mut project.unmanaged.touched) {
            touched.row = row_of(&touched.kind, &touched.name);
        }
        self
    }
}

impl RefusalRecord {
    /// Whether the person has allowed it, given the addresses that are allowed.
    #[must_use]
    pub fn is_allowed(&self, allowed: &BTreeSet<String>) -> bool {
        self.allow.as_ref().is_some_and(|address| allowed.contains(address))
    }

    /// The line that allows the change in the message of a commit.
    #[must_use]
    pub fn word(&self) -> Option<String> {
        self.class.map(|class| format!("{TRAILER}: {}:{}", class.word(), self.address))
    }
}

impl ProjectRecord {
    /// Whether the project has only changes, without notes, refusals or problems.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.notes.is_empty() && self.awaited.is_empty() && self.may_pass()
    }

    /// Whether the plan has no refusals or problems.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.refusals.is_empty() && self.blocked.is_none()
    }
}
