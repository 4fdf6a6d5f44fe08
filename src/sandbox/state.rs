//! The state of the sandbox: one JSON format for worlds and for states. It has digests, never values of secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::branching::{Branch, Coming};
use super::faults::Rule;
use super::functions::Function;
use super::history::History;
use super::keys::SigningKey;
use super::permissions::TokenRights;
use super::stored::{ApiKey, CustomHostname, Network, SsoProvider, StoredSecret, ThirdPartyAuth, is_zero};
use super::switches::Switches;
use crate::files::{self, Refused};
use crate::json;

/// The format's name in the file.
const FORMAT: &str = "supaform.sandbox";
/// The largest world, in bytes: ten thousand projects with a few settings each have half as many.
const MOST: u64 = 32 * 1024 * 1024;

/// The emulated platform: organizations and their projects.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// `supaform.sandbox`.
    pub format: String,
    /// 1.
    pub version: u32,
    /// The sandbox's time in milliseconds; it continues from the end of the last run.
    #[serde(default)]
    pub clock_ms: u64,
    /// How many projects were ever created: the seed of the next ref.
    #[serde(default)]
    pub made: u32,
    /// Organizations by slug.
    pub organizations: BTreeMap<String, Organization>,
    /// Projects by ref.
    pub projects: BTreeMap<String, Project>,
    /// Hosts whose DNS records somebody has set, as the platform asks for them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dns: BTreeSet<String>,
    /// The permissions of the token; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenRights>,
    /// The switches for open facts.
    #[serde(default, skip_serializing_if = "Switches::is_default")]
    pub switches: Switches,
    /// The faults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Rule>,
}

/// An organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// `free`, `pro`, `team`, `enterprise` or `platform`.
    pub plan: String,
}

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, named in the file")]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its organization's slug.
    pub organization: String,
    /// Its region.
    pub region: String,
    /// Its status, as the API words it.
    pub status: String,
    /// When it was created, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub created_ms: u64,
    /// Until when it is coming up or going down; then it is `ACTIVE_HEALTHY`, or `INACTIVE` if it was being paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_at_ms: Option<u64>,
    /// Until when it cannot be paused, after it was brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpausable_until_ms: Option<u64>,
    /// When the database begins to restart, a moment after the write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts_at_ms: Option<u64>,
    /// Until when the database restarts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarting_until_ms: Option<u64>,
    /// From when on the last change of TLS enforcement counts as applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl_applied_ms: Option<u64>,
    /// Whether it was deleted: its endpoints then answer that it has been removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// Its compute size.
    #[serde(default = "micro")]
    pub compute: String,
    /// Auth settings that were ever set, in the API's form; secrets as digests.
    #[serde(default)]
    pub auth: Map<String, Value>,
    /// Edge function secrets by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, StoredSecret>,
    /// Edge functions by slug.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, Function>,
    /// How many things with an id of their own were ever created: the seed of the next id.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ids: u32,
    /// SSO providers by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sso_providers: BTreeMap<String, SsoProvider>,
    /// Trusted issuers of tokens, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub third_party_auth: BTreeMap<String, ThirdPartyAuth>,
    /// Publishable and secret API keys, the oldest first; `None`: those of a new project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_keys: Option<Vec<ApiKey>>,
    /// Whether the legacy API keys were switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legacy_api_keys_off: bool,
    /// Whether the database refuses unencrypted connections.
    #[serde(default)]
    pub ssl_enforced: bool,
    /// Settings of the pooler that were ever set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub pooler: Map<String, Value>,
    /// Settings of the Data API that were ever set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data_api: Map<String, Value>,
    /// Settings of Realtime that were ever set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub realtime: Map<String, Value>,
    /// Settings of storage that were ever set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub storage: Map<String, Value>,
    /// Overrides of Postgres parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub postgres: Map<String, Value>,
    /// Who may connect to the database.
    #[serde(default)]
    pub network: Network,
    /// Addresses that are banned after too many failed logins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bans: Vec<String>,
    /// The add-ons that were chosen beside the compute size, such as `cd_default`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub addons: BTreeSet<String>,
    /// Its custom hostname.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_hostname: Option<CustomHostname>,
    /// The keys that sign its users' tokens, the oldest first; `None`: those of a new project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_keys: Option<Vec<SigningKey>>,
    /// When a signing key was last added or changed, in milliseconds of the sandbox's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_changed_ms: Option<u64>,
    /// The label of its vanity subdomain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanity: Option<String>,
    /// Whether Database Webhooks were enabled, which cannot be undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub database_webhooks: bool,
    /// Rows that its history of migrations gets by what is done with branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coming: Vec<Coming>,
    /// Its branches, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
    /// The ref of the project that it is a branch of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_of: Option<String>,
    /// The history of its migrations, where no PostgreSQL has it.
    #[serde(default, skip_serializing_if = "History::is_untouched")]
    pub migrations: History,
}

fn micro() -> String {
    "micro".to_owned()
}

