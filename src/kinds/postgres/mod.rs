//! Parameters of the Postgres server.

mod rows;
mod units;

use crate::kind::prelude::*;

/// `postgres`: the API replaces all overrides at once, so the desired ones are merged into those that are live just before
/// the write.
pub struct Postgres;

const PATH: &str = "/v1/projects/{ref}/config/database/postgres";

static INFO: KindInfo = KindInfo {
    name: "postgres",
    doc: "Parameters of the Postgres server that override the defaults of the compute size; overrides that no manifest has stay.",
    shape: Shape::Settings { path: PATH, write: Writes::Overlay, seen_at: None, sent_at: None },
    fields: &[rows::CONNECTIONS, rows::MEMORY, rows::PARALLEL, rows::WAL, rows::TIMEOUTS, rows::LOGS, rows::EXTENSIONS],
    headings: &[
        "Connections and locks",
        "Memory",
        "Workers",
        "Write-ahead log and replication",
        "Time limits",
        "Logs",
        "Extensions",
    ],
    own_members: &["restart_database"],
    example: "postgres:\n  max_connections: 120\n  statement_timeout: 8s\n  work_mem: 16MB",
    services: &["db"],
    settles: Settles::Restart { member: "restart_database", healthy: &["db", "pooler"], deadline: 180 },
    ..KindInfo::PLAIN
};

impl Kind for Postgres {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    /// With `restart: later` a change is only stored, so its risk says that instead of a restart.
    fn add_risks(&self, sides: Sides<'_>, changes: &mut [Change]) {
        let risks = changes.iter_mut().flat_map(|change| &mut change.fields).flat_map(|diff| &mut diff.risks);
        for (_, why) in risks.filter(|(impact, _)| *impact == Impact::Restart && sides.policy.restart_later) {
            *why = "is stored, but not in effect before the database restarts";
        }
    }
}
