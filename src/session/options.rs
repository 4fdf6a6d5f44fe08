//! The options of a session.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::api::{InProcess, Origin, PARALLEL, Token, Transport};
use crate::ci::Environment;
use crate::clock::Clock;
use crate::manifest::Shard;
use crate::observe::Reads;
use crate::sandbox::{PostgresAt, Sandbox, TOKEN};

/// The workspace of a session, and what the session may reach.
#[derive(Clone)]
pub struct Options {
    /// The folder of the workspace; `None`: search from the working folder upwards.
    pub root: Option<PathBuf>,
    /// The selectors; empty: everything.
    pub select: Vec<String>,
    /// Only this part of the projects.
    pub shard: Option<Shard>,
    /// The day for rules that expire; `None`: today, in UTC.
    pub today: Option<Date>,
    /// The variables of the run.
    pub environment: Environment,
    /// Variables that may be used in fields that are shown.
    pub allow_env: Vec<String>,
    /// Where secrets are looked up.
    pub secrets: SecretOptions,
    /// Files of other options with secrets, which no manifest may show.
    pub private: Vec<PathBuf>,
    /// Why the manifests are not trusted; `None` where they are.
    pub untrusted: Option<String>,
    /// The API or its stand-in.
    pub target: Target,
    /// The most projects at work, and requests in flight, at once.
    pub parallel: usize,
    /// The reads of the API that may be used for a first look.
    pub reads: Reads,
    /// Whether the digests of downloads are kept for later runs, in the user's caches.
    pub cache: bool,
}

/// Where secrets are looked up.
#[derive(Debug, Clone)]
pub struct SecretOptions {
    /// The source of named secrets: a file, `-` for stdin, `env:VAR` for a variable.
    pub from: Option<String>,
    /// Folders outside of the root for secret files.
    pub folders: Vec<PathBuf>,
    /// Whether `{exec: …}` may run commands.
    pub allow_exec: bool,
    /// How long a command may take.
    pub exec_timeout: Duration,
    /// Whether every secret must be found.
    pub required: bool,
}

/// The API or its stand-in.
#[derive(Clone)]
pub enum Target {
    /// The API at an address.
    Api(Api),
    /// The sandbox in this process.
    Sandbox {
        /// The folder of its state.
        folder: PathBuf,
        /// The file with the initial world of a new sandbox; `None`: the built-in one.
        world: Option<PathBuf>,
        /// The PostgreSQL behind it; `None`: no SQL is run.
        postgres: Option<PostgresAt>,
    },
    /// A stand-in that answers as the API does, and that no other process reaches.
    Peer(Peer),
}

/// The API at an address.
#[derive(Debug, Clone)]
pub struct Api {
    /// The address.
    pub url: String,
    /// Further hosts that may see the token.
    pub hosts: Vec<String>,
    /// The file with the token; `None`: the variable has it.
    pub token_file: Option<PathBuf>,
    /// Whether to ignore proxies that the environment names.
    pub no_proxy: bool,
}

/// A stand-in that answers as the API does.
#[derive(Clone)]
pub struct Peer {
    /// The transport.
    pub transport: Arc<dyn Transport>,
    /// The address, for hashes of plans.
    pub origin: Origin,
    /// The token.
    pub token: Token,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

impl Peer {
    /// A sandbox in this process, with a clock.
    #[must_use]
    pub fn sandbox(sandbox: &Arc<Sandbox>, clock: Arc<dyn Clock>) -> Self {
        Self {
            transport: Arc::new(InProcess::new(sandbox.router())),
            // A sandbox has no address, but the hashes of plans need one that is the same everywhere.
            origin: Origin::parse("http://localhost", &[]).expect("an address of the own machine"),
            token: Token::parse(TOKEN).expect("the sandbox's token"),
            clock,
        }
    }
}

impl Options {
    /// A workspace and its target: everything is selected, the environment is unknown, and no command may run.
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
            parallel: PARALLEL,
            reads: Reads::default(),
            cache: false,
        }
    }
}

impl Default for SecretOptions {
    fn default() -> Self {
        let exec_timeout = Duration::from_secs(30);
        Self { from: None, folders: vec![], allow_exec: false, exec_timeout, required: false }
    }
}
