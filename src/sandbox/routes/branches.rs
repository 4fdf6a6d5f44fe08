//! Branches: listed and made by their project, changed and deleted by their own ref (or an older id).

use serde_json::{Map, Value, json};

use super::regions::is_region;
use crate::sandbox::answer::{Answer, Answered, answer, empty, not_included, ok, refuse};
use crate::sandbox::branching::{Branch, Coming, DIES_AFTER, Lag, TAKES};
use crate::sandbox::catalogue;
use crate::sandbox::history::Migration;
use crate::sandbox::ids::{jwt, timestamp};
use crate::sandbox::state::{Project, State};
use crate::sandbox::switches::{DefaultRow, ListWhenOff};
use crate::sandbox::validate::{expected, length, no_match, object, one_of, optional_text, strict, text};
use crate::sandbox::visit::RequestContext;

/// The members of a request that creates one.
const CREATED: &[&str] = &[
    "branch_name",
    "git_branch",
    "is_default",
    "persistent",
    "region",
    "desired_instance_size",
    "release_channel",
    "postgres_engine",
    "secrets",
    "with_data",
    "notify_url",
];

/// The members of a request that changes one.
const CHANGED: &[&str] =
    &["branch_name", "git_branch", "reset_on_push", "persistent", "status", "request_review", "notify_url"];

/// How long after the answer to its creation the database of a branch is healthy.
const HEALTHY_AFTER: u64 = 1500;

/// The name of the row that a history begins with whose project had none when its first branch was made.
pub(super) const SCHEMA: &str = "remote_schema";

/// The grace of a deletion that is scheduled.
const GRACE: u64 = 60 * 60 * 1000;

pub(super) fn unknown() -> Answer {
    refuse(404, "Branch not found")
}

/// How far it is, in words that are deprecated: they tell of functions before there is a project, and of migrations that have
/// failed wherever a run has died.
fn word(branch: &Branch, status: &str, now: u64) -> &'static str {
    match branch.runs.last().map(|run| (now.saturating_sub(run.began_ms), run.dies_at.is_some())) {
        _ if status == "COMING_UP" => "CREATING_PROJECT",
        Some((passed, true)) if passed > DIES_AFTER => "MIGRATIONS_FAILED",
        Some((passed, _)) if passed <= TAKES => "RUNNING_MIGRATIONS",
        Some(_) | None => "FUNCTIONS_DEPLOYED",
    }
}

fn shown(state: &State, parent: &str, branch: &Branch, now: u64) -> Value {
    let status = state.projects.get(&branch.reference).map_or("UNKNOWN", |project| project.status.as_str());
    let mut shown = json!({
        "id": branch.id,
        "name": branch.name,
        "project_ref": branch.reference,
        "parent_project_ref": parent,
        "is_default": branch.is_default,
        "persistent": branch.persistent,
        "status": word(branch, status, now),
        "created_at": timestamp(branch.created_ms),
        "updated_at": timestamp(branch.updated_ms),
        "with_data": branch.with_data,
        "preview_project_status": status,
    });
    for (member, value) in [
        ("git_branch", branch.git_branch.clone().map(Value::from)),
        ("pr_number", branch.pull_request.map(Value::from)),
        ("notify_url", branch.notify_url.clone().map(Value::from)),
        ("review_requested_at", branch.review_ms.map(|ms| timestamp(ms).into())),
        ("deletion_scheduled_at", branch.deleted_at_ms.map(|ms| timestamp(ms).into())),
    ] {
        if let Some(value) = value {
            shown[member] = value;
        }
    }
    shown
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let (parent, now) = (visit.param("ref").to_owned(), visit.now);
    if visit.project()?.branches.is_empty() && visit.switches.branches.list_when_off == ListWhenOff::Refused {
        return Err(refuse(422, "Preview branching is not enabled for this project."));
    }
    let branches = visit.project()?.branches.clone();
    let all = branches.iter().map(|branch| shown(visit.state, &parent, branch.listed(now), now));
    answer(all.collect::<Vec<_>>().into())
}

