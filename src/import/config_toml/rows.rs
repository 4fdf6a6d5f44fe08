//! What a part of `config.toml` means where it is no field of one name. The names of fields are in
//! [`aliases`](crate::kinds::aliases).

/// Tables whose switch decides: `config push` sends the switch of one that is off and nothing else of it.
pub(super) const SWITCHED: &[&str] = &[
    "auth.external.*",
    "auth.hook.*",
    "auth.captcha",
    "auth.email.smtp",
    "auth.oauth_server",
    "storage.analytics",
    "storage.vector",
];

/// Of these, those that are on where their switch is not written.
pub(super) const ON: &[&str] = &["storage.vector"];

/// Tables of services that send SMS, of which one is switched on.
pub(super) const SENDERS: &[&str] = &["twilio", "twilio_verify", "messagebird", "textlocal", "vonage"];

/// Issuers of tokens that may be trusted beside the project itself.
pub(super) const ISSUERS: &[&str] = &["firebase", "auth0", "aws_cognito", "clerk", "workos"];

/// Providers by old protocols, and what replaced them.
pub(super) const REPLACED: &[(&str, &str)] = &[("linkedin", "linkedin_oidc"), ("slack", "slack_oidc")];

/// What counts on the developer's machine only. A `*` stands for one name, and a path for all below it.
pub(super) const LOCAL: &[&str] = &[
    "analytics",
    "api.auto_expose_new_tables",
    "api.external_url",
    "api.port",
    "api.tls",
    "auth.anon_key",
    "auth.enabled",
    "auth.external.*.redirect_uri",
    "auth.external.*.skip_nonce_check",
    "auth.external_url",
    "auth.jwt_issuer",
    "auth.jwt_secret",
    "auth.publishable_key",
    "auth.secret_key",
    "auth.service_role_key",
    "auth.signing_keys_path",
    "db.health_timeout",
    "db.orioledb_version",
    "db.password",
    "db.pooler",
    "db.port",
    "db.root_key",
    "db.shadow_port",
    "edge_runtime.deno_version",
    "edge_runtime.enabled",
    "edge_runtime.inspector_port",
    "edge_runtime.policy",
    "experimental",
    "inbucket",
    "local_smtp",
    "mailpit",
    "realtime",
    "storage.enabled",
    "studio",
];

/// What lives elsewhere: the path, and why it is left out. A path of several names is told for each of them.
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    ("auth.email.notification.*.content", "`config push` reads `content_path` alone"),
    ("auth.email.template.*.content", "`config push` reads `content_path` alone"),
    ("auth.external.*.url", "the provider has no address of its own"),
    ("compute.*", "compute instances are not managed"),
    ("db.major_version", "the version of Postgres is chosen when a project is created"),
    ("db.migrations", "write the folder into `migrations:` once the CLI no longer applies it"),
    ("db.seed", "seeds are data of a database, and go on with `supabase db push --include-seed`"),
    ("db.vault", "secrets of the vault are in the database, which is reached by SQL alone"),
    ("storage.buckets.*", "buckets are data of a project, and go on with `supabase seed buckets`"),
];

/// The part of a path that a pattern names, if it names it or something above it.
pub(super) fn named<'p>(pattern: &str, path: &'p [&'p str]) -> Option<&'p [&'p str]> {
    let wanted: Vec<&str> = pattern.split('.').collect();
    let start = path.get(..wanted.len())?;
    wanted.iter().zip(start).all(|(wanted, name)| wanted == name || *wanted == "*").then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::find;
    use crate::kinds::{KINDS, aliases};

    #[test]
    fn paths_are_named_by_patterns() {
        let path = ["storage", "buckets", "a", "public"];
        assert_eq!(named("storage.buckets.*", &path), path.get(..3));
        assert_eq!(named("storage", &path), path.get(..1));
        assert_eq!((named("storage.enabled", &path), named("storage.buckets.*.x", &path)), (None, None));
    }

    #[test]
    fn what_is_told_to_be_unmanaged_is_no_section() {
        let name = "compute";
        assert!(find(KINDS, name).is_none() && aliases::is_to_come(name), "import {name} into its section");
    }
}
