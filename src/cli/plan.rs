//! `plan`.

use super::connect::{self, Planned};
use super::options::{DetailArgs, Format};
use super::{Done, Run, workspace};
use crate::exit::Exit;
use crate::view::{plan_json, plan_text};

/// Show what apply would do; reads only
///
/// Reads what is live, compares it with the manifests and prints the calls that would bring it into line. It uses a client
/// that cannot write.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ends with 2 if there are differences
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = workspace::load_with_secrets(run)?;
    let planned = connect::plan(run, &mut workspace)?;
    show(run, &planned, args.detail);
    let ends = planned.plan.projects.values().map(|project| match &project.blocked {
        Some(blocked) => blocked.exit,
        None if project.refusals.iter().any(|refusal| !refusal.allowable) => Exit::Refused,
        None if args.exit_code && !project.changes.is_empty() => Exit::Differences,
        None => Exit::Done,
    });
    Ok(Exit::worst(ends, false))
}

/// Prints a plan in the format that was asked for.
pub(super) fn show(run: &Run, planned: &Planned<'_>, detail: DetailArgs) {
    let sources = &planned.workspace.sources;
    match run.global.format {
        Format::Text => run.terminal.page(&plan_text(&planned.plan, sources, detail.into(), &planned.allowed)),
        Format::Json => run.json(&plan_json(&planned.plan, sources)),
    }
}
