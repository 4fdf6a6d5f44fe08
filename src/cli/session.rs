//! What a whole run shares: one scheduler of asynchronous work, one task for signals, and the time that is left.
//!
//! At the first signal the run stops: nothing new is sent or started, what is in flight is awaited for a while, and what
//! came of it is told. A second one ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use super::Failure;
use crate::api::Tries;
use crate::clock::{Clock, RealClock};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::stop::Stop;

/// How long a run that was stopped may take to end by itself: a request in flight is awaited for five seconds.
const TO_END: Duration = Duration::from_secs(9);

/// The same for one that has not sent anything yet, such as one that reads secrets from a terminal.
const TO_END_EARLY: Duration = Duration::from_secs(1);

/// The longest that a run may take, whatever `--deadline` says.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// What a whole run shares.
pub(super) struct Session {
    runtime: Runtime,
    clock: Arc<RealClock>,
    stop: Stop,
    /// When the run is to end, in milliseconds of the clock.
    deadline: AtomicU64,
    /// Whether asynchronous work was begun.
    is_under_way: Arc<AtomicBool>,
}

impl Session {
    /// Starts to listen for signals, and the time of a run that may take so long.
    pub(super) fn start(most: Duration) -> std::io::Result<Self> {
        // A second thread, so that a signal is heard whatever the main one is at.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (stop, is_under_way) = (Stop::new(), Arc::new(AtomicBool::new(false)));
        let entered = runtime.enter();
        let clock = RealClock::start();
        let mut signals = Signals::listen(&stop)?;
        let (raised, begun) = (stop.clone(), Arc::clone(&is_under_way));
        drop(runtime.spawn(async move {
            signals.next().await;
            raised.raise();
            let limit = if begun.load(Ordering::SeqCst) { TO_END } else { TO_END_EARLY };
            tokio::select! {
                () = signals.next() => {}
                () = tokio::time::sleep(limit) => {}
            }
            abort();
        }));
        let deadline = AtomicU64::new(u64::try_from(most.min(LONGEST).as_millis()).unwrap_or(u64::MAX));
        drop(entered);
        Ok(Self { runtime, clock, stop, deadline, is_under_way })
    }

    /// Waits for asynchronous work, which ends by itself when the run is stopped.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.is_under_way.store(true, Ordering::SeqCst);
        self.runtime.block_on(work)
    }

    /// Waits for something as long as the run is not stopped. A signal that came before it was done wins.
    pub(super) fn wait_or_stop<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let done = self.wait(async {
            tokio::select! {
                biased;
                () = self.stop.raised() => None,
                done = work => Some(done),
            }
        });
        done.filter(|_| !self.stop.is_raised()).ok_or_else(interrupted)
    }

    /// Asks somebody, whose time is not the run's; the time that it took.
    pub(super) fn ask<T>(&self, question: impl Future<Output = T>) -> (Result<T, Failure>, Duration) {
        let begun = self.clock.now();
        let answer = self.wait_or_stop(question);
        let took = self.clock.now().saturating_sub(begun);
        self.deadline.fetch_add(u64::try_from(took.as_millis()).unwrap_or_default(), Ordering::Relaxed);
        (answer, took)
    }

    /// The scheduler, for what waits for a process.
    pub(super) fn scheduler(&self) -> &Handle {
        self.runtime.handle()
    }

    /// The clock of the run, which began with it.
    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// When the run is to end, on its clock.
    pub(super) fn ends(&self) -> Duration {
        Duration::from_millis(self.deadline.load(Ordering::Relaxed))
    }

    /// Raised when the run is to stop.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// How much time the run has left.
    pub(super) fn left(&self) -> Duration {
        self.ends().saturating_sub(self.clock.now())
    }

    /// The patience for another side than the API, for `most` of the time that is left.
    pub(super) fn tries(&self, most: Duration) -> Tries {
        let clock: Arc<dyn Clock> = Arc::<RealClock>::clone(&self.clock);
        let deadline = clock.now() + self.left().min(most);
        Tries::new(clock, self.stop.clone(), deadline)
    }
}

/// The failure of a run that was stopped.
pub(super) fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, codes::INTERRUPTED, "interrupted")
}

#[expect(clippy::exit, reason = "the second signal asks for just that")]
fn abort() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// The signals that stop a run: an interrupt, and on Unix the end of the job and of the terminal, too.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    /// Listens from now on. What was set to be ignored stays so, as for `nohup` and for jobs in the background.
    ///
    /// The handler itself marks the stop as raised: what is asked after a signal came sees it, whether or not the task that
    /// wakes those who wait had its turn.
    fn listen(stop: &Stop) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = ignored();
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let heard = kinds.into_iter().filter(|kind| ignored >> (kind.as_raw_value() - 1) & 1 == 0);
        let listened = heard.map(|kind| {
            let signal = signal(kind)?;
            signal_hook::flag::register(kind.as_raw_value(), stop.flag())?;
            Ok(signal)
        });
        listened.collect::<std::io::Result<_>>().map(Self)
    }

    /// Waits for one of them.
    async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let came = self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

/// The signals that this process was started to ignore, a bit each, where the system tells.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = crate::files::given_text(std::path::Path::new("/proc/self/status"), 64 * 1024).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen(_: &Stop) -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
