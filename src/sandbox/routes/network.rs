//! Network restrictions: a replacement is answered as applied, a change of some networks as stored. Either way, reads show
//! for a moment that it is not applied yet.

use serde_json::{Map, Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::ids::timestamp;
use crate::sandbox::stored::{Network, PendingNetwork};
use crate::sandbox::validate::{expected, object, one_of, text};
use crate::sandbox::visit::RequestContext;

/// How long a change takes to be applied, in milliseconds.
const APPLYING: u64 = 1000;

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let now = visit.now;
    answer(shown(&visit.project()?.network, now, apart))
}

/// Whether the last change is in effect.
fn is_applied(network: &Network, now: u64) -> bool {
    network.updated_ms.is_none_or(|updated| now >= updated + APPLYING)
}

/// The status of the last change, and the times when it was written and applied.
pub(super) fn times(network: &Network, now: u64, shown: &mut Value) {
    let applied = is_applied(network, now);
    shown["status"] = if applied { "applied" } else { "stored" }.into();
    if let Some(updated) = network.updated_ms {
        shown["updated_at"] = timestamp(updated).into();
        if applied {
            shown["applied_at"] = timestamp(updated + APPLYING).into();
        }
    }
}

/// The restrictions, with the lists in one of their two forms.
fn shown(network: &Network, now: u64, lists: fn(&[String], &[String]) -> Value) -> Value {
    let mut body = json!({"entitlement": "allowed", "config": lists(&network.ipv4, &network.ipv6)});
    times(network, now, &mut body);
    if is_applied(network, now) {
        // Recorded reads of applied restrictions have only the status and the time.
        body.as_object_mut().map(|members| members.shift_remove("updated_at"));
    } else {
        body["old_config"] = lists(&network.old_ipv4, &network.old_ipv6);
    }
    if let Some(pending) = &network.pending {
        body["pending_config"] = lists(&pending.ipv4, &pending.ipv6);
        body["pending_requested_at"] = timestamp(pending.requested_ms).into();
    }
    body
}

/// The form of a read and of a replacement: one list per family.
fn apart(v4: &[String], v6: &[String]) -> Value {
    json!({"dbAllowedCidrs": v4, "dbAllowedCidrsV6": v6})
}

/// The form in which a change of some networks is answered: one list, with the family of each network.
pub(super) fn together(v4: &[String], v6: &[String]) -> Vec<Value> {
    let of = |networks: &[String], kind: &str| -> Vec<Value> {
        networks.iter().map(|address| json!({"address": address, "type": kind})).collect()
    };
    [of(v4, "v4"), of(v6, "v6")].concat()
}

/// The networks of a body, each of the family of its list; a missing list is empty.
fn list(members: &Map<String, Value>, at: &str, name: &str) -> Result<Vec<String>, Answer> {
    let items = match members.get(name) {
        None => return Ok(vec![]),
        Some(Value::Array(items)) => items,
        other => return Err(expected(&format!("{at}{name}"), "array", other)),
    };
    let network = |(index, item): (usize, &Value)| {
        let at = format!("{at}{name}.{index}");
        let text = item.as_str().ok_or_else(|| expected(&at, "string", Some(item)))?;
        let (v6, family) = if name.ends_with("V6") { (true, "IPv6") } else { (false, "IPv4") };
        let network = text.parse::<ipnet::IpNet>().ok().filter(|network| network.addr().is_ipv6() == v6);
        network.map(|_| text.to_owned()).ok_or_else(|| refuse(400, format!("{at}: Invalid {family} CIDR")))
    };
    items.iter().enumerate().map(network).collect()
}

fn store(network: &mut Network, ipv4: Vec<String>, ipv6: Vec<String>, now: u64) {
    let before = std::mem::take(network);
    let (old_ipv4, old_ipv6) = (before.ipv4, before.ipv6);
    // The next change replaces one that awaits review.
    *network = Network { ipv4, ipv6, old_ipv4, old_ipv6, updated_ms: Some(now), pending: None };
}

pub(super) fn apply(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    let (ipv4, ipv6) = (list(members, "", "dbAllowedCidrs")?, list(members, "", "dbAllowedCidrsV6")?);
    let network = &mut visit.project()?.network;
    store(network, ipv4, ipv6, now);
    let answered =
        json!({"config": apart(&network.ipv4, &network.ipv6), "status": "applied", "entitlement": "allowed"});
    Ok(ok(201, answered))
}

/// Adds and removes some networks; the answer has another form than a read.
pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    let lists = |name: &str| -> Result<[Vec<String>; 2], Answer> {
        let Some(part) = members.get(name) else { return Ok([vec![], vec![]]) };
        let lists = object(Some(part)).map_err(|_| expected(name, "object", Some(part)))?;
        let at = format!("{name}.");
        Ok([list(lists, &at, "dbAllowedCidrs")?, list(lists, &at, "dbAllowedCidrsV6")?])
    };
    let ([add_v4, add_v6], [remove_v4, remove_v6]) = (lists("add")?, lists("remove")?);
    let changed = |networks: &[String], add: Vec<String>, remove: &[String]| -> Vec<String> {
        let mut changed: Vec<String> = networks.iter().filter(|network| !remove.contains(network)).cloned().collect();
        for network in add {
            if !changed.contains(&network) {
                changed.push(network);
            }
        }
        changed
    };
    let network = &mut visit.project()?.network;
    let (ipv4, ipv6) = (changed(&network.ipv4, add_v4, &remove_v4), changed(&network.ipv6, add_v6, &remove_v6));
    store(network, ipv4, ipv6, now);
    answer(shown(network, now, |v4, v6| json!({"dbAllowedCidrs": together(v4, v6)})))
}

/// Applies a change that awaits review, or drops it; a newer one than the reviewed one is left alone.
pub(super) fn review(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    let (action, requested_at) = (text(members, "action")?, text(members, "requested_at")?);
    one_of("action", action, &["apply", "reject"])?;
    let looked_at: jiff::Timestamp =
        requested_at.parse().map_err(|_| refuse(400, "requested_at: Invalid ISO datetime"))?;
    let network = &mut visit.project()?.network;
    let same = |pending: &PendingNetwork| timestamp(pending.requested_ms).parse().ok() == Some(looked_at);
    let Some(pending) = network.pending.take_if(|pending| same(pending)) else {
        return Err(refuse(409, "The change has been replaced or reviewed"));
    };
    if action == "apply" {
        store(network, pending.ipv4, pending.ipv6, now);
    }
    answer(shown(network, now, apart))
}
