//! Checks a world for contradictions: a mistake in the file is reported when it is opened, not by a strange answer later.

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::addons;
use super::catalogue::SIZES;
use super::faults::{Fault, Rule};
use super::keys::PUBLIC;
use super::matching::Route;
use super::permissions::KNOWN;
use super::routes::{ROUTES, storage, vanity};
use super::rows::{is_auth_field, is_secret, rows};
use super::state::{Project, State};
use crate::model::{ProjectRef, slug_is_valid};
use crate::secret::looks_like_digest;

/// The latest time in a file, in milliseconds: some hundred thousand years.
pub(super) const LATEST: u64 = 1 << 52;

const PLANS: &[&str] = &["free", "pro", "team", "enterprise", "platform"];

const STATUSES: &[&str] = &[
    "INACTIVE",
    "ACTIVE_HEALTHY",
    "ACTIVE_UNHEALTHY",
    "COMING_UP",
    "UNKNOWN",
    "GOING_DOWN",
    "INIT_FAILED",
    "REMOVED",
    "RESTORING",
    "UPGRADING",
    "PAUSING",
    "RESTORE_FAILED",
    "RESTARTING",
    "PAUSE_FAILED",
    "RESIZING",
    "PROMOTING",
];

/// The first contradiction.
pub(super) fn check(state: &State) -> Result<(), String> {
    for (slug, organization) in &state.organizations {
        if !slug_is_valid(slug) {
            return Err(format!("`{slug}` cannot be the slug of an organization"));
        }
        one_of(PLANS, &organization.plan).map_err(|is| format!("the plan of `{slug}` {is}"))?;
    }
    in_time(state.clock_ms)?;
    for (reference, project) in &state.projects {
        if ProjectRef::parse(reference).is_none() {
            return Err(format!("`{reference}` is no ref of a project: 20 lower-case letters"));
        }
        if !state.organizations.contains_key(&project.organization) {
            return Err(format!(
                "project `{reference}` is in an organization `{}` that is not there",
                project.organization
            ));
        }
        check_project(project).map_err(|is| format!("project `{reference}`: {is}"))?;
        check_branches(state, reference, project).map_err(|is| format!("project `{reference}`: {is}"))?;
    }
    let unknown = state.token.iter().flat_map(|token| &token.permissions).find(|name| !KNOWN.contains(&name.as_str()));
    if let Some(unknown) = unknown {
        return Err(format!("the token's permission `{unknown}` is none that an operation asks for"));
    }
    let projects: Vec<&str> = state.projects.keys().map(String::as_str).collect();
    let mut faults = state.faults.iter().enumerate();
    let never =
        faults.find_map(|(at, rule)| Some(format!("faults[{at}]: {}", never_strikes(rule, ROUTES, &projects)?)));
    never.map_or(Ok(()), Err)
}

fn check_project(project: &Project) -> Result<(), String> {
    one_of(STATUSES, &project.status).map_err(|is| format!("its status {is}"))?;
    let restart = [project.restarts_at_ms, project.restarting_until_ms, project.ssl_applied_ms];
    let pending = project.network.pending.as_ref().map(|pending| pending.requested_ms);
    let moments =
        restart.into_iter().chain([project.up_at_ms, project.unpausable_until_ms, project.network.updated_ms, pending]);
    moments.flatten().chain([project.created_ms]).try_for_each(in_time)?;
    for (name, secret) in &project.secrets {
        in_time(secret.updated_ms)?;
        is_digest(name, &secret.digest)?;
    }
    for provider in project.sso_providers.values() {
        [provider.created_ms, provider.updated_ms].into_iter().try_for_each(in_time)?;
    }
    check_settings(project)?;
    project.third_party_auth.values().try_for_each(|issuer| in_time(issuer.created_ms))?;
    for key in project.api_keys.iter().flatten() {
        [key.created_ms, key.updated_ms].into_iter().try_for_each(in_time)?;
        one_of(&["publishable", "secret"], &key.kind)
            .map_err(|is| format!("the type of its key `{}` {is}", key.name))?;
    }
    check_auth(&project.auth)
}

/// Checks that each branch is a project that knows whose branch it is.
fn check_branches(state: &State, reference: &str, project: &Project) -> Result<(), String> {
    for branch in &project.branches {
        [branch.created_ms, branch.updated_ms].into_iter().try_for_each(in_time)?;
        let is = state.projects.get(&branch.reference).map(|own| own.branch_of.as_deref());
        if branch.is_default != (branch.reference == reference) || !branch.is_default && is != Some(Some(reference)) {
            return Err(format!("its branch `{}` has the ref of no branch of it", branch.name));
        }
    }
    match &project.branch_of {
        Some(parent) if !state.projects.contains_key(parent) => {
            Err(format!("it is a branch of `{parent}`, which is not there"))
        }
        _ => Ok(()),
    }
}