/// Why a state or a world cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, Refused),
    /// The file is damaged, or another kind of file.
    #[error("`{0}` is no world of the sandbox: {1}")]
    Foreign(String, String),
    /// There is no PostgreSQL.
    #[error("the sandbox has no PostgreSQL: {0}")]
    Postgres(String),
}

impl State {
    /// An empty platform.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: 1,
            clock_ms: 0,
            made: 0,
            organizations: BTreeMap::new(),
            projects: BTreeMap::new(),
            dns: BTreeSet::new(),
            token: None,
            switches: Switches::default(),
            faults: vec![],
        }
    }

    /// Reads a state or a world.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or is another kind of file.
    pub fn read(path: &Path) -> Result<Self, OpenError> {
        let name = path.display().to_string();
        let text = files::given_text(path, MOST).map_err(|why| OpenError::Unreadable(name.clone(), why))?;
        let state: Self = json::read(text.as_bytes())
            .and_then(serde_json::from_value)
            .map_err(|error| OpenError::Foreign(name.clone(), error.to_string()))?;
        if state.format != FORMAT || state.version != 1 {
            let is = format!("its format is `{}` {}, expected `{FORMAT}` 1", state.format, state.version);
            return Err(OpenError::Foreign(name, is));
        }
        Ok(state)
    }

    /// The state in the form of the file.
    /// The text of its file.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// An unused ref or slug.
    pub(super) fn next_reference(&mut self) -> String {
        loop {
            self.made = self.made.wrapping_add(1);
            let made = super::ids::reference(self.made);
            if !self.projects.contains_key(&made) && !self.organizations.contains_key(&made) {
                return made;
            }
        }
    }

    /// Lets time pass for a project and its branches, or for all: projects that were coming up are up.
    pub(super) fn settle(&mut self, reference: Option<&str>, now: u64) {
        self.delete_branches(now);
        match reference {
            Some(reference) => {
                for reference in self.family(reference) {
                    self.projects.get_mut(&reference).into_iter().for_each(|project| project.settle(now));
                }
            }
            None => self.projects.values_mut().for_each(|project| project.settle(now)),
        }
    }
}

impl Project {
    /// An untouched project.
    #[must_use]
    pub fn untouched(name: &str, organization: &str, region: &str) -> Self {
        Self {
            name: name.to_owned(),
            organization: organization.to_owned(),
            region: region.to_owned(),
            status: "ACTIVE_HEALTHY".to_owned(),
            created_ms: 0,
            up_at_ms: None,
            unpausable_until_ms: None,
            restarts_at_ms: None,
            restarting_until_ms: None,
            ssl_applied_ms: None,
            removed: false,
            compute: micro(),
            auth: Map::new(),
            secrets: BTreeMap::new(),
            functions: BTreeMap::new(),
            ids: 0,
            sso_providers: BTreeMap::new(),
            third_party_auth: BTreeMap::new(),
            api_keys: None,
            legacy_api_keys_off: false,
            ssl_enforced: false,
            pooler: Map::new(),
            data_api: Map::new(),
            realtime: Map::new(),
            storage: Map::new(),
            postgres: Map::new(),
            network: Network::default(),
            bans: vec![],
            addons: BTreeSet::new(),
            custom_hostname: None,
            signing_keys: None,
            signing_changed_ms: None,
            vanity: None,
            database_webhooks: false,
            coming: vec![],
            branches: vec![],
            branch_of: None,
            migrations: History::default(),
        }
    }

    /// Lets time pass.
    fn settle(&mut self, now: u64) {
        if self.up_at_ms.is_some_and(|at| at <= now) {
            self.up_at_ms = None;
            let then = if self.status == "PAUSING" { "INACTIVE" } else { "ACTIVE_HEALTHY" };
            then.clone_into(&mut self.status);
        }
        for due in self.coming.extract_if(.., |coming| coming.at_ms <= now) {
            // A row that is there already stays as it is.
            drop(self.migrations.add(due.row));
        }
        let Self { restarts_at_ms, restarting_until_ms, ssl_applied_ms, unpausable_until_ms, .. } = self;
        for moment in [restarts_at_ms, restarting_until_ms, ssl_applied_ms, unpausable_until_ms] {
            moment.take_if(|moment| *moment <= now);
        }
    }

    /// An unused id of the project.
    pub(super) fn next_id(&mut self) -> String {
        self.ids = self.ids.wrapping_add(1);
        super::ids::uuid(&format!("{}/{}/{}", self.organization, self.name, self.ids))
    }

    /// Restarts the database: a second after the write, for a second.
    pub(super) fn restart(&mut self, now: u64) {
        self.restarts_at_ms = Some(now + 1000);
        self.restarting_until_ms = Some(now + 2000);
    }

    /// Whether its services accept a write.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVE_HEALTHY" | "ACTIVE_UNHEALTHY")
    }

    /// Whether it is paused: some of its lists are then empty, whatever it has.
    pub(super) fn is_parked(&self) -> bool {
        matches!(self.status.as_str(), "INACTIVE" | "PAUSING")
    }
}
