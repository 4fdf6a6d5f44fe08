//! The history of migrations: the rows of `supabase_migrations.schema_migrations`, kept in the state where no PostgreSQL is
//! behind the sandbox.
//!
//! Without one, no SQL is run. What touches the history itself is carried out here, so that migrations can be tried: whatever comes
//! with a row of the history is recorded and not run. Other SQL is refused.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, refuse};
use crate::sql::{Statement, Token, statements};

/// The table.
const TABLE: [&str; 2] = ["supabase_migrations", "schema_migrations"];

/// The columns that the CLI makes.
const COLUMNS: [&str; 3] = ["version", "statements", "name"];

/// The refusal of SQL that would have to be run.
const NO_POSTGRES: &str = "this sandbox has no PostgreSQL, so it runs no SQL: it records migrations with their history, and tells \
    what the history says. Start it with `--postgres auto`, or with `--postgres URL`.";

/// The history of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Whether its table exists.
    #[serde(default)]
    pub table: bool,
    /// Its rows, by version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Migration>,
}

/// A migration that was applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// Its version: digits.
    pub version: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<Vec<String>>,
    /// The statements that undo it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Vec<String>>,
    /// Who applied it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// The key of the request that applied it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

impl History {
    pub(super) fn is_untouched(&self) -> bool {
        !self.table && self.rows.is_empty()
    }

    /// Adds a row; refused as the table's key refuses it.
    pub(super) fn add(&mut self, row: Migration) -> Result<(), String> {
        self.table = true;
        match self.rows.binary_search_by(|it| it.version.cmp(&row.version)) {
            Ok(_) => Err(format!(
                "ERROR:  23505: duplicate key value violates unique constraint \"schema_migrations_pkey\"\nDETAIL:  Key \
                 (version)=({}) already exists.\n",
                row.version
            )),
            Err(at) => {
                self.rows.insert(at, row);
                Ok(())
            }
        }
    }

    /// Carries out what can be carried out without a database; `webhooks` is whether the schema of Database Webhooks shows.
    pub(super) fn run(&mut self, query: &str, webhooks: bool) -> Result<Value, Answer> {
        let failed = |why: String| refuse(400, format!("Failed to run sql query: {why}"));
        let unfinished = |why: crate::sql::Unfinished| {
            failed(format!("ERROR:  42601: {why}\nLINE {}: \n", crate::sql::line_of(query, why.at)))
        };
        let all = statements(query).map_err(unfinished)?;
        let records = all.iter().any(|statement| is_about(statement, &["insert", "into"]));
        let mut shown = json!([]);
        for statement in &all {
            if statement.begins(&["select"]) {
                if let Some(rows) = self.select(statement, webhooks) {
                    shown = rows.map_err(failed)?;
                    continue;
                }
            } else if is_about(statement, &["insert", "into"]) {
                let row = inserted(statement).ok_or_else(|| failed(NO_POSTGRES.to_owned()))?;
                self.add(row).map_err(failed)?;
                continue;
            } else if is_of_the_history(statement) {
                self.table = true;
                continue;
            }
            if !records {
                return Err(refuse(400, NO_POSTGRES));
            }
        }
        Ok(shown)
    }

    /// The rows of a query of the history, or of the schemas' names; `None` for other queries.
    fn select(&self, statement: &Statement<'_>, webhooks: bool) -> Option<Result<Value, String>> {
        let words: Vec<&str> = statement.tokens.iter().map(|(token, _)| token.text()).collect();
        let from = words.iter().position(|word| word.eq_ignore_ascii_case("from"));
        let Some(from) = from else {
            // What is asked to find out whether a database answers.
            let [_, number] = words.as_slice() else { return None };
            let number: i32 = number.parse().ok()?;
            return Some(Ok(json!([{"?column?": number}])));
        };
        let rest = words.get(from + 1..)?;
        if names_table(&statement.tokens, from + 1) {
            if !self.table {
                return Some(Err(format!(
                    "ERROR:  42P01: relation \"{}\" does not exist\nLINE 1: {}\n",
                    TABLE.join("."),
                    statement.text
                )));
            }
            let wanted = words.get(1..from)?;
            let columns: Vec<&str> = if *wanted == ["*"] {
                // The API adds its column with its first row.
                let stamped = self.rows.iter().any(|row| row.idempotency_key.is_some());
                COLUMNS.into_iter().chain(stamped.then_some("idempotency_key")).collect()
            } else {
                wanted.iter().copied().filter(|word| *word != ",").collect()
            };
            let row = |row: &Migration| {
                let all = json!({"version": row.version, "name": row.name, "statements": row.statements, "idempotency_key": row.idempotency_key});
                columns.iter().map(|it| ((*it).to_owned(), all.get(*it).cloned().unwrap_or_default())).collect()
            };
            return Some(Ok(self.rows.iter().map(row).collect::<Vec<Map<String, Value>>>().into()));
        }
        let namespace = rest.strip_prefix(&["pg_catalog", "."]).unwrap_or(rest);
        let ["pg_namespace", _, "nspname", "=", name] = namespace else { return None };
        let rows = if webhooks && *name == "'supabase_functions'" { json!([{"?column?": 1}]) } else { json!([]) };
        Some(Ok(rows))
    }
}

