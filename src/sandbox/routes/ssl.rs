//! SSL enforcement: read under one name, written under another; every change restarts the database.

use serde_json::{Value, json};

use crate::sandbox::answer::{Answered, answer};
use crate::sandbox::validate::{expected, object};
use crate::sandbox::visit::RequestContext;

/// How long reads show that a change is not applied yet, in milliseconds.
const APPLIED: u64 = 1000;

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let project = visit.project()?;
    let applied = project.ssl_applied_ms.is_none();
    answer(json!({"currentConfig": {"database": project.ssl_enforced}, "appliedSuccessfully": applied}))
}

pub(super) fn put(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    let Some(Value::Object(requested)) = members.get("requestedConfig") else {
        return Err(expected("requestedConfig", "object", members.get("requestedConfig")));
    };
    let Some(Value::Bool(database)) = requested.get("database") else {
        return Err(expected("requestedConfig.database", "boolean", requested.get("database")));
    };
    let project = visit.project()?;
    if project.ssl_enforced != *database {
        project.ssl_enforced = *database;
        project.restart(now);
        project.ssl_applied_ms = Some(now + APPLIED);
    }
    // Recorded: the answer of the write says that it is applied, even while reads say that it is not yet.
    answer(json!({"currentConfig": {"database": database}, "appliedSuccessfully": true}))
}
