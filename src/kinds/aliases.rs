//! Names of other tools for our sections and fields: the configuration file of the Supabase CLI, the Terraform provider,
//! and the API where it nests what is flat here. Each leads to our name and, where the value differs, to how it is written.

use crate::schema::{FieldPath, KindInfo};

/// How a value is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Unchanged.
    Same,
    /// Negated: `true` becomes `false` and `false` becomes `true`.
    Turned,
    /// As the sentence describes.
    Told(&'static str),
}

/// Sections by other tools' names.
const SECTIONS: &[(&str, &str)] = &[
    ("edge_function", "functions"),
    ("edge_functions", "functions"),
    ("function", "functions"),
    ("api", "data_api"),
    ("postgrest", "data_api"),
    ("rest", "data_api"),
    ("database", "postgres"),
    ("db", "postgres"),
    ("db_settings", "postgres"),
    ("postgres_settings", "postgres"),
    ("postgresql", "postgres"),
    ("pgbouncer", "pooler"),
    ("supavisor", "pooler"),
    ("network", "network_restrictions"),
    ("network_restriction", "network_restrictions"),
    ("ssl", "ssl_enforcement"),
    ("sso", "sso_providers"),
    ("saml", "sso_providers"),
    ("third_party", "third_party_auth"),
    ("apikey", "api_keys"),
    ("apikeys", "api_keys"),
    ("edge_function_secrets", "secrets"),
    ("branch", "branches"),
    ("branching", "branches"),
    ("legacy_api_keys_enabled", "legacy_api_keys"),
    ("migration", "migrations"),
    ("webhooks", "database_webhooks"),
    ("custom_domain", "custom_hostname"),
    ("domains", "custom_hostname"),
    ("vanity", "vanity_subdomain"),
    ("jwt_keys", "signing_keys"),
    ("jwt_signing_keys", "signing_keys"),
    ("vanity_subdomains", "vanity_subdomain"),
];

/// Parts of the API that no section manages yet.
const NOT_YET: &[&str] = &[
    "addons",
    "backups",
    "buckets",
    "compute",
    "disk",
    "edge_runtime",
    "extensions",
    "jit_access",
    "log_drains",
    "members",
    "network_bans",
    "private_link",
    "read_replicas",
    "replicas",
    "vault",
    "webhook_endpoints",
];

