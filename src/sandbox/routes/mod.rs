//! The routes: one file per resource, one line per route here.

mod account;
mod api_keys;
mod auth;
mod bans;
mod branch_runs;
mod branches;
mod config;
pub(super) mod custom_hostname;
mod data_api;
pub(super) mod functions;
mod migrations;
mod network;
mod organizations;
mod pause;
mod pooler;
mod postgres;
mod project;
mod projects;
mod query;
mod realtime;
mod regions;
mod secrets;
mod signing_keys;
mod ssl;
mod sso;
pub(super) mod storage;
mod third_party_auth;
pub(super) mod vanity;
mod webhooks;

use super::matching::Route;
use super::switches::Switches;

/// Requests per minute on ordinary routes, and on those that are recorded with fewer.
const USUAL: u32 = 120;
const RARE: u32 = 10;

/// The message of a failure for which the specification has none.
const FAILURE: &str = "Internal server error";

/// One route per line: its name, its permissions, its handler, and the message of a failed write.
macro_rules! routes {
    ($($method:literal $template:literal $(($limit:ident))? [$($need:literal),*] $handle:path $(, $failure:literal)?;)*) => {
        &[$(Route {
            method: $method,
            template: $template,
            name: concat!($method, " ", $template),
            limit: [$($limit,)? USUAL][0],
            needs: &[$($need),*],
            failure: [$($failure,)? FAILURE][0],
            handle: $handle,
        }),*]
    };
}

