//! How long a run may take, and whether it is to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::api::Tries;
use crate::clock::{Clock, RealClock};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stop::Stop;

/// The longest that a run may take, whatever was asked for.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// The time of a run, which began with it, and what stops it.
pub struct Lifetime {
    clock: Arc<dyn Clock>,
    stop: Stop,
    /// When the run is to end, in milliseconds of the clock.
    deadline: AtomicU64,
    /// Whether somebody else was asked or told something.
    is_under_way: AtomicBool,
    /// What is done before the process is ended from without.
    last: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Lifetime {
    /// The time of a run that begins now and may take so long.
    #[must_use]
    pub fn start(most: Duration, stop: Stop) -> Arc<Self> {
        let deadline = AtomicU64::new(u64::try_from(most.min(LONGEST).as_millis()).unwrap_or(u64::MAX));
        let clock = RealClock::start();
        Arc::new(Self { clock, stop, deadline, is_under_way: AtomicBool::new(false), last: Mutex::default() })
    }

    /// The clock of the run.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Raised when the run is to stop.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// When the run is to end, on its clock.
    pub fn ends(&self) -> Duration {
        Duration::from_millis(self.deadline.load(Ordering::Relaxed))
    }

    /// How much time the run has left.
    pub fn left(&self) -> Duration {
        self.ends().saturating_sub(self.clock.now())
    }

    /// From now on somebody else is asked or told: a request in flight is awaited, even where the run is stopped.
    pub fn go_out(&self) {
        self.is_under_way.store(true, Ordering::SeqCst);
    }

    /// Whether somebody else was asked or told something.
    pub fn is_under_way(&self) -> bool {
        self.is_under_way.load(Ordering::SeqCst)
    }

    /// What is done last, where the run does not end by itself; in place of what was said before.
    pub fn do_last(&self, work: impl Fn() + Send + 'static) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(work));
    }

    /// Does what is done last: the run is ended from without.
    pub fn end(&self) {
        if let Some(work) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            work();
        }
    }

    /// Fails where the run is to stop.
    pub fn go_on(&self) -> Result<(), Failure> {
        if self.stop.is_raised() { Err(interrupted()) } else { Ok(()) }
    }

    /// Waits for something as long as the run is not stopped. A signal that came before it was done wins.
    pub async fn wait_for<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let done = tokio::select! {
            biased;
            () = self.stop.raised() => None,
            done = work => Some(done),
        };
        done.filter(|_| !self.stop.is_raised()).ok_or_else(interrupted)
    }

    /// Asks somebody, whose time is not the run's; the time that it took.
    pub async fn ask<T>(&self, question: impl Future<Output = T>) -> (Result<T, Failure>, Duration) {
        let begun = self.clock.now();
        let answer = self.wait_for(question).await;
        let took = self.clock.now().saturating_sub(begun);
        self.deadline.fetch_add(u64::try_from(took.as_millis()).unwrap_or_default(), Ordering::Relaxed);
        (answer, took)
    }

    /// The patience for another side than the API, for `most` of the time that is left.
    pub fn tries(&self, most: Duration) -> Tries {
        let deadline = self.clock.now() + self.left().min(most);
        Tries::new(Arc::clone(&self.clock), self.stop.clone(), deadline)
    }
}

/// The failure of a run that was stopped.
fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, codes::INTERRUPTED, "interrupted")
}
