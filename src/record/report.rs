//! A report as a record.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::AddressRecord;
use super::problem::ProblemRecord;
use super::seal::{REPORT, VERSION, no_part, sealed};
use crate::apply::{Outcome, Report, StepReport};
use crate::diag::Sources;
use crate::exit::Exit;

/// The results of an apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRecord {
    format: String,
    version: u32,
    /// The id of the plan.
    pub plan: String,
    /// The API's origin.
    pub api: String,
    /// How the run ended.
    pub exit: u8,
    /// The projects that had something to do or could not be planned.
    pub projects: Vec<ProjectReportRecord>,
    /// The part of the fleet that it is about, with `--shard`: `3/8`.
    #[serde(default)]
    pub shard: Option<String>,
    /// The merged requests whose changes it is about, with `--approved-by`, the oldest first.
    #[serde(default)]
    pub requests: Vec<u64>,
    /// It is compared before the record is built.
    #[serde(default, deserialize_with = "no_part", skip_serializing)]
    seal: (),
}

/// The results in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectReportRecord {
    /// The name of its document.
    pub project: String,
    /// How it ended.
    pub exit: u8,
    /// The steps, in order.
    pub steps: Vec<StepReportRecord>,
    /// The ref of the project, where the run created it.
    pub created: Option<String>,
    /// Why the project stopped early.
    pub problem: Option<ProblemRecord>,
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepReportRecord {
    /// Its id within the plan.
    pub id: String,
    /// What it is about: an item, or a section.
    pub address: AddressRecord,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// How it ended.
    pub outcome: OutcomeRecord,
    /// The problem.
    pub problem: Option<ProblemRecord>,
    /// Notes.
    pub notes: Vec<String>,
    /// When it was under way; `None` where it was not begun.
    #[serde(default)]
    pub times: Option<TimesRecord>,
}

/// When a step was under way, in milliseconds since its apply began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimesRecord {
    /// When it began.
    pub began_ms: u64,
    /// When it was read back, or ended otherwise.
    pub ended_ms: u64,
}

/// How a step ended, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeRecord {
    /// Sent, read back, and as desired.
    Done,
    /// Sent and accepted; the run ended before it was read back.
    Sent,
    /// Refused, or without effect.
    Failed,
    /// Not sent, because live has changed.
    Stale,
    /// Not sent, because a step before it is not done.
    Skipped,
    /// Not sent, because the run was stopped.
    Stopped,
    /// Sent, and whether it took effect is not known.
    Unknown,
    /// Not finished, because somebody outside has to do something first.
    Waiting,
}

impl OutcomeRecord {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Done, Self::Sent, Self::Failed, Self::Stale, Self::Waiting, Self::Skipped, Self::Stopped, Self::Unknown];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Stale => "stale",
            Self::Skipped => "skipped",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
        }
    }

    /// Whether the request was sent.
    pub(super) const fn was_sent(self) -> bool {
        matches!(self, Self::Done | Self::Sent | Self::Unknown | Self::Waiting)
    }

    /// The word with what it does not say by itself.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Sent => "sent, not read back",
            other @ (Self::Done
            | Self::Failed
            | Self::Stale
            | Self::Skipped
            | Self::Stopped
            | Self::Unknown
            | Self::Waiting) => other.word(),
        }
    }
}

impl From<&Outcome> for OutcomeRecord {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Sent(_) => Self::Sent,
            Outcome::Failed(_) => Self::Failed,
            Outcome::Stale(_) => Self::Stale,
            Outcome::Skipped { .. } => Self::Skipped,
            Outcome::Stopped => Self::Stopped,
            Outcome::Unknown(_) => Self::Unknown,
            Outcome::Waiting(_) => Self::Waiting,
        }
    }
}

impl ReportRecord {
    /// The record of a report.
    #[must_use]
    pub fn of(report: &Report, sources: &Sources) -> Self {
        let projects = report.projects.iter().map(|(name, project)| ProjectReportRecord {
            project: name.clone(),
            exit: project.exit().code(),
            steps: project.steps.iter().map(|it| step(it, report.began, sources)).collect(),
            created: project.created.as_ref().map(ToString::to_string),
            problem: project.problem.as_ref().map(|it| ProblemRecord::of(it, sources)),
        });
        Self::new(report.plan.clone(), report.api.clone(), report.exit(), projects.collect())
    }

    /// A record made of these parts.
    #[must_use]
    pub fn new(plan: String, api: String, exit: Exit, projects: Vec<ProjectReportRecord>) -> Self {
        Self {
            format: REPORT.to_owned(),
            version: VERSION,
            plan,
            api,
            exit: exit.code(),
            projects,
            shard: None,
            requests: vec![],
            seal: (),
        }
    }

    /// The report as JSON, sealed.
    #[must_use]
    pub fn json(&self) -> Value {
        sealed(self)
    }

    /// The problems, each with its subject.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, &ProblemRecord)> {
        let mut all = vec![];
        for project in &self.projects {
            let steps = project.steps.iter();
            all.extend(steps.filter_map(|step| Some((step.address.to_string(), step.problem.as_ref()?))));
            all.extend(project.problem.as_ref().map(|problem| (project.project.clone(), problem)));
        }
        all
    }

    /// How many steps ended with an outcome.
    #[must_use]
    pub fn count(&self, outcome: OutcomeRecord) -> usize {
        self.projects.iter().flat_map(|project| &project.steps).filter(|step| step.outcome == outcome).count()
    }
}

fn step(step: &StepReport, began: Duration, sources: &Sources) -> StepReportRecord {
    StepReportRecord {
        id: step.id.to_string(),
        address: (&step.at).into(),
        method: step.operation.method.as_str().to_owned(),
        path: step.path.clone(),
        outcome: (&step.outcome).into(),
        problem: step.outcome.problem().map(|it| ProblemRecord::of(it, sources)),
        notes: step.notes.clone(),
        times: step.times.as_ref().map(|times| TimesRecord {
            began_ms: millis(times.start.saturating_sub(began)),
            ended_ms: millis(times.end.saturating_sub(began)),
        }),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
