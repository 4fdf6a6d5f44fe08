//! `merge`.

use std::path::PathBuf;

use super::show::show;
use crate::cli::args::detail::DetailArgs;
use crate::cli::run::{Done, Run};
use crate::exit::Exit;
use crate::record::Record;
use crate::session::saved::{cannot_save, read_all, save};

/// Join saved plans or reports of the parts of a fleet into one; offline
///
/// For what `plan`, `drift` or `apply` saved or printed with --format json, each with another --shard I/N. The joined plan is the
/// one that a run without --shard would have made: with the same id and the same steps, for `show`, `comment` and `apply --plan`.
/// Where a part has failed, its errors are what is shown, and the run ends as that part did.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The saved plans or reports
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Saves what they make together
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let record = read_all(&args.files)?;
    if let Some(path) = &args.out {
        save(path, &record.json()).map_err(|why| cannot_save(path, &why))?;
    }
    let exit = match &record {
        // Whoever goes on with the whole goes on without the part that failed.
        Record::Failure(failure) => Exit::of(failure.exit).unwrap_or(Exit::Failed),
        Record::Plan(_) | Record::Drift(_) | Record::Report(_) => Exit::Done,
    };
    show(run, record, args.detail)?;
    Ok(exit)
}
