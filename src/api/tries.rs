//! The only loop that repeats requests: until there is an answer or a refusal, the outcome is unknown, the attempts are
//! used up, the run is stopped, or its deadline is reached.
//!
//! All requests of a run share what they learn: where several fail in a row without any answer, the server counts as dead.
//! Then one request at a time is repeated, and at most a fifth of all requests are repetitions.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::retry::{Budget, Decision, Manner, Seen, decide};
use super::transport::Broken;
use crate::clock::Clock;
use crate::model::Repeat;
use crate::stop::Stop;

/// How long a request in flight is awaited after the run was stopped.
const GRACE: Duration = Duration::from_secs(5);

/// The number of failing requests among the last answers from which on the server is at fault, not the requests.
const OUTAGE: usize = 3;

/// How many of the last answers count.
const RECENT: usize = 8;

/// The longest wait for the answers to other requests before one is repeated.
const OTHERS: Duration = Duration::from_secs(5);

/// The end of a request without a good answer.
#[derive(Debug)]
pub enum Ended<E> {
    /// The answer is a refusal, or the request could not be made.
    Refused(E),
    /// It may have taken effect.
    Unknown(E),
    /// The attempts are used up.
    GaveUp(E),
    /// The answer asks for a wait of this time, which is more than the run has left.
    TooLate(E, Duration),
    /// The run was stopped before the request was sent, or sent again.
    Stopped,
    /// The run reached its deadline before the request was sent.
    Expired,
}

/// The retries of a run: shared by all its requests to one server.
pub struct Tries {
    clock: Arc<dyn Clock>,
    stop: Stop,
    /// When the run is to end, in milliseconds.
    deadline: AtomicU64,
    health: Mutex<Health>,
    changed: Notify,
    jitter: AtomicU64,
}

/// What the run has learnt about a server.
#[derive(Debug, Default)]
struct Health {
    /// Requests that were sent, each counted once.
    sent: u32,
    /// Counts the answers: a failure of an earlier round happened before the last answer.
    round: u64,
    /// Requests that were sent for the first time and have no answer yet.
    in_flight: u32,
    /// The results of the last attempts: the number of the request, and whether it was answered.
    recent: VecDeque<(u32, bool)>,
    /// The number of repetitions since the server was last known to be alive.
    again: u32,
    /// Whether a request is being repeated, while others wait for its result.
    probing: bool,
    budget: Budget,
}

impl Health {
    /// Records the result of an attempt.
    fn note(&mut self, request: u32, answered: bool) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((request, answered));
    }

    /// Whether the server seems dead: at least half of the last attempts failed, and those were of several requests.
    fn is_dead(&self) -> bool {
        let failed: Vec<u32> =
            self.recent.iter().filter(|(_, answered)| !answered).map(|(request, _)| *request).collect();
        let distinct: BTreeSet<&u32> = failed.iter().collect();
        distinct.len() >= OUTAGE && failed.len() * 2 >= self.recent.len()
    }
}

/// A request that was sent for the first time.
struct Flight<'t>(&'t Tries);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.health().in_flight -= 1;
        self.0.changed.notify_waiters();
    }
}

/// The only request that is repeated while the server seems dead.
struct Probe<'t>(&'t Tries);

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        self.0.health().probing = false;
        self.0.changed.notify_waiters();
    }
}

