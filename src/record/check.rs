//! Checks that a record is consistent. Anybody can compute a seal, so the hashes that are approved or printed are computed
//! again from what the record shows.

use std::collections::BTreeSet;

use super::change::{ChangeRecord, FieldRecord, RecordedValue, SecretRecord};
use super::plan::{PlanRecord, ProjectRecord, StepRecord};
use super::report::ReportRecord;
use crate::plan::identity::{ChangeForm, FieldForm, Side, is_hash, step_hash};
use crate::plan::plan_id;

/// A contradiction in a report, if there is one.
pub(super) fn of_report(report: &ReportRecord) -> Result<(), String> {
    if is_hash(&report.plan) { Ok(()) } else { Err("its plan has no id".to_owned()) }
}

/// A contradiction in a plan, if there is one.
pub(super) fn of_plan(plan: &PlanRecord) -> Result<(), String> {
    let mut ids = BTreeSet::new();
    for (step, number) in plan.steps.iter().zip(1_u32..) {
        let known = |id: &String| ids.contains(id.as_str());
        if step.id != format!("s{number}") || !step.after.iter().all(known) {
            return Err(format!("the steps are out of order at step {number}"));
        }
        ids.insert(step.id.as_str());
        let hash = plan.hash_of(step).map_err(|what| format!("step {number} {what}"))?;
        if step.hash != hash {
            return Err(format!("the hash of step {number} does not match the step"));
        }
    }
    if plan.id != plan_id(plan.steps.iter().map(|step| step.hash.as_str())) {
        return Err("its id does not match its steps".to_owned());
    }
    let is_commit = |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match &plan.base {
        Some(base) if !is_commit(&base.commit) => Err("its base has no commit".to_owned()),
        _ => Ok(()),
    }
}

impl PlanRecord {
    /// The hash of a step, computed from what the plan shows of it.
    ///
    /// # Errors
    /// When the step shows something that it does not do.
    pub fn hash_of(&self, step: &StepRecord) -> Result<String, &'static str> {
        let request = &step.request;
        if step.method != request.method || step.path != request.path() {
            return Err("shows another path than its request has");
        }
        let project = self.projects.iter().find(|project| project.project == step.address.project);
        let ProjectRecord { project, r#ref, changes, .. } = project.ok_or("belongs to no project")?;
        let settled = step.settles.iter().map(|at| changes.iter().find(|change| change.address == *at).map(form));
        let settled = settled.collect::<Option<Vec<_>>>().ok_or("settles a change that does not exist")?;
        Ok(step_hash(&self.api, r#ref.as_deref(), project, request, step.wait.as_ref(), &settled))
    }
}

fn form(change: &ChangeRecord) -> ChangeForm {
    let at = (change.address.project.clone(), change.address.kind.clone(), change.address.item.clone());
    let field = |field: &FieldRecord| {
        let before = match &field.before {
            Some(RecordedValue::Value(value)) => Some(value.clone()),
            Some(RecordedValue::Secret(_)) | None => None,
        };
        let after = match &field.after {
            Some(RecordedValue::Value(value)) => Some(Side::Value(value.clone())),
            Some(RecordedValue::Secret(SecretRecord::From(secret))) => Some(Side::Secret(secret.clone())),
            Some(RecordedValue::Secret(SecretRecord::IsSet(_))) | None => None,
        };
        (field.name.clone(), FieldForm::new(before, after))
    };
    ChangeForm::new(at, change.action, change.fields.iter().map(field).collect())
}