/// Fields by other tools' names: our section, their name (with dots where it is nested), our field.
const FIELDS: &[(&str, &str, &str, How)] = &[
    ("auth", "enable_signup", "disable_signup", How::Turned),
    ("auth", "additional_redirect_urls", "uri_allow_list", How::Same),
    ("auth", "redirect_urls", "uri_allow_list", How::Same),
    ("auth", "jwt_expiry", "jwt_exp", How::Same),
    ("auth", "enable_refresh_token_rotation", "refresh_token_rotation_enabled", How::Same),
    ("auth", "refresh_token_reuse_interval", "security_refresh_token_reuse_interval", How::Same),
    ("auth", "enable_manual_linking", "security_manual_linking_enabled", How::Same),
    ("auth", "enable_anonymous_sign_ins", "external_anonymous_users_enabled", How::Same),
    ("auth", "minimum_password_length", "password_min_length", How::Same),
    ("auth", "password_requirements", "password_required_characters", How::Same),
    ("auth", "rate_limit.sign_in_sign_ups", "rate_limit_otp", How::Same),
    ("auth", "rate_limit.token_verifications", "rate_limit_verify", How::Same),
    ("auth", "email.enabled", "external_email_enabled", How::Same),
    ("auth", "email.enable_signup", "external_email_enabled", How::Same),
    ("auth", "email.double_confirm_changes", "mailer_secure_email_change_enabled", How::Same),
    ("auth", "email.enable_confirmations", "mailer_autoconfirm", How::Turned),
    ("auth", "email.secure_password_change", "security_update_password_require_reauthentication", How::Same),
    ("auth", "email.require_current_password", "security_update_password_require_current_password", How::Same),
    ("auth", "email.otp_length", "mailer_otp_length", How::Same),
    ("auth", "email.otp_expiry", "mailer_otp_exp", How::Same),
    ("auth", "email.max_frequency", "smtp_max_frequency", How::Same),
    ("auth", "email.smtp.enabled", "smtp_host", How::Told("A host switches the relay on, and `null` switches it off.")),
    ("auth", "email.smtp.*", "smtp_*", How::Same),
    ("auth", "email.template.*.subject", "mailer_subjects_*", How::Same),
    ("auth", "email.template.*.content_path", "mailer_templates_*_content", How::Told("Write `{file: PATH}`.")),
    ("auth", "email.template.*.content", "mailer_templates_*_content", How::Same),
    ("auth", "email.notification.*.enabled", "mailer_notifications_*_enabled", How::Same),
    ("auth", "email.notification.*.subject", "mailer_subjects_*_notification", How::Same),
    ("auth", "email.notification.*.content", "mailer_templates_*_notification_content", How::Same),
    (
        "auth",
        "email.notification.*.content_path",
        "mailer_templates_*_notification_content",
        How::Told("Write `{file: PATH}`."),
    ),
    ("auth", "sms.enabled", "external_phone_enabled", How::Same),
    ("auth", "sms.enable_signup", "external_phone_enabled", How::Same),
    ("auth", "sms.enable_confirmations", "sms_autoconfirm", How::Turned),
    ("auth", "sms.otp_expiry", "sms_otp_exp", How::Same),
    ("auth", "sms.*.enabled", "sms_provider", How::Told("Write the name of the one service that sends.")),
    ("auth", "captcha.*", "security_captcha_*", How::Same),
    ("auth", "oauth_server.authorization_url_path", "oauth_server_authorization_path", How::Same),
    ("auth", "web3.*.enabled", "external_web3_*_enabled", How::Same),
    ("auth", "passkey.enabled", "passkey_enabled", How::Same),
    ("auth", "webauthn.*", "webauthn_*", How::Same),
    ("data_api", "schemas", "db_schema", How::Same),
    ("data_api", "extra_search_path", "db_extra_search_path", How::Same),
    (
        "network_restrictions",
        "dbAllowedCidrs",
        "ipv4",
        How::Told("IPv4 networks are written here, IPv6 networks under `ipv6`."),
    ),
    ("network_restrictions", "dbAllowedCidrsV6", "ipv6", How::Same),
    ("network_restrictions", "allowed_cidrs", "ipv4", How::Same),
    ("network_restrictions", "allowed_cidrs_v6", "ipv6", How::Same),
    (
        "network_restrictions",
        "restrictions",
        "ipv4",
        How::Told("IPv4 networks are written here, IPv6 networks under `ipv6`."),
    ),
    ("network_restrictions", "enabled", "mode", How::Told("Write `open`, `closed`, or the lists `ipv4` and `ipv6`.")),
    ("ssl_enforcement", "enabled", "database", How::Same),
    ("ssl_enforcement", "ssl_enforced", "database", How::Same),
    ("ssl_enforcement", "requestedConfig.database", "database", How::Same),
    ("storage", "image_transformation.enabled", "features.imageTransformation.enabled", How::Same),
    ("storage", "s3_protocol.enabled", "features.s3Protocol.enabled", How::Same),
    ("storage", "analytics.enabled", "features.icebergCatalog.enabled", How::Same),
    ("storage", "analytics.max_namespaces", "features.icebergCatalog.maxNamespaces", How::Same),
    ("storage", "analytics.max_tables", "features.icebergCatalog.maxTables", How::Same),
    ("storage", "analytics.max_catalogs", "features.icebergCatalog.maxCatalogs", How::Same),
    ("storage", "vector.enabled", "features.vectorBuckets.enabled", How::Same),
    ("storage", "vector.max_buckets", "features.vectorBuckets.maxBuckets", How::Same),
    ("storage", "vector.max_indexes", "features.vectorBuckets.maxIndexes", How::Same),
];

/// Fields that the API shows and nobody can set: section, name, reason.
const READ_ONLY: &[(&str, &str, &str)] = &[
    ("pooler", "max_client_conn", "The API only shows the field; its value follows from the compute size."),
    ("auth", "smtp_enabled", "A relay is on where `smtp_host` is set, and off where that is `null`."),
];

/// The meaning of another tool's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// A field of ours, by its name with dots.
    Field(String, How),
    /// A field that cannot be written: the reason, a sentence.
    Nothing(&'static str),
}

/// Our section for another tool's name of it.
#[must_use]
pub fn section(name: &str) -> Option<&'static str> {
    let names = [snake(name), name.to_lowercase()];
    SECTIONS.iter().find(|(theirs, _)| names.iter().any(|name| name == theirs)).map(|(_, ours)| *ours)
}

/// Whether the name stands for a part of the API that no section manages yet.
#[must_use]
pub fn is_to_come(name: &str) -> bool {
    NOT_YET.contains(&snake(name).as_str())
}

/// The meaning of another tool's name in a section of ours; nested names have dots.
#[must_use]
pub fn field(info: &'static KindInfo, name: &str) -> Option<Meant> {
    let path: Vec<String> = name.split('.').map(snake).collect();
    if let Some((.., why)) = READ_ONLY.iter().find(|(kind, theirs, _)| *kind == info.name && path.join(".") == *theirs)
    {
        return Some(Meant::Nothing(why));
    }
    let exists = |name: &str| info.leaves().any(|ours| ours.name() == name);
    for (_, theirs, ours, how) in FIELDS.iter().filter(|(kind, ..)| *kind == info.name) {
        let theirs: Vec<String> = theirs.split('.').map(snake).collect();
        let fits = theirs.len() == path.len() && theirs.iter().zip(&path).all(|(a, b)| a == "*" || a == b);
        let star = theirs.iter().position(|part| part == "*").and_then(|at| path.get(at));
        let ours = star.map_or_else(|| (*ours).to_owned(), |star| ours.replace('*', star));
        if fits && exists(&ours) {
            return Some(Meant::Field(ours, *how));
        }
    }
    // Names that are nested there are one name here, and other spellings are the same name.
    let joined = path.join("_");
    let joined = joined.strip_prefix("gotrue_").unwrap_or(&joined);
    let same = |ours: &FieldPath| snake(&ours.name().replace('.', "_")) == joined;
    info.leaves().find(same).map(|ours| Meant::Field(ours.name().to_owned(), How::Same))
}

