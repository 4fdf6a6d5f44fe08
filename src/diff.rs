//! Compares desired with live: what differs, what is not managed, and what could not be compared.
//!
//! Pure. Main function: [`section`]. Secrets are compared by digest; neither they nor their digests leave this module.

mod content;
mod members;
mod overlay;
mod risks;
mod same;

pub(crate) use members::of as parts;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use overlay::{applied, is_there, overlay};
pub use risks::{applies, risks};
pub use same::{is_unset, same_value};

use crate::kind::{KindInfo, Shape};
use crate::model::{
    Action, Address, Certainty, Change, DesiredValue, DisplayValue, FieldChange, FieldChanges, FieldKey, Item,
    LiveKind, NotCompared, Note, Origin, ProjectRef, Section, SectionBody, Setting, Settings, Unmanaged,
};
use crate::schema::{Digest, FieldPath, Impact, wire};
use crate::secret::{SecretUse, Vault, looks_like_digest};

/// The context in which a section is compared.
#[derive(Debug, Clone, Copy)]
pub struct DiffContext<'a> {
    /// The name of the project's document.
    pub project: &'a str,
    /// The project's ref, the key of its digests; `None` where it does not exist yet.
    pub reference: Option<&'a ProjectRef>,
    /// The values of secrets that were found.
    pub vault: &'a Vault,
}

/// The result of comparing a section.
#[derive(Debug, Default)]
pub struct Difference {
    /// The differences: for settings at most one change, for items one each, sorted by address.
    pub changes: Vec<Change>,
    /// Live settings that are not managed.
    pub unmanaged: Unmanaged,
    /// Notes on what could not be compared although every value is at hand.
    pub notes: Vec<Note>,
    /// Secrets that live has, and whose values are not at hand.
    pub not_compared: Vec<NotCompared>,
}

/// Compares a section with what is live.
#[must_use]
pub fn section(info: &'static KindInfo, context: DiffContext<'_>, desired: &Section, live: &LiveKind) -> Difference {
    let mut found = Difference::default();
    match (&desired.body, live) {
        (SectionBody::Settings(settings), LiveKind::Settings(live)) => {
            (found.unmanaged.fields, found.unmanaged.touched) =
                members::unmanaged(info, settings, &desired.hands_off, live);
            let at = Address::of(context.project, info);
            let fields = compare(context, &at, settings, Some(live), &mut found);
            push(&mut found.changes, at, Action::Update, fields, &desired.origin);
        }
        (SectionBody::Settings(settings), LiveKind::NotYet | LiveKind::Items(_)) => {
            let at = Address::of(context.project, info);
            let fields = compare(context, &at, settings, None, &mut found);
            push(&mut found.changes, at, Action::Update, fields, &desired.origin);
        }
        (SectionBody::Items(items), LiveKind::Items(live)) => {
            compare_items(info, context, items, live, &mut found);
            let extra = live.keys().filter(|name| !items.contains_key(*name));
            if desired.policy.prune {
                let gone: Vec<_> = extra.map(|name| delete(info, context, name, None)).collect();
                found.changes.extend(gone);
            } else {
                let mut kept: Vec<String> = extra.cloned().collect();
                let spared =
                    items.iter().filter(|(name, item)| matches!(item, Item::Unmanaged(_)) && live.contains_key(*name));
                kept.extend(spared.map(|(name, _)| name.clone()));
                kept.sort();
                if !kept.is_empty() {
                    found.unmanaged.items.insert(info.name, kept);
                }
            }
            found.changes.sort_by(|a, b| a.at.cmp(&b.at));
        }
        (SectionBody::Items(items), LiveKind::NotYet | LiveKind::Settings(_)) => {
            compare_items(info, context, items, &BTreeMap::new(), &mut found);
        }
    }
    found
}

fn push(changes: &mut Vec<Change>, at: Address, action: Action, fields: Vec<FieldChange>, origin: &Origin) {
    if !fields.is_empty() {
        changes.push(Change { at, action, fields: fields.into(), origin: Some(origin.clone()) });
    }
}