pub(super) fn by_name(visit: &mut RequestContext<'_>) -> Answered {
    let (parent, name, now) = (visit.param("ref").to_owned(), visit.param("name").to_owned(), visit.now);
    let branch = visit.project()?.branches.iter().find(|branch| branch.name == name).cloned().ok_or_else(unknown)?;
    answer(shown(visit.state, &parent, &branch, now))
}

fn flag(members: &Map<String, Value>, name: &str) -> Result<Option<bool>, Answer> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        other => Err(expected(name, "boolean", other)),
    }
}

fn address(members: &Map<String, Value>) -> Result<Option<String>, Answer> {
    match optional_text(members, "notify_url")? {
        Some(address) if url::Url::parse(address).is_err() => Err(refuse(400, "notify_url: Invalid URL")),
        given => Ok(given.map(str::to_owned)),
    }
}

fn taken(project: &Project, name: &str, own: Option<&str>) -> bool {
    project.branches.iter().any(|branch| branch.name == name && own != Some(branch.id.as_str()))
}

pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    strict(members, CREATED)?;
    let name = text(members, "branch_name")?;
    length("branch_name", name, 1, 1024)?;
    Ok(ok(201, make(visit, name, members)?))
}

/// The same in the second version of the API, which takes the size of the disk, too.
pub(super) fn create_with_disk(visit: &mut RequestContext<'_>) -> Answered {
    let body = visit.body.take();
    let data = object(object(body.as_ref())?.get("data"))?;
    one_of("data.type", text(data, "type")?, &["branch"])?;
    let members = object(data.get("attributes"))?;
    let name = text(members, "name")?;
    length("name", name, 1, 1024)?;
    let disk = members.get("desired_disk_size_gb");
    if disk.is_some_and(|disk| !disk.as_u64().is_some_and(|size| (8..=61_440).contains(&size))) {
        return Err(expected("desired_disk_size_gb", "integer between 8 and 61440", disk));
    }
    if let Some(size) = optional_text(members, "desired_instance_size")? {
        one_of("desired_instance_size", size, catalogue::SIZES)?;
    }
    let mut made = make(visit, name, members)?;
    let id = made["id"].take();
    // What the first version calls deprecated, the second does not have.
    made.as_object_mut().into_iter().for_each(|made| {
        made.retain(|member, _| !["id", "status", "preview_project_status"].contains(&member.as_str()));
    });
    Ok(ok(201, json!({"data": {"type": "branch", "id": id, "attributes": made}})))
}

