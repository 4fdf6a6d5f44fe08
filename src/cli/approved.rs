//! What was approved on requests that were merged: from the marks on their last commits.

use super::apply::ApprovedBy;
use super::base::{self, git};
use super::ci::Ci;
use super::forge::{APPLY, ForgeArgs, PLAN, Whereabouts, mark};
use super::{Failure, Run};
use crate::diag::codes::{run as codes, trust};
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::files::Root;
use crate::forge::approval::{Approved, Names};
use crate::text::{count, short_id};

/// More merges than are waited for with one apply.
const MOST_COMMITS: usize = 100;

/// Where approvals are looked for.
#[derive(Debug, clap::Args)]
pub(super) struct ApprovalArgs {
    /// Does only what merged requests approve: the steps of the plans that `comment` has marked their last commits with, since
    /// the revision that was applied last. Where something else would be done, a project is left as it is, and the run ends with
    /// 5. It is the answer to the question, and overrides no guardrail
    #[arg(long, value_enum, value_name = "WHO", conflicts_with = "plan")]
    pub approved_by: Option<ApprovedBy>,
    /// The name that `comment --key` was given, with --approved-by
    #[arg(long, value_name = "NAME", requires = "approved_by")]
    key: Option<String>,
    /// The branch that requests must have been merged into, with --approved-by; else that of the CI system's run, or the one that
    /// is checked out
    #[arg(long, value_name = "BRANCH", requires = "approved_by")]
    into: Option<String>,
    #[command(flatten)]
    pub forge: ForgeArgs,
}

impl ApprovalArgs {
    /// Asks the code host, and tells what was found.
    pub(super) fn ask(&self, run: &Run, root: &Root) -> Result<Approved, Failure> {
        let ci = Ci::of(&run.environment);
        let Whereabouts { client, place, .. } = self.forge.connect(run, &ci)?;
        let commits = commits(root)?;
        let key = run.stack(self.key.as_deref());
        let (plan, apply) = (mark(PLAN, &key), mark(APPLY, &key));
        let branch = self.branch(&ci, root)?;
        let names = Names { plan: &plan, apply: &apply, branch: &branch };
        let known = commits.get(..MOST_COMMITS).unwrap_or(&commits);
        let approved = run
            .session
            .wait(client.approved(&place, names, known))
            .map_err(|error| Failure::with_hint(error.exit, trust::FORGE, error.message.clone(), error.hint))?;
        if approved.since.is_none() && (commits.len() > MOST_COMMITS || is_shallow(root)) {
            let message = format!("no mark `{apply}` of ours on the last {}", count(known.len(), "commit"));
            let hint = "So it is not known what was applied last: fetch the whole history (`fetch-depth: 0`, `GIT_DEPTH: 0`), or apply once with `--yes` and let `comment` mark the commit.";
            return Err(Failure::with_hint(Exit::Stale, trust::NOT_APPROVED, message, hint));
        }
        tell(run, &approved);
        Ok(approved)
    }
}

impl ApprovalArgs {
    /// The branch that is applied.
    fn branch(&self, ci: &Ci, root: &Root) -> Result<String, Failure> {
        let checked_out = || {
            let told = git(root.path(), &["symbolic-ref", "--quiet", "--short", "HEAD"], None).ok()?;
            Some(String::from_utf8_lossy(&told).trim_end().to_owned())
        };
        let branch = self.into.clone().or_else(|| ci.branch.clone()).or_else(checked_out);
        branch.ok_or_else(|| {
            let message = "which branch is applied is not known: no CI system tells it, and none is checked out";
            let hint = "Name the branch that requests are merged into with `--into BRANCH`.";
            Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, hint)
        })
    }
}

/// The commits that led here, as the branch sees them, the newest first; one more than are looked at.
fn commits(root: &Root) -> Result<Vec<String>, Failure> {
    base::commit(root, "HEAD")?;
    let most = format!("--max-count={}", MOST_COMMITS + 1);
    let told = git(root.path(), &["rev-list", "--first-parent", &most, "HEAD"], None);
    let told = told.map_err(|why| Failure::new(Exit::Failed, codes::NO_BASE, why.message()))?;
    Ok(String::from_utf8_lossy(&told).lines().map(str::to_owned).collect())
}

fn is_shallow(root: &Root) -> bool {
    let told = git(root.path(), &["rev-parse", "--is-shallow-repository"], None);
    told.is_ok_and(|told| told.starts_with(b"true"))
}

fn tell(run: &Run, approved: &Approved) {
    let since = approved.since.as_deref().map_or("the first commit", short_id);
    let mut lines = vec![];
    for (number, steps) in &approved.requests {
        lines.push(match steps {
            Ok(steps) => format!("#{number} approves {}", count(steps.len(), "step")),
            Err(why) => format!("#{number} approves nothing: {why}"),
        });
    }
    if !approved.alone.is_empty() {
        let alone: Vec<&str> = approved.alone.iter().map(|commit| short_id(commit)).collect();
        lines.push(format!("without a request, and so without approval: {}", alone.join(", ")));
    }
    if lines.is_empty() {
        lines.push("nothing was merged".to_owned());
    }
    for line in lines {
        run.terminal.err(&format!("Since {since}: {}\n", escape(&line)));
    }
}
