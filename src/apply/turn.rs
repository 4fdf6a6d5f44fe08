//! How many projects are at work at once.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::PARALLEL;

/// A place among those that are at work at once. Who waits for the API to get something done gives it to another for that time.
#[derive(Debug, Clone)]
pub struct Turn {
    places: Arc<Semaphore>,
    held: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Turn {
    /// Room for so many.
    #[must_use]
    pub fn of(projects: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(projects.max(1))), held: Arc::default() }
    }

    /// Waits for a place. It is held as long as what is returned.
    pub(super) async fn begin(&self) -> Self {
        let turn = Self { places: Arc::clone(&self.places), held: Arc::default() };
        turn.take().await;
        turn
    }

    /// Waits for something while another has the place.
    pub(super) async fn without<T>(&self, waiting: impl Future<Output = T>) -> T {
        self.hold(None);
        let came = waiting.await;
        self.take().await;
        came
    }

    async fn take(&self) {
        // The places are never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        self.hold(place);
    }

    fn hold(&self, place: Option<OwnedSemaphorePermit>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}

impl Default for Turn {
    fn default() -> Self {
        Self::of(PARALLEL)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_waits_lets_another_go_on() {
        let turns = Turn::of(1);
        let first = turns.begin().await;
        assert!(turns.begin().now_or_never().is_none(), "there is one place");
        let other = first.without(async { turns.begin().now_or_never() }).now_or_never();
        assert!(other.is_none(), "the first one goes on when the other has ended");
        let first = turns.begin().now_or_never().expect("both have given it back");
        let second = first
            .without(async {
                turns.begin().await;
            })
            .now_or_never();
        assert!(second.is_some(), "the other ended while it was waited");
        assert!(turns.begin().now_or_never().is_none());
        drop(first);
        assert!(turns.begin().now_or_never().is_some());
    }
}
