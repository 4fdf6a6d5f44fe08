//! Approvals of requests: the steps of the plan whose id is in the status of the request's last commit.
//!
//! A status is bound to its commit, cannot be changed and has an author, but has room for one line only: it has the id of
//! the plan, which is a hash over the hashes of its steps. The hashes are in the comment, invisible to people. Others may
//! edit the comment without harm: hashes count only where their id equals that of the status.
//!
//! A merge queue plans what it is about to merge, as the commit that becomes the branch's: the status of that commit counts
//! before those of the request's own. On GitLab, pipelines of merged results have commits of their own, which stand for the
//! request's last one if that is among their parents.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;

use super::host::PLAN;
use super::steps::held;
use super::{Client, ForgeError, Mark, Merged, Place};
use crate::exit::Exit;
use crate::plan::identity::is_hash;
use crate::plan::plan_id;
use crate::text::short_id;

/// The most commits of pipelines that are looked at for one request.
const MOST_STAND_INS: usize = 20;

/// The waits before the request of the newest commit is looked up again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// The names of our statuses, and the branch.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The status of plans.
    pub plan: &'a str,
    /// The status of applies.
    pub apply: &'a str,
    /// The branch that requests must have been merged into.
    pub branch: &'a str,
}

/// The approvals since the revision that was applied last.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Approved {
    /// That revision; `None` where none was found.
    pub since: Option<String>,
    /// The requests that were merged since, the newest first, each with its steps, or the reason why it approves none.
    pub requests: Vec<(u64, Result<BTreeSet<String>, String>)>,
    /// The commits since then without a request.
    pub alone: Vec<String>,
}

impl Approved {
    /// All steps that were approved.
    #[must_use]
    pub fn steps(&self) -> BTreeSet<String> {
        self.requests.iter().filter_map(|(_, steps)| steps.as_ref().ok()).flatten().cloned().collect()
    }
}

/// Why a request's merge is not one into this branch, if it is not: a commit also lists the requests through which it came
/// to other branches.
fn elsewhere(request: &Merged, branch: &str, commits: &[String]) -> Option<String> {
    let Merged { number: _, head: _, into, commit, is_foreign } = request;
    if *is_foreign {
        Some("it comes from a fork, whose plans approve nothing".to_owned())
    } else if into != branch {
        Some(format!("it was merged into `{into}`, and this is `{branch}`"))
    } else if !commits.contains(commit) {
        Some(format!("it was merged as {}, which is none of the commits since", short_id(commit)))
    } else {
        None
    }
}

/// The newest status of a name.
fn newest(marks: Vec<Mark>, context: &str) -> Option<Mark> {
    marks.into_iter().filter(|mark| mark.context == context).max_by_key(|mark| mark.id)
}

/// The id of the plan at the end of a status.
fn id_of(mark: &Mark) -> Option<&str> {
    let (before, id) = mark.description.rsplit_once(' ')?;
    (is_hash(id) && before.ends_with(PLAN)).then_some(id)
}

