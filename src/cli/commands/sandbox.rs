//! `sandbox`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::run::{Done, Run};
use crate::cli::terminal;
use crate::clock::RealClock;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::sandbox::{Options, PostgresPut, Sandbox, Switches, TOKEN};

/// Serve the sandbox, an emulated Management API, on this machine
///
/// The first line on stdout is its address. Other clients use it as they use https://api.supabase.com, with the token
/// `sbp_` and 40 zeros. GET /_sandbox/requests lists what clients sent, as far as it is known to be public; DELETE
/// clears the list.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Where to listen: a loopback address; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The file that keeps the state; else it is gone with the process
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The token that is accepted
    #[arg(long, default_value = TOKEN, hide_default_value = true)]
    token: String,
    /// Requests a minute for every route; 0 is no limit; else what the API allows
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// How many times faster its time goes
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    time_scale: f64,
    /// How long every answer takes at least
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Folds Google's further client ids as Apple's are: nobody has recorded whether the API does
    #[arg(long)]
    google_folds: bool,
    /// What a PUT of Postgres parameters does with those that it does not name
    #[arg(long, value_enum, value_name = "WAY", default_value = "replace")]
    postgres_put: PostgresPut,
    /// Has SSO providers only while SAML is switched on, as the specification says; recorded is that they are always there
    #[arg(long)]
    sso_needs_saml: bool,
    /// Lets Realtime have limits above those of the plan: nobody has recorded whether the API does
    #[arg(long)]
    realtime_above_plan: bool,
}

pub(super) async fn run(run: &Run, args: Args) -> Done {
    let invalid = |message: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, message);
    let Args { listen, state, token, rate_limit, time_scale, latency, .. } = args;
    let Args { google_folds, postgres_put, sso_needs_saml, realtime_above_plan, .. } = args;
    let switches = Switches { google_folds, postgres_put, sso_needs_saml, realtime_above_plan };
    if !listen.ip().is_loopback() {
        return Err(invalid(format!("`{listen}` is no loopback address: the sandbox serves this machine only")));
    }
    if !(time_scale.is_finite() && time_scale > 0.0) {
        return Err(invalid(format!("`{time_scale}` is no factor for time")));
    }
    let latency = Duration::from_millis(latency);
    let world = run.global.world.clone();
    let options = Options { world, state, rate_limit, time_scale, latency, token, switches };
    let lifetime = run.session.lifetime();
    lifetime.go_out();
    let sandbox = Sandbox::open(options, RealClock::start()).map_err(|error| invalid(error.to_string()))?;
    let listener = tokio::net::TcpListener::bind(listen).await;
    let listener = listener.map_err(|error| invalid(format!("cannot listen on {listen}: {error}")))?;
    let address = listener.local_addr().map_err(|error| invalid(error.to_string()))?;
    run.terminal.out(&format!("http://{address}\n"));
    if terminal::lost().is_some() {
        // Nobody knows where it is.
        return Ok(Exit::Failed);
    }
    let ended = tokio::select! {
        ended = sandbox.clone().serve(listener) => ended,
        () = lifetime.stop().raised() => Ok(()),
    };
    let stopped = |why: String| Failure::new(Exit::Failed, codes::BAD_OPTION, format!("the sandbox stopped: {why}"));
    sandbox.save().map_err(|why| stopped(why.to_string()))?;
    ended.map_err(|why| stopped(why.to_string()))?;
    Ok(Exit::Done)
}
