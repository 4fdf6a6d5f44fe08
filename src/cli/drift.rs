//! `drift`.

use super::options::{DetailArgs, Format};
use super::{Done, Run, connect, workspace};
use crate::exit::Exit;
use crate::view::PlanRecord;

/// Tell whether somebody has changed what the manifests manage; for cron
///
/// A plan seen from the other side: prints nothing and ends with 0 when live is as the manifests say, shows the
/// differences and ends with 2 when it is not.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = workspace::load_with_secrets(run)?;
    let planned = connect::plan(run, &mut workspace)?;
    let projects = planned.plan.projects.values();
    let ends = projects.map(|project| match &project.blocked {
        Some(blocked) => blocked.exit,
        None if !project.changes.is_empty() => Exit::Differences,
        None => Exit::Done,
    });
    let exit = Exit::worst(ends, false);
    if exit != Exit::Done || run.global.format != Format::Text {
        let record = PlanRecord::of(&planned.plan, &planned.workspace.sources);
        run.plan(&record, args.detail, &planned.allowed)?;
    }
    Ok(exit)
}
