//! Keeps requests within the API's rate limits: per project or organization and per route, as the answers' headers say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;

use super::retry::LONGEST_WAIT;
use crate::clock::Clock;
use crate::model::{Call, Operation, Param};

/// The scope of a counter: a project or organization, and a route.
type Key = (String, Operation);

/// The known state of a window.
#[derive(Debug, Clone, Copy)]
struct Window {
    remaining: u64,
    resets: Duration,
}

/// Holds requests back until their window has room.
pub(super) struct Limiter {
    windows: Mutex<BTreeMap<Key, Window>>,
    clock: Arc<dyn Clock>,
}

/// The key of a call.
pub(super) fn key(call: &Call) -> Key {
    let scope = call.params.iter().find(|(name, _)| *name == "ref" || *name == "slug");
    let scope = scope.map_or(String::new(), |(_, param)| match param {
        Param::Known(value) | Param::Later(crate::model::Reference::RefOf(value)) => value.clone(),
    });
    (scope, call.operation)
}

impl Limiter {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { windows: Mutex::default(), clock }
    }

    /// How long a request must wait; `None` if it may be sent, and then it is counted.
    pub(super) fn admit(&self, key: &Key) -> Option<Duration> {
        let now = self.clock.now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.get_mut(key)?;
        if window.resets <= now {
            windows.remove(key);
            return None;
        }
        if window.remaining == 0 {
            return Some(window.resets.saturating_sub(now));
        }
        window.remaining -= 1;
        None
    }

    /// Learns from the headers of an answer.
    pub(super) fn learn(&self, key: Key, headers: &HeaderMap) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let (Some(remaining), Some(reset)) = (number("x-ratelimit-remaining"), number("x-ratelimit-reset")) else {
            return;
        };
        let resets = self.clock.now() + Duration::from_secs(reset).min(LONGEST_WAIT);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(key).or_insert(Window { remaining, resets });
        // Answers overtake each other: within one window, the smaller number is the newer one.
        let same_window = window.resets.abs_diff(resets) < Duration::from_secs(5);
        window.remaining = if same_window { window.remaining.min(remaining) } else { remaining };
        window.resets = resets;
    }

    /// Closes a window after a 429, for every request that waits for it.
    pub(super) fn close(&self, key: Key, wait: Duration) {
        let resets = self.clock.now() + wait;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.insert(key, Window { remaining: 0, resets });
    }
}

/// The waiting time of an answer: the longer of `retry-after` (seconds or a date) and `x-ratelimit-reset`.
pub(super) fn told_to_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |text: &str| text.parse::<u64>().ok().map(Duration::from_secs);
    let until = |text: &str| {
        // A date is compared with the server's own clock, never with ours.
        let parse = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
        let (end, now) = (parse(text)?, parse(headers.get("date")?.to_str().ok()?)?);
        u64::try_from(end.as_second() - now.as_second()).ok().map(Duration::from_secs)
    };
    let retry_after = text("retry-after").and_then(|text| seconds(text).or_else(|| until(text)));
    let reset = text("x-ratelimit-reset").and_then(seconds);
    retry_after.max(reset).map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::JumpClock;
    use crate::model::{Method, Repeat};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_full_window_is_waited_for_and_the_next_one_is_open() {
        let clock = JumpClock::start();
        let limiter = Limiter::new(Arc::<JumpClock>::clone(&clock));
        let call = Call::new(Method::Get, "/v1/projects", Repeat::Safe);
        assert_eq!(limiter.admit(&key(&call)), None, "nothing is known yet");
        limiter.learn(key(&call), &headers(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "40")]));
        assert_eq!(limiter.admit(&key(&call)), None);
        assert_eq!(limiter.admit(&key(&call)), Some(Duration::from_secs(40)));
        let other = Call::new(Method::Get, "/v1/organizations", Repeat::Safe);
        assert_eq!(limiter.admit(&key(&other)), None, "routes are counted apart");
        clock.advance(Duration::from_secs(41));
        assert_eq!(limiter.admit(&key(&call)), None);
    }

    #[test]
    fn every_form_of_waiting_is_understood() {
        let wait = |pairs: &[(&'static str, &str)]| told_to_wait(&headers(pairs)).map(|wait| wait.as_secs());
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "7")]), Some(7));
        assert_eq!(wait(&[("retry-after", "7"), ("x-ratelimit-reset", "30")]), Some(30));
        let date = "Sun, 22 Nov 2026 10:00:00 GMT";
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 10:00:20 GMT"), ("date", date)]), Some(20));
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT"), ("date", date)]), None);
        assert_eq!(wait(&[("retry-after", "1000000000")]), Some(90));
        for absurd in ["-5", "NaN", "soon", ""] {
            assert_eq!(wait(&[("retry-after", absurd)]), None, "{absurd}");
        }
    }
}
