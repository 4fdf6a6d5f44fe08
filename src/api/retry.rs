//! Decides what to do after an attempt: a pure function, by class of operation. The loop around it is in `tries`.

use std::time::Duration;

use crate::model::Repeat;

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing was sent.
    NotSent,
    /// The answer was lost; the request may have arrived.
    Lost,
    /// A success whose body cannot be read.
    Unreadable,
    /// An answer with this status.
    Status {
        /// The status.
        code: u16,
        /// How long the answer says to wait.
        wait: Option<Duration>,
        /// The API's message, for the few cool-downs that look like rate limits.
        message: String,
    },
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Return the answer, good or bad.
    Return,
    /// Wait, then send again.
    RetryAfter(Duration),
    /// The outcome is unknown: read live before anything is sent again.
    Look,
    /// The attempts are used up.
    GiveUp,
}

/// The longest wait that an answer may ask for: a window has 60 seconds, so more is implausible and is cut.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(90);

/// How patient a client is with a server.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// The most times that a request is sent.
    pub attempts: u32,
    /// Whether a rate limit counts as an attempt; otherwise it is waited out until the run's deadline.
    pub counts_limits: bool,
    /// The first wait for a rate limit without a given time; then twice as long.
    pub usual: Duration,
    /// The longest wait that an answer may ask for.
    pub longest: Duration,
    /// The first wait after a failure; then twice as long, up to 20 seconds.
    pub first: Duration,
    /// Whether waits are randomised, so that those of many requests do not end at once.
    pub spread: bool,
}

impl Manner {
    /// For the Management API.
    pub const API: Self = Self {
        attempts: 5,
        counts_limits: false,
        usual: Duration::from_secs(1),
        longest: LONGEST_WAIT,
        first: Duration::from_millis(500),
        spread: true,
    };
    /// For what the run can do without: whatever the answer is, it is the only one.
    pub const ONCE: Self = Self { attempts: 1, counts_limits: true, ..Self::API };
    /// For a code host, whose limits are counted per hour.
    pub const HOST: Self = Self {
        attempts: 5,
        counts_limits: true,
        usual: Duration::from_mins(1),
        longest: Duration::MAX,
        first: Duration::from_secs(1),
        spread: false,
    };
    /// For a chat or a webhook: randomising the attempts of one job gains nothing.
    pub const HOOK: Self = Self { usual: Duration::from_secs(1), ..Self::HOST };

    /// Exponential backoff with full jitter.
    pub(super) fn backoff(&self, attempt: u32, jitter: f64) -> Duration {
        let most = doubled(self.first, attempt).min(Duration::from_secs(20));
        if self.spread { most.mul_f64(jitter).max(Duration::from_millis(200)) } else { most }
    }

    /// A 429 was not executed, so every class may wait and send again.
    fn after_429(&self, wait: Option<Duration>, attempt: u32, jitter: f64) -> Duration {
        let told = wait.unwrap_or_else(|| doubled(self.usual, attempt)).min(self.longest);
        told + if self.spread { Duration::from_secs(1).mul_f64(jitter) } else { Duration::ZERO }
    }
}

/// The wait before the second attempt, doubled for each further one.
fn doubled(first: Duration, attempt: u32) -> Duration {
    first.saturating_mul(1 << attempt.saturating_sub(1).min(10))
}

/// The retries that a run may spend: shared by all its requests, so that a dead API is not flooded.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    tokens: u32,
}

/// The initial tokens of a run; a retry costs 5, after a lost answer 10, and a success at the first attempt gives one back.
const TOKENS: u32 = 500;

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: TOKENS }
    }
}

impl Budget {
    /// Takes the price of a retry after `seen`, if there is enough left.
    pub fn spend(&mut self, seen: &Seen) -> bool {
        let cost = if *seen == Seen::Lost { 10 } else { 5 };
        let enough = self.tokens >= cost;
        if enough {
            self.tokens -= cost;
        }
        enough
    }

    /// Gives a token back for a success at the first attempt.
    pub fn earn(&mut self) {
        self.tokens = (self.tokens + 1).min(TOKENS);
    }
}

