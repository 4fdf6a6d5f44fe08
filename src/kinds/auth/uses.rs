//! Hooks that are edge functions of the same project: these are deployed before a hook calls them, and stay while one does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::hooks::HOOKS;
use super::table::INFO;
use crate::diag::codes::plan as codes;
use crate::kind::References;
use crate::kind::prelude::*;
use crate::model::{FieldChange, Finding, ProjectRef};

/// The kind of what hooks refer to.
const FUNCTIONS: &str = "functions";

/// The slug of the function of a project that an address calls.
fn called<'a>(address: &'a str, reference: Option<&ProjectRef>) -> Option<&'a str> {
    let reference = reference.map_or(ProjectRef::STAND_IN, ProjectRef::as_str);
    let rest = address.strip_prefix("https://")?.strip_prefix(reference)?.strip_prefix(".supabase.co/functions/v1/")?;
    rest.split(['/', '?', '#']).next().filter(|slug| !slug.is_empty())
}

/// The names of each hook's switch and address.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    HOOKS.iter().filter_map(|(_, rows)| match rows {
        [switch, address, ..] => Some((switch.name, address.name)),
        _ => None,
    })
}

/// The function that a hook calls, as its switch and its address have it.
fn slug(on: Option<&Value>, address: Option<&Value>, reference: Option<&ProjectRef>) -> Option<String> {
    on.filter(|on| **on == Value::Bool(true))?;
    called(address?.as_str()?, reference).map(str::to_owned)
}

/// The functions that hooks call once everything is applied, each with the field of the address.
pub(in crate::kinds) fn after(beside: SiblingKinds<'_>, reference: Option<&ProjectRef>) -> Vec<(&'static str, String)> {
    let value = |field: &str| beside.after(INFO.name, field);
    names()
        .filter_map(|(on, address)| Some((address, slug(value(on).as_ref(), value(address).as_ref(), reference)?)))
        .collect()
}

/// The changed hooks of a job: the field of the address, and the functions that it called and will call.
fn moves(job: &KindChanges<'_>) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let changed: BTreeSet<&str> = job.changes.iter().flat_map(|it| &it.fields).map(FieldChange::name).collect();
    let live = if let LiveKind::Settings(live) = job.live { Some(live) } else { None };
    let was = |field: &str| live.and_then(|live| live.get(field));
    let will = |field: &str| job.beside.after(INFO.name, field);
    let reference = job.target.reference;
    names()
        .filter(|(on, address)| changed.contains(on) || changed.contains(address))
        .map(|(on, address)| {
            let before = slug(was(on), was(address), reference);
            (address, before, slug(will(on).as_ref(), will(address).as_ref(), reference))
        })
        .collect()
}

pub(super) fn references(job: &KindChanges<'_>) -> References {
    let mut found = References::default();
    for (_, before, after) in moves(job) {
        found.frees.extend(before.map(|slug| (FUNCTIONS, slug)));
        found.uses.extend(after.map(|slug| (FUNCTIONS, slug)));
    }
    found.frees.retain(|it| !found.uses.contains(it));
    found
}

/// Whether a changed hook calls a database function once everything is applied.
pub(super) fn calls_database(job: &KindChanges<'_>) -> bool {
    let value = |field: &str| job.beside.after(INFO.name, field);
    let changed: BTreeSet<&str> = job.changes.iter().flat_map(|it| &it.fields).map(FieldChange::name).collect();
    let is_one = |address: &str| {
        value(address).as_ref().and_then(Value::as_str).is_some_and(|it| it.starts_with("pg-functions://"))
    };
    names().any(|(on, address)| {
        (changed.contains(on) || changed.contains(address)) && value(on) == Some(Value::Bool(true)) && is_one(address)
    })
}

/// Whether a hook of the section may be a function of the project.
pub(super) fn may_call_functions(section: &Section) -> bool {
    let SectionBody::Settings(settings) = &section.body else { return false };
    let is_one = |value: &DesiredValue| match value {
        DesiredValue::Value(value) => value.as_str().is_some_and(|it| it.contains(".supabase.co/functions/v1/")),
        DesiredValue::Clear | DesiredValue::Secret(_) => false,
    };
    names().any(|(on, address)| match settings.fields.get(address) {
        Some(address) => is_one(&address.value),
        None => settings.fields.contains_key(on),
    })
}

/// Refuses a hook whose function is neither live nor desired: every call of it would fail.
pub(super) fn check(job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
    let SectionBody::Settings(settings) = &job.section.body else { return };
    let wanted = |slug: &str| match job.beside.desired.get(FUNCTIONS).map(|section| &section.body) {
        Some(SectionBody::Items(items)) => match items.get(slug) {
            Some(Item::Present(..)) => Some(true),
            Some(Item::Absent(_)) => Some(false),
            Some(Item::Unmanaged(_)) | None => None,
        },
        Some(SectionBody::Settings(_)) | None => None,
    };
    let is_live = |slug: &str| match job.beside.live.get(FUNCTIONS) {
        Some(LiveKind::Items(live)) => live.contains_key(slug),
        _ => false,
    };
    for (address, _, after) in moves(job) {
        let Some(slug) = after else { continue };
        if wanted(&slug).unwrap_or_else(|| is_live(&slug)) {
            continue;
        }
        let origin = settings.fields.get(address).map_or(&job.section.origin, |setting| &setting.origin);
        let message = format!("`{address}` calls the function `{slug}`, which is neither live nor in the manifests");
        let hint = format!("Write `functions: {{{slug}: {{}}}}`, deploy it before, or correct the address.");
        let finding = Finding { code: codes::NOT_THERE, message, hints: vec![hint], origin: Some(origin.clone()) };
        let at = Address::section(job.target.project, INFO.name).setting(address);
        out.push(Refusal { at, finding, allow: None });
    }
}
