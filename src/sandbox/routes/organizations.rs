//! Organizations: the list, their plans and their projects.

use serde_json::{Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::ids::timestamp;
use crate::sandbox::state::{Organization, Project};
use crate::sandbox::validate::{SLUG, length, no_match, object, one_of, strict, text};
use crate::sandbox::visit::RequestContext;

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let all = visit.state.organizations.iter();
    answer(all.map(|(slug, it)| json!({"id": slug, "slug": slug, "name": it.name})).collect::<Vec<_>>().into())
}

pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    strict(members, &["name"])?;
    let name = text(members, "name")?;
    length("name", name, 0, 256)?;
    let slug = visit.state.next_reference();
    let made = Organization { name: name.to_owned(), plan: "free".to_owned() };
    visit.state.organizations.insert(slug.clone(), made);
    Ok(ok(201, json!({"id": slug, "slug": slug, "name": name})))
}

/// The organization of this slug.
pub(super) fn named<'a>(visit: &'a RequestContext<'_>, slug: &'a str) -> Result<(&'a str, &'a Organization), Answer> {
    if !crate::model::slug_is_valid(slug) {
        return Err(no_match("slug", SLUG));
    }
    let known = visit.state.organizations.get(slug);
    known.map(|organization| (slug, organization)).ok_or_else(|| refuse(404, "Organization not found"))
}

fn find<'a>(visit: &'a RequestContext<'_>) -> Result<(&'a str, &'a Organization), Answer> {
    named(visit, visit.param("slug"))
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let (slug, organization) = find(visit)?;
    answer(json!({
        "id": slug,
        "name": organization.name,
        "plan": organization.plan,
        "opt_in_tags": [],
        "allowed_release_channels": ["ga", "preview"],
    }))
}

pub(super) fn entitlements(visit: &mut RequestContext<'_>) -> Answered {
    let (_, organization) = find(visit)?;
    answer(json!({"entitlements": catalogue::entitlements(&organization.plan)}))
}

pub(super) fn projects(visit: &mut RequestContext<'_>) -> Answered {
    let (slug, _) = find(visit)?;
    let number = |name: &str, usual: usize, least: usize, most: usize| -> Result<usize, Answer> {
        let Some(text) = visit.asked(name).next() else { return Ok(usual) };
        let number: usize =
            text.parse().map_err(|_| refuse(400, format!("{name}: Invalid input: expected number, received NaN")))?;
        if number < least {
            return Err(refuse(400, format!("{name}: Too small: expected number to be >={least}")));
        }
        if number > most {
            return Err(refuse(400, format!("{name}: Too big: expected number to be <={most}")));
        }
        Ok(number)
    };
    let (offset, limit) = (number("offset", 0, 0, usize::MAX)?, number("limit", 100, 1, 100)?);
    let search = visit.asked("search").next().unwrap_or_default().to_lowercase();
    let statuses: Vec<&str> = visit.asked("statuses").flat_map(|list| list.split(',')).collect();
    let wanted = |project: &Project| {
        project.organization == slug
            && !project.removed
            && project.branch_of.is_none()
            && project.name.to_lowercase().contains(&search)
            && (statuses.is_empty() || statuses.contains(&project.status.as_str()))
    };
    let mut found: Vec<_> = visit.state.projects.iter().filter(|(_, project)| wanted(project)).collect();
    match visit.asked("sort").next().unwrap_or("name_asc") {
        "name_asc" => found.sort_by(|a, b| a.1.name.cmp(&b.1.name)),
        "name_desc" => found.sort_by(|a, b| b.1.name.cmp(&a.1.name)),
        "created_asc" => found.sort_by_key(|(_, project)| project.created_ms),
        "created_desc" => found.sort_by_key(|(_, project)| std::cmp::Reverse(project.created_ms)),
        other => {
            one_of("sort", other, &["name_asc", "name_desc", "created_asc", "created_desc"])?;
        }
    }
    let count = found.len();
    let page: Vec<Value> =
        found.into_iter().skip(offset).take(limit).map(|(reference, it)| item(reference, it)).collect();
    answer(json!({"projects": page, "pagination": {"count": count, "limit": limit, "offset": offset}}))
}

/// The status of a project's database, which has values of its own.
fn database_status(project: &str) -> &str {
    match project {
        "ACTIVE_HEALTHY" | "ACTIVE_UNHEALTHY" | "COMING_UP" | "GOING_DOWN" | "INIT_FAILED" | "REMOVED"
        | "RESTORING" | "RESTARTING" | "RESIZING" => project,
        _ => "UNKNOWN",
    }
}

fn item(reference: &str, project: &Project) -> Value {
    json!({
        "ref": reference,
        "name": project.name,
        "cloud_provider": "AWS",
        "region": project.region,
        "is_branch": false,
        "status": project.status,
        "inserted_at": timestamp(project.created_ms),
        "databases": [{
            "infra_compute_size": project.compute,
            "region": project.region,
            "status": database_status(&project.status),
            "cloud_provider": "AWS",
            "identifier": reference,
            "type": "PRIMARY",
            "disk_volume_size_gb": 2,
            "disk_type": "gp3",
            "disk_throughput_mbps": 125,
        }],
    })
}
