//! The sandbox: the Management API as the recorded facts tell it, for newcomers and for tests.
//!
//! A state machine: a request and a state give an answer and a new state; time comes from a [`Clock`]. Around it stand
//! authentication, rate limits, faults and a log of requests, as a service for axum. It shares the facts of a field (type,
//! range, choices, digest) with the client and nothing else, so that the two can disagree.
//!
//! Main type: [`Sandbox`].

mod addons;
mod answer;
mod catalogue;
mod check;
mod faults;
mod ids;
mod limits;
mod matching;
mod permissions;
mod public;
mod reply;
mod requests;
mod routes;
mod rows;
mod service;
mod state;
mod switches;
mod undo;
mod validate;
mod values;
mod visit;
mod world;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use faults::{Fault, Rule};
pub use permissions::{Scope, TokenRights};
pub use state::ThirdPartyAuth;
pub use state::{ApiKey, Network, OpenError, Organization, PendingNetwork, Project, SsoProvider, State, StoredSecret};
pub use switches::{PostgresPut, Switches};

use crate::clock::Clock;
use crate::files::{self, Readers, Refused};

/// The token of the sandbox, unless another is given: worth nothing anywhere else.
pub const TOKEN: &str = "sbp_0000000000000000000000000000000000000000";

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The world that a new state starts from; else the built-in one.
    pub world: Option<PathBuf>,
    /// The file that keeps the state; else it lives in memory.
    pub state: Option<PathBuf>,
    /// Requests a minute for every route; 0 is no limit; else what the API allows.
    pub rate_limit: Option<u32>,
    /// How many times faster than real its time goes.
    pub time_scale: f64,
    /// How long every answer takes at least.
    pub latency: Duration,
    /// The token that is accepted.
    pub token: String,
    /// Where the facts are open; the world may turn switches, too.
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
            switches: Switches::default(),
        }
    }
}

/// An emulated Management API.
pub struct Sandbox {
    options: Options,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// How many of the writes are in the file. Whoever writes the file holds it, so that no older state replaces a newer one.
    kept: Mutex<u64>,
}

struct Inner {
    state: State,
    limits: limits::Limits,
    log: requests::Log,
    /// What the last write changed, as it was, for reads that lag behind.
    before: Option<undo::Undo>,
    /// How many requests came that may have changed something.
    writes: u64,
    /// The time of the state when this run began, in milliseconds.
    started_at: u64,
}

impl Sandbox {
    /// Opens the state, or starts a new one from the world.
    ///
    /// # Errors
    /// When a file cannot be read or is no state of a sandbox.
    pub fn open(options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        let state = match options.state.as_deref().filter(|path| path.exists()) {
            Some(path) => checked(path)?,
            None => match &options.world {
                Some(path) => checked(path)?,
                None => world::built_in(),
            },
        };
        let started_at = state.clock_ms;
        let (limits, log) = (limits::Limits::default(), requests::Log::default());
        let inner = Inner { state, limits, log, before: None, writes: 0, started_at };
        Ok(Arc::new(Self { options, clock, inner: Mutex::new(inner), kept: Mutex::new(0) }))
    }

    /// Writes the state to its file, if it has one, and the requests beside it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self) -> Result<(), Refused> {
        let Some(path) = &self.options.state else { return Ok(()) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = self.write(path)?;
        // What this run sent, for whoever wonders: the same list as `GET /_sandbox/requests`.
        let requests = self.lock().log.text();
        files::save(&path.with_file_name("requests.json"), requests.as_bytes(), Readers::AsBefore)
    }

    /// Writes the state to its file, unless it has the first so many writes already.
    fn keep(&self, writes: u64) -> Result<(), Refused> {
        let Some(path) = &self.options.state else { return Ok(()) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if *kept < writes {
            *kept = self.write(path)?;
        }
        Ok(())
    }

    /// Writes the state; how many writes are in it.
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

    /// Changes the state by hand, as somebody at the dashboard would.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.lock().state)
    }

    /// The requests so far, as far as they are public, as `GET /_sandbox/requests` lists them.
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

/// A state or a world that makes sense.
fn checked(path: &Path) -> Result<State, OpenError> {
    let state = State::read(path)?;
    check::check(&state).map_err(|is| OpenError::Foreign(path.display().to_string(), is))?;
    Ok(state)
}

/// The state's file within the folder of `--sandbox DIR`.
#[must_use]
pub fn state_file(folder: &Path) -> PathBuf {
    folder.join("state.json")
}
