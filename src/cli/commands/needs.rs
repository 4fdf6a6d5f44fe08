//! `needs`.

use std::collections::BTreeSet;

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::exit::Exit;
use crate::manifest::Needs;
use crate::record::{Needed, TOKEN, needs_json};
use crate::session::Target;
use crate::view::{Line, Role, StyledText, needs_github, needs_gitlab, needs_text};

/// List the variables, files and commands that CI must provide; offline
///
/// For each secret of the selection: where it is looked up, what uses it, and where the reference is written. `--format
/// github` prints the `env:` of a job, `--format gitlab` the variables to define. Without `--missing`, no value is looked
/// up.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only what is not at hand here: variables that are not set or empty, files that are missing, names that
    /// `--secrets-from` does not have; ends with 2 if a run would lack it. Commands count with `--allow-exec`, which runs
    /// them
    #[arg(long)]
    missing: bool,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let workspace = run.load()?;
    let variables: BTreeSet<String> = run.session.options().allow_env.iter().cloned().collect();
    if !args.missing {
        let needs = workspace.needs();
        print(run, Needed { token: true, needs: &needs, variables: &variables, sources: &workspace.sources });
        return Ok(Exit::Done);
    }
    let workspace = run.session.look_up(workspace).await?;
    let needs = workspace.missing();
    let lacks = |name: &str| run.environment.get(name).is_none_or(|value| value.trim().is_empty());
    let variables: BTreeSet<String> = variables.into_iter().filter(|name| lacks(name)).collect();
    let token = match &run.session.options().target {
        Target::Api(api) => api.token_file.is_none() && lacks(TOKEN),
        Target::Sandbox { .. } | Target::Peer(_) => false,
    };
    let is_met = !token && variables.is_empty() && needs.is_met();
    if is_met && needs == Needs::default() && run.global.format == Format::Text {
        let mut page = StyledText::new();
        page.push(Line::of(Role::Good, "Everything is at hand."));
        run.terminal.page(page);
    } else {
        print(run, Needed { token, needs: &needs, variables: &variables, sources: &workspace.sources });
    }
    Ok(if is_met { Exit::Done } else { Exit::Differences })
}

fn print(run: &Run, needed: Needed<'_>) {
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
}
