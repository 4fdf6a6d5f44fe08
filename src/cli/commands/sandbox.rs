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
use crate::sandbox::{Options, PostgresPut, Sandbox, SecretForms, Switches, TOKEN, V2Config};

/// Serve the sandbox, an emulated Management API, on this machine
///
/// The first line on stdout is its address. Other clients use it as they use https://api.supabase.com, with the token
/// `sbp_` and 40 zeros. GET /_sandbox/requests lists the requests of clients, limited to what is known to be public; DELETE
/// clears the list.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct Args {
    /// The address to listen on: a loopback address; port 0 chooses a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The file for the state; without it, the state is lost when the process ends
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The accepted token
    #[arg(long, default_value = TOKEN, hide_default_value = true)]
    token: String,
    /// The limit of requests per minute for every route; 0 means no limit; default: the limits of the API
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// The factor by which its time runs faster
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    time_scale: f64,
    /// The least time of every answer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Folds Google's further client ids like Apple's: it has not been recorded whether the API does
    #[arg(long)]
    google_folds: bool,
    /// Whether a PUT of Postgres parameters keeps those that it does not name
    #[arg(long, value_enum, value_name = "WAY", default_value = "replace")]
    postgres_put: PostgresPut,
    /// Has SSO providers only while SAML is on, as the specification says; the recordings show that they always exist
    #[arg(long)]
    sso_needs_saml: bool,
    /// Allows Realtime limits above those of the plan: it has not been recorded whether the API does
    #[arg(long)]
    realtime_above_plan: bool,
    /// What becomes of `GET /v2/projects/{ref}/config`, which is an alpha of the API
    #[arg(long, value_enum, value_name = "WAY", default_value = "full")]
    v2_config: V2Config,
    /// How reads show the secrets of auth and of edge functions
    #[arg(long, value_enum, value_name = "WAY", default_value = "digest")]
    secret_forms: SecretForms,
    /// Has a key in each read of settings that no version of the specification has
    #[arg(long)]
    unknown_keys: bool,
}

pub(super) async fn run(run: &Run, args: Args) -> Done {
    let invalid = |message: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, message);
    let Args { listen, state, token, rate_limit, time_scale, latency, .. } = args;
    let Args { google_folds, postgres_put, sso_needs_saml, realtime_above_plan, v2_config, .. } = args;
    let Args { secret_forms, unknown_keys, .. } = args;
    let switches = Switches {
        google_folds,
        postgres_put,
        sso_needs_saml,
        realtime_above_plan,
        v2_config,
        secret_forms,
        unknown_keys,
        // What else is open, a world says.
        ..Switches::default()
    };
    if !listen.ip().is_loopback() {
        return Err(invalid(format!("`{listen}` is not a loopback address: the sandbox serves this machine only")));
    }
    if !(time_scale.is_finite() && time_scale > 0.0) {
        return Err(invalid(format!("`{time_scale}` is not a factor for time")));
    }
    let latency = Duration::from_millis(latency);
    let world = run.global.world.clone();
    let postgres = run.global.postgres.clone();
    let options = Options { world, state, rate_limit, time_scale, latency, token, postgres, switches };
    let lifetime = run.session.lifetime();
    lifetime.go_out();
    let sandbox = Sandbox::open(options, RealClock::start()).map_err(|error| invalid(error.to_string()))?;
    let listener = tokio::net::TcpListener::bind(listen).await;
    let listener = listener.map_err(|error| invalid(format!("cannot listen on {listen}: {error}")))?;
    let address = listener.local_addr().map_err(|error| invalid(error.to_string()))?;
    run.terminal.out(&format!("http://{address}\n"));
    if let Some(folder) = sandbox.socket() {
        let told = format!(
            "PostgreSQL: `psql --host {} --username postgres REF`, once SQL has come for the project\n",
            folder.display()
        );
        run.terminal.err(&told);
    }
    if terminal::lost().is_some() {
        // Without its address on stdout, nobody can use it.
        return Ok(Exit::Failed);
    }
    let ended = tokio::select! {
        ended = sandbox.clone().serve(listener) => ended,
        () = lifetime.stop().raised() => Ok(()),
    };
    sandbox.close();
    let stopped = |why: String| Failure::new(Exit::Failed, codes::BAD_OPTION, format!("the sandbox stopped: {why}"));
    sandbox.save().map_err(|why| stopped(why.to_string()))?;
    ended.map_err(|why| stopped(why.to_string()))?;
    Ok(Exit::Done)
}
