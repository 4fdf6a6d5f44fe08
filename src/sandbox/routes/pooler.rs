//! The pooler: read as a list of databases, written as one object.

use serde_json::{Value, json};

use crate::sandbox::answer::{Answered, answer};
use crate::sandbox::rows::rows;
use crate::sandbox::validate::object;
use crate::sandbox::values::check;
use crate::sandbox::visit::RequestContext;

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let reference = visit.param("ref").to_owned();
    let project = visit.project()?;
    if project.is_parked() {
        return answer(json!([]));
    }
    let host = format!("aws-0-{}.pooler.supabase.com", project.region);
    let address = format!("postgresql://postgres.{reference}:[YOUR-PASSWORD]@{host}:6543/postgres");
    let stored = |name: &str, default: Value| project.pooler.get(name).cloned().unwrap_or(default);
    answer(json!([{
        "identifier": reference,
        "database_type": "PRIMARY",
        "is_using_scram_auth": true,
        "db_user": format!("postgres.{reference}"),
        "db_host": host,
        "db_port": 6543,
        "db_name": "postgres",
        "connection_string": address,
        "connectionString": address,
        "default_pool_size": stored("default_pool_size", Value::Null),
        "max_client_conn": null,
        "pool_mode": stored("pool_mode", "transaction".into()),
    }]))
}

pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let body = visit.body.take();
    let wanted = object(body.as_ref())?;
    let fields: Vec<_> =
        rows("pooler").all_fields().filter_map(|field| Some((field, wanted.get(field.name)?))).collect();
    for (field, value) in &fields {
        check(field, value, &[])?;
    }
    let project = visit.project()?;
    for (field, value) in fields {
        project.pooler.insert(field.name.to_owned(), value.clone());
    }
    let shown = |name: &str, default: Value| project.pooler.get(name).cloned().unwrap_or(default);
    answer(json!({
        "default_pool_size": shown("default_pool_size", Value::Null),
        "pool_mode": shown("pool_mode", "transaction".into()),
    }))
}
