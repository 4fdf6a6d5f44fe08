//! The routes: one file a resource, one line a route here.

mod account;
mod api_keys;
mod auth;
mod bans;
mod config;
mod data_api;
mod network;
mod organizations;
mod pooler;
mod postgres;
mod project;
mod projects;
mod realtime;
mod regions;
mod secrets;
mod ssl;
mod sso;
mod storage;
mod third_party_auth;
mod vanity;

use serde_json::Value;

use super::answer::{Answer, Answered, refuse};
use super::matching::Route;
use super::state::{Project, State};
use super::validate::no_match;

/// Requests a minute on ordinary routes, and on those that are recorded with fewer.
const USUAL: u32 = 120;
const RARE: u32 = 10;

macro_rules! routes {
    ($($method:literal $template:literal $(($limit:ident))? => $handle:path),* $(,)?) => {
        &[$(Route {
            method: $method,
            template: $template,
            name: concat!($method, " ", $template),
            limit: [$($limit,)? USUAL][0],
            handle: $handle,
        }),*]
    };
}

/// Every route of the sandbox.
pub(super) const ROUTES: &[Route] = routes! {
    "GET" "/v1/profile" => account::profile,
    "GET" "/v1/organizations" => organizations::list,
    "POST" "/v1/organizations" => organizations::create,
    "GET" "/v1/organizations/{slug}" => organizations::get,
    "GET" "/v1/organizations/{slug}/entitlements" => organizations::entitlements,
    "GET" "/v1/organizations/{slug}/projects" => organizations::projects,
    "GET" "/v1/projects" => projects::list,
    "POST" "/v1/projects" => projects::create,
    "GET" "/v1/projects/available-regions" => regions::list,
    "GET" "/v1/projects/{ref}" => project::get,
    "PATCH" "/v1/projects/{ref}" => project::rename,
    "DELETE" "/v1/projects/{ref}" => project::delete,
    "GET" "/v1/projects/{ref}/health" => project::health,
    "GET" "/v1/projects/{ref}/api-keys" => api_keys::list,
    "POST" "/v1/projects/{ref}/api-keys" => api_keys::create,
    "GET" "/v1/projects/{ref}/api-keys/legacy" => api_keys::legacy_get,
    "PUT" "/v1/projects/{ref}/api-keys/legacy" => api_keys::legacy_put,
    "GET" "/v1/projects/{ref}/api-keys/{id}" => api_keys::get,
    "PATCH" "/v1/projects/{ref}/api-keys/{id}" => api_keys::update,
    "DELETE" "/v1/projects/{ref}/api-keys/{id}" => api_keys::delete,
    "GET" "/v1/projects/{ref}/billing/addons" => project::billing,
    "GET" "/v1/projects/{ref}/config/auth" => auth::get,
    "PATCH" "/v1/projects/{ref}/config/auth" => auth::patch,
    "GET" "/v1/projects/{ref}/config/auth/sso/providers" => sso::list,
    "POST" "/v1/projects/{ref}/config/auth/sso/providers" => sso::create,
    "GET" "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}" => sso::get,
    "PUT" "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}" => sso::update,
    "DELETE" "/v1/projects/{ref}/config/auth/sso/providers/{provider_id}" => sso::delete,
    "GET" "/v1/projects/{ref}/config/auth/third-party-auth" => third_party_auth::list,
    "POST" "/v1/projects/{ref}/config/auth/third-party-auth" => third_party_auth::create,
    "GET" "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}" => third_party_auth::get,
    "DELETE" "/v1/projects/{ref}/config/auth/third-party-auth/{tpa_id}" => third_party_auth::delete,
    "GET" "/v1/projects/{ref}/config/database/pooler" => pooler::get,
    "PATCH" "/v1/projects/{ref}/config/database/pooler" => pooler::patch,
    "GET" "/v1/projects/{ref}/config/database/postgres" => postgres::get,
    "PUT" "/v1/projects/{ref}/config/database/postgres" => postgres::put,
    "PATCH" "/v1/projects/{ref}/config/database/postgres" => postgres::patch,
    "GET" "/v1/projects/{ref}/config/realtime" => realtime::get,
    "PATCH" "/v1/projects/{ref}/config/realtime" => realtime::patch,
    "GET" "/v1/projects/{ref}/config/storage" => storage::get,
    "PATCH" "/v1/projects/{ref}/config/storage" => storage::patch,
    "POST" "/v1/projects/{ref}/network-bans/retrieve" => bans::retrieve,
    "DELETE" "/v1/projects/{ref}/network-bans" => bans::delete,
    "GET" "/v1/projects/{ref}/network-restrictions" => network::get,
    "PATCH" "/v1/projects/{ref}/network-restrictions" => network::patch,
    "POST" "/v1/projects/{ref}/network-restrictions/apply" => network::apply,
    "GET" "/v1/projects/{ref}/postgrest" => data_api::get,
    "PATCH" "/v1/projects/{ref}/postgrest" => data_api::patch,
    "GET" "/v1/projects/{ref}/secrets" => secrets::list,
    "POST" "/v1/projects/{ref}/secrets" => secrets::upsert,
    "DELETE" "/v1/projects/{ref}/secrets" => secrets::delete,
    "GET" "/v1/projects/{ref}/ssl-enforcement" => ssl::get,
    "PUT" "/v1/projects/{ref}/ssl-enforcement" => ssl::put,
    "GET" "/v1/projects/{ref}/vanity-subdomain" (RARE) => vanity::get,
    "DELETE" "/v1/projects/{ref}/vanity-subdomain" (RARE) => vanity::delete,
    "POST" "/v1/projects/{ref}/vanity-subdomain/check-availability" (RARE) => vanity::check,
    "POST" "/v1/projects/{ref}/vanity-subdomain/activate" (RARE) => vanity::activate,
    "GET" "/v2/projects/{ref}/config" => config::get,
};