/// Every route of the sandbox.
pub(super) const ROUTES: &[Route] = routes! {
    "GET" "/v1/branches/{branch_id_or_ref}" ["branching_development_read"] branches::config;
    "PATCH" "/v1/branches/{branch_id_or_ref}" ["branching_development_write"]
        branches::update, "Failed to update database branch";
    "DELETE" "/v1/branches/{branch_id_or_ref}" ["branching_development_delete"]
        branches::delete, "Failed to delete database branch";
    "GET" "/v1/branches/{branch_id_or_ref}/diff" ["branching_development_write"] branch_runs::diff;
    "POST" "/v1/branches/{branch_id_or_ref}/merge" ["branching_development_write"]
        branch_runs::merge, "Failed to merge database branch";
    "POST" "/v1/branches/{branch_id_or_ref}/push" ["branching_development_write"]
        branch_runs::push, "Failed to push database branch";
    "POST" "/v1/branches/{branch_id_or_ref}/reset" ["branching_development_write"]
        branch_runs::reset, "Failed to reset database branch";
    "POST" "/v1/branches/{branch_id_or_ref}/restore" ["branching_development_write"]
        branches::restore, "Failed to restore database branch";
    "GET" "/v1/profile" [] account::profile;
    "GET" "/v1/organizations" ["organizations_read"] organizations::list;
    "POST" "/v1/organizations" ["organizations_create"]
        organizations::create, "Unexpected error creating an organization";
    "GET" "/v1/organizations/{slug}" ["organization_admin_read"] organizations::get;
    "GET" "/v1/organizations/{slug}/entitlements" ["organization_admin_read"] organizations::entitlements;
    "GET" "/v1/organizations/{slug}/projects" ["organization_projects_read"] organizations::projects;
    "GET" "/v1/projects" ["projects_read"] projects::list;
    "POST" "/v1/projects" ["organization_projects_create"] projects::create;
    "GET" "/v1/projects/available-regions" [] regions::list;
    "GET" "/v1/projects/{ref}" ["project_admin_read"] project::get;
    "PATCH" "/v1/projects/{ref}" ["project_admin_write"] project::rename, "Failed to update project";
    "DELETE" "/v1/projects/{ref}" ["project_admin_write"] project::delete;
    "GET" "/v1/projects/{ref}/health" ["project_admin_read"] project::health;
    "GET" "/v1/projects/{ref}/actions" ["action_runs_read"] branch_runs::actions;
    "GET" "/v1/projects/{ref}/actions/{run_id}" ["action_runs_read"] branch_runs::action;
    "GET" "/v1/projects/{ref}/api-keys" ["api_gateway_keys_read"] api_keys::list;
    "POST" "/v1/projects/{ref}/api-keys" ["api_gateway_keys_write"] api_keys::create;
    "GET" "/v1/projects/{ref}/api-keys/legacy" ["api_gateway_keys_read"] api_keys::legacy_get;
    "PUT" "/v1/projects/{ref}/api-keys/legacy" ["api_gateway_keys_write"] api_keys::legacy_put;
    "GET" "/v1/projects/{ref}/api-keys/{id}" ["api_gateway_keys_read"] api_keys::get;
    "PATCH" "/v1/projects/{ref}/api-keys/{id}" ["api_gateway_keys_write"] api_keys::update;
    "DELETE" "/v1/projects/{ref}/api-keys/{id}" ["api_gateway_keys_write"] api_keys::delete;
    "GET" "/v1/projects/{ref}/billing/addons" ["infra_add_ons_read"] project::billing;
    "GET" "/v1/projects/{ref}/branches" ["branching_development_read"] branches::list;
    "POST" "/v1/projects/{ref}/branches" ["branching_development_create"]
        branches::create, "Failed to create database branch";
    "DELETE" "/v1/projects/{ref}/branches" ["branching_production_delete"]
        branches::disable, "Failed to disable preview branching";
    "GET" "/v1/projects/{ref}/branches/{name}" ["branching_development_read"] branches::by_name;
    "GET" "/v1/projects/{ref}/config/auth" ["auth_config_read"] auth::get;
    "PATCH" "/v1/projects/{ref}/config/auth" ["auth_config_write", "project_admin_write"]
        auth::patch, "Failed to update project's auth config";
    "GET" "/v1/projects/{ref}/config/auth/signing-keys" ["auth_signing_keys_read"] signing_keys::list;
    "POST" "/v1/projects/{ref}/config/auth/signing-keys" ["auth_signing_keys_write"] signing_keys::create;
    "GET" "/v1/projects/{ref}/config/auth/signing-keys/legacy" ["auth_signing_keys_read"] signing_keys::legacy_get;
    "POST" "/v1/projects/{ref}/config/auth/signing-keys/legacy" ["auth_signing_keys_write"]
        signing_keys::legacy_create;
    "GET" "/v1/projects/{ref}/config/auth/signing-keys/{id}" ["auth_signing_keys_read"] signing_keys::get;
    "PATCH" "/v1/projects/{ref}/config/auth/signing-keys/{id}" ["auth_signing_keys_write"] signing_keys::update;
    "DELETE" "/v1/projects/{ref}/config/auth/signing-keys/{id}" ["auth_signing_keys_write"] signing_keys::delete;
    "GET" "/v1/projects/{ref}/config/auth/sso/providers" ["auth_config_read"] sso::list;
    "POST" "/v1/projects/{ref}/config/auth/sso/providers" ["auth_config_write"] sso::create;
    "GET" "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}" ["auth_config_read"] sso::get;
    "PUT" "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}" ["auth_config_write"] sso::update;
    "DELETE" "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}" ["auth_config_write"] sso::delete;
    "GET" "/v1/projects/{ref}/config/auth/third-party-auth" ["auth_config_read"] third_party_auth::list;
    "POST" "/v1/projects/{ref}/config/auth/third-party-auth" ["auth_config_write"] third_party_auth::create;
    "GET" "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}" ["auth_config_read"] third_party_auth::get;
    "DELETE" "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}" ["auth_config_write"] third_party_auth::delete;
    "GET" "/v1/projects/{ref}/config/database/pooler" ["database_pooling_config_read"] pooler::get;
    "PATCH" "/v1/projects/{ref}/config/database/pooler" ["database_pooling_config_write"]
        pooler::patch, "Failed to update project's supavisor config";
    "GET" "/v1/projects/{ref}/config/database/postgres" ["database_config_read"] postgres::get;
    "PUT" "/v1/projects/{ref}/config/database/postgres" ["database_config_write"]
        postgres::put, "Failed to update project's Postgres config";
    "PATCH" "/v1/projects/{ref}/config/database/postgres" ["database_config_write"]
        postgres::patch, "Failed to update project's Postgres config";
    "GET" "/v1/projects/{ref}/config/realtime" ["realtime_config_read"] realtime::get;
    "PATCH" "/v1/projects/{ref}/config/realtime" ["realtime_config_write"] realtime::patch;
    "GET" "/v1/projects/{ref}/config/storage" ["storage_config_read"] storage::get;
    "PATCH" "/v1/projects/{ref}/config/storage" ["storage_config_write"]
        storage::patch, "Failed to update project's storage config";
    "GET" "/v1/projects/{ref}/custom-hostname" ["custom_domain_read"] custom_hostname::get;
    "DELETE" "/v1/projects/{ref}/custom-hostname" (RARE) ["custom_domain_write"]
        custom_hostname::delete, "Failed to delete project custom hostname configuration";
    "POST" "/v1/projects/{ref}/custom-hostname/initialize" (RARE) ["custom_domain_write"]
        custom_hostname::initialize, "Failed to update project custom hostname configuration";
    "POST" "/v1/projects/{ref}/custom-hostname/reverify" (RARE) ["custom_domain_write"]
        custom_hostname::reverify, "Failed to verify project custom hostname configuration";
    "POST" "/v1/projects/{ref}/custom-hostname/activate" ["custom_domain_write"]
        custom_hostname::activate, "Failed to activate project custom hostname configuration";
    "GET" "/v1/projects/{ref}/functions" ["edge_functions_read"] functions::list;
    "POST" "/v1/projects/{ref}/functions" ["edge_functions_write"] functions::create, "Failed to create project's function";
    "PUT" "/v1/projects/{ref}/functions" ["edge_functions_write"] functions::put, "Failed to update functions";
    "POST" "/v1/projects/{ref}/functions/deploy" ["edge_functions_write"]
        functions::deploy, "Failed to deploy function";
    "GET" "/v1/projects/{ref}/functions/{function_slug}" ["edge_functions_read"] functions::get;
    "PATCH" "/v1/projects/{ref}/functions/{function_slug}" ["edge_functions_write"]
        functions::patch, "Failed to update function with given slug";
    "DELETE" "/v1/projects/{ref}/functions/{function_slug}" ["edge_functions_write"]
        functions::delete, "Failed to delete function with given slug";
    "GET" "/v1/projects/{ref}/functions/{function_slug}/body" ["edge_functions_read"] functions::body;
    "POST" "/v1/projects/{ref}/network-bans/retrieve" ["database_network_bans_read"]
        bans::retrieve, "Failed to retrieve project's network bans";
    "DELETE" "/v1/projects/{ref}/network-bans" ["database_network_bans_write"]
        bans::delete, "Failed to remove network bans.";
    "GET" "/v1/projects/{ref}/database/migrations" ["database_migrations_read"] migrations::list;
    "POST" "/v1/projects/{ref}/database/migrations" ["database_migrations_write"]
        migrations::apply, "Failed to apply database migration";
    "PUT" "/v1/projects/{ref}/database/migrations" ["database_migrations_write"]
        migrations::upsert, "Failed to upsert database migration";
    "DELETE" "/v1/projects/{ref}/database/migrations" ["database_migrations_write"]
        migrations::delete, "Failed to rollback database migration";
    "GET" "/v1/projects/{ref}/database/migrations/{version}" ["database_migrations_read"] migrations::get;
    "PATCH" "/v1/projects/{ref}/database/migrations/{version}" ["database_migrations_write"]
        migrations::update, "Failed to patch database migration";
    "POST" "/v1/projects/{ref}/database/query" [] query::run, "Failed to run sql query";
    "POST" "/v1/projects/{ref}/database/query/read-only" ["database_read"] query::read, "Failed to run read-only sql query";
    "POST" "/v1/projects/{ref}/database/webhooks/enable" ["database_webhooks_config_write"]
        webhooks::enable, "Failed to enable Database Webhooks on the project";
    "GET" "/v1/projects/{ref}/network-restrictions" ["database_network_restrictions_read"] network::get;
    "PATCH" "/v1/projects/{ref}/network-restrictions" ["database_network_restrictions_write"]
        network::patch, "Failed to update project network restrictions";
    "POST" "/v1/projects/{ref}/network-restrictions/apply" ["database_network_restrictions_write"]
        network::apply, "Failed to update project network restrictions";
    "POST" "/v1/projects/{ref}/network-restrictions/review" ["database_network_restrictions_write"]
        network::review, "Failed to update project network restrictions";
    "POST" "/v1/projects/{ref}/pause" ["project_admin_write"] pause::pause;
    "GET" "/v1/projects/{ref}/postgrest" ["data_api_config_read"] data_api::get;
    "PATCH" "/v1/projects/{ref}/postgrest" ["data_api_config_write"]
        data_api::patch, "Failed to update project's postgrest config";
    "GET" "/v1/projects/{ref}/restore" ["project_admin_read"] pause::versions;
    "POST" "/v1/projects/{ref}/restore" ["project_admin_write"] pause::restore;
    "GET" "/v1/projects/{ref}/secrets" ["edge_functions_secrets_read"] secrets::list;
    "POST" "/v1/projects/{ref}/secrets" ["edge_functions_secrets_write"]
        secrets::upsert, "Failed to create project's secrets";
    "DELETE" "/v1/projects/{ref}/secrets" ["edge_functions_secrets_write"]
        secrets::delete, "Failed to delete secrets with given names";
    "GET" "/v1/projects/{ref}/ssl-enforcement" ["database_ssl_config_read"] ssl::get;
    "PUT" "/v1/projects/{ref}/ssl-enforcement" ["database_ssl_config_write"]
        ssl::put, "Failed to update project's SSL enforcement configuration.";
    "GET" "/v1/projects/{ref}/vanity-subdomain" (RARE) ["vanity_subdomain_read"] vanity::get;
    "DELETE" "/v1/projects/{ref}/vanity-subdomain" (RARE) ["vanity_subdomain_write"]
        vanity::delete, "Failed to delete project vanity subdomain configuration";
    "POST" "/v1/projects/{ref}/vanity-subdomain/check-availability" (RARE) ["vanity_subdomain_write"]
        vanity::check, "Failed to check project vanity subdomain configuration";
    "POST" "/v1/projects/{ref}/vanity-subdomain/activate" (RARE) ["vanity_subdomain_write"]
        vanity::activate, "Failed to activate project vanity subdomain configuration";
    "POST" "/v2/projects/{ref}/branches" ["branching_development_create"]
        branches::create_with_disk, "Failed to create database branch";
    "GET" "/v2/projects/{ref}/config" ["database_config_read", "database_read", "database_ssl_config_read", "database_network_restrictions_read", "auth_config_read", "data_api_config_read", "realtime_config_read", "storage_config_read"]
        config::get;
};

/// How long a route takes to answer, in milliseconds.
pub(super) fn takes_ms(route: &Route, switches: Switches) -> u64 {
    match route.name {
        "POST /v1/projects/{ref}/branches" | "POST /v2/projects/{ref}/branches" => switches.branches.create_ms,
        _ => 0,
    }
}

/// Routes that change nothing of the project's services: they work while it is down.
pub(super) fn takes_writes_always(route: &Route) -> bool {
    matches!(
        route.name,
        "PATCH /v1/projects/{ref}"
            | "DELETE /v1/projects/{ref}"
            | "POST /v1/projects/{ref}/network-bans/retrieve"
            | "POST /v1/projects/{ref}/restore"
            | "POST /v1/projects/{ref}/vanity-subdomain/check-availability"
    )
}
