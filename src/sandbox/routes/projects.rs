//! The list of projects, and creating one.

use serde_json::{Map, Value, json};

use super::regions::{is_region, of_group};
use crate::sandbox::answer::{Answer, Answered, answer, not_included, ok, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::ids::timestamp;
use crate::sandbox::permissions::Scope;
use crate::sandbox::state::Project;
use crate::sandbox::validate::{SLUG, expected, length, no_match, object, one_of, optional_text, strict, text};
use crate::sandbox::visit::RequestContext;

/// How long a new project takes to come up, in milliseconds.
const COMING_UP: u64 = 2000;

/// The members of a request; others are refused.
const KNOWN: &[&str] = &[
    "db_pass",
    "name",
    "organization_id",
    "organization_slug",
    "plan",
    "region",
    "region_selection",
    "kps_enabled",
    "desired_instance_size",
    "template_url",
    "release_channel",
    "postgres_engine",
    "high_availability",
];

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    // The token of an organization must list the projects of that organization.
    if visit.state.token.as_ref().is_some_and(|token| token.scope == Scope::Organization) {
        return answer(json!([]));
    }
    let all = visit.state.projects.iter().filter(|(_, project)| !project.removed && project.branch_of.is_none());
    answer(all.map(|(reference, project)| with_database(reference, project)).collect::<Vec<_>>().into())
}

/// A project as the API shows it.
pub(super) fn with_database(reference: &str, project: &Project) -> Value {
    let mut shown = shown(reference, project, &project.status);
    shown["database"] = json!({
        "host": format!("db.{reference}.supabase.co"),
        "version": "17.6.1.111",
        "postgres_engine": "17",
        "release_channel": "ga",
    });
    shown
}

fn shown(reference: &str, project: &Project, status: &str) -> Value {
    json!({
        "id": reference,
        "ref": reference,
        "organization_id": project.organization,
        "organization_slug": project.organization,
        "name": project.name,
        "region": project.region,
        "created_at": timestamp(project.created_ms),
        "status": status,
    })
}

pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    strict(members, KNOWN)?;
    let password = text(members, "db_pass")?;
    let name = text(members, "name")?;
    length("name", name, 0, 256)?;
    let slug = text(members, "organization_slug")?;
    if !crate::model::slug_is_valid(slug) {
        return Err(no_match("organization_slug", SLUG));
    }
    check_the_rest(members)?;
    if password.chars().count() < 4 {
        return Err(refuse(400, "db_pass must be longer than or equal to 4 characters"));
    }
    let region = region(members)?;
    let organization = visit.state.organizations.get(slug).ok_or_else(|| refuse(404, "Organization not found"))?;
    let size = match optional_text(members, "desired_instance_size")? {
        Some(size) => size,
        None if organization.plan == "free" => "nano",
        None => "micro",
    };
    one_of("desired_instance_size", size, catalogue::SIZES)?;
    if size == "nano" && organization.plan != "free" {
        return Err(refuse(400, "Minimum instance size on paid plans is Micro"));
    }
    let sizes = "instances.compute_update_available_sizes";
    // The largest plans allow any size.
    let any = matches!(organization.plan.as_str(), "enterprise" | "platform");
    if size != "nano" && !any && !catalogue::has_member(&organization.plan, sizes, &format!("ci_{size}")) {
        return Err(not_included(sizes, "desired_instance_size"));
    }
    let mut theirs = visit
        .state
        .projects
        .values()
        .filter(|project| project.organization == slug && !project.removed && project.branch_of.is_none());
    if theirs.clone().any(|project| project.name == name) {
        return Err(refuse(400, format!("Project with name \"{name}\" already exists in your organization.")));
    }
    if organization.plan == "free" && theirs.by_ref().filter(|project| !project.is_parked()).count() >= 2 {
        return Err(refuse(
            400,
            "The following organization members have reached their maximum limits for the number of active free projects \
             within organizations where they are an administrator or owner: sandbox (2 project limit).",
        ));
    }
    let made = Project {
        status: "COMING_UP".to_owned(),
        created_ms: visit.now,
        up_at_ms: Some(visit.now + COMING_UP),
        compute: size.to_owned(),
        ..Project::untouched(name, slug, &region)
    };
    let reference = visit.state.next_reference();
    let answer = shown(&reference, &made, "UNKNOWN");
    visit.state.projects.insert(reference, made);
    Ok(ok(201, answer))
}

/// Members that are checked and then ignored.
fn check_the_rest(members: &Map<String, Value>) -> Result<(), Answer> {
    optional_text(members, "organization_id")?;
    for (name, words) in [
        ("plan", &["free", "pro"][..]),
        ("release_channel", &["internal", "alpha", "beta", "ga", "withdrawn", "preview"]),
        ("postgres_engine", &["15", "17", "17-oriole"]),
    ] {
        if let Some(word) = optional_text(members, name)? {
            one_of(name, word, words)?;
        }
    }
    for name in ["kps_enabled", "high_availability"] {
        if let Some(value) = members.get(name).filter(|value| !value.is_boolean()) {
            return Err(expected(name, "boolean", Some(value)));
        }
    }
    match optional_text(members, "template_url")? {
        Some(address) if url::Url::parse(address).is_err() => Err(refuse(400, "template_url: Invalid URL")),
        _ => Ok(()),
    }
}

fn region(members: &Map<String, Value>) -> Result<String, Answer> {
    let unknown = || refuse(400, "region: Need to use one of available regions.");
    match (optional_text(members, "region")?, members.get("region_selection")) {
        (Some(_), Some(_)) => Err(refuse(400, "Only one of region or region_selection can be specified.")),
        (Some(region), None) if is_region(region) => Ok(region.to_owned()),
        (Some(_), None) => Err(unknown()),
        (None, None) => Ok("us-east-1".to_owned()),
        (None, Some(selection)) => {
            let selection = object(Some(selection))?;
            let (kind, code) = (text(selection, "type")?, text(selection, "code")?);
            let found = match kind {
                "specific" => Some(code).filter(|code| is_region(code)),
                "smartGroup" => of_group(code),
                _ => None,
            };
            found.map(str::to_owned).ok_or_else(unknown)
        }
    }
}