impl Client<'_> {
    /// The approvals of the requests that brought these commits to the branch, the newest first, up to the commit that was
    /// applied last.
    ///
    /// # Errors
    /// When the host does not say who set a status, refuses, or does not answer.
    pub async fn approved(&self, place: &Place, names: Names<'_>, commits: &[String]) -> Result<Approved, ForgeError> {
        let me = self.whoami().await?;
        let me =
            me.ok_or_else(|| self.cannot("the token does not tell whose it is, and so not which marks are ours"))?;
        let mut found = Approved::default();
        for (age, commit) in commits.iter().enumerate() {
            let marks = self.marks(place, commit, &me).await?;
            // A commit that was applied once counts as applied, whatever a later run on it reports.
            if marks.iter().any(|mark| mark.context == names.apply && mark.good) {
                found.since = Some(commit.clone());
                break;
            }
            let mut requests = self.requests(place, commit).await?;
            // Right after a merge, GitHub may not know the request of the newest commit yet.
            for pause in PAUSES.iter().filter(|_| age == 0) {
                if requests.is_empty() {
                    self.pause(*pause).await;
                    requests = self.requests(place, commit).await?;
                }
            }
            if requests.is_empty() {
                found.alone.push(commit.clone());
            }
            let queued = newest(marks, names.plan).filter(|mark| mark.good && id_of(mark).is_some());
            for request in requests {
                if found.requests.iter().all(|(number, _)| *number != request.number) {
                    let steps = match elsewhere(&request, names.branch, commits) {
                        Some(why) => Err(why),
                        None => self.approved_by(place, names.plan, &me, &request, queued.clone()).await?,
                    };
                    found.requests.push((request.number, steps));
                }
            }
        }
        Ok(found)
    }

    /// The steps that a request approves, or the reason why it approves none.
    async fn approved_by(
        &self,
        place: &Place,
        context: &str,
        me: &str,
        request: &Merged,
        queued: Option<Mark>,
    ) -> Result<Result<BTreeSet<String>, String>, ForgeError> {
        let head = short_id(&request.head);
        let mark = match queued {
            Some(mark) => Some(mark),
            None => {
                let of_head = newest(self.marks(place, &request.head, me).await?, context);
                let stands_in = self.stand_in(place, context, me, request).await?;
                of_head.into_iter().chain(stands_in).max_by_key(|mark| mark.id)
            }
        };
        let Some(mark) = mark else {
            return Ok(Err(format!("its last commit {head} has no mark `{context}` of ours")));
        };
        if !mark.good {
            return Ok(Err(format!("the mark `{context}` of its last commit {head} is red")));
        }
        let Some(id) = id_of(&mark) else {
            return Ok(Err(format!("the mark `{context}` of its last commit {head} names no plan")));
        };
        // An empty plan needs no approval.
        if id == plan_id([]) {
            return Ok(Ok(BTreeSet::new()));
        }
        let place = Place { number: Some(request.number), ..place.clone() };
        let comments = self.comments(&place).await?;
        let steps = comments.iter().filter(|comment| comment.author == me).rev().find_map(|it| held(&it.body, id));
        Ok(steps.ok_or_else(|| format!("no comment of ours has the steps of the plan {id}")))
    }

    /// The status of the newest commit that a pipeline of the request has made of its last one.
    async fn stand_in(
        &self,
        place: &Place,
        context: &str,
        me: &str,
        request: &Merged,
    ) -> Result<Option<Mark>, ForgeError> {
        let place = Place { number: Some(request.number), ..place.clone() };
        let host = self.host();
        let Some(ask) = host.stand_ins(&place) else { return Ok(None) };
        let mut commits = self.pages(ask, |host, item| host.stand_in(item)).await?;
        commits.dedup();
        for commit in commits.iter().filter(|commit| **commit != request.head).take(MOST_STAND_INS) {
            let Some(mark) = newest(self.marks(&place, commit, me).await?, context) else { continue };
            let Some(ask) = host.parents(&place, commit) else { return Ok(None) };
            if self.pages(ask, |host, item| Some(host.parents_of(item))).await?.concat().contains(&request.head) {
                return Ok(Some(mark));
            }
        }
        Ok(None)
    }

    /// The merged request through which a commit came into a branch, the newest where there are several.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn request_of_merge(&self, place: &Place, commit: &str) -> Result<Option<u64>, ForgeError> {
        let made = |it: &&Merged| it.commit == commit;
        Ok(self.requests(place, commit).await?.iter().filter(made).map(|it| it.number).max())
    }

    /// Our statuses of a commit.
    async fn marks(&self, place: &Place, commit: &str, me: &str) -> Result<Vec<Mark>, ForgeError> {
        let ask = self.host().marks(place, commit);
        let why = || format!("its marks do not approve, since {}", self.host().why_none_approve());
        let ask = ask.ok_or_else(|| self.cannot(&why()))?;
        let marks = self.pages(ask, |host, item| host.mark(item)).await?;
        Ok(marks.into_iter().filter(|mark| mark.author == me).collect())
    }

    async fn requests(&self, place: &Place, commit: &str) -> Result<Vec<Merged>, ForgeError> {
        let Some(ask) = self.host().requests(place, commit) else { return Ok(vec![]) };
        match self.pages(ask, |host, item| host.merged(item)).await {
            Err(error) if error.status == Some(StatusCode::NOT_FOUND) => Ok(vec![]),
            found => found,
        }
    }

    fn cannot(&self, why: &str) -> ForgeError {
        let message = format!("{}: {why}", self.host().name());
        ForgeError::new(Exit::Invalid, message, "Approve a saved plan instead: `apply --plan FILE`.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(of: char) -> String {
        of.to_string().repeat(32)
    }

    #[test]
    fn only_a_merge_into_this_branch_approves() {
        let request = |into: &str, commit: &str, is_foreign| Merged {
            number: 1,
            head: "head".to_owned(),
            into: into.to_owned(),
            commit: commit.to_owned(),
            is_foreign,
        };
        let commits = ["newest", "older"].map(str::to_owned);
        let why = |request: Merged| elsewhere(&request, "main", &commits);
        assert_eq!(why(request("main", "older", false)), None);
        for (request, part) in [
            (request("main", "older", true), "fork"),
            (request("develop", "older", false), "`develop`, and this is `main`"),
            (request("Main", "older", false), "`Main`"),
            (request("main", "picked from", false), "none of the commits"),
            (request("main", "", false), "none of the commits"),
        ] {
            assert!(why(request.clone()).is_some_and(|why| why.contains(part)), "{request:?}");
        }
    }

    #[test]
    fn a_mark_names_its_plan_at_its_end_and_nowhere_else() {
        let id = hash('a');
        let mark = |description: String| Mark {
            id: 1,
            author: String::new(),
            context: String::new(),
            good: true,
            description,
        };
        assert_eq!(id_of(&mark(format!("1 to add · id {id}"))), Some(id.as_str()));
        for other in [format!("id {id} · 1 to add"), format!("1 to add {id}"), "id abc".to_owned(), String::new()] {
            assert_eq!(id_of(&mark(other)), None);
        }
    }
}
