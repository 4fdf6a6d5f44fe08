//! Options of every command.

use std::path::PathBuf;
use std::time::Duration;

use crate::ci::Environment;
use crate::cli::complete;
use crate::cli::terminal::ColorChoice;
use crate::manifest::Shard;
use crate::observe::Reads;
use crate::sandbox::PostgresAt;
use crate::session::{Api, Options, SecretOptions, Target};

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: versioned.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// One line per finding.
    Short,
    /// The events of an apply, one JSON object per line.
    Ndjson,
    /// Annotations of GitHub Actions; for `needs`, the `env:` of a job.
    Github,
    /// Variables of GitLab CI.
    Gitlab,
    /// Test results, as XML.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A page for a browser, in one file.
    Html,
}

/// The formats of plans, and of failures.
pub(in crate::cli) const OF_PLANS: &[Format] =
    &[Format::Text, Format::Json, Format::Markdown, Format::Html, Format::Github, Format::Junit, Format::Sarif];

/// Options of every command.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct Global {
    /// The workspace's root; default: the nearest folder upwards with a supaform.yaml
    #[arg(long, global = true, value_name = "DIR", help_heading = "Workspace")]
    pub root: Option<PathBuf>,
    /// Only what matches: `env=prod`, `acme-prod`, `acme-prod/auth`, `*/secrets`; a comma means and, `!` means not, a
    /// repeated option means or
    #[arg(long, global = true, value_name = "SELECTOR", add = complete::selectors(), help_heading = "Workspace")]
    pub select: Vec<String>,
    /// Only the I-th of N parts of the projects, counted from 1; the parts are of equal size
    #[arg(long, global = true, value_name = "I/N", help_heading = "Workspace")]
    pub shard: Option<Shard>,
    /// A variable that `{env: …}` may use in a field that is shown
    #[arg(long, global = true, value_name = "NAME", help_heading = "Workspace")]
    pub allow_env: Vec<String>,
    /// The day for rules of `ignore:` that expire; default: today, in UTC
    #[arg(long, global = true, value_name = "DATE", env = "SUPAFORM_TODAY", help_heading = "Workspace")]
    pub today: Option<jiff::civil::Date>,

    /// Where `{secret: NAME}` is looked up: a file (YAML, JSON, dotenv), `-` for stdin, `env:VAR` for a variable
    #[arg(long, global = true, value_name = "SOURCE", help_heading = "Secrets")]
    pub secrets_from: Option<String>,
    /// A folder outside of the root for secret files
    #[arg(long, global = true, value_name = "DIR", help_heading = "Secrets")]
    pub secret_dir: Vec<PathBuf>,
    /// Reads the manifests as those of a stranger: no secrets, commands, variables or files outside of the root, and no
    /// apply; set automatically for the pull request of a fork
    #[arg(long, global = true, help_heading = "Workspace")]
    pub untrusted: bool,
    /// Lets `{exec: […]}` run commands
    #[arg(long, global = true, help_heading = "Secrets")]
    pub allow_exec: bool,
    /// Kills a command of `{exec: […]}` that runs longer than this many seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30, help_heading = "Secrets")]
    pub exec_timeout: u64,
    /// Makes a secret that cannot be found an error, in plan and drift too
    #[arg(long, global = true, help_heading = "Secrets")]
    pub require_secrets: bool,

    /// Works on the sandbox, an emulated API inside this program, with its state in DIR; needs no token
    #[arg(long, global = true, value_name = "DIR", help_heading = "API")]
    pub sandbox: Option<PathBuf>,
    /// The file with the initial world of a new sandbox; default: the built-in one
    #[arg(long, global = true, value_name = "FILE", help_heading = "API")]
    pub world: Option<PathBuf>,
    /// Runs SQL in the sandbox: `auto` starts a PostgreSQL from installed programs for as long as the sandbox is there; an
    /// address, such as `postgres://USER:PASSWORD@HOST/DATABASE`, is a server for databases of its own
    #[arg(
        long,
        global = true,
        value_name = "auto|URL",
        env = "SUPAFORM_POSTGRES",
        hide_env_values = true,
        help_heading = "API"
    )]
    pub postgres: Option<PostgresAt>,
    /// The API's address
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SUPAFORM_API_URL",
        default_value = "https://api.supabase.com",
        help_heading = "API"
    )]
    pub api_url: String,
    /// A file with the access token; default: the variable SUPABASE_ACCESS_TOKEN
    #[arg(long, global = true, value_name = "FILE", help_heading = "API")]
    pub token_file: Option<PathBuf>,
    /// Sends the token to this host, too, if --api-url names it
    #[arg(long, global = true, value_name = "HOST", help_heading = "API")]
    pub allow_token_to_host: Vec<String>,
    /// Ignores proxies that the environment names
    #[arg(long, global = true, help_heading = "API")]
    pub no_proxy: bool,
    /// Works on at most this many projects at once, with as many requests in flight
    #[arg(long, global = true, value_name = "N", default_value_t = 16, help_heading = "API",
          value_parser = clap::value_parser!(u8).range(1..=128))]
    pub parallel: u8,
    /// Which reads of the API plan and drift may use for many projects
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHICH", help_heading = "API")]
    pub reads: Reads,
    /// Downloads the sources of all functions, also of those that are as when they were last downloaded
    #[arg(long, global = true, env = "SUPAFORM_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new(), help_heading = "API")]
    pub no_cache: bool,
    /// Gives up after this many seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 900, help_heading = "API")]
    pub deadline: u64,

    /// The form of the result
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Output")]
    pub format: Format,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    pub color: ColorChoice,
    /// Never asks
    #[arg(long, global = true, help_heading = "Output")]
    pub no_input: bool,
    /// Says more on stderr; twice or three times for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

impl Global {
    /// The options of the session. `untrusted` is the reason why the manifests are not trusted, if they are not: then
    /// nothing is within their reach; `private` are files of other options with secrets.
    pub(in crate::cli) fn options(
        &self,
        environment: &Environment,
        untrusted: Option<String>,
        private: impl Iterator<Item = PathBuf>,
    ) -> Options {
        let is_trusted = untrusted.is_none();
        let target = match &self.sandbox {
            Some(folder) => {
                Target::Sandbox { folder: folder.clone(), world: self.world.clone(), postgres: self.postgres.clone() }
            }
            None => Target::Api(Api {
                url: self.api_url.clone(),
                hosts: self.allow_token_to_host.clone(),
                token_file: self.token_file.clone(),
                no_proxy: self.no_proxy,
            }),
        };
        Options {
            root: self.root.clone(),
            select: self.select.clone(),
            shard: self.shard,
            today: self.today,
            environment: environment.clone(),
            allow_env: if is_trusted { self.allow_env.clone() } else { vec![] },
            secrets: SecretOptions {
                from: self.secrets_from.clone().filter(|_| is_trusted),
                folders: if is_trusted { self.secret_dir.clone() } else { vec![] },
                allow_exec: self.allow_exec && is_trusted,
                exec_timeout: Duration::from_secs(self.exec_timeout),
                required: self.require_secrets,
            },
            private: self.token_file.iter().cloned().chain(private).collect(),
            untrusted,
            target,
            parallel: usize::from(self.parallel),
            reads: self.reads,
            cache: !self.no_cache && self.sandbox.is_none(),
        }
    }
}
