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
/// For what `plan --out FILE` has saved, and for what `plan`, `drift` or `apply` print with --format json.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The saved plan or report
    file: PathBuf,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    match saved::read(&args.file)? {
        Record::Plan(plan) => run.plan(&plan, args.detail, &std::collections::BTreeSet::new())?,
        Record::Drift(drift) => run.drift(&drift, args.detail)?,
        Record::Report(report) => {
            run.report(&report, args.detail.limit)?;
            if run.global.format == Format::Text {
                run.terminal.page(&text(&findings_document(&Annotation::of_report(&report)), Detail::default()));
            }
        }
        Record::Failure(failure) => run.failure(&failure),
    }
    Ok(Exit::Done)
}
