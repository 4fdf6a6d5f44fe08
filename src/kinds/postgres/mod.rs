//! Parameters of the Postgres server.

mod rows;
mod units;

use serde_json::{Map, Value};

use crate::kind::prelude::*;

/// `postgres`: the API replaces all overrides at once, so ours are laid over those that are live just before the write.
pub struct Postgres;

const PATH: &str = "/v1/projects/{ref}/config/database/postgres";

static INFO: KindInfo = KindInfo {
    name: "postgres",
    doc: "Parameters of the Postgres server that override what the compute size gives; what others have overridden stays.",
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
    after: &[],
    example: "postgres:\n  max_connections: 120\n  statement_timeout: 8s\n  work_mem: 16MB",
};

impl Kind for Postgres {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn services(&self) -> &'static [&'static str] {
        &["db"]
    }

    /// A restart that is put off does not happen now: then the change is stored, and that is what is told (R27).
    fn assess(&self, section: &Section, _: &LiveKind, changes: &mut [Change]) {
        let risks = changes.iter_mut().flat_map(|change| &mut change.fields).flat_map(|diff| &mut diff.risks);
        for (_, why) in risks.filter(|(impact, _)| *impact == Impact::Restart && section.policy.restart_later) {
            *why = "is stored, and not in effect before the database restarts";
        }
    }

    fn calls(&self, job: &Job<'_>) -> Vec<Draft> {
        let Some(change) = job.changes.first() else { return vec![] };
        let touched = |name: &str| change.fields.iter().any(|diff| diff.name() == name);
        let needs_restart =
            change.fields.iter().any(|diff| diff.risks.iter().any(|(impact, _)| *impact == Impact::Restart));
        let restart = needs_restart && !job.policy.restart_later;
        let mut set = crate::kind::settings_body(change, None);
        let mut unset = vec![];
        if let Some(members) = set.value.as_object_mut() {
            unset = members.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.clone()).collect();
            members.retain(|_, value| !value.is_null());
            members.insert("restart_database".to_owned(), restart.into());
        }
        let live = if let LiveKind::Settings(live) = job.live { live.clone() } else { Map::new() };
        let base = Call::new(Method::Get, PATH, Repeat::Safe).param("ref", job.target.param());
        let body = Body::Overlay { base: Box::new(base), at: "", set, unset, only: None };
        let call = Call::new(Method::Put, PATH, Repeat::Idempotent).param("ref", job.target.param()).body(body);
        let wait = restart.then_some(Wait::Healthy { services: &["db", "pooler"], deadline: 180 });
        let sent_along = live.keys().filter(|name| !touched(name)).map(|name| FieldKey::of(&INFO, name)).collect();
        vec![Draft { call, settles: vec![0], wait, sent_along }]
    }

    /// What the API does not override it does not show: nothing is live for such a field.
    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, Surprise> {
        let mut live = crate::kind::default_observe(&INFO, answers)?;
        if let LiveKind::Settings(document) = &mut live {
            document.retain(|_, value| *value != Value::Null);
        }
        Ok(live)
    }
}
