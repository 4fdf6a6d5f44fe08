//! What may not be applied as it is: missing companions, and changes that somebody must name (R16, R26).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diag::codes::plan as codes;
use crate::diff::{delete_risk, is_there};
use crate::kind::{Coupling, KindInfo};
use crate::model::{Action, Address, Change, FieldDiff, Note, Plan, Refusal, Shown};
use crate::schema::{Field, Impact, Needs, When};

/// The key of the trailer in which words are given.
pub const TRAILER: &str = "Supaform-Allow";

/// Checks the `needs` of the changed fields on live overlaid with desired; and of what is on and stays so, whether a
/// change takes away what it needs.
pub(super) fn needs(info: &'static KindInfo, coupling: &Coupling<'_>, out: &mut Vec<Refusal>) {
    let there = |name: &str| is_there(info.field(name), coupling.overlaid.get(name));
    let mut refuse = |message: String, hint: String, diff: &FieldDiff| {
        out.push(Refusal {
            code: codes::MISSING_COMPANION,
            at: Address::section(coupling.target.project, info.name),
            message,
            hints: vec![hint],
            origin: diff.origin.clone(),
            allow: None,
        });
    };
    let changed = |name: &str| coupling.changes.iter().flat_map(|change| &change.fields).find(|diff| diff.name == name);
    for diff in coupling.changes.iter().flat_map(|change| &change.fields) {
        let Some(field) = diff.field else { continue };
        for need in field.needs.iter().filter(|need| is_due(need, diff)) {
            let missing: Vec<_> =
                need.fields.iter().filter(|name| !there(name)).map(|name| format!("`{name}`")).collect();
            if !missing.is_empty() {
                let list = missing.join(", ");
                let message = format!("`{}` needs {list}: neither live nor in the manifests", diff.name);
                refuse(message, format!("Set {list} in the same section."), diff);
            }
        }
    }
    let stays_on = |row: &&Field| changed(row.name).is_none() && coupling.overlaid.get(row.name) == Some(&true.into());
    for row in info.all_fields().filter(stays_on) {
        let needed = row.needs.iter().filter(|need| need.when == When::On).flat_map(|need| need.fields);
        for diff in needed.filter(|name| !there(name)).filter_map(|name| changed(name)) {
            let message = format!("`{}` is on, and does not work without `{}`", row.name, diff.name);
            refuse(message, format!("Leave `{}` as it is, or write `{}: false`.", diff.name, row.name), diff);
        }
    }
}

fn is_due(need: &Needs, diff: &FieldDiff) -> bool {
    let sets = !matches!(&diff.after, Shown::Absent) && diff.after != Shown::Value(Value::from(""));
    match need.when {
        When::Set => sets,
        When::On => diff.after == Shown::Value(Value::Bool(true)),
        When::Off => diff.after == Shown::Value(Value::Bool(false)),
        When::Changed | When::Lower | When::Doubled => true,
    }
}

/// Refuses what `--yes` never covers: each needs `--allow ADDRESS`, and a protected project refuses it altogether.
pub(super) fn consent(info: &'static KindInfo, protected: bool, changes: &[Change], out: &mut Vec<Refusal>) {
    for change in changes {
        let mut ask = |impact: Impact, at: Address, message: String, origin| {
            let hints = if protected {
                vec!["The project is `protected: true`, which no flag overrides: take that out first.".to_owned()]
            } else {
                let word = format!("{TRAILER}: {}:{at}", impact.word());
                vec![
                    format!("If that is meant, add `--allow {at}`."),
                    format!("In CI, put `{word}` into the commit's message."),
                ]
            };
            let code = if protected { codes::PROTECTED } else { codes::NEEDS_ALLOW };
            out.push(Refusal { code, at, message, hints, origin, allow: (!protected).then_some(impact) });
        };
        if change.action == Action::Delete {
            ask(
                Impact::Destructive,
                change.at.clone(),
                format!("is removed: {}", delete_risk(info)),
                change.origin.clone(),
            );
        }
        for diff in &change.fields {
            for (impact, why) in &diff.risks {
                if matches!(impact, Impact::Destructive | Impact::LockOut) {
                    let at = field_address(change, diff);
                    ask(*impact, at, (*why).to_owned(), diff.origin.clone());
                }
            }
        }
    }
}

/// The address by which a field's risky change is allowed: `acme-prod/auth/smtp_pass`.
fn field_address(change: &Change, diff: &FieldDiff) -> Address {
    match &change.at.item {
        Some(_) => change.at.clone(),
        None => Address { item: Some(diff.name.clone()), ..change.at.clone() },
    }
}

