//! Signing keys: which status leads to which, and which keys a project may have at once. How the refusals are worded was measured for
//! a second key in standby, for too many `previously_used` keys and for a `kid` that is taken; the others are documented.

use serde_json::{Map, Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::ids::timestamp;
use crate::sandbox::keys::{Eddsa, KeyStatus, KidScope, PUBLIC, SigningKey, SigningKeySwitches};
use crate::sandbox::state::Project;
use crate::sandbox::validate::{expected, object, one_of, optional_text, text};
use crate::sandbox::visit::{RequestContext, id};

const ALGORITHMS: &[&str] = &["EdDSA", "ES256", "RS256", "HS256"];

/// Each type of key: what it signs with, its members, and those that have one value.
type KeyType = (&'static str, &'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const TYPES: &[KeyType] = &[
    ("RSA", "RS256", &["n", "e", "d", "p", "q", "dp", "dq", "qi"], &[("e", "AQAB")]),
    ("EC", "ES256", &["crv", "x", "y", "d"], &[("crv", "P-256")]),
    ("OKP", "EdDSA", &["crv", "x", "d"], &[("crv", "Ed25519")]),
    ("oct", "HS256", &["k"], &[]),
];

/// The keys of a project, which are those of a new one until something is done with them.
fn keys(project: &Project, reference: &str) -> Vec<SigningKey> {
    project.signing_keys.clone().unwrap_or_else(|| SigningKey::of_new(reference))
}

fn unknown() -> Answer {
    refuse(404, "Signing key not found")
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let all: Vec<Value> = keys(visit.project()?, &reference).iter().map(SigningKey::shown).collect();
    answer(json!({ "keys": all }))
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, id) = (visit.param("ref").to_owned(), id(visit, "id")?);
    let found = keys(visit.project()?, &reference).iter().find(|key| key.id == id).map(SigningKey::shown);
    answer(found.ok_or_else(unknown)?)
}

/// The kid and the public part of a private key; a key that both sides share has no public part.
fn public_part(jwk: &Map<String, Value>, algorithm: &str) -> Result<(String, Option<Map<String, Value>>), Answer> {
    let invalid = || refuse(400, "private_jwk: Invalid input");
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let has = |name: &str, value: &str| member(name) == Some(value);
    let kty = member("kty").ok_or_else(invalid)?;
    let (_, of, members, fixed) = TYPES.iter().find(|(name, ..)| *name == kty).ok_or_else(invalid)?;
    let whole = members.iter().all(|name| member(name).is_some()) && fixed.iter().all(|(name, value)| has(name, value));
    let long_enough = kty != "oct" || member("k").is_some_and(|k| k.chars().count() >= 16);
    let use_of = jwk.get("use").is_none_or(|it| it == "sig");
    let ops = |given: &Value| {
        let given = given.as_array().map(Vec::as_slice).unwrap_or_default();
        given.len() == 2 && given.iter().all(|op| op == "sign" || op == "verify")
    };
    let around = use_of && jwk.get("key_ops").is_none_or(ops) && jwk.get("ext").is_none_or(|it| *it == true);
    let alg = jwk.get("alg").is_none_or(|alg| alg == of);
    if !whole || !long_enough || !around || !alg || *of != algorithm {
        return Err(invalid());
    }
    let kid = member("kid").ok_or_else(|| refuse(400, "private_jwk.kid: Required"))?;
    let is_uuid = kid.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && kid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    if !is_uuid {
        return Err(refuse(400, "private_jwk.kid: Invalid UUID"));
    }
    let public = jwk.iter().filter(|(name, _)| PUBLIC.contains(&name.as_str()));
    let mut public: Map<String, Value> = public.map(|(name, value)| (name.clone(), value.clone())).collect();
    public.insert("alg".to_owned(), (*of).into());
    Ok((kid.to_owned(), (kty != "oct").then_some(public)))
}

/// A change is refused for a while after another one, where that is so.
fn cool(project: &Project, now: u64, switches: SigningKeySwitches) -> Result<(), Answer> {
    let until = project.signing_changed_ms.map(|at| at.saturating_add(switches.cooldown_ms));
    match until.filter(|until| *until > now) {
        Some(until) => Err(refuse(422, format!("Please wait until {}", timestamp(until)))),
        None => Ok(()),
    }
}

/// Checks that another key can take this status beside those that are there.
fn room(all: &[SigningKey], to: KeyStatus, switches: SigningKeySwitches) -> Result<(), Answer> {
    let many = |status| all.iter().filter(|key| key.status == status).count();
    if to == KeyStatus::Standby && many(KeyStatus::Standby) > 0 {
        return Err(refuse(422, "The project already has a signing key in standby"));
    }
    if to == KeyStatus::InUse && many(KeyStatus::InUse) > 0 && many(KeyStatus::PreviouslyUsed) >= switches.max_previous
    {
        let most = switches.max_previous;
        return Err(refuse(
            422,
            format!("A project has at most {most} previously used signing keys: revoke one first"),
        ));
    }
    Ok(())
}

/// Puts keys away: the one before steps back when another is put into use.
fn step_back(all: &mut [SigningKey], now: u64) {
    for key in all.iter_mut().filter(|key| key.status == KeyStatus::InUse) {
        (key.status, key.updated_ms) = (KeyStatus::PreviouslyUsed, now);
    }
}

fn keep(project: &mut Project, all: Vec<SigningKey>, now: u64) {
    project.signing_keys = Some(all);
    project.signing_changed_ms = Some(now);
}

pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now, switches) = (visit.param("ref").to_owned(), visit.now, visit.switches.signing_keys);
    visit.project()?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let algorithm = text(members, "algorithm")?;
    one_of("algorithm", algorithm, ALGORITHMS)?;
    let status = optional_text(members, "status")?.unwrap_or("standby");
    one_of("status", status, &["in_use", "standby"])?;
    let given = match members.get("private_jwk") {
        Some(jwk) => {
            let jwk = jwk.as_object().ok_or_else(|| expected("private_jwk", "object", Some(jwk)))?;
            Some(public_part(jwk, algorithm)?)
        }
        None => None,
    };
    if algorithm == "EdDSA" && switches.eddsa == Eddsa::Refused {
        return Err(refuse(400, "EdDSA signing keys are not available yet"));
    }
    let status = if status == "in_use" { KeyStatus::InUse } else { KeyStatus::Standby };
    let key = match given {
        Some((kid, public_jwk)) => SigningKey { public_jwk, ..SigningKey::made(kid, algorithm, status, now) },
        None => SigningKey::made(visit.project()?.next_id(), algorithm, status, now),
    };
    let taken = |(of, project): (&String, &Project)| {
        let counts = switches.kid_scope == KidScope::Platform || *of == reference;
        counts && keys(project, of).iter().any(|other| other.id == key.id)
    };
    if visit.state.projects.iter().any(taken) {
        return Err(refuse(409, format!("Signing key with kid \"{}\" already exists", key.id)));
    }
    let project = visit.project()?;
    cool(project, now, switches)?;
    let mut all = keys(project, &reference);
    room(&all, status, switches)?;
    if status == KeyStatus::InUse {
        step_back(&mut all, now);
    }
    let shown = key.shown();
    all.push(key);
    keep(project, all, now);
    Ok(ok(201, shown))
}

