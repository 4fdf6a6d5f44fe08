//! The requests: one for each file that is not applied yet, in order.

use serde_json::json;

use super::folder::{File, Through, files};
use super::history::key;
use super::rules::is_alone;
use super::table::{APPLY, QUERY};
use crate::kind::prelude::*;
use crate::sql::{literal, pieces};

/// Makes the history as the CLI makes it, where it is not there.
const TABLE: &str = "create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
";

pub(super) fn calls(job: &KindChanges<'_>) -> Vec<PlannedCall> {
    let SectionBody::Items(items) = &job.section.body else { return vec![] };
    let mut calls = vec![];
    for file in files(items) {
        let ours = |change: &Change| change.action == Action::Create && change.at.subject.item() == Some(file.item);
        let Some(index) = job.changes.iter().position(ours) else { continue };
        let post = |template, body| {
            // Whether it ran is seen in the history, which is looked at for a while before it is sent again.
            Call::new(Method::Post, template, Repeat::OnceOnly).param("ref", job.target.param()).body(Body::json(body))
        };
        let recorded = match file.through {
            Through::Api => post(APPLY, json!({"query": file.sql, "name": file.item})).key(key(&file)),
            Through::Query if is_alone(file.sql) => {
                // No read shows whether it ran, so that nobody guesses when its answer is lost.
                calls.push(PlannedCall::of(post(QUERY, json!({"query": file.sql})), vec![]));
                post(QUERY, json!({"query": format!("{TABLE}{}", row(&file))}))
            }
            // One text is one transaction: the file is applied and recorded, or neither.
            Through::Query => {
                post(QUERY, json!({"query": format!("{}\n;\n{TABLE}{}", file.sql.trim_end(), row(&file))}))
            }
        };
        calls.push(PlannedCall::of(recorded, vec![index]));
    }
    calls
}

/// Records a file. The version is the table's key, so that none is recorded twice.
fn row(file: &File<'_>) -> String {
    let statements: Vec<String> = pieces(file.sql).into_iter().map(literal).collect();
    format!(
        "insert into supabase_migrations.schema_migrations (version, name, statements)\nvalues ({}, {}, array[{}]::text[]);\n",
        literal(file.version),
        literal(file.name),
        statements.join(", ")
    )
}
