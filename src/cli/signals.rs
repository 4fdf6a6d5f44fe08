//! The signals that stop a run, and the task that hears them.
//!
//! The first signal stops the run: nothing new is sent or started, what is in flight is awaited for a while, and the
//! results are reported. A second signal ends the process at once.

use std::sync::Arc;
use std::time::Duration;

use crate::exit::Exit;
use crate::session::Lifetime;
use crate::stop::Stop;

/// How long a stopped run may take to end by itself: a request in flight is awaited for five seconds.
const TO_END: Duration = Duration::from_secs(9);

/// The same for a run that has not sent anything yet, such as one that reads secrets from a terminal.
const TO_END_EARLY: Duration = Duration::from_secs(1);

/// Starts to listen for signals, for a run.
pub(super) fn listen(lifetime: &Arc<Lifetime>) -> std::io::Result<()> {
    let mut signals = Signals::listen(lifetime.stop())?;
    let lifetime = Arc::clone(lifetime);
    drop(tokio::spawn(async move {
        signals.next().await;
        lifetime.stop().raise();
        let limit = if lifetime.is_under_way() { TO_END } else { TO_END_EARLY };
        tokio::select! {
            () = signals.next() => {}
            () = tokio::time::sleep(limit) => {}
        }
        lifetime.end();
        abort();
    }));
    Ok(())
}

#[expect(clippy::exit, reason = "the second signal asks for just that")]
fn abort() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// The signals that stop a run: an interrupt, and on Unix also the end of the job and of the terminal.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    /// Listens from now on. Ignored signals stay ignored, as for `nohup` and for jobs in the background.
    ///
    /// The handler itself raises the stop, so that work after a signal sees it even before the task that wakes waiting work
    /// has its turn.
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

/// The signals that this process was started to ignore, one bit each, where the system has them.
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
