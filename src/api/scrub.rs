//! Removes secrets from texts of the API: it may echo what it was sent, in any encoding.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use zeroize::Zeroizing;

use super::origin::Token;
use crate::secret::{Vault, hex, jwk, tokens};

/// Replaces a secret.
const MARK: &str = "[secret]";

/// The most characters of the API's text that are passed on.
pub(super) const MOST: usize = 2_000;

/// The shortest form that is searched for: a shorter one occurs in many texts by chance.
const LEAST: usize = 4;

/// The shortest encoded form that is searched for: it looks like any other word.
const LEAST_CODED: usize = 8;

/// The secrets of a run.
pub(super) struct Scrubber {
    /// All forms of all values, in lower case.
    needles: Vec<Zeroizing<String>>,
}

impl Scrubber {
    /// Collects the values that must not be shown.
    pub(super) fn new(vault: &Vault, token: Option<&Token>) -> Self {
        let values = vault.values().map(crate::secret::Secret::expose).chain(token.map(Token::expose));
        // The private members of a key may be echoed by themselves.
        let whole_and_members = |value: &str| {
            let members = jwk::private_members(value);
            forms(value).into_iter().chain(members.iter().flat_map(|member| forms(member))).collect::<Vec<_>>()
        };
        let mut needles: Vec<_> = values.flat_map(whole_and_members).collect();
        // The longest first, so that no part of one is left.
        needles.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        needles.dedup();
        Self { needles }
    }

    /// A text without secrets and control characters, cut where it is too long.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for needle in &self.needles {
            text = without(&text, needle);
        }
        for place in tokens::places(&text).into_iter().rev() {
            text.replace_range(place, MARK);
        }
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        cut(&text)
    }
}

/// The text without a needle, ignoring case.
fn without(text: &str, needle: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains(needle) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(needle) {
        clean.push_str(text.get(from..at).unwrap_or_default());
        clean.push_str(MARK);
        from = at + found.len();
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    clean
}

/// A too long text, cut and marked as cut.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => {
            let all = text.chars().count();
            format!("{}… (cut: {MOST} of {all} characters)", text.get(..end).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

/// The forms in which a secret may be echoed: as it is, its longer lines, in JSON (once and twice), in HTML, in addresses,
/// in hex, and in base64 at every offset. In lower case, as the searched text.
fn forms(value: &str) -> Vec<Zeroizing<String>> {
    let lines = value.lines().map(str::trim).filter(|line| line.len() >= 12);
    let mut forms = vec![];
    for text in [value, value.trim()].into_iter().chain(lines) {
        let json = quoted(text);
        let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let percent = form.replace('+', "%20");
        let every = text.bytes().fold(String::new(), |all, byte| all + "%" + &hex(&[byte]));
        let plain = [
            text.to_owned(),
            text.to_lowercase(),
            text.to_uppercase(),
            quoted(&json),
            ascii(text),
            json,
            html,
            form,
            percent,
            every,
        ];
        forms.extend(plain.into_iter().filter(|form| form.len() >= LEAST));
        let coded = base64s(text.as_bytes()).into_iter().chain([hex(text.as_bytes())]);
        forms.extend(coded.filter(|form| form.len() >= LEAST_CODED));
    }
    let small = |mut form: String| {
        form.make_ascii_lowercase();
        Zeroizing::new(form)
    };
    forms.into_iter().map(small).collect()
}

/// A text as it is between the quotes of JSON.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.get(1..json.len() - 1).unwrap_or_default().to_owned()
}

/// The same with only ASCII characters.
fn ascii(text: &str) -> String {
    let mut escaped = String::new();
    for letter in quoted(text).chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// The characters of base64 that depend on the bytes alone, for each of the three offsets.
fn base64s(bytes: &[u8]) -> Vec<String> {
    let mut all = vec![];
    for before in 0..3 {
        let padded = Zeroizing::new([vec![0; before], bytes.to_vec()].concat());
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for engine in [STANDARD, URL_SAFE] {
            let text = Zeroizing::new(engine.encode(padded.as_slice()));
            all.push(text.get(from..to).unwrap_or_default().to_owned());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Secret, SecretSource};

    const VALUE: &str = "hunter2 \"quoted\" ünd?>~";

    fn scrubber() -> Scrubber {
        let mut vault = Vault::new();
        vault.put(SecretSource::Env("A".to_owned()), Secret::new(VALUE.to_owned()));
        Scrubber::new(&vault, Some(&Token::parse(&"t0ken-".repeat(5)).unwrap()))
    }

    #[test]
    fn an_echoed_secret_is_removed_in_every_form() {
        let scrubber = scrubber();
        let json = serde_json::json!({ "smtp_pass": VALUE }).to_string();
        let percent: String = url::form_urlencoded::byte_serialize(VALUE.as_bytes()).collect();
        for said in [
            format!("invalid smtp_pass {VALUE} here"),
            json.clone(),
            serde_json::json!({ "inner": json }).to_string(),
            serde_json::json!({ "inner": "hunter2 \"quoted\" ünd?>~" }).to_string().replace('ü', "\\u00FC"),
            format!("https://x/?p={percent}"),
            format!("https://x/?p={}", percent.replace('+', "%20").to_lowercase()),
            VALUE.to_uppercase(),
            VALUE.to_lowercase(),
            hex(VALUE.as_bytes()),
            hex(VALUE.as_bytes()).to_uppercase(),
            VALUE.replace('"', "&quot;").replace('>', "&gt;"),
            format!("Bearer {}", "t0ken-".repeat(5)),
            "key sbp_0123456789abcdef0123 and sb_secret_abcdef0123".to_owned(),
            "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl".to_owned(),
        ] {
            let clean = scrubber.clean(&said);
            assert!(clean.contains(MARK), "{said}: {clean}");
            let lower = clean.to_lowercase();
            for bad in ["hunter2", "quoted", "t0ken", "0123456789abcdef", "eyj", "abcdef", "68756e746572"] {
                assert!(!lower.contains(bad), "{clean}");
            }
        }
        assert_eq!(scrubber.clean("line\u{1b}[2J"), "line [2J");
    }

    #[test]
    fn base64_is_found_wherever_the_secret_begins_within_it() {
        let scrubber = scrubber();
        for before in ["", "a", "ab", "abc", "user:", "apikey:"] {
            for after in ["", "x", "xy", "xyz"] {
                for engine in [STANDARD, URL_SAFE] {
                    let text = engine.encode(format!("{before}{VALUE}{after}"));
                    let clean = scrubber.clean(&format!("basic {text}"));
                    assert!(clean.contains(MARK), "{before} {after}: {clean}");
                    // A character at either end may remain, which the secret shares with its neighbour.
                    let own = base64s(VALUE.as_bytes()).into_iter().map(|all| all.len()).min().unwrap_or_default();
                    assert!(clean.len() < "basic ".len() + text.len() - own + MARK.len() + 4, "{clean}");
                }
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_after_its_secrets_are_removed() {
        let scrubber = scrubber();
        let clean = scrubber.clean(&format!("{}{VALUE}{}", "ü".repeat(MOST - 4), "x".repeat(9_000)));
        assert!(clean.ends_with("[sec… (cut: 2000 of 11004 characters)"), "{}", clean.get(clean.len() - 60..).unwrap());
        assert_eq!(scrubber.clean(&"x".repeat(MOST)), "x".repeat(MOST));
    }
}
