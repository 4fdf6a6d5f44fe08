//! A copy of a live project: its settings, names and digests. No value of a secret is among what is read.

use serde_json::{Map, Value};

use super::branching::Branch;
use super::functions::Function;
use super::history::{History, Migration};
use super::ids::uuid;
use super::keys::SigningKey;
use super::rows::rows;
use super::state::Project;
use super::stored::{ApiKey, CustomHostname, HostnameStatus, SsoProvider, StoredSecret, ThirdPartyAuth};
use crate::model::LiveKind;
use crate::schema::Literal;
use crate::secret::looks_like_digest;

type Item = Map<String, Value>;

impl Project {
    /// Takes over what was read of a kind. What the sandbox has no place for is left out.
    pub fn copy(&mut self, kind: &str, live: &LiveKind) {
        match live {
            LiveKind::Settings(live) => self.copy_settings(kind, live),
            LiveKind::Items(items) => {
                if kind == "api_keys" {
                    self.api_keys = Some(vec![]);
                }
                for (key, item) in items {
                    self.copy_item(kind, key, item);
                }
            }
            LiveKind::NotYet => {}
        }
    }

    fn copy_settings(&mut self, kind: &str, live: &Item) {
        let is_on = |name: &str| live.get(name) == Some(&Value::Bool(true));
        match kind {
            "auth" => self.auth = set(kind, live),
            "postgres" => self.postgres = set(kind, live),
            "pooler" => self.pooler = set(kind, live),
            "data_api" => self.data_api = set(kind, live),
            "realtime" => self.realtime = set(kind, live),
            "storage" => self.storage = set(kind, live),
            "ssl_enforcement" => self.ssl_enforced = is_on("database"),
            "legacy_api_keys" => self.legacy_api_keys_off = !is_on("enabled"),
            "database_webhooks" => self.database_webhooks = is_on("enabled"),
            "network_restrictions" => {
                (self.network.ipv4, self.network.ipv6) = (texts(live, "ipv4"), texts(live, "ipv6"));
            }
            "vanity_subdomain" => self.vanity = text(live, "vanity_subdomain"),
            "custom_hostname" => {
                if is_on("addon") {
                    self.addons.insert("cd_default".to_owned());
                }
                let status = match live.get("activate") {
                    Some(Value::Bool(true)) => HostnameStatus::Active,
                    Some(Value::Bool(false)) => HostnameStatus::Verified,
                    _ => HostnameStatus::Initiated,
                };
                let hostname = text(live, "custom_hostname");
                self.custom_hostname = hostname.map(|hostname| CustomHostname {
                    hostname,
                    status,
                    initialized_ms: 0,
                    renewed: 0,
                    verified_at_ms: None,
                    refused_once: false,
                });
            }
            _ => {}
        }
    }

    fn copy_item(&mut self, kind: &str, key: &str, item: &Item) {
        let id = || text(item, "id").unwrap_or_else(|| key.to_owned());
        match kind {
            "secrets" => {
                let digest = text(item, "value").filter(|it| looks_like_digest(it));
                self.secrets.extend(digest.map(|digest| (key.to_owned(), StoredSecret { digest, updated_ms: 0 })));
            }
            "third_party_auth" => {
                let issuer = ThirdPartyAuth {
                    oidc_issuer_url: text(item, "oidc_issuer_url"),
                    jwks_url: text(item, "jwks_url"),
                    custom_jwks: item.get("custom_jwks").filter(|it| !it.is_null()).cloned(),
                    created_ms: 0,
                };
                self.third_party_auth.insert(id(), issuer);
            }
            "sso_providers" => {
                let mapping = item.get("attribute_mapping").and_then(Value::as_object).cloned().unwrap_or_default();
                let keys = mapping.get("keys").and_then(Value::as_object).cloned();
                let provider = SsoProvider {
                    entity_id: text(item, "entity_id").unwrap_or_default(),
                    metadata_url: text(item, "metadata_url"),
                    metadata_xml: text(item, "metadata_xml").unwrap_or_default(),
                    domains: texts(item, "domains"),
                    attribute_mapping: keys.unwrap_or(mapping),
                    name_id_format: text(item, "name_id_format"),
                    created_ms: 0,
                    updated_ms: 0,
                };
                self.sso_providers.insert(id(), provider);
            }
            "api_keys" => {
                let made = ApiKey {
                    id: id(),
                    name: text(item, "name").unwrap_or_else(|| key.to_owned()),
                    kind: text(item, "type").unwrap_or_default(),
                    description: text(item, "description"),
                    secret_jwt_template: item.get("secret_jwt_template").and_then(Value::as_object).cloned(),
                    created_ms: 0,
                    updated_ms: 0,
                };
                self.api_keys.get_or_insert_default().push(made);
            }
            "signing_keys" => {
                let public = ["id", "algorithm", "status", "public_jwk"]
                    .map(|name| (name.to_owned(), item.get(name).cloned().unwrap_or_default()));
                let made = serde_json::from_value::<SigningKey>(Value::Object(Map::from_iter(public)));
                self.signing_keys.get_or_insert_default().extend(made);
            }
            "functions" => {
                self.functions.insert(key.to_owned(), function(key, item));
            }
            "migrations" => {
                let History { table, rows } = &mut self.migrations;
                *table = true;
                rows.push(migration(key, item));
            }
            "branches" => self.branches.extend(branch(key, item)),
            _ => {}
        }
    }
}

