//! Whether the database insists on encrypted connections.

use serde_json::json;

use crate::kind::prelude::*;

/// `ssl_enforcement`: reads `currentConfig`, writes `requestedConfig`, and every switch restarts the database.
pub struct SslEnforcement;

const PATH: &str = "/v1/projects/{ref}/ssl-enforcement";

static INFO: KindInfo = KindInfo {
    name: "ssl_enforcement",
    doc: "Whether the database refuses unencrypted connections.",
    shape: Shape::Settings {
        path: PATH,
        write: Writes::Put,
        seen_at: Some("currentConfig"),
        sent_at: Some("requestedConfig"),
    },
    fields: &[&[flag("database")
        .default(Lit::Bool(false))
        .doc("Refuse connections without TLS, to Postgres and to the pooler.")
        .risks(&[
            Risk {
                when: When::On,
                impact: Impact::Restart,
                why: "restarts the database; clients must use TLS from then on",
            },
            Risk { when: When::Off, impact: Impact::Restart, why: "restarts the database" },
            Risk { when: When::Off, impact: Impact::Security, why: "lets clients connect without TLS" },
        ])]],
    headings: &[],
    own_members: &[],
    after: &["postgres"],
    example: "ssl_enforcement: {database: true}",
};

impl Kind for SslEnforcement {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn services(&self) -> &'static [&'static str] {
        &["db"]
    }

    fn calls(&self, job: &Job<'_>) -> Vec<Draft> {
        let Some(change) = job.changes.first() else { return vec![] };
        let body = crate::kind::settings_body(change, Some("requestedConfig"));
        let wanted = body.value["requestedConfig"]["database"].clone();
        let call =
            Call::new(Method::Put, PATH, Repeat::Idempotent).param("ref", job.target.param()).body(Body::Json(body));
        // The answer may say "not yet": the switch is done when a read shows it as applied and the database is back.
        let wait = Wait::Settled {
            read: PATH,
            until: vec![("/appliedSuccessfully", json!(true)), ("/currentConfig/database", wanted)],
            healthy: &["db", "pooler"],
            deadline: 180,
        };
        vec![Draft { call, settles: vec![0], wait: Some(wait), sent_along: vec![] }]
    }
}
