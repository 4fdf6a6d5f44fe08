//! The runs of branches: what merging, pushing and resetting begins, and how far each is.

use serde_json::{Value, json};

use super::branches::{SCHEMA, branch, found, unknown};
use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::branching::{Branch, Coming, DIES_AFTER, Run, TAKES};
use crate::sandbox::history::Migration;
use crate::sandbox::ids::timestamp;
use crate::sandbox::state::State;
use crate::sandbox::validate::{object, optional_text, strict};
use crate::sandbox::visit::RequestContext;

/// The steps of a run, in order.
const STEPS: [&str; 7] = ["clone", "pull", "health", "configure", "migrate", "seed", "deploy"];

/// Begins a run, whatever there is to do.
fn begin(visit: &mut RequestContext<'_>, at: &(String, usize)) -> Result<(Answer, bool), Answer> {
    let body = visit.body.take();
    if let Some(body) = &body {
        let members = object(Some(body))?;
        strict(members, &["migration_version"])?;
        optional_text(members, "migration_version")?;
    }
    let now = visit.now;
    let id = visit.state.projects.get_mut(&at.0).ok_or_else(unknown)?.next_id();
    let branch = branch(visit.state, at)?;
    if branch.is_default {
        return Err(refuse(422, "The default branch is the project itself"));
    }
    let dies_at = branch.dies_at.take();
    let lives = dies_at.is_none();
    branch.runs.push(Run { id: id.clone(), began_ms: now, dies_at });
    Ok((ok(201, json!({"workflow_run_id": id, "message": "ok"})), lives))
}

/// The rows of one history that another has not.
fn missing(state: &State, of: &str, to: &str) -> Vec<Migration> {
    let rows = |reference: &str| state.projects.get(reference).map_or(&[][..], |project| &project.migrations.rows);
    let there = |row: &&Migration| rows(to).iter().any(|it| it.version == row.version);
    let own = |row: &&Migration| row.name.as_deref() == Some(SCHEMA);
    rows(of).iter().filter(|row| !there(row) && !own(row)).cloned().collect()
}

fn carry(visit: &mut RequestContext<'_>, from: &str, to: &str) {
    let at_ms = visit.now + TAKES;
    let rows = missing(visit.state, from, to);
    if let Some(project) = visit.state.projects.get_mut(to) {
        project.coming.extend(rows.into_iter().map(|row| Coming { at_ms, row }));
    }
}

/// Applies rows of the branch's history that the project has not; SQL that was run without a row is not seen.
pub(super) fn merge(visit: &mut RequestContext<'_>) -> Answered {
    let at = found(visit)?;
    let (answer, lives) = begin(visit, &at)?;
    let from = branch(visit.state, &at)?.reference.clone();
    if lives {
        carry(visit, &from, &at.0);
    }
    Ok(answer)
}

/// Applies newer rows of the project's history to the branch.
pub(super) fn push(visit: &mut RequestContext<'_>) -> Answered {
    let at = found(visit)?;
    let (answer, lives) = begin(visit, &at)?;
    let to = branch(visit.state, &at)?.reference.clone();
    if lives {
        carry(visit, &at.0, &to);
    }
    Ok(answer)
}

/// Makes the branch's database anew.
pub(super) fn reset(visit: &mut RequestContext<'_>) -> Answered {
    let at = found(visit)?;
    let (answer, lives) = begin(visit, &at)?;
    let to = branch(visit.state, &at)?.reference.clone();
    if let Some(project) = visit.state.projects.get_mut(&to) {
        project.migrations.rows.retain(|row| row.name.as_deref() == Some(SCHEMA));
    }
    if lives {
        carry(visit, &at.0, &to);
    }
    Ok(answer)
}

/// What merging would change, as SQL: as long as the branch has no schema, everything is to be dropped.
pub(super) fn diff(visit: &mut RequestContext<'_>) -> Answered {
    let at = found(visit)?;
    let from = branch(visit.state, &at)?.reference.clone();
    let is_empty = visit.state.projects.get(&from).is_none_or(|project| project.migrations.rows.is_empty());
    let rows = if is_empty { missing(visit.state, &at.0, &from) } else { missing(visit.state, &from, &at.0) };
    let one = |row: &Migration| match (&row.statements, is_empty) {
        (Some(statements), false) => statements.iter().map(|it| format!("{it};\n")).collect(),
        (_, true) => format!("-- drops what {} has made\n", row.version),
        (None, false) => format!("-- {}\n", row.version),
    };
    let text = rows.iter().map(one).collect::<String>().into_bytes();
    Ok(Answer { status: 200, body: None, raw: Some(("text/plain; charset=utf-8".to_owned(), text)) })
}

fn run_shown(branch: &Branch, run: &Run, now: u64) -> Value {
    let passed = now.saturating_sub(run.began_ms);
    let dies = run.dies_at.as_ref().and_then(|step| STEPS.iter().position(|it| it == step));
    let status = |index: usize| match dies {
        Some(dead) if index == dead && passed > DIES_AFTER => "DEAD",
        Some(dead) if index >= dead => "CREATED",
        _ if passed > TAKES && STEPS[index] == "configure" => "PAUSED",
        _ if passed > TAKES => "EXITED",
        _ if index == 0 => "RUNNING",
        _ => "CREATED",
    };
    let at = timestamp(run.began_ms);
    let step = |(index, name): (usize, &&str)| json!({"name": name, "status": status(index), "created_at": at, "updated_at": at});
    json!({
        "id": run.id,
        "branch_id": branch.id,
        "run_steps": STEPS.iter().enumerate().map(step).collect::<Vec<_>>(),
        "git_config": null,
        "workdir": null,
        "check_run_id": null,
        "created_at": at,
        "updated_at": at,
    })
}

/// The runs of the project that a branch is.
fn runs(visit: &mut RequestContext<'_>) -> Result<Vec<Value>, Answer> {
    visit.project()?;
    let (reference, now) = (visit.param("ref").to_owned(), visit.now);
    let Some((parent, at)) = visit.state.branch(&reference) else { return Ok(vec![]) };
    let branch = branch(visit.state, &(parent, at))?;
    Ok(branch.runs.iter().rev().map(|run| run_shown(branch, run, now)).collect())
}

pub(super) fn actions(visit: &mut RequestContext<'_>) -> Answered {
    answer(runs(visit)?.into())
}

pub(super) fn action(visit: &mut RequestContext<'_>) -> Answered {
    let id = visit.param("run_id").to_owned();
    let found = runs(visit)?.into_iter().find(|run| run.get("id").and_then(Value::as_str) == Some(&id));
    answer(found.ok_or_else(|| refuse(404, "Action run not found"))?)
}