impl Tries {
    /// The retries of a run that ends at `deadline` of this clock, or when it is stopped.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, stop: Stop, deadline: Duration) -> Self {
        Self {
            clock,
            stop,
            deadline: AtomicU64::new(millis(deadline)),
            health: Mutex::default(),
            changed: Notify::new(),
            jitter: AtomicU64::new(0),
        }
    }

    /// Gives the run more time.
    pub(super) fn extend(&self, by: Duration) {
        self.deadline.fetch_add(millis(by), Ordering::Relaxed);
    }

    /// The clock of the waits.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Whether the run was stopped.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_raised()
    }

    /// Whether the run's deadline is reached.
    pub(super) fn is_over(&self) -> bool {
        self.clock.now() >= self.ends()
    }

    /// Whether requests may be sent: the run is neither stopped nor over.
    ///
    /// # Errors
    /// With the reason why not.
    pub fn may_send<E>(&self) -> Result<(), Ended<E>> {
        if self.stop.is_raised() {
            Err(Ended::Stopped)
        } else if self.is_over() {
            Err(Ended::Expired)
        } else {
            Ok(())
        }
    }

    /// Waits, at most until the run is stopped or reaches its deadline.
    pub async fn pause(&self, pause: Duration) {
        let left = self.ends().saturating_sub(self.clock.now());
        tokio::select! {
            biased;
            () = self.stop.raised() => {}
            () = self.clock.sleep(pause.min(left)) => {}
        }
    }

    /// Awaits an answer: after a stop only for a while, and not beyond the deadline.
    ///
    /// # Errors
    /// When there is none, or none in time.
    pub async fn in_flight(
        &self,
        answer: impl Future<Output = Result<http::Response<Bytes>, Broken>>,
    ) -> Result<http::Response<Bytes>, Broken> {
        let interrupted = async {
            self.stop.raised().await;
            self.clock.sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            answer = answer => answer,
            () = interrupted => Err(Broken::Lost("interrupted before the answer came".to_owned())),
            () = self.clock.alarm(self.ends()) => {
                Err(Broken::Lost("the run reached its deadline (`--deadline`) before the answer came".to_owned()))
            }
        }
    }

    /// Sends a request with `once`, which returns the result of an attempt, and repeats it where that is allowed and may
    /// help; `waits` is called before every wait.
    ///
    /// # Errors
    /// With the end of the request, if it has no good answer.
    pub async fn run<A, E>(
        &self,
        manner: &Manner,
        repeat: Repeat,
        waits: impl Fn(&Seen, Duration),
        mut once: impl AsyncFnMut(u32) -> Result<(Seen, Result<A, E>), Ended<E>>,
    ) -> Result<A, Ended<E>> {
        let mut probe = None;
        let (request, flight) = self.take_off();
        let mut flight = Some(flight);
        for attempt in 1.. {
            self.may_send()?;
            let (seen, outcome) = once(attempt).await?;
            let landed = flight.take();
            let why = match (decide(manner, repeat, attempt, &seen, self.random()), outcome) {
                (Decision::Return, outcome) => {
                    self.answered(request, attempt, outcome.is_ok());
                    return outcome.map_err(Ended::Refused);
                }
                (_, Ok(answer)) => return Ok(answer),
                (Decision::Look, Err(why)) => {
                    self.failed(request);
                    return Err(Ended::Unknown(why));
                }
                (Decision::GiveUp, Err(why)) => {
                    self.failed(request);
                    return Err(Ended::GaveUp(why));
                }
                (Decision::RetryAfter(pause), Err(why)) => {
                    let limited = matches!(seen, Seen::Status { code: 429, .. });
                    if limited {
                        self.answered(request, attempt, false);
                    } else {
                        self.failed(request);
                    }
                    let round = self.health().round;
                    drop((probe.take(), landed));
                    if self.clock.now() + pause >= self.ends() {
                        return Err(Ended::TooLate(why, pause));
                    }
                    waits(&seen, pause);
                    self.pause(pause).await;
                    if limited {
                        continue;
                    }
                    self.others_land(round).await;
                    why
                }
            };
            match self.once_more(manner, &seen).await {
                Some(granted) => probe = granted,
                None => {
                    self.may_send()?;
                    return Err(Ended::GaveUp(why));
                }
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// The number of a new request, and a guard that ends with its first attempt.
    fn take_off(&self) -> (u32, Flight<'_>) {
        let mut health = self.health();
        health.sent += 1;
        health.in_flight += 1;
        (health.sent, Flight(self))
    }

    /// Waits a little for the answers to earlier requests: one of them shows whether the server is alive.
    async fn others_land(&self, round: u64) {
        let mut enough = self.clock.alarm(self.clock.now() + OTHERS);
        loop {
            let changed = self.changed.notified();
            if self.has_told(round) {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = &mut enough => return,
                () = self.stop.raised() => return,
            }
        }
    }

    /// Whether an answer came since a round, or none is due.
    fn has_told(&self, round: u64) -> bool {
        let health = self.health();
        health.round != round || health.in_flight == 0
    }

    /// Records an answer, good or bad: the server is alive.
    fn answered(&self, request: u32, attempt: u32, well: bool) {
        let mut health = self.health();
        health.round += 1;
        if attempt > 1 {
            // A request that had failed is answered now.
            health.recent.clear();
        }
        health.note(request, true);
        if !health.is_dead() {
            health.again = 0;
        }
        if attempt == 1 && well {
            health.budget.earn();
        }
        drop(health);
        self.changed.notify_waiters();
    }

    fn failed(&self, request: u32) {
        self.health().note(request, false);
    }

    /// Whether a failed request may be repeated; while the server seems dead, only one at a time.
    async fn once_more(&self, manner: &Manner, seen: &Seen) -> Option<Option<Probe<'_>>> {
        loop {
            let changed = self.changed.notified();
            let again = {
                let mut health = self.health();
                let dead = health.is_dead();
                if !(dead && health.probing) {
                    let enough = dead && health.again >= (health.sent / 5).max(1);
                    if enough || !health.budget.spend(seen) {
                        return None;
                    }
                    health.again += 1;
                    health.probing |= dead;
                    return Some(dead.then(|| Probe(self)));
                }
                health.again
            };
            tokio::select! {
                () = changed => {}
                () = self.stop.raised() => return None,
            }
            if self.health().is_dead() {
                // Its repetition has failed, so there is no hurry.
                self.pause(manner.backoff(again + 1, self.random())).await;
            }
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends(&self) -> Duration {
        Duration::from_millis(self.deadline.load(Ordering::Relaxed))
    }

    /// A number in `0.0..1.0` from a fixed sequence (`SplitMix64`), so that runs are reproducible.
    fn random(&self) -> f64 {
        let mut bits =
            self.jitter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::clock::JumpClock;

    const FINE: Seen = Seen::Status { code: 200, wait: None, message: String::new() };
    const DOWN: Seen = Seen::Status { code: 503, wait: None, message: String::new() };

    fn tries() -> Tries {
        Tries::new(JumpClock::start(), Stop::new(), Duration::from_mins(15))
    }

    /// Sends some requests, some at a time; returns how many were sent in all, repetitions included, and how many
    /// succeeded.
    async fn run(requests: u32, at_once: usize, answer: impl Fn(u32) -> Seen) -> (u32, usize) {
        let (tries, sent) = (tries(), std::cell::Cell::new(0));
        let one = async |_: u32| {
            let once = async |_: u32| {
                // All requests in flight are sent before the first answer comes.
                tokio::task::yield_now().await;
                sent.set(sent.get() + 1);
                let seen = answer(sent.get());
                let outcome = if seen == FINE { Ok(()) } else { Err(()) };
                Ok((seen, outcome))
            };
            tries.run(&Manner::API, Repeat::Safe, |_, _| {}, once).await.is_ok()
        };
        let mut fine = 0;
        for batch in (0..requests).collect::<Vec<_>>().chunks(at_once) {
            fine += join_all(batch.iter().map(|it| one(*it))).await.into_iter().filter(|fine| *fine).count();
        }
        (sent.get(), fine)
    }

    #[tokio::test]
    async fn a_dead_api_is_asked_a_fifth_more_at_most() {
        for (requests, at_once) in [(4, 4), (5, 5), (10, 10), (16, 16), (40, 16), (200, 16), (200, 4)] {
            let base = f64::from(requests + 1);
            // One answer, and then none.
            let (sent, fine) = run(requests + 1, at_once, |nth| if nth == 1 { FINE } else { DOWN }).await;
            assert_eq!(fine, 1);
            assert!(
                f64::from(sent) <= (base * 1.2).max(base + 1.0).ceil(),
                "{requests} at {at_once}: {sent} were sent"
            );
        }
        let (sent, _) = run(1, 1, |_| DOWN).await;
        assert_eq!(sent, Manner::API.attempts, "a request by itself may be unlucky");
    }

    /// One in ten fails, independently: all runs succeed, with about one request more in ten.
    #[tokio::test]
    async fn occasional_failures_do_not_fail_a_run() {
        let (runs, requests) = (2_000, 30);
        let (mut failed, mut all) = (0, 0);
        for seed in 0..runs {
            let unlucky = |nth: u32| {
                let mut bits = (u64::from(seed) << 32 | u64::from(nth)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                (bits ^ (bits >> 27)) >> 40 & 1023 < 102
            };
            let (sent, fine) = run(requests, 16, |nth| if unlucky(nth) { DOWN } else { FINE }).await;
            failed += u32::from(fine < requests as usize);
            all += sent;
        }
        assert!(failed * 1000 <= runs, "{failed} of {runs} runs failed");
        assert!(f64::from(all) <= f64::from(runs * requests) * 1.15, "{all} requests for {}", runs * requests);
    }

    #[tokio::test]
    async fn nothing_is_sent_after_a_stop_or_when_the_time_is_up() {
        let never = async |_: u32| -> Result<(Seen, Result<(), ()>), Ended<()>> { panic!("it was sent") };
        let stopped = tries();
        stopped.stop.raise();
        let ended = stopped.run(&Manner::API, Repeat::Safe, |_, _| {}, never).await;
        assert!(matches!(ended, Err(Ended::Stopped)), "{ended:?}");
        let over = Tries::new(JumpClock::start(), Stop::new(), Duration::ZERO);
        let ended = over.run(&Manner::API, Repeat::Safe, |_, _| {}, never).await;
        assert!(matches!(ended, Err(Ended::Expired)), "{ended:?}");
    }
}
