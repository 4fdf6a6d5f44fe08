//! Recognises secrets by their form: the forms of tokens that vendors document.
//!
//! One table serves both checks: of plain values in manifests, and of texts of others.

use std::ops::Range;

/// The characters after the prefix of a token.
#[derive(Debug, Clone, Copy)]
enum Rest {
    /// Letters, digits, `-`, `_`, `.`, `+`, `/`, `=`.
    Token,
    /// Capital letters and digits.
    Upper,
    /// Hex digits.
    Hex,
}

/// A form of tokens: a prefix, and the least number of characters after it.
struct Form {
    mark: &'static str,
    least: usize,
    rest: Rest,
    what: &'static str,
}

const fn token(mark: &'static str, least: usize, what: &'static str) -> Form {
    Form { mark, least, rest: Rest::Token, what }
}

/// Forms that are always secret.
const SECRETS: &[Form] = &[
    token("sb_secret_", 8, "a secret API key"),
    token("sbp_", 20, "an access token"),
    token("v1,whsec_", 8, "the secret of a hook"),
    token("whsec_", 16, "the secret of a hook"),
    token("ghp_", 20, "a token of GitHub"),
    token("gho_", 20, "a token of GitHub"),
    token("ghu_", 20, "a token of GitHub"),
    token("ghs_", 20, "a token of GitHub"),
    token("ghr_", 20, "a token of GitHub"),
    token("github_pat_", 20, "a token of GitHub"),
    token("glpat-", 16, "a token of GitLab"),
    token("gldt-", 16, "a token of GitLab"),
    token("glrt-", 16, "a token of GitLab"),
    token("glptt-", 16, "a token of GitLab"),
    token("glcbt-", 16, "a token of GitLab"),
    token("glsoat-", 16, "a token of GitLab"),
    token("gloas-", 16, "a token of GitLab"),
    token("glagent-", 16, "a token of GitLab"),
    token("glft-", 16, "a token of GitLab"),
    token("glimt-", 16, "a token of GitLab"),
    token("sk_live_", 10, "a secret key of Stripe"),
    token("rk_live_", 10, "a secret key of Stripe"),
    token("sk_test_", 10, "a secret key of Stripe"),
    token("rk_test_", 10, "a secret key of Stripe"),
    token("xoxb-", 10, "a token of Slack"),
    token("xoxp-", 10, "a token of Slack"),
    token("xoxa-", 10, "a token of Slack"),
    token("xoxr-", 10, "a token of Slack"),
    token("xoxs-", 10, "a token of Slack"),
    token("xoxe.", 10, "a token of Slack"),
    token("xoxe-", 10, "a token of Slack"),
    token("xapp-", 10, "a token of Slack"),
    token("hooks.slack.com/services/", 16, "the address of a Slack hook"),
    token("hooks.slack.com/workflows/", 16, "the address of a Slack hook"),
    token("discord.com/api/webhooks/", 16, "the address of a Discord hook"),
    token("GOCSPX-", 16, "a client secret of Google"),
    token("ya29.", 16, "a token of Google"),
    token("sk-proj-", 16, "a key of OpenAI"),
    token("sk-svcacct-", 16, "a key of OpenAI"),
    token("sk-admin-", 16, "a key of OpenAI"),
    token("sk-ant-", 16, "a key of Anthropic"),
    token("sk-", 40, "a key of OpenAI"),
    token("npm_", 30, "a token of npm"),
    token("pypi-", 30, "a token of PyPI"),
    token("SG.", 40, "a key of SendGrid"),
    token("hvs.", 20, "a token of Vault"),
    token("hvb.", 20, "a token of Vault"),
    token("dop_v1_", 20, "a token of DigitalOcean"),
    token("doo_v1_", 20, "a token of DigitalOcean"),
    token("dp.st.", 16, "a token of Doppler"),
    token("dp.pt.", 16, "a token of Doppler"),
    token("shpat_", 16, "a token of Shopify"),
    token("shpss_", 16, "a secret of Shopify"),
    token("sq0csp-", 16, "a secret of Square"),
    token("lin_api_", 16, "a key of Linear"),
    token("ntn_", 30, "a token of Notion"),
    token("glsa_", 20, "a token of Grafana"),
    token("glc_", 20, "a token of Grafana"),
    token("sntrys_", 20, "a token of Sentry"),
    token("sntryu_", 20, "a token of Sentry"),
    token("dckr_pat_", 16, "a token of Docker"),
    token("rubygems_", 20, "a key of RubyGems"),
    token("hf_", 30, "a token of Hugging Face"),
    token("gsk_", 30, "a key of Groq"),
    token("xai-", 40, "a key of xAI"),
    token("PMAK-", 20, "a key of Postman"),
    token("ATATT3", 30, "a token of Atlassian"),
    token("ATCTT3", 30, "a token of Atlassian"),
    token("ATBB", 28, "a password of Bitbucket"),
    token("CCIPAT_", 16, "a token of CircleCI"),
    token("bkua_", 20, "a token of Buildkite"),
    token("pscale_tkn_", 16, "a token of PlanetScale"),
    token("pscale_pw_", 16, "a password of PlanetScale"),
    token("re_", 30, "a key of Resend"),
    token("AGE-SECRET-KEY-1", 20, "a key of age"),
    Form { mark: "dapi", least: 32, rest: Rest::Hex, what: "a token of Databricks" },
    Form { mark: "key-", least: 32, rest: Rest::Hex, what: "a key of Mailgun" },
];

