//! `branch`.

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::diag::codes::{plan as plans, run as codes};
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::{BranchRecord, Named as _};
use crate::session::{BranchAction, BranchAtWork, BranchChanges};

/// Merge, push, reset or restore a branch of a project, compare it, or wait for it
///
/// Shows what that would change, asks, does it once, and watches it until it is done. What is in a branch, and which branches there are, is said
/// by manifests instead: see `supaform explain branches`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Applies the migrations of a branch to its project
    Merge(Acts),
    /// Applies newer migrations of the project to a branch
    Push(Acts),
    /// Makes the database of a branch anew; everything in it is lost
    Reset(Acts),
    /// Keeps a branch whose deletion is scheduled
    Restore(Acts),
    /// Shows what a merge would change: migrations, and the difference of the schemas
    Diff(Looks),
    /// Waits until a branch is up, has its schema, and its last run has ended
    Wait(Looks),
}

#[derive(Debug, clap::Args)]
struct Looks {
    /// The branch, such as acme-prod/branches/staging, or a document with `branch_of:`
    address: String,
}

#[derive(Debug, clap::Args)]
struct Acts {
    #[command(flatten)]
    looks: Looks,
    /// Answers the question with yes; overrides no refusal
    #[arg(long, short)]
    yes: bool,
    /// Allows what cannot be undone, by the address of the branch
    #[arg(long, value_name = "ADDRESS")]
    allow: Vec<String>,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    match &args.what {
        What::Merge(acts) => act(run, acts, BranchAction::Merge).await,
        What::Push(acts) => act(run, acts, BranchAction::Push).await,
        What::Reset(acts) => act(run, acts, BranchAction::Reset).await,
        What::Restore(acts) => act(run, acts, BranchAction::Restore).await,
        What::Diff(looks) => {
            let branch = found(run, looks).await?;
            let changes = branch.changes(None).await?;
            if is_json(run) {
                record(run, &branch, "diff", &changes, None);
            } else {
                run.terminal.out(&shown(&branch, None, &changes));
            }
            Ok(Exit::Done)
        }
        What::Wait(looks) => {
            let branch = found(run, looks).await?;
            branch.wait(&|what| tell(run, &branch, what)).await?;
            if is_json(run) {
                record(run, &branch, "wait", &BranchChanges::default(), None);
            } else {
                run.terminal.out(&format!("{}: ready\n", escape(&branch.address)));
            }
            Ok(Exit::Done)
        }
    }
}

async fn found(run: &Run, looks: &Looks) -> Result<BranchAtWork, Failure> {
    run.session.require_trust_to_look()?;
    let workspace = run.load()?;
    run.session.branch(&workspace, &looks.address).await
}

fn tell(run: &Run, branch: &BranchAtWork, what: &str) {
    run.terminal.err(&format!("{}: waiting for {}…\n", escape(&branch.address), escape(what)));
}

fn is_json(run: &Run) -> bool {
    run.global.format == Format::Json
}

fn record(run: &Run, branch: &BranchAtWork, action: &str, changes: &BranchChanges, nothing_to_do: Option<&str>) {
    let BranchChanges { missing, diff, is_empty } = changes;
    let record = BranchRecord {
        branch: &branch.address,
        r#ref: branch.branch.reference.as_str(),
        action,
        done: action != "diff" && nothing_to_do.is_none(),
        migrations: missing,
        diff: diff.as_deref(),
        without_history: *is_empty,
        nothing_to_do,
    };
    run.json(&record.json());
}

async fn act(run: &Run, acts: &Acts, action: BranchAction) -> Done {
    run.session.require_trust("applied")?;
    let branch = found(run, &acts.looks).await?;
    let changes = branch.changes(Some(action)).await?;
    let page = shown(&branch, Some(action), &changes);
    if !is_json(run) {
        run.terminal.out(&page);
    } else if !acts.yes {
        // Whoever is asked sees what about.
        run.terminal.err(&page);
    }
    if let Some(why) = nothing_to_do(&branch, action, &changes) {
        if is_json(run) {
            record(run, &branch, action.word(), &changes, Some(why));
        } else {
            run.terminal.out(&format!("Nothing to do: {why}\n"));
        }
        return Ok(Exit::Done);
    }
    clear(&branch, action, &changes, acts)?;
    if !acts.yes {
        ask(run, action).await?;
    }
    branch.act(action, changes.missing.len(), &|what| tell(run, &branch, what)).await?;
    if is_json(run) {
        record(run, &branch, action.word(), &changes, None);
    } else {
        run.terminal.out(&format!("{}: {} done\n", escape(&branch.address), action.word()));
    }
    Ok(Exit::Done)
}

