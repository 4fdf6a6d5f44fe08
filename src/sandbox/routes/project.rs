//! One project: its details, its name, its deletion, its health and add-ons.

use serde_json::{Value, json};

use super::{auth, data_api, projects};
use crate::sandbox::addons;
use crate::sandbox::answer::{Answered, answer, refuse};
use crate::sandbox::ids::number;
use crate::sandbox::validate::{length, object, one_of, text};
use crate::sandbox::visit::RequestContext;

/// The services of the health endpoint.
const SERVICES: &[&str] = &["auth", "db", "db_postgres_user", "pooler", "realtime", "rest", "storage", "pg_bouncer"];

/// The services that restart with the database.
const WITH_DATABASE: &[&str] = &["db", "db_postgres_user", "pooler", "pg_bouncer"];

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let project = visit.own_project()?;
    answer(projects::with_database(&reference, project))
}

pub(super) fn rename(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    visit.own_project()?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let name = text(members, "name")?;
    length("name", name, 1, 256)?;
    name.clone_into(&mut visit.project()?.name);
    answer(json!({"id": number(&reference), "ref": reference, "name": name}))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let project = visit.own_project()?;
    if project.up_at_ms.is_some() {
        return Err(refuse(400, "Project not ready for deletion."));
    }
    project.removed = true;
    "REMOVED".clone_into(&mut project.status);
    let (name, slug) = (project.name.clone(), project.organization.clone());
    answer(json!({"id": number(&reference), "ref": reference, "name": name, "slug": slug}))
}

pub(super) fn health(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let asked: Vec<String> =
        visit.asked("services").flat_map(|list| list.split(',')).map(|name| name.trim().to_owned()).collect();
    if asked.is_empty() || asked.iter().any(String::is_empty) {
        return Err(refuse(400, "services: Invalid input: expected array, received undefined"));
    }
    for service in &asked {
        one_of("services", service, SERVICES)?;
    }
    if let Some(timeout) = visit.asked("timeout_ms").next()
        && !timeout.parse::<u32>().is_ok_and(|timeout| timeout <= 10_000)
    {
        return Err(refuse(400, "timeout_ms: Too big: expected number to be <=10000"));
    }
    let project = visit.project()?;
    let restarting = project.restarting_until_ms.is_some() && project.restarts_at_ms.is_none();
    let unknown_yet = |service: &str| service == "pooler" && project.up_at_ms.is_some();
    // Without schemas, PostgREST never answers.
    let off = |service: &str| service == "rest" && data_api::is_off(&project.data_api);
    let status = |service: &str| match project.status.as_str() {
        _ if unknown_yet(service) => "UNHEALTHY",
        "ACTIVE_HEALTHY" if off(service) => "UNHEALTHY",
        "ACTIVE_HEALTHY" if restarting && WITH_DATABASE.contains(&service) => "UNHEALTHY",
        "ACTIVE_HEALTHY" => "ACTIVE_HEALTHY",
        "COMING_UP" | "UNKNOWN" | "RESTORING" => "COMING_UP",
        _ => "UNHEALTHY",
    };
    let item = |service: &String| {
        let status = status(service);
        let mut item = json!({"name": service, "healthy": status == "ACTIVE_HEALTHY", "status": status});
        if service == "auth" && status == "ACTIVE_HEALTHY" {
            item["info"] =
                json!({"name": "GoTrue", "version": "v2.186.0", "description": "user registration and authentication"});
        }
        if unknown_yet(service) {
            // The pooler does not know a new project at first.
            item["error"] = r#"{"error":"not found"}"#.into();
        }
        item
    };
    answer(asked.iter().map(item).collect::<Vec<Value>>().into())
}

pub(super) fn billing(visit: &mut RequestContext<'_>) -> Answered {
    let (project, plan) = visit.project_and_plan()?;
    let settings = auth::shown(&project.auth);
    let is_on = |setting: &str| settings.get(setting) == Some(&true.into());
    let (selected, available) = addons::addons(&project.compute, &project.addons, &plan, is_on);
    answer(json!({"selected_addons": selected, "available_addons": available}))
}
