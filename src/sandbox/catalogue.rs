//! What plans include and what add-ons cost: figures of the platform, as recorded in 2026.

use serde_json::{Value, json};

/// Features that are there or not: key, and on which plans.
const SWITCHES: &[(&str, Plans)] = &[
    ("instances.read_replicas", PAID),
    ("instances.disk_modifications", PAID),
    ("instances.high_availability", PAID),
    ("instances.orioledb", NONE),
    ("replication.etl", PAID),
    ("storage.max_file_size.configurable", PAID),
    ("storage.iceberg_catalog", PAID),
    ("storage.image_transformations", PAID),
    ("storage.vector_buckets", PAID),
    ("security.soc2_report", TEAM),
    ("security.iso27001_certificate", TEAM),
    ("security.questionnaire", TEAM),
    ("security.enforce_mfa", PAID),
    ("security.private_link", TEAM),
    ("custom_domain", PAID),
    ("vanity_subdomain", PAID),
    ("ipv4", PAID),
    ("log_drains", PAID),
    ("branching_persistent", PAID),
    ("auth.mfa_phone", PAID),
    ("auth.mfa_web_authn", PAID),
    ("auth.mfa_enhanced_security", PAID),
    ("auth.platform.sso", TEAM),
    ("auth.custom_jwt_template", PAID),
    ("auth.saml_2", PAID),
    ("auth.user_sessions", PAID),
    ("auth.leaked_password_protection", PAID),
    ("auth.advanced_auth_settings", PAID),
    ("auth.performance_settings", PAID),
    ("auth.password_hibp", PAID),
    ("backup.restore_to_new_project", PAID),
    ("backup.schedule", ENTERPRISE),
    ("project_scoped_roles", TEAM),
    ("project_pausing", FREE),
    ("project_cloning", PAID),
    ("project_restore_after_expiry", PAID),
    ("assistant.advance_model", PAID),
    ("integrations.github_connections", PAID),
    ("dedicated_pooler", PAID),
];

/// Features that are counted: key, unit, and the numbers of the plans free, pro, team and enterprise.
const NUMBERS: &[(&str, &str, [u64; 4])] = &[
    ("storage.max_file_size", "byte", [52_428_800, 536_870_912_000, 536_870_912_000, 536_870_912_000]),
    ("security.audit_logs_days", "days", [0, 0, 28, 90]),
    ("log.retention_days", "days", [1, 7, 28, 90]),
    ("branching_limit", "branches", [0, 50, 50, 50]),
    ("auth.custom_oauth.max_providers", "providers", [3, 3, 3, 3]),
    ("backup.retention_days", "days", [0, 7, 14, 30]),
    ("function.max_count", "functions", [100, 1000, 2000, 2000]),
    ("function.size_limit_mb", "MB", [20, 20, 20, 20]),
    ("realtime.max_concurrent_users", "users", [200, 10_000, 10_000, 10_000]),
    ("realtime.max_events_per_second", "events/second", [100, 2500, 2500, 2500]),
    ("realtime.max_joins_per_second", "joins/second", [100, 2500, 2500, 2500]),
    ("realtime.max_channels_per_client", "channels/client", [100, 100, 100, 100]),
    ("realtime.max_bytes_per_second", "bytes/second", [100_000, 1_000_000, 1_000_000, 1_000_000]),
    ("realtime.max_presence_events_per_second", "events/second", [20, 2500, 2500, 2500]),
    ("realtime.max_payload_size_in_kb", "KB", [256, 3000, 3000, 3000]),
];

/// Features that are sets: key, plans, and members.
const SETS: &[(&str, Plans, &[&str])] = &[
    (
        "instances.compute_update_available_sizes",
        PAID,
        &[
            "ci_micro",
            "ci_small",
            "ci_medium",
            "ci_large",
            "ci_xlarge",
            "ci_2xlarge",
            "ci_4xlarge",
            "ci_8xlarge",
            "ci_12xlarge",
            "ci_16xlarge",
        ],
    ),
    ("pitr.available_variants", PAID, &["pitr_7", "pitr_14", "pitr_28"]),
    ("security.member_roles", ALL, &["Administrator", "Developer", "Owner"]),
    ("observability.dashboard_advanced_metrics", PAID, &["database", "auth", "realtime", "edge_functions"]),
];

/// The hooks of every plan, and those of the team and enterprise plans.
const HOOKS: [&[&str]; 2] = [
    &[
        "HOOK_CUSTOM_ACCESS_TOKEN",
        "HOOK_SEND_SMS",
        "HOOK_SEND_EMAIL",
        "HOOK_BEFORE_USER_CREATED",
        "HOOK_AFTER_USER_CREATED",
    ],
    &["HOOK_MFA_VERIFICATION_ATTEMPT", "HOOK_PASSWORD_VERIFICATION_ATTEMPT"],
];

type Plans = &'static [&'static str];
const ALL: Plans = &["free", "pro", "team", "enterprise", "platform"];
const FREE: Plans = &["free", "platform"];
const PAID: Plans = &["pro", "team", "enterprise", "platform"];
const TEAM: Plans = &["team", "enterprise", "platform"];
const ENTERPRISE: Plans = &["enterprise", "platform"];
const NONE: Plans = &[];

