//! A report as text: what was done, what was not and why, and what to do next.

use super::{Line, Page, Role};
use crate::apply::{Problem, Report};
use crate::diag::codes::trust;
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::exit::Exit;
use crate::record::{Finding, Level, OutcomeRecord, ReportRecord, StepReportRecord};
use crate::text::count;

/// Renders a report.
pub fn report_text(report: &ReportRecord) -> Page {
    let mut page = Page::new();
    for step in report.projects.iter().flat_map(|project| &project.steps) {
        page.push(step_line(step));
        for note in &step.notes {
            page.push(Line::new().plain(" ".repeat(13)).then(Role::Dim, escape(note)));
        }
    }
    page.gap();
    let (role, head, rest) = verdict(report);
    page.push(Line::of(role, head).plain(rest));
    page
}

/// Renders the problems of a report that was saved, whose manifests are not at hand.
pub fn problems_text(report: &ReportRecord) -> Page {
    findings_text(&Finding::of_report(report))
}

/// Renders findings that were saved, whose manifests are not at hand.
pub fn findings_text(findings: &[Finding]) -> Page {
    let mut page = Page::new();
    for Finding { code, level, message, hints, at } in findings {
        page.push(Line::new());
        let (role, word) = if *level == Level::Error { (Role::Bad, "error") } else { (Role::Risk, "warning") };
        let place = at.as_ref().map(|place| format!("{}:{}", escape(&place.file), place.line));
        page.push(Line::of(role, format!("{word}[{}]: ", escape(code))).plain(escape(message)).at(place));
        for hint in hints {
            page.push(Line::new().plain(format!("    {}", escape(hint))));
        }
    }
    page
}

fn step_line(step: &StepReportRecord) -> Line {
    let (mark, role) = match step.outcome {
        OutcomeRecord::Done => ("✓", Role::Good),
        OutcomeRecord::Skipped | OutcomeRecord::Stopped => ("·", Role::Dim),
        OutcomeRecord::Failed | OutcomeRecord::Stale => ("✗", Role::Bad),
        OutcomeRecord::Sent | OutcomeRecord::Unknown => ("?", Role::Risk),
    };
    let line = Line::of(role, format!("  {mark} {}", step.outcome.word())).pad(13);
    let line = line.plain(escape(&step.address.to_string())).pad(48);
    line.then(Role::Dim, escape(&format!("{} {}", step.method, step.path)))
}

/// The problems of a report as findings with places in the manifests.
pub fn problems(report: &Report) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (name, project) in &report.projects {
        let steps = project.steps.iter().filter_map(|step| Some((step.at.to_string(), step.outcome.problem()?)));
        let whole = project.problem.iter().map(|problem| (name.clone(), problem));
        for (at, problem) in steps.chain(whole) {
            let Problem { code, message, hints, origin, exit: _ } = problem;
            let mut finding = Diagnostic::new(*code, Severity::Error, format!("{at}: {message}"));
            if let Some(origin) = origin {
                finding = finding.label(origin.span, "");
            }
            finding.hints.clone_from(hints);
            found.push(finding);
        }
    }
    found
}

/// How many projects were left as they were, though others were written.
fn left(report: &ReportRecord) -> usize {
    report.projects.iter().filter(|project| project.steps.is_empty() && project.exit != 0).count()
}

/// Whether what was not applied was not approved.
fn is_unapproved(report: &ReportRecord) -> bool {
    let mut codes =
        report.projects.iter().filter_map(|project| Some(project.problem.as_ref()?.code.as_str())).peekable();
    codes.peek().is_some() && codes.all(|code| code == trust::NOT_APPROVED.id())
}

/// What the run came to, in two parts of one line; nothing in it is from outside.
pub(super) fn verdict(report: &ReportRecord) -> (Role, &'static str, String) {
    let done = report.count(OutcomeRecord::Done);
    let rest = OutcomeRecord::ALL.into_iter().skip(1).map(|outcome| (report.count(outcome), outcome.words()));
    let rest: String = rest.filter(|(many, _)| *many > 0).map(|(many, word)| format!(" · {many} {word}")).collect();
    let exit = Exit::of(report.exit).unwrap_or(Exit::Failed);
    if report.projects.is_empty() && exit == Exit::Done {
        return (Role::Good, "No changes", ": all is as the manifests say".to_owned());
    }
    let left = if done == 0 { 0 } else { left(report) };
    let (role, verdict) = match exit {
        Exit::Stale | Exit::Refused | Exit::Failed | Exit::Denied if left > 0 => (Role::Bad, "Not all applied"),
        Exit::Done | Exit::Differences => (Role::Good, "Applied"),
        Exit::Partial => (Role::Bad, "Partly applied"),
        Exit::Stale if is_unapproved(report) => (Role::Bad, "Not applied: not what was approved"),
        Exit::Stale => (Role::Bad, "Not applied: live has moved"),
        Exit::Attention => (Role::Risk, "Needs attention"),
        Exit::Interrupted => (Role::Risk, "Interrupted"),
        Exit::Failed | Exit::Invalid | Exit::Refused | Exit::Denied => (Role::Bad, "Not applied"),
    };
    let tail = match exit {
        Exit::Done | Exit::Differences => ", read back and as wanted",
        Exit::Partial | Exit::Attention | Exit::Interrupted => "; running apply again continues",
        Exit::Failed | Exit::Invalid | Exit::Refused | Exit::Denied | Exit::Stale => "",
    };
    let left = if left == 0 { String::new() } else { format!(" · {} left as it was", count(left, "project")) };
    let left = if left.starts_with(" · 1 ") { left } else { left.replace("as it was", "as they were") };
    (role, verdict, format!(": {}{rest}{left}{tail}", count(done, "call")))
}
