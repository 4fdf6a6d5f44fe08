//! Keys that sign the tokens of a project's users. Of each only the public part is kept.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ids::{timestamp, uuid};

/// The members of each type of key that are public.
pub(super) const PUBLIC: &[&str] = &["kty", "crv", "x", "y", "n", "e", "alg", "kid", "use", "key_ops", "ext"];

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningKey {
    /// Its `kid`.
    pub id: String,
    /// How it signs.
    pub algorithm: String,
    /// What it is for.
    pub status: KeyStatus,
    /// Its public part; none of a key that both sides share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_jwk: Option<Map<String, Value>>,
    /// Whether it is the JWT secret that a project had before it had keys.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legacy: bool,
    /// When it was added, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
    /// When its status last changed.
    #[serde(default)]
    pub updated_ms: u64,
}

/// What a key is for, in the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It is published, and signs nothing.
    Standby,
    /// It signs.
    InUse,
    /// What it has signed is accepted.
    PreviouslyUsed,
    /// What it has signed is refused.
    Revoked,
}

impl KeyStatus {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::InUse, Self::PreviouslyUsed, Self::Revoked, Self::Standby];

    /// The word of the API.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::InUse => "in_use",
            Self::PreviouslyUsed => "previously_used",
            Self::Revoked => "revoked",
        }
    }
}

impl SigningKey {
    /// Those of a new project: one that signs, and the legacy JWT secret.
    pub(super) fn of_new(reference: &str) -> Vec<Self> {
        let own = Self::made(uuid(&format!("{reference}/signing")), "ES256", KeyStatus::InUse, 0);
        vec![own, Self::legacy(reference, KeyStatus::PreviouslyUsed, 0)]
    }

    /// The legacy JWT secret.
    pub(super) fn legacy(reference: &str, status: KeyStatus, now: u64) -> Self {
        let made = Self::made(uuid(&format!("{reference}/legacy")), "HS256", status, now);
        Self { legacy: true, ..made }
    }

    /// One that the platform makes.
    pub(super) fn made(id: String, algorithm: &str, status: KeyStatus, now: u64) -> Self {
        let point = |name: &str| uuid(&format!("{id}/{name}")).replace('-', "");
        let public = match algorithm {
            "ES256" => Some(json!({"kty": "EC", "crv": "P-256", "x": point("x"), "y": point("y")})),
            "RS256" => Some(json!({"kty": "RSA", "n": point("n"), "e": "AQAB"})),
            "EdDSA" => Some(json!({"kty": "OKP", "crv": "Ed25519", "x": point("x")})),
            _ => None,
        };
        let public = public.and_then(|public| public.as_object().cloned()).map(|mut public| {
            public.extend([("alg".to_owned(), algorithm.into()), ("kid".to_owned(), id.as_str().into())]);
            public
        });
        let algorithm = algorithm.to_owned();
        Self { id, algorithm, status, public_jwk: public, legacy: false, created_ms: now, updated_ms: now }
    }

    /// As the API shows it.
    pub(super) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "algorithm": self.algorithm,
            "status": self.status.word(),
            "public_jwk": self.public_jwk,
            "created_at": timestamp(self.created_ms),
            "updated_at": timestamp(self.updated_ms),
        })
    }
}

/// The switches of signing keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SigningKeySwitches {
    /// How long after a change of status another one is refused, in milliseconds: five minutes, as the documentation says, or
    /// not at all, as it is since August 2026.
    pub cooldown_ms: u64,
    /// How many keys may have been in use before and not be revoked.
    pub max_previous: usize,
    /// Where a `kid` is there only once.
    pub kid_scope: KidScope,
    /// Whether keys for `EdDSA` are taken.
    pub eddsa: Eddsa,
}

impl Default for SigningKeySwitches {
    fn default() -> Self {
        Self { cooldown_ms: 0, max_previous: 3, kid_scope: KidScope::Platform, eddsa: Eddsa::Refused }
    }
}

/// Where a `kid` is there only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KidScope {
    /// On the whole platform.
    Platform,
    /// In its project.
    Project,
}

/// What becomes of keys for `EdDSA`, which are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eddsa {
    /// They are refused.
    Refused,
    /// They are taken.
    Taken,
}