/// The entitlements of an organization on a plan.
pub(super) fn entitlements(plan: &str) -> Vec<Value> {
    let item = |key: &str, kind: &str, has: bool, config: Value| json!({"feature": {"key": key, "type": kind}, "type": kind, "hasAccess": has, "config": config});
    let column = match plan {
        "free" => 0,
        "pro" => 1,
        "team" => 2,
        _ => 3,
    };
    let switches = SWITCHES.iter().map(|(key, plans)| {
        let has = plans.contains(&plan);
        item(key, "boolean", has, json!({"enabled": has}))
    });
    let numbers = NUMBERS.iter().map(|(key, unit, values)| {
        let value = values[column];
        let has = value > 0;
        item(key, "numeric", has, json!({"enabled": has, "value": value, "unlimited": false, "unit": unit}))
    });
    let set = |key: &str, has: bool, members: Vec<&str>| item(key, "set", has, json!({"enabled": has, "set": members}));
    let sets = SETS.iter().map(|(key, plans, members)| {
        let has = plans.contains(&plan);
        set(key, has, if has { members.to_vec() } else { vec![] })
    });
    let hooks = if TEAM.contains(&plan) { HOOKS.concat() } else { HOOKS[0].to_vec() };
    switches.chain(numbers).chain(sets).chain([set("auth.hooks", true, hooks)]).collect()
}

/// Machine sizes: id, name, cores, dedicated, memory in GiB, disk throughput (usual and most), connections (direct, pooled),
/// and the price an hour and about a month, in dollars.
type Size = (&'static str, &'static str, u32, bool, u32, u32, u32, u32, u32, f64, u32);
const SIZES: &[Size] = &[
    ("ci_micro", "Micro", 2, false, 1, 87, 2085, 60, 200, 0.01344, 10),
    ("ci_small", "Small", 2, false, 2, 174, 2085, 90, 400, 0.0206, 15),
    ("ci_medium", "Medium", 2, false, 4, 347, 2085, 120, 600, 0.0822, 60),
    ("ci_large", "Large", 2, true, 8, 630, 4750, 160, 800, 0.1517, 111),
    ("ci_xlarge", "XL", 4, true, 16, 1048, 4750, 240, 1000, 0.2877, 210),
    ("ci_2xlarge", "2XL", 8, true, 32, 1048, 4750, 380, 1500, 0.562, 410),
    ("ci_4xlarge", "4XL", 16, true, 64, 1048, 4750, 480, 3000, 1.32, 964),
    ("ci_8xlarge", "8XL", 32, true, 128, 1048, 9500, 490, 6000, 2.562, 1870),
    ("ci_12xlarge", "12XL", 48, true, 192, 1048, 14_250, 500, 9000, 3.836, 2800),
    ("ci_16xlarge", "16XL", 64, true, 256, 1048, 19_000, 500, 12_000, 5.12, 3738),
];

/// Other add-ons: type, its name, and variants (id, name, price text, amount, interval, price type).
type Variant = (&'static str, &'static str, &'static str, f64, &'static str, &'static str);
const OTHERS: &[(&str, &str, &[Variant])] = &[
    ("custom_domain", "Custom Domain", &[("cd_default", "Custom Domain", "$10/month", 10.0, "monthly", "fixed")]),
    (
        "pitr",
        "Point-In-Time-Recovery",
        &[
            ("pitr_7", "7 days", "$100/month", 100.0, "monthly", "fixed"),
            ("pitr_14", "14 days", "$200/month", 200.0, "monthly", "fixed"),
            ("pitr_28", "28 days", "$400/month", 400.0, "monthly", "fixed"),
        ],
    ),
    ("ipv4", "IPv4", &[("ipv4_default", "IPv4", "$4/month", 4.0, "monthly", "fixed")]),
    (
        "auth_mfa_phone",
        "Advanced MFA - Phone",
        &[("auth_mfa_phone_default", "Advanced MFA - Phone", "$75/month, then $10/month", 0.1027, "hourly", "usage")],
    ),
    (
        "auth_mfa_web_authn",
        "Advanced MFA - WebAuthn",
        &[(
            "auth_mfa_web_authn_default",
            "Advanced MFA - WebAuthn",
            "$75/month, then $10/month",
            0.1027,
            "hourly",
            "usage",
        )],
    ),
    ("log_drain", "Log Drain", &[("log_drain_default", "Log Drain", "$60/month", 0.0822, "hourly", "usage")]),
];

/// The selected and the available add-ons of a project on a machine of this size.
pub(super) fn addons(compute: &str) -> (Vec<Value>, Vec<Value>) {
    let sizes: Vec<Value> = SIZES.iter().map(size).collect();
    let chosen = sizes.iter().find(|size| size["id"] == format!("ci_{compute}"));
    let selected = chosen.map(|size| json!({"type": "compute_instance", "variant": size})).into_iter().collect();
    let compute = json!({"type": "compute_instance", "name": "Compute Instance", "variants": sizes});
    let others = OTHERS.iter().map(|(kind, name, variants)| {
        let variants: Vec<Value> = variants
            .iter()
            .map(|(id, name, description, amount, interval, price)| {
                let price = json!({"description": description, "type": price, "interval": interval, "amount": amount});
                json!({"id": id, "name": name, "price": price})
            })
            .collect();
        json!({"type": kind, "name": name, "variants": variants})
    });
    (selected, std::iter::once(compute).chain(others).collect())
}

fn size(&(id, name, cores, dedicated, memory, usual, most, direct, pooled, hour, month): &Size) -> Value {
    json!({
        "id": id,
        "name": name,
        "price": {
            "description": format!("${hour}/hour (~${month}/month)"),
            "type": "usage",
            "interval": "hourly",
            "amount": hour,
        },
        "meta": {
            "cpu_cores": cores,
            "cpu_dedicated": dedicated,
            "memory_gb": memory,
            "baseline_disk_io_mbs": usual,
            "max_disk_io_mbs": most,
            "connections_direct": direct,
            "connections_pooler": pooled,
        },
    })
}
