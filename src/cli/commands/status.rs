//! `status`.

use super::explain;
use crate::cli::complete;
use crate::cli::run::{Done, Run};
use crate::compare::{Identity, Side};
use crate::exit::Exit;
use crate::kind::KindInfo;
use crate::kinds::KINDS;
use crate::model::{DesiredProject, Problem, Status};
use crate::observe::{Observed, coming_up};
use crate::record::{Basis, DriftRecord, Named as _, Spread, SpreadProject, StatusRecord};
use crate::session::Drifted;
use crate::view::build::{spread_document, status_document};
use crate::view::{Detail, spread_page, status_page};

/// Show the state of all projects in a table
///
/// Of each project: whether it is up, the version of its Postgres, how many settings differ from its manifest, how many of
/// these weaken it, how many are not as on an untouched project and in no manifest, and how many of its secrets are at
/// hand. Of more than ten projects, those that need nobody are one line. A project that cannot be read is told with the
/// reason, and the others are shown.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Shows one setting over all projects instead: its live values, which projects have each, and where it is written
    #[arg(long, value_name = "KIND.FIELD", add = complete::fields())]
    field: Option<String>,
    /// A row for each project, and all names
    #[arg(long)]
    full: bool,
    /// Ends with 2 if something differs
    #[arg(long)]
    exit_code: bool,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    run.session.require_trust_to_look()?;
    if let Some(field) = &args.field {
        return spread(run, args, field).await;
    }
    let workspace = run.session.load_with_secrets(None).await?;
    let Drifted { workspace, drift, listed } = run.session.drift(workspace).await?;
    let mut drift = DriftRecord::of(&drift, &workspace.sources);
    drift.shard = run.session.shard();
    let record = StatusRecord::of(drift, &listed, &workspace.at_hand());
    let page = || status_page(&record, args.full, run.terminal.width);
    run.result_with(Detail::default(), || record.json(), || status_document(&record), page)?;
    // Where nothing is known of any project, there is no state to show.
    let unknown = record.projects.iter().filter(|it| it.status.is_none()).filter_map(|it| it.blocked.as_ref());
    let ends: Vec<Exit> = unknown.filter_map(|problem| Exit::of(problem.exit)).collect();
    let failed = if ends.len() == record.projects.len() { ends } else { vec![] };
    let differs = (args.exit_code && record.differs()).then_some(Exit::Differences);
    Ok(Exit::worst(failed.into_iter().chain(differs), false))
}

/// One setting over all projects.
async fn spread(run: &Run, args: &Args, asked: &str) -> Done {
    let (info, item, field) = explain::place_of(asked)?;
    let mut workspace = run.load()?;
    let names: Vec<String> = workspace.desired.projects.keys().cloned().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let observed = run.session.look(&workspace, &names, &[info.name].into()).await?;
    observed.fill_in(&mut workspace.desired);
    workspace.desired.projects.values_mut().for_each(DesiredProject::spell_out);
    let sides: Vec<Sides> = workspace
        .desired
        .projects
        .values()
        .map(|project| (project, Side::rendered(project, KINDS, Identity::Without), live(project, &observed)))
        .collect();
    let spread = spread_of(info, item, field, &sides);
    let (detail, sources) = (Detail { full: args.full, ..Detail::default() }, &workspace.sources);
    let page = || spread_page(&spread, sources, args.full);
    run.result_with(detail, || spread.json(sources), || spread_document(&spread, sources), page)?;
    let failed = sides.iter().filter_map(|(.., live)| live.as_ref().err()).map(|(_, exit)| *exit);
    let failed: Vec<Exit> = if spread.projects.is_empty() { failed.collect() } else { vec![] };
    let differs = (args.exit_code && spread.differs()).then_some(Exit::Differences);
    Ok(Exit::worst(failed.into_iter().chain(differs), false))
}

/// A project, what its manifest says, and what is live or why that is not known.
type Sides<'a> = (&'a DesiredProject, Side, Result<Side, (String, Exit)>);

fn live(project: &DesiredProject, observed: &Observed) -> Result<Side, (String, Exit)> {
    if let Some(blocked) = observed.blocked.get(&project.document) {
        return Err((blocked.finding.message.clone(), blocked.exit));
    }
    let live = observed.live.projects.get(&project.document).filter(|live| live.status != Status::Absent);
    match live {
        None => Err(("the project does not exist yet".to_owned(), Exit::Done)),
        Some(live) if live.status == Status::Usable => Ok(Side::live(&live.kinds, KINDS, project)),
        Some(_) => {
            let Problem { finding, exit } = coming_up(project);
            Err((finding.message, exit))
        }
    }
}

fn spread_of<'a>(info: &'static KindInfo, item: Option<&'a str>, field: &'a str, sides: &'a [Sides<'a>]) -> Spread<'a> {
    let basis = Basis::Live;
    let mut spread = Spread { section: info.name, item, field, basis, projects: vec![], unread: vec![] };
    let one = |side: &'a Side| side.of(info.name, item, Some(field)).first().map(|(_, fact)| *fact);
    for (project, wanted, live) in sides {
        match live {
            Ok(live) => spread.projects.push(SpreadProject {
                project: &project.document,
                labels: &project.labels,
                wanted: one(wanted),
                live: one(live),
            }),
            Err((why, _)) => spread.unread.push((&project.document, why.clone())),
        }
    }
    spread
}
