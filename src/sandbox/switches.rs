//! Where the facts are open: what nobody has recorded, or what was seen both ways, can be had both ways.

use serde::{Deserialize, Serialize};

/// The switches, in a world or as options; the default of each is what was recorded, or what the documentation says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Switches {
    /// Whether Google's further client ids are folded as Apple's are.
    pub google_folds: bool,
    /// What a PUT of Postgres parameters does with those that it does not name.
    pub postgres_put: PostgresPut,
    /// Whether SSO providers are there only while `saml_enabled` is on. Recorded is that they are there without it; the
    /// specification says otherwise.
    pub sso_needs_saml: bool,
    /// Whether Realtime takes limits above those that the plan includes.
    pub realtime_above_plan: bool,
}

/// The two readings of what is known of that PUT.
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
    /// Both: what one of them turns is turned.
    pub(super) fn or(self, other: Self) -> Self {
        let postgres_put =
            if self.postgres_put == PostgresPut::default() { other.postgres_put } else { self.postgres_put };
        Self {
            google_folds: self.google_folds || other.google_folds,
            postgres_put,
            sso_needs_saml: self.sso_needs_saml || other.sso_needs_saml,
            realtime_above_plan: self.realtime_above_plan || other.realtime_above_plan,
        }
    }

    /// Whether nothing is turned.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
