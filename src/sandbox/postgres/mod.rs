//! PostgreSQL behind the sandbox: with it, SQL is run.
//!
//! Each project has a database of its own, which is made when SQL first comes for it and is gone with the sandbox: what a state keeps
//! is the history of migrations, and from it the database is made again, as the platform makes the one of a branch. Nothing is dropped
//! that was not made here.

#[cfg(unix)]
mod cluster;
mod place;
mod refusal;
mod values;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

pub use place::PostgresAt;

use super::answer::Answer;
use super::history::{History, Migration};
use super::state::Project;
use crate::files;
use crate::sql::literal;
use place::Address;
use wire::{Connection, Failed, Row};

const ROLES: &str = include_str!("roles.sql");
const PROJECT: &str = include_str!("project.sql");
const WEBHOOKS: &str = include_str!("webhooks.sql");

/// Makes the table of the history with the columns that the API writes; they are added to the table that the CLI makes.
pub(super) const HISTORY: &str = "create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[],
  add column if not exists name text, add column if not exists created_by text,
  add column if not exists idempotency_key text, add column if not exists rollback text[];
";

/// The table of the history as the CLI makes it.
const TABLE: &str = "create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[],
  add column if not exists name text;
";

/// The role that requests run under, and the one of those that only read.
const WRITER: &str = "postgres";
const READER: &str = "supabase_read_only_user";

/// A server, and a database for each project.
pub(super) struct Postgres {
    /// Who may do everything there.
    admin: Address,
    /// Whether every role may connect by itself.
    trusts: bool,
    /// What the names of its databases begin with.
    prefix: String,
    made: Mutex<BTreeMap<String, Database>>,
    #[cfg(unix)]
    cluster: Mutex<Option<cluster::Cluster>>,
}

/// A database of a project.
#[derive(Debug, Default)]
struct Database {
    /// The versions of its history, when it was last looked at.
    versions: BTreeSet<String>,
    webhooks: bool,
}

/// A text to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql<'a> {
    pub(super) text: &'a str,
    pub(super) parameters: &'a [Value],
    /// Whether it runs under the role that cannot write.
    pub(super) reads: bool,
    /// What is put behind it: comments about where it comes from.
    pub(super) suffix: &'a str,
    pub(super) timeout: Duration,
}

impl Postgres {
    /// Starts or finds the server, and makes the roles of projects.
    pub(super) fn start(at: &PostgresAt) -> Result<Self, String> {
        let prefix = files::unguessable().chars().take(8).collect::<String>();
        let postgres = match at {
            PostgresAt::Server(address) => Self {
                admin: address.clone(),
                trusts: false,
                prefix: format!("supaform_{prefix}_"),
                made: Mutex::default(),
                #[cfg(unix)]
                cluster: Mutex::default(),
            },
            #[cfg(unix)]
            PostgresAt::Auto => {
                let cluster = cluster::Cluster::start()?;
                let admin = Address {
                    host: cluster.folder.display().to_string(),
                    port: 5432,
                    user: "supabase_admin".to_owned(),
                    password: None,
                    database: "postgres".to_owned(),
                };
                Self {
                    admin,
                    trusts: true,
                    prefix: String::new(),
                    made: Mutex::default(),
                    cluster: Mutex::new(Some(cluster)),
                }
            }
            PostgresAt::Malformed(why) => return Err(why.clone()),
            #[cfg(not(unix))]
            PostgresAt::Auto => return Err("on this system, the sandbox needs the address of a server".to_owned()),
        };
        let roles = postgres.as_admin(&postgres.admin.database).and_then(|mut admin| admin.run(ROLES));
        match roles {
            Ok(_) => Ok(postgres),
            Err(Failed::Unreachable(why)) => Err(why),
            Err(Failed::Refused(error)) => Err(format!("the server refuses the roles of a project: {}", error.message)),
        }
    }

    /// The folder of its socket, if it was started here.
    pub(super) fn socket(&self) -> Option<PathBuf> {
        self.trusts.then(|| PathBuf::from(&self.admin.host))
    }

    /// Makes the database of a project as the state has it, and takes over into the state what somebody else has done.
    pub(super) fn bring(
        &self,
        reference: &str,
        project: &mut Project,
        webhooks: bool,
        table: bool,
    ) -> Result<(), Answer> {
        let mut made = self.made();
        self.bring_up(&mut made, reference, project, webhooks, table).map_err(|failed| refusal::refusal(&failed, ""))
    }

    fn bring_up(
        &self,
        made: &mut BTreeMap<String, Database>,
        reference: &str,
        project: &mut Project,
        webhooks: bool,
        table: bool,
    ) -> Result<(), Failed> {
        let name = self.name(reference);
        if !made.contains_key(reference) {
            let mut admin = self.as_admin(&self.admin.database)?;
            admin.run(&format!(
                "create database \"{name}\" owner {WRITER} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'"
            ))?;
            made.insert(reference.to_owned(), Database::default());
            let mut admin = self.as_admin(&name)?;
            admin.run(&format!("alter database \"{name}\" set search_path to \"$user\", public, extensions"))?;
            admin.run(&format!("alter database \"{name}\" set lc_messages to 'C'"))?;
            admin.run(PROJECT)?;
            if table || project.migrations.table {
                self.connect(&name, WRITER, &[])?.run(TABLE)?;
            }
        }
        let Some(database) = made.get_mut(reference) else { return Ok(()) };
        if webhooks && !database.webhooks {
            self.as_admin(&name)?.run(WEBHOOKS)?;
            database.webhooks = true;
        }
        let mut there = self.history(&name)?;
        let missing = |row: &&Migration| {
            !database.versions.contains(&row.version) && !there.rows.iter().any(|it| it.version == row.version)
        };
        let missing: Vec<_> = project.migrations.rows.iter().filter(missing).collect();
        if !missing.is_empty() {
            for row in missing {
                self.replay(&name, row)?;
            }
            there = self.history(&name)?;
        }
        database.versions = there.rows.iter().map(|row| row.version.clone()).collect();
        project.migrations = there;
        Ok(())
    }

