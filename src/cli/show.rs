//! `show`.

use std::path::PathBuf;

use super::options::{DetailArgs, Format};
use super::{Done, Failure, Run};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::files::Root;
use crate::view::record::Unreadable;
use crate::view::{Record, problems_text};

/// The largest file that is taken for a record.
const MOST: u64 = 256 * 1024 * 1024;

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
    match read(args)? {
        Record::Plan(plan) => run.plan(&plan, args.detail, &std::collections::BTreeSet::new())?,
        Record::Report(report) => {
            run.report(&report, args.detail.limit)?;
            if run.global.format == Format::Text {
                run.terminal.page(&problems_text(&report));
            }
        }
    }
    Ok(Exit::Done)
}

fn read(args: &Args) -> Result<Record, Failure> {
    let failed = |code, why: &str| Failure::new(Exit::Invalid, code, format!("`{}` {why}", args.file.display()));
    let (Some(folder), Some(name)) = (args.file.parent(), args.file.file_name()) else {
        return Err(failed(codes::NO_RECORD, "is no file"));
    };
    let folder = if folder.as_os_str().is_empty() { std::path::Path::new(".") } else { folder };
    let text = Root::new(folder).read_text(&name.to_string_lossy(), MOST);
    let text = text.map_err(|why| failed(codes::NO_RECORD, &format!("cannot be read: {why}")))?;
    Record::read(&text).map_err(|why| {
        let code = match why {
            Unreadable::Foreign(_) => codes::NO_RECORD,
            Unreadable::Version(_) => codes::OTHER_VERSION,
            Unreadable::Edited => codes::EDITED,
        };
        failed(code, &why.to_string())
    })
}
