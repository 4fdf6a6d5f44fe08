//! Plans and reports as JSON: versioned, ordered, without secrets or digests of them.
//!
//! The same input gives the same bytes; permuted manifests give the same JSON but for positions (R30).

use serde_json::{Map, Value, json};

use super::plan::Counts;
use crate::apply::{Problem, Report};
use crate::compare::Says;
use crate::diag::Sources;
use crate::model::{Body, Change, FieldDiff, Note, Origin, Plan, ProjectPlan, Refusal, Shown, Step};

/// The version of both formats; it grows when a field changes its meaning or goes.
pub(super) const VERSION: u32 = 1;

/// A plan as JSON.
#[must_use]
pub fn plan_json(plan: &Plan, sources: &Sources) -> Value {
    let projects: Vec<Value> = plan.projects.iter().map(|(name, it)| project(name, it, sources)).collect();
    json!({
        "format": "supaform.plan",
        "version": VERSION,
        "id": plan.id,
        "api": plan.api,
        "summary": Counts::of(plan),
        "projects": projects,
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn project(name: &str, project: &ProjectPlan, sources: &Sources) -> Value {
    let ProjectPlan {
        reference,
        name: live_name,
        region,
        organization,
        protected,
        labels,
        changes,
        unmanaged,
        notes,
        refusals,
        blocked,
    } = project;
    json!({
        "project": name,
        "ref": reference,
        "name": live_name,
        "organization": organization,
        "region": region,
        "protected": protected,
        "labels": labels,
        "changes": changes.iter().map(|it| change(it, sources)).collect::<Vec<_>>(),
        "notes": notes.iter().map(|it| note(it, sources)).collect::<Vec<_>>(),
        "refusals": refusals.iter().map(|it| refusal(it, sources)).collect::<Vec<_>>(),
        "blocked": blocked.as_ref().map(|it| json!({
            "code": it.code.id(),
            "message": it.message,
            "hints": it.hints,
            "exit": it.exit.code(),
            "at": place(it.origin.as_ref(), sources),
        })),
        "unmanaged": {"fields": unmanaged.fields, "items": unmanaged.items},
    })
}

fn change(change: &Change, sources: &Sources) -> Value {
    let fields: Vec<Value> = change.fields.iter().map(|it| field(it, sources)).collect();
    json!({
        "address": change.at,
        "action": change.action,
        "at": place(change.origin.as_ref(), sources),
        "fields": fields,
        "patch": patch(change),
    })
}

fn field(diff: &FieldDiff, sources: &Sources) -> Value {
    let risks: Vec<Value> = diff.risks.iter().map(|(impact, why)| json!({"impact": impact, "why": why})).collect();
    json!({
        "name": diff.name,
        "before": shown(&diff.before),
        "after": shown(&diff.after),
        "certainty": diff.certainty,
        "risks": risks,
        "at": place(diff.origin.as_ref(), sources),
    })
}

/// `null` for nothing, `{"value": …}`, or `{"secret": REFERENCE}` (`true` for one that is live).
fn shown(shown: &Shown) -> Value {
    match shown {
        Shown::Absent => Value::Null,
        Shown::Value(value) => json!({"value": value}),
        Shown::SecretSet => json!({"secret": true}),
        Shown::Secret(secret) => match secret.plain() {
            Some(plain) => json!({"value": plain}),
            None => json!({"secret": secret.to_string()}),
        },
    }
}

/// The same for a side of a comparison, with `{"cleared": true}`, `{"removed": true}` and `{"unmanaged": true}`.
pub(super) fn says(says: &Says) -> Value {
    match says {
        Says::Shown(it) => shown(it),
        Says::Cleared => json!({"cleared": true}),
        Says::Gone => json!({"removed": true}),
        Says::Unmanaged => json!({"unmanaged": true}),
    }
}

/// The change as a JSON patch (RFC 6902) of what people write; secrets are left out.
fn patch(change: &Change) -> Value {
    let side = |pick: fn(&FieldDiff) -> &Shown| {
        let values = change.fields.iter().filter_map(|diff| match pick(diff) {
            Shown::Value(value) => Some((diff.name.clone(), value.clone())),
            Shown::Absent | Shown::SecretSet | Shown::Secret(_) => None,
        });
        Value::Object(values.collect::<Map<_, _>>())
    };
    let patch = json_patch::diff(&side(|diff| &diff.before), &side(|diff| &diff.after));
    serde_json::to_value(patch).unwrap_or_default()
}

fn note(note: &Note, sources: &Sources) -> Value {
    json!({"address": note.at, "text": note.text, "at": place(note.origin.as_ref(), sources)})
}

fn refusal(refusal: &Refusal, sources: &Sources) -> Value {
    json!({
        "code": refusal.code.id(),
        "address": refusal.at,
        "message": refusal.message,
        "hints": refusal.hints,
        "allow": refusal.allowable.then(|| refusal.at.to_string()),
        "at": place(refusal.origin.as_ref(), sources),
    })
}

fn step(step: &Step) -> Value {
    let (body, secrets) = match &step.call.body {
        Body::Empty => (Value::Null, Map::new()),
        Body::Json(body) | Body::Overlay { set: body, .. } => {
            let secrets = body.secrets.iter().map(|(pointer, secret)| (pointer.clone(), secret.to_string().into()));
            (body.value.clone(), secrets.collect())
        }
    };
    let flags: Vec<Value> =
        step.flags.iter().map(|flag| json!({"impact": flag.impact, "what": flag.what, "why": flag.why})).collect();
    json!({
        "id": step.id.to_string(),
        "hash": step.hash,
        "address": step.at,
        "method": step.call.operation.method,
        "path": step.call.path(),
        "body": body,
        "secrets": secrets,
        "after": step.after.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "waits": step.wait.is_some(),
        "flags": flags,
        "also_sends": step.companions,
    })
}

pub(super) fn place(origin: Option<&Origin>, sources: &Sources) -> Value {
    origin.map_or(Value::Null, |origin| {
        let position = sources.position(origin.span);
        json!({
            "file": sources.get(origin.span.source).path,
            "line": position.line,
            "column": position.column,
        })
    })
}

/// A report as JSON.
#[must_use]
pub fn report_json(report: &Report, sources: &Sources) -> Value {
    let problem = |it: &Problem| {
        json!({
            "code": it.code.id(),
            "message": it.message,
            "hints": it.hints,
            "exit": it.exit.code(),
            "at": place(it.origin.as_ref(), sources),
        })
    };
    let projects: Vec<Value> = report
        .projects
        .iter()
        .map(|(name, project)| {
            let steps: Vec<Value> = project
                .steps
                .iter()
                .map(|step| {
                    json!({
                        "id": step.id.to_string(),
                        "address": step.at,
                        "method": step.operation.method,
                        "path": step.path,
                        "outcome": step.outcome.word(),
                        "problem": step.outcome.problem().map(problem),
                        "notes": step.notes,
                    })
                })
                .collect();
            json!({
                "project": name,
                "exit": project.exit().code(),
                "created": project.created,
                "steps": steps,
                "problem": project.problem.as_ref().map(problem),
            })
        })
        .collect();
    json!({
        "format": "supaform.report",
        "version": VERSION,
        "plan": report.plan,
        "api": report.api,
        "exit": report.exit().code(),
        "projects": projects,
    })
}
