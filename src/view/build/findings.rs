//! Findings at lines of manifests: a plan has one for each refusal, difference and note.

use super::changes::origin;
use super::drift::{edit as drift_edit, reason};
use super::edit::edit;
use super::listings::noted;
use crate::diag::codes::run as codes;
use crate::model::Action;
use crate::record::annotation::{DIFFERENCE, NOTE};
use crate::record::{
    Annotation, AwaitedRecord, DriftRecord, FieldRecord, Happened, Level, NoteRecord, Place, PlanRecord, ProblemRecord,
    RiskRecord,
};
use crate::text::count;
use crate::view::Detail;
use crate::view::document::{Block, Document, Edit, Label, NOT_SET, Phrase, Piece, Point, Tone, Topic, Verdict};

/// The findings of a plan.
#[must_use]
pub fn plan_findings(plan: &PlanRecord) -> Vec<Annotation> {
    let mut all = vec![];
    for project in &plan.projects {
        let name = &project.project;
        all.extend(project.blocked.iter().map(|it| of_blocked(name, it)));
        all.extend(project.refusals.iter().map(|it| Annotation {
            code: it.code.clone(),
            level: if it.allow.is_some() { Level::Warning } else { Level::Error },
            message: format!("{}: {}", it.address, it.message),
            hints: it.hints.clone(),
            at: it.at.clone(),
        }));
        let of = |why| origin(why).map_or(String::new(), |words| format!(" {words}"));
        for change in &project.changes {
            let note = |message, at: Option<&Place>| Annotation {
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
        all.extend(project.awaited.iter().map(of_awaited));
        all.extend(project.notes.iter().map(|it| of_note(name, it)));
    }
    all
}

/// The findings of drift; what weakens is a warning.
#[must_use]
pub fn drift_findings(drift: &DriftRecord) -> Vec<Annotation> {
    let mut all = vec![];
    for project in &drift.projects {
        let name = &project.project;
        all.extend(project.blocked.iter().map(|it| of_blocked(name, it)));
        for change in &project.changes {
            let told = |what: String, risks: &[RiskRecord], weakens, at: Option<&Place>| Annotation {
                code: DIFFERENCE.to_owned(),
                level: if weakens { Level::Warning } else { Level::Note },
                message: format!("{}: {what}", change.address),
                hints: risks.iter().map(reason).collect(),
                at: at.or(change.at.as_ref()).cloned(),
            };
            if change.happened == Happened::Changed {
                all.extend(change.fields.iter().map(|field| {
                    let what = one_line(&field.name, &drift_edit(field));
                    told(what, &field.risks, field.weakens(), field.at.as_ref())
                }));
            } else {
                let risks: Vec<_> = change.fields.iter().flat_map(|field| field.risks.clone()).collect();
                let what = format!("is {}", change.happened.word());
                all.push(told(what, &risks, change.weakens(), None));
            }
        }
        all.extend(project.awaited.iter().map(of_awaited));
        all.extend(project.notes.iter().map(|it| of_note(name, it)));
    }
    all
}

/// Why a project could not be compared.
fn of_blocked(project: &str, blocked: &ProblemRecord) -> Annotation {
    let ProblemRecord { code, message, hints, at, exit: _ } = blocked.clone();
    Annotation { code, level: Level::Error, message: format!("{project}: {message}"), hints, at }
}

/// What waits for somebody outside.
fn of_awaited(awaited: &AwaitedRecord) -> Annotation {
    let AwaitedRecord { address, text, todo, at } = awaited.clone();
    let code = codes::AWAITED.id().to_owned();
    Annotation { code, level: Level::Warning, message: format!("{address}: {text}"), hints: todo, at }
}

/// A note about a project.
fn of_note(project: &str, note: &NoteRecord) -> Annotation {
    let message = format!("{project}: {}", noted(note));
    Annotation { code: NOTE.to_owned(), level: Level::Note, message, hints: vec![], at: note.at.clone() }
}

/// A field's change in one line. Its values are safe to print; its name is not escaped yet.
pub(super) fn difference(field: &FieldRecord) -> String {
    one_line(&field.name, &edit(field))
}

/// A name, and the change of its value.
pub(super) fn one_line(name: &str, edit: &Edit) -> String {
    let cut = |text: &str| Detail::default().cut(text);
    match edit {
        Edit::New(value) | Edit::Gone(value) => format!("{name}: {}", cut(value)),
        Edit::Swap(before, after) => {
            format!("{name}: {} → {}", cut(before.as_deref().unwrap_or(NOT_SET)), cut(after))
        }
        Edit::Secret(secret) => format!("{name}: (secret) {}", secret.words()),
        Edit::Lines(pieces) => {
            let (added, removed) = Edit::tally(pieces);
            format!("{name}: +{added} -{removed} lines")
        }
        Edit::Items(pieces) => {
            let piece = |piece: &Piece| match piece {
                Piece::Add(text) => Some(format!("+ {text}")),
                Piece::Remove(text) => Some(format!("- {text}")),
                Piece::Keep(_) => None,
            };
            format!("{name}: {}", pieces.iter().filter_map(piece).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Findings as a document.
#[must_use]
pub fn findings_document(findings: &[Annotation]) -> Document {
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let point = |finding: &Annotation| {
        let Annotation { code, level, message, hints, at } = finding.clone();
        let label = if level == Level::Error { Label::Error } else { Label::Warning };
        Point { label, code: Some(code), subject: None, message, projects: None, at, hints }
    };
    let verdict = Verdict::of(Tone::Bad, count(errors, "error"), Phrase::default());
    let blocks = vec![Block::Points(findings.iter().map(point).collect())];
    Document { topic: Topic::Findings, stack: None, links: None, title: None, verdict, blocks }
}
