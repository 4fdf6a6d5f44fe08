//! The time that a run may take, and its stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::api::Tries;
use crate::clock::{Clock, RealClock};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stop::Stop;

/// The longest time that a run may take, whatever was asked for.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// The time of a run, counted from its start, and its stop.
pub struct Lifetime {
    clock: Arc<dyn Clock>,
    stop: Stop,
    /// When the run is to end, in milliseconds of the clock.
    deadline: AtomicU64,
    /// Whether a request has been sent.
    is_under_way: AtomicBool,
    /// The work to do before the process is ended from outside.
    last: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Lifetime {
    /// The lifetime of a run that begins now, with its longest time.
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

    /// Marks that a request is sent from now on: it is awaited, even when the run is stopped.
    pub fn go_out(&self) {
        self.is_under_way.store(true, Ordering::SeqCst);
    }

    /// Whether a request has been sent.
    pub fn is_under_way(&self) -> bool {
        self.is_under_way.load(Ordering::SeqCst)
    }

    /// Sets the work to do where the run does not end by itself, in place of earlier work.
    pub fn do_last(&self, work: impl Fn() + Send + 'static) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(work));
    }

    /// Does the last work: the run is ended from outside.
    pub fn end(&self) {
        if let Some(work) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            work();
        }
    }

    /// Fails when the run is to stop.
    pub fn go_on(&self) -> Result<(), Failure> {
        if self.stop.is_raised() { Err(interrupted()) } else { Ok(()) }
    }

    /// Waits for work as long as the run is not stopped. A signal that came before the work was done wins.
    pub async fn wait_for<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let done = tokio::select! {
            biased;
            () = self.stop.raised() => None,
            done = work => Some(done),
        };
        done.filter(|_| !self.stop.is_raised()).ok_or_else(interrupted)
    }

    /// Asks a person, whose time does not count; also returns that time.
    pub async fn ask<T>(&self, question: impl Future<Output = T>) -> (Result<T, Failure>, Duration) {
        let begun = self.clock.now();
        let answer = self.wait_for(question).await;
        let took = self.clock.now().saturating_sub(begun);
        self.deadline.fetch_add(u64::try_from(took.as_millis()).unwrap_or_default(), Ordering::Relaxed);
        (answer, took)
    }

    /// The retries of requests to others than the API, for `most` of the time that is left.
    pub fn tries(&self, most: Duration) -> Tries {
        let deadline = self.clock.now() + self.left().min(most);
        Tries::new(Arc::clone(&self.clock), self.stop.clone(), deadline)
    }
}

/// The failure of a run that was stopped.
fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, codes::INTERRUPTED, "interrupted")
}
