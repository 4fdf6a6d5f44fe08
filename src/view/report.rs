//! A report as text: what was done, what was not and why, and what to do next.

use super::plan::count;
use super::{Line, Page, Role};
use crate::apply::{Outcome, Problem, Report, StepReport};
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::exit::Exit;
use crate::model::Address;

/// One line for a step that ended.
#[must_use]
pub fn step_line(at: &Address, method: &str, path: &str, outcome: &Outcome) -> Line {
    let (mark, role) = match outcome {
        Outcome::Done => ("✓", Role::Good),
        Outcome::Skipped { .. } | Outcome::Stopped => ("·", Role::Dim),
        Outcome::Failed(_) | Outcome::Stale(_) => ("✗", Role::Bad),
        Outcome::Unknown(_) => ("?", Role::Risk),
    };
    let line = Line::of(role, format!("  {mark} {}", outcome.word())).pad(13).plain(escape(&at.to_string()));
    line.pad(48).then(Role::Dim, format!("{method} {}", escape(path)))
}

/// Renders a report.
pub fn report_text(report: &Report) -> Page {
    let mut page = Page::new();
    for project in report.projects.values() {
        for step in &project.steps {
            let StepReport { id: _, at, operation, path, outcome, notes } = step;
            page.push(step_line(at, operation.method.as_str(), path, outcome));
            for note in notes {
                page.push(Line::new().plain(" ".repeat(13)).then(Role::Dim, escape(note)));
            }
        }
    }
    page.gap();
    page.push(summary(report));
    page
}

/// The problems of a report as findings with places.
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

fn summary(report: &Report) -> Line {
    let done = report.count("done");
    let rest = ["failed", "stale", "skipped", "stopped", "unknown"];
    let rest: Vec<String> = rest
        .iter()
        .map(|word| (report.count(word), word))
        .filter(|(many, _)| *many > 0)
        .map(|(many, word)| format!(" · {many} {word}"))
        .collect();
    let exit = report.exit();
    let (role, verdict) = match exit {
        Exit::Done | Exit::Differences => (Role::Good, "Applied"),
        Exit::Partial => (Role::Bad, "Partly applied"),
        Exit::Stale => (Role::Bad, "Not applied: live has moved"),
        Exit::Attention => (Role::Risk, "Needs attention"),
        Exit::Interrupted => (Role::Risk, "Interrupted"),
        Exit::Failed | Exit::Invalid | Exit::Refused | Exit::Denied => (Role::Bad, "Not applied"),
    };
    let tail = match exit {
        Exit::Done | Exit::Differences => ", read back and as wanted".to_owned(),
        Exit::Partial | Exit::Attention | Exit::Interrupted => "; running apply again continues".to_owned(),
        Exit::Failed | Exit::Invalid | Exit::Refused | Exit::Denied | Exit::Stale => String::new(),
    };
    Line::of(role, verdict).plain(format!(": {}{}{tail}", count(done, "call"), rest.concat()))
}
