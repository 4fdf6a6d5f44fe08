//! The Data API (PostgREST): reads show a secret that writes do not.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value};

use crate::sandbox::answer::{Answered, answer};
use crate::sandbox::ids::{bits, number};
use crate::sandbox::rows::rows;
use crate::sandbox::validate::object;
use crate::sandbox::values::check;
use crate::sandbox::visit::RequestContext;
use crate::schema::Literal;

/// The defaults of an untouched project; the server's own text has a blank behind the comma.
const DEFAULTS: &[(&str, Literal)] = &[
    ("db_schema", Literal::Text("public,graphql_public")),
    ("max_rows", Literal::Int(1000)),
    ("db_extra_search_path", Literal::Text("public, extensions")),
    ("db_pool", Literal::Null),
    ("db_pool_acquisition_timeout", Literal::Null),
    ("db_pool_max_lifetime", Literal::Null),
    ("db_pool_max_idletime", Literal::Null),
];

/// The settings as they show, without the secret.
pub(super) fn shown(stored: &Map<String, Value>) -> Map<String, Value> {
    let value = |name: &str, default: Literal| stored.get(name).cloned().unwrap_or_else(|| default.to_value());
    DEFAULTS.iter().map(|(name, default)| ((*name).to_owned(), value(name, *default))).collect()
}

/// Whether it is switched off: it exposes no schema.
pub(super) fn is_off(stored: &Map<String, Value>) -> bool {
    stored.get("db_schema").and_then(Value::as_str).is_some_and(|schemas| schemas.trim().is_empty())
}

/// A secret without use: 64 bytes that depend on the ref, as base64.
fn jwt_secret(reference: &str) -> String {
    let bytes: Vec<u8> = (0..8).flat_map(|at| bits(u64::from(number(reference)) * 8 + at).to_be_bytes()).collect();
    BASE64_STANDARD.encode(bytes)
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let mut shown = shown(&visit.project()?.data_api);
    shown.insert("jwt_secret".to_owned(), jwt_secret(&reference).into());
    answer(shown.into())
}

pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let body = visit.body.take();
    let wanted = object(body.as_ref())?;
    let mut taken = Map::new();
    for (name, _) in DEFAULTS {
        let Some(value) = wanted.get(*name) else { continue };
        if let Some(field) = rows("data_api").field(name) {
            check(field, value, &[])?;
        }
        taken.insert((*name).to_owned(), value.clone());
    }
    let project = visit.project()?;
    project.data_api.extend(taken);
    answer(shown(&project.data_api).into())
}
