//! Records as test results: one suite per project, one case per section (or per step of a report).

use std::collections::BTreeMap;

use super::drift::edit;
use super::findings::{difference, one_line};
use crate::model::Action;
use crate::record::{
    Annotation, DriftProjectRecord, DriftRecord, Happened, Level, OutcomeRecord, PlanRecord, ProblemRecord,
    ProjectRecord, ReportRecord,
};
use crate::text::count;
use crate::view::document::{Case, End, Suite};

/// A plan: a section that differs, or that may not be applied as planned, has failed.
#[must_use]
pub fn plan_suites(plan: &PlanRecord) -> Vec<Suite> {
    let suites = plan.projects.iter().map(|project| Suite { name: project.project.clone(), cases: cases(project) });
    suites.collect()
}

fn cases(project: &ProjectRecord) -> Vec<Case> {
    if let Some(blocked) = &project.blocked {
        let end = End::Error(format!("[{}] {}", blocked.code, blocked.message), blocked.hints.join("\n"));
        return vec![Case { name: "project".to_owned(), end }];
    }
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let sections = project.sections.iter().map(String::as_str);
    lines.extend(sections.map(|section| (section, vec![])));
    for change in &project.changes {
        let told = lines.entry(&change.address.kind).or_default();
        match change.action {
            Action::Create => told.push(format!("{}: is added", change.address)),
            Action::Delete => told.push(format!("{}: is removed", change.address)),
            Action::Update => {
                told.extend(change.fields.iter().map(|field| format!("{}: {}", change.address, difference(field))));
            }
        }
    }
    for refusal in &project.refusals {
        let told = lines.entry(&refusal.address.kind).or_default();
        told.push(format!("refused [{}]: {}: {}", refusal.code, refusal.address, refusal.message));
    }
    lines.into_iter().map(section_case).collect()
}

/// A section: passed where it has no findings.
fn section_case((section, told): (&str, Vec<String>)) -> Case {
    let name = if section.is_empty() { "project" } else { section }.to_owned();
    let end = if told.is_empty() {
        End::Passed
    } else {
        End::Failure(format!("not as the manifests say: {}", count(told.len(), "finding")), told.join("\n"))
    };
    Case { name, end }
}

/// Drift: a section that is not as the manifests say has failed.
#[must_use]
pub fn drift_suites(drift: &DriftRecord) -> Vec<Suite> {
    let suites = drift.projects.iter().map(|project| Suite { name: project.project.clone(), cases: drifted(project) });
    suites.collect()
}

fn drifted(project: &DriftProjectRecord) -> Vec<Case> {
    if let Some(blocked) = &project.blocked {
        let end = End::Error(format!("[{}] {}", blocked.code, blocked.message), blocked.hints.join("\n"));
        return vec![Case { name: "project".to_owned(), end }];
    }
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    lines.extend(project.sections.iter().map(|section| (section.as_str(), vec![])));
    for change in &project.changes {
        let told = lines.entry(&change.address.kind).or_default();
        let line = |what: &str, weakens| {
            let weakened = if weakens { " (weakened)" } else { "" };
            format!("{}: {what}{weakened}", change.address)
        };
        if change.happened == Happened::Changed {
            told.extend(change.fields.iter().map(|field| line(&one_line(&field.name, &edit(field)), field.weakens())));
        } else {
            told.push(line(&format!("is {}", change.happened.word()), change.weakens()));
        }
    }
    lines.into_iter().map(section_case).collect()
}

/// A report: one case per step, and one for a project that stopped early.
#[must_use]
pub fn report_suites(report: &ReportRecord) -> Vec<Suite> {
    let suites = report.projects.iter().map(|project| {
        let steps = project.steps.iter().map(|step| {
            let end = match (step.outcome, &step.problem) {
                (OutcomeRecord::Done, _) => End::Passed,
                (OutcomeRecord::Skipped | OutcomeRecord::Stopped, _) | (_, None) => End::Skipped,
                (OutcomeRecord::Sent | OutcomeRecord::Unknown, Some(problem)) => error(problem),
                (OutcomeRecord::Failed | OutcomeRecord::Stale, Some(problem)) => match error(problem) {
                    End::Error(line, text) => End::Failure(line, text),
                    other @ (End::Passed | End::Skipped | End::Failure(..)) => other,
                },
            };
            Case { name: format!("{} {} {} {}", step.id, step.address, step.method, step.path), end }
        });
        let whole = project.problem.iter().map(|problem| Case { name: "project".to_owned(), end: error(problem) });
        Suite { name: project.project.clone(), cases: steps.chain(whole).collect() }
    });
    suites.collect()
}

fn error(problem: &ProblemRecord) -> End {
    End::Error(format!("[{}] {}", problem.code, problem.message), problem.hints.join("\n"))
}

/// Findings in manifests: one case each; one passed case where there are none.
#[must_use]
pub fn findings_suites(findings: &[Annotation]) -> Vec<Suite> {
    let case = |finding: &Annotation| {
        let at = finding.at.as_ref().map_or(String::new(), |at| format!("{}:{}:{}", at.file, at.line, at.column));
        let line = format!("[{}] {}", finding.code, finding.message);
        let text = std::iter::once(at.clone()).chain(finding.hints.iter().cloned()).collect::<Vec<_>>().join("\n");
        let end = if finding.level == Level::Error { End::Failure(line, text) } else { End::Passed };
        Case { name: format!("{} {at}", finding.code).trim_end().to_owned(), end }
    };
    let mut cases: Vec<Case> = findings.iter().map(case).collect();
    if cases.is_empty() {
        cases.push(Case { name: "valid".to_owned(), end: End::Passed });
    }
    vec![Suite { name: "manifests".to_owned(), cases }]
}
