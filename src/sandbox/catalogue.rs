//! The features of plans: figures of the platform, as recorded in 2026.

use serde_json::{Value, json};

/// The compute sizes for new projects.
pub(super) const SIZES: &[&str] = &[
    "nano",
    "micro",
    "small",
    "medium",
    "large",
    "xlarge",
    "2xlarge",
    "4xlarge",
    "8xlarge",
    "12xlarge",
    "16xlarge",
    "24xlarge",
    "24xlarge_optimized_memory",
    "24xlarge_optimized_cpu",
    "24xlarge_high_memory",
    "48xlarge",
    "48xlarge_optimized_memory",
    "48xlarge_optimized_cpu",
    "48xlarge_high_memory",
];

/// Features that a plan has or not: key, and the plans.
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

/// Features with a number: key, unit, and the numbers of the plans free, pro, team and enterprise.
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

/// The column of a plan among the numbers.
fn column(plan: &str) -> usize {
    match plan {
        "free" => 0,
        "pro" => 1,
        "team" => 2,
        _ => 3,
    }
}

/// Whether a plan includes a feature; unlisted features are in every plan.
pub(super) fn includes(plan: &str, feature: &str) -> bool {
    let switches = SWITCHES.iter().map(|(key, plans)| (*key, *plans));
    let mut features = switches.chain(SETS.iter().map(|(key, plans, _)| (*key, *plans)));
    features.find(|(key, _)| *key == feature).is_none_or(|(_, plans)| plans.contains(&plan))
}

/// The number of a feature in a plan.
pub(super) fn most(plan: &str, feature: &str) -> Option<u64> {
    NUMBERS.iter().find(|(key, ..)| *key == feature).map(|(_, _, values)| values[column(plan)])
}

/// Whether a plan includes a member of a feature that is a set.
pub(super) fn has_member(plan: &str, feature: &str, member: &str) -> bool {
    let mut sets = SETS.iter().filter(|(key, plans, _)| *key == feature && plans.contains(&plan));
    sets.any(|(_, _, members)| members.contains(&member))
}

/// The entitlements of an organization on a plan.
pub(super) fn entitlements(plan: &str) -> Vec<Value> {
    let item = |key: &str, kind: &str, has: bool, config: Value| json!({"feature": {"key": key, "type": kind}, "type": kind, "hasAccess": has, "config": config});
    let column = column(plan);
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
