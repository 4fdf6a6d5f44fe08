//! Migrations through the API: it stamps the version by its own clock, runs the SQL, and keeps the history.

use serde_json::{Map, Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, empty, refuse};
use crate::sandbox::database;
use crate::sandbox::history::Migration;
use crate::sandbox::ids::timestamp;
use crate::sandbox::postgres::{HISTORY, record};
use crate::sandbox::switches::{IdempotencyKeys, SameSecond};
use crate::sandbox::validate::{length, no_match, object, optional_text, text};
use crate::sandbox::visit::RequestContext;
use crate::sql::literal;

/// Removes rows of the history.
const REMOVE: &str = "delete from supabase_migrations.schema_migrations";

/// Without a row of the history, the list is empty: a project need not have the table.
pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    database::bring(visit)?;
    let row = |row: &Migration| without_null(json!({"version": row.version, "name": row.name}));
    answer(visit.project()?.migrations.rows.iter().map(row).collect::<Vec<_>>().into())
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let version = version(visit)?;
    database::bring(visit)?;
    let row = find(visit, &version)?.clone();
    answer(without_null(json!(row)))
}

/// Runs the SQL and records it. The answer does not tell the version.
pub(super) fn apply(visit: &mut RequestContext<'_>) -> Answered {
    add(visit, true)
}

/// Records a migration without running it.
pub(super) fn upsert(visit: &mut RequestContext<'_>) -> Answered {
    add(visit, false)
}

fn add(visit: &mut RequestContext<'_>, runs: bool) -> Answered {
    let has_database = database::bring(visit)?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let query = text(members, "query")?;
    length("query", query, 1, usize::MAX)?;
    let (name, rollback) = (optional_text(members, "name")?, optional_text(members, "rollback")?);
    let key = visit.header("idempotency-key").map(str::to_owned);
    let open = visit.switches.migrations;
    let stamp = stamp(visit.now);
    let history = &mut visit.project()?.migrations;
    if key.is_some() && history.rows.iter().any(|row| row.idempotency_key == key) {
        return match open.idempotency {
            IdempotencyKeys::Replay => answer(json!([])),
            IdempotencyKeys::Conflict => Err(refuse(409, "Idempotency key was used before")),
        };
    }
    let is_taken = |version: &u64| history.rows.iter().any(|row| row.version == version.to_string());
    if open.same_second == SameSecond::Conflict && is_taken(&stamp) {
        return Err(refuse(409, "A migration with this version exists"));
    }
    let version = (stamp..stamp + 1_000_000).find(|version| !is_taken(version)).unwrap_or(stamp);
    let row = Migration {
        version: version.to_string(),
        name: name.map(str::to_owned),
        statements: Some(vec![query.to_owned()]),
        rollback: rollback.map(|text| vec![text.to_owned()]),
        created_by: Some("sandbox@example.com".to_owned()),
        idempotency_key: key,
    };
    if has_database {
        let text = if runs { query } else { "" };
        database::run(visit, &format!("{}\n;\n{HISTORY}{}", text.trim_end(), record(&row)), &[], false)?;
        return answer(json!([]));
    }
    history.add(row).map_err(|why| refuse(400, format!("Failed to run sql query: {why}")))?;
    answer(json!([]))
}

pub(super) fn update(visit: &mut RequestContext<'_>) -> Answered {
    let version = version(visit)?;
    let has_database = database::bring(visit)?;
    find(visit, &version)?;
    let body = visit.body.take();
    let members = object(body.as_ref())?;
    let (name, rollback) = (optional_text(members, "name")?, optional_text(members, "rollback")?);
    let row = find(visit, &version)?;
    if let Some(name) = name {
        row.name = Some(name.to_owned());
    }
    if let Some(text) = rollback {
        row.rollback = Some(vec![text.to_owned()]);
    }
    if has_database {
        let changed = row.clone();
        let text = format!("{HISTORY}{REMOVE} where version = {};\n{}", literal(&version), record(&changed));
        database::run(visit, &text, &[], false)?;
    }
    Ok(empty(200))
}

/// Takes migrations back, the newest first: runs what undoes each, and removes their rows.
pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let has_database = database::bring(visit)?;
    let Some(from) = visit.asked("gte").next().map(str::to_owned) else {
        return Err(refuse(400, "gte: Invalid input: expected string, received undefined"));
    };
    let from: u64 = digits("gte", &from)?.parse().unwrap_or(u64::MAX);
    let history = &mut visit.project()?.migrations;
    let is_kept = |row: &mut Migration| row.version.parse::<u64>().is_ok_and(|version| version < from);
    let mut removed: Vec<_> = history.rows.extract_if(.., |row| !is_kept(row)).collect();
    if has_database {
        // The newest is undone first.
        removed.reverse();
        let undo = |row: &Migration| {
            let texts = row.rollback.clone().unwrap_or_default().join("\n;\n");
            format!("{texts}\n;\n{REMOVE} where version = {};\n", literal(&row.version))
        };
        database::run(visit, &removed.iter().map(undo).collect::<String>(), &[], false)?;
    }
    Ok(empty(200))
}

fn version(visit: &mut RequestContext<'_>) -> Result<String, Answer> {
    visit.project()?;
    digits("version", visit.param("version")).map(str::to_owned)
}

fn digits<'a>(name: &str, given: &'a str) -> Result<&'a str, Answer> {
    let fine = !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_digit());
    if fine { Ok(given) } else { Err(no_match(name, "^\\d+$")) }
}

fn find<'v>(visit: &'v mut RequestContext<'_>, version: &str) -> Result<&'v mut Migration, Answer> {
    let rows = &mut visit.project()?.migrations.rows;
    rows.iter_mut().find(|row| row.version == version).ok_or_else(|| refuse(404, "Migration not found"))
}

/// The time of the sandbox's clock as a version: `20260101000000`.
fn stamp(now: u64) -> u64 {
    let digits: String = timestamp(now).chars().filter(char::is_ascii_digit).take(14).collect();
    digits.parse().unwrap_or_default()
}

/// The API leaves out what is not set.
fn without_null(row: Value) -> Value {
    let Value::Object(members) = row else { return row };
    members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
}
