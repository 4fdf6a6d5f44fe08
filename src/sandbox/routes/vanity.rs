//! The vanity subdomain: a label goes in, a whole host comes out; ten requests a minute.

use serde_json::json;

use super::{Visit, answer};
use crate::sandbox::answer::{Answer, Answered, empty, ok, refuse};
use crate::sandbox::validate::{length, object, text};

fn host(label: &str) -> String {
    format!("{label}.supabase.co")
}

/// The label that a body asks for, and whether another project has it.
fn asked(visit: &mut Visit<'_>) -> Result<(String, bool), Answer> {
    visit.project()?;
    let body = visit.body.take();
    let label = text(object(body.as_ref())?, "vanity_subdomain")?;
    length("vanity_subdomain", label, 0, 63)?;
    let own = visit.param("ref");
    let mut others = visit.state.projects.iter().filter(|(reference, project)| *reference != own && !project.removed);
    Ok((label.to_owned(), others.any(|(_, project)| project.vanity.as_deref() == Some(label))))
}

pub(super) fn get(visit: &mut Visit<'_>) -> Answered {
    answer(match &visit.project()?.vanity {
        Some(label) => json!({"status": "active", "custom_domain": host(label)}),
        None => json!({"status": "not-used"}),
    })
}

pub(super) fn check(visit: &mut Visit<'_>) -> Answered {
    let (_, taken) = asked(visit)?;
    Ok(ok(201, json!({"available": !taken})))
}

/// That a label which is taken, and a free plan, are refused is documented; status and words are nowhere recorded.
pub(super) fn activate(visit: &mut Visit<'_>) -> Answered {
    let (label, taken) = asked(visit)?;
    let (project, plan) = visit.project_and_plan()?;
    if plan == "free" {
        return Err(refuse(402, "the organization's plan does not include vanity subdomains"));
    }
    if taken {
        return Err(refuse(400, "the vanity subdomain is already taken"));
    }
    let domain = host(&label);
    project.vanity = Some(label);
    Ok(ok(201, json!({ "custom_domain": domain })))
}

pub(super) fn delete(visit: &mut Visit<'_>) -> Answered {
    visit.project()?.vanity = None;
    Ok(empty(200))
}
