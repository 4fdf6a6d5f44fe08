//! The part of the state that a write may change, with its old values, so that a refusal has no effect and a read can lag
//! behind.
//!
//! A write changes the project of its path, or creates something new; a copy of the whole state would cost as much as all
//! projects, at every request.

use super::ids;
use super::state::{Project, State};

/// The part of the state that a write may change.
#[derive(Debug, Clone)]
pub(super) struct Undo {
    /// The counters of created things.
    made: u32,
    /// The project of the path, and its branches.
    projects: Vec<(String, Project)>,
}

impl Undo {
    /// The part for a write whose path names this project, or none.
    pub(super) fn of(state: &State, reference: Option<&str>) -> Self {
        let all = reference.map(|reference| state.family(reference)).unwrap_or_default().into_iter();
        let kept = all.filter_map(|reference| Some((reference.clone(), state.projects.get(&reference)?.clone())));
        Self { made: state.made, projects: kept.collect() }
    }

    /// Restores the old values.
    pub(super) fn put_back(self, state: &mut State) {
        if state.made != self.made {
            let made = ids::reference(state.made);
            state.projects.remove(&made);
            state.organizations.remove(&made);
            state.made = self.made;
        }
        state.projects.extend(self.projects);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, HeaderValue, Method};
    use serde_json::json;

    use crate::clock::JumpClock;
    use crate::sandbox::service::Sent;
    use crate::sandbox::{Options, Sandbox, TOKEN};

    /// One write of each resource, including creations and deletions.
    const WRITES: &[(&str, &str, &str)] = &[
        ("PATCH", "/config/auth", r#"{"jwt_exp": 60}"#),
        (
            "POST",
            "/config/auth/sso/providers",
            r#"{"type": "saml", "metadata_xml": "<EntityDescriptor entityID='a'/>"}"#,
        ),
        (
            "POST",
            "/config/auth/signing-keys",
            r#"{"algorithm": "HS256", "private_jwk": {"kty": "oct", "k": "0123456789abcdef", "kid": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"}}"#,
        ),
        ("PATCH", "/config/auth/signing-keys/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", r#"{"status": "in_use"}"#),
        ("POST", "/config/auth/third-party-auth", r#"{"oidc_issuer_url": "https://issuer.example.com"}"#),
        ("POST", "/secrets", r#"[{"name": "A", "value": "b"}]"#),
        ("DELETE", "/secrets", r#"["A"]"#),
        ("POST", "/functions", r#"{"slug": "hello", "name": "hello", "body": "export {}"}"#),
        ("PATCH", "/functions/hello", r#"{"verify_jwt": false}"#),
        ("PUT", "/functions", r#"[{"id": "a", "slug": "hello", "name": "b", "status": "ACTIVE", "version": 7}]"#),
        ("DELETE", "/functions/hello", ""),
        ("POST", "/api-keys", r#"{"type": "secret", "name": "batch"}"#),
        ("PUT", "/api-keys/legacy?enabled=false", ""),
        ("PUT", "/config/database/postgres", r#"{"max_connections": 80}"#),
        ("PATCH", "/config/database/pooler", r#"{"default_pool_size": 20}"#),
        ("PATCH", "/config/realtime", r#"{"max_concurrent_users": 100}"#),
        ("PATCH", "/config/storage", r#"{"fileSizeLimit": 1000}"#),
        ("PATCH", "/postgrest", r#"{"max_rows": 10}"#),
        ("PUT", "/ssl-enforcement", r#"{"requestedConfig": {"database": true}}"#),
        ("POST", "/network-restrictions/apply", r#"{"dbAllowedCidrs": ["203.0.113.0/24"], "dbAllowedCidrsV6": []}"#),
        ("DELETE", "/network-bans", r#"{"ipv4_addresses": ["203.0.113.7"]}"#),
        ("POST", "/vanity-subdomain/activate", r#"{"vanity_subdomain": "acme"}"#),
        ("POST", "/database/webhooks/enable", ""),
        ("POST", "/branches", r#"{"branch_name": "staging"}"#),
        ("DELETE", "/branches", ""),
        ("POST", "/database/migrations", r#"{"query": "select 1", "name": "first"}"#),
        ("PUT", "/database/migrations", r#"{"query": "select 2", "name": "second"}"#),
        ("PATCH", "/database/migrations/20260101000000", r#"{"name": "other"}"#),
        ("DELETE", "/database/migrations?gte=20260101000001", ""),
        (
            "POST",
            "/database/query",
            r#"{"query": "insert into supabase_migrations.schema_migrations(version) values ('3')"}"#,
        ),
        ("PATCH", "", r#"{"name": "Acme"}"#),
        (
            "POST",
            "s",
            r#"{"db_pass": "a pass", "name": "new", "organization_slug": "acme-inc", "region": "eu-central-1"}"#,
        ),
        ("POST", "o", r#"{"name": "New"}"#),
        ("DELETE", "", ""),
    ];

    #[test]
    fn whatever_is_written_is_put_back_whole() {
        let sandbox = Sandbox::open(Options::default(), JumpClock::start()).expect("the built-in world");
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {TOKEN}")).expect("a header"));
        sandbox.edit(|state| {
            let project = state.projects.get_mut("quickstartquickstart").expect("the project");
            project.bans.push("203.0.113.7".to_owned());
        });
        for (method, path, body) in WRITES {
            let path = match *path {
                "s" => "/v1/projects".to_owned(),
                "o" => "/v1/organizations".to_owned(),
                below => format!("/v1/projects/quickstartquickstart{below}"),
            };
            let before = sandbox.edit(|state| json!(state));
            let (method, uri) =
                (Method::from_bytes(method.as_bytes()).expect("a method"), path.parse().expect("a path"));
            let reply = {
                let bytes = Bytes::from_static(body.as_bytes());
                sandbox.handle(Sent { method: &method, uri: &uri, headers: &headers, bytes: &bytes, width: 1 })
            };
            assert!(reply.answer.status < 300, "{method} {path}: {:?}", reply.answer);
            let mut state = sandbox.edit(|state| state.clone());
            assert_ne!(json!(state), before, "{method} {path}");
            sandbox.lock().before.clone().expect("a write").put_back(&mut state);
            assert_eq!(json!(state), before, "{method} {path}");
        }
    }
}
