//! Refusals of changes: missing companions, and changes that somebody must allow.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diag::codes::plan as codes;
use crate::diff::{delete_risk, is_there};
use crate::exit::Exit;
use crate::kind::{KindInfo, PlanContext, find};
use crate::kinds::KINDS;
use crate::model::{
    Action, Address, Change, DesiredValue, DisplayValue, FieldChange, Finding, Note, Origin, Plan, Problem,
    ProjectPlan, Refusal, SectionBody, Subject,
};
use crate::schema::{Field, Impact, Needs, When};

/// The key of the trailer that allows a change.
pub const TRAILER: &str = "Supaform-Allow";

/// Checks the `needs` of the changed fields on live overlaid with desired; and whether a change takes away what a field
/// that stays on needs.
pub(super) fn needs(info: &'static KindInfo, context: &PlanContext<'_>, out: &mut Vec<Refusal>) {
    let there = |name: &str| is_there(info.field(name), context.overlaid.get(name));
    let mut refuse = |message: String, hint: String, origin: Option<&Origin>| {
        out.push(Refusal {
            at: Address::section(context.target.project, info.name),
            finding: Finding { code: codes::MISSING_COMPANION, message, hints: vec![hint], origin: origin.cloned() },
            allow: None,
        });
    };
    let changed =
        |name: &str| context.changes.iter().flat_map(|change| &change.fields).find(|diff| diff.name() == name);
    // Fields that the API changes along with others have the API's own values.
    for diff in context.changes.iter().flat_map(|change| &change.fields).filter(|diff| !diff.along) {
        let Some(field) = diff.row() else { continue };
        for need in field.needs.iter().filter(|need| is_due(need, diff)) {
            let missing: Vec<_> =
                need.fields.iter().filter(|name| !there(name)).map(|name| format!("`{name}`")).collect();
            if !missing.is_empty() {
                let list = missing.join(", ");
                let message = format!("`{}` needs {list}: neither live nor in the manifests", diff.name());
                refuse(message, format!("Set {list} in the same section."), diff.origin.as_ref());
            }
        }
    }
    let stays_on = |row: &&Field| changed(row.name).is_none() && context.overlaid.get(row.name) == Some(&true.into());
    for row in info.all_fields().filter(stays_on) {
        let needed = row.needs.iter().filter(|need| matches!(need.when, When::On)).flat_map(|need| need.fields);
        for diff in needed.filter(|name| !there(name)).filter_map(|name| changed(name)) {
            let message = format!("`{}` is on, but does not work without `{}`", row.name, diff.name());
            refuse(
                message,
                format!("Leave `{}` as it is, or write `{}: false`.", diff.name(), row.name),
                diff.origin.as_ref(),
            );
        }
    }
    // The same check for fields that are in the manifest and live already.
    let SectionBody::Settings(settings) = &context.section.body else { return };
    for setting in
        settings.fields.values().filter(|it| it.value != DesiredValue::Clear && changed(it.field.name).is_none())
    {
        let needed = setting.field.needs.iter().filter(|need| matches!(need.when, When::Set));
        let needed = needed.flat_map(|need| need.fields).filter(|name| !there(name) && changed(name).is_some());
        let missing: Vec<_> = needed.map(|name| format!("`{name}`")).collect();
        if !missing.is_empty() {
            let list = missing.join(", ");
            let message = format!("`{}` needs {list}: neither live nor in the manifests", setting.field.name);
            refuse(message, format!("Set {list} in the same section."), Some(&setting.origin));
        }
    }
}

fn is_due(need: &Needs, diff: &FieldChange) -> bool {
    let sets = !matches!(&diff.after, DisplayValue::Absent) && diff.after != DisplayValue::Value(Value::from(""));
    match need.when {
        When::Set => sets,
        When::On => diff.after == DisplayValue::Value(Value::Bool(true)),
        When::Off => diff.after == DisplayValue::Value(Value::Bool(false)),
        When::Cleared => !sets,
        When::Changed | When::Lower | When::Doubled | When::Higher | When::Grows | When::Where(_) => true,
    }
}

