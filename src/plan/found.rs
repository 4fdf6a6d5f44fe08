//! The results of comparing a section, beside its changes.

use crate::diff;
use crate::kind::Kind;
use crate::model::{Address, Change, LiveKind, Note, ProjectPlan, Section};

/// Adds all results of comparing a section but the changes, which are for the caller.
pub(super) fn take_in(
    kind: &dyn Kind,
    document: &str,
    section: &Section,
    seen: &LiveKind,
    found: diff::Difference,
    project: &mut ProjectPlan,
) -> Vec<Change> {
    let diff::Difference { changes, unmanaged, notes, not_compared } = found;
    project.unmanaged.fields += unmanaged.fields;
    project.unmanaged.touched.extend(unmanaged.touched);
    // What no file has is refused, or told as drift.
    if kind.info().of_files.is_empty() {
        project.unmanaged.items.extend(unmanaged.items);
    }
    project.not_compared.extend(not_compared);
    project.notes.extend(notes);
    let at = Address::of(document, kind.info());
    project.notes.extend(kind.notes(seen).into_iter().map(|text| Note { at: at.clone(), text, origin: None }));
    project.awaited.extend(kind.awaited(document, section, seen));
    changes
}
