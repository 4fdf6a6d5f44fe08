//! Overrides of Postgres parameters: a PUT replaces them all, a PATCH some; both may restart the database.

use serde_json::Value;

use crate::sandbox::answer::{Answered, answer, refuse};
use crate::sandbox::rows::rows;
use crate::sandbox::switches::PostgresPut;
use crate::sandbox::validate::{expected, object, strict};
use crate::sandbox::values::check;
use crate::sandbox::visit::RequestContext;
use crate::schema::{Impact, When};

/// The API's bounds where our rows are stricter.
const WIDER: &[(&str, i64, i64)] =
    &[("max_replication_slots", i64::MIN, i64::MAX), ("max_wal_senders", i64::MIN, i64::MAX)];

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    answer(visit.project()?.postgres.clone().into())
}

pub(super) fn put(visit: &mut RequestContext<'_>) -> Answered {
    let replaces = visit.switches.postgres_put == PostgresPut::Replace;
    write(visit, replaces)
}

pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    write(visit, false)
}

fn write(visit: &mut RequestContext<'_>, replaces: bool) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let mut wanted = object(body.as_ref())?.clone();
    let known: Vec<&str> = rows("postgres").all_fields().map(|field| field.name).chain(["restart_database"]).collect();
    strict(&wanted, &known)?;
    let restart = match wanted.remove("restart_database") {
        None => true,
        Some(Value::Bool(restart)) => restart,
        Some(other) => return Err(expected("restart_database", "boolean", Some(&other))),
    };
    for field in rows("postgres").all_fields() {
        if let Some(value) = wanted.get(field.name) {
            if value.is_null() {
                return Err(refuse(400, format!("{}: Invalid input: received null", field.name)));
            }
            check(field, value, WIDER)?;
        }
    }
    let project = visit.project()?;
    if !replaces {
        let kept = project.postgres.iter().filter(|(name, _)| !wanted.contains_key(*name));
        let kept: Vec<_> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        wanted.extend(kept);
    }
    let needs_restart = rows("postgres").all_fields().any(|field| {
        let restarts =
            field.risks.iter().any(|risk| risk.impact == Impact::Restart && matches!(risk.when, When::Changed));
        restarts && project.postgres.get(field.name) != wanted.get(field.name)
    });
    project.postgres = wanted;
    if restart && needs_restart {
        project.restart(now);
    }
    answer(project.postgres.clone().into())
}