/// Forms that name an account and occur in fields that are shown, such as the user of Amazon's mail server. They are
/// refused only as the plain value of a secret.
const NAMES: &[Form] = &[
    Form { mark: "AKIA", least: 16, rest: Rest::Upper, what: "an access key of AWS" },
    Form { mark: "ASIA", least: 16, rest: Rest::Upper, what: "an access key of AWS" },
    Form { mark: "SK", least: 32, rest: Rest::Hex, what: "an API key of Twilio" },
    token("AIza", 30, "an API key of Google"),
];

/// The first byte of each prefix, so that most of a text is skipped quickly.
const FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let tables = [SECRETS, NAMES];
    let mut table = 0;
    while table < tables.len() {
        let mut at = 0;
        while at < tables[table].len() {
            first[tables[table][at].mark.as_bytes()[0] as usize] = true;
            at += 1;
        }
        table += 1;
    }
    first[b'e' as usize] = true;
    first
};

/// The secret that a text seems to have, in words.
#[must_use]
pub fn sniff(text: &str) -> Option<&'static str> {
    if has_private_key(text) {
        return Some("a private key");
    }
    find(text, &[SECRETS]).next().map(|(_, what)| what).or_else(|| address_with_password(text))
}

/// The same for the plain value of a secret, where even the name of an account is refused.
#[must_use]
pub fn sniff_plain(text: &str) -> Option<&'static str> {
    sniff(text).or_else(|| find(text, &[NAMES]).next().map(|(_, what)| what))
}

/// The places in a text that look like secrets, in order.
#[must_use]
pub fn places(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = find(text, &[SECRETS, NAMES]).map(|(place, _)| place).collect();
    let passwords = addresses(text).map(|(password, _)| password);
    places.extend(passwords);
    places.sort_by_key(|place| place.start);
    places
}

fn has_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
        || text.contains("PRIVATE KEY BLOCK-----")
        || text.contains("PuTTY-User-Key-File-")
}