/// Whether a statement begins with these words, and the table follows.
fn is_about(statement: &Statement<'_>, words: &[&str]) -> bool {
    statement.begins(words) && names_table(&statement.tokens, words.len())
}

fn names_table(tokens: &[(Token<'_>, usize)], at: usize) -> bool {
    let [schema, table] = TABLE;
    let name = |at: usize, name: &str| tokens.get(at).is_some_and(|(token, _)| token.text().trim_matches('"') == name);
    name(at, schema) && name(at + 1, ".") && name(at + 2, table)
}

/// Whether a statement makes the schema, the table or its columns, or says how long to wait for them.
fn is_of_the_history(statement: &Statement<'_>) -> bool {
    let makes = &["if", "not", "exists"];
    let schema = ["create", "schema"].iter().chain(makes).copied().collect::<Vec<_>>();
    let table = ["create", "table"].iter().chain(makes).copied().collect::<Vec<_>>();
    let names_schema = statement.begins(&schema)
        && statement.tokens.get(schema.len()).is_some_and(|(token, _)| token.text().trim_matches('"') == TABLE[0]);
    names_schema
        || is_about(statement, &table)
        || is_about(statement, &["alter", "table"])
        || statement.begins(&["set", "lock_timeout"])
}

/// The row of `INSERT INTO … (columns) VALUES (values)`.
fn inserted(statement: &Statement<'_>) -> Option<Migration> {
    let tokens: Vec<Token<'_>> = statement.tokens.iter().map(|(token, _)| *token).collect();
    let mut rest = tokens.get(5..)?.iter().copied().peekable();
    let mut columns = vec![];
    if !rest.next()?.is("(") {
        return None;
    }
    for token in rest.by_ref() {
        if token.is(")") {
            break;
        }
        if !token.is(",") {
            columns.push(token.text().trim_matches('"').to_owned());
        }
    }
    (rest.next()?.is("values") && rest.next()?.is("(")).then_some(())?;
    let mut row = Migration::default();
    for column in columns {
        let value = if rest.peek()?.is("array") {
            rest.next();
            rest.next()?.is("[").then_some(())?;
            let mut items = vec![];
            for token in rest.by_ref() {
                if token.is("]") {
                    break;
                }
                if !token.is(",") {
                    items.push(token.said()?);
                }
            }
            json!(items)
        } else {
            let token = rest.next()?;
            if token.is("null") { Value::Null } else { token.said()?.into() }
        };
        // A cast, such as `::text[]`.
        while rest.peek().is_some_and(|token| !token.is(",") && !token.is(")")) {
            rest.next();
        }
        rest.next()?;
        let text = value.as_str().map(str::to_owned);
        match column.as_str() {
            "version" => row.version = text?,
            "name" => row.name = text,
            "statements" => row.statements = serde_json::from_value(value).ok()?,
            "idempotency_key" => row.idempotency_key = text,
            "created_by" => row.created_by = text,
            _ => return None,
        }
    }
    (!row.version.is_empty()).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "select * from supabase_migrations.schema_migrations order by version";

    #[test]
    fn what_comes_with_a_row_is_recorded_and_other_sql_is_refused() {
        let mut history = History::default();
        let missing = history.run(READ, false).unwrap_err();
        assert!(missing.body.unwrap()["message"].as_str().unwrap().contains("42P01"));
        let text = "create table a (b int);\n-- c\n;\ncreate schema if not exists supabase_migrations;\n\
            insert into supabase_migrations.schema_migrations (version, name, statements) values ('1', 'it''s', array['x;', E'\\\\']::text[]);\n";
        assert_eq!(history.run(text, false).unwrap(), json!([]));
        assert_eq!(
            history.run(READ, false).unwrap(),
            json!([{"version": "1", "statements": ["x;", "\\"], "name": "it's"}])
        );
        let again = history.run(text, false).unwrap_err();
        assert!(again.body.unwrap()["message"].as_str().unwrap().contains("23505"));
        for other in ["create table a ()", "delete from supabase_migrations.schema_migrations", "select now()"] {
            assert_eq!(history.run(other, false).unwrap_err(), refuse(400, NO_POSTGRES), "{other}");
        }
        assert_eq!(history.run("SELECT 1", false).unwrap(), json!([{"?column?": 1}]));
    }

    #[test]
    fn the_schema_of_database_webhooks_shows_where_they_are_on() {
        let asked = "select 1 from pg_namespace where nspname = 'supabase_functions'";
        for (on, rows) in [(true, 1), (false, 0)] {
            assert_eq!(History::default().run(asked, on).unwrap().as_array().unwrap().len(), rows);
        }
    }
}
