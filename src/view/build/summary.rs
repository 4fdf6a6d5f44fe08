//! The summary of a record: a line, a verdict, and its findings. For the status of commits and outputs for later steps.

use std::collections::BTreeSet;

use super::findings::{drift_findings, plan_findings};
use super::{drift, plan, report};
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::record::{Annotation, ProjectRecord, Record};
use crate::text::count;

/// The summary of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// `plan`, `drift` or `report`; a run that failed has the kind of its missing plan or report.
    pub kind: &'static str,
    /// One line.
    pub line: String,
    /// Whether there is nothing to look at.
    pub quiet: bool,
    /// Whether there is a refusal or a failure.
    pub red: bool,
    /// Whether live differs, or was changed.
    pub changes: bool,
    /// How the run ended, or how an apply of the plan would end.
    pub exit: u8,
    /// Findings to show at lines.
    pub findings: Vec<Annotation>,
}

/// The summary of a record.
#[must_use]
pub fn summary(record: &Record) -> Summary {
    let visible = |name: &str| escape(name).into_owned();
    match record {
        Record::Plan(it) => {
            let refusals: usize = it.projects.iter().map(|project| project.refusals.len()).sum();
            let blocked = it.projects.iter().filter_map(|project| Exit::of(project.blocked.as_ref()?.exit));
            let exit = Exit::worst(blocked.chain((refusals > 0).then_some(Exit::Refused)), false);
            let silent = it.projects.iter().all(ProjectRecord::is_quiet);
            Summary {
                kind: "plan",
                line: plan::verdict(it, &BTreeSet::new()).text(visible),
                quiet: it.is_empty()
                    && silent
                    && it.base.as_ref().is_none_or(|base| base.review.is_empty() && base.released.is_empty()),
                red: exit != Exit::Done,
                changes: !it.is_empty(),
                exit: exit.code(),
                findings: plan_findings(it),
            }
        }
        Record::Drift(it) => {
            let blocked = it.projects.iter().filter_map(|project| Exit::of(project.blocked.as_ref()?.exit));
            let exit = Exit::worst(blocked, false);
            let changes = it.projects.iter().any(|project| !project.changes.is_empty());
            Summary {
                kind: "drift",
                line: drift::verdict(it).text(visible),
                quiet: !changes && exit == Exit::Done && it.unadopted.is_empty(),
                red: exit != Exit::Done,
                changes,
                exit: exit.code(),
                findings: drift_findings(it),
            }
        }
        Record::Report(it) => Summary {
            kind: "report",
            line: report::verdict(it).text(visible),
            quiet: it.projects.is_empty() && it.exit == 0,
            red: it.exit != 0,
            changes: it.projects.iter().any(|project| !project.steps.is_empty()),
            exit: it.exit,
            findings: Annotation::of_report(it),
        },
        Record::Failure(it) => Summary {
            kind: if it.command == "apply" { "report" } else { "plan" },
            line: format!("Failed: {} · exit {}", count(it.findings.len(), "finding"), it.exit),
            quiet: false,
            red: true,
            changes: false,
            exit: it.exit,
            findings: it.findings.clone(),
        },
    }
}
