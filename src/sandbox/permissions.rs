//! Permissions of the token: a fine-grained token has some, and a route needs some.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, refuse};

/// The accepted token, if its permissions are limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRights {
    /// Its permissions, and no others.
    pub permissions: Vec<String>,
    /// Its owner: a user, or one organization.
    #[serde(default)]
    pub scope: Scope,
}

/// The owner of a fine-grained token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A user, as the usual token.
    #[default]
    User,
    /// One organization: the list of all projects is empty for it, and it has no profile.
    Organization,
}

/// Every permission of the API's operations, as the specification lists them.
pub(super) const KNOWN: &[&str] = &[
    "action_runs_read",
    "action_runs_write",
    "advisors_read",
    "analytics_config_read",
    "analytics_config_write",
    "analytics_logs_read",
    "analytics_usage_read",
    "api_gateway_keys_read",
    "api_gateway_keys_secret_read",
    "api_gateway_keys_write",
    "auth_config_read",
    "auth_config_write",
    "auth_signing_keys_read",
    "auth_signing_keys_write",
    "backups_read",
    "backups_write",
    "branching_development_create",
    "branching_development_delete",
    "branching_development_read",
    "branching_development_write",
    "branching_production_create",
    "branching_production_delete",
    "branching_production_read",
    "branching_production_write",
    "custom_domain_read",
    "custom_domain_write",
    "data_api_config_read",
    "data_api_config_secret_read",
    "data_api_config_write",
    "database_config_read",
    "database_config_write",
    "database_jit_read",
    "database_jit_write",
    "database_migrations_read",
    "database_migrations_write",
    "database_network_bans_read",
    "database_network_bans_write",
    "database_network_restrictions_read",
    "database_network_restrictions_write",
    "database_pooling_config_read",
    "database_pooling_config_write",
    "database_read",
    "database_readonly_config_read",
    "database_readonly_config_write",
    "database_ssl_config_read",
    "database_ssl_config_write",
    "database_webhooks_config_write",
    "database_write",
    "edge_functions_read",
    "edge_functions_secrets_read",
    "edge_functions_secrets_write",
    "edge_functions_write",
    "infra_add_ons_read",
    "infra_add_ons_write",
    "infra_disk_config_read",
    "infra_disk_config_write",
    "infra_read_replicas_write",
    "members_read",
    "members_write",
    "organization_admin_read",
    "organization_admin_write",
    "organization_projects_create",
    "organization_projects_read",
    "organizations_create",
    "organizations_read",
    "project_admin_read",
    "project_admin_write",
    "project_notebooks_read",
    "project_notebooks_write",
    "projects_read",
    "realtime_config_read",
    "realtime_config_write",
    "snippets_read",
    "storage_config_read",
    "storage_config_write",
    "storage_read",
    "vanity_subdomain_read",
    "vanity_subdomain_write",
    "workers_read",
    "workers_write",
];

/// Refuses a request without permission. Revealing the value of a key needs a permission of its own.
pub(super) fn check(rights: Option<&TokenRights>, route: &str, needs: &[&str], reveals: bool) -> Result<(), Answer> {
    let Some(rights) = rights else { return Ok(()) };
    if rights.scope == Scope::Organization && route == "GET /v1/profile" {
        return Err(refuse(403, "This endpoint requires a user-scoped access token"));
    }
    let secret = reveals.then_some("api_gateway_keys_secret_read");
    let mut needs = needs.iter().copied().chain(secret);
    let has = |name: &str| rights.permissions.iter().any(|has| has == name);
    // Who may do it to the default branch may do it to any.
    let instead = |need: &str| has(&need.replacen("branching_development_", "branching_production_", 1));
    if needs.all(|need| has(need) || instead(need)) { Ok(()) } else { Err(denied()) }
}

/// The refusal for lack of permission.
pub(super) fn denied() -> Answer {
    refuse(
        403,
        "Your account does not have the necessary privileges to access this endpoint. For more details, refer to our \
         documentation https://supabase.com/docs/guides/platform/access-control",
    )
}
