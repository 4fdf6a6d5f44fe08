//! Switches for open facts: behaviour that is not recorded, or that was seen in two ways.

use super::functions::FunctionSwitches;
use super::keys::SigningKeySwitches;
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
    /// What was seen of branches in more than one way.
    #[serde(skip_serializing_if = "BranchSwitches::is_default")]
    pub branches: BranchSwitches,
    /// What is open about migrations.
    #[serde(skip_serializing_if = "is_default")]
    pub migrations: MigrationSwitches,
    /// What is open about SQL.
    #[serde(skip_serializing_if = "is_default")]
    pub query: QuerySwitches,
    /// What is open about Database Webhooks.
    #[serde(skip_serializing_if = "is_default")]
    pub webhooks: WebhookSwitches,
    /// Of custom hostnames.
    #[serde(skip_serializing_if = "is_default")]
    pub hostname: HostnameSwitches,
    /// Of signing keys.
    #[serde(skip_serializing_if = "is_default")]
    pub signing_keys: SigningKeySwitches,
    /// Of vanity subdomains.
    #[serde(skip_serializing_if = "is_default")]
    pub vanity: VanitySwitches,
    /// Those of pausing.
    #[serde(skip_serializing_if = "is_default")]
    pub pause: PauseSwitches,
    /// Those of functions.
    #[serde(skip_serializing_if = "is_default")]
    pub functions: FunctionSwitches,
}

/// The switches of custom hostnames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostnameSwitches {
    /// Whether the first answer has the record for the certificate, as it was recorded. In production it comes later.
    pub acme_in_initialize: bool,
    /// After how long that record is there, in milliseconds.
    pub acme_delay_ms: u64,
    /// Whether a verification that does not find the records renews the value for the certificate.
    pub rotate_on_reverify: bool,
    /// How long a verification takes that finds the records, in milliseconds.
    pub verify_ms: u64,
    /// Whether the first activation is refused, as it was seen once.
    pub activate_flake: bool,
    /// After how long a hostname that is not verified is gone, in milliseconds; `None`: never.
    #[serde(rename = "pending_expiry")]
    pub pending_expiry_ms: Option<u64>,
}

impl Default for HostnameSwitches {
    fn default() -> Self {
        Self {
            acme_in_initialize: false,
            acme_delay_ms: 10_000,
            rotate_on_reverify: true,
            verify_ms: 60_000,
            activate_flake: false,
            pending_expiry_ms: None,
        }
    }
}

/// The switches of vanity subdomains: none of its refusals is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VanitySwitches {
    /// Whether a project must give its name up before it takes another one.
    pub change_needs_delete: bool,
    /// The refusal of a name that another project has.
    pub taken_status: u16,
    /// The refusal on a plan that does not include it.
    pub plan_gate_status: u16,
}

impl Default for VanitySwitches {
    fn default() -> Self {
        Self { change_needs_delete: false, taken_status: 400, plan_gate_status: 402 }
    }
}

/// The switches of pausing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PauseSwitches {
    /// How long a project that was brought back cannot be paused again, in milliseconds.
    pub settle_ms: u64,
}

impl Default for PauseSwitches {
    fn default() -> Self {
        Self { settle_ms: 300_000 }
    }
}

/// The switches of branches. Times are in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BranchSwitches {
    /// The list of a project that has none.
    pub list_when_off: ListWhenOff,
    /// How long a creation takes until it is answered: 35 s were seen, too.
    pub create_ms: u64,
    /// How long after its creation a branch has the schema of its project.
    pub schema_delay_ms: u64,
    /// Whether the project itself becomes a branch along with the first one.
    pub default_row: DefaultRow,
    /// The refusal to delete one that is persistent: 422, or 400 as before September 2026.
    pub persistent_delete_status: u16,
    /// How long the list shows a branch as before a change.
    pub list_lag_ms: u64,
    /// How long the read of a new branch answers that there is none.
    pub config_404_ms: u64,
    /// Whether a deletion can be scheduled, instead of being done at once.
    pub soft_delete: bool,
    /// Whether the read of one leaves out its credentials.
    pub mask_credentials: bool,
    /// The refusal of a name that another branch has.
    pub duplicate_name: u16,
}

