//! `show`.

use std::path::PathBuf;

use super::options::{DetailArgs, Format};
use super::{Done, Run, saved};
use crate::exit::Exit;
use crate::record::Record;
use crate::view::problems_text;

/// Show a saved plan or report in any format; offline
///
/// For what `plan --out FILE` has saved, and for what `plan`, `drift` or `apply` print with --format json.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The saved plan or report
    file: PathBuf,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    match saved::read(&args.file)? {
        Record::Plan(plan) => run.plan(&plan, args.detail, &std::collections::BTreeSet::new())?,
        Record::Report(report) => {
            run.report(&report, args.detail.limit)?;
            if run.global.format == Format::Text {
                run.terminal.page(&problems_text(&report));
            }
        }
        Record::Failure(failure) => run.failure(&failure),
    }
    Ok(Exit::Done)
}
