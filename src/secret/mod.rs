//! Secrets: references to them, their values while a request is made, and their digests.
//!
//! After the manifest, a secret is a [`SecretUse`]; its value stays in the [`Vault`] and leaves it only for the time of one
//! request. A [`Secret`] has no `Display` and no `Serialize`; its `Debug` prints `[secret]`.

mod exec;
pub mod foreign;
mod hash;
pub mod jwk;
mod lines;
pub mod provided;
pub mod sources;
pub mod tokens;
pub mod variables;

pub use hash::{Hashing, hash_of, hash_of_json};

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::schema::Digest;

/// The value of a secret. It is wiped when dropped and cannot be printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself; only for making a digest or a request body.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}

/// The source of a secret's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretSource {
    /// `{secret: NAME}` of a document.
    Named {
        /// The document with the reference.
        document: String,
        /// The name.
        name: String,
    },
    /// `{env: NAME}`.
    Env(String),
    /// `{file: PATH}`, relative to the root.
    File(String),
    /// `{exec: [COMMAND, ARGUMENT…]}`.
    Exec(Vec<String>),
    /// `{plain: …}`: not a secret, so it may be shown.
    Plain(String),
}

impl fmt::Display for SecretSource {
    /// As people see it: `$SMTP_PASS`, `file secrets/key.pem`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named { name, .. } => write!(out, "secret {name}"),
            Self::Env(name) => write!(out, "${name}"),
            Self::File(path) => write!(out, "file {path}"),
            Self::Exec(command) => write!(out, "exec {}", command.first().map_or("", String::as_str)),
            Self::Plain(value) => write!(out, "{value:?}"),
        }
    }
}

impl SecretSource {
    /// The whole reference as JSON: two sources have the same text only if they are the same. Approvals use it instead of
    /// the display, which leaves out the arguments of a command and the document.
    #[must_use]
    pub fn identity(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Named { document, name } => json!({"secret": [document, name]}),
            Self::Env(name) => json!({"env": name}),
            Self::File(path) => json!({"file": path}),
            Self::Exec(command) => json!({"exec": command}),
            Self::Plain(value) => json!({"plain": value}),
        }
    }
}

/// How a field uses secrets: one, or several joined (those of a hook, for rotation).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretUse {
    /// The sources, in order.
    pub parts: Vec<SecretSource>,
    /// The separator between them.
    pub between: &'static str,
}

impl SecretUse {
    /// A use of one secret.
    #[must_use]
    pub fn one(source: SecretSource) -> Self {
        Self { parts: vec![source], between: "" }
    }

    /// The whole use as JSON: every part with its full source, and the separator. See [`SecretSource::identity`].
    #[must_use]
    pub fn identity(&self) -> serde_json::Value {
        let Self { parts, between } = self;
        let parts: Vec<_> = parts.iter().map(SecretSource::identity).collect();
        serde_json::json!({"parts": parts, "between": between})
    }

    /// Applies a change to the plain parts.
    pub fn each_plain(&mut self, change: &dyn Fn(&mut String)) {
        for part in &mut self.parts {
            if let SecretSource::Plain(text) = part {
                change(text);
            }
        }
    }

    /// The value to show, if it is not secret.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [SecretSource::Plain(value)] => Some(value),
            _ => None,
        }
    }
}

impl fmt::Display for SecretUse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            let between = if index == 0 { "" } else { " + " };
            write!(out, "{between}{part}")?;
        }
        Ok(())
    }
}

/// The values that were found, by source.
#[derive(Debug, Default)]
pub struct Vault {
    values: BTreeMap<SecretSource, Secret>,
    closed: bool,
}

impl Vault {
    /// An empty vault.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A vault that reveals nothing, not even the plain values of a manifest: a stranger who guesses must not learn from a
    /// plan whether the guess is live.
    #[must_use]
    pub fn closed() -> Self {
        Self { values: BTreeMap::new(), closed: true }
    }