/// `dbAllowedCidrs`, `SITE_URL` and `site-url` in one spelling: `db_allowed_cidrs`, `site_url`.
fn snake(name: &str) -> String {
    let shouted = !name.contains(|letter: char| letter.is_lowercase());
    let mut text = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_small && !shouted {
            text.push('_');
        }
        after_small = letter.is_lowercase() || letter.is_ascii_digit();
        text.extend(if letter == '-' { '_' } else { letter }.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::find;
    use crate::kinds::KINDS;

    fn meant(kind: &str, name: &str) -> Option<Meant> {
        field(find(KINDS, kind).unwrap().info(), name)
    }

    #[test]
    fn every_alias_leads_to_a_field_and_is_none_itself() {
        for (theirs, ours) in SECTIONS {
            assert!(find(KINDS, ours).is_some() && find(KINDS, theirs).is_none(), "{theirs}");
        }
        for name in NOT_YET {
            assert!(find(KINDS, name).is_none() && section(name).is_none(), "{name} is there");
        }
        for (kind, theirs, ours, how) in FIELDS {
            let info = find(KINDS, kind).unwrap().info();
            assert!(info.field(theirs).is_none(), "{kind}.{theirs} is a field of ours");
            let known = |name: &str| info.leaves().any(|ours| ours.name() == name);
            let (before, after) = ours.split_once('*').unwrap_or((ours, ""));
            let any = info.all_fields().any(|row| row.name.starts_with(before) && row.name.ends_with(after));
            assert!(known(ours) || ours.contains('*') && any, "{kind}.{theirs} leads to {ours}, which is none");
            if let How::Told(what) = how {
                assert!(what.ends_with('.'), "{what}");
            }
        }
    }

    #[test]
    fn names_of_other_tools_are_answered_with_ours() {
        let same = |name: &str| Some(Meant::Field(name.to_owned(), How::Same));
        for (kind, theirs, ours) in [
            ("auth", "SITE_URL", "site_url"),
            ("auth", "siteUrl", "site_url"),
            ("auth", "GOTRUE_SITE_URL", "site_url"),
            ("auth", "external.github.client_id", "external_github_client_id"),
            ("auth", "hook.send_sms.uri", "hook_send_sms_uri"),
            ("auth", "mfa.totp.enroll_enabled", "mfa_totp_enroll_enabled"),
            ("auth", "email.smtp.host", "smtp_host"),
            ("auth", "email.template.invite.subject", "mailer_subjects_invite"),
            ("auth", "email.notification.password_changed.enabled", "mailer_notifications_password_changed_enabled"),
            ("auth", "sms.twilio.account_sid", "sms_twilio_account_sid"),
            ("auth", "sessions.timebox", "sessions_timebox"),
            ("auth", "captcha.secret", "security_captcha_secret"),
            ("data_api", "schemas", "db_schema"),
            ("data_api", "maxRows", "max_rows"),
            ("network_restrictions", "dbAllowedCidrsV6", "ipv6"),
            ("storage", "file_size_limit", "fileSizeLimit"),
            ("storage", "s3_protocol.enabled", "features.s3Protocol.enabled"),
        ] {
            assert_eq!(meant(kind, theirs), same(ours), "{kind}.{theirs}");
        }
        assert_eq!(meant("auth", "enable_signup"), Some(Meant::Field("disable_signup".to_owned(), How::Turned)));
        assert_eq!(
            meant("auth", "email.enable_confirmations"),
            Some(Meant::Field("mailer_autoconfirm".to_owned(), How::Turned))
        );
        assert!(
            matches!(meant("network_restrictions", "dbAllowedCidrs"), Some(Meant::Field(name, How::Told(_))) if name == "ipv4")
        );
        assert!(matches!(meant("pooler", "max_client_conn"), Some(Meant::Nothing(_))));
        assert_eq!(meant("auth", "external_github_url"), None, "GitHub has no address of its own here");
        assert_eq!(
            (section("postgrest"), section("PostgREST"), section("nothing")),
            (Some("data_api"), Some("data_api"), None)
        );
        assert!(is_to_come("compute") && !is_to_come("auth"));
    }
}
