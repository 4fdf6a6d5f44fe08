//! What CI systems are told: one finding each for an error, a refusal, a difference. Texts are as they came.

use super::attribution::word;
use super::plan::told;
use super::record::{Place, PlanRecord, ReportRecord};
use super::report::problems_of;
use super::value::{Piece, Told, tell};
use super::{Detail, record::FieldRecord};
use crate::diag::{Diagnostic, Severity, Sources};
use crate::model::Action;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It forbids going on.
    Error,
    /// Somebody has to decide.
    Warning,
    /// Worth knowing: a difference, a note.
    Note,
}

/// The name under which differences are told.
pub(super) const DIFFERENCE: &str = "difference";
/// The name under which notes are told.
pub(super) const NOTE: &str = "note";

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The code, `difference` or `note`.
    pub code: String,
    /// How much it weighs.
    pub level: Level,
    /// What: one sentence.
    pub message: String,
    /// What to do: sentences.
    pub hints: Vec<String>,
    /// Where.
    pub at: Option<Place>,
}

impl Finding {
    /// What a plan has to tell.
    #[must_use]
    pub fn of_plan(plan: &PlanRecord) -> Vec<Self> {
        let mut all = vec![];
        for project in &plan.projects {
            let name = &project.project;
            all.extend(project.blocked.iter().map(|it| Self {
                code: it.code.clone(),
                level: Level::Error,
                message: format!("{name}: {}", it.message),
                hints: it.hints.clone(),
                at: it.at.clone(),
            }));
            all.extend(project.refusals.iter().map(|it| Self {
                code: it.code.clone(),
                level: if it.allow.is_some() { Level::Warning } else { Level::Error },
                message: format!("{}: {}", it.address, it.message),
                hints: it.hints.clone(),
                at: it.at.clone(),
            }));
            let of = |why| match word(why) {
                "" => String::new(),
                word => format!(" {word}"),
            };
            for change in &project.changes {
                let note = |message, at: Option<&Place>| Self {
                    code: DIFFERENCE.to_owned(),
                    level: Level::Note,
                    message,
                    hints: vec![],
                    at: at.or(change.at.as_ref()).cloned(),
                };
                let fields = change.fields.iter().map(|field| {
                    note(format!("{}: {}{}", change.address, difference(field), of(field.why)), field.at.as_ref())
                });
                let of_change = of(change.why);
                match change.action {
                    Action::Create => all.push(note(format!("{}: is added{of_change}", change.address), None)),
                    Action::Delete => all.push(note(format!("{}: is removed{of_change}", change.address), None)),
                    Action::Update => all.extend(fields),
                }
            }
            all.extend(project.notes.iter().map(|it| Self {
                code: NOTE.to_owned(),
                level: Level::Note,
                message: format!("{name}: {}", told(it)),
                hints: vec![],
                at: it.at.clone(),
            }));
        }
        all
    }

    /// What a report has to tell: its problems.
    #[must_use]
    pub fn of_report(report: &ReportRecord) -> Vec<Self> {
        let finding = |(at, problem): (String, &super::record::ProblemRecord)| Self {
            code: problem.code.clone(),
            level: Level::Error,
            message: format!("{at}: {}", problem.message),
            hints: problem.hints.clone(),
            at: problem.at.clone(),
        };
        problems_of(report).into_iter().map(finding).collect()
    }

    /// Diagnostics.
    #[must_use]
    pub fn of_diagnostics(found: &[&Diagnostic], sources: &Sources) -> Vec<Self> {
        let finding = |it: &&Diagnostic| Self {
            code: it.code.id().to_owned(),
            level: match it.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            message: it.message.clone(),
            hints: it.hints.clone(),
            at: it.labels.first().map(|label| Place::of(label.span, sources)),
        };
        found.iter().map(finding).collect()
    }

    /// The message and what to do.
    pub(super) fn text(&self) -> String {
        std::iter::once(&self.message).chain(&self.hints).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// A field's change in one line. The values in it are safe to print, the name is as it came.
pub(super) fn difference(field: &FieldRecord) -> String {
    let name = &field.name;
    match tell(field, Detail { counts: true, ..Detail::default() }) {
        Told::New(value) => format!("{name}: {value}"),
        Told::Swap(before, after) => format!("{name}: {before} → {after}"),
        Told::Secret(_, what) => format!("{name}: (secret) {what}"),
        Told::Lines(added, removed, _) => format!("{name}: +{added} -{removed} lines"),
        Told::Items(pieces) => {
            let piece = |piece: &Piece| match piece {
                Piece::Add(text) => Some(format!("+ {text}")),
                Piece::Remove(text) => Some(format!("- {text}")),
                Piece::Keep(_) | Piece::Gap => None,
            };
            format!("{name}: {}", pieces.iter().filter_map(piece).collect::<Vec<_>>().join(", "))
        }
    }
}
