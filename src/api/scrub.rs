//! Takes secrets out of what others say: the API may echo what it was sent.

use regex_lite::Regex;

use super::origin::Token;
use crate::secret::Vault;

/// What stands in place of a secret.
const MARK: &str = "[secret]";

/// Texts that look like credentials, whoever's they are.
const PATTERNS: &str = r"sbp_[A-Za-z0-9_]{8,}|sb_secret_[A-Za-z0-9_-]{4,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|v1,whsec_[A-Za-z0-9+/=]+";

/// Knows the secrets of a run.
pub(super) struct Scrubber {
    needles: Vec<zeroize::Zeroizing<String>>,
    patterns: Regex,
}

impl Scrubber {
    /// Takes the values that must not be seen.
    pub(super) fn new(vault: &Vault, token: Option<&Token>) -> Self {
        let values = vault.values().map(crate::secret::Secret::expose).chain(token.map(Token::expose));
        let mut needles: Vec<_> = values.flat_map(forms).map(zeroize::Zeroizing::new).collect();
        // The longest first, so that no half of one is left.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
        Self { needles, patterns: Regex::new(PATTERNS).expect("the patterns are a regular expression") }
    }

    /// A text without secrets and without control characters.
    pub(super) fn clean(&self, text: &str) -> String {
        let known = self.needles.iter().fold(text.to_owned(), |text, needle| text.replace(needle.as_str(), MARK));
        let clean = self.patterns.replace_all(&known, MARK);
        clean.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// A secret as it may be echoed: as it is, within JSON, within an address, and its longer lines one by one.
fn forms(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json.trim_matches('"').to_owned();
    let url: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let lines = value.lines().filter(|line| line.len() >= 12).map(str::to_owned);
    let forms = [value.to_owned(), value.trim().to_owned(), json, url];
    forms.into_iter().chain(lines).filter(|form| form.len() >= 4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Secret, SecretSource};

    #[test]
    fn n12_an_echoed_secret_is_taken_out_in_every_form() {
        let mut vault = Vault::new();
        vault.put(SecretSource::Env("A".to_owned()), Secret::new("hunter2 \"quoted\" ünd".to_owned()));
        let token = Token::parse(&"t0ken-".repeat(5)).unwrap();
        let scrubber = Scrubber::new(&vault, Some(&token));
        for said in [
            "invalid smtp_pass hunter2 \"quoted\" ünd here",
            r#"{"smtp_pass":"hunter2 \"quoted\" ünd"}"#,
            "https://x/?p=hunter2+%22quoted%22+%C3%BCnd",
            &format!("Bearer {}", "t0ken-".repeat(5)),
            "key sbp_0123456789abcdef and sb_secret_abcdef",
            "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        ] {
            let clean = scrubber.clean(said);
            assert!(clean.contains(MARK), "{clean}");
            for bad in ["hunter2", "t0ken", "0123456789abcdef", "eyJ", "abcdef"] {
                assert!(!clean.contains(bad), "{clean}");
            }
        }
        assert_eq!(scrubber.clean("line\u{1b}[2J"), "line [2J");
    }
}
