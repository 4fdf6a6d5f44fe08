//! Turns a plan into a record: spans become places, and of secrets only what may be shown is kept.

use super::Counts;
use super::Place;
use super::change::{ChangeRecord, FieldRecord, RecordedValue, RiskRecord, Row, SecretRecord};
use super::plan::{
    AwaitedRecord, FlagRecord, IgnoreRuleRecord, IgnoredRecord, NotComparedRecord, NoteRecord, PlanRecord,
    ProjectRecord, RefusalRecord, StepRecord, TouchedRecord, UnadoptedRecord, UnmanagedRecord,
};
use super::problem::ProblemRecord;
use crate::diag::{Position, Sources};
use crate::manifest::MARKER;
use crate::model::{
    Awaited, Change, DisplayValue, FieldChange, Flag, IgnoreRule, Ignored, Listed, NotCompared, Note, Plan,
    ProjectPlan, Refusal, Step, Touched, Unmanaged,
};
use crate::plan::identity::{RequestForm, SecretForm, WaitForm};

impl PlanRecord {
    /// The record of a plan.
    #[must_use]
    pub fn of(plan: &Plan, sources: &Sources) -> Self {
        let projects = plan.projects.iter().map(|(name, it)| project(name, it, sources)).collect();
        let steps = plan.steps.iter().map(step).collect();
        let ignored = plan.ignored.iter().map(|it| ignored(it, sources)).collect();
        let mut record = Self::new(plan.id.clone(), plan.api.clone(), Counts::of(plan), projects, steps);
        record.ignored = ignored;
        record
    }

    /// The same of a plan that is not needed any more: each of its parts is gone once it is recorded, so that a fleet's is not held
    /// twice.
    #[must_use]
    pub fn instead_of(plan: Plan, sources: &Sources) -> Self {
        let summary = Counts::of(&plan);
        let Plan { api, id, projects, steps, ignored } = plan;
        let steps = steps.into_iter().map(|it| step(&it)).collect();
        let projects = projects.into_iter().map(|(name, it)| project(&name, &it, sources)).collect();
        let mut record = Self::new(id, api, summary, projects, steps);
        record.ignored = ignored.into_iter().map(|it| self::ignored(&it, sources)).collect();
        record
    }
}

fn project(name: &str, project: &ProjectPlan, sources: &Sources) -> ProjectRecord {
    let ProjectPlan {
        reference,
        name: live_name,
        region,
        organization,
        protected,
        labels,
        sections,
        changes,
        unmanaged,
        notes,
        not_compared,
        awaited,
        refusals,
        lifted: _,
        blocked,
    } = project;
    ProjectRecord {
        project: name.to_owned(),
        r#ref: reference.as_ref().map(ToString::to_string),
        name: live_name.clone(),
        organization: organization.clone(),
        region: region.clone(),
        protected: *protected,
        labels: labels.clone(),
        sections: sections.iter().map(|&name| name.to_owned()).collect(),
        changes: changes.iter().map(|it| change(it, sources)).collect(),
        notes: notes.iter().map(|it| note(it, sources)).collect(),
        not_compared: not_compared.iter().map(|it| self::not_compared(it, sources)).collect(),
        awaited: awaited.iter().map(|it| self::awaited(it, sources)).collect(),
        refusals: refusals.iter().map(|it| refusal(it, *protected, sources)).collect(),
        blocked: blocked.as_ref().map(|it| ProblemRecord::of(it, sources)),
        unmanaged: self::unmanaged(unmanaged),
    }
}

pub(super) fn unmanaged(unmanaged: &Unmanaged) -> UnmanagedRecord {
    let Unmanaged { fields, touched, items } = unmanaged;
    UnmanagedRecord {
        fields: *fields,
        touched: touched.iter().map(self::touched).collect(),
        items: items.iter().map(|(kind, names)| ((*kind).to_owned(), names.clone())).collect(),
    }
}

fn touched(touched: &Touched) -> TouchedRecord {
    let Touched { kind, path, live, untouched } = touched;
    TouchedRecord {
        kind: (*kind).to_owned(),
        name: path.name().to_owned(),
        live: recorded(live),
        untouched: (!untouched.is_null()).then(|| RecordedValue::Value(untouched.clone())),
        row: Row(Some(path.row())),
    }
}

fn change(change: &Change, sources: &Sources) -> ChangeRecord {
    ChangeRecord {
        address: (&change.at).into(),
        action: change.action,
        at: Place::of_origin(change.origin.as_ref(), sources),
        why: None,
        fields: change.fields.iter().map(|it| field(it, sources)).collect(),
    }
}

