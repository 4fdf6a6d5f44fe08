//! The vanity subdomain: a label is written, a whole host is read; ten requests per minute.

use serde_json::json;

use crate::sandbox::answer::{Answer, Answered, answer, empty, not_included, ok, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::validate::{length, no_match, object, text};
use crate::sandbox::visit::RequestContext;

/// The form of one label of a host, without a dot.
const LABEL: &str = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";

/// Whether a text is such a label.
pub(in crate::sandbox) fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn host(label: &str) -> String {
    format!("{label}.supabase.co")
}

/// The label of a body, and whether another project has it.
fn asked(visit: &mut RequestContext<'_>) -> Result<(String, bool), Answer> {
    visit.project()?;
    let body = visit.body.take();
    let label = text(object(body.as_ref())?, "vanity_subdomain")?;
    length("vanity_subdomain", label, 0, 63)?;
    if !is_label(label) {
        return Err(no_match("vanity_subdomain", LABEL));
    }
    let own = visit.param("ref");
    let mut others = visit.state.projects.iter().filter(|(reference, project)| *reference != own && !project.removed);
    Ok((label.to_owned(), others.any(|(_, project)| project.vanity.as_deref() == Some(label))))
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let project = visit.project()?;
    answer(match &project.vanity {
        Some(label) => json!({"status": "active", "custom_domain": host(label)}),
        None if project.custom_hostname.is_some() => json!({"status": "custom-domain-used"}),
        None => json!({"status": "not-used"}),
    })
}

pub(super) fn check(visit: &mut RequestContext<'_>) -> Answered {
    let (_, taken) = asked(visit)?;
    Ok(ok(201, json!({"available": !taken})))
}

/// That it refuses a taken label, the free plan and a project with a custom hostname is documented; the status and the message of
/// these refusals are not recorded.
pub(super) fn activate(visit: &mut RequestContext<'_>) -> Answered {
    let (label, taken) = asked(visit)?;
    let switches = visit.switches.vanity;
    let (project, plan) = visit.project_and_plan()?;
    if !catalogue::includes(&plan, "vanity_subdomain") {
        let refusal = not_included("vanity_subdomain", "vanity_subdomain");
        return Err(Answer { status: switches.plan_gate_status, ..refusal });
    }
    if project.custom_hostname.is_some() {
        return Err(refuse(400, "the project has a custom hostname, which a vanity subdomain cannot be used with"));
    }
    if taken {
        return Err(refuse(switches.taken_status, "the vanity subdomain is already taken"));
    }
    if switches.change_needs_delete && project.vanity.as_ref().is_some_and(|present| *present != label) {
        return Err(refuse(400, "the project already has a vanity subdomain, which must be deleted first"));
    }
    let domain = host(&label);
    project.vanity = Some(label);
    Ok(ok(201, json!({ "custom_domain": domain })))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?.vanity = None;
    Ok(empty(200))
}
