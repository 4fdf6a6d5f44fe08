//! Third-party auth: created and deleted, never changed; every one has the type `custom`.

use serde_json::{Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::ids::timestamp;
use crate::sandbox::stored::ThirdPartyAuth;
use crate::sandbox::validate::{object, optional_text};
use crate::sandbox::visit::{RequestContext, id};

fn unknown() -> Answer {
    refuse(404, "Third-party auth integration not found")
}

/// Keys are fetched at creation; given keys are stored and never resolved.
fn shown(id: &str, issuer: &ThirdPartyAuth) -> Value {
    let made = timestamp(issuer.created_ms);
    let fetched = issuer.custom_jwks.is_none();
    json!({
        "id": id,
        "type": "custom",
        "oidc_issuer_url": issuer.oidc_issuer_url,
        "jwks_url": issuer.jwks_url,
        "custom_jwks": issuer.custom_jwks,
        "resolved_jwks": fetched.then(|| json!({"keys": []})),
        "inserted_at": made,
        "updated_at": made,
        "resolved_at": fetched.then_some(&made),
    })
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let all = visit.project()?.third_party_auth.iter();
    answer(all.map(|(id, issuer)| shown(id, issuer)).collect::<Vec<_>>().into())
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let id = id(visit, "tpa_id")?;
    answer(shown(&id, visit.project()?.third_party_auth.get(&id).ok_or_else(unknown)?))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let id = id(visit, "tpa_id")?;
    let gone = visit.project()?.third_party_auth.remove(&id).ok_or_else(unknown)?;
    answer(shown(&id, &gone))
}

/// Keys without their private members, which are not stored.
fn without_private_parts(mut keys: Value) -> Value {
    if let Some(Value::Array(keys)) = keys.get_mut("keys") {
        for key in keys.iter_mut().filter_map(Value::as_object_mut) {
            key.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi", "oth", "k"].contains(&name.as_str()));
        }
    }
    keys
}

/// An address that is fetched at creation must be on the internet, with https.
fn fetchable(name: &str, address: &str) -> Result<(), Answer> {
    let fine = url::Url::parse(address).is_ok_and(|url| {
        let public = match url.host() {
            Some(url::Host::Domain(name)) => name != "localhost" && name.contains('.'),
            Some(url::Host::Ipv4(address)) => !(address.is_loopback() || address.is_unspecified()),
            Some(url::Host::Ipv6(address)) => !(address.is_loopback() || address.is_unspecified()),
            None => false,
        };
        url.scheme() == "https" && public
    });
    if fine { Ok(()) } else { Err(refuse(400, format!("{name}: Invalid URL"))) }
}

/// Two may be the same.
pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let members = object(body.as_ref())?;
    let issuer = ThirdPartyAuth {
        oidc_issuer_url: optional_text(members, "oidc_issuer_url")?.map(str::to_owned),
        jwks_url: optional_text(members, "jwks_url")?.map(str::to_owned),
        custom_jwks: members.get("custom_jwks").filter(|keys| !keys.is_null()).cloned().map(without_private_parts),
        created_ms: now,
    };
    let given = [issuer.oidc_issuer_url.is_some(), issuer.jwks_url.is_some(), issuer.custom_jwks.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        return Err(refuse(400, "Exactly one of oidc_issuer_url, jwks_url or custom_jwks is required"));
    }
    for (name, address) in [("oidc_issuer_url", &issuer.oidc_issuer_url), ("jwks_url", &issuer.jwks_url)] {
        if let Some(address) = address {
            fetchable(name, address)?;
        }
    }
    let project = visit.project()?;
    let id = project.next_id();
    let shown = shown(&id, &issuer);
    project.third_party_auth.insert(id, issuer);
    Ok(ok(201, shown))
}
