//! Whether the database requires encrypted connections.

use serde_json::{Value, json};

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
        .default(Literal::Bool(false))
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
    after: &["postgres"],
    example: "ssl_enforcement: {database: true}",
    services: &["db"],
    // The answer may say that the change is not applied yet: it is done when a read shows it as applied and the database is
    // healthy.
    settles: Settles::Seen {
        read: PATH,
        until: &[
            ("/appliedSuccessfully", Until::Is(Literal::Bool(true))),
            ("/currentConfig/database", Until::AsSent("/requestedConfig/database")),
        ],
        healthy: &["db", "pooler"],
        deadline: 180,
    },
    aggregate: Some(Aggregate { at: "/database/ssl_enforced", as_own, effective: &[] }),
    ..KindInfo::PLAIN
};

/// One switch, in the read of all settings.
fn as_own(enforced: &Value) -> Option<Value> {
    enforced.is_boolean().then(|| json!({"currentConfig": {"database": enforced}}))
}

impl Kind for SslEnforcement {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }
}
