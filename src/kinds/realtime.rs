//! Realtime: broadcast, presence and changes over websockets.

use crate::kind::prelude::*;

/// `realtime`: the API takes no null, so a value that was set can be changed and not be taken back.
pub struct Realtime;

/// Why the limits harm nobody.
const LIMIT: &str = "it is how much clients may do that are let in, not who is";

static INFO: KindInfo = KindInfo {
    name: "realtime",
    doc: "The limits and switches of Realtime; what was never set follows the organization's plan, and there is no way back to that.",
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
            .doc("Allow private channels only, to which policies of the database decide who may join."),
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
            .doc("How many database connections it uses to ask who may join a private channel."),
        int("postgres_changes_pool", 1, 100)
            .harmless(LIMIT)
            .doc("How many database connections it uses to make subscriptions to changes of tables."),
        int("max_concurrent_users", 1, 300_000)
            .harmless(LIMIT)
            .doc("How many clients may be connected to Realtime at once."),
        int("max_events_per_second", 1, 50_000).harmless(LIMIT).doc("How many messages a second a channel may carry."),
        int("max_bytes_per_second", 1, 10_000_000).harmless(LIMIT).doc("How many bytes a second a channel may carry."),
        int("max_channels_per_client", 1, 10_000).harmless(LIMIT).doc("How many channels one client may join."),
        int("max_joins_per_second", 1, 5000).harmless(LIMIT).doc("How many joins of channels a second are let in."),
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
