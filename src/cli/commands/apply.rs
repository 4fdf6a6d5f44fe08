//! `apply`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::apply::Report;
use crate::cli::args::allow::AllowArgs;
use crate::cli::args::approval::ApprovalArgs;
use crate::cli::args::detail::DetailArgs;
use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::cli::teller::Teller;
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, codes::run as codes};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::model::Plan;
use crate::plan::guard;
use crate::record::PlanRecord;
use crate::schema::Impact;
use crate::session::{Against, Base, Planned, saved};
use crate::view::unapproved;

/// Bring what is live into line with the manifests
///
/// Makes a plan, shows it, asks, and carries it out: before each write, it reads again and stops if somebody has changed
/// what the write touches; after the write, it reads back and compares.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Answers the question with yes; overrides no refusal
    #[arg(long, short)]
    yes: bool,
    /// Does only what the approved plan in FILE has, which `plan --out FILE` saved. A project with other changes is left
    /// unchanged, and the run ends with 5. This option answers the question, and overrides no refusal
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    pub approval: ApprovalArgs,
    /// Allows one change that cannot be undone, by its address, such as acme-prod/secrets/LEGACY, or CLASS:ADDRESS
    #[arg(long, value_name = "ADDRESS", value_parser = allowed)]
    allow: Vec<String>,
    /// Writes only changes that the branch makes since `--base`, and leaves drift alone; ends with 2 if there is drift
    #[arg(long, value_enum, requires = "base")]
    only: Option<Only>,
    /// The revision that the manifests are compared with, best the one that was applied last: changes that only restore it
    /// are repairs, which need no permission, and its rules of `allow:` count
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Waits at most this many seconds for another apply to the same project on this machine, then ends with 5
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    lock_timeout: u64,
    /// Waits at most this many seconds, within `--deadline`, for what is done outside to be seen, such as DNS records; the
    /// next run goes on from there. Usually 300
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
    #[command(flatten)]
    words: AllowArgs,
    #[command(flatten)]
    detail: DetailArgs,
}

fn allowed(text: &str) -> Result<String, String> {
    let unknown = |class| format!("there is no class `{class}`; the classes are {}", Impact::words());
    guard::Word::parse(text, "").map(|_| text.to_owned()).map_err(unknown)
}

/// Which differences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// Changes that the branch makes
    Intended,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let session = &run.session;
    session.require_trust("applied")?;
    let approved = args.plan.as_deref().map(saved::approved).transpose()?;
    if let Some(merge) = args.base.as_deref().map(|revision| session.merge(revision)).transpose()?.flatten() {
        return Err(merge.refused());
    }
    let workspace = session.load_with_secrets(None).await?;
    let merged = args.approval.ask(run, &workspace.root).await?;
    let since = merged.as_ref().and_then(|merged| merged.since.as_deref());
    let base = args.base.as_deref().map(|revision| session.base(&workspace, revision)).transpose()?;
    let mut bases: Vec<Base> = base.into_iter().collect();
    for revision in args.words.base().into_iter().chain(since) {
        bases.push(session.guard(&workspace, revision)?);
    }
    let against = Against { bases: &bases, skips_drift: args.only.is_some() };
    let patience = Duration::from_secs(args.lock_timeout);
    let mut planned = session.plan_to_write(workspace, against, patience).await?;
    // Repairs restore what was applied last. `--allow-from` may name a commit that was merged but refused, which must not
    // count as applied.
    let last = match (args.base.as_deref(), since) {
        (Some(revision), _) => planned.matched.first().zip(Some(revision)),
        (None, since) => planned.matched.last().zip(since),
    };
    if let Some((matched, revision)) = last {
        let of = planned.attribution(matched);
        planned.judge_repairs(&of, revision);
    }
    let skipped = tell_of_skipped(run, &planned);
    if let Some(approved) = &approved {
        for step in planned.hold_to(approved, unapproved)? {
            run.terminal.err(&format!("Approved, but no longer needed: {}\n", escape(&step)));
        }
    }
    if let Some(merged) = &merged {
        planned.hold_to_requests(merged, unapproved);
    }
    let base = bases.first().filter(|_| args.base.is_some());
    let rules = base.map_or(&[][..], |base| &base.allow);
    args.words.apply(run, &mut planned, since, rules)?;
    let allowed: BTreeSet<String> = args.allow.iter().cloned().collect();
    if run.global.format == Format::Text {
        let record = PlanRecord::of(&planned.plan, &planned.workspace.sources);
        run.plan(record, args.detail, &guard::covered(&planned.plan, &allowed))?;
    }
    warn_unused(run, &planned.plan, &allowed);
    let cleared = planned.clear(&allowed)?.waiting(args.wait.map(Duration::from_secs));
    if cleared.is_empty() {
        if run.global.format != Format::Text {
            let planned = cleared.planned();
            Teller::new(run, planned).end(&Report::nothing(&planned.plan), args.detail.limit)?;
        }
        return Ok(skipped);
    }
    if !cleared.planned().plan.steps.is_empty() {
        consent(run, args, cleared.planned()).await?;
    }
    let teller = Teller::new(run, cleared.planned());
    let report = session.apply(&cleared, &|event| teller.on(&event)).await?;
    // The writes are done: a failure to print the report in the asked format does not change the exit code.
    if let Err(untold) = teller.end(&report, args.detail.limit) {
        run.fail(untold);
    }
    Ok(Exit::worst([report.exit(), skipped], false))
}

/// Reports the drift that is left alone, and the exit code for it.
fn tell_of_skipped(run: &Run, planned: &Planned) -> Exit {
    if planned.skipped.is_empty() {
        return Exit::Done;
    }
    for at in &planned.skipped {
        run.terminal.err(&format!("Left alone as drift: {}\n", escape(at)));
    }
    run.terminal.err("`supaform accept ADDRESS` keeps the live value, apply without `--only` undoes the drift\n");
    Exit::Differences
}

/// `--allow` for a change that is not in the plan is most likely a typo.
fn warn_unused(run: &Run, plan: &Plan, allowed: &BTreeSet<String>) {
    let mut found = Diagnostics::new();
    for address in guard::unused(plan, allowed) {
        let message = format!("`--allow {address}` allows nothing: the plan has no such change");
        found.push(Diagnostic::new(codes::UNUSED_ALLOW, Severity::Warning, message));
    }
    run.show(&found.sorted(), &Sources::new());
}

async fn consent(run: &Run, args: &Args, planned: &Planned) -> Result<(), Failure> {
    if args.yes || args.plan.is_some() || args.approval.approved_by.is_some() {
        return Ok(());
    }
    if !run.terminal.interactive {
        let message = "there is no terminal to ask on, and `--yes` is not given; nothing was written";
        let hint = "Review the plan, then run apply with `--yes`.";
        return Err(Failure::with_hint(Exit::Refused, codes::NOT_CONFIRMED, message, hint));
    }
    let (confirmed, took) = run.session.lifetime().ask(run.terminal.confirm("\nApply this plan?")).await;
    planned.extend(took);
    if confirmed? {
        return Ok(());
    }
    Err(Failure::new(Exit::Refused, codes::NOT_CONFIRMED, "not confirmed; nothing was written"))
}
