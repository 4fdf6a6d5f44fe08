//! What a project of the sandbox has beside plain settings: hosts, networks, secrets, providers, keys.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A custom hostname.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomHostname {
    /// The host.
    pub hostname: String,
    /// How far it is.
    #[serde(default)]
    pub status: HostnameStatus,
    /// When it was begun, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub initialized_ms: u64,
    /// How often the value for its certificate was renewed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renewed: u32,
    /// When its verification, which has found the records, ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at_ms: Option<u64>,
    /// Whether its activation was refused once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused_once: bool,
}

/// How far a custom hostname is, in the words of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostnameStatus {
    /// Its records are to be set.
    #[default]
    #[serde(rename = "2_initiated")]
    Initiated,
    /// It can be activated.
    #[serde(rename = "4_origin_setup_completed")]
    Verified,
    /// It is in use.
    #[serde(rename = "5_services_reconfigured")]
    Active,
}

impl HostnameStatus {
    /// The word of the API.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Initiated => "2_initiated",
            Self::Verified => "4_origin_setup_completed",
            Self::Active => "5_services_reconfigured",
        }
    }
}

/// Who may connect to a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// IPv4 networks.
    pub ipv4: Vec<String>,
    /// IPv6 networks.
    pub ipv6: Vec<String>,
    /// The networks before the last change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_ipv4: Vec<String>,
    /// The networks before the last change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_ipv6: Vec<String>,
    /// When it was last changed, in milliseconds of the sandbox's time; `None`: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_ms: Option<u64>,
    /// A change that awaits review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingNetwork>,
}

/// A change of the networks that was never applied: somebody has to review it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingNetwork {
    /// IPv4 networks.
    pub ipv4: Vec<String>,
    /// IPv6 networks.
    pub ipv6: Vec<String>,
    /// When it was requested, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub requested_ms: u64,
}

impl Default for Network {
    fn default() -> Self {
        let all = |network: &str| vec![network.to_owned()];
        let (ipv4, ipv6) = (all("0.0.0.0/0"), all("::/0"));
        Self { ipv4, ipv6, old_ipv4: vec![], old_ipv6: vec![], updated_ms: None, pending: None }
    }
}

/// An edge function secret: its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSecret {
    /// SHA-256 of the value, in hex.
    pub digest: String,
    /// When it was set, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub updated_ms: u64,
}

/// An SSO provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoProvider {
    /// Its SAML entity id.
    pub entity_id: String,
    /// The address of its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_url: Option<String>,
    /// Its metadata.
    pub metadata_xml: String,
    /// Its mail domains.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Claims, and the attributes that they come from.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attribute_mapping: Map<String, Value>,
    /// The name format that is requested from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_id_format: Option<String>,
    /// When it was created, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
    /// When it was changed, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub updated_ms: u64,
}

/// An API key, without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Its id.
    pub id: String,
    /// Its name; others may have the same.
    pub name: String,
    /// `publishable` or `secret`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The claims of the token for which a secret key is exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_jwt_template: Option<Map<String, Value>>,
    /// When it was created, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
    /// When it was last changed, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub updated_ms: u64,
}

/// An issuer of tokens; exactly one of the three is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyAuth {
    /// The issuer, by `OpenID` Connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_issuer_url: Option<String>,
    /// The address of its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// The keys themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_jwks: Option<Value>,
    /// When it was created, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
pub(super) const fn is_zero(number: &u32) -> bool {
    *number == 0
}