pub(super) fn update(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now, switches) = (visit.param("ref").to_owned(), visit.now, visit.switches.signing_keys);
    let id = id(visit, "id")?;
    visit.project()?;
    let body = visit.body.take();
    let wanted = text(object(body.as_ref())?, "status")?;
    let words = KeyStatus::ALL.map(KeyStatus::word);
    one_of("status", wanted, &words)?;
    let project = visit.project()?;
    let mut all = keys(project, &reference);
    let at = all.iter().position(|key| key.id == id).ok_or_else(unknown)?;
    let Some(to) = KeyStatus::ALL.into_iter().find(|status| status.word() == wanted) else { return Err(unknown()) };
    let key = &all[at];
    let is_allowed = matches!(
        (key.status, to),
        (KeyStatus::Standby, KeyStatus::InUse)
            | (KeyStatus::PreviouslyUsed, KeyStatus::Revoked | KeyStatus::Standby)
            | (KeyStatus::Revoked, KeyStatus::Standby)
    );
    if !is_allowed {
        return Err(refuse(422, format!("A signing key that is {} cannot become {wanted}", key.status.word())));
    }
    if key.legacy && to == KeyStatus::Revoked && !project.legacy_api_keys_off {
        return Err(refuse(422, "Disable the legacy API keys before revoking the legacy JWT secret"));
    }
    cool(project, now, switches)?;
    room(&all, to, switches)?;
    if to == KeyStatus::InUse {
        step_back(&mut all, now);
    }
    (all[at].status, all[at].updated_ms) = (to, now);
    let shown = all[at].shown();
    keep(project, all, now);
    answer(shown)
}

/// Deleting is final. How long a key must have been revoked is not known.
pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, id, now) = (visit.param("ref").to_owned(), id(visit, "id")?, visit.now);
    let project = visit.project()?;
    let mut all = keys(project, &reference);
    let at = all.iter().position(|key| key.id == id).ok_or_else(unknown)?;
    if all[at].legacy {
        return Err(refuse(422, "The legacy JWT secret cannot be deleted"));
    }
    if all[at].status != KeyStatus::Revoked {
        return Err(refuse(422, "Only a revoked signing key can be deleted"));
    }
    let shown = all.remove(at).shown();
    keep(project, all, now);
    answer(shown)
}

pub(super) fn legacy_get(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let found = keys(visit.project()?, &reference).iter().find(|key| key.legacy).map(SigningKey::shown);
    answer(found.ok_or_else(unknown)?)
}

/// The JWT secret becomes the key in use, and another one is made for later.
pub(super) fn legacy_create(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now) = (visit.param("ref").to_owned(), visit.now);
    let project = visit.project()?;
    let mut all = keys(project, &reference);
    if all.iter().any(|key| key.legacy) {
        return Err(refuse(409, "The legacy JWT secret is a signing key already"));
    }
    step_back(&mut all, now);
    let legacy = SigningKey::legacy(&reference, KeyStatus::InUse, now);
    let shown = legacy.shown();
    all.push(legacy);
    if !all.iter().any(|key| key.status == KeyStatus::Standby) {
        all.push(SigningKey::made(project.next_id(), "ES256", KeyStatus::Standby, now));
    }
    keep(project, all, now);
    Ok(ok(201, shown))
}
