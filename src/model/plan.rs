//! The plan: a value with every request, in order, and the reasons.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Address, Body, Call, Change, DisplayValue, FieldChange, FieldKey, Finding, Ignored, Method, Origin, Outputs,
    Problem, ProjectRef,
};
use crate::schema::{FieldPath, Impact};
use crate::secret::SecretUse;

/// The id of a step within a plan: `s1`, `s2`… in the order of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

impl std::fmt::Display for StepId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "s{}", self.0)
    }
}

/// Everything that an apply would do. It has no secret and no digest of one.
#[derive(Debug)]
#[must_use = "a plan that is neither shown nor applied was made in vain"]
pub struct Plan {
    /// The API's origin, such as `https://api.supabase.com`.
    pub api: String,
    /// A hash over the sorted hashes of the steps; the first eight digits are for display.
    pub id: String,
    /// The plan of each project, by the name of its document.
    pub projects: BTreeMap<String, ProjectPlan>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Differences that rules leave alone: neither changes nor steps.
    pub ignored: Vec<Ignored>,
}

/// The plan of one project.
#[derive(Debug, Default)]
pub struct ProjectPlan {
    /// Its ref, where it exists.
    pub reference: Option<ProjectRef>,
    /// Its name at Supabase.
    pub name: String,
    /// Its region, where known.
    pub region: String,
    /// Its organization, where known.
    pub organization: String,
    /// `protected: true`.
    pub protected: bool,
    /// `labels:`.
    pub labels: BTreeMap<String, String>,
    /// The sections that are managed and planned, by name.
    pub sections: Vec<&'static str>,
    /// The changes, sorted by address.
    pub changes: Vec<Change>,
    /// What is not managed, counted.
    pub unmanaged: Unmanaged,
    /// Notes that are no differences.
    pub notes: Vec<Note>,
    /// Secrets that live has and that were not compared, because their values are not at hand.
    pub not_compared: Vec<NotCompared>,
    /// What waits for somebody outside.
    pub awaited: Vec<Awaited>,
    /// The refusals, each with a hint.
    pub refusals: Vec<Refusal>,
    /// Refusals that were lifted, because somebody allowed the change or it proved to be a repair.
    pub lifted: Vec<(Impact, Address)>,
    /// Why the project could not be planned at all.
    pub blocked: Option<Problem>,
}

/// Live fields and items that no manifest manages.
#[derive(Debug, Default, Clone)]
pub struct Unmanaged {
    /// Settings that are live and not written, in managed sections.
    pub fields: usize,
    /// Fields with another value than on an untouched project.
    pub touched: Vec<Touched>,
    /// The names of items that are live and not written, by kind.
    pub items: BTreeMap<&'static str, Vec<String>>,
}

/// A secret that is live and was not compared, because its value is not at hand.
#[derive(Debug, Clone)]
pub struct NotCompared {
    /// The section or item with the secret.
    pub at: Address,
    /// The field.
    pub field: String,
    /// The source of its value.
    pub secret: SecretUse,
    /// Where the reference is written.
    pub origin: Option<Origin>,
}

/// A live setting that no manifest manages, with another value than on an untouched project.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The section.
    pub kind: &'static str,
    /// The field.
    pub path: FieldPath,
    /// The live value.
    pub live: DisplayValue,
    /// The value of an untouched project, in the form in which people write it.
    pub untouched: Value,
}

/// A note that is no difference.
#[derive(Debug, Clone)]
pub struct Note {
    /// The subject.
    pub at: Address,
    /// A sentence.
    pub text: String,
    /// Where the subject is written.
    pub origin: Option<Origin>,
}

/// Something that somebody outside has to do, or that takes its time, before a section can become what is desired. It is neither a
/// change that somebody made nor a failure: a later run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The section or item.
    pub at: Address,
    /// What is awaited: a clause without the full stop.
    pub text: String,
    /// What to do, a line each; empty where only time has to pass.
    pub todo: Vec<String>,
    /// The fields that differ for no other reason.
    pub holds: &'static [&'static str],
    /// Whether it comes by itself within a minute or two, so that a run may well wait for it.
    pub soon: bool,
    /// Whether the request that looks for it has to be sent again before more can be seen.
    pub ask_again: bool,
    /// Where the section or item is written.
    pub origin: Option<Origin>,
}

