//! Fields that the API changes along with what is sent: changes of the plan like any other, with risks of their own.

use serde_json::{Map, Value};

use crate::diff;
use crate::kind::KindInfo;
use crate::model::{
    Address, Certainty, Change, DisplayValue, FieldChange, FieldKey, LiveKind, Note, Section, SectionBody,
};
use crate::schema::{Along, Field, FieldPath, Impact, Literal, wire};

/// Adds to a change of a document the fields that change along with it, with a note. Fields that a manifest sets are left
/// as they are.
pub(super) fn complete(
    info: &'static KindInfo,
    section: &Section,
    live: &LiveKind,
    changes: &mut [Change],
    notes: &mut Vec<Note>,
) {
    let (SectionBody::Settings(settings), LiveKind::Settings(live)) = (&section.body, live) else { return };
    for change in changes {
        let written = |row: &Field| settings.fields.contains_key(row.name);
        let mut added: Vec<FieldChange> = vec![];
        for cause in &change.fields {
            let Some(row) = cause.row() else { continue };
            let due = row.takes_along.iter().filter(|it| diff::applies(it.when, row, &cause.before, &cause.after));
            let taken =
                due.flat_map(|along| info.all_fields().filter(|row| names(along, row)).map(move |row| (along, row)));
            let taken: Vec<FieldChange> = taken
                .filter(|(_, row)| !written(row) && !added.iter().any(|it| it.name() == row.name))
                .filter_map(|(along, row)| taken_along(along, row, live, cause))
                .collect();
            if let Some(text) = told(&taken, cause) {
                let at = Address::of_project(&change.at.project);
                notes.push(Note { at, text: format!("{}.{text}", info.name), origin: cause.origin.clone() });
            }
            added.extend(taken);
        }
        change.fields.extend(added);
    }
}

fn names(along: &Along, row: &Field) -> bool {
    along.fields.iter().any(|name| match name.strip_suffix('*') {
        Some(start) => row.name.starts_with(start),
        None => row.name == *name,
    })
}

fn taken_along(
    along: &Along,
    row: &'static Field,
    live: &Map<String, Value>,
    cause: &FieldChange,
) -> Option<FieldChange> {
    let seen = live.get(row.name).filter(|seen| !seen.is_null() && seen.as_str() != Some(""))?;
    if along.from.is_some_and(|from| from.to_value() != *seen) {
        return None;
    }
    let becomes = along.becomes.or(row.default).unwrap_or(Literal::Null).to_value();
    if becomes == *seen {
        return None;
    }
    let before =
        if row.is_secret() { DisplayValue::SecretSet } else { DisplayValue::Value(wire::from_wire(row, seen)) };
    let after =
        if becomes.is_null() { DisplayValue::Absent } else { DisplayValue::Value(wire::from_wire(row, &becomes)) };
    let mut risks = diff::risks(row, &before, &after);
    if !along.sure {
        risks.push((Impact::Destructive, along.why));
    }
    let certainty = if along.sure { Certainty::Known } else { Certainty::Unknowable };
    let origin = cause.origin.clone();
    Some(FieldChange {
        key: FieldKey::Known(FieldPath::of(row)),
        before,
        after,
        certainty,
        at_hand: true,
        origin,
        risks,
        along: true,
    })
}

/// `smtp_user and smtp_pass change along with smtp_host`.
fn told(taken: &[FieldChange], cause: &FieldChange) -> Option<String> {
    let names: Vec<&str> = taken.iter().map(FieldChange::name).collect();
    let (last, others) = names.split_last()?;
    let names = if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
    let verb = if others.is_empty() { "changes" } else { "change" };
    Some(format!("{names} {verb} along with {}, by the API itself", cause.name()))
}
