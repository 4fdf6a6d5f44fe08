//! A sandbox that is served.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A sandbox in a process of its own, which ends with this value.
pub(crate) struct Served {
    pub(crate) process: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_supaform"))
            .arg("sandbox")
            .args(arguments)
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut url = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut url).expect("the first line is its address");
        Self { process, url: url.trim().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
