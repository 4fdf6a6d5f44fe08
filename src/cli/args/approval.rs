//! Who approves what is applied, and where approvals are looked for.

use super::forge::{ForgeArgs, ForgeConnection};
use crate::ci::Ci;
use crate::cli::marks::{APPLY, PLAN, mark};
use crate::cli::run::Run;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::forge::approval::{Approved, Names};
use crate::git;

/// Who approves what is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum ApprovedBy {
    /// The pull or merge requests that were merged
    Pr,
}

/// Where approvals are looked for.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ApprovalArgs {
    /// Does only what merged requests approve: the steps of the plans with whose ids `comment` has set the statuses of
    /// their last commits, since the revision that was applied last. A project with other changes is left unchanged, and
    /// the run ends with 5. This option answers the question, and overrides no refusal
    #[arg(long, value_enum, value_name = "WHO", conflicts_with = "plan")]
    pub approved_by: Option<ApprovedBy>,
    /// The name that `comment --key` had, with --approved-by
    #[arg(long, value_name = "NAME", requires = "approved_by")]
    key: Option<String>,
    /// The branch that requests must have been merged into, with --approved-by; default: that of the CI system's run, or
    /// the one that is checked out
    #[arg(long, value_name = "BRANCH", requires = "approved_by")]
    into: Option<String>,
    #[command(flatten)]
    pub forge: ForgeArgs,
}

impl ApprovalArgs {
    /// Asks the code host for approvals, if the option is given.
    pub(in crate::cli) async fn ask(&self, run: &Run, root: &Root) -> Result<Option<Approved>, Failure> {
        let Some(ApprovedBy::Pr) = self.approved_by else { return Ok(None) };
        let ci = Ci::of(&run.environment);
        let ForgeConnection { client, place, .. } = self.forge.connect(run, &ci)?;
        git::commit(root, "HEAD")?;
        let key = run.stack(self.key.as_deref());
        let (plan, apply, branch) = (mark(PLAN, &key), mark(APPLY, &key), self.branch(&ci, root)?);
        let names = Names { plan: &plan, apply: &apply, branch: &branch };
        run.session.approved(root, (&client, &place), names).await.map(Some)
    }

    /// The branch that is applied.
    fn branch(&self, ci: &Ci, root: &Root) -> Result<String, Failure> {
        let branch = self.into.clone().or_else(|| ci.branch.clone()).or_else(|| git::branch(root));
        branch.ok_or_else(|| {
            let message = "the branch that is applied is not known: no CI system names it, and none is checked out";
            let hint = "Name the branch that requests are merged into with `--into BRANCH`.";
            Failure::with_hint(Exit::Invalid, codes::BAD_OPTION, message, hint)
        })
    }
}
