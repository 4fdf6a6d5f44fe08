//! `show`.

use std::path::PathBuf;

use crate::cli::args::detail::DetailArgs;
use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::exit::Exit;
use crate::record::Annotation;
use crate::record::Record;
use crate::session::saved;
use crate::view::build::findings_document;
use crate::view::{Detail, text};

/// Show a saved plan or report in any format; offline
///
/// Shows what `plan --out FILE` saved, or what `plan`, `drift` or `apply` printed with --format json.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The saved plan or report; several of the parts of a fleet are shown as one
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    show(run, saved::read_all(&args.files)?, args.detail)
}

/// Prints a record in the format that is asked for.
pub(super) fn show(run: &Run, record: Record, detail: DetailArgs) -> Done {
    match record {
        Record::Plan(plan) => run.plan(plan, detail, &std::collections::BTreeSet::new())?,
        Record::Drift(drift) => run.drift(&drift, detail)?,
        Record::Report(report) => {
            run.report(&report, detail.limit)?;
            if run.global.format == Format::Text {
                run.terminal.page(text(&findings_document(&Annotation::of_report(&report)), Detail::default()));
            }
        }
        Record::Failure(failure) => run.failure(&failure),
    }
    Ok(Exit::Done)
}
