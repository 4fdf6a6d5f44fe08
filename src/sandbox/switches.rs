//! Switches for open facts: behaviour that is not recorded, or that was seen in two ways.

use serde::{Deserialize, Serialize};

/// The switches, in a world or as options; the default of each is the recorded or documented behaviour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, named in the world")]
pub struct Switches {
    /// Whether Google's further client ids are folded like Apple's.
    pub google_folds: bool,
    /// Whether a PUT of Postgres parameters keeps those that it does not name.
    pub postgres_put: PostgresPut,
    /// Whether SSO providers exist only while `saml_enabled` is on. The recordings show that they exist without it; the
    /// specification says otherwise.
    pub sso_needs_saml: bool,
    /// Whether Realtime accepts limits above those of the plan.
    pub realtime_above_plan: bool,
    /// What becomes of the read of all settings of a project, which is an alpha of the API.
    pub v2_config: V2Config,
    /// How reads show secrets: other forms than digests were seen, and the specification promises none.
    pub secret_forms: SecretForms,
    /// Whether reads of settings have a key that no version of the specification has.
    pub unknown_keys: bool,
}

/// How reads show the secrets of auth and of edge functions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum SecretForms {
    /// As digests
    #[default]
    Digest,
    /// As stars
    Stars,
    /// Not at all, as if they were not set
    Absent,
}

/// What may become of that read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum V2Config {
    /// It shows everything
    #[default]
    Full,
    /// It shows some of it: auth is missing, and storage is empty
    PartialBlocks,
    /// It does not exist
    #[serde(rename = "404")]
    #[value(name = "404")]
    Missing,
    /// No token may use it
    #[serde(rename = "403")]
    #[value(name = "403")]
    Forbidden,
    /// It answers about something else
    WrongType,
}

/// The two possible behaviours of that PUT.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum PostgresPut {
    /// It drops them
    #[default]
    Replace,
    /// It keeps them
    Merge,
}

impl Switches {
    /// Both together: a switch that either of them sets is set.
    pub(super) fn or(self, other: Self) -> Self {
        let postgres_put =
            if self.postgres_put == PostgresPut::default() { other.postgres_put } else { self.postgres_put };
        Self {
            google_folds: self.google_folds || other.google_folds,
            postgres_put,
            sso_needs_saml: self.sso_needs_saml || other.sso_needs_saml,
            realtime_above_plan: self.realtime_above_plan || other.realtime_above_plan,
            secret_forms: if self.secret_forms == SecretForms::default() {
                other.secret_forms
            } else {
                self.secret_forms
            },
            unknown_keys: self.unknown_keys || other.unknown_keys,
            v2_config: if self.v2_config == V2Config::default() { other.v2_config } else { self.v2_config },
        }
    }

    /// Whether every switch has its default.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
