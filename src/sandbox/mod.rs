//! The sandbox: the Management API by its recorded facts, for newcomers and for tests.
//!
//! A state machine: a request and a state give an answer and a new state; time comes from a [`Clock`]. Around it are
//! authentication, rate limits, faults and a log of requests, as a service for axum. It shares the facts of fields (type,
//! range, choices, digest) with the client and nothing else, so that the two can disagree.
//!
//! Main type: [`Sandbox`].

mod addons;
mod answer;
mod branching;
mod catalogue;
mod check;
mod copied;
mod database;
mod family;
mod faults;
mod form;
mod functions;
mod history;
mod ids;
mod keys;
mod limits;
mod matching;
mod permissions;
mod postgres;
mod public;
mod reply;
mod requests;
mod routes;
mod rows;
mod service;
mod shown;
mod state;
mod stored;
mod switches;
mod undo;
mod validate;
mod values;
mod visit;
mod world;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use branching::{Branch, Coming, Lag, Run};
pub use faults::{Fault, Rule};
pub use functions::{Function, FunctionSwitches, OrphanBundle, Overlap};
pub use history::{History, Migration};
pub use keys::{Eddsa, KeyStatus, KidScope, SigningKey, SigningKeySwitches};
pub use permissions::{Scope, TokenRights};
pub use postgres::PostgresAt;
pub use state::{OpenError, Organization, Project, State};
pub use stored::{
    ApiKey, CustomHostname, HostnameStatus, Network, PendingNetwork, SsoProvider, StoredSecret, ThirdPartyAuth,
};
pub use switches::{
    BranchSwitches, DefaultRow, HostnameSwitches, IdempotencyKeys, ListWhenOff, MigrationSwitches, PauseSwitches,
    PostgresPut, QuerySwitches, SameSecond, SecretForms, Switches, TablePresent, V2Config, VanitySwitches,
    WebhookSwitches,
};

use crate::clock::Clock;
use crate::files::{self, Readers, Refused};

/// The token of the sandbox, unless another is given; it has no use elsewhere.
pub const TOKEN: &str = "sbp_0000000000000000000000000000000000000000";

/// The options of a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file with the initial world of a new state; `None`: the built-in one.
    pub world: Option<PathBuf>,
    /// The file for the state; `None`: it is kept in memory.
    pub state: Option<PathBuf>,
    /// The limit of requests per minute for every route; 0 means no limit; `None`: the limits of the API.
    pub rate_limit: Option<u32>,
    /// The factor by which its time runs faster than real time.
    pub time_scale: f64,
    /// The least time of every answer.
    pub latency: Duration,
    /// The accepted token.
    pub token: String,
    /// The PostgreSQL behind it; `None`: no SQL is run.
    pub postgres: Option<PostgresAt>,
    /// Switches for open facts; the world may set some, too.
    pub switches: Switches,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            world: None,
            state: None,
            rate_limit: None,
            time_scale: 1.0,
            latency: Duration::ZERO,
            token: TOKEN.to_owned(),
            postgres: None,
            switches: Switches::default(),
        }
    }
}

/// An emulated Management API.
pub struct Sandbox {
    options: Options,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// What runs SQL.
    postgres: Option<postgres::Postgres>,
    /// The writes of functions that are in flight.
    flights: functions::Flights,
    /// How many of the writes are in the file. The lock is held while the file is written, so that no older state replaces
    /// a newer one.
    kept: Mutex<u64>,
}

struct Inner {
    state: State,
    limits: limits::Limits,
    log: requests::Log,
    /// What the last write changed, with the old values, for reads that lag behind.
    before: Option<undo::Undo>,
    /// The number of requests that may have changed something.
    writes: u64,
    /// The time of the state at the start of this run, in milliseconds.
    started_at: u64,
}

impl Sandbox {
    /// Opens the state, or starts a new one from the world.
    ///
    /// # Errors
    /// When a file cannot be read or is not a state of a sandbox, or when there is no PostgreSQL where one is wanted.
    pub fn open(options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        let state = match options.state.as_deref().filter(|path| path.exists()) {
            Some(path) => checked(path)?,
            None => match &options.world {
                Some(path) => checked(path)?,
                None => world::built_in(),
            },
        };
        Self::of(state, options, clock)
    }

    /// A sandbox with this state, which is checked.
    ///
    /// # Errors
    /// When the state contradicts itself, or when there is no PostgreSQL where one is wanted.
    pub fn with(state: State, options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        check::check(&state).map_err(|is| OpenError::Foreign("the copy".to_owned(), is))?;
        Self::of(state, options, clock)
    }

    fn of(state: State, options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        let started_at = state.clock_ms;
        let (limits, log) = (limits::Limits::default(), requests::Log::default());
        let inner = Inner { state, limits, log, before: None, writes: 0, started_at };
        let postgres = options.postgres.as_ref().map(postgres::Postgres::start).transpose();
        Ok(Arc::new(Self {
            postgres: postgres.map_err(OpenError::Postgres)?,
            options,
            clock,
            inner: Mutex::new(inner),
            flights: functions::Flights::default(),
            kept: Mutex::new(0),
        }))
    }

    /// Writes the state to its file, if it has one, and the requests beside it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self) -> Result<(), Refused> {
        let Some(path) = &self.options.state else { return Ok(()) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = self.write(path)?;
        // The requests of this run, for inspection: the same list as `GET /_sandbox/requests`.
        let requests = self.lock().log.text();
        files::save(&path.with_file_name("requests.json"), requests.as_bytes(), Readers::AsBefore)
    }

    /// Writes the state to its file, unless the file has this many writes already.
    fn keep(&self, writes: u64) -> Result<(), Refused> {
        let Some(path) = &self.options.state else { return Ok(()) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if *kept < writes {
            *kept = self.write(path)?;
        }
        Ok(())
    }

    /// Writes the state; returns how many writes it has.
    fn write(&self, path: &Path) -> Result<u64, Refused> {
        let (text, writes) = {
            let mut inner = self.lock();
            let now = self.now(inner.started_at);
            inner.state.clock_ms = now;
            inner.state.settle(None, now);
            (inner.state.text(), inner.writes)
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| Refused::System(error.kind()))?;
        }
        files::save(path, text.as_bytes(), Readers::AsBefore)?;
        Ok(writes)
    }

    /// The folder with the socket of the PostgreSQL that it has started.
    #[must_use]
    pub fn socket(&self) -> Option<PathBuf> {
        self.postgres.as_ref()?.socket()
    }

    /// Ends the PostgreSQL behind it; SQL that runs meanwhile fails.
    pub fn close(&self) {
        self.postgres.iter().for_each(postgres::Postgres::stop);
    }

    /// Changes the state directly, as somebody in the dashboard would.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.lock().state)
    }

    /// The requests so far, limited to what is public, as `GET /_sandbox/requests` lists them.
    pub fn requests(&self) -> serde_json::Value {
        self.lock().log.list()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox's time in milliseconds.
    fn now(&self, started_at: u64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of a run")]
        let passed = (self.clock.now().as_secs_f64() * 1000.0 * self.options.time_scale.max(0.0)) as u64;
        started_at.saturating_add(passed).min(check::LATEST)
    }
}

/// Checks a state or a world.
fn checked(path: &Path) -> Result<State, OpenError> {
    let state = State::read(path)?;
    check::check(&state).map_err(|is| OpenError::Foreign(path.display().to_string(), is))?;
    Ok(state)
}

/// The state's file in the folder of `--sandbox DIR`.
#[must_use]
pub fn state_file(folder: &Path) -> PathBuf {
    folder.join("state.json")
}
