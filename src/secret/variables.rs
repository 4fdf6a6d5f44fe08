//! Variables of the environment: those that this program reads for itself, and those that no manifest may read.

/// A variable that this program reads for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// Its name.
    pub name: &'static str,
    /// Whether its value is a credential, or an address that works like one.
    pub credential: bool,
}

const fn credential(name: &'static str) -> Own {
    Own { name, credential: true }
}

const fn plain(name: &'static str) -> Own {
    Own { name, credential: false }
}

/// The token of the Management API.
pub const TOKEN: &str = "SUPABASE_ACCESS_TOKEN";
/// The address for notifications in Slack.
pub const SLACK_URL: &str = "SUPAFORM_SLACK_URL";
/// The address for notifications as JSON.
pub const WEBHOOK_URL: &str = "SUPAFORM_WEBHOOK_URL";
/// The key that signs them.
pub const WEBHOOK_SECRET: &str = "SUPAFORM_WEBHOOK_SECRET";

/// Tokens of code hosts, by the host's name, in the order of the look-up.
pub const FORGE_TOKENS: &[(&str, &[&str])] = &[
    ("GitHub", &["GITHUB_TOKEN", "GH_TOKEN"]),
    ("GitLab", &["GITLAB_TOKEN"]),
    ("Bitbucket", &["BITBUCKET_TOKEN"]),
    ("Azure DevOps", &["SYSTEM_ACCESSTOKEN", "AZURE_DEVOPS_EXT_PAT"]),
    ("Bitbucket Data Center", &["BITBUCKET_TOKEN"]),
    ("Gitea", &["GITEA_TOKEN", "GITHUB_TOKEN"]),
];

/// The variables for the token of a code host.
#[must_use]
pub fn forge_tokens(host: &str) -> &'static [&'static str] {
    let own = FORGE_TOKENS.iter().find(|(name, _)| *name == host).or(FORGE_TOKENS.last());
    own.map_or(&[], |(_, variables)| *variables)
}

/// The prefix of the variables of a document: `acme-prod` has `ACME_PROD__…`.
#[must_use]
pub fn variable_prefix(document: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    document.chars().map(letter).chain("__".chars()).collect()
}

/// Every variable that this program reads for itself; a test compares the list with the sources.
pub const OWN: &[Own] = &[
    credential(TOKEN),
    credential(SLACK_URL),
    credential(WEBHOOK_URL),
    credential(WEBHOOK_SECRET),
    credential("GITHUB_TOKEN"),
    credential("GH_TOKEN"),
    credential("GITLAB_TOKEN"),
    credential("BITBUCKET_TOKEN"),
    credential("GITEA_TOKEN"),
    credential("SYSTEM_ACCESSTOKEN"),
    credential("AZURE_DEVOPS_EXT_PAT"),
    credential("SUPAFORM_POSTGRES"),
    plain("SUPAFORM_TODAY"),
    plain("SUPAFORM_API_URL"),
    plain("SUPAFORM_COMPLETE"),
    plain("SUPAFORM_NO_CACHE"),
];

/// Credentials that CI systems set in a job or name in their documentation, and those of tools that keep secrets.
const CREDENTIALS: &[&str] = &[
    "ACTIONS_CACHE_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL",
    "ARM_ACCESS_KEY",
    "ARM_CLIENT_SECRET",
    "ARM_OIDC_REQUEST_TOKEN",
    "ARM_OIDC_TOKEN",
    "ARTIFACTS_KEY",
    "ARTIFACTS_SECRET",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SECRET",
    "AZURE_DEVOPS_EXT_PAT",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_PASSWORD",
    "BITBUCKET_ACCESS_TOKEN",
    "BITBUCKET_APP_PASSWORD",
    "BITBUCKET_STEP_OIDC_TOKEN",
    "BUILDKITE_AGENT_ACCESS_TOKEN",
    "BUILDKITE_AGENT_JOB_API_TOKEN",
    "BUILDKITE_AGENT_TOKEN",
    "BUILDKITE_ANALYTICS_TOKEN",
    "BUILDKITE_API_TOKEN",
    "CARGO_REGISTRY_TOKEN",
    "CIRCLECI_API_TOKEN",
    "CIRCLECI_CLI_TOKEN",
    "CIRCLECI_TOKEN",
    "CIRCLE_API_TOKEN",
    "CIRCLE_OIDC_TOKEN",
    "CIRCLE_OIDC_TOKEN_V2",
    "CIRCLE_TOKEN",
    "CI_BUILD_TOKEN",
    "CI_DEPENDENCY_PROXY_PASSWORD",
    "CI_DEPLOY_PASSWORD",
    "CI_JOB_JWT",
    "CI_JOB_JWT_V1",
    "CI_JOB_JWT_V2",
    "CI_JOB_TOKEN",
    "CI_NETRC_PASSWORD",
    "CI_NETRC_USERNAME",
    "CI_REGISTRY_PASSWORD",
    "CI_REPOSITORY_URL",
    "CLOUDSDK_AUTH_ACCESS_TOKEN",
    "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
    "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
    "CODEBUILD_AUTH_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "DOPPLER_TOKEN",
    "DRONE_NETRC_FILE",
    "DRONE_NETRC_PASSWORD",
    "DRONE_NETRC_USERNAME",
    "DRONE_RPC_SECRET",
    "DRONE_SECRET",
    "DRONE_TOKEN",
    "FORGEJO_TOKEN",
    "GCLOUD_SERVICE_KEY",
    "GH_ENTERPRISE_TOKEN",
    "GITEA_RUNNER_REGISTRATION_TOKEN",
    "GITEA_RUNNER_REGISTRATION_TOKEN_FILE",
    "GITHUB_ENTERPRISE_TOKEN",
    "GITLAB_ACCESS_TOKEN",
    "GITLAB_OAUTH_TOKEN",
    "GITLAB_PRIVATE_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_GHA_CREDS_PATH",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "INFISICAL_TOKEN",
    "INPUT_GITHUB_TOKEN",
    "INPUT_TOKEN",
    "JENKINS_AGENT_SECRET",
    "JENKINS_API_TOKEN",
    "JENKINS_SECRET",
    "JENKINS_TOKEN",
    "NODE_AUTH_TOKEN",
    "NPM_CONFIG__AUTH",
    "NPM_CONFIG__AUTHTOKEN",
    "NPM_TOKEN",
    "OP_CONNECT_TOKEN",
    "OP_SERVICE_ACCOUNT_TOKEN",
    "SOPS_AGE_KEY",
    "SSH_AUTH_SOCK",
    "SYSTEM_ACCESSTOKEN",
    "SYSTEM_OIDCREQUESTURI",
    "TEAMCITY_AUTH_PASSWORD",
    "TEAMCITY_AUTH_USERID",
    "TEAMCITY_BUILD_PROPERTIES_FILE",
    "TEAMCITY_TOKEN",
    "TFE_TOKEN",
    "TRAVIS_ACCESS_TOKEN",
    "TRAVIS_API_TOKEN",
    "TRAVIS_TOKEN",
    "TWINE_PASSWORD",
    "VAULT_TOKEN",
    "VSTS_TOKEN",
    "WOODPECKER_AGENT_SECRET",
    "WOODPECKER_TOKEN",
];

