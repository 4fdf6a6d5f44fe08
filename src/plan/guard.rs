//! What may not be applied as it is: missing companions, and changes that somebody must name (R16, R26).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diag::codes::plan as codes;
use crate::diff::{delete_risk, is_there};
use crate::kind::{Coupling, KindInfo};
use crate::model::{Action, Address, Change, FieldDiff, Plan, Refusal, Shown};
use crate::schema::{Impact, Needs, When};

/// Checks the `needs` of the changed fields on live overlaid with desired.
pub(super) fn needs(info: &'static KindInfo, coupling: &Coupling<'_>, out: &mut Vec<Refusal>) {
    for diff in coupling.changes.iter().flat_map(|change| &change.fields) {
        let Some(field) = diff.field else { continue };
        for need in field.needs.iter().filter(|need| is_due(need, diff)) {
            let there = |name: &&&str| is_there(info.field(name), coupling.overlaid.get(**name));
            let missing: Vec<_> =
                need.fields.iter().filter(|name| !there(name)).map(|name| format!("`{name}`")).collect();
            if !missing.is_empty() {
                let list = missing.join(", ");
                out.push(Refusal {
                    code: codes::MISSING_COMPANION,
                    at: Address::section(coupling.target.project, info.name),
                    message: format!("`{}` needs {list}: neither live nor in the manifests", diff.name),
                    hints: vec![format!("Set {list} in the same section.")],
                    origin: diff.origin.clone(),
                    allowable: false,
                });
            }
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
        let mut ask = |at: Address, message: String, origin| {
            let hint = if protected {
                "The project is `protected: true`, which no flag overrides: take that out first.".to_owned()
            } else {
                format!("If that is meant, add `--allow {at}`.")
            };
            let code = if protected { codes::PROTECTED } else { codes::NEEDS_ALLOW };
            out.push(Refusal { code, at, message, hints: vec![hint], origin, allowable: !protected });
        };
        if change.action == Action::Delete {
            ask(change.at.clone(), format!("is removed: {}", delete_risk(info)), change.origin.clone());
        }
        for diff in &change.fields {
            for (impact, why) in &diff.risks {
                if matches!(impact, Impact::Destructive | Impact::LockOut) {
                    let at = field_address(change, diff);
                    ask(at, (*why).to_owned(), diff.origin.clone());
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
    all.filter(|refusal| !(refusal.allowable && allowed.contains(&refusal.at.to_string()))).collect()
}

/// Allowed addresses that nothing in the plan asked for: most likely a typo, or no longer needed.
#[must_use]
pub fn unused<'a>(plan: &Plan, allowed: &'a BTreeSet<String>) -> Vec<&'a str> {
    let asked: BTreeSet<String> =
        plan.projects.values().flat_map(|project| &project.refusals).map(|refusal| refusal.at.to_string()).collect();
    allowed.iter().filter(|address| !asked.contains(*address)).map(String::as_str).collect()
}
