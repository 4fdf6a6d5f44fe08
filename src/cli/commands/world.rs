//! `world`.

use std::path::PathBuf;

use crate::cli::run::{Done, Run};
use crate::diag::Sources;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{Readers, save};
use crate::sandbox::State;
use crate::session::Which;
use crate::view::copied_page;

/// Copy live projects into a world of the sandbox, to rehearse on
///
/// Reads the projects whole, with their branches, and writes their settings, names and digests of secrets into a file:
/// `--sandbox DIR --world FILE` starts a sandbox with it. No value of a secret is read. The copy is read back, and what it has
/// otherwise is told. Nothing is written to Supabase.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Projects by document, ref or name (`acme`, `'acme-*'`), or branches (`acme@staging`); default: the projects of the
    /// workspace, or else the only one that the token sees
    #[arg(value_name = "ADDRESS")]
    address: Vec<String>,
    /// Copies all projects of this organization
    #[arg(long, value_name = "SLUG", conflicts_with = "address")]
    organization: Option<String>,
    /// Copies all projects that the token sees
    #[arg(long, conflicts_with_all = ["address", "organization"])]
    all: bool,
    /// The file of the world; only a world is replaced
    #[arg(long, value_name = "FILE", default_value = "world.json")]
    out: PathBuf,
}

pub(super) async fn run(run: &Run, args: Args) -> Done {
    let Args { address, organization, all, out } = args;
    let refused = |why: String| Failure::new(Exit::Failed, codes::CANNOT_WRITE, format!("`{}` {why}", out.display()));
    if out.exists() && State::read(&out).is_err() {
        return Err(refused("exists, and is no world of the sandbox".to_owned()));
    }
    let copied = run.session.copy(&Which { addresses: address, organization, all }).await?;
    save(&out, copied.text.as_bytes(), Readers::Owner).map_err(|why| refused(format!("cannot be written: {why}")))?;
    let left = copied.left.iter().map(|it| (it.at.as_str(), it.why.as_str()));
    run.terminal.page(copied_page(copied.projects, left, &out.display().to_string()));
    let skipped: Vec<_> = copied.skipped.iter().map(|(found, _)| found).collect();
    run.show(&skipped, &Sources::new());
    Ok(Exit::worst(copied.skipped.iter().map(|(_, exit)| *exit), false))
}