fn field(diff: &FieldChange, sources: &Sources) -> FieldRecord {
    FieldRecord {
        name: diff.name().to_owned(),
        before: recorded(&diff.before),
        after: recorded(&diff.after),
        certainty: diff.certainty,
        at_hand: diff.at_hand,
        why: None,
        risks: risks(diff),
        at: Place::of_origin(diff.origin.as_ref(), sources),
        row: Row(diff.row()),
    }
}

pub(super) fn risks(diff: &FieldChange) -> Vec<RiskRecord> {
    diff.risks.iter().map(|(impact, why)| RiskRecord { impact: *impact, why: (*why).to_owned() }).collect()
}

pub(crate) fn recorded(shown: &DisplayValue) -> Option<RecordedValue> {
    match shown {
        DisplayValue::Absent => None,
        DisplayValue::Value(value) => Some(RecordedValue::Value(value.clone())),
        DisplayValue::SecretSet => Some(RecordedValue::Secret(SecretRecord::IsSet(true))),
        DisplayValue::Secret(secret) => Some(match secret.plain() {
            Some(plain) => RecordedValue::Value(plain.into()),
            None => RecordedValue::Secret(SecretRecord::From(SecretForm::of(secret))),
        }),
    }
}

fn ignored(ignored: &Ignored, sources: &Sources) -> IgnoredRecord {
    let Ignored { at: address, action, field: diff, rule } = ignored;
    IgnoredRecord {
        address: address.into(),
        action: *action,
        field: diff.as_ref().map(|diff| field(diff, sources)),
        rule: self::rule(rule),
    }
}

pub(super) fn rule(rule: &IgnoreRule) -> IgnoreRuleRecord {
    let IgnoreRule { path, reason, owner, until, span: _, at: Position { line, column } } = rule;
    IgnoreRuleRecord {
        path: path.as_str().to_owned(),
        reason: reason.clone(),
        owner: owner.clone(),
        until: until.to_string(),
        at: Some(Place { file: MARKER.to_owned(), line: *line, column: *column }),
    }
}

pub(super) fn unadopted(listed: &Listed) -> UnadoptedRecord {
    let Listed { reference, name, organization, region, status, postgres: _ } = listed.clone();
    UnadoptedRecord { r#ref: reference.to_string(), name, organization, region, status }
}

pub(super) fn awaited(awaited: &Awaited, sources: &Sources) -> AwaitedRecord {
    let Awaited { at, text, todo, holds: _, soon: _, ask_again: _, origin } = awaited;
    let written = Place::of_origin(origin.as_ref(), sources);
    AwaitedRecord { address: at.into(), text: text.clone(), todo: todo.clone(), at: written }
}

pub(super) fn note(note: &Note, sources: &Sources) -> NoteRecord {
    let at = Place::of_origin(note.origin.as_ref(), sources);
    NoteRecord { address: (&note.at).into(), text: note.text.clone(), at }
}

pub(super) fn not_compared(secret: &NotCompared, sources: &Sources) -> NotComparedRecord {
    let NotCompared { at, field, secret, origin } = secret;
    let (field, secret) = (field.clone(), secret.to_string());
    NotComparedRecord { address: at.into(), field, secret, at: Place::of_origin(origin.as_ref(), sources) }
}

fn refusal(refusal: &Refusal, protected: bool, sources: &Sources) -> RefusalRecord {
    RefusalRecord {
        code: refusal.finding.code.id().to_owned(),
        address: (&refusal.at).into(),
        message: refusal.finding.message.clone(),
        hints: refusal.finding.hints.clone(),
        allow: refusal.allow.filter(|_| !protected).map(|_| refusal.at.to_string()),
        class: refusal.allow,
        at: Place::of_origin(refusal.finding.origin.as_ref(), sources),
    }
}

fn step(step: &Step) -> StepRecord {
    let flag = |flag: &Flag| {
        let Flag { impact, what, why } = flag.clone();
        FlagRecord { impact, what, why }
    };
    StepRecord {
        id: step.id.to_string(),
        hash: step.hash.clone(),
        address: (&step.at).into(),
        settles: step.changes.iter().map(|change| (&change.at).into()).collect(),
        method: step.call.operation.method.as_str().to_owned(),
        path: step.call.path(),
        request: RequestForm::of(&step.call),
        wait: step.wait.as_ref().map(WaitForm::of),
        after: step.after.iter().map(ToString::to_string).collect(),
        flags: step.flags.iter().map(flag).collect(),
        also_sends: step.sent_along.iter().map(|key| key.name().to_owned()).collect(),
    }
}