/// Changes that `--yes` never covers: each needs a word at its address. On a protected project, this includes changes that
/// endanger it.
pub(super) fn consent(info: &'static KindInfo, protected: bool, changes: &[Change], out: &mut Vec<Refusal>) {
    let asked = |impact: Impact| is_grave(impact) || protected && impact == Impact::Security;
    let code = if protected { codes::PROTECTED } else { codes::NEEDS_ALLOW };
    for change in changes {
        let mut ask = |impact: Impact, at: Address, message: String, origin| {
            // Two reasons of one class at one address need one word.
            let same = |refusal: &&mut Refusal| refusal.allow == Some(impact) && refusal.at == at;
            match out.iter_mut().find(same) {
                Some(refusal) if refusal.finding.message.contains(&message) => {}
                Some(refusal) => refusal.finding.message = format!("{}; {message}", refusal.finding.message),
                None => out.push(Refusal {
                    at,
                    finding: Finding { code, message, hints: vec![], origin },
                    allow: Some(impact),
                }),
            }
        };
        if change.action == Action::Delete {
            let message = format!("`{}` is removed; {}", change.at.subject.told(), delete_risk(info));
            ask(Impact::Destructive, change.at.clone(), message, change.origin.clone());
        }
        for diff in &change.fields {
            for (impact, why) in diff.risks.iter().filter(|(impact, _)| asked(*impact)) {
                ask(*impact, field_address(change, diff), (*why).to_owned(), diff.origin.clone());
            }
        }
    }
}

/// Whether the class needs a word on every project.
#[must_use]
pub const fn is_grave(impact: Impact) -> bool {
    matches!(impact, Impact::Destructive | Impact::LockOut | Impact::History)
}

/// Adds to each refusal that a word lifts a hint how to give it.
pub(super) fn show_ways(protected: bool, refusals: &mut [Refusal]) {
    for refusal in refusals {
        let Some(impact) = refusal.allow else { continue };
        let at = &refusal.at;
        let word = format!("{TRAILER}: {}:{at}", impact.word());
        refusal.finding.hints.extend(if protected {
            [
                format!(
                    "The project is `protected: true`: put `{word}` into the message of a reviewed commit."
                ),
                "The trailer counts where apply reads it, with `--allow-from REV` or `--approved-by pr`; `--allow` does not."
                    .to_owned(),
            ]
        } else {
            [
                format!("If the change is intended, add `--allow {at}`."),
                format!("In CI, put `{word}` into the commit's message."),
            ]
        });
    }
}

/// The address by which a field's risky change is allowed: `acme-prod/auth/smtp_pass`.
fn field_address(change: &Change, diff: &FieldChange) -> Address {
    change.at.setting(diff.name())
}

/// The refusals that remain once the allowed addresses are removed. On a protected project, a word that was not reviewed
/// removes none.
#[must_use]
pub fn standing<'a>(plan: &'a Plan, allowed: &BTreeSet<String>) -> Vec<&'a Refusal> {
    let of = |project: &'a ProjectPlan| {
        let lifted = |refusal: &Refusal| !project.protected && names(refusal).any(|name| allowed.contains(&name));
        project.refusals.iter().filter(move |refusal| !lifted(refusal))
    };
    plan.projects.values().flat_map(of).collect()
}

/// Why a project is withheld as a whole: its refusals, one after the other.
#[must_use]
pub fn withheld(refusals: &[&Refusal]) -> Problem {
    let said = refusals.iter().map(|refusal| format!("{}: {}", refusal.at, refusal.finding.message));
    let mut hints: Vec<String> = vec![];
    for hint in refusals.iter().flat_map(|refusal| &refusal.finding.hints) {
        if !hints.contains(hint) {
            hints.push(hint.clone());
        }
    }
    Problem {
        finding: Finding {
            code: codes::HELD_BACK,
            message: format!("nothing of it was written: {}", said.collect::<Vec<_>>().join("; ")),
            hints,
            origin: refusals.iter().find_map(|refusal| refusal.finding.origin.clone()),
        },
        exit: Exit::Refused,
    }
}

/// The addresses whose refusals are all allowed.
#[must_use]
pub fn covered(plan: &Plan, allowed: &BTreeSet<String>) -> BTreeSet<String> {
    let still: BTreeSet<String> = standing(plan, allowed).into_iter().map(|refusal| refusal.at.to_string()).collect();
    let all = plan.projects.values().flat_map(|project| &project.refusals).map(|refusal| refusal.at.to_string());
    all.filter(|at| !still.contains(at)).collect()
}

/// The forms in which a refusal can be allowed: its addresses, each with and without its class.
pub fn names(refusal: &Refusal) -> impl Iterator<Item = String> {
    let with_class = |impact: Impact| addresses(&refusal.at).map(move |at| [format!("{}:{at}", impact.word()), at]);
    refusal.allow.into_iter().flat_map(with_class).flatten()
}