    /// Stores a value.
    pub fn put(&mut self, source: SecretSource, value: Secret) {
        self.values.insert(source, value);
    }

    /// The value of a use, if all its parts were found.
    #[must_use]
    pub fn reveal(&self, wanted: &SecretUse) -> Option<Secret> {
        if self.closed {
            return None;
        }
        let mut joined = Zeroizing::new(String::new());
        for (index, part) in wanted.parts.iter().enumerate() {
            if index > 0 {
                joined.push_str(wanted.between);
            }
            match part {
                SecretSource::Plain(value) => joined.push_str(value),
                other @ (SecretSource::Named { .. }
                | SecretSource::Env(_)
                | SecretSource::File(_)
                | SecretSource::Exec(_)) => joined.push_str(self.values.get(other)?.expose()),
            }
        }
        Some(Secret(joined))
    }

    /// All values, for removing them from texts of others.
    pub fn values(&self) -> impl Iterator<Item = &Secret> {
        self.values.values()
    }
}

impl Digest {
    /// The digest of a value as the API shows it for the project `reference`; `None` where it shows none.
    #[must_use]
    pub fn of(self, value: &str, reference: &str) -> Option<String> {
        match self {
            Self::HmacOfRef => Some(hmac(reference.as_bytes(), value.as_bytes())),
            Self::Sha256 => Some(hex(&Sha256::digest(value.as_bytes()))),
            Self::JwkThumbprint => jwk::thumbprint(value).map(|digest| hex(&digest)),
            Self::Never => None,
        }
    }
}

/// HMAC-SHA256 in hex.
#[must_use]
pub fn hmac(key: &[u8], message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    hex(&mac.finalize().into_bytes())
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is a hex digit"));
        }
        text
    })
}

/// Whether a text has the form of a digest: 64 lower-case hex digits.
#[must_use]
pub fn looks_like_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_match_the_published_vectors() {
        let hmac = |key| Digest::HmacOfRef.of("test-secret", key).unwrap();
        assert_eq!(hmac("abcdefghijklmnopqrst"), "d78b388f874132a85b8219ac18ea439577ea6b07d362326e7a0c988d690852cb");
        assert_eq!(hmac(""), "ce62bb9bcced294fd4afe668f8ab3b50a89cf433093c526fffa3d0e46bf55252");
        let sha = Digest::Sha256.of("bar", "unused").unwrap();
        assert_eq!(sha, "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9");
    }

    #[test]
    fn two_references_have_one_identity_only_where_they_are_the_same() {
        let exec = |words: &[&str]| SecretSource::Exec(words.iter().map(|word| (*word).to_owned()).collect());
        let named =
            |document: &str, name: &str| SecretSource::Named { document: document.to_owned(), name: name.into() };
        let sources = [
            exec(&["sh", "-c", "echo a"]),
            exec(&["sh", "-c", "echo b"]),
            exec(&["sh", "-c echo a"]),
            exec(&["sh"]),
            named("acme-prod", "A"),
            named("acme-dev", "A"),
            named("acme", "prod-A"),
            SecretSource::Env("A".to_owned()),
            SecretSource::File("A".to_owned()),
            SecretSource::Plain("A".to_owned()),
            SecretSource::Plain("$A".to_owned()),
        ];
        let mut uses: Vec<SecretUse> = sources.iter().cloned().map(SecretUse::one).collect();
        for between in ["", "|"] {
            uses.push(SecretUse { parts: sources.iter().take(2).cloned().collect(), between });
            uses.push(SecretUse { parts: sources.iter().rev().take(2).cloned().collect(), between });
        }
        let texts: std::collections::BTreeSet<_> = uses.iter().map(|one| one.identity().to_string()).collect();
        assert_eq!(texts.len(), uses.len(), "{texts:#?}");
        assert!(uses.iter().all(|one| one.identity() == one.clone().identity()));
    }

    #[test]
    fn a_secret_has_no_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "[secret]");
    }
}