/// Why a plan may not be applied as it is.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The subject.
    pub at: Address,
    /// The finding.
    pub finding: Finding,
    /// The class of harm that `--allow ADDRESS` allows; `None` where nothing lifts the refusal.
    pub allow: Option<Impact>,
}

/// A flag of a step, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flag {
    /// The class of harm.
    pub impact: Impact,
    /// The resource and field: `auth.mfa_phone_verify_enabled`.
    pub what: String,
    /// The consequence.
    pub why: String,
}

/// One write of the plan.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// 128 bits of SHA-256 over its whole request and what it settles, in hex.
    pub hash: String,
    /// Its project and kind.
    pub at: Address,
    /// The request.
    pub call: Call,
    /// Steps that must be done before it.
    pub after: BTreeSet<StepId>,
    /// What to wait for afterwards.
    pub wait: Option<Wait>,
    /// The risks.
    pub flags: Vec<Flag>,
    /// The changes that it settles.
    pub changes: Vec<Change>,
    /// Fields that it sends along unchanged because the API requires them.
    pub sent_along: Vec<FieldKey>,
    /// What its answer means beyond success and failure.
    pub answers: Answers,
}

/// What the answer to a request means, beyond success and failure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// Parts of refusals that mean "not yet", and how long the request is tried again, in seconds, before the next run has to.
    pub not_yet: Option<(&'static [&'static str], u32)>,
    /// What a success must show: a JSON pointer, the value there, and what it means if it shows another.
    pub shows: Option<(&'static str, Value, String)>,
    /// A part of a refusal that says little, and what to do then: a hint.
    pub advice: Option<(&'static str, String)>,
}

impl Step {
    /// What the step is about: the one item that it changes, or else the section.
    #[must_use]
    pub fn about(&self) -> &Address {
        match self.changes.split_first() {
            Some((first, rest)) if rest.iter().all(|change| change.at == first.at) => &first.at,
            _ => &self.at,
        }
    }

    /// The step with the values of earlier ones, ready to be sent; `None` where one is missing.
    #[must_use]
    pub fn filled(&self, outputs: &Outputs) -> Option<Self> {
        Some(Self { call: self.call.filled(outputs)?, ..self.clone() })
    }

    /// The step limited to the remaining changes, where its request has each of them separately.
    #[must_use]
    pub fn narrowed(mut self, left: &[Change]) -> Self {
        let Body::Json(body) = &mut self.call.body else { return self };
        if self.call.operation.method != Method::Patch {
            return self;
        }
        for change in &mut self.changes {
            let still = left.iter().filter(|it| it.at == change.at).flat_map(|it| &it.fields);
            let still: BTreeSet<&str> = still.map(FieldChange::name).collect();
            change.fields.retain(|field| {
                let stays = field.along || still.contains(field.name());
                if !stays {
                    body.leave_out(&field.key);
                }
                stays
            });
        }
        self
    }

    /// Whether the step creates a project.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.changes.iter().any(Change::is_creation)
    }
}

/// The condition to wait for after a step: polling as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Wait {
    /// Until a read of the project shows these values, and then these services are healthy.
    Settled {
        /// The path template of the read that is polled; its one parameter is the ref.
        read: &'static str,
        /// JSON pointers and the values that they must show.
        until: Vec<(&'static str, Value)>,
        /// The services that must be healthy afterwards (names of the health endpoint).
        healthy: &'static [&'static str],
        /// How long it may take, in seconds.
        deadline: u32,
    },
    /// Until a new project is up, and then these services are healthy.
    Up {
        /// Names of the health endpoint.
        services: BTreeSet<&'static str>,
        /// How long it may take, in seconds.
        deadline: u32,
    },
    /// Until a branch of the project is up, and has its schema.
    Branch {
        /// Its name.
        name: String,
        /// How long it may take to be up, in seconds.
        deadline: u32,
    },
    /// Before the request is sent: that nothing is awaited of what it is about. What is not due yet is left to the next run.
    Due,
    /// Until nothing of the section is awaited any more; a run that has waited long enough leaves it to the next one.
    Outside {
        /// How long is enough, in seconds.
        patience: u32,
    },
    /// Until these services are healthy.
    Healthy {
        /// Names of the health endpoint.
        services: &'static [&'static str],
        /// How long it may take, in seconds.
        deadline: u32,
    },
}
