//! Connects to the API with its token, or to a sandbox in this process.

use std::sync::Arc;

use super::inputs;
use super::options::{Api, Peer, Target};
use super::start::Session;
use super::workspace::Workspace;
use crate::api::{ClientOptions, Https, Origin, OriginError, Token};
use crate::ci::Environment;
use crate::clock::{Clock, JumpClock, RealClock};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::sandbox::{Options, Sandbox, state_file};
use crate::secret::{Vault, variables};

/// A connection to the API or its stand-in.
pub(super) struct Connection {
    pub peer: Peer,
    /// The sandbox whose state is kept in a file.
    sandbox: Option<Arc<Sandbox>>,
}

impl Connection {
    /// Saves the state of a sandbox that this process keeps.
    pub(super) fn save(&self) -> Result<(), Failure> {
        let saved = self.sandbox.as_ref().map_or(Ok(()), |sandbox| sandbox.save());
        saved.map_err(|error| {
            let message = format!("the sandbox's state cannot be written: {error}");
            Failure::new(Exit::Failed, codes::BAD_STATE, message)
        })
    }
}

impl Session {
    /// Whether there is a token or a sandbox to read with.
    #[must_use]
    pub fn can_read(&self) -> bool {
        match &self.options.target {
            Target::Api(api) => api.token_file.is_some() || self.options.environment.given(variables::TOKEN).is_some(),
            Target::Sandbox { .. } | Target::Peer(_) => true,
        }
    }

    /// Connects, and returns the parts of a client.
    pub(super) fn connect(&self, workspace: &Workspace) -> Result<(Connection, ClientOptions), Failure> {
        let connection = match &self.options.target {
            Target::Api(api) => {
                let origin = origin(api)?;
                let https = Https::new(&origin, api.no_proxy, self.options.parallel);
                let https = https.map_err(|why| Failure::new(Exit::Failed, codes::API_FAILED, why))?;
                let token = token(api, &self.options.environment)?;
                let peer = Peer { transport: Arc::new(https), origin, token, clock: RealClock::start() };
                Connection { peer, sandbox: None }
            }
            Target::Sandbox { folder, world, postgres } => {
                let clock: Arc<dyn Clock> = JumpClock::start();
                let options = Options {
                    world: world.clone(),
                    state: Some(state_file(folder)),
                    postgres: postgres.clone(),
                    ..Options::default()
                };
                let opened = Sandbox::open(options, Arc::clone(&clock));
                let sandbox =
                    opened.map_err(|error| Failure::new(Exit::Invalid, codes::BAD_STATE, error.to_string()))?;
                let last = Arc::clone(&sandbox);
                // A failure could be reported to nobody any more.
                self.lifetime.do_last(move || {
                    // SQL that is under way holds the state.
                    last.close();
                    drop(last.save());
                });
                Connection { peer: Peer::sandbox(&sandbox, clock), sandbox: Some(sandbox) }
            }
            Target::Peer(peer) => Connection { peer: peer.clone(), sandbox: None },
        };
        self.lifetime.go_out();
        let options = self.client(&connection.peer, &workspace.vault);
        Ok((connection, options))
    }

    /// The parts of a client of a peer.
    pub(super) fn client(&self, peer: &Peer, vault: &Arc<Vault>) -> ClientOptions {
        let Peer { transport, origin, token, clock } = peer.clone();
        ClientOptions {
            transport: Box::new(transport),
            origin,
            token,
            deadline: clock.now() + self.lifetime.left(),
            clock,
            vault: Arc::clone(vault),
            stop: self.lifetime.stop().clone(),
            parallel: self.options.parallel,
        }
    }
}

/// The address of the API.
pub(super) fn origin(api: &Api) -> Result<Origin, Failure> {
    Origin::parse(&api.url, &api.hosts).map_err(|error| {
        let hint = match &error {
            OriginError::Foreign(host) => {
                Some(format!("If that host may see the token, add `--allow-token-to-host {host}`."))
            }
            OriginError::Malformed(_) | OriginError::NotHttps(_) | OriginError::TooMuch => None,
        };
        bad(error.to_string(), hint)
    })
}

fn bad(message: String, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, hint),
        None => Failure::new(Exit::Invalid, codes::BAD_OPTION, message),
    }
}

/// The token, of `--token-file` or the environment.
fn token(api: &Api, environment: &Environment) -> Result<Token, Failure> {
    match (&api.token_file, environment.given(variables::TOKEN)) {
        (Some(path), _) => {
            let text = inputs::text(path, inputs::MOST_LINE, "the token in")?;
            if text.trim().is_empty() {
                return Err(no_token());
            }
            parse(&text, &format!("the token in `{}`", path.display()))
        }
        (None, Some(text)) => parse(text, "the token in SUPABASE_ACCESS_TOKEN"),
        (None, None) => Err(no_token()),
    }
}

fn no_token() -> Failure {
    let hint = "Set SUPABASE_ACCESS_TOKEN, give `--token-file FILE`, or try the sandbox with `--sandbox DIR`.";
    Failure::with_hint(Exit::Denied, codes::NO_TOKEN, "there is no access token", hint)
}

fn parse(text: &str, name: &str) -> Result<Token, Failure> {
    Token::parse(text).map_err(|why| bad(format!("{name} {why}"), None))
}
