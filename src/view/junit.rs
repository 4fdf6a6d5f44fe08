//! JUnit's XML: a suite a project, a case a section (or a step of a report), so that drift shows among the tests.

use std::collections::BTreeMap;

use super::finding::difference;
use crate::diag::render::{escape, escape_lines};
use crate::model::Action;
use crate::record::{Finding, Level, OutcomeRecord, PlanRecord, ProblemRecord, ProjectRecord, ReportRecord};

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    end: End,
}

/// How a case ended: the element that says so, with a line and more text.
enum End {
    Passed,
    Skipped,
    Failure(String, String),
    Error(String, String),
}

/// A plan: a section that differs or may not be applied as it is has failed.
#[must_use]
pub fn plan_junit(plan: &PlanRecord) -> String {
    let suites = plan.projects.iter().map(|project| Suite { name: project.project.clone(), cases: cases(project) });
    document(&suites.collect::<Vec<_>>())
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
    let case = |(section, told): (&str, Vec<String>)| {
        let name = if section.is_empty() { "project" } else { section }.to_owned();
        let end = if told.is_empty() {
            End::Passed
        } else {
            End::Failure(
                format!("not as the manifests say: {}", crate::text::count(told.len(), "finding")),
                told.join("\n"),
            )
        };
        Case { name, end }
    };
    lines.into_iter().map(case).collect()
}

/// A report: a case a step, and one for a project that went no further.
#[must_use]
pub fn report_junit(report: &ReportRecord) -> String {
    let suites = report.projects.iter().map(|project| {
        let steps = project.steps.iter().map(|step| {
            let end = match (step.outcome, &step.problem) {
                (OutcomeRecord::Done, _) => End::Passed,
                (OutcomeRecord::Skipped | OutcomeRecord::Stopped, _) | (_, None) => End::Skipped,
                (OutcomeRecord::Sent | OutcomeRecord::Unknown, Some(problem)) => error(problem),
                (OutcomeRecord::Failed | OutcomeRecord::Stale, Some(problem)) => match error(problem) {
                    End::Error(line, text) => End::Failure(line, text),
                    other => other,
                },
            };
            Case { name: format!("{} {} {} {}", step.id, step.address, step.method, step.path), end }
        });
        let whole = project.problem.iter().map(|problem| Case { name: "project".to_owned(), end: error(problem) });
        Suite { name: project.project.clone(), cases: steps.chain(whole).collect() }
    });
    document(&suites.collect::<Vec<_>>())
}

fn error(problem: &ProblemRecord) -> End {
    End::Error(format!("[{}] {}", problem.code, problem.message), problem.hints.join("\n"))
}

/// Findings in manifests: a case each; where there are none, one that has passed.
#[must_use]
pub fn findings_junit(findings: &[Finding]) -> String {
    let case = |finding: &Finding| {
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
    document(&[Suite { name: "manifests".to_owned(), cases }])
}

/// As the schema of Jenkins' xUnit plugin takes it: only a suite counts what was skipped.
fn document(suites: &[Suite]) -> String {
    let all = || suites.iter().flat_map(|suite| &suite.cases);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"supaform\" {}>\n",
        counts(&all().collect::<Vec<_>>())
    );
    for suite in suites {
        let (name, cases) = (attribute(&suite.name), suite.cases.iter().collect::<Vec<_>>());
        let skipped = count(&cases, |end| matches!(end, End::Skipped));
        xml.push_str(&format!("  <testsuite name=\"{name}\" {} skipped=\"{skipped}\">\n", counts(&cases)));
        for case in &suite.cases {
            xml.push_str(&format!("    <testcase classname=\"{name}\" name=\"{}\"", attribute(&case.name)));
            xml.push_str(&match &case.end {
                End::Passed => "/>\n".to_owned(),
                End::Skipped => ">\n      <skipped/>\n    </testcase>\n".to_owned(),
                End::Failure(line, text) => outcome("failure", line, text),
                End::Error(line, text) => outcome("error", line, text),
            });
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn outcome(element: &str, line: &str, text: &str) -> String {
    format!(">\n      <{element} message=\"{}\">{}</{element}>\n    </testcase>\n", attribute(line), content(text))
}

fn count(cases: &[&Case], is: fn(&End) -> bool) -> usize {
    cases.iter().filter(|case| is(&case.end)).count()
}

fn counts(cases: &[&Case]) -> String {
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        cases.len(),
        count(cases, |end| matches!(end, End::Failure(..))),
        count(cases, |end| matches!(end, End::Error(..))),
    )
}

/// Text between tags. What XML 1.0 cannot hold even as a reference (control characters) is made visible.
fn content(text: &str) -> String {
    markup(&escape_lines(text))
}

/// Text of an attribute, where a parser would turn line breaks into spaces: they are made visible.
fn attribute(text: &str) -> String {
    markup(&escape(text))
}

fn markup(text: &str) -> String {
    // Character data by character: nothing of the text is left that XML reads as its own, `]]>` included.
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // `::` at the start of a line could be a command to a CI system.
            ':' if out.ends_with(':') => out.push_str("&#58;"),
            other => out.push(other),
        }
        out
    })
}
