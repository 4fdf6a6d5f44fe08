//! The parts of a request that may be shown: members that are known to be public, and nothing else. Anything unknown may
//! hold a secret: a member under a wrong name, a name itself, a part of a path.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::matching::Route;
use super::routes::ROUTES;
use super::rows::rows;
use crate::kinds::operations::OPERATIONS;
use crate::schema::{Field, Type, Wire};

/// Replaces a secret that has a member of its own.
const SECRET: &str = "[secret]";
/// Replaces an unknown value.
const MASKED: &str = "[masked]";
/// The largest body that is shown, in bytes.
const LONGEST: usize = 256 * 1024;

/// The known members of a request's body.
enum Known {
    /// The rows of a kind, and further members.
    Rows(&'static str, &'static [&'static str]),
    /// Paths: `*` is an item of a list, `?` a free name that is not shown; `!` precedes a secret.
    Paths(&'static [&'static str]),
}

/// The known members of each request with a body.
fn known(route: &Route) -> Known {
    let below = route.template.strip_prefix("/v1/projects/{ref}").unwrap_or(route.template);
    match (route.method, below) {
        ("PATCH", "/config/auth") => Known::Rows("auth", &[]),
        (_, "/config/database/postgres") => Known::Rows("postgres", &["restart_database"]),
        (_, "/config/database/pooler") => Known::Rows("pooler", &[]),
        (_, "/config/realtime") => Known::Rows("realtime", &[]),
        (_, "/postgrest") => Known::Rows("data_api", &[]),
        ("POST", "/v1/projects") => Known::Paths(&[
            "!db_pass",
            "name",
            "organization_id",
            "organization_slug",
            "plan",
            "region",
            "region_selection/type",
            "region_selection/code",
            "kps_enabled",
            "desired_instance_size",
            "release_channel",
            "postgres_engine",
            "high_availability",
        ]),
        (_, "" | "/v1/organizations") => Known::Paths(&["name"]),
        (_, "/api-keys" | "/api-keys/{id}") => Known::Paths(&["type", "name", "description", "secret_jwt_template/?"]),
        (_, "/config/auth/sso/providers" | "/config/auth/sso/providers/{provider_id}") => Known::Paths(&[
            "type",
            "metadata_xml",
            "metadata_url",
            "domains/*",
            "name_id_format",
            "attribute_mapping/keys/?/name",
            "attribute_mapping/keys/?/names/*",
            "attribute_mapping/keys/?/array",
            "!attribute_mapping/keys/?/default",
        ]),
        ("POST", "/config/auth/signing-keys") => Known::Paths(&["algorithm", "status", "!private_jwk"]),
        ("PATCH", "/config/auth/signing-keys/{id}") => Known::Paths(&["status"]),
        (_, "/config/auth/third-party-auth") => Known::Paths(&["oidc_issuer_url", "jwks_url"]),
        ("POST", "/branches") => Known::Paths(&[
            "branch_name",
            "git_branch",
            "is_default",
            "persistent",
            "region",
            "desired_instance_size",
            "release_channel",
            "postgres_engine",
            "!secrets/?",
            "with_data",
            "notify_url",
        ]),
        ("POST", "/v2/projects/{ref}/branches") => Known::Paths(&[
            "data/type",
            "data/attributes/name",
            "data/attributes/git_branch",
            "data/attributes/region",
            "data/attributes/persistent",
            "data/attributes/with_data",
            "data/attributes/desired_instance_size",
            "data/attributes/desired_disk_size_gb",
            "data/attributes/notify_url",
        ]),
        ("PATCH", "/v1/branches/{branch_id_or_ref}") => Known::Paths(&[
            "branch_name",
            "git_branch",
            "reset_on_push",
            "persistent",
            "status",
            "request_review",
            "notify_url",
        ]),
        (
            "POST",
            "/v1/branches/{branch_id_or_ref}/merge"
            | "/v1/branches/{branch_id_or_ref}/push"
            | "/v1/branches/{branch_id_or_ref}/reset",
        ) => Known::Paths(&["migration_version"]),
        (_, "/config/storage") => Known::Paths(&[
            "fileSizeLimit",
            "features/imageTransformation/enabled",
            "features/s3Protocol/enabled",
            "features/purgeCache/enabled",
            "features/icebergCatalog/enabled",
            "features/icebergCatalog/maxNamespaces",
            "features/icebergCatalog/maxTables",
            "features/icebergCatalog/maxCatalogs",
            "features/vectorBuckets/enabled",
            "features/vectorBuckets/maxBuckets",
            "features/vectorBuckets/maxIndexes",
            "external/upstreamTarget",
        ]),
        // The text of SQL may have a password, as in `CREATE ROLE`.
        (_, "/database/query" | "/database/query/read-only") => Known::Paths(&["!query", "read_only"]),
        (_, "/database/migrations" | "/database/migrations/{version}") => {
            Known::Paths(&["name", "!query", "!rollback"])
        }
        (_, "/network-bans") => Known::Paths(&["ipv4_addresses/*", "requester_ip", "identifier"]),
        (_, "/network-restrictions/apply") => Known::Paths(&["dbAllowedCidrs/*", "dbAllowedCidrsV6/*"]),
        (_, "/network-restrictions/review") => Known::Paths(&["action", "requested_at"]),
        (_, "/network-restrictions") => Known::Paths(&[
            "add/dbAllowedCidrs/*",
            "add/dbAllowedCidrsV6/*",
            "remove/dbAllowedCidrs/*",
            "remove/dbAllowedCidrsV6/*",
        ]),
        ("POST", "/secrets") => Known::Paths(&["*/name", "!*/value"]),
        (_, "/secrets") => Known::Paths(&["*"]),
        (_, "/ssl-enforcement") => Known::Paths(&["requestedConfig/database"]),
        (_, "/custom-hostname/initialize") => Known::Paths(&["custom_hostname"]),
        (_, "/vanity-subdomain/check-availability" | "/vanity-subdomain/activate") => {
            Known::Paths(&["vanity_subdomain"])
        }
        ("POST", "/functions/deploy") => Known::Paths(&[
            "metadata/entrypoint_path",
            "metadata/import_map_path",
            "metadata/static_patterns/*",
            "metadata/verify_jwt",
            "metadata/name",
            "file/*/name",
        ]),
        (_, "/functions" | "/functions/{function_slug}") => {
            Known::Paths(&["slug", "name", "verify_jwt", "*/slug", "*/version"])
        }
        _ => Known::Paths(&[]),
    }
}

/// The type of a member.
enum Class {
    Secret,
    /// Shown if its value is of this type.
    Open(Option<&'static Field>),
    /// Some member within it is known; its own name is fixed or free.
    Around {
        free: bool,
    },
    Unknown,
}

impl Known {
    fn class(&self, at: &[String]) -> Class {
        match self {
            Self::Rows(kind, beside) => {
                let [name] = at else { return Class::Unknown };
                match rows(kind).field(name) {
                    Some(field) if field.is_secret() => Class::Secret,
                    Some(field) => Class::Open(Some(field)),
                    None if beside.contains(&name.as_str()) => Class::Open(None),
                    None => Class::Unknown,
                }
            }
            Self::Paths(paths) => paths.iter().find_map(|path| of_path(path, at)).unwrap_or(Class::Unknown),
        }
    }
}

/// The part of a known path that applies to a member.
fn of_path(path: &str, at: &[String]) -> Option<Class> {
    let plain = path.strip_prefix('!').unwrap_or(path);
    let mut parts = plain.split('/');
    let mut free = false;
    for name in at {
        let part = parts.next()?;
        free = part == "?";
        if !free && part != name {
            return None;
        }
    }
    let leaf = parts.next().is_none();
    Some(match (leaf, path.starts_with('!'), free) {
        (true, true, _) => Class::Secret,
        // The value of a free name is unknown.
        (true, false, true) | (false, ..) => Class::Around { free },
        (true, false, false) => Class::Open(None),
    })
}

/// A body as it may be shown.
pub(super) fn body(route: Option<&Route>, body: &Value) -> Value {
    let nothing = Known::Paths(&[]);
    let known = route.map_or(nothing, known);
    let shown = within(body, &known, &mut vec![]);
    let length = shown.to_string().len();
    if length > LONGEST { format!("[{length} bytes]").into() } else { shown }
}

fn within(value: &Value, known: &Known, at: &mut Vec<String>) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Object(members) => {
            let mut shown = Map::new();
            for (name, member) in members {
                at.push(name.clone());
                let class = known.class(at);
                let hidden = matches!(class, Class::Unknown | Class::Around { free: true });
                let name = if hidden { format!("[masked {}]", shown.len() + 1) } else { name.clone() };
                let member = one(member, &class, known, at);
                shown.insert(name, member);
                at.pop();
            }
            shown.into()
        }
        Value::Array(items) => {
            at.push("*".to_owned());
            let shown = items.iter().map(|item| one(item, &known.class(at), known, at)).collect();
            at.pop();
            Value::Array(shown)
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => MASKED.into(),
    }
}

fn one(value: &Value, class: &Class, known: &Known, at: &mut Vec<String>) -> Value {
    match (class, value) {
        (_, Value::Null) => Value::Null,
        (Class::Secret, Value::String(text)) if text.is_empty() => "".into(),
        (Class::Secret, _) => SECRET.into(),
        (Class::Open(field), scalar) if !scalar.is_object() && !scalar.is_array() => open(*field, scalar),
        _ => within(value, known, at),
    }
}

/// The value of a public member, if it is of the member's type; any other value may be secret.
fn open(field: Option<&'static Field>, value: &Value) -> Value {
    let fits = match (field.map(|field| (&field.ty, field.wire)), value) {
        (Some((Type::Bool, _)), value) => value.is_boolean(),
        (Some((Type::Int { .. }, Wire::Plain) | (Type::Number { .. }, _)), value) => value.is_number(),
        (Some((Type::Choice(words), _)), Value::String(text)) => text.is_empty() || words.contains(&text.as_str()),
        (_, Value::String(text)) => !has_credentials(text),
        (Some(_), _) => false,
        (None, _) => true,
    };
    if fits { value.clone() } else { MASKED.into() }
}

/// Whether a text has an address with a user or a password.
fn has_credentials(text: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "/?#,".contains(c);
    text.split("://").skip(1).any(|rest| rest.split(ends).next().is_some_and(|authority| authority.contains('@')))
}

/// A path as it may be shown: words of the API, and parts in the form of an id.
pub(super) fn path(path: &str, is_slug: impl Fn(&str) -> bool) -> String {
    let shown = path.split('/').map(|part| if is_word(part) || is_id(part) || is_slug(part) { part } else { MASKED });
    shown.collect::<Vec<_>>().join("/")
}

fn is_word(part: &str) -> bool {
    static WORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let templates = ROUTES.iter().map(|route| route.template).chain(OPERATIONS.iter().map(|(_, path, _)| *path));
        templates.flat_map(|path| path.split('/')).collect()
    });
    WORDS.contains(part)
}

