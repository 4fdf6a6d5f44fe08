//! `plan`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::args::allow::AllowArgs;
use crate::cli::args::detail::DetailArgs;
use crate::cli::run::{Done, Run};
use crate::diag::Diagnostics;
use crate::exit::Exit;
use crate::manifest;
use crate::model::{AllowRule, IgnoreRule};
use crate::plan::review::{Rules, review};
use crate::record::{BaseRecord, FailureRecord, PlanRecord, ReviewRecord, released};
use crate::schema::Impact;
use crate::session::saved::{cannot_save, save};
use crate::session::{Against, Base, Planned, Workspace};

/// Show what apply would do; reads only
///
/// Reads what is live, compares it with the manifests and prints the calls that would make live match. The client cannot
/// write.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Ends with 2 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Also saves the plan, or why there is none: as JSON without secrets, for `show`, `comment` and `apply --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Shows for each difference whether the branch changes it or live has changed since REV, and what is no longer
    /// managed; rules of `ignore:` are those of REV
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Only projects whose manifests, including everything that they extend and read, differ from those of REV
    #[arg(long, value_name = "REV")]
    affected: Option<String>,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    detail: DetailArgs,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let done = plan(run, args).await;
    if let (Err(failure), Some(path)) = (&done, &args.out) {
        // A comment reports the failure, too, with the first error as its subject.
        let found = failure.findings.sorted();
        drop(save(path, &FailureRecord::json(&run.command, &found, &failure.sources, failure.exit)));
    }
    done
}

async fn plan(run: &Run, args: &Args) -> Done {
    let revision = args.base.as_deref().or(args.affected.as_deref());
    let session = &run.session;
    let merge = revision.map(|revision| session.merge(revision)).transpose()?.flatten();
    let mut workspace = session.load_with_secrets(merge.as_ref()).await?;
    let base = args.base.as_deref().map(|revision| session.base(&workspace, revision)).transpose()?;
    let mut bases: Vec<Base> = base.into_iter().collect();
    let unknown = session.keep_known(&mut workspace, bases.first())?;
    if let Some(revision) = &args.affected
        && !workspace.keep_affected(&session.base(&workspace, revision)?)
        && bases.first().is_none_or(|base| workspace.matched(&base.desired, None).gone.is_empty())
    {
        run.terminal.out(&format!("Not affected: no project differs from `{}`\n", revision.escape_debug()));
        return Ok(Exit::Done);
    }
    let own_rules = workspace.ignore.clone();
    if let Some(revision) = args.allow.base() {
        bases.push(session.guard(&workspace, revision)?);
    }
    let base = bases.first().filter(|_| args.base.is_some());
    if let Some(base) = base {
        // Rules are policy, so the merged ones count.
        workspace.ignore = manifest::ignore::holding(base.ignore.clone(), session.today(), &mut Diagnostics::new());
    }
    let mut planned = session.plan(workspace, Against { bases: &bases, skips_drift: false }).await?;
    let rules = base.map_or(&[][..], |base| &base.allow);
    let fork = merge.as_ref().map(|merge| merge.fork.as_str());
    let matched = base.zip(planned.matched.first());
    let over_time = matched.map(|matched| session.attribution_over_time(&planned, matched, fork));
    let attribution = matched.map(|(_, matched)| planned.attribution(matched));
    if let Some((of, revision)) = attribution.as_ref().zip(args.base.as_ref()) {
        planned.judge_repairs(of, revision);
    }
    args.allow.apply(run, &mut planned, None, rules)?;
    let exit = ends(&planned, args.exit_code, !unknown.is_empty());
    let Planned { workspace, plan, live, matched, .. } = planned;
    let Workspace { desired, sources, ignore, allow, .. } = workspace;
    // What a fleet wants and has is held no longer than it is needed, and its plan not beside the record.
    let both = base.is_some().then_some((desired, live));
    let mut record = PlanRecord::instead_of(plan, &sources);
    drop(sources);
    record.shard = session.shard();
    let against = base.zip(args.base.as_ref()).zip(over_time.as_ref()).zip(matched.first());
    if let Some(((((base, revision), of), matched), (desired, live))) = against.zip(both) {
        record.attribute(of);
        let was = Rules { ignored: paths(&ignore), allowed: allowed(&base.allow) };
        let is = Rules { ignored: paths(&own_rules), allowed: allowed(&allow) };
        let review = review(matched, &desired, &was, &is);
        let review = review.into_iter().map(|it| ReviewRecord { project: it.project, what: it.what }).collect();
        record.base = Some(Box::new(BaseRecord {
            revision: revision.clone(),
            commit: base.commit.clone(),
            behind: merge.as_ref().map_or(0, |merge| merge.behind),
            merge: merge.map(|merge| merge.tree),
            review,
            released: released(matched, &desired, &live),
        }));
    }
    if let Some(path) = &args.out {
        save(path, &record.sealed()).map_err(|why| cannot_save(path, &why))?;
    }
    run.plan(record, args.detail, &BTreeSet::new())?;
    Ok(exit)
}

/// How the run ends.
fn ends(planned: &Planned, differences: bool, some_are_unread: bool) -> Exit {
    let ends = planned.plan.projects.iter().map(|(name, project)| match &project.blocked {
        Some(blocked) => blocked.exit,
        // The project was not read, so neither "no changes" nor "differences" would be true.
        None if planned.coming_up(name).is_some() => Exit::Attention,
        None if !project.refusals.is_empty() => Exit::Refused,
        None if differences && !project.changes.is_empty() => Exit::Differences,
        None => Exit::Done,
    });
    Exit::worst(ends.chain(some_are_unread.then_some(Exit::Refused)), false)
}

/// The patterns of rules, as they were written.
fn paths(rules: &[Arc<IgnoreRule>]) -> BTreeSet<&str> {
    rules.iter().map(|rule| rule.path.as_str()).collect()
}

/// The permissions of rules, each class by itself.
fn allowed(rules: &[AllowRule]) -> BTreeSet<String> {
    let of = |rule: &AllowRule, class: &Impact| -> Vec<String> {
        rule.select.iter().map(|selector| format!("{} of {selector}", class.word())).collect()
    };
    rules.iter().flat_map(|rule| rule.classes.iter().flat_map(move |class| of(rule, class))).collect()
}