fn compare_items(
    info: &'static KindInfo,
    context: DiffContext<'_>,
    items: &BTreeMap<String, Item>,
    live: &BTreeMap<String, Map<String, Value>>,
    found: &mut Difference,
) {
    for (name, item) in items {
        let at = Address::item(context.project, info.name, name);
        match (item, live.get(name)) {
            (Item::Present(settings, origin), Some(seen)) => {
                if info.form.is_some() && settings.content.is_none() {
                    found.notes.push(content::not_here(&at, origin));
                }
                let fields = compare(context, &at, settings, Some(seen), found);
                push(&mut found.changes, at, Action::Update, fields, origin);
            }
            (Item::Present(settings, origin), None) => {
                // Without the values of its secrets, too: it is known that the item is not live, and apply requires the
                // values.
                let fields = compare(context, &at, settings, None, found);
                found.changes.push(Change {
                    at,
                    action: Action::Create,
                    fields: fields.into(),
                    origin: Some(origin.clone()),
                });
            }
            (Item::Absent(origin), Some(_)) => found.changes.push(delete(info, context, name, Some(origin.clone()))),
            (Item::Absent(_), None) | (Item::Unmanaged(_), _) => {}
        }
    }
}

fn delete(info: &'static KindInfo, context: DiffContext<'_>, name: &str, origin: Option<Origin>) -> Change {
    Change {
        at: Address::item(context.project, info.name, name),
        action: Action::Delete,
        fields: FieldChanges::default(),
        origin,
    }
}