/// The settings that are known, and are not as a project begins with them; of secrets, the digests.
fn set(kind: &str, live: &Item) -> Item {
    let is_worth = |name: &str, value: &Value| {
        let Some(row) = rows(kind).field(name) else { return false };
        if row.is_secret() {
            return value.as_str().is_some_and(looks_like_digest);
        }
        !value.is_null() && row.default.map(Literal::to_value).as_ref() != Some(value)
    };
    let kept = live.iter().filter(|(name, value)| is_worth(name, value));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn texts(item: &Item, name: &str) -> Vec<String> {
    let list = item.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What the platform would tell of the function; the bundle is another one, for its sources are bundled elsewhere.
fn function(slug: &str, item: &Item) -> Function {
    let files = item.get("files").and_then(Value::as_object);
    let version = item.get("version").and_then(Value::as_u64).and_then(|it| u32::try_from(it).ok());
    Function {
        id: text(item, "id").unwrap_or_else(|| uuid(slug)),
        name: text(item, "name").unwrap_or_else(|| slug.to_owned()),
        version: version.unwrap_or(1),
        verify_jwt: item.get("verify_jwt") != Some(&Value::Bool(false)),
        entrypoint_path: text(item, "entrypoint_path"),
        import_map_path: text(item, "import_map_path"),
        bundle_only: files.is_none_or(Map::is_empty),
        files: files.into_iter().flatten().map(|(path, file)| (path.clone(), file.clone())).collect(),
        ghost: false,
        orphaned: false,
        ezbr_sha256: text(item, "ezbr_sha256").unwrap_or_default(),
        created_ms: 0,
        updated_ms: 0,
        listed_from_ms: 0,
        listed_before: None,
    }
}

fn migration(key: &str, item: &Item) -> Migration {
    let statements = item.get("statements").is_some_and(Value::is_array).then(|| texts(item, "statements"));
    Migration {
        version: text(item, "version").unwrap_or_else(|| key.to_owned()),
        name: text(item, "name"),
        statements,
        created_by: text(item, "created_by"),
        ..Migration::default()
    }
}

fn branch(key: &str, item: &Item) -> Option<Branch> {
    let is_on = |name: &str| item.get(name) == Some(&Value::Bool(true));
    let number = item.get("pr_number").and_then(Value::as_u64);
    Some(Branch {
        id: text(item, "id")?,
        name: text(item, "name").unwrap_or_else(|| key.to_owned()),
        reference: text(item, "project_ref")?,
        is_default: is_on("is_default"),
        git_branch: text(item, "git_branch"),
        pull_request: number.and_then(|it| u32::try_from(it).ok()),
        persistent: is_on("persistent"),
        with_data: is_on("with_data"),
        notify_url: text(item, "notify_url"),
        created_ms: 0,
        updated_ms: 0,
        review_ms: None,
        deleted_at_ms: None,
        runs: vec![],
        dies_at: None,
        lag: None,
    })
}
