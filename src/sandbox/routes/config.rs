//! All settings of a project in one read, in the form of the API's second version: settings that were never overridden are
//! at the platform's default, in other words than in the single endpoints.

use serde_json::{Map, Value, json};

use super::{auth, data_api, network, realtime, storage};
use crate::sandbox::answer::{Answer, Answered, answer};
use crate::sandbox::ids::timestamp;
use crate::sandbox::state::Project;
use crate::sandbox::stored::Network;
use crate::sandbox::switches::V2Config;
use crate::sandbox::visit::RequestContext;

/// The defaults of Realtime and the Data API: figures of the platform.
const DEFAULTS: &[(&str, u32)] = &[
    ("max_concurrent_users", 10_000),
    ("max_events_per_second", 2500),
    ("max_bytes_per_second", 1_000_000),
    ("max_channels_per_client", 100),
    ("max_joins_per_second", 2500),
    ("max_presence_events_per_second", 2500),
    ("max_payload_size_in_kb", 3000),
    ("connection_pool", 5),
    ("db_pool_acquisition_timeout", 10),
    ("db_pool_max_lifetime", 1800),
    ("db_pool_max_idletime", 30),
];

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now, switch) = (visit.param("ref").to_owned(), visit.now, visit.switches.v2_config);
    let (project, plan) = visit.project_and_plan()?;
    let mut called = "project_config";
    let mut attributes = json!({
        "database": {
            "major_version": 17,
            "ssl_enforced": project.ssl_enforced,
            "network_restrictions": restrictions(&project.network, now),
            "postgres_settings": postgres(project),
        },
        "pooler": pooler(project),
        "auth": auth::shown(&project.auth),
        "api": effective(data_api::shown(&project.data_api)),
        "realtime": effective(realtime::shown(&project.realtime)),
        "storage": store(&storage::shown(&project.storage, &plan)),
    });
    match switch {
        V2Config::Full => {}
        V2Config::PartialBlocks => {
            attributes["storage"] = json!({});
            attributes.as_object_mut().expect("just made").shift_remove("auth");
        }
        V2Config::Missing => return Err(refused(404, "not_found", "Not found")),
        V2Config::Forbidden => return Err(refused(403, "forbidden", "Forbidden")),
        V2Config::WrongType => called = "project",
    }
    answer(json!({"data": {"type": called, "id": reference, "attributes": attributes}}))
}

/// The refusals of this version, as the specification has them.
fn refused(status: u16, code: &str, message: &str) -> Answer {
    Answer { status, body: Some(json!({"error": {"code": code, "message": message}})), raw: None }
}

/// Settings with the platform's figures where the single endpoint shows null; members of the single endpoint alone are
/// dropped.
fn effective(mut shown: Map<String, Value>) -> Value {
    shown.remove("admin_suspended_at");
    for (name, value) in shown.iter_mut().filter(|(_, value)| value.is_null()) {
        let known = DEFAULTS.iter().find(|(known, _)| known == name);
        *value = match (known, name.as_str()) {
            (Some((_, default)), _) => (*default).into(),
            (None, "private_only" | "suspend") => false.into(),
            (None, "presence_enabled") => true.into(),
            _ => Value::Null,
        };
    }
    shown.into()
}

/// Parameters whose names have a dot have an underscore here.
fn postgres(project: &Project) -> Map<String, Value> {
    project.postgres.iter().map(|(name, value)| (name.replace('.', "_"), value.clone())).collect()
}

fn restrictions(networks: &Network, now: u64) -> Value {
    let cidrs = network::together(&networks.ipv4, &networks.ipv6);
    let mut restrictions = json!({"entitlement": "allowed", "allowed_cidrs": cidrs});
    network::times(networks, now, &mut restrictions);
    if let Some(pending) = &networks.pending {
        restrictions["pending_allowed_cidrs"] = network::together(&pending.ipv4, &pending.ipv6).into();
        restrictions["pending_requested_at"] = timestamp(pending.requested_ms).into();
    }
    restrictions
}

fn pooler(project: &Project) -> Value {
    let set = |name: &str, default: Value| {
        project.pooler.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default)
    };
    json!({
        "pool_mode": set("pool_mode", "transaction".into()),
        "ignore_startup_parameters": "extra_float_digits",
        "server_idle_timeout": 600,
        "server_lifetime": 3600,
        "query_wait_timeout": 80,
        "reserve_pool_size": 1,
        "default_pool_size": set("default_pool_size", 15.into()),
        "max_client_conn": 200,
    })
}

/// The storage service's settings, whose names have underscores here.
fn store(shown: &Value) -> Value {
    json!({
        "file_size_limit": shown["fileSizeLimit"],
        "features": underscored(&shown["features"]),
        "capabilities": shown["capabilities"],
        "upstream_target": shown["external"]["upstreamTarget"],
        "migration_version": shown["migrationVersion"],
    })
}

/// `s3Protocol` is `s3_protocol`.
fn underscored(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let rename = |name: &String| -> String {
        name.chars()
            .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]))
            .collect()
    };
    Value::Object(members.iter().map(|(name, value)| (rename(name), underscored(value))).collect())
}
