//! The rows, the requests, and the history as data.

use crate::kind::prelude::*;

/// Runs SQL in one transaction.
pub(super) const QUERY: &str = "/v1/projects/{ref}/database/query";

/// Runs SQL and records it under a version of the API's own.
pub(super) const APPLY: &str = "/v1/projects/{ref}/database/migrations";

/// The whole history. It may have more columns, and older ones have fewer.
pub(super) const HISTORY: &str = "select * from supabase_migrations.schema_migrations order by version";

pub(super) static INFO: KindInfo = KindInfo {
    name: "migrations",
    doc: "A folder of SQL files, each applied once and in order, with the history that the Supabase CLI keeps, too.",
    shape: Shape::Settings {
        path: Operation::READ_SQL.template,
        write: Writes::Append(QUERY),
        seen_at: None,
        sent_at: None,
    },
    fields: &[&[
        text("path")
            .local()
            .example("supabase/migrations")
            .harmless("what the files do is judged file by file")
            .doc("The folder of the files, which are named `20260131120000_what_it_does.sql`; relative to the manifest, like the path of a file."),
        choice("through", &["query", "api"])
            .local()
            .default(Literal::Text("query"))
            .harmless("it decides how a file is recorded, not what it does")
            .doc("How files are applied: `query` records each under its own version, as the CLI does; `api` lets the API stamp versions by its clock; a project stays with one of the two."),
    ]],
    of_files: std::slice::from_ref(&SQL),
    after: &["database_webhooks", "postgres"],
    example: "migrations: {path: supabase/migrations}",
    services: &["db"],
    ..KindInfo::PLAIN
};

/// The SQL of an item, which no manifest writes: it is in a file.
pub(super) static SQL: Field = text("sql").doc("The SQL of a migration, from its file.");
