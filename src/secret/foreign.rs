//! References of other tools, which nothing fills in here: sent unchanged, they would go live as texts.

/// A reference of another tool within a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// The tool, in a few words.
    pub whose: &'static str,
    /// The name in `env(NAME)`, the form of variables in the configuration of local development.
    pub env: bool,
    /// Whether mail templates have the same form for their own variables.
    pub template: bool,
}

const fn of(whose: &'static str) -> Foreign {
    Foreign { whose, env: false, template: false }
}

/// Beginnings that only a reference has, at the start of a word.
const BEGINNINGS: &[(&str, &str)] = &[
    ("op://", "1Password"),
    ("vault:", "Vault"),
    ("vault://", "Vault"),
    ("ref+", "vals"),
    ("secretref:", "a container platform"),
    ("secretref+", "helm-secrets"),
    ("awssm://", "AWS Secrets Manager"),
    ("aws-sm://", "AWS Secrets Manager"),
    ("arn:aws:secretsmanager:", "AWS Secrets Manager"),
    ("arn:aws:ssm:", "AWS Systems Manager"),
    ("ssm://", "AWS Systems Manager"),
    ("gcpsm://", "Google Secret Manager"),
    ("gcp-sm://", "Google Secret Manager"),
    ("sm://", "Google Secret Manager"),
    ("azurekeyvault://", "Azure Key Vault"),
    ("azkv://", "Azure Key Vault"),
    ("@Microsoft.KeyVault(", "Azure Key Vault"),
    ("doppler://", "Doppler"),
    ("infisical://", "Infisical"),
    ("bws://", "Bitwarden"),
    ("keyring://", "a keyring"),
    ("<path:", "the vault plugin of Argo CD"),
    ("ENC[", "sops"),
    ("encrypted:", "dotenvx"),
    ("process.env.", "JavaScript"),
    ("Deno.env.get(", "JavaScript"),
    ("import.meta.env.", "JavaScript"),
];

/// The first reference of another tool in a text.
#[must_use]
pub fn find(text: &str) -> Option<Foreign> {
    let before = |at: usize| text.get(..at).and_then(|before| before.chars().next_back());
    let begins = |at: usize| before(at).is_none_or(|before| !before.is_alphanumeric());
    // `com.acme.vault://` is the address of an app, not a reference.
    let alone = |at: usize| begins(at) && before(at).is_none_or(|before| !".-+_".contains(before));
    for (at, letter) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let found = match letter {
            'e' if begins(at) && is_call(rest) => {
                Some(Foreign { env: true, ..of("the configuration of local development") })
            }
            '$' => dollar(rest).filter(|_| !text.get(..at).is_some_and(|before| before.ends_with('$'))),
            '{' if rest.starts_with("{{") && rest.contains("}}") => {
                Some(Foreign { template: true, ..of("a template") })
            }
            '%' if is_windows(rest) && begins(at) => Some(of("a Windows shell")),
            '(' if rest.starts_with("((") && rest.contains("))") => Some(of("Concourse")),
            '#' if rest.starts_with("#{") && rest.contains('}') => Some(of("Octopus Deploy")),
            _ if alone(at) => BEGINNINGS.iter().find(|(mark, _)| rest.starts_with(mark)).map(|(_, whose)| of(whose)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The `NAME` of a text that is exactly `env(NAME)`.
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

fn is_call(text: &str) -> bool {
    let inner = text.strip_prefix("env(").and_then(|rest| rest.split_once(')'));
    inner.is_some_and(|(name, _)| is_variable(name.trim().trim_matches(['"', '\''])))
}

/// `$NAME`, `${NAME}`, `${{ … }}` and `$(NAME)`. Our own variables are replaced before; a `$` before anything else is a
/// plain character.
fn dollar(text: &str) -> Option<Foreign> {
    let rest = text.strip_prefix('$')?;
    if rest.starts_with("{{") {
        return Some(of("a CI system"));
    }
    if rest.starts_with('(') && rest.contains(')') {
        return Some(of("a shell"));
    }
    let name = |text: &str| {
        let end =
            text.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).unwrap_or(text.len());
        let name = text.get(..end).unwrap_or_default();
        let next = text.get(end..).and_then(|rest| rest.chars().next());
        let whole = name.len() >= 2 && is_variable(name) && next.is_none_or(|next| !next.is_alphanumeric());
        whole.then_some(next)
    };
    match rest.strip_prefix('{') {
        Some(inner) => inner.contains('}').then(|| name(inner)).flatten().map(|_| of("a shell")),
        None => name(rest).map(|_| of("a shell")),
    }
}

/// `%NAME%`.
fn is_windows(text: &str) -> bool {
    let inner = text.strip_prefix('%').and_then(|rest| rest.split_once('%'));
    inner.is_some_and(|(name, _)| {
        name.len() >= 3
            && is_variable(name)
            && name.bytes().all(|byte| !byte.is_ascii_lowercase())
            && name.contains('_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_other_tools_are_found_alone_and_within_a_text() {
        for text in [
            "env(SITE_URL)",
            "$SITE_URL",
            "${SITE_URL}",
            "${SITE_URL:-x}",
            "${{ secrets.SITE_URL }}",
            "$(SITE_URL)",
            "op://vault/item/field",
            "vault:secret/data/x#y",
            "{{ .Values.url }}",
            "ref+vault://x",
            "%SITE_URL%",
            "((site))",
            "#{SiteUrl}",
            "ENC[AES256_GCM,data:x]",
            "encrypted:BIx",
            "arn:aws:secretsmanager:eu:1:secret:x",
        ] {
            for within in [text.to_owned(), format!("https://{text}/**"), format!(" {text} "), format!("({text}")] {
                assert!(find(&within).is_some(), "{within}");
            }
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "https://acme.com/**",
            "costs $100 or $5",
            "pa$$word",
            "$$SITE_URL",
            "100%",
            "%20a%20",
            "dev(x)",
            "environment(X)",
            "shop://callback",
            "myvault:x",
            "(a)",
            "# {x}",
            "$x",
            "A$B",
            "com.acme.app://login",
            "com.acme.vault://login",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn local_configuration_is_told_by_its_form() {
        assert_eq!(env_call("env(SMTP_PASS)"), Some("SMTP_PASS"));
        assert_eq!(env_call("env(a b)"), None);
        assert_eq!(env_call("see env(X)"), None);
    }
}