/// The refusals that stand against applying, once the allowed addresses are taken out.
#[must_use]
pub fn standing<'a>(plan: &'a Plan, allowed: &BTreeSet<String>) -> Vec<&'a Refusal> {
    let all = plan.projects.values().flat_map(|project| &project.refusals);
    all.filter(|refusal| !names(refusal).any(|name| allowed.contains(&name))).collect()
}

/// The addresses at which nothing stands, because all that stood there is allowed.
#[must_use]
pub fn covered(plan: &Plan, allowed: &BTreeSet<String>) -> BTreeSet<String> {
    let still: BTreeSet<String> = standing(plan, allowed).into_iter().map(|refusal| refusal.at.to_string()).collect();
    let all = plan.projects.values().flat_map(|project| &project.refusals).map(|refusal| refusal.at.to_string());
    all.filter(|at| !still.contains(at)).collect()
}

/// The words by which a refusal is allowed: its address, and with its class before it.
pub fn names(refusal: &Refusal) -> impl Iterator<Item = String> {
    let at = refusal.at.to_string();
    refusal.allow.into_iter().flat_map(move |impact| [at.clone(), format!("{}:{at}", impact.word())])
}

/// A word of somebody who may give one: `restart:acme-prod/postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The harm that it takes upon itself; any, where it names none.
    pub class: Option<Impact>,
    /// The address.
    pub at: String,
    /// Who gave it: `commit 1a2b3c4d`.
    pub by: String,
}

impl Word {
    /// Reads `CLASS:ADDRESS` or `ADDRESS`.
    ///
    /// # Errors
    /// With the class that is none.
    pub fn parse(text: &str, by: &str) -> Result<Self, String> {
        let text = text.trim();
        let (class, at) = match text.split_once(':') {
            // A colon may stand in the name of an item.
            Some((class, _)) if class.contains('/') => (None, text),
            None => (None, text),
            Some((class, at)) => (Some(Impact::named(class).ok_or_else(|| class.to_owned())?), at),
        };
        Ok(Self { class, at: at.to_owned(), by: by.to_owned() })
    }
}

/// Refuses steps of these kinds, too, until somebody gives their word: a section at a time. What cannot be undone needs one in
/// any case, and a protected project refuses it.
pub fn demand(plan: &mut Plan, classes: &BTreeSet<Impact>) {
    let is_asked = |impact| classes.contains(&impact) && !matches!(impact, Impact::Destructive | Impact::LockOut);
    let mut asked: BTreeSet<(Impact, Address)> = BTreeSet::new();
    for step in &plan.steps {
        let Some(project) = plan.projects.get_mut(&step.at.project) else { continue };
        for flag in step.flags.iter().filter(|flag| is_asked(flag.impact)) {
            if !asked.insert((flag.impact, step.at.clone())) {
                continue;
            }
            let class = flag.impact.word();
            let hint = format!("If that is meant, put `{TRAILER}: {class}:{}` into the commit's message.", step.at);
            project.refusals.push(Refusal {
                code: codes::NEEDS_WORD,
                at: step.at.clone(),
                message: format!("{}: {}", flag.what, flag.why),
                hints: vec![hint],
                origin: step.changes.first().and_then(|change| change.origin.clone()),
                allow: Some(flag.impact),
            });
        }
    }
}

/// Lifts the refusals for which a word was given, and notes who gave it: `given` tells, for a kind of harm that may be allowed.
pub fn lift(plan: &mut Plan, mut given: impl FnMut(&Refusal, Impact) -> Option<String>) {
    for project in plan.projects.values_mut() {
        let (notes, refusals) = (&mut project.notes, &mut project.refusals);
        refusals.retain(|refusal| {
            let Some(by) = refusal.allow.and_then(|impact| given(refusal, impact)) else { return true };
            let text = format!("{} is allowed by {by}: {}", refusal.at, refusal.message);
            notes.push(Note { at: Address::section(&refusal.at.project, ""), text, origin: refusal.origin.clone() });
            false
        });
    }
}

/// Allowed addresses that nothing in the plan asked for: most likely a typo, or no longer needed.
#[must_use]
pub fn unused<'a>(plan: &Plan, allowed: &'a BTreeSet<String>) -> Vec<&'a str> {
    let refusals = plan.projects.values().flat_map(|project| &project.refusals);
    let asked: BTreeSet<String> = refusals.flat_map(|refusal| names(refusal).chain([refusal.at.to_string()])).collect();
    allowed.iter().filter(|address| !asked.contains(*address)).map(String::as_str).collect()
}
