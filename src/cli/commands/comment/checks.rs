//! The check run of a plan or report: every finding at its line, which the log's annotations cannot have.

use super::outputs::TOO_LARGE;
use crate::ci::Ci;
use crate::cli::marks::mark;
use crate::diag::render::{escape, escape_lines};
use crate::forge::{Check, LineRemark, MOST_SUMMARY, Status, Verdict};
use crate::record::{Annotation, Level};
use crate::view::build::Summary;
use crate::view::document::Document;
use crate::view::{Detail, markdown};

/// The check run of a commit, with the page as long as a page may be.
pub(super) fn of(
    document: &Document,
    told: &Summary,
    status: &Status,
    findings: &[Annotation],
    (commit, key, ci): (&str, &str, &Ci),
) -> Check {
    let page = markdown(document, Detail::default(), MOST_SUMMARY);
    let (summary, is_too_large) = match page {
        Ok(told) => (told.text, told.hides_risk),
        Err(_) => (TOO_LARGE.to_owned(), true),
    };
    let name = match told.kind {
        "report" => "supaform/apply findings",
        "drift" => "supaform/drift findings",
        _ => "supaform/plan findings",
    };
    Check {
        name: mark(name, key),
        commit: commit.to_owned(),
        verdict: if is_too_large { Verdict::Bad } else { status.verdict },
        title: status.description.clone(),
        summary,
        url: ci.run.clone(),
        remarks: findings.iter().filter_map(remark).collect(),
    }
}

/// A finding at its line; one without a place, or outside of the repository, is told by the page alone.
fn remark(finding: &Annotation) -> Option<LineRemark> {
    let at = finding.at.as_ref().filter(|at| !at.file.starts_with("..") && !at.file.starts_with('/'))?;
    let level = match finding.level {
        Level::Error => "failure",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let message = escape_lines(&finding.text()).into_owned();
    Some(LineRemark { file: at.file.clone(), line: at.line, level, title: escape(&finding.code).into_owned(), message })
}

/// What was done, in words.
pub(super) fn said(remarks: usize) -> String {
    if remarks == 1 { "1 finding at its line".to_owned() } else { format!("{remarks} findings at their lines") }
}
