//! Reports and findings as Markdown.

use super::escape::{code, fence, html_code};
use super::{TooLong, point, shortest_of};
use crate::diag::render::escape;
use crate::record::{Finding, Level, OutcomeRecord, ProblemRecord, ProjectReportRecord, ReportRecord};
use crate::text::count;
use crate::view::report::verdict;

/// A report as a comment of at most `limit` characters: with all steps, with those that are not done, with none.
///
/// # Errors
/// When even its problems are more.
pub fn report_markdown(report: &ReportRecord, limit: usize) -> Result<String, TooLong> {
    let filters: [fn(OutcomeRecord) -> bool; 3] = [|_| true, |outcome| outcome != OutcomeRecord::Done, |_| false];
    shortest_of(filters.into_iter().map(|shown| page(report, shown)), limit)
}

fn page(report: &ReportRecord, shown: fn(OutcomeRecord) -> bool) -> String {
    let (_, head, rest) = verdict(report);
    let mut text = format!("<!-- supaform:report -->\n**{head}**{rest}\n");
    text.extend(report.projects.iter().map(|project| part(project, shown)));
    text
}

fn part(project: &ProjectReportRecord, shown: fn(OutcomeRecord) -> bool) -> String {
    let done = project.steps.iter().filter(|step| step.outcome == OutcomeRecord::Done).count();
    let end = format!("{done} of {} done", count(project.steps.len(), "call"));
    let open = if project.exit == 0 { "" } else { " open" };
    let mut text = format!("\n<details{open}>\n<summary>{}: {end}</summary>\n", html_code(&project.project));
    let mut lines = vec![];
    for step in project.steps.iter().filter(|step| shown(step.outcome)) {
        let sign = match step.outcome {
            OutcomeRecord::Done => '+',
            OutcomeRecord::Failed | OutcomeRecord::Stale => '-',
            OutcomeRecord::Sent | OutcomeRecord::Skipped | OutcomeRecord::Stopped | OutcomeRecord::Unknown => '!',
        };
        let what = format!("{}  {} {}", step.address, step.method, step.path);
        lines.push(format!("{sign} {:<8} {}", step.outcome.word(), escape(&what)));
        lines.extend(step.notes.iter().map(|note| format!("           {}", escape(note))));
    }
    if !lines.is_empty() {
        text.push_str(&format!("\n{}", fence("diff", &lines)));
    }
    let steps = project.steps.iter().filter_map(|step| Some((step.address.to_string(), step.problem.as_ref()?)));
    let whole = project.problem.iter().map(|problem| (project.project.clone(), problem));
    let problems: String = steps.chain(whole).map(|(at, problem)| told(&at, problem)).collect();
    if !problems.is_empty() {
        text.push_str(&format!("\n{problems}"));
    }
    text.push_str("\n</details>\n");
    text
}

fn told(address: &str, problem: &ProblemRecord) -> String {
    let head = format!("{} {}", code(&problem.code), code(address));
    point(&head, &problem.message, problem.at.as_ref(), &problem.hints)
}

/// Findings as a comment of at most `limit` characters: as many as fit, and how many more there are.
#[must_use]
pub fn findings_markdown(findings: &[Finding], limit: usize) -> String {
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let more = |left: usize| format!("\nand {left} more\n");
    let mut text = format!("<!-- supaform:findings -->\n**{}**\n\n", count(errors, "error"));
    let mut length = text.chars().count();
    for (index, finding) in findings.iter().enumerate() {
        let word = if finding.level == Level::Error { "error" } else { "warning" };
        let one = point(
            &format!("**{word}** {}", code(&finding.code)),
            &finding.message,
            finding.at.as_ref(),
            &finding.hints,
        );
        let left = findings.len() - index;
        length += one.chars().count();
        if length + more(left).chars().count() > limit {
            text.push_str(&more(left));
            break;
        }
        text.push_str(&one);
    }
    text
}