fn find<'t>(text: &'t str, tables: &'t [&'static [Form]]) -> impl Iterator<Item = (Range<usize>, &'static str)> + 't {
    let bytes = text.as_bytes();
    let mut next = 0;
    std::iter::from_fn(move || {
        while next < bytes.len() {
            let at = next;
            next += 1;
            let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
            if !begins || !FIRST[usize::from(bytes[at])] {
                continue;
            }
            let rest = bytes.get(at..).unwrap_or_default();
            if let Some((end, what)) = matched(rest, tables).or_else(|| Some((jwt(rest)?, "a JSON web token"))) {
                next = at + end;
                return Some((at..at + end, what));
            }
        }
        None
    })
}

/// The end of the token at the start of a text, and its description.
fn matched(text: &[u8], tables: &[&[Form]]) -> Option<(usize, &'static str)> {
    tables.iter().copied().flatten().find_map(|form| {
        let rest = text.strip_prefix(form.mark.as_bytes())?;
        let fits = |byte: &u8| match form.rest {
            Rest::Token => byte.is_ascii_alphanumeric() || b"_-.+/=".contains(byte),
            Rest::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Rest::Hex => byte.is_ascii_hexdigit(),
        };
        let long = rest.iter().take_while(|byte| fits(byte)).count();
        let exact = matches!(form.rest, Rest::Token) || !rest.get(long).is_some_and(u8::is_ascii_alphanumeric);
        (long >= form.least && exact).then_some((form.mark.len() + long, form.what))
    })
}

/// The end of a JSON web token: three parts of base64, the first of which starts like JSON in base64.
fn jwt(text: &[u8]) -> Option<usize> {
    text.starts_with(b"eyJ").then_some(())?;
    let end = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let mut parts = text.get(..end)?.split(|byte| *byte == b'.');
    let mut long = || parts.next().is_some_and(|part| part.len() >= 10);
    (long() && long() && long()).then_some(end)
}

fn address_with_password(text: &str) -> Option<&'static str> {
    addresses(text).next().map(|_| "an address with a password")
}

/// The passwords in addresses, such as that of `postgres://user:password@host`, with their places.
fn addresses(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'<>`\\".contains(c)).unwrap_or(rest.len());
        let (user, _) = rest.get(..end)?.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        // A placeholder is not a password.
        let blank = password.chars().all(|c| "*xX.…".contains(c)) || password.contains(['{', '[', '$', '(']);
        let from = start + name.len() + 1;
        (!blank).then_some((from..from + password.len(), password))
    })
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
            (format!("-----BEGIN PGP {} BLOCK-----\nMII", "PRIVATE KEY"), true),
            (format!("Bearer {jwt}"), true),
            (format!("v1,whsec_{}", "a".repeat(20)), true),
            (format!("token: ghp_{}", "a1".repeat(18)), true),
            (format!("(sk_live_{})", "a1".repeat(12)), true),
            ("postgres://admin:hunter2@db.acme.com/x".to_owned(), true),
            ("redis://:hunter2@cache.acme.com".to_owned(), true),
            ("-----BEGIN CERTIFICATE-----".to_owned(), false),
            ("sb_secret_ is how they start".to_owned(), false),
            ("sb_publishable_123456789012345".to_owned(), false),
            ("eyJ.eyJ.x".to_owned(), false),
            ("{{ .Token }} sbp_".to_owned(), false),
            (format!("ta{}", "sk-".to_owned() + &"a".repeat(60)), false),
            ("https://acme.com:8080/a@b:c".to_owned(), false),
            ("https://acme@acme.com".to_owned(), false),
            ("postgres://user:[YOUR-PASSWORD]@db.acme.com".to_owned(), false),
            ("postgres://user:****@db.acme.com".to_owned(), false),
        ] {
            assert_eq!(sniff(&text).is_some(), wanted, "{text}");
        }
    }

    #[test]
    fn each_form_is_found_alone_and_within_a_text_and_its_prefix_alone_is_not() {
        for form in SECRETS.iter().chain(NAMES) {
            let (filler, least) = match form.rest {
                Rest::Token => ("a", form.least),
                Rest::Upper => ("A", form.least),
                Rest::Hex => ("0", form.least),
            };
            let text = format!("{}{}", form.mark, filler.repeat(least));
            for within in [text.clone(), format!("see {text}."), format!("\"{text}\""), format!("x={text}&y")] {
                assert!(sniff_plain(&within).is_some(), "{within}");
                let [place] = &places(&within)[..] else { panic!("{within}") };
                assert!(within.get(place.clone()).unwrap().starts_with(&text), "{within}");
            }
            assert_eq!(sniff_plain(form.mark), None, "{}", form.mark);
        }
    }

    #[test]
    fn the_user_of_a_mail_server_may_be_the_name_of_a_key() {
        let name = format!("AKIA{}", "A1".repeat(8));
        assert_eq!((sniff(&name), sniff_plain(&name)), (None, Some("an access key of AWS")));
    }
}