/// The ref of a project, or a UUID.
fn is_id(part: &str) -> bool {
    let reference = part.len() == 20 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let lengths = part.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    reference || (lengths && part.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()))
}

/// A query as it may be shown: known parameters with values of their form.
pub(super) fn query(query: &str, is_slug: impl Fn(&str) -> bool) -> String {
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || b"_,".contains(&byte));
    let status = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || b"_,".contains(&byte));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = value.replace("%2C", ",");
        let fits = match name {
            "reveal" | "enabled" | "force" | "pgdelta" | "bundleOnly" | "verify_jwt" | "import_map" => {
                matches!(value.as_str(), "true" | "false")
            }
            "offset" | "limit" | "timeout_ms" => value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_digit()),
            "services" | "sort" => value.len() < 120 && word(&value),
            "statuses" | "continent" => value.len() < 120 && status(&value),
            "desired_instance_size" => super::catalogue::SIZES.contains(&value.as_str()),
            "organization_slug" => is_slug(&value),
            "search" => value.is_empty(),
            // Any letters that somebody chose.
            "slug" | "name" | "entrypoint_path" | "import_map_path" | "ezbr_sha256" => false,
            _ => return format!("{MASKED}={MASKED}"),
        };
        if fits { pair.to_owned() } else { format!("{name}={MASKED}") }
    };
    query.split('&').filter(|text| !text.is_empty()).map(pair).collect::<Vec<_>>().join("&")
}

/// A method as it may be shown.
pub(super) fn method(method: &str) -> &str {
    let usual = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    if usual.contains(&method) { method } else { MASKED }
}
