//! API keys: publishable and secret ones, which are created and deleted, and the two legacy ones behind one switch.
//!
//! Two keys may have the same name. Values are computed from ids, so none is stored.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::ids::{bits, jwt, timestamp, uuid};
use crate::sandbox::state::Project;
use crate::sandbox::stored::ApiKey;
use crate::sandbox::validate::{expected, length, no_match, object, one_of, text};
use crate::sandbox::visit::{RequestContext, id};

/// The form of a key's name.
const NAME: &str = "^[a-z_][a-z0-9_]+$";

/// Letters and digits that depend on a text only.
fn letters(of: &str, many: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let digest = Sha256::digest(of);
    let seed = digest.iter().fold(0, |seed, byte| bits(seed ^ u64::from(*byte)));
    let letter = |at: u64| ALPHABET[usize::try_from(bits(seed ^ at) % 62).unwrap_or_default()];
    (0..).take(many).map(|at| char::from(letter(at))).collect()
}

/// Stands for a whole key without revealing it: 43 letters.
fn hash(key: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(key))
}

/// A key: its prefix, which is shown, and its whole value.
fn values(kind: &str, id: &str) -> (String, String) {
    let of = |what: &str, many: usize| letters(&format!("{id}/{what}"), many);
    let prefix = format!("sb_{kind}_{}", of("prefix", 5));
    let whole = format!("{prefix}{}_{}", of("rest", 17), of("checksum", 8));
    (prefix, whole)
}

/// The keys that come with a project.
fn first_keys(reference: &str, created_ms: u64) -> Vec<ApiKey> {
    let key = |kind: &str, template: Option<Value>| ApiKey {
        id: uuid(&format!("{reference}/{kind}")),
        name: "default".to_owned(),
        kind: kind.to_owned(),
        description: None,
        secret_jwt_template: template.and_then(|template| template.as_object().cloned()),
        created_ms,
        updated_ms: created_ms,
    };
    vec![key("publishable", None), key("secret", Some(json!({"role": "service_role"})))]
}

fn keys(reference: &str, project: &Project) -> Vec<ApiKey> {
    project.api_keys.clone().unwrap_or_else(|| first_keys(reference, project.created_ms))
}

/// A key as it is shown: of a secret one only the prefix, unless it is to be revealed.
fn shown(key: &ApiKey, reveal: bool) -> Value {
    let (prefix, whole) = values(&key.kind, &key.id);
    let hash = hash(&whole);
    let hidden = key.kind == "secret" && !reveal;
    let value = if hidden { format!("{prefix}{}", "\u{b7}".repeat(26)) } else { whole };
    json!({
        "id": key.id, "name": key.name, "type": key.kind, "api_key": value, "description": key.description,
        "secret_jwt_template": key.secret_jwt_template, "hash": hash, "prefix": prefix,
        "inserted_at": timestamp(key.created_ms), "updated_at": timestamp(key.updated_ms),
    })
}

fn legacy(reference: &str, role: &str) -> Value {
    let of = |what: &str, many: usize| letters(&format!("{reference}/{role}/{what}"), many);
    let claims = json!({"iss": "supabase", "ref": reference, "role": role});
    let key = jwt(&claims, &of("signature", 43));
    json!({
        "name": role, "api_key": key, "id": role, "type": "legacy", "hash": hash(&key), "prefix": of("prefix", 5),
        "description": format!("Legacy {role} API key"),
    })
}

fn reveals(visit: &RequestContext<'_>) -> bool {
    visit.asked("reveal").next() == Some("true")
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, reveal) = (visit.param("ref").to_owned(), reveals(visit));
    let project = visit.project()?;
    if project.is_parked() {
        return answer(json!([]));
    }
    let old = ["anon", "service_role"].map(|role| legacy(&reference, role));
    let keys = keys(&reference, project);
    let new = keys.iter().map(|key| shown(key, reveal));
    answer(old.into_iter().chain(new).collect::<Vec<_>>().into())
}

/// The keys of the project, and the index of the one in the path.
fn one(visit: &mut RequestContext<'_>) -> Result<(Vec<ApiKey>, usize), Answer> {
    visit.project()?;
    let (reference, id) = (visit.param("ref").to_owned(), id(visit, "id")?);
    let keys = keys(&reference, visit.project()?);
    let at = keys.iter().position(|key| key.id == id).ok_or_else(|| refuse(404, "API key not found"))?;
    Ok((keys, at))
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let reveal = reveals(visit);
    let (keys, at) = one(visit)?;
    answer(shown(&keys[at], reveal))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let reveal = reveals(visit);
    let (mut keys, at) = one(visit)?;
    let gone = keys.remove(at);
    visit.project()?.api_keys = Some(keys);
    answer(shown(&gone, reveal))
}

/// Sets the members of a body in a key; null clears a member, and a missing one stays.
fn put(key: &mut ApiKey, members: &Map<String, Value>) -> Result<(), Answer> {
    if members.contains_key("name") {
        key.name = name(members)?;
    }
    match members.get("description") {
        None => {}
        Some(Value::Null) => key.description = None,
        Some(_) => key.description = Some(text(members, "description")?.to_owned()),
    }
    let template = match members.get("secret_jwt_template") {
        None => key.secret_jwt_template.take(),
        Some(Value::Null) => None,
        Some(Value::Object(claims)) => Some(claims.clone()),
        other => return Err(expected("secret_jwt_template", "record", other)),
    };
    // A publishable key is not exchanged for a token.
    key.secret_jwt_template = template.filter(|_| key.kind == "secret");
    Ok(())
}

fn name(members: &Map<String, Value>) -> Result<String, Answer> {
    let name = text(members, "name")?;
    length("name", name, 4, 64)?;
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(rest) {
        return Err(no_match("name", NAME));
    }
    Ok(name.to_owned())
}

pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, reveal, now) = (visit.param("ref").to_owned(), reveals(visit), visit.now);
    visit.project()?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let kind = text(members, "type")?;
    one_of("type", kind, &["publishable", "secret"])?;
    let project = visit.project()?;
    let mut key = ApiKey {
        id: project.next_id(),
        name: name(members)?,
        kind: kind.to_owned(),
        description: None,
        secret_jwt_template: None,
        created_ms: now,
        updated_ms: now,
    };
    put(&mut key, members)?;
    let made = shown(&key, reveal);
    let mut keys = keys(&reference, project);
    keys.push(key);
    project.api_keys = Some(keys);
    Ok(ok(201, made))
}

pub(super) fn update(visit: &mut RequestContext<'_>) -> Answered {
    let (reveal, now, body) = (reveals(visit), visit.now, visit.body.take());
    let (mut keys, at) = one(visit)?;
    let key = &mut keys[at];
    put(key, object(body.as_ref())?)?;
    key.updated_ms = now;
    let changed = shown(key, reveal);
    visit.project()?.api_keys = Some(keys);
    answer(changed)
}

pub(super) fn legacy_get(visit: &mut RequestContext<'_>) -> Answered {
    answer(json!({"enabled": !visit.project()?.legacy_api_keys_off}))
}

/// One switch for both keys, in the query.
pub(super) fn legacy_put(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let enabled = match visit.asked("enabled").next() {
        Some("true") => true,
        Some("false") => false,
        Some(other) => return Err(one_of("enabled", other, &["true", "false"]).expect_err("it is neither")),
        None => return Err(expected("enabled", "boolean", None)),
    };
    visit.project()?.legacy_api_keys_off = !enabled;
    answer(json!({ "enabled": enabled }))
}
