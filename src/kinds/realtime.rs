//! Realtime: broadcast, presence and changes over websockets.

use crate::kind::prelude::*;

/// `realtime`: the API accepts no null, so a value that was set can be changed but not reset.
pub struct Realtime;

/// Why the limits are harmless.
const LIMIT: &str = "it limits clients that have access, not who has access";

static INFO: KindInfo = KindInfo {
    read_only: &["admin_suspended_at"],
    name: "realtime",
    doc: "The limits and switches of Realtime; limits that were never set follow the organization's plan, and cannot be reset to it once set.",
    shape: Shape::Settings {
        path: "/v1/projects/{ref}/config/realtime",
        write: Writes::Patch,
        seen_at: None,
        sent_at: None,
    },
    fields: &[&[
        flag("private_only")
            .risks(&[Risk {
                when: When::Off,
                impact: Impact::Security,
                why: "lets anybody with the public key join public channels",
            }])
            .doc("Allow private channels only, which people may join as policies of the database decide."),
        flag("presence_enabled")
            .default(Literal::Bool(true))
            .harmless(LIMIT)
            .doc("Let clients share who is present in a channel."),
        flag("suspend")
            .risks(&[Risk {
                when: When::On,
                impact: Impact::Access,
                why: "closes all sockets of Realtime and refuses new ones",
            }])
            .doc("Switch Realtime off for the whole project; `false` brings it back."),
        int("connection_pool", 1, 100)
            .harmless(LIMIT)
            .doc("How many database connections Realtime uses to check who may join a private channel."),
        int("postgres_changes_pool", 1, 100)
            .harmless(LIMIT)
            .doc("How many database connections Realtime uses to create subscriptions to changes of tables."),
        int("max_concurrent_users", 1, 300_000)
            .harmless(LIMIT)
            .doc("How many clients may be connected to Realtime at once."),
        int("max_events_per_second", 1, 50_000).harmless(LIMIT).doc("How many messages a second a channel may carry."),
        int("max_bytes_per_second", 1, 10_000_000).harmless(LIMIT).doc("How many bytes a second a channel may carry."),
        int("max_channels_per_client", 1, 10_000).harmless(LIMIT).doc("How many channels one client may join."),
        int("max_joins_per_second", 1, 5000).harmless(LIMIT).doc("How many joins of channels a second are accepted."),
        int("max_presence_events_per_second", 1, 5000)
            .harmless(LIMIT)
            .doc("How many changes of presence a second a channel may carry."),
        int("max_payload_size_in_kb", 1, 10_000).harmless(LIMIT).doc("How many kilobytes one message may have."),
    ]],
    example: "realtime: {private_only: true, max_events_per_second: 500}",
    services: &["realtime"],
    ..KindInfo::PLAIN
};

impl Kind for Realtime {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }
}