/// Checks that settings exist, that networks have the right family, and that the size and the label are valid.
fn check_settings(project: &Project) -> Result<(), String> {
    for (section, settings) in [
        ("postgres", &project.postgres),
        ("pooler", &project.pooler),
        ("data_api", &project.data_api),
        ("realtime", &project.realtime),
    ] {
        if let Some(unknown) = settings.keys().find(|name| rows(section).field(name).is_none()) {
            return Err(format!("{section} has no setting `{unknown}`"));
        }
    }
    if let Some(unknown) = project.storage.keys().find(|name| !storage::MEMBERS.contains(&name.as_str())) {
        return Err(format!("storage has no setting `{unknown}`"));
    }
    one_of(SIZES, &project.compute).map_err(|is| format!("its compute {is}"))?;
    let network = &project.network;
    for (lists, v6) in [([&network.ipv4, &network.old_ipv4], false), ([&network.ipv6, &network.old_ipv6], true)] {
        let is_of_family = |text: &String| text.parse::<IpNet>().is_ok_and(|net| net.addr().is_ipv6() == v6);
        if let Some(other) = lists.into_iter().flatten().find(|text| !is_of_family(text)) {
            return Err(format!("`{other}` is no network of IPv{}", if v6 { 6 } else { 4 }));
        }
    }
    if let Some(unknown) = project.addons.iter().find(|id| !addons::is_addon(id)) {
        return Err(format!("there is no add-on `{unknown}` to choose"));
    }
    if let Some(hostname) = &project.custom_hostname {
        in_time(hostname.initialized_ms)?;
        hostname.verified_at_ms.map_or(Ok(()), in_time)?;
    }
    project.signing_changed_ms.map_or(Ok(()), in_time)?;
    for key in project.signing_keys.iter().flatten() {
        in_time(key.created_ms.max(key.updated_ms))?;
        let private = |name: &&String| !PUBLIC.contains(&name.as_str());
        if key.public_jwk.iter().flat_map(|jwk| jwk.keys()).any(|name| private(&name)) {
            return Err(format!("the public part of its key `{}` has a private member", key.id));
        }
    }
    match &project.vanity {
        Some(label) if !vanity::is_label(label) => Err(format!("`{label}` is no label of a host")),
        _ => Ok(()),
    }
}

fn check_auth(auth: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in auth {
        if !is_auth_field(name) {
            return Err(format!("auth has no setting `{name}`"));
        }
        if is_secret(name) {
            is_digest(name, value.as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// The value is not shown: if it is not a digest, it may be the secret itself.
fn is_digest(name: &str, digest: &str) -> Result<(), String> {
    looks_like_digest(digest).then_some(()).ok_or_else(|| format!("the secret `{name}` is no digest of 64 hex digits"))
}

fn in_time(moment: u64) -> Result<(), String> {
    (moment <= LATEST).then_some(()).ok_or_else(|| format!("{moment} is too late a time"))
}

fn one_of(words: &[&str], given: &str) -> Result<(), String> {
    let wrong = || format!("is `{given}`, expected one of {}", words.join(", "));
    words.contains(&given).then_some(()).ok_or_else(wrong)
}

/// Why a fault would never happen, or has no effect.
fn never_strikes(rule: &Rule, routes: &[Route], projects: &[&str]) -> Option<String> {
    let route = routes.iter().find(|route| route.name == rule.route);
    if route.is_none() && rule.route != "*" {
        let near = routes.iter().max_by(|a, b| {
            let [a, b] = [a, b].map(|route| strsim::jaro_winkler(route.name, &rule.route));
            a.total_cmp(&b)
        });
        let near = near.map_or("*", |route| route.name);
        return Some(format!("there is no route `{}`; the nearest is `{near}`", rule.route));
    }
    if let Some(project) = &rule.project {
        if !projects.contains(&project.as_str()) {
            return Some(format!("there is no project `{project}`"));
        }
        if route.is_some_and(|route| !route.template.contains("{ref}")) {
            return Some(format!("`{}` is about no single project", rule.route));
        }
    }
    if rule.nth == 0 || rule.times == 0 {
        return Some("`nth` and `times` count from 1".to_owned());
    }
    never_is(&rule.fault, route)
}

/// Why a fault would have no effect.
fn never_is(fault: &Fault, route: Option<&Route>) -> Option<String> {
    match fault {
        Fault::Refuse { status, .. } | Fault::FailAfter { status } if !(400..=599).contains(status) => {
            Some(format!("{status} is the status of no failure"))
        }
        Fault::Page { status } if !(200..=599).contains(status) => Some(format!("{status} is no status")),
        Fault::Ignore { fields } if fields.is_empty() => Some("it ignores nothing".to_owned()),
        Fault::Stale if route.is_some_and(|route| route.method != "GET") => {
            Some("only a read can lag behind".to_owned())
        }
        Fault::Show { pointer, .. } | Fault::Ghost { pointer, .. } if !pointer.starts_with('/') => {
            Some(format!("`{pointer}` is no JSON pointer: it begins with `/`"))
        }
        Fault::Refuse { .. }
        | Fault::Limit { .. }
        | Fault::FailAfter { .. }
        | Fault::DropBefore
        | Fault::DropAfter
        | Fault::Page { .. }
        | Fault::Cut
        | Fault::Ignore { .. }
        | Fault::Slow { .. }
        | Fault::Stale
        | Fault::Show { .. }
        | Fault::Ghost { .. } => None,
    }
}
