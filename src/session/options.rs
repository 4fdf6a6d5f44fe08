//! What a session is given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::api::{InProcess, Origin, Token, Transport};
use crate::ci::Environment;
use crate::clock::Clock;
use crate::manifest::Shard;
use crate::sandbox::{Sandbox, TOKEN};

/// What a session works on, and what it may reach.
#[derive(Clone)]
pub struct Options {
    /// The folder of the workspace; else it is found from the working folder upwards.
    pub root: Option<PathBuf>,
    /// What is meant of the workspace; all, where it is empty.
    pub select: Vec<String>,
    /// Only this part of the projects.
    pub shard: Option<Shard>,
    /// The day by which rules end; else today, in UTC.
    pub today: Option<Date>,
    /// The variables of the run.
    pub environment: Environment,
    /// Variables that may be put into fields that are no secrets.
    pub allow_env: Vec<String>,
    /// Where secrets are looked up.
    pub secrets: SecretOptions,
    /// Files of other options that hold something secret, which no manifest may show.
    pub private: Vec<PathBuf>,
    /// Why the manifests are not trusted, where they are not.
    pub untrusted: Option<String>,
    /// The other side.
    pub target: Target,
}

/// Where secrets are looked up.
#[derive(Debug, Clone)]
pub struct SecretOptions {
    /// What gives those that are named: a file, `-` for stdin, `env:VAR` for a variable.
    pub from: Option<String>,
    /// Folders outside of the root that files may lie in.
    pub folders: Vec<PathBuf>,
    /// Whether commands may run.
    pub allow_exec: bool,
    /// How long a command may take.
    pub exec_timeout: Duration,
    /// Whether all must be found.
    pub required: bool,
}

/// The other side.
#[derive(Clone)]
pub enum Target {
    /// The API at an address.
    Api(Api),
    /// The sandbox within this process.
    Sandbox {
        /// The folder of its state.
        folder: PathBuf,
        /// The world that a new one starts from; else the built-in one.
        world: Option<PathBuf>,
    },
    /// Somebody who answers as the API does, and whom no other process reaches.
    Peer(Peer),
}

/// The API at an address.
#[derive(Debug, Clone)]
pub struct Api {
    /// The address.
    pub url: String,
    /// Further hosts that may see the token.
    pub hosts: Vec<String>,
    /// The file of the token; else the variable has it.
    pub token_file: Option<PathBuf>,
    /// Whether proxies that the environment names are ignored.
    pub no_proxy: bool,
}

/// Somebody who answers as the API does.
#[derive(Clone)]
pub struct Peer {
    /// The way there.
    pub transport: Arc<dyn Transport>,
    /// The address, for hashes of plans.
    pub origin: Origin,
    /// The token.
    pub token: Token,
    /// Its time.
    pub clock: Arc<dyn Clock>,
}

impl Peer {
    /// A sandbox within this process, which has this time.
    #[must_use]
    pub fn sandbox(sandbox: &Arc<Sandbox>, clock: Arc<dyn Clock>) -> Self {
        Self {
            transport: Arc::new(InProcess::new(sandbox.router())),
            // It has no address; the hashes of plans need one that is the same everywhere.
            origin: Origin::parse("http://localhost", &[]).expect("an address of the own machine"),
            token: Token::parse(TOKEN).expect("the sandbox's token"),
            clock,
        }
    }
}

impl Options {
    /// A workspace and the other side: everything is selected, nothing is known of the environment, and no command may run.
    #[must_use]
    pub fn new(root: PathBuf, target: Target) -> Self {
        Self {
            root: Some(root),
            select: vec![],
            shard: None,
            today: None,
            environment: Environment::default(),
            allow_env: vec![],
            secrets: SecretOptions::default(),
            private: vec![],
            untrusted: None,
            target,
        }
    }
}

impl Default for SecretOptions {
    fn default() -> Self {
        let exec_timeout = Duration::from_secs(30);
        Self { from: None, folders: vec![], allow_exec: false, exec_timeout, required: false }
    }
}
