//! Time comes from a [`Clock`] everywhere, so that tests and the in-process sandbox can make it jump.
//!
//! Not for dates in outputs: the same input prints the same bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;

/// A source of time: how much has passed since its start, and a way to wait.
pub trait Clock: Send + Sync {
    /// The time since this clock was made.
    fn now(&self) -> Duration;
    /// Waits for `pause`; on a jumping clock this returns at once and the time has passed.
    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()>;
    /// Ends when this time is reached while other work goes on; on a jumping clock, where no work takes time, never.
    fn alarm(&self, at: Duration) -> BoxFuture<'_, ()>;
}

/// The real clock, for the API and a served sandbox.
pub struct RealClock {
    start: tokio::time::Instant,
}

impl RealClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Arc<Self> {
        Arc::new(Self { start: tokio::time::Instant::now() })
    }
}

impl Clock for RealClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(pause))
    }

    fn alarm(&self, at: Duration) -> BoxFuture<'_, ()> {
        self.sleep(at.saturating_sub(self.now()))
    }
}

/// A clock on which every wait is over at once: minutes of waiting take no time.
#[derive(Default)]
pub struct JumpClock {
    millis: AtomicU64,
}

impl JumpClock {
    /// A clock that starts at zero.
    #[must_use]
    pub fn start() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.millis.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

impl Clock for JumpClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()> {
        // Two waits at the same time run together, so the clock goes to the later end, not to the sum.
        let end = self.now() + pause;
        Box::pin(async move {
            tokio::task::yield_now().await;
            // Rounded up: ending a part of a millisecond early would make the caller wait for ever.
            let millis = end.as_nanos().div_ceil(1_000_000);
            self.millis.fetch_max(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::SeqCst);
        })
    }

    fn alarm(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}
