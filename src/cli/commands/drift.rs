//! `drift`.

use std::collections::BTreeSet;

use crate::cli::args::detail::DetailArgs;
use crate::cli::args::global::Format;
use crate::cli::args::notify::{Channels, NotifyArgs};
use crate::cli::run::{Done, Run};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::drift::{self, Sort};
use crate::record::{Annotation, DriftRecord};
use crate::session::Drifted;
use crate::view::Notification;

/// Report whether somebody has changed what the manifests manage; for cron
///
/// Prints nothing and ends with 0 when live is as the manifests say. Otherwise it shows what has changed, what weakens
/// first, and ends with 2. It also looks for projects of the same organizations that no document adopts.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The sorts of difference that end with 2; others are only reported
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SORTS", default_values_t = [FailOn::Change, FailOn::Missing])]
    fail_on: Vec<FailOn>,
    #[command(flatten)]
    pub notify: NotifyArgs,
    #[command(flatten)]
    detail: DetailArgs,
}

/// A sort of difference, for the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A managed setting differs
    Change,
    /// A managed project or item does not exist
    Missing,
    /// An item or a project that no manifest has, or a setting with another value than on an untouched project
    Unmanaged,
}

impl From<FailOn> for Sort {
    fn from(sort: FailOn) -> Self {
        match sort {
            FailOn::Change => Self::Change,
            FailOn::Missing => Self::Missing,
            FailOn::Unmanaged => Self::Unmanaged,
        }
    }
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let channels = Channels::of(run, &args.notify)?;
    let done = look(run, args).await;
    match &done {
        // Whoever stops a run by hand knows it.
        Ok((Exit::Interrupted, _)) => {}
        Ok((Exit::Done, _)) => channels.settle(run).await,
        Ok((exit, drift)) => channels.tell(run, Notification::Drift(drift), *exit).await,
        Err(failure) => {
            let findings = Annotation::of_diagnostics(&failure.findings.sorted(), &failure.sources);
            channels.tell(run, Notification::Failed(&findings), failure.exit).await;
        }
    }
    done.map(|(exit, _)| exit)
}

/// Checks for drift, and prints it.
async fn look(run: &Run, args: &Args) -> Result<(Exit, DriftRecord), Failure> {
    run.session.require_trust_to_look()?;
    let workspace = run.session.load_with_secrets(None).await?;
    let Drifted { workspace, drift: found, listed: _ } = run.session.drift(workspace).await?;
    let fail_on: BTreeSet<Sort> = args.fail_on.iter().copied().map(Sort::from).collect();
    let sorts = drift::sorts(&found, &workspace.desired);
    let blocked = found.projects.values().filter_map(|project| project.blocked.as_ref());
    let ends = blocked.filter(|blocked| !drift::is_missing(blocked)).map(|blocked| blocked.exit);
    let exit = Exit::worst(ends.chain(sorts.intersection(&fail_on).map(|_| Exit::Differences)), false);
    let mut record = DriftRecord::of(&found, &workspace.sources);
    record.shard = run.session.shard();
    // What no manifest knows is there every night: by itself it is told only to who asks for it.
    let waits = found.projects.values().any(|project| !project.awaited.is_empty());
    let quiet = exit == Exit::Done && !sorts.contains(&Sort::Change) && !sorts.contains(&Sort::Missing) && !waits;
    if !quiet || args.detail.full || run.global.format != Format::Text {
        let detail = DetailArgs { full: args.detail.full || fail_on.contains(&Sort::Unmanaged), ..args.detail };
        run.drift(&record, detail)?;
    }
    Ok((exit, record))
}
