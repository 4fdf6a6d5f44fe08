//! What merged requests have approved, read from the statuses of their last commits.

use super::start::Session;
use crate::diag::codes::trust;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::Root;
use crate::forge::approval::{Approved, Names};
use crate::forge::{Client, Place};
use crate::git::{commits, is_shallow};
use crate::text::{count, short_id};

/// The most merges that are read for one apply.
const MOST_COMMITS: usize = 100;

impl Session {
    /// Asks the code host what was approved since the commit that was applied last, and notes the answers.
    pub async fn approved(
        &self,
        root: &Root,
        (client, place): (&Client<'_>, &Place),
        names: Names<'_>,
    ) -> Result<Approved, Failure> {
        // One more than the limit, to see whether there are more.
        let commits = commits(root, MOST_COMMITS + 1)?;
        let known = commits.get(..MOST_COMMITS).unwrap_or(&commits);
        let mark = names.apply;
        self.lifetime.go_out();
        let approved = client.approved(place, names, known).await;
        let approved = approved.map_err(|error| error.problem.failure())?;
        if approved.since.is_none() && (commits.len() > MOST_COMMITS || is_shallow(root)) {
            let message = format!("none of the last {} has our status `{mark}`", count(known.len(), "commit"));
            let hint = "So the commit that was applied last is unknown: fetch the whole history (`fetch-depth: 0`, `GIT_DEPTH: 0`), or apply once with `--yes` and let `comment` set the commit's status.";
            return Err(Failure::with_hint(Exit::Stale, trust::NOT_APPROVED, message, hint));
        }
        self.tell(&approved);
        Ok(approved)
    }

    fn tell(&self, approved: &Approved) {
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
            self.observer.note(&format!("Since {since}: {line}"));
        }
    }
}
