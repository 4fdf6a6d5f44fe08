//! The database of a project, where a PostgreSQL is behind the sandbox.

use std::time::Duration;

use serde_json::Value;

use super::answer::Answer;
use super::ids::{timestamp, uuid};
use super::postgres::{Postgres, Sql};
use super::switches::TablePresent;
use super::visit::RequestContext;

/// A row, as JSON.
pub(super) type Row = serde_json::Map<String, Value>;

/// Makes the state and the database of the project one; tells whether there is a database.
pub(super) fn bring(visit: &mut RequestContext<'_>) -> Result<bool, Answer> {
    let Some((postgres, reference)) = server(visit)? else { return Ok(false) };
    let shows = visit.switches.webhooks.schema_visible;
    let table = visit.switches.migrations.table_present == TablePresent::Always;
    let project = visit.project()?;
    // The service that runs SQL is down with the others.
    if project.is_up() {
        let webhooks = project.database_webhooks && shows;
        postgres.bring(&reference, project, webhooks, table)?;
    }
    Ok(true)
}

/// Runs a text in one transaction; returns its rows.
pub(super) fn run(
    visit: &mut RequestContext<'_>,
    text: &str,
    parameters: &[Value],
    reads: bool,
) -> Result<Vec<Row>, Answer> {
    let Some((postgres, reference)) = server(visit)? else { return Ok(vec![]) };
    if !visit.project()?.is_up() {
        return Ok(vec![]);
    }
    let open = visit.switches.query;
    let suffix = if open.comment_suffix {
        format!("\n-- source: management-api\n-- user: pat:{}\n-- date: {}", uuid("user"), timestamp(visit.now))
    } else {
        String::new()
    };
    let timeout = Duration::from_millis(open.statement_timeout_ms);
    let timeout = Duration::try_from_secs_f64(timeout.as_secs_f64() / visit.time_scale).unwrap_or(timeout);
    let rows = postgres.run(&reference, Sql { text, parameters, reads, suffix: &suffix, timeout })?;
    bring(visit)?;
    Ok(rows)
}

fn server<'a>(visit: &mut RequestContext<'a>) -> Result<Option<(&'a Postgres, String)>, Answer> {
    visit.project()?;
    let reference = visit.param("ref").to_owned();
    Ok(visit.postgres.map(|postgres| (postgres, reference)))
}