impl Default for BranchSwitches {
    fn default() -> Self {
        Self {
            list_when_off: ListWhenOff::Empty,
            create_ms: 1500,
            schema_delay_ms: 45_000,
            default_row: DefaultRow::AutoMain,
            persistent_delete_status: 422,
            list_lag_ms: 5000,
            config_404_ms: 3000,
            soft_delete: false,
            mask_credentials: false,
            duplicate_name: 409,
        }
    }
}

impl BranchSwitches {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The list of branches where branching is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListWhenOff {
    /// It is empty.
    #[default]
    #[serde(rename = "200_empty")]
    Empty,
    /// It is refused.
    #[serde(rename = "422")]
    Refused,
}

/// The branch that is the project itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultRow {
    /// It comes along with the first branch, under the name `main`.
    #[default]
    AutoMain,
    /// There is none.
    None,
}

/// The switches of migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MigrationSwitches {
    /// Two migrations that the API stamps within one second.
    pub same_second: SameSecond,
    /// A request for a migration whose key was used before.
    pub idempotency: IdempotencyKeys,
    /// When a project has the table of the history.
    pub table_present: TablePresent,
    /// Whether a project without a history has, as its first branch does, a row with its schema once that is made.
    pub list_includes_branch_row: bool,
}

impl Default for MigrationSwitches {
    fn default() -> Self {
        Self {
            same_second: SameSecond::Bump,
            idempotency: IdempotencyKeys::Replay,
            table_present: TablePresent::Lazily,
            list_includes_branch_row: true,
        }
    }
}

/// Two migrations within one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameSecond {
    /// The second gets the next version.
    #[default]
    Bump,
    /// The second is refused.
    #[serde(rename = "409")]
    Conflict,
}

/// A key of a request that was used before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdempotencyKeys {
    /// The answer is that of the first request, and nothing is run.
    #[default]
    #[serde(rename = "replay_200")]
    Replay,
    /// The request is refused.
    #[serde(rename = "409")]
    Conflict,
}

/// When a project has the table of the history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TablePresent {
    /// From its first migration on.
    #[default]
    Lazily,
    /// From the start.
    Always,
}

/// The switches of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuerySwitches {
    /// Whether comments about where a text comes from are put behind it, which logs and statistics then show.
    pub comment_suffix: bool,
    /// How long a statement may take, in milliseconds.
    pub statement_timeout_ms: u64,
}

impl Default for QuerySwitches {
    fn default() -> Self {
        Self { comment_suffix: true, statement_timeout_ms: 120_000 }
    }
}

/// The switches of Database Webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSwitches {
    /// Whether their schema shows once they are on.
    pub schema_visible: bool,
}

impl Default for WebhookSwitches {
    fn default() -> Self {
        Self { schema_visible: true }
    }
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
        Self {
            google_folds: self.google_folds || other.google_folds,
            postgres_put: set(self.postgres_put, other.postgres_put),
            sso_needs_saml: self.sso_needs_saml || other.sso_needs_saml,
            realtime_above_plan: self.realtime_above_plan || other.realtime_above_plan,
            secret_forms: set(self.secret_forms, other.secret_forms),
            unknown_keys: self.unknown_keys || other.unknown_keys,
            branches: set(self.branches, other.branches),
            v2_config: set(self.v2_config, other.v2_config),
            migrations: set(self.migrations, other.migrations),
            query: set(self.query, other.query),
            webhooks: set(self.webhooks, other.webhooks),
            hostname: set(self.hostname, other.hostname),
            signing_keys: set(self.signing_keys, other.signing_keys),
            vanity: set(self.vanity, other.vanity),
            pause: set(self.pause, other.pause),
            functions: set(self.functions, other.functions),
        }
    }

    /// Whether every switch has its default.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The first that is not the default.
fn set<T: Default + PartialEq>(one: T, other: T) -> T {
    if one == T::default() { other } else { one }
}

fn is_default<T: Default + PartialEq>(it: &T) -> bool {
    *it == T::default()
}
