//! What a plan has to tell at lines of its manifests.

use super::Detail;
use super::attribution::word;
use super::plan::told;
use super::value::{Piece, Told, tell};
use crate::model::Action;
use crate::record::finding::{DIFFERENCE, NOTE};
use crate::record::{FieldRecord, Finding, Level, Place, PlanRecord};

/// What a plan has to tell.
#[must_use]
pub fn plan_findings(plan: &PlanRecord) -> Vec<Finding> {
    let mut all = vec![];
    for project in &plan.projects {
        let name = &project.project;
        all.extend(project.blocked.iter().map(|it| Finding {
            code: it.code.clone(),
            level: Level::Error,
            message: format!("{name}: {}", it.message),
            hints: it.hints.clone(),
            at: it.at.clone(),
        }));
        all.extend(project.refusals.iter().map(|it| Finding {
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
            let note = |message, at: Option<&Place>| Finding {
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
        all.extend(project.notes.iter().map(|it| Finding {
            code: NOTE.to_owned(),
            level: Level::Note,
            message: format!("{name}: {}", told(it)),
            hints: vec![],
            at: it.at.clone(),
        }));
    }
    all
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
