//! Network restrictions: a replacement of both families, stored at once and applied a moment later.

use serde_json::{Value, json};

use super::{Visit, answer};
use crate::sandbox::answer::{Answer, Answered, ok, refuse};
use crate::sandbox::state::Network;
use crate::sandbox::validate::{expected, object};
use crate::sandbox::world::timestamp;

/// How long a change takes to be applied, in milliseconds (R37).
const APPLYING: u64 = 1000;

pub(super) fn get(visit: &mut Visit<'_>) -> Answered {
    let now = visit.now;
    answer(shown(&visit.project()?.network, now))
}

/// Whether the last change is in effect.
pub(super) fn is_applied(network: &Network, now: u64) -> bool {
    network.updated_ms.is_none_or(|updated| now >= updated + APPLYING)
}

fn shown(network: &Network, now: u64) -> Value {
    let config = |v4: &[String], v6: &[String]| json!({"dbAllowedCidrs": v4, "dbAllowedCidrsV6": v6});
    let mut body =
        json!({"entitlement": "allowed", "config": config(&network.ipv4, &network.ipv6), "status": "applied"});
    if let Some(updated) = network.updated_ms {
        body["updated_at"] = timestamp(updated).into();
        if is_applied(network, now) {
            body["applied_at"] = timestamp(updated + APPLYING).into();
        } else {
            body["status"] = "stored".into();
            body["old_config"] = config(&network.old_ipv4, &network.old_ipv6);
        }
    }
    body
}

pub(super) fn apply(visit: &mut Visit<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    let list = |name: &str| -> Result<Vec<String>, Answer> {
        let items = match members.get(name) {
            None => return Ok(vec![]),
            Some(Value::Array(items)) => items,
            other => return Err(expected(name, "array", other)),
        };
        let text = |(index, item): (usize, &Value)| {
            let text = item.as_str().ok_or_else(|| expected(&format!("{name}.{index}"), "string", Some(item)))?;
            let network = text.parse::<ipnet::IpNet>().map(|_| text.to_owned());
            network.map_err(|_| refuse(400, format!("{name}.{index}: Invalid CIDR")))
        };
        items.iter().enumerate().map(text).collect()
    };
    let (ipv4, ipv6) = (list("dbAllowedCidrs")?, list("dbAllowedCidrsV6")?);
    let network = &mut visit.project()?.network;
    let before = std::mem::take(network);
    *network = Network { ipv4, ipv6, old_ipv4: before.ipv4, old_ipv6: before.ipv6, updated_ms: Some(now) };
    Ok(ok(201, shown(network, now)))
}
