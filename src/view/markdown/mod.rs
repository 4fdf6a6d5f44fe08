//! Plans, reports and findings as Markdown, fit for a comment on a pull request: within a limit, risks first.
//!
//! What does not fit is told with less, rung by rung ([`RUNGS`]); what destroys, locks out or endangers is told on each.

mod escape;
mod plain;
mod plan;
mod report;

pub use plain::without_html;
pub use plan::{plan_markdown, plan_told};
pub use report::{findings_markdown, report_markdown};

use self::escape::{code, opening, prose};
use super::Detail;
use crate::record::{Place, Record};

/// A comment that cannot be made short enough without hiding what must be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("takes {needs} characters at least, and {limit} are allowed")]
pub struct TooLong {
    /// The characters of the shortest form.
    pub needs: usize,
    /// The characters allowed.
    pub limit: usize,
}

/// How much of the changes is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rung {
    /// Long texts whole.
    Whole,
    /// Of long texts what changes, with some lines around it.
    Folded,
    /// Of long texts how many lines change.
    Counts,
    /// A line a resource.
    Resources,
    /// A line a project.
    Projects,
}

/// From all to as little as there may be.
const RUNGS: [Rung; 5] = [Rung::Whole, Rung::Folded, Rung::Counts, Rung::Resources, Rung::Projects];

impl Rung {
    fn detail(self, detail: Detail) -> Detail {
        let (full, counts) = (self == Self::Whole, self >= Self::Counts);
        Detail { full, counts, brief: false, uncut: true, context: detail.context }
    }
}

/// A page that fits, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The page.
    pub text: String,
    /// Whether the values of all changes are in it, so that who has read it knows what would be done.
    pub is_whole: bool,
    /// Whether the value of something that endangers is not in it.
    pub hides_risk: bool,
}

/// A record as Markdown of at most `limit` characters.
///
/// # Errors
/// When even what must be seen is more.
pub fn record_markdown(record: &Record, detail: Detail, limit: usize) -> Result<Told, TooLong> {
    let told = |text: String| Told { text, is_whole: true, hides_risk: false };
    match record {
        Record::Plan(plan) => plan_told(plan, detail, limit),
        Record::Report(report) => report_markdown(report, limit).map(told),
        Record::Failure(failure) => Ok(told(findings_markdown(&failure.findings, limit))),
    }
}

/// The first text that fits.
fn shortest_of(texts: impl Iterator<Item = String>, limit: usize) -> Result<String, TooLong> {
    first_that_fits(texts.map(|text| ((), text)), limit).map(|((), text)| text)
}

/// The first text that fits, with what is known of it.
fn first_that_fits<T>(texts: impl Iterator<Item = (T, String)>, limit: usize) -> Result<(T, String), TooLong> {
    let mut needs = 0;
    for (what, text) in texts {
        needs = text.chars().count();
        if needs <= limit {
            return Ok((what, text));
        }
    }
    Err(TooLong { needs, limit })
}

/// A point of a list with its place, and below it what to do.
fn point(head: &str, message: &str, at: Option<&Place>, hints: &[String]) -> String {
    let at = at.map_or(String::new(), |at| format!(" ({})", code(&format!("{}:{}", at.file, at.line))));
    let hints: String = hints.iter().map(|hint| format!("  - {}\n", opening(hint))).collect();
    format!("- {head}: {}{at}\n{hints}", prose(message))
}