fn make(visit: &mut RequestContext<'_>, name: &str, members: &Map<String, Value>) -> Result<Value, Answer> {
    let (parent, now, switches) = (visit.param("ref").to_owned(), visit.now, visit.switches.branches);
    let wanted = Branch {
        id: String::new(),
        name: name.to_owned(),
        reference: String::new(),
        is_default: flag(members, "is_default")?.unwrap_or_default(),
        git_branch: optional_text(members, "git_branch")?.filter(|git| !git.is_empty()).map(str::to_owned),
        pull_request: None,
        persistent: flag(members, "persistent")?.unwrap_or_default(),
        with_data: flag(members, "with_data")?.unwrap_or_default(),
        notify_url: address(members)?,
        created_ms: now,
        updated_ms: now,
        review_ms: None,
        deleted_at_ms: None,
        runs: vec![],
        dies_at: None,
        lag: None,
    };
    let size = optional_text(members, "desired_instance_size")?.unwrap_or("micro");
    if size != "pico" {
        one_of("desired_instance_size", size, catalogue::SIZES)?;
    }
    let region = optional_text(members, "region")?.map(str::to_owned);
    if region.as_deref().is_some_and(|region| !is_region(region)) {
        return Err(refuse(400, "region: Need to use one of available regions."));
    }
    let includes_row = visit.switches.migrations.list_includes_branch_row;
    let (project, plan) = visit.project_and_plan()?;
    if taken(project, name, None) {
        return Err(refuse(switches.duplicate_name, "A branch with this name already exists"));
    }
    let others = project.branches.iter().filter(|branch| !branch.is_default).count();
    let most = catalogue::most(&plan, "branching_limit").unwrap_or_default();
    if u64::try_from(others).unwrap_or(u64::MAX) >= most {
        return Err(not_included("branching_limit", "branches"));
    }
    if wanted.persistent && !catalogue::includes(&plan, "branching_persistent") {
        return Err(not_included("branching_persistent", "persistent"));
    }
    if project.branches.is_empty() && switches.default_row == DefaultRow::AutoMain && !wanted.is_default {
        let id = project.next_id();
        let own = Branch { id, name: "main".to_owned(), reference: parent.clone(), is_default: true, ..plain(now) };
        project.branches.push(own);
    }
    let id = project.next_id();
    let (organization, from) = (project.organization.clone(), project.region.clone());
    let at_ms = now + switches.create_ms + switches.schema_delay_ms;
    let mut rows = project.migrations.rows.clone();
    if rows.is_empty() && !wanted.is_default {
        // Without a history, the schema becomes the first row of one, of the project's as well.
        let row = Migration {
            version: format!("{}", 20_260_101_000_000_u64 + now / 1000),
            name: Some(SCHEMA.to_owned()),
            ..Migration::default()
        };
        if includes_row {
            project.coming.push(Coming { at_ms, row: row.clone() });
        }
        rows.push(row);
    }
    let coming = rows.into_iter().map(|row| Coming { at_ms, row }).collect();
    if wanted.is_default {
        let branch = Branch { id, reference: parent.clone(), ..wanted };
        project.branches.push(branch.clone());
        return Ok(shown(visit.state, &parent, &branch, now));
    }
    let reference = visit.state.next_reference();
    let made = Project {
        status: "COMING_UP".to_owned(),
        created_ms: now,
        up_at_ms: Some(now + switches.create_ms + HEALTHY_AFTER),
        compute: if size == "pico" { "nano".to_owned() } else { size.to_owned() },
        branch_of: Some(parent.clone()),
        coming,
        ..Project::untouched(name, &organization, &region.unwrap_or(from))
    };
    visit.state.projects.insert(reference.clone(), made);
    let branch = Branch { id, reference, ..wanted };
    visit.project()?.branches.push(branch.clone());
    Ok(shown(visit.state, &parent, &branch, now))
}

/// A branch of which nothing is said.
fn plain(now: u64) -> Branch {
    Branch {
        id: String::new(),
        name: String::new(),
        reference: String::new(),
        is_default: false,
        git_branch: None,
        pull_request: None,
        persistent: false,
        with_data: false,
        notify_url: None,
        created_ms: now,
        updated_ms: now,
        review_ms: None,
        deleted_at_ms: None,
        runs: vec![],
        dies_at: None,
        lag: None,
    }
}

/// Removes all branches, and with them what was tried in them.
pub(super) fn disable(visit: &mut RequestContext<'_>) -> Answered {
    let parent = visit.param("ref").to_owned();
    let gone = std::mem::take(&mut visit.project()?.branches);
    for branch in gone.iter().filter(|branch| branch.reference != parent) {
        visit.state.remove(&branch.reference);
    }
    Ok(empty(200))
}

/// The branch of the path: its project's ref and its place there.
pub(super) fn found(visit: &RequestContext<'_>) -> Result<(String, usize), Answer> {
    let given = visit.param("branch_id_or_ref");
    let is_ref = given.len() == 20 && given.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_id = given.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if !is_ref && !is_id {
        return Err(no_match("branch_id_or_ref", "^[a-z]+$"));
    }
    visit.state.branch(given).ok_or_else(unknown)
}

pub(super) fn branch<'s>(state: &'s mut State, (parent, at): &(String, usize)) -> Result<&'s mut Branch, Answer> {
    state.projects.get_mut(parent).and_then(|project| project.branches.get_mut(*at)).ok_or_else(unknown)
}