    /// Runs what a row of the history records, and records it.
    fn replay(&self, name: &str, row: &Migration) -> Result<(), Failed> {
        let mut writer = self.connect(name, WRITER, &[])?;
        let statements = row.statements.clone().unwrap_or_default();
        let recorded = format!("{HISTORY}{}", record(row));
        match writer.run(&format!("{}\n;\n{recorded}", statements.join("\n;\n"))) {
            Ok(_) => return Ok(()),
            Err(unreachable @ Failed::Unreachable(_)) => return Err(unreachable),
            // A statement of it does not run in a transaction, or not here.
            Err(Failed::Refused(_)) => {}
        }
        for statement in &statements {
            match writer.run(statement) {
                Ok(_) => {}
                Err(Failed::Refused(error)) => {
                    tracing::warn!(
                        version = row.version,
                        error = error.message,
                        "a migration of the state has no effect"
                    );
                    break;
                }
                Err(unreachable @ Failed::Unreachable(_)) => return Err(unreachable),
            }
        }
        writer.run(&recorded).map(drop)
    }

    /// Runs a text in the database of a project; returns its rows.
    pub(super) fn run(&self, reference: &str, sql: Sql<'_>) -> Result<Vec<Row>, Answer> {
        let timeout = sql.timeout.as_millis().max(1).to_string();
        let mut parameters = vec![("application_name", "mgmt-api"), ("statement_timeout", timeout.as_str())];
        if sql.reads {
            // Whoever reads names schemas.
            parameters.extend([("default_transaction_read_only", "on"), ("search_path", "")]);
        }
        let run = || {
            let role = if sql.reads { READER } else { WRITER };
            let mut connection = self.connect(&self.name(reference), role, &parameters)?;
            let text = format!("{}{}", sql.text, sql.suffix);
            if sql.parameters.is_empty() {
                connection.run(&text)
            } else {
                let values: Vec<_> = sql.parameters.iter().map(values::parameter).collect();
                connection.run_with(&text, &values)
            }
        };
        run().map_err(|failed| refusal::refusal(&failed, sql.text))
    }

    /// Ends the server, or drops the databases that were made on it; what runs meanwhile fails.
    pub(super) fn stop(&self) {
        #[cfg(unix)]
        if let Some(mut cluster) = self.cluster.lock().unwrap_or_else(PoisonError::into_inner).take() {
            cluster.stop();
            self.made().clear();
            return;
        }
        let mut made = self.made();
        for reference in std::mem::take(&mut *made).keys() {
            let name = self.name(reference);
            let dropped = self
                .as_admin(&self.admin.database)
                .and_then(|mut admin| admin.run(&format!("drop database if exists \"{name}\" with (force)")));
            if let Err(failed) = dropped {
                tracing::warn!(database = name, ?failed, "a database of the sandbox could not be dropped");
            }
        }
    }

    /// The history in a database.
    fn history(&self, name: &str) -> Result<History, Failed> {
        let mut admin = self.as_admin(name)?;
        let there = admin.run("select 1 where to_regclass('supabase_migrations.schema_migrations') is not null")?;
        if there.is_empty() {
            return Ok(History::default());
        }
        let rows =
            admin.run("select to_jsonb(it) as it from supabase_migrations.schema_migrations it order by it.version")?;
        Ok(History { table: true, rows: rows.iter().filter_map(|row| migration(row.get("it")?)).collect() })
    }

    fn as_admin(&self, database: &str) -> Result<Connection, Failed> {
        Connection::open(&self.admin, database, &[])
    }

    fn connect(&self, database: &str, role: &str, parameters: &[(&str, &str)]) -> Result<Connection, Failed> {
        if self.trusts {
            let at = Address { user: role.to_owned(), ..self.admin.clone() };
            return Connection::open(&at, database, parameters);
        }
        let parameters: Vec<_> = parameters.iter().copied().chain([("role", role)]).collect();
        Connection::open(&self.admin, database, &parameters)
    }

    fn name(&self, reference: &str) -> String {
        format!("{}{reference}", self.prefix)
    }

    fn made(&self) -> MutexGuard<'_, BTreeMap<String, Database>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// SQL that records a migration with everything that the API keeps of it.
pub(super) fn record(row: &Migration) -> String {
    let text = |value: &Option<String>| value.as_deref().map_or_else(|| "null".to_owned(), literal);
    let list = |value: &Option<Vec<String>>| {
        let items = |items: &Vec<String>| items.iter().map(|item| literal(item)).collect::<Vec<_>>().join(", ");
        value.as_ref().map_or_else(|| "null".to_owned(), |value| format!("array[{}]::text[]", items(value)))
    };
    format!(
        "insert into supabase_migrations.schema_migrations (version, name, statements, rollback, created_by, idempotency_key)\n\
         values ({}, {}, {}, {}, {}, {});\n",
        literal(&row.version),
        text(&row.name),
        list(&row.statements),
        list(&row.rollback),
        text(&row.created_by),
        text(&row.idempotency_key),
    )
}

/// A row of the history, whatever further columns the table has.
fn migration(row: &Value) -> Option<Migration> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let list = |name: &str| serde_json::from_value(row.get(name)?.clone()).ok();
    Some(Migration {
        version: text("version")?,
        name: text("name"),
        statements: list("statements"),
        rollback: list("rollback"),
        created_by: text("created_by"),
        idempotency_key: text("idempotency_key"),
    })
}