/// A request on its way through a route.
pub(super) struct Visit<'a> {
    pub(super) state: &'a mut State,
    pub(super) params: &'a [(&'static str, String)],
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    /// The sandbox's time in milliseconds.
    pub(super) now: u64,
    pub(super) google_folds: bool,
    pub(super) postgres_put_merges: bool,
}

impl Visit<'_> {
    fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The values of a query parameter.
    fn asked(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The project that the path names; refused where the ref is malformed, unknown or removed.
    fn project(&mut self) -> Result<&mut Project, Answer> {
        let reference = self.param("ref").to_owned();
        if reference.len() < 20 {
            return Err(refuse(400, "ref: Too small: expected string to have >=20 characters"));
        }
        if reference.len() > 20 {
            return Err(refuse(400, "ref: Too big: expected string to have <=20 characters"));
        }
        if !reference.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(no_match("ref", "^[a-z]+$"));
        }
        match self.state.projects.get_mut(&reference) {
            None => Err(refuse(404, "Project not found")),
            Some(project) if project.removed => Err(refuse(400, "Resource has been removed")),
            Some(project) => Ok(project),
        }
    }

    /// The project and the plan of its organization.
    fn project_and_plan(&mut self) -> Result<(&mut Project, String), Answer> {
        let slug = self.project()?.organization.clone();
        let plan =
            self.state.organizations.get(&slug).map_or_else(String::new, |organization| organization.plan.clone());
        Ok((self.project()?, plan))
    }
}

/// The rows of a kind: the facts of its fields.
fn rows(kind: &str) -> &'static crate::kind::KindInfo {
    crate::kind::find(crate::kinds::KINDS, kind).expect("the kind is registered").info()
}

/// A path parameter that has to be an id.
fn id(visit: &Visit<'_>, name: &str) -> Result<String, Answer> {
    let given = visit.param(name);
    let parts = given.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let digits = given.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    if parts && digits { Ok(given.to_ascii_lowercase()) } else { Err(refuse(400, format!("{name}: Invalid UUID"))) }
}

/// Whether auth has a setting of this name.
pub(super) fn is_auth_field(name: &str) -> bool {
    rows("auth").field(name).is_some()
}

/// Whether a member of a request holds a secret, for the log.
pub(super) fn is_secret(name: &str) -> bool {
    matches!(name, "value" | "db_pass" | "password" | "private_jwk" | "root_key" | "api_key") || auth::is_secret(name)
}

/// The usual success.
#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn answer(body: Value) -> Answered {
    Ok(super::answer::ok(200, body))
}
