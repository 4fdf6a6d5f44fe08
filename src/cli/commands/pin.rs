//! `pin`.

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::record::{Named as _, PinnedProjectRecord, PinnedRecord};
use crate::session::{Pinned, write};

/// Write the ref of each project into its document, so that the project is found by its ref instead of its name
///
/// Looks up the selected projects that have no `ref:` and writes the line; comments and everything else stay as they are.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Prints what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = run.load()?;
    let (pinned, changed) = run.session.pin(&mut workspace).await?;
    if !args.dry_run {
        write(&workspace.root, &changed)?;
    }
    tell(run, &pinned, args);
    Ok(Exit::Done)
}

fn tell(run: &Run, pinned: &[Pinned], args: &Args) {
    if run.global.format == Format::Json {
        let projects = pinned.iter().map(|it| PinnedProjectRecord {
            project: &it.project,
            r#ref: it.reference.as_str(),
            file: &it.path,
        });
        let projects = projects.collect();
        run.json(&PinnedRecord { written: !args.dry_run, projects }.json());
        return;
    }
    for Pinned { project, reference, path } in pinned {
        run.terminal.out(&format!("{}: ref {reference}  {}\n", escape(project), escape(path)));
    }
    let verb = if args.dry_run { "Would pin" } else { "Pinned" };
    let noun = if pinned.len() == 1 { "project" } else { "projects" };
    run.terminal.out(&format!("{verb}: {} {noun}\n", pinned.len()));
}