/// The configuration of the project that the branch is, with its password: it does not know a new one for some seconds.
pub(super) fn config(visit: &mut RequestContext<'_>) -> Answered {
    let (at, now, switches) = (found(visit)?, visit.now, visit.switches.branches);
    let branch = branch(visit.state, &at)?.clone();
    if !branch.is_default && now < branch.created_ms + switches.create_ms + switches.config_404_ms {
        return Err(unknown());
    }
    let project = visit.state.projects.get(&branch.reference).ok_or_else(unknown)?;
    let mut shown = json!({
        "ref": branch.reference,
        "postgres_version": "17.6.1.111",
        "postgres_engine": "17",
        "release_channel": "ga",
        "status": project.status,
        "db_host": format!("db.{}.supabase.co", branch.reference),
        "db_port": 5432,
    });
    if !switches.mask_credentials {
        shown["db_user"] = "postgres".into();
        shown["db_pass"] = format!("password-of-{}", branch.reference).into();
        shown["jwt_secret"] = jwt(&json!({"ref": branch.reference}), "invalid").into();
    }
    answer(shown)
}

pub(super) fn update(visit: &mut RequestContext<'_>) -> Answered {
    let (at, now, switches) = (found(visit)?, visit.now, visit.switches.branches);
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    strict(members, CHANGED)?;
    let before = branch(visit.state, &at)?.clone();
    let mut after = Branch { lag: None, updated_ms: now, ..before.clone() };
    if let Some(name) = optional_text(members, "branch_name")? {
        length("branch_name", name, 1, 1024)?;
        if visit.state.projects.get(&at.0).is_some_and(|project| taken(project, name, Some(&before.id))) {
            return Err(refuse(switches.duplicate_name, "A branch with this name already exists"));
        }
        name.clone_into(&mut after.name);
    }
    // Null is accepted, and changes nothing; an empty text clears.
    if members.get("git_branch").is_some_and(|git| !git.is_null()) {
        let git = text(members, "git_branch")?;
        after.git_branch = Some(git.to_owned()).filter(|git| !git.is_empty());
    }
    if let Some(persistent) = flag(members, "persistent")? {
        let project = visit.state.projects.get(&at.0).ok_or_else(unknown)?;
        let plan = visit.state.organizations.get(&project.organization).map_or("", |it| it.plan.as_str());
        if persistent && !catalogue::includes(plan, "branching_persistent") {
            return Err(not_included("branching_persistent", "persistent"));
        }
        after.persistent = persistent;
    }
    if let Some(address) = address(members)? {
        after.notify_url = Some(address);
    }
    if flag(members, "request_review")? == Some(true) {
        after.review_ms = Some(now);
    }
    flag(members, "reset_on_push")?;
    let mut kept = after.clone();
    if switches.list_lag_ms > 0 {
        let before = Branch { lag: None, ..before.listed(now).clone() };
        kept.lag = Some(Box::new(Lag { until_ms: now + switches.list_lag_ms, before }));
    }
    *branch(visit.state, &at)? = kept;
    answer(shown(visit.state, &at.0, &after, now))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let (at, now, switches) = (found(visit)?, visit.now, visit.switches.branches);
    let gently = visit.asked("force").next() == Some("false");
    let branch = branch(visit.state, &at)?;
    if branch.is_default {
        return Err(refuse(422, "Cannot delete the default branch."));
    }
    if branch.persistent {
        return Err(refuse(switches.persistent_delete_status, "Cannot delete persistent branch."));
    }
    branch.deleted_at_ms = Some(if gently && switches.soft_delete { now + GRACE } else { now });
    visit.state.delete_branches(now);
    answer(json!({"message": "ok"}))
}

/// Keeps a branch whose deletion is scheduled.
pub(super) fn restore(visit: &mut RequestContext<'_>) -> Answered {
    let at = found(visit)?;
    let branch = branch(visit.state, &at)?;
    if branch.deleted_at_ms.take().is_none() {
        return Err(refuse(422, "Branch is not scheduled for deletion"));
    }
    answer(json!({"message": "Branch restoration initiated"}))
}
