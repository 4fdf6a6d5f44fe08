//! Telling secrets by their looks, for texts that stand where everybody reads them.

/// What a text holds that looks like a secret, in words.
#[must_use]
pub fn sniff(text: &str) -> Option<&'static str> {
    // The marks are short, so that most texts are done after one look each.
    if text.contains("PRIVATE KEY-----") {
        Some("a private key")
    } else if has_token(text, "sb_secret_", 8) {
        Some("a secret API key")
    } else if has_token(text, "sbp_", 20) {
        Some("an access token")
    } else if has_token(text, "v1,whsec_", 8) {
        Some("the secret of a hook")
    } else if has_jwt(text) {
        Some("a JSON web token")
    } else {
        None
    }
}

/// Whether `mark` is followed by at least `least` characters of a token.
fn has_token(text: &str, mark: &str, least: usize) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let rest = text.as_bytes().get(at + mark.len()..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-+/=".contains(byte)).count() >= least
    })
}

/// Whether three parts of base64 stand together, the first of which starts as JSON in base64 does.
fn has_jwt(text: &str) -> bool {
    text.match_indices("eyJ").any(|(at, _)| {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let token = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
        let mut parts = rest.get(..token).unwrap_or_default().split(|byte| *byte == b'.');
        let mut long = |least: usize| parts.next().is_some_and(|part| part.len() >= least);
        long(10) && long(10) && long(10)
    })
}

/// The `NAME` of `env(NAME)`, which is how the configuration of local development reads variables.
#[must_use]
pub fn env_call(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("env(")?.strip_suffix(')')?;
    is_variable(name).then_some(name)
}

/// Whether a text can be the name of a variable.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Variables with credentials of this tool and of CI systems, by exact name: no manifest may read them.
const FORBIDDEN: &[&str] = &[
    "ACTIONS_CACHE_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "BITBUCKET_STEP_OIDC_TOKEN",
    "BUILDKITE_AGENT_ACCESS_TOKEN",
    "CIRCLE_OIDC_TOKEN",
    "CIRCLE_OIDC_TOKEN_V2",
    "CI_BUILD_TOKEN",
    "CI_DEPLOY_PASSWORD",
    "CI_JOB_JWT",
    "CI_JOB_JWT_V2",
    "CI_JOB_TOKEN",
    "CI_REGISTRY_PASSWORD",
    "CI_REPOSITORY_URL",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "NODE_AUTH_TOKEN",
    "NPM_TOKEN",
    "SSH_AUTH_SOCK",
    "SUPABASE_ACCESS_TOKEN",
    "SYSTEM_ACCESSTOKEN",
    "VAULT_TOKEN",
];

/// Whether no manifest may read the variable.
#[must_use]
pub fn is_forbidden(name: &str) -> bool {
    // Windows does not tell `github_token` from `GITHUB_TOKEN`.
    FORBIDDEN.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_looks() {
        let jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJyb2xlIjoiYW5vbiJ9", "c2lnbmF0dXJlLXBhcnQ"].join(".");
        for (text, wanted) in [
            (format!("key sb_secret_{}", "x".repeat(12)), true),
            (format!("sbp_{}", "0".repeat(40)), true),
            (format!("-----BEGIN RSA {}-----\nMII", "PRIVATE KEY"), true),
            (format!("Bearer {jwt}"), true),
            (format!("v1,whsec_{}", "a".repeat(20)), true),
            ("-----BEGIN CERTIFICATE-----".to_owned(), false),
            ("sb_secret_ is how they start".to_owned(), false),
            ("sb_publishable_123456789012345".to_owned(), false),
            ("eyJ.eyJ.x".to_owned(), false),
            ("{{ .Token }} sbp_".to_owned(), false),
        ] {
            assert_eq!(sniff(&text).is_some(), wanted, "{text}");
        }
    }

    #[test]
    fn local_configuration_is_told_by_its_form() {
        assert_eq!(env_call("env(SMTP_PASS)"), Some("SMTP_PASS"));
        assert_eq!(env_call("env(a b)"), None);
        assert_eq!(env_call("see env(X)"), None);
    }

    #[test]
    fn forbidden_names_are_exact() {
        assert!(is_forbidden("SUPABASE_ACCESS_TOKEN") && is_forbidden("github_token"));
        assert!(!is_forbidden("SUPABASE_ACCESS_TOKEN_2") && !is_forbidden("ACTIONS_STEP_DEBUG"));
        assert!(FORBIDDEN.is_sorted());
    }
}
