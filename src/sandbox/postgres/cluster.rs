//! A PostgreSQL of the sandbox's own, from installed programs: in a new folder, reached by a socket in it and by no port.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::files;

/// Watches over the server. It ends with its standard input, so that nothing is left even where this process is killed.
const WATCHER: &str = include_str!("cluster.sh");

/// A server that runs, and the folder of its socket.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) folder: PathBuf,
    watcher: Child,
}

impl Cluster {
    /// Makes a server and starts it.
    pub(super) fn start() -> Result<Self, String> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCHER, "supaform"]).arg(std::env::temp_dir());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A signal from the terminal is for this process, which ends the server in its own time.
        command.process_group(0);
        if files::private::user() == 0 {
            // The server does not run as root.
            let (user, group) = unprivileged();
            command.uid(user).gid(group);
        }
        let mut watcher = command.spawn().map_err(|error| format!("`/bin/sh` cannot be run: {error}"))?;
        let folder = said(&mut watcher).map_err(|error| error.to_string())?;
        if folder.as_os_str().is_empty() {
            let mut why = String::new();
            drop(watcher.stderr.take().map(|mut stderr| stderr.read_to_string(&mut why)));
            drop(watcher.wait());
            return Err(why.trim().to_owned());
        }
        Ok(Self { folder, watcher })
    }

    /// Stops the server at once, and waits until its folder is gone.
    pub(super) fn stop(&mut self) {
        drop(self.watcher.stdin.take());
        drop(self.watcher.wait());
    }
}

/// The folder that the watcher prints; empty where it failed.
fn said(watcher: &mut Child) -> io::Result<PathBuf> {
    let mut line = String::new();
    if let Some(stdout) = watcher.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    Ok(PathBuf::from(line.trim_end()))
}

/// The user and the group for the server: those that the system has for PostgreSQL, or those that own nothing.
fn unprivileged() -> (u32, u32) {
    let users = files::given_text(Path::new("/etc/passwd"), 1 << 20).unwrap_or_default();
    let of = |name: &str| {
        users.lines().find_map(|line| {
            let mut parts = line.split(':');
            (parts.next() == Some(name)).then_some(())?;
            Some((parts.nth(1)?.parse().ok()?, parts.next()?.parse().ok()?))
        })
    };
    of("postgres").or_else(|| of("nobody")).unwrap_or((65534, 65534))
}