/// What the removal of an item destroys or breaks, for the plan.
#[must_use]
pub fn delete_risk(info: &'static KindInfo) -> &'static str {
    match info.shape {
        Shape::Collection { delete_risk, .. } => delete_risk,
        Shape::Settings { .. } => "its settings cannot be recovered",
    }
}

/// Compares settings with the live members of one document or item; `None` where nothing is live yet.
fn compare(
    context: DiffContext<'_>,
    at: &Address,
    settings: &Settings,
    live: Option<&Map<String, Value>>,
    found: &mut Difference,
) -> Vec<FieldChange> {
    let mut diffs = vec![];
    for setting in settings.fields.values().filter(|setting| !setting.field.local) {
        let seen = live.map(|live| live.get(setting.field.name).unwrap_or(&Value::Null));
        for (path, setting, seen) in members::of(setting, seen, &settings.places) {
            match judge(context, &setting, seen) {
                Verdict::Same => {}
                Verdict::Differs => diffs.push(change_of(context, path, &setting, seen)),
                Verdict::NotAtHand(secret) => {
                    let (field, origin) = (path.name().to_owned(), Some(setting.origin.clone()));
                    found.not_compared.push(NotCompared { at: at.clone(), field, secret, origin });
                }
                Verdict::Unknown(text) => {
                    let name = if at.subject.item().is_some() { String::new() } else { format!("{}: ", path.name()) };
                    let note = Note { at: at.clone(), text: name + text, origin: Some(setting.origin.clone()) };
                    found.notes.push(note);
                }
            }
        }
    }
    compare_extra(context, at, settings, live, found, &mut diffs);
    if let Some(content) = &settings.content {
        content::compare(at, content, live, &mut found.notes, &mut diffs);
    }
    diffs
}

enum Verdict {
    Same,
    Differs,
    /// Live has a secret, and the value of the desired one is not at hand.
    NotAtHand(SecretUse),
    Unknown(&'static str),
}

fn judge(context: DiffContext<'_>, setting: &Setting, seen: Option<&Value>) -> Verdict {
    let field = setting.field;
    let Some(seen) = seen else { return Verdict::Differs };
    match &setting.value {
        DesiredValue::Value(wanted) => same_value(field, wanted, seen).into(),
        DesiredValue::Clear => is_unset(field, seen).into(),
        DesiredValue::Secret(secret) => judge_secret(context, field.secret.unwrap_or(Digest::Never), secret, seen),
    }
}

impl From<bool> for Verdict {
    fn from(same: bool) -> Self {
        if same { Self::Same } else { Self::Differs }
    }
}

fn judge_secret(context: DiffContext<'_>, shown_as: Digest, secret: &SecretUse, seen: &Value) -> Verdict {
    // A missing live secret is a difference, whatever the desired value is.
    let live = match seen {
        Value::Null => return Verdict::Differs,
        Value::String(text) if text.is_empty() => return Verdict::Differs,
        Value::String(text) => text,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Verdict::Unknown("the API shows something that is not a digest, so it was not compared");
        }
    };
    let Some(value) = context.vault.reveal(secret) else { return Verdict::NotAtHand(secret.clone()) };
    let reference = context.reference.map_or("", ProjectRef::as_str);
    match shown_as.of(value.expose(), reference) {
        Some(digest) if looks_like_digest(live) => (digest == *live).into(),
        _ => Verdict::Unknown("is set; the API does not show a digest, so it was not compared"),
    }
}

fn compare_extra(
    context: DiffContext<'_>,
    at: &Address,
    settings: &Settings,
    live: Option<&Map<String, Value>>,
    found: &mut Difference,
    diffs: &mut Vec<FieldChange>,
) {
    let seen = |name: &str| live.map(|live| live.get(name).unwrap_or(&Value::Null));
    for (name, wanted) in &settings.extra {
        let shown = seen(name);
        if shown != Some(wanted) {
            let (before, after) = (shown.map_or(DisplayValue::Absent, value_shown), value_shown(wanted));
            diffs.push(extra_change(name, before, after, true, settings.places.get(name).cloned()));
        }
    }
    for (name, (secret, origin)) in &settings.extra_secrets {
        let shown = seen(name).unwrap_or(&Value::Null);
        match judge_secret(context, Digest::HmacOfRef, secret, shown) {
            Verdict::Same => {}
            Verdict::Differs => {
                let before = if shown.is_null() { DisplayValue::Absent } else { DisplayValue::SecretSet };
                let after = DisplayValue::Secret(secret.clone());
                diffs.push(extra_change(name, before, after, is_at_hand(context, secret), Some(origin.clone())));
            }
            Verdict::NotAtHand(secret) => {
                let (field, origin) = (name.clone(), Some(origin.clone()));
                found.not_compared.push(NotCompared { at: at.clone(), field, secret, origin });
            }
            Verdict::Unknown(text) => {
                found.notes.push(Note {
                    at: at.clone(),
                    text: format!("{name}: {text}"),
                    origin: Some(origin.clone()),
                });
            }
        }
    }
}

fn extra_change(
    name: &str,
    before: DisplayValue,
    after: DisplayValue,
    at_hand: bool,
    origin: Option<Origin>,
) -> FieldChange {
    let (key, certainty) = (FieldKey::Extra(name.to_owned()), Certainty::Known);
    let risks = vec![(Impact::Security, "its effect is unknown to Supaform")];
    FieldChange { key, before, after, certainty, at_hand, origin, risks, along: false }
}

/// Whether the value could be sent now. A plain one always could, even where nothing may be revealed for comparing.
fn is_at_hand(context: DiffContext<'_>, secret: &SecretUse) -> bool {
    secret.plain().is_some() || context.vault.reveal(secret).is_some()
}

fn value_shown(value: &Value) -> DisplayValue {
    if value.is_null() { DisplayValue::Absent } else { DisplayValue::Value(value.clone()) }
}

fn change_of(context: DiffContext<'_>, path: FieldPath, setting: &Setting, seen: Option<&Value>) -> FieldChange {
    let field = setting.field;
    let before = match seen {
        None | Some(Value::Null) => DisplayValue::Absent,
        Some(Value::String(text)) if text.is_empty() && field.is_secret() => DisplayValue::Absent,
        Some(_) if field.is_secret() => DisplayValue::SecretSet,
        Some(value) => DisplayValue::Value(wire::from_wire(field, value)),
    };
    let after = match &setting.value {
        DesiredValue::Value(value) => DisplayValue::Value(value.clone()),
        DesiredValue::Clear => DisplayValue::Absent,
        DesiredValue::Secret(secret) => DisplayValue::Secret(secret.clone()),
    };
    let risks = risks(field, &before, &after);
    let certainty = if seen.is_some() { Certainty::Known } else { Certainty::Unknowable };
    let at_hand = if let DesiredValue::Secret(secret) = &setting.value { is_at_hand(context, secret) } else { true };
    let origin = Some(setting.origin.clone());
    FieldChange { key: FieldKey::Known(path), before, after, certainty, at_hand, origin, risks, along: false }
}

#[cfg(test)]
mod tests;