/// Prefixes of credentials of CI systems and tools.
const PREFIXES: &[&str] = &[
    "ACTIONS_ID_TOKEN_",
    "AWS_CONTAINER_",
    "CIRCLE_INTERNAL_",
    "ENDPOINT_AUTH_",
    "GIT_CONFIG_VALUE_",
    "SECUREFILE_TICKET_",
    "TF_TOKEN_",
];

/// Whether no manifest may read the variable: this program reads it for itself, or a CI system documents it as a
/// credential.
#[must_use]
pub fn is_forbidden(name: &str) -> bool {
    // On Windows, `github_token` and `GITHUB_TOKEN` are the same variable.
    let name = name.to_ascii_uppercase();
    OWN.iter().any(|own| own.name == name)
        || CREDENTIALS.binary_search(&name.as_str()).is_ok()
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether only this program uses the variable, so that no command gets it. Other tools use the tokens of code hosts, too.
#[must_use]
pub fn is_ours_alone(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("SUPAFORM_") && !name.contains("__") || name == TOKEN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_names_are_exact_or_begin_as_documented() {
        for name in ["SUPABASE_ACCESS_TOKEN", "github_token", "ENDPOINT_AUTH_x", "DRONE_NETRC_PASSWORD", "GITEA_TOKEN"]
        {
            assert!(is_forbidden(name), "{name}");
        }
        for name in ["SUPABASE_ACCESS_TOKEN_2", "ACTIONS_STEP_DEBUG", "STRIPE_KEY", "GITHUB_SHA", "CI"] {
            assert!(!is_forbidden(name), "{name}");
        }
        assert!(CREDENTIALS.is_sorted() && PREFIXES.is_sorted());
    }

    #[test]
    fn nothing_that_this_program_reads_can_be_read_by_a_manifest() {
        let forge = FORGE_TOKENS.iter().flat_map(|(_, names)| *names).copied();
        for name in forge.chain([TOKEN, SLACK_URL, WEBHOOK_URL, WEBHOOK_SECRET]) {
            assert!(OWN.contains(&credential(name)) && is_forbidden(name), "{name}");
        }
    }

    /// Every variable that the sources read by name is declared here, or is no secret by its name.
    #[test]
    fn every_variable_of_the_sources_is_declared() {
        let mut files = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        let quoted = regex_lite::Regex::new(r#""([A-Z][A-Z0-9]*_[A-Z0-9_]*)""#).expect("a pattern");
        let mut seen = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let is_ours = |folder| path.to_string_lossy().contains(folder);
            if !(is_ours("/src/cli") || is_ours("/src/forge") || is_ours("/src/api")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            for name in quoted.captures_iter(code).filter_map(|found| found.get(1)) {
                let name = name.as_str();
                let sounds = ["TOKEN", "SECRET", "PASS", "KEY", "CRED", "SUPAFORM_"];
                if sounds.iter().any(|word| name.contains(word)) {
                    seen += 1;
                    assert!(OWN.iter().any(|own| own.name == name), "{}: {name} is not declared", path.display());
                }
            }
        }
        assert!(seen >= 2, "the sources were looked through");
    }
}
