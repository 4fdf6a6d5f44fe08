//! A report as a document: what was done, what was not and why, and what to do next.

use super::listings::part;
use super::obstacles::failures;
use crate::diag::codes::{run as codes, trust};
use crate::exit::Exit;
use crate::record::{OutcomeRecord, ProjectReportRecord, ReportRecord, StepReportRecord, TimesRecord};
use crate::text::count;
use crate::view::document::{Block, Document, Phrase, Run, Step, Stretch, Tone, Topic, Verdict};

/// A report.
#[must_use]
pub fn report_document(report: &ReportRecord) -> Document {
    let ends = report.projects.iter().flat_map(|project| &project.steps).filter_map(|step| step.times);
    let whole = ends.map(|times| times.ended_ms).max().unwrap_or_default();
    let runs = report.projects.iter().map(|project| Block::Run(run(project, whole)));
    let mut blocks: Vec<Block> = std::iter::once(Block::Obstacles(failures(report))).chain(runs).collect();
    blocks.retain(|block| !block.is_empty());
    Document { topic: Topic::Report, stack: None, links: None, title: None, verdict: verdict(report), blocks }
}

/// The results in a project, of a run that took so many milliseconds.
fn run(project: &ProjectReportRecord, took: u64) -> Run {
    let failed = project.steps.iter().filter(|step| step.problem.is_some()).count();
    Run {
        name: project.project.clone(),
        went_well: project.exit == 0,
        steps: project.steps.iter().map(|it| step(it, took)).collect(),
        failed: failed + usize::from(project.problem.is_some()),
    }
}

fn step(step: &StepReportRecord, took: u64) -> Step {
    let tone = match step.outcome {
        OutcomeRecord::Done => Tone::Good,
        OutcomeRecord::Skipped | OutcomeRecord::Stopped => Tone::Idle,
        OutcomeRecord::Failed | OutcomeRecord::Stale => Tone::Bad,
        OutcomeRecord::Sent | OutcomeRecord::Unknown | OutcomeRecord::Waiting => Tone::Doubtful,
    };
    Step {
        tone,
        outcome: step.outcome.word(),
        subject: step.address.to_string(),
        request: format!("{} {}", step.method, step.path),
        notes: step.notes.clone(),
        stretch: step.times.and_then(|times| stretch(times, took)),
    }
}

/// The thousandths of a run that can be seen.
const LEAST: u64 = 4;

/// When a step was under way; `None` where nothing of the run took time.
fn stretch(TimesRecord { began_ms, ended_ms }: TimesRecord, took: u64) -> Option<Stretch> {
    let part = |ms: u64| ms.saturating_mul(1000).checked_div(took);
    let long = ended_ms.saturating_sub(began_ms);
    let after = if began_ms == 0 { String::new() } else { format!("after {}, ", seconds(began_ms)) };
    let took = if long == 0 { "at once".to_owned() } else { format!("for {}", seconds(long)) };
    Some(Stretch {
        from: part(began_ms)?.min(1000 - LEAST),
        long: part(long)?.max(LEAST),
        words: format!("{after}{took}"),
    })
}

/// A time in words: `0.4 s`, `41 s`, `2 min 5 s`.
fn seconds(ms: u64) -> String {
    match ms {
        0..10_000 if !ms.is_multiple_of(1000) => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        0..60_000 => format!("{} s", ms / 1000),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

/// How many projects were left unchanged while others were written.
fn left(report: &ReportRecord) -> usize {
    report.projects.iter().filter(|project| project.steps.is_empty() && project.exit != 0).count()
}

/// Whether nothing was applied for lack of approval.
fn is_unapproved(report: &ReportRecord) -> bool {
    let mut codes =
        report.projects.iter().filter_map(|project| Some(project.problem.as_ref()?.code.as_str())).peekable();
    codes.peek().is_some() && codes.all(|code| code == trust::NOT_APPROVED.id())
}

/// Whether nothing went wrong, and somebody outside has to do something before a run can go on.
fn waits(report: &ReportRecord) -> bool {
    let problems = report.problems();
    !problems.is_empty() && problems.iter().all(|(_, problem)| problem.code == codes::AWAITED.id())
}

/// The verdict of a run.
pub(super) fn verdict(report: &ReportRecord) -> Verdict {
    let of = |tone, head: &str, rest: String| Verdict::of(tone, head, Phrase::words(rest));
    let part = part(report.shard.as_deref());
    let done = report.count(OutcomeRecord::Done);
    let rest = OutcomeRecord::ALL.into_iter().skip(1).map(|outcome| (report.count(outcome), outcome.words()));
    let rest: String = rest.filter(|(many, _)| *many > 0).map(|(many, word)| format!(" · {many} {word}")).collect();
    let exit = Exit::of(report.exit).unwrap_or(Exit::Failed);
    if report.projects.is_empty() && exit == Exit::Done {
        return of(Tone::Good, "No changes", format!(": all is as the manifests say{part}"));
    }
    let left = if done == 0 { 0 } else { left(report) };
    let (tone, verdict) = match exit {
        Exit::Stale | Exit::Refused | Exit::Failed | Exit::Denied if left > 0 => (Tone::Bad, "Not all applied"),
        Exit::Done | Exit::Differences => (Tone::Good, "Applied"),
        Exit::Partial => (Tone::Bad, "Partly applied"),
        Exit::Stale if is_unapproved(report) => (Tone::Bad, "Not applied: not what was approved"),
        Exit::Stale => (Tone::Bad, "Not applied: live has changed"),
        Exit::Attention if waits(report) => (Tone::Doubtful, "Waiting"),
        Exit::Attention => (Tone::Doubtful, "Needs attention"),
        Exit::Interrupted => (Tone::Doubtful, "Interrupted"),
        Exit::Failed | Exit::Invalid | Exit::Refused | Exit::Denied => (Tone::Bad, "Not applied"),
    };
    let tail = match exit {
        Exit::Done | Exit::Differences => ", read back and as desired",
        Exit::Attention if waits(report) => "; once that is done, apply again: it goes on from there",
        Exit::Partial | Exit::Attention | Exit::Interrupted => "; running apply again continues",
        Exit::Failed | Exit::Invalid | Exit::Refused | Exit::Denied | Exit::Stale => "",
    };
    let left = if left == 0 { String::new() } else { format!(" · {} left as it was", count(left, "project")) };
    let left = if left.starts_with(" · 1 ") { left } else { left.replace("as it was", "as they were") };
    of(tone, verdict, format!(": {}{rest}{left}{tail}{part}", count(done, "call")))
}
