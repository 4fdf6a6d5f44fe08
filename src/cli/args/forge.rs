//! The code host and a client for it: from the CI system's variables, or from flags.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::api::{Https, Origin};
use crate::ci::Ci;
use crate::cli::run::Run;
use crate::diag::codes::{run as codes, trust};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::forge::{Client, HOSTS, Host, Options, Place};
use crate::secret::variables::forge_tokens;
use crate::session::inputs;

/// The heading of these flags in the help.
const HEADING: &str = "Code host";

/// Which code host, and the token for it.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ForgeArgs {
    /// The code host: github, gitlab, bitbucket, bitbucket-dc, gitea, azure
    #[arg(long, value_name = "HOST", help_heading = HEADING)]
    forge: Option<String>,
    /// The address of its API, such as https://gitlab.example.com/api/v4
    #[arg(long, value_name = "URL", help_heading = HEADING)]
    forge_url: Option<String>,
    /// A file with its token, instead of the variable
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub forge_token_file: Option<PathBuf>,
    /// The repository: acme/infra; for azure and bitbucket-dc, with its project: shop/infra
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    repository: Option<String>,
}

/// A code host, a client for it, and the request that the CI system runs for.
pub(in crate::cli) struct ForgeConnection {
    pub host: &'static dyn Host,
    pub client: Client<'static>,
    pub place: Place,
}

impl ForgeArgs {
    /// Finds the host and builds a client, without sending a request.
    pub(in crate::cli) fn connect(&self, run: &Run, ci: &Ci) -> Result<ForgeConnection, Failure> {
        let (host, base, place) = whereabouts(self, ci)?;
        Ok(ForgeConnection { host, client: client(run, self, host, &base)?, place })
    }
}

/// The host, the address of its API, and the request.
fn whereabouts(args: &ForgeArgs, ci: &Ci) -> Result<(&'static dyn Host, String, Place), Failure> {
    let missing = |what: &str, flag: &str| {
        let message = format!("{what} is not known: no CI system names it");
        Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, format!("Give it with `{flag}`."))
    };
    let name = args.forge.as_deref().or(ci.host).ok_or_else(|| missing("the code host", "--forge"))?;
    let (name, host) = HOSTS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
        let names: Vec<&str> = HOSTS.iter().map(|(name, _)| *name).collect();
        let hint = format!("The hosts are {}.", names.join(", "));
        Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, format!("there is no code host `{name}`"), hint)
    })?;
    // The CI system's variables are about its own host only.
    let same = ci.host.is_none_or(|host| host == *name);
    let told = ci.api.clone().filter(|_| same).or_else(|| host.api().map(str::to_owned));
    let base = args.forge_url.clone().or(told).ok_or_else(|| missing("the address of its API", "--forge-url"))?;
    let place = ci.place.clone().filter(|_| same);
    let repository = place.as_ref().map(|place| place.repository.clone()).filter(|name| !name.is_empty());
    let repository = args.repository.clone().or(repository);
    let place = Place {
        repository: repository.ok_or_else(|| missing("the repository", "--repository"))?,
        number: place.as_ref().and_then(|place| place.number),
        commit: place.as_ref().and_then(|place| place.commit.clone()),
        pipeline: place.and_then(|place| place.pipeline),
    };
    Ok((*host, base, place))
}

/// A client that sends the token to this address only.
fn client(run: &Run, args: &ForgeArgs, host: &'static dyn Host, base: &str) -> Result<Client<'static>, Failure> {
    let bad = |message: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, message);
    let base = Url::parse(base).map_err(|_| bad(format!("`{base}` is not an address")))?;
    let is_plain =
        base.username().is_empty() && base.password().is_none() && base.query().is_none() && base.fragment().is_none();
    if !is_plain {
        return Err(bad("the address of the code host's API has a user, a password or a query".to_owned()));
    }
    let own = base.host_str().map(|host| base.port().map_or(host.to_owned(), |port| format!("{host}:{port}")));
    let server = base.origin().ascii_serialization();
    let origin = Origin::parse(&server, &[own.unwrap_or_default()]).map_err(|why| bad(why.to_string()))?;
    let transport = Https::new(&origin, run.global.no_proxy, 1);
    let transport = transport.map_err(|why| Failure::new(Exit::Failed, trust::FORGE, why))?;
    let tries = run.session.lifetime().tries(Duration::MAX);
    let token = token(run, args, host)?;
    Ok(Client::new(Options { host, transport: Box::new(transport), base, token, tries }))
}

fn token(run: &Run, args: &ForgeArgs, host: &dyn Host) -> Result<Zeroizing<String>, Failure> {
    let variables = forge_tokens(host.name());
    let found = match &args.forge_token_file {
        Some(path) => Some(inputs::text(path, inputs::MOST_LINE, "the token in")?),
        None => variables.iter().find_map(|name| run.environment.given(name)).map(|token| token.to_owned().into()),
    };
    let token = found.map(|token| Zeroizing::new(token.trim().to_owned())).filter(|token| !token.is_empty());
    token.ok_or_else(|| {
        let message = format!("there is no token for {}", host.name());
        let hint = format!("Set {}, or give `--forge-token-file FILE`. {}", variables[0], host.permissions());
        Failure::with_hint(Exit::Denied, codes::NO_TOKEN, message, hint)
    })
}
