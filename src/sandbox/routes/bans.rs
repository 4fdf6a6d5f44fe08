//! Network bans: reads that are POSTs and answer 201.

use serde_json::json;

use crate::sandbox::answer::{Answered, empty, ok};
use crate::sandbox::validate::{expected, list, object, optional_text};
use crate::sandbox::visit::RequestContext;

pub(super) fn retrieve(visit: &mut RequestContext<'_>) -> Answered {
    Ok(ok(201, json!({"banned_ipv4_addresses": visit.project()?.bans})))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let given = members.get("ipv4_addresses");
    let addresses = list(given).map_err(|_| expected("ipv4_addresses", "array", given))?;
    if let Some((index, other)) = addresses.iter().enumerate().find(|(_, address)| !address.is_string()) {
        return Err(expected(&format!("ipv4_addresses.{index}"), "string", Some(other)));
    }
    if let Some(other) = members.get("requester_ip").filter(|it| !it.is_boolean()) {
        return Err(expected("requester_ip", "boolean", Some(other)));
    }
    optional_text(members, "identifier")?;
    visit.project()?.bans.retain(|banned| !addresses.iter().any(|address| address == banned.as_str()));
    Ok(empty(200))
}
