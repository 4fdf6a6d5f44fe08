//! SQL: one text, one transaction; a reading variant under a role that cannot write.

use serde_json::Value;

use crate::sandbox::answer::{Answer, Answered, passed_on, refuse};
use crate::sandbox::database;
use crate::sandbox::switches::TablePresent;
use crate::sandbox::validate::{expected, length, object, text};
use crate::sandbox::visit::RequestContext;

/// What a request asks.
struct Asked {
    query: String,
    parameters: Vec<Value>,
    reads: bool,
}

fn asked(visit: &mut RequestContext<'_>) -> Result<Asked, Answer> {
    visit.project()?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let query = text(members, "query")?;
    length("query", query, 1, usize::MAX)?;
    let parameters = match members.get("parameters") {
        None => vec![],
        Some(Value::Array(all)) => all.clone(),
        other => return Err(expected("parameters", "array", other)),
    };
    let reads = match members.get("read_only") {
        None => false,
        Some(Value::Bool(reads)) => *reads,
        other => return Err(expected("read_only", "boolean", other)),
    };
    Ok(Asked { query: query.to_owned(), parameters, reads })
}

/// A token that may only read runs SQL under the role that cannot write: what reads works, what writes fails.
pub(super) fn run(visit: &mut RequestContext<'_>) -> Answered {
    if !visit.may("database_read") && !visit.may("database_write") {
        return Err(crate::sandbox::permissions::denied());
    }
    let Asked { query, parameters, reads } = asked(visit)?;
    let reads = reads || !visit.may("database_write");
    carry_out(visit, &query, &parameters, reads)
}

pub(super) fn read(visit: &mut RequestContext<'_>) -> Answered {
    let Asked { query, parameters, .. } = asked(visit)?;
    carry_out(visit, &query, &parameters, true)
}

fn carry_out(visit: &mut RequestContext<'_>, query: &str, parameters: &[Value], reads: bool) -> Answered {
    if database::bring(visit)? {
        let rows = database::run(visit, query, parameters, reads)?;
        return Ok(passed_on(201, &rows.into_iter().map(Value::from).collect()));
    }
    let shows = visit.switches.webhooks.schema_visible;
    let always = visit.switches.migrations.table_present == TablePresent::Always;
    let project = visit.project()?;
    let webhooks = project.database_webhooks && shows;
    let (mut history, before) = (project.migrations.clone(), project.migrations.clone());
    if !parameters.is_empty() {
        return Err(refuse(400, "this sandbox has no PostgreSQL, so it takes no parameters of queries"));
    }
    history.table |= always;
    let rows = history.run(query, webhooks)?;
    if reads && history.rows != before.rows {
        let cannot = "ERROR:  25006: cannot execute INSERT in a read-only transaction\n";
        return Err(refuse(400, format!("Failed to run sql query: {cannot}")));
    }
    visit.project()?.migrations = history;
    Ok(passed_on(201, &rows))
}
