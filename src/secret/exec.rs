//! Runs the command of an `{exec: […]}`: limited in time and output, and nothing of it outlives the call.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use crate::stop::Stop;

/// The most output of a command; a secret is small.
pub(super) const MOST_OUTPUT: u64 = 1024 * 1024;

/// Why a command gave no secret.
#[derive(Debug)]
pub(super) enum Failed {
    /// It could not be started.
    Start(std::io::Error),
    /// It took too long, and was killed with everything that it had started.
    TooLong,
    /// It printed too much, and was killed.
    TooMuch,
    /// The run was interrupted.
    Stopped,
}

/// The output of a command, and how it ended. It runs in a process group of its own, which is killed as soon as the command
/// ends, takes too long, prints too much, or the run is interrupted.
pub(super) async fn output_of(
    mut command: Command,
    timeout: Duration,
    stop: &Stop,
) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), Failed> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    if stop.is_raised() {
        return Err(Failed::Stopped);
    }
    let mut child = command.spawn().map_err(Failed::Start)?;
    let group = Group::of(&child);
    let ended = tokio::select! {
        biased;
        ended = to_the_end(&mut child, &group) => ended,
        () = stop.raised() => Err(Failed::Stopped),
        () = tokio::time::sleep(timeout) => Err(Failed::TooLong),
    };
    group.kill();
    ended
}

async fn to_the_end(child: &mut Child, group: &Group) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), Failed> {
    // Allocated at once, so that no copy is left behind when it grows.
    let mut printed = Zeroizing::new(Vec::with_capacity(usize::try_from(MOST_OUTPUT).unwrap_or(usize::MAX) + 1));
    let stdout = child.stdout.take();
    let mut status = None;
    {
        let read = async {
            match stdout {
                Some(stdout) => stdout.take(MOST_OUTPUT + 1).read_to_end(&mut printed).await.map_err(Failed::Start),
                None => Ok(0),
            }
        };
        tokio::pin!(read);
        loop {
            tokio::select! {
                biased;
                many = &mut read => {
                    if u64::try_from(many?).unwrap_or(u64::MAX) > MOST_OUTPUT {
                        return Err(Failed::TooMuch);
                    }
                    break;
                }
                ended = child.wait(), if status.is_none() => {
                    status = Some(ended.map_err(Failed::Start)?);
                    // A process that it left running would keep its output open.
                    group.kill();
                }
            }
        }
    }
    let status = match status {
        Some(status) => status,
        None => child.wait().await.map_err(Failed::Start)?,
    };
    Ok((status, printed))
}

/// The process group of a command.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: id.and_then(rustix::process::Pid::from_raw) }
    }

    #[cfg(not(unix))]
    fn of(_: &Child) -> Self {
        Self {}
    }

    /// Kills the rest of the group.
    fn kill(&self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // An empty group no longer exists.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}
