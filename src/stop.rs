//! A signal as a value: once raised, nothing new is sent or started, and waits end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that is raised once and can be awaited. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    raised: Arc<AtomicBool>,
    wake: Arc<Notify>,
}

impl Stop {
    /// A flag that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises it.
    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        self.wake.notify_waiters();
    }

    /// The flag for a signal's handler, so that it is visible from the moment of the signal on. Waiting work is woken by
    /// [`Stop::raise`] only.
    #[cfg(unix)]
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.raised)
    }

    /// Whether it is raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Waits until it is raised.
    pub async fn raised(&self) {
        loop {
            let woken = self.wake.notified();
            if self.is_raised() {
                return;
            }
            woken.await;
        }
    }
}
