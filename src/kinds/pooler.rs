//! The connection pooler.

use crate::kind::prelude::*;

/// `pooler`: read as a list with an entry for each database, written as one object; only the primary's entry is managed.
pub struct Pooler;

static INFO: KindInfo = KindInfo {
    name: "pooler",
    doc: "The connection pooler of the primary database.",
    shape: Shape::Settings {
        path: "/v1/projects/{ref}/config/database/pooler",
        write: Writes::Patch,
        seen_at: None,
        sent_at: None,
    },
    fields: &[&[
        int("default_pool_size", 0, 3000)
            .resets_to(&[Literal::Null])
            .harmless("it is how many connections are kept, not who may use them")
            .doc("How many connections to the database the pooler opens for each user and database; null lets the compute size decide."),
        choice("pool_mode", &["transaction", "session"])
            .default(Literal::Text("transaction"))
            .risks(&[Risk {
                when: When::Changed,
                impact: Impact::Restart,
                why: "restarts the dedicated pooler and drops its connections",
            }])
            .doc("Whether the dedicated pooler lends a connection for a transaction or for a whole session."),
    ]],
    after: &["postgres"],
    example: "pooler: {default_pool_size: 20}",
    services: &["pooler"],
    read_only: &[
        "connectionString", "connection_string", "database_type", "db_host", "db_name", "db_port", "db_user", "identifier",
        "is_using_scram_auth", "max_client_conn",
    ],
    ..KindInfo::PLAIN
};

impl Kind for Pooler {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn observe(&self, answers: &[Answer]) -> Result<LiveKind, UnexpectedShape> {
        let databases = answers.first().and_then(|answer| answer.body.as_array());
        let mut databases = databases.into_iter().flatten();
        let primary = databases.find(|it| it["database_type"] == "PRIMARY").and_then(|it| it.as_object());
        // A paused project shows an empty list, which must not be read as "nothing is set".
        let expected =
            || UnexpectedShape { pointer: String::new(), expected: "a list with the primary database".to_owned() };
        primary.cloned().map(LiveKind::Settings).ok_or_else(expected)
    }
}
