//! The results of an apply: one outcome per step, one result per project.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use crate::diag::codes::run as codes;
use crate::diag::{Diagnostics, Severity};
use crate::exit::Exit;
use crate::model::{Address, Operation, Problem, ProjectRef, Step, StepId};

/// The results of an apply.
#[derive(Debug)]
#[must_use = "a report that nobody reads helps nobody"]
pub struct Report {
    /// The API's origin.
    pub api: String,
    /// The id of the plan.
    pub plan: String,
    /// When the apply began, on the clock of the run.
    pub began: Duration,
    /// The results by project, for each project with steps or that could not be planned.
    pub projects: BTreeMap<String, ProjectReport>,
}

/// The results in a project.
#[derive(Debug, Default)]
pub struct ProjectReport {
    /// The steps, in order.
    pub steps: Vec<StepReport>,
    /// The ref of the project, where this run created it.
    pub created: Option<ProjectRef>,
    /// Why the project stopped before its steps, if it did.
    pub problem: Option<Problem>,
}

/// The result of a step.
#[derive(Debug)]
pub struct StepReport {
    /// The step's id.
    pub id: StepId,
    /// What it is about: an item, or a section.
    pub at: Address,
    /// The request's operation.
    pub operation: Operation,
    /// The request's path.
    pub path: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Notes: sentences without the full stop.
    pub notes: Vec<String>,
    /// From when to when it was under way, on the clock of the run; `None` where it was not begun.
    pub times: Option<Range<Duration>>,
}

/// How a step ended.
#[derive(Debug)]
pub enum Outcome {
    /// Sent, read back, and as desired.
    Done,
    /// Sent and accepted; the run ended before it was read back.
    Sent(Problem),
    /// Refused, or without effect.
    Failed(Problem),
    /// Not sent, because live has changed.
    Stale(Problem),
    /// Not sent, because a step before it is not done.
    Skipped {
        /// That step.
        because: StepId,
    },
    /// Not sent, because the run was stopped.
    Stopped,
    /// Sent; whether it took effect is not known, or not yet.
    Unknown(Problem),
    /// Not finished, because somebody outside has to do something first, or because time has to pass: the next run goes on.
    Waiting(Problem),
}

impl StepReport {
    /// The report of a step.
    #[must_use]
    pub fn of(step: &Step, outcome: Outcome, notes: Vec<String>) -> Self {
        let (operation, path) = (step.call.operation, step.call.path());
        Self { id: step.id, at: step.about().clone(), operation, path, outcome, notes, times: None }
    }

    /// The same of a step that was begun, with the times.
    #[must_use]
    pub fn during(self, times: Range<Duration>) -> Self {
        Self { times: Some(times), ..self }
    }
}

impl Outcome {
    /// How the run ends because of this step.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Done | Self::Skipped { .. } => Exit::Done,
            Self::Sent(problem)
            | Self::Failed(problem)
            | Self::Stale(problem)
            | Self::Unknown(problem)
            | Self::Waiting(problem) => problem.exit,
            Self::Stopped => Exit::Interrupted,
        }
    }

    /// The step's problem, if it has one.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Sent(problem)
            | Self::Failed(problem)
            | Self::Stale(problem)
            | Self::Unknown(problem)
            | Self::Waiting(problem) => Some(problem),
            Self::Done | Self::Skipped { .. } | Self::Stopped => None,
        }
    }

    /// Whether the request was sent.
    #[must_use]
    pub const fn was_sent(&self) -> bool {
        matches!(self, Self::Done | Self::Sent(_) | Self::Unknown(_) | Self::Waiting(_))
    }
}

impl ProjectReport {
    /// How the project ended.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::worst(self.ends(), self.wrote())
    }

    fn ends(&self) -> impl Iterator<Item = Exit> {
        let steps = self.steps.iter().map(|step| step.outcome.exit());
        steps.chain(self.problem.iter().map(|problem| problem.exit))
    }

    fn wrote(&self) -> bool {
        self.steps.iter().any(|step| step.outcome.was_sent())
    }
}

impl Report {
    /// The problems as findings with places in the manifests.
    pub fn problems(&self) -> Diagnostics {
        let mut found = Diagnostics::new();
        for (name, project) in &self.projects {
            let steps = project.steps.iter().filter_map(|step| Some((step.at.to_string(), step.outcome.problem()?)));
            let whole = project.problem.iter().map(|problem| (name.clone(), problem));
            for (at, problem) in steps.chain(whole) {
                let mut told = problem.finding.diagnostic_of(at);
                // To wait for somebody is no error.
                if told.code == codes::AWAITED {
                    told.severity = Severity::Warning;
                }
                found.push(told);
            }
        }
        found
    }

    /// The report of a plan that has nothing to do.
    pub fn nothing(plan: &crate::model::Plan) -> Self {
        Self { api: plan.api.clone(), plan: plan.id.clone(), began: Duration::ZERO, projects: BTreeMap::new() }
    }

    /// How the run ended.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::worst(self.projects.values().map(ProjectReport::exit), false)
    }
}