/// What an action would change, before anybody is asked.
fn shown(branch: &BranchAtWork, action: Option<BranchAction>, changes: &BranchChanges) -> String {
    let mut text = format!("{}  {}\n\n", escape(&branch.address), branch.branch.reference);
    let (from, to) = match action {
        Some(BranchAction::Push) => ("the project", "the branch"),
        Some(BranchAction::Reset) => {
            text.push_str(" ! Cannot be undone  the database of the branch is made anew: everything in it is lost\n");
            ("", "")
        }
        Some(BranchAction::Restore) => ("", ""),
        None | Some(BranchAction::Merge) => ("the branch", "the project"),
    };
    if changes.is_empty && !matches!(action, Some(BranchAction::Restore)) {
        text.push_str(" ! The branch has no history yet: until it has its schema, a difference tells that everything is to be dropped\n");
    }
    if !from.is_empty() {
        match changes.missing.as_slice() {
            [] => text.push_str(&format!(" Migrations  {to} has all of {from}\n")),
            rows => {
                text.push_str(&format!(" Migrations of {from} that {to} does not have\n"));
                for row in rows {
                    text.push_str(&format!("   + {}\n", escape(row)));
                }
            }
        }
    }
    match changes.diff.as_deref().map(str::trim) {
        Some("") => text.push_str("\n Schemas  no difference\n"),
        Some(sql) => {
            text.push_str("\n Schemas, as SQL; only what has a migration is merged\n");
            for line in sql.lines() {
                text.push_str(&format!("   {}\n", escape(line)));
            }
        }
        None => {}
    }
    text.push('\n');
    text
}

/// Why an action would change nothing. The API accepts it all the same, and says nothing of that.
fn nothing_to_do(branch: &BranchAtWork, action: BranchAction, changes: &BranchChanges) -> Option<&'static str> {
    match action {
        BranchAction::Merge | BranchAction::Push if changes.missing.is_empty() && !changes.is_empty => {
            Some("there is no migration to apply; SQL that was run without one is not merged")
        }
        BranchAction::Restore if !branch.branch.is_leaving => Some("its deletion is not scheduled"),
        BranchAction::Merge | BranchAction::Push | BranchAction::Reset | BranchAction::Restore => None,
    }
}

/// Refuses what nobody has allowed.
fn clear(branch: &BranchAtWork, action: BranchAction, changes: &BranchChanges, acts: &Acts) -> Result<(), Failure> {
    if action == BranchAction::Restore {
        return Ok(());
    }
    let at = &branch.address;
    if changes.is_empty && action == BranchAction::Merge {
        let message = format!("`{at}` has no history of migrations yet, so nothing of it is merged");
        let hint = format!("`supaform branch wait {at}` waits until it has its schema.");
        return Err(Failure::with_hint(Exit::Attention, codes::STILL_PENDING, message, hint));
    }
    if branch.protected {
        let message = format!("`{at}`: {} changes what is `protected: true`", action.word());
        let hint = "Do it in the dashboard, where a second person can look at it; or remove the protection by a reviewed change first.";
        return Err(Failure::with_hint(Exit::Refused, plans::PROTECTED, message, hint));
    }
    if acts.allow.contains(at) {
        return Ok(());
    }
    let why = match action {
        BranchAction::Merge => "runs migrations on the project itself, which cannot be undone",
        BranchAction::Push => "runs migrations on the branch and overwrites its functions",
        BranchAction::Reset | BranchAction::Restore => "deletes the data of the branch",
    };
    let hint = format!("If that is intended, add `--allow {at}`.");
    Err(Failure::with_hint(Exit::Refused, plans::NEEDS_ALLOW, format!("`{at}`: {} {why}", action.word()), hint))
}

async fn ask(run: &Run, action: BranchAction) -> Result<(), Failure> {
    if !run.terminal.interactive {
        let message = "there is no terminal to ask on, and `--yes` is not given; nothing was sent";
        return Err(Failure::with_hint(Exit::Refused, codes::NOT_CONFIRMED, message, "Run it with `--yes`."));
    }
    let question = format!("\n{} this branch?", action.word());
    let (confirmed, _) = run.session.lifetime().ask(run.terminal.confirm(&question)).await;
    if confirmed? {
        return Ok(());
    }
    Err(Failure::new(Exit::Refused, codes::NOT_CONFIRMED, "not confirmed; nothing was sent"))
}
