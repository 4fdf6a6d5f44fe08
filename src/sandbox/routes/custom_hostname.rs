//! The custom hostname: a state machine that goes on only when somebody has set DNS records. What the records are, and that the
//! value for the certificate is renewed by each verification, is recorded; how long a verification takes was measured.

use serde_json::{Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, empty, ok, refuse};
use crate::sandbox::ids::{bits, uuid};
use crate::sandbox::stored::{CustomHostname, HostnameStatus};
use crate::sandbox::switches::HostnameSwitches;
use crate::sandbox::validate::{length, object, text};
use crate::sandbox::visit::RequestContext;

/// The add-on that it needs.
pub(in crate::sandbox) const ADDON: &str = "cd_default";

/// The hostname of the project, unless there is none or its verification took too long.
fn current(visit: &mut RequestContext<'_>) -> Result<Option<CustomHostname>, Answer> {
    let (now, expiry) = (visit.now, visit.switches.hostname.pending_expiry_ms);
    let project = visit.project()?;
    let is_over = |it: &CustomHostname| {
        let late = expiry.is_some_and(|expiry| now >= it.initialized_ms.saturating_add(expiry));
        it.status == HostnameStatus::Initiated && late
    };
    if project.custom_hostname.as_ref().is_some_and(is_over) {
        project.custom_hostname = None;
    }
    Ok(project.custom_hostname.clone())
}

/// The value that the record for the certificate must have.
fn acme(reference: &str, hostname: &CustomHostname) -> String {
    let seed = hostname
        .hostname
        .bytes()
        .chain(reference.bytes())
        .fold(u64::from(hostname.renewed), |seed, byte| bits(seed ^ u64::from(byte)));
    [seed, bits(seed), bits(seed ^ 1)].map(|part| format!("{part:016x}")).concat().chars().take(43).collect()
}

/// What is done needs no record, and shows none.
fn shown(reference: &str, hostname: &CustomHostname, now: u64, switches: HostnameSwitches, first: bool) -> Value {
    let CustomHostname { hostname: name, status, initialized_ms, verified_at_ms, .. } = hostname;
    let is_owned = verified_at_ms.is_some() || *status != HostnameStatus::Initiated;
    let has_certificate = verified_at_ms.is_some_and(|at| at <= now) || *status != HostnameStatus::Initiated;
    let ownership = if is_owned {
        json!({"type": "", "name": "", "value": ""})
    } else {
        json!({"type": "txt", "name": format!("_cf-custom-hostname.{name}"), "value": uuid(&format!("{reference}/{name}"))})
    };
    let is_told = if first {
        switches.acme_in_initialize
    } else {
        switches.acme_in_initialize || now >= initialized_ms.saturating_add(switches.acme_delay_ms)
    };
    let mut ssl = json!({"status": if has_certificate { "active" } else { "pending_validation" }});
    if has_certificate {
        ssl["validation_records"] = json!([]);
    } else if is_told {
        let record = json!({"txt_name": format!("_acme-challenge.{name}"), "txt_value": acme(reference, hostname)});
        ssl["validation_records"] = json!([record]);
    }
    json!({
        "status": status.word(),
        "custom_hostname": name,
        "data": {"success": true, "errors": [], "messages": [], "result": {
            "id": uuid(&format!("{reference}/{name}/id")),
            "hostname": name,
            "status": if is_owned { "active" } else { "pending" },
            "custom_origin_server": format!("{reference}.supabase.co"),
            "ownership_verification": ownership,
            "ssl": ssl,
        }},
    })
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let Some(hostname) = current(visit)? else {
        return Err(refuse(400, "No custom hostname configuration found."));
    };
    answer(shown(&reference, &hostname, visit.now, visit.switches.hostname, false))
}

pub(super) fn initialize(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now) = (visit.param("ref").to_owned(), visit.now);
    visit.project()?;
    let body = visit.body.take();
    let name = text(object(body.as_ref())?, "custom_hostname")?;
    length("custom_hostname", name, 1, 253)?;
    if current(visit)?.is_some() {
        let first = "Delete the custom hostname associated with your project before attempting to create a new one.";
        return Err(refuse(544, first));
    }
    if !visit.project()?.addons.contains(ADDON) {
        return Err(refuse(400, "Please enable the Custom Domain add-on for the project first."));
    }
    if visit.project()?.vanity.is_some() {
        return Err(refuse(400, "the project has a vanity subdomain, which a custom hostname cannot be used with"));
    }
    let hostname = CustomHostname {
        hostname: name.to_owned(),
        status: HostnameStatus::Initiated,
        initialized_ms: now,
        renewed: 0,
        verified_at_ms: None,
        refused_once: false,
    };
    let shown = shown(&reference, &hostname, now, visit.switches.hostname, true);
    visit.project()?.custom_hostname = Some(hostname);
    Ok(ok(201, shown))
}

/// Looks at the DNS: without the records there is another value to set; with them the verification takes its time, and another
/// look after it finds it done.
pub(super) fn reverify(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now, switches) = (visit.param("ref").to_owned(), visit.now, visit.switches.hostname);
    let Some(mut hostname) = current(visit)? else {
        return Err(refuse(400, "Project is not pending custom hostname verification."));
    };
    if hostname.status != HostnameStatus::Initiated {
        return Err(refuse(400, "Verification has been completed, please proceed to activation."));
    }
    match hostname.verified_at_ms {
        Some(at) if at <= now => hostname.status = HostnameStatus::Verified,
        None if visit.state.dns.contains(&hostname.hostname) => {
            hostname.verified_at_ms = Some(now.saturating_add(switches.verify_ms));
        }
        None if switches.rotate_on_reverify => hostname.renewed = hostname.renewed.wrapping_add(1),
        Some(_) | None => {}
    }
    let shown = shown(&reference, &hostname, now, switches, false);
    visit.project()?.custom_hostname = Some(hostname);
    Ok(ok(201, shown))
}

pub(super) fn activate(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now, switches) = (visit.param("ref").to_owned(), visit.now, visit.switches.hostname);
    let not_yet = || refuse(400, "Verification has not been completed.");
    let mut hostname = current(visit)?.ok_or_else(not_yet)?;
    match hostname.status {
        HostnameStatus::Initiated => return Err(not_yet()),
        HostnameStatus::Active => return Err(refuse(400, "Custom hostname has already been activated.")),
        HostnameStatus::Verified => {}
    }
    if switches.activate_flake && !hostname.refused_once {
        hostname.refused_once = true;
        visit.project()?.custom_hostname = Some(hostname);
        // A refusal undoes what the route has done, but for an answer of its own.
        return Ok(not_yet());
    }
    hostname.status = HostnameStatus::Active;
    let shown = shown(&reference, &hostname, now, switches, false);
    visit.project()?.custom_hostname = Some(hostname);
    Ok(ok(201, shown))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let with_addon = visit.asked("remove_addon").any(|asked| asked == "true");
    if current(visit)?.is_none() {
        return Err(refuse(400, "Custom hostname not configured for project"));
    }
    let project = visit.project()?;
    project.custom_hostname = None;
    if with_addon {
        project.addons.remove(ADDON);
    }
    Ok(empty(200))
}
