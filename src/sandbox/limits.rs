//! Rate limits: fixed windows of a minute, per project or organization and per route, shown in headers.

use std::collections::BTreeMap;

/// The length of a window in milliseconds.
const WINDOW: u64 = 60_000;

/// The most open windows before the expired ones are dropped.
const MOST: usize = 10_000;

/// The values of an answer's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LimitHeaders {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until the window ends.
    pub(super) reset: u64,
    /// Whether the request exceeds the limit.
    pub(super) exceeded: bool,
}

/// The open windows.
#[derive(Debug, Default)]
pub(super) struct Limits {
    windows: BTreeMap<(String, &'static str), (u64, u32)>,
}

impl Limits {
    /// Counts a request.
    pub(super) fn count(&mut self, scope: &str, route: &'static str, limit: u32, now: u64) -> LimitHeaders {
        // Requests for ever new projects must not fill the memory.
        if self.windows.len() >= MOST {
            self.windows.retain(|_, (start, _)| now < *start + WINDOW);
        }
        let (start, count) = self.windows.entry((scope.to_owned(), route)).or_insert((now, 0));
        if now >= *start + WINDOW {
            (*start, *count) = (now, 0);
        }
        *count += 1;
        let left = (*start + WINDOW).saturating_sub(now);
        LimitHeaders {
            limit,
            remaining: limit.saturating_sub(*count),
            reset: left.div_ceil(1000),
            exceeded: *count > limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_counts_down_and_starts_anew() {
        let mut limits = Limits::default();
        let first = limits.count("a", "GET /x", 2, 1000);
        assert_eq!(first, LimitHeaders { limit: 2, remaining: 1, reset: 60, exceeded: false });
        assert!(!limits.count("a", "GET /x", 2, 31_500).exceeded);
        let third = limits.count("a", "GET /x", 2, 31_500);
        assert_eq!(third, LimitHeaders { limit: 2, remaining: 0, reset: 30, exceeded: true });
        assert!(!limits.count("b", "GET /x", 2, 31_500).exceeded, "scopes are apart");
        assert!(!limits.count("a", "GET /y", 2, 31_500).exceeded, "routes are apart");
        assert_eq!(limits.count("a", "GET /x", 2, 61_000).remaining, 1);
    }
}
