//! `plan`.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::options::DetailArgs;
use super::{Done, Failure, Run, connect, workspace};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::view::PlanRecord;
use crate::view::record::FailureRecord;

/// Show what apply would do; reads only
///
/// Reads what is live, compares it with the manifests and prints the calls that would bring it into line. It uses a client
/// that cannot write.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ends with 2 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Saves the plan, too, or why there is none: as JSON without secrets, for `show`, `comment` and `apply --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let done = plan(run, args);
    if let (Err(failure), Some(path)) = (&done, &args.out) {
        // A comment tells of the failure, too. What went wrong first is what the run is about.
        let found = failure.findings.sorted();
        drop(save(path, &FailureRecord::json(&found, &failure.sources, failure.exit)));
    }
    done
}

fn plan(run: &Run, args: &Args) -> Done {
    let mut workspace = workspace::load_with_secrets(run)?;
    let planned = connect::plan(run, &mut workspace)?;
    let record = PlanRecord::of(&planned.plan, &planned.workspace.sources);
    if let Some(path) = &args.out {
        save(path, &record.json()).map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", path.display());
            Failure::new(Exit::Failed, codes::CANNOT_SAVE, message)
        })?;
    }
    run.plan(&record, args.detail, &BTreeSet::new())?;
    let ends = planned.plan.projects.values().map(|project| match &project.blocked {
        Some(blocked) => blocked.exit,
        None if project.refusals.iter().any(|refusal| !refusal.allowable) => Exit::Refused,
        None if args.exit_code && !project.changes.is_empty() => Exit::Differences,
        None => Exit::Done,
    });
    Ok(Exit::worst(ends, false))
}

/// Saves a record, whole or not at all, for its owner only. What stood there is replaced; a link is not followed.
fn save(path: &Path, record: &Value) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        let text = serde_json::to_string_pretty(record).map_err(io::Error::other)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&draft, path)
    });
    if written.is_err() {
        drop(fs::remove_file(&draft));
    }
    written
}
