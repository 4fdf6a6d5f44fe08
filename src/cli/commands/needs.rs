//! `needs`.

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::exit::Exit;
use crate::record::{Needed, needs_json};
use crate::view::{needs_github, needs_gitlab, needs_text};

/// List the variables, files and commands that CI must provide; offline
///
/// For each secret of the selection: where it is looked up, what uses it, and where the reference is written. `--format
/// github` prints the `env:` of a job, `--format gitlab` the variables to define. No value is looked up.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {}

pub(super) fn run(run: &Run, _: &Args) -> Done {
    let workspace = run.load()?;
    let needs = workspace.needs();
    let variables = run.session.options().allow_env.iter().cloned().collect();
    let needed = Needed { needs: &needs, variables: &variables, sources: &workspace.sources };
    match run.global.format {
        Format::Json => run.json(&needs_json(needed)),
        Format::Github => run.terminal.out(&needs_github(needed)),
        Format::Gitlab => run.terminal.out(&needs_gitlab(needed)),
        Format::Text
        | Format::Markdown
        | Format::Short
        | Format::Ndjson
        | Format::Junit
        | Format::Sarif
        | Format::Html => run.terminal.page(needs_text(needed)),
    }
    Ok(Exit::Done)
}
