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
/// Plans, shows the plan, asks, and carries it out: before each write it reads again and stops if somebody has changed what
/// the write touches; after it, it reads back and compares.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Answers the question with yes; overrides no guardrail
    #[arg(long, short)]
    yes: bool,
    /// Does only what a plan has that `plan --out FILE` saved and that was approved; where something else would be done, a
    /// project is left as it is, and the run ends with 5. It is the answer to the question, and overrides no guardrail
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    pub approval: ApprovalArgs,
    /// Allows one change that cannot be undone, by its address, such as acme-prod/secrets/LEGACY, or CLASS:ADDRESS
    #[arg(long, value_name = "ADDRESS", value_parser = allowed)]
    allow: Vec<String>,
    /// Writes only what the branch means to change since `--base`, and leaves alone what has drifted; ends with 2 if
    /// something has
    #[arg(long, value_enum, requires = "base")]
    only: Option<Only>,
    /// The revision that the manifests are held against, best the one that was applied last: what only puts back what it says is a
    /// repair, which endangers nothing, and rules of `allow:` are its own
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Waits at most so many seconds for another apply on this machine that is at work on the same project, then ends with 5
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    lock_timeout: u64,
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
    /// What the branch means to change
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
    // A repair puts back what was applied last. `--allow-from` may name what was merged and then refused: that would let it pass.
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
            run.terminal.err(&format!("Approved, and no longer needed: {}\n", escape(&step)));
        }
    }
    if let Some(merged) = &merged {
        planned.hold_to_requests(merged, unapproved);
    }
    let base = bases.first().filter(|_| args.base.is_some());
    let rules = base.map_or(&[][..], |base| &base.allow);
    args.words.apply(run, &mut planned, since, rules)?;
    let allowed: BTreeSet<String> = args.allow.iter().cloned().collect();
    let record = PlanRecord::of(&planned.plan, &planned.workspace.sources);
    if run.global.format == Format::Text {
        run.plan(&record, args.detail, &guard::covered(&planned.plan, &allowed))?;
    }
    warn_unused(run, &planned.plan, &allowed);
    let cleared = planned.clear(&allowed)?;
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
    // What was written is written: that it cannot be told in the format that was asked for does not change the exit.
    if let Err(untold) = teller.end(&report, args.detail.limit) {
        run.fail(untold);
    }
    Ok(Exit::worst([report.exit(), skipped], false))
}

/// Tells what is left alone because it has drifted, and how the run ends because of it.
fn tell_of_skipped(run: &Run, planned: &Planned) -> Exit {
    if planned.skipped.is_empty() {
        return Exit::Done;
    }
    for at in &planned.skipped {
        run.terminal.err(&format!("Left alone, since it has drifted: {}\n", escape(at)));
    }
    run.terminal.err("`supaform accept ADDRESS` keeps what is live, apply without `--only` undoes it\n");
    Exit::Differences
}

/// `--allow` for something that the plan does not do is most likely a typo.
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
        let message = "nobody is there to answer, and `--yes` is not given; nothing was written";
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