/// The addresses that mean the same: a section of one field is that field.
fn addresses(at: &Address) -> impl Iterator<Item = String> {
    let is_whole = |kind: &str| find(KINDS, kind).is_some_and(|kind| kind.info().all_fields().count() == 1);
    let section = match &at.subject {
        Subject::Setting(kind, _) if is_whole(kind) => Some(Address::section(&at.project, kind)),
        Subject::Project | Subject::Section(_) | Subject::Setting(..) | Subject::Item(..) => None,
    };
    std::iter::once(at.to_string()).chain(section.map(|section| section.to_string()))
}

/// A word, that is, permission for a change: `restart:acme-prod/postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The class that it allows; `None` where it names none.
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
    /// The unknown class.
    pub fn parse(text: &str, by: &str) -> Result<Self, String> {
        let text = text.trim();
        let (class, at) = match text.split_once(':') {
            // The name of an item may have a colon.
            Some((class, _)) if class.contains('/') => (None, text),
            None => (None, text),
            Some((class, at)) => (Some(Impact::named(class).ok_or_else(|| class.to_owned())?), at),
        };
        Ok(Self { class, at: at.to_owned(), by: by.to_owned() })
    }

    /// Whether the word lifts a refusal. Without a class, it lifts grave refusals, and those of whole sections.
    #[must_use]
    pub fn lifts(&self, refusal: &Refusal, impact: Impact) -> bool {
        let unnamed = || is_grave(impact) || refusal.finding.code == codes::NEEDS_WORD;
        addresses(&refusal.at).any(|at| at == self.at) && self.class.map_or_else(unnamed, |class| class == impact)
    }
}

/// Refuses steps of these classes, too, until they are allowed, one section at a time. Changes that cannot be undone need a
/// word in any case, as do changes that endanger a protected project, address by address.
pub fn demand(plan: &mut Plan, classes: &BTreeSet<Impact>) {
    let is_asked = |impact, protected: bool| {
        classes.contains(&impact) && !is_grave(impact) && !(protected && impact == Impact::Security)
    };
    let mut asked: BTreeSet<(Impact, Address)> = BTreeSet::new();
    for step in &plan.steps {
        let Some(project) = plan.projects.get_mut(&step.at.project) else { continue };
        for flag in step.flags.iter().filter(|flag| is_asked(flag.impact, project.protected)) {
            if !asked.insert((flag.impact, step.at.clone())) {
                continue;
            }
            let class = flag.impact.word();
            let hint =
                format!("If the change is intended, put `{TRAILER}: {class}:{}` into the commit's message.", step.at);
            project.refusals.push(Refusal {
                at: step.at.clone(),
                finding: Finding {
                    code: codes::NEEDS_WORD,
                    message: format!("{}: {}", flag.what, flag.why),
                    hints: vec![hint],
                    origin: step.changes.first().and_then(|change| change.origin.clone()),
                },
                allow: Some(flag.impact),
            });
        }
    }
}

/// Lifts the refusals for which a word was given, and notes who gave it: `given` finds the word for a refusal and a class.
pub fn lift(plan: &mut Plan, mut given: impl FnMut(&Refusal, Impact) -> Option<String>) {
    for project in plan.projects.values_mut() {
        let (notes, lifted, refusals) = (&mut project.notes, &mut project.lifted, &mut project.refusals);
        refusals.retain(|refusal| {
            let Some(by) = refusal.allow.and_then(|impact| given(refusal, impact)) else { return true };
            lifted.extend(refusal.allow.map(|impact| (impact, refusal.at.clone())));
            let text = format!("{} is allowed by {by}: {}", refusal.at, refusal.finding.message);
            notes.push(Note {
                at: Address::of_project(&refusal.at.project),
                text,
                origin: refusal.finding.origin.clone(),
            });
            false
        });
    }
}

/// Allowed addresses that no change of the plan needs: most likely a typo, or no longer needed.
#[must_use]
pub fn unused<'a>(plan: &Plan, allowed: &'a BTreeSet<String>) -> Vec<&'a str> {
    let refusals = plan.projects.values().flat_map(|project| &project.refusals);
    let asked: BTreeSet<String> = refusals.flat_map(|refusal| names(refusal).chain([refusal.at.to_string()])).collect();
    allowed.iter().filter(|address| !asked.contains(*address)).map(String::as_str).collect()
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
