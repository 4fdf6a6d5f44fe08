//! Files that settings name: each is compared as a field of its own, and all are sent together.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::{Address, Certainty, Content, DisplayValue, FieldChange, FieldKey, Note, Origin};

/// The note on an item that could have files, and has none in the workspace.
pub(super) fn not_here(at: &Address, origin: &Origin) -> Note {
    let text = "its sources are not in the workspace, so that only its settings are compared".to_owned();
    Note { at: at.clone(), text, origin: Some(origin.clone()) }
}

/// Compares files with the live ones, which are in a member of the item: what else is there was put there by somebody.
pub(super) fn compare(
    at: &Address,
    content: &Content,
    live: Option<&Map<String, Value>>,
    notes: &mut Vec<Note>,
    diffs: &mut Vec<FieldChange>,
) {
    if content.files.is_empty() && content.facts.is_empty() {
        return;
    }
    let member = FieldKey::FILES.trim_end_matches('.');
    let seen = live.map(|live| live.get(member).and_then(Value::as_object));
    let (certainty, there) = match seen {
        None => (Certainty::Unknowable, None),
        Some(Some(files)) => (Certainty::Known, Some(files)),
        Some(None) => {
            let text = "the API does not show its files, so they were not compared".to_owned();
            notes.push(Note { at: at.clone(), text, origin: Some(content.origin.clone()) });
            return;
        }
    };
    let mut differs = |key: FieldKey, before: Option<&Value>, after: Option<Value>| {
        let is = |value: Option<&Value>| value.filter(|value| !value.is_null() && value.as_str() != Some("")).cloned();
        let as_file = key.name().starts_with(FieldKey::FILES);
        let same = if as_file { before == after.as_ref() } else { is(before) == is(after.as_ref()) };
        if same {
            return;
        }
        let shown = |value: Option<&Value>| match value {
            None | Some(Value::Null) => DisplayValue::Absent,
            Some(value) => DisplayValue::Value(value.clone()),
        };
        diffs.push(FieldChange {
            key,
            before: shown(before),
            after: shown(after.as_ref()),
            certainty,
            at_hand: true,
            origin: Some(content.origin.clone()),
            risks: vec![],
            along: false,
        });
    };
    for (name, value) in &content.facts {
        differs(FieldKey::File((*name).to_owned()), live.and_then(|live| live.get(*name)), Some(value.clone()));
    }
    let live_paths = there.into_iter().flat_map(Map::keys);
    let paths: BTreeSet<&String> = content.files.keys().chain(live_paths).collect();
    for path in paths {
        let after = content.files.get(path).map(crate::model::FileContent::shown);
        differs(FieldKey::file(path), there.and_then(|there| there.get(path)), after);
    }
}
