//! Records as test results: one suite per project, one case per section (or per step of a report).

use std::collections::BTreeMap;

use super::changes::origin;
use super::drift::edit;
use super::findings::{difference, one_line};
use crate::model::{Action, Why};
use crate::record::{
    Annotation, DriftProjectRecord, DriftRecord, Happened, Level, OutcomeRecord, PlanRecord, ProblemRecord,
    ProjectRecord, ReportRecord,
};
use crate::text::count;
use crate::view::document::{Case, End, Suite};

/// A plan: a section has failed if a change of it is refused, or repairs what somebody has changed by hand. What the manifests
/// intend is told of a section that has passed.
#[must_use]
pub fn plan_suites(plan: &PlanRecord) -> Vec<Suite> {
    let suites = plan.projects.iter().map(|project| Suite { name: project.project.clone(), cases: cases(project) });
    suites.collect()
}

/// What a plan has for a section.
#[derive(Default)]
struct Planned {
    intended: Vec<String>,
    drifted: Vec<String>,
    refused: Vec<String>,
}

fn cases(project: &ProjectRecord) -> Vec<Case> {
    if let Some(blocked) = &project.blocked {
        return vec![blocked_case(blocked)];
    }
    let mut sections: BTreeMap<&str, Planned> = BTreeMap::new();
    sections.extend(project.sections.iter().map(|section| (section.as_str(), Planned::default())));
    for change in &project.changes {
        let planned = sections.entry(&change.address.kind).or_default();
        let mut add = |why: Option<Why>, what: &str| {
            let lines = match why {
                Some(Why::Drift | Why::Both) => &mut planned.drifted,
                Some(Why::Intended | Why::Unapplied) | None => &mut planned.intended,
            };
            let origin = origin(why).map_or(String::new(), |words| format!(" {words}"));
            lines.push(format!("{}: {what}{origin}", change.address));
        };
        match change.action {
            Action::Create => add(change.why, "is added"),
            Action::Delete => add(change.why, "is removed"),
            Action::Update => change.fields.iter().for_each(|field| add(field.why, &difference(field))),
        }
    }
    for refusal in &project.refusals {
        let refused = &mut sections.entry(&refusal.address.kind).or_default().refused;
        refused.push(format!("refused [{}]: {}: {}", refusal.code, refusal.address, refusal.message));
    }
    sections.into_iter().map(planned_case).collect()
}

fn planned_case((section, planned): (&str, Planned)) -> Case {
    let Planned { intended, drifted, refused } = planned;
    let of = [(&refused, "refused"), (&drifted, "changed by hand")].into_iter().filter(|(lines, _)| !lines.is_empty());
    let line = of.map(|(lines, what)| format!("{} {what}", lines.len())).collect::<Vec<_>>().join(", ");
    let end = if line.is_empty() { End::Passed } else { End::Failure(line, [refused, drifted].concat().join("\n")) };
    Case { name: name_of(section), end, told: intended.join("\n") }
}

/// The name of the case of a section; what is about the whole project has none.
fn name_of(section: &str) -> String {
    if section.is_empty() { "project" } else { section }.to_owned()
}

/// A project that could not be compared, or was not done with.
fn blocked_case(blocked: &ProblemRecord) -> Case {
    Case { name: "project".to_owned(), end: error(blocked), told: String::new() }
}

/// Drift: a section that is not as the manifests say has failed.
#[must_use]
pub fn drift_suites(drift: &DriftRecord) -> Vec<Suite> {
    let suites = drift.projects.iter().map(|project| Suite { name: project.project.clone(), cases: drifted(project) });
    suites.collect()
}

fn drifted(project: &DriftProjectRecord) -> Vec<Case> {
    if let Some(blocked) = &project.blocked {
        return vec![blocked_case(blocked)];
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

/// A section: passed where it has no findings.
fn section_case((section, told): (&str, Vec<String>)) -> Case {
    let end = if told.is_empty() {
        End::Passed
    } else {
        End::Failure(format!("not as the manifests say: {}", count(told.len(), "finding")), told.join("\n"))
    };
    Case { name: name_of(section), end, told: String::new() }
}

/// A report: one case per step, and one for a project that stopped early.
#[must_use]
pub fn report_suites(report: &ReportRecord) -> Vec<Suite> {
    let suites = report.projects.iter().map(|project| {
        let steps = project.steps.iter().map(|step| {
            let end = match (step.outcome, &step.problem) {
                (OutcomeRecord::Done, _) => End::Passed,
                (OutcomeRecord::Skipped | OutcomeRecord::Stopped | OutcomeRecord::Waiting, _) | (_, None) => {
                    End::Skipped
                }
                (OutcomeRecord::Sent | OutcomeRecord::Unknown, Some(problem)) => error(problem),
                (OutcomeRecord::Failed | OutcomeRecord::Stale, Some(problem)) => match error(problem) {
                    End::Error(line, text) => End::Failure(line, text),
                    other @ (End::Passed | End::Skipped | End::Failure(..)) => other,
                },
            };
            let name = format!("{} {} {} {}", step.id, step.address, step.method, step.path);
            Case { name, end, told: String::new() }
        });
        let whole = project.problem.iter().map(blocked_case);
        Suite { name: project.project.clone(), cases: steps.chain(whole).collect() }
    });
    suites.collect()
}

fn error(problem: &ProblemRecord) -> End {
    End::Error(format!("[{}] {}", problem.code, problem.message), problem.hints.join("\n"))
}

/// Findings in manifests: one case each, of which warnings have passed; one passed case where there are none.
#[must_use]
pub fn findings_suites(findings: &[Annotation]) -> Vec<Suite> {
    let case = |finding: &Annotation| {
        let at = finding.at.as_ref().map_or(String::new(), |at| format!("{}:{}:{}", at.file, at.line, at.column));
        let line = format!("[{}] {}", finding.code, finding.message);
        let text = std::iter::once(at.clone()).chain(finding.hints.iter().cloned()).collect::<Vec<_>>().join("\n");
        let name = format!("{} {at}", finding.code).trim_end().to_owned();
        match finding.level {
            Level::Error => Case { name, end: End::Failure(line, text), told: String::new() },
            Level::Warning | Level::Note => Case { name, end: End::Passed, told: format!("{line}\n{text}") },
        }
    };
    let mut cases: Vec<Case> = findings.iter().map(case).collect();
    if cases.is_empty() {
        cases.push(Case { name: "valid".to_owned(), end: End::Passed, told: String::new() });
    }
    vec![Suite { name: "manifests".to_owned(), cases }]
}
