//! Pausing a project, and bringing it back. Branches can be paused on any plan, as they are when nobody uses them.

use serde_json::json;

use crate::sandbox::answer::{Answer, Answered, answer, empty, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::visit::RequestContext;

/// How long a project takes until it is paused, in milliseconds: 50 to 70 s were measured.
const PAUSING: u64 = 60_000;

/// How long it takes to be back, in milliseconds: 160 to 220 s were measured.
const RESTORING: u64 = 190_000;

pub(super) fn pause(visit: &mut RequestContext<'_>) -> Answered {
    let now = visit.now;
    let (project, plan) = visit.project_and_plan()?;
    if project.branch_of.is_none() && !catalogue::includes(&plan, "project_pausing") {
        return Err(refuse(400, "Project is not free-tier. Please downgrade it to free-tier first and try again."));
    }
    if project.unpausable_until_ms.is_some() {
        return Err(refuse(400, "Project was restored recently and cannot be paused yet."));
    }
    "PAUSING".clone_into(&mut project.status);
    project.up_at_ms = Some(now + PAUSING);
    Ok(empty(200))
}

/// The versions that a paused project can come back with.
pub(super) fn versions(visit: &mut RequestContext<'_>) -> Answered {
    paused(visit)?;
    let own = json!({"version": "17.6.1.111", "release_channel": "ga", "postgres_engine": "17"});
    answer(json!({"available_versions": [own]}))
}

pub(super) fn restore(visit: &mut RequestContext<'_>) -> Answered {
    paused(visit)?;
    let (now, settle_ms) = (visit.now, visit.switches.pause.settle_ms);
    let project = visit.project()?;
    "RESTORING".clone_into(&mut project.status);
    project.up_at_ms = Some(now + RESTORING);
    project.unpausable_until_ms = Some(now + RESTORING + settle_ms);
    Ok(empty(200))
}

fn paused(visit: &mut RequestContext<'_>) -> Result<(), Answer> {
    if visit.project()?.status == "INACTIVE" { Ok(()) } else { Err(refuse(400, "Project is not paused.")) }
}