/// Decides after attempt number `attempt` (from 1). `jitter` is in `0.0..1.0`.
#[must_use]
pub fn decide(manner: &Manner, repeat: Repeat, attempt: u32, seen: &Seen, jitter: f64) -> Decision {
    let again = || {
        let left = attempt < manner.attempts;
        if left { Decision::RetryAfter(manner.backoff(attempt, jitter)) } else { Decision::GiveUp }
    };
    match seen {
        Seen::NotSent => again(),
        Seen::Status { code: 429, message, .. } if is_cool_down(message) => Decision::Return,
        Seen::Status { code: 429, .. } if manner.counts_limits && attempt >= manner.attempts => Decision::GiveUp,
        Seen::Status { code: 429, wait, .. } => Decision::RetryAfter(manner.after_429(*wait, attempt, jitter)),
        // 544 carries the API's own refusals, such as "delete the custom hostname first".
        Seen::Status { code: 544, message, .. } if !message.is_empty() => Decision::Return,
        Seen::Lost | Seen::Unreadable | Seen::Status { code: 408 | 500..=599, .. } => fate_unknown(repeat, again()),
        Seen::Status { .. } => Decision::Return,
    }
}

fn fate_unknown(repeat: Repeat, again: Decision) -> Decision {
    match repeat {
        Repeat::Safe => again,
        Repeat::Idempotent | Repeat::OnceOnly => Decision::Look,
    }
}

/// A wait of hours that looks like a rate limit counts as an answer.
fn is_cool_down(message: &str) -> bool {
    message.contains("once per four hours") || message.contains("Please wait until")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16) -> Seen {
        Seen::Status { code, wait: None, message: "text".to_owned() }
    }

    #[test]
    fn the_matrix_of_outcomes_and_classes() {
        let retry = |decision| matches!(decision, Decision::RetryAfter(_));
        for repeat in [Repeat::Safe, Repeat::Idempotent, Repeat::OnceOnly] {
            assert!(retry(decide(&Manner::API, repeat, 1, &Seen::NotSent, 0.5)), "nothing was sent: again");
            assert!(retry(decide(&Manner::API, repeat, 9, &status(429), 0.5)), "a 429 was not executed: again, always");
            for code in [200, 201, 204, 301, 400, 401, 402, 403, 404, 406, 409, 422, 544] {
                assert_eq!(decide(&Manner::API, repeat, 1, &status(code), 0.5), Decision::Return, "{code}");
            }
            for seen in [Seen::Lost, Seen::Unreadable, status(408), status(500), status(503), status(522)] {
                let decision = decide(&Manner::API, repeat, 1, &seen, 0.5);
                match repeat {
                    Repeat::Safe => assert!(retry(decision), "{seen:?}"),
                    Repeat::Idempotent | Repeat::OnceOnly => assert_eq!(decision, Decision::Look, "{seen:?}"),
                }
            }
        }
        assert_eq!(decide(&Manner::API, Repeat::Safe, Manner::API.attempts, &status(500), 0.5), Decision::GiveUp);
    }

    #[test]
    fn waits_are_obeyed_and_absurd_ones_cut() {
        let told = |wait| Seen::Status { code: 429, wait, message: "ThrottlerException: Too Many Requests".to_owned() };
        let wait = |seen| decide(&Manner::API, Repeat::OnceOnly, 1, &seen, 0.0);
        assert_eq!(wait(told(Some(Duration::from_secs(7)))), Decision::RetryAfter(Duration::from_secs(7)));
        assert_eq!(wait(told(Some(Duration::from_secs(1_000_000_000)))), Decision::RetryAfter(LONGEST_WAIT));
        assert_eq!(wait(told(None)), Decision::RetryAfter(Duration::from_secs(1)));
    }

    #[test]
    fn a_cool_down_of_hours_is_no_rate_limit() {
        let message = "Database disk can only be modified once per four hours. Last modified at 2026-10-01T00:00:00Z";
        let seen = Seen::Status { code: 429, wait: None, message: message.to_owned() };
        assert_eq!(decide(&Manner::API, Repeat::Idempotent, 1, &seen, 0.0), Decision::Return);
    }

    #[test]
    fn the_budget_of_a_run_ends() {
        let mut budget = Budget::default();
        let spent = (0..1000).take_while(|_| budget.spend(&Seen::Lost)).count();
        assert_eq!(spent, 50);
        (0..5).for_each(|_| budget.earn());
        assert!(budget.spend(&Seen::NotSent));
    }
}
