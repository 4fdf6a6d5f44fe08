//! Edge function secrets: a list of digests, and an upsert and a deletion in bulk.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, empty, refuse};
use crate::sandbox::ids::timestamp;
use crate::sandbox::stored::StoredSecret;
use crate::sandbox::validate::{expected, length, list as items_of, object};
use crate::sandbox::visit::RequestContext;
use crate::schema::Digest;

/// The most secrets of a project, and in one request.
const MOST: usize = 100;

/// The platform's own, which are listed once there is a function; they do not count as stored.
const OWN: [&str; 7] = [
    "SUPABASE_ANON_KEY",
    "SUPABASE_DB_URL",
    "SUPABASE_JWKS",
    "SUPABASE_PUBLISHABLE_KEYS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_URL",
];

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let project = visit.project()?;
    let first = project.functions.values().map(|function| function.created_ms).min();
    let own = OWN.into_iter().filter(|name| !project.secrets.contains_key(*name)).zip(first.into_iter().cycle());
    let own = own.map(|(name, made_ms)| {
        let value = if name == "SUPABASE_URL" {
            format!("https://{reference}.supabase.co")
        } else {
            format!("{reference} {name}")
        };
        (
            name.to_owned(),
            StoredSecret { digest: Digest::Sha256.of(&value, "").unwrap_or_default(), updated_ms: made_ms },
        )
    });
    let mut all: BTreeMap<String, StoredSecret> = own.collect();
    all.extend(project.secrets.iter().map(|(name, stored)| (name.clone(), stored.clone())));
    let item = |(name, stored): (String, StoredSecret)| json!({"name": name, "value": stored.digest, "updated_at": timestamp(stored.updated_ms)});
    answer(all.into_iter().map(item).collect::<Vec<Value>>().into())
}

pub(super) fn upsert(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let (body, now) = (visit.body.take(), visit.now);
    let items = items_of(body.as_ref())?;
    if items.len() > MOST {
        return Err(refuse(400, format!("Too big: expected array to have <={MOST} items")));
    }
    let pairs: Vec<(&str, &str)> =
        items.iter().enumerate().map(|(index, item)| pair(index, item)).collect::<Result<_, _>>()?;
    let project = visit.project()?;
    for (name, value) in pairs {
        let digest = Digest::Sha256.of(value, "").unwrap_or_default();
        project.secrets.insert(name.to_owned(), StoredSecret { digest, updated_ms: now });
    }
    if project.secrets.keys().filter(|name| !name.starts_with("SUPABASE_")).count() > MOST {
        return Err(refuse(400, "You can only store 100 secrets per project at maximum."));
    }
    Ok(empty(201))
}

fn pair(index: usize, item: &Value) -> Result<(&str, &str), Answer> {
    let members = object(Some(item)).map_err(|_| expected(&index.to_string(), "object", Some(item)))?;
    let text = |name: &str| match members.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        other => Err(expected(&format!("{index}.{name}"), "string", other)),
    };
    let (name, value) = (text("name")?, text("value")?);
    length(&format!("{index}.name"), name, 0, 256)?;
    if name.starts_with("SUPABASE_") {
        return Err(refuse(400, format!("{index}.name: Secret name must not start with the SUPABASE_ prefix.")));
    }
    length(&format!("{index}.value"), value, 0, 24_576)?;
    Ok((name, value))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let body = visit.body.take();
    let names = items_of(body.as_ref())?;
    for (index, name) in names.iter().enumerate() {
        let Value::String(name) = name else { return Err(expected(&index.to_string(), "string", Some(name))) };
        visit.project()?.secrets.remove(name);
    }
    Ok(empty(200))
}
