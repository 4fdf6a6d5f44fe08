//! Planning: reads what is live, and compares it with what is desired.

use std::collections::BTreeMap;
use std::time::Duration;

use super::base::Base;
use super::lock::Locks;
use super::peer::Connection;
use super::replan::skip_drift;
use super::start::Session;
use super::workspace::Workspace;
use crate::api::{Reader, Writer};
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::{Address, Desired, Live, Note, Plan, Problem, Status};
use crate::observe::{Lookup, Observed, Progress, Reads, observe};
use crate::plan::revisions::Matched;
use crate::plan::{Inputs, ignore, make};
use crate::text::short_id;

/// A plan and its inputs.
pub struct Planned {
    /// The workspace, with the desired state of the plan.
    pub workspace: Workspace,
    /// The plan.
    pub plan: Plan,
    /// What is live.
    pub live: Live,
    /// Addresses whose drift is left alone, because only changes of the branch are written.
    pub skipped: Vec<String>,
    /// The bases' documents for the same projects, in the order of the bases.
    pub matched: Vec<Matched>,
    /// The merged requests that it is held to, the oldest first.
    pub requests: Vec<u64>,
    pub(super) connection: Connection,
    /// The permission to write, where the plan was made to be applied.
    pub(super) permit: Option<Permit>,
}

/// The permission to write.
pub(super) struct Permit {
    /// The client that may write, with what it has learnt of rate limits.
    pub writer: Writer,
    /// Held until the plan is applied.
    _locks: Locks,
}

/// The revisions that a plan is compared with.
#[derive(Clone, Copy, Default)]
pub struct Against<'b> {
    /// The revisions; what they protect stays protected in this run.
    pub bases: &'b [Base],
    /// Whether drift from the first one is left alone.
    pub skips_drift: bool,
}

impl Session {
    /// Makes a plan with a client that cannot write.
    pub async fn plan(&self, mut workspace: Workspace, against: Against<'_>) -> Result<Planned, Failure> {
        self.keep_known(&mut workspace, against.bases.first())?;
        let (connection, options) = self.connect(&workspace)?;
        let reader = Reader::new(options).with_memory(self.memory(&connection));
        // Where manifests are compared with other ones, too, more is told than what they want.
        let reads = if against.bases.is_empty() { self.options.reads } else { Reads::V1 };
        plan(workspace, connection, &reader, against, reads, &self.progress()).await
    }

    /// Makes a plan that is to be applied: every secret must be found. Waits for another apply of this user on this
    /// machine.
    pub async fn plan_to_write(
        &self,
        workspace: Workspace,
        against: Against<'_>,
        patience: Duration,
    ) -> Result<Planned, Failure> {
        self.require_trust("applied")?;
        workspace.require_secrets()?;
        // Nothing is read while another apply may change it.
        let mut locks = Locks::take(self, &workspace.desired, patience).await?;
        let (connection, options) = self.connect(&workspace)?;
        let writer = Writer::new(options);
        // What is written is read back without it.
        let reader = writer.reader().with_memory(self.memory(&connection));
        let desired = workspace.desired.clone();
        let planned = plan(workspace, connection, &reader, against, Reads::V1, &self.progress()).await?;
        locks.found(self, &desired, &planned.live).await?;
        Ok(Planned { permit: Some(Permit { writer, _locks: locks }), ..planned })
    }
}

async fn plan(
    mut workspace: Workspace,
    connection: Connection,
    reader: &Reader,
    against: Against<'_>,
    reads: Reads,
    progress: Progress<'_>,
) -> Result<Planned, Failure> {
    let api = connection.peer.origin.as_str();
    let observed = observe(reader, KINDS, &mut workspace.desired, Lookup::Cheapest, reads, progress).await;
    observed.fill_in(&mut workspace.desired);
    let Workspace { desired, vault, ignore: rules, .. } = &mut workspace;
    let ignored = ignore::leave(KINDS, desired, &observed.live, vault, rules);
    let matched: Vec<Matched> = against
        .bases
        .iter()
        .map(|base| workspace.matched(&as_live(&base.desired, &observed), Some(&observed.live)))
        .collect();
    let protected = keep_protected(&mut workspace, against.bases, &matched);
    let skipped = match matched.first().filter(|_| against.skips_drift) {
        Some(base) => skip_drift(&mut workspace, &observed, api, &base.desired),
        None => vec![],
    };
    let inputs = Inputs {
        registry: KINDS,
        api,
        desired: &workspace.desired,
        live: &observed.live,
        blocked: &observed.blocked,
        vault: &workspace.vault,
    };
    let mut plan = Plan { ignored, ..make(inputs) };
    for (name, text) in protected {
        if let Some(project) = plan.projects.get_mut(&name) {
            project.notes.push(Note { at: Address::of_project(&name), text, origin: None });
        }
    }
    connection.save()?;
    let live = observed.live;
    Ok(Planned { workspace, plan, live, skipped, matched, requests: vec![], connection, permit: None })
}

/// What another revision wants, with the live branches that its patterns match.
fn as_live(desired: &Desired, observed: &Observed) -> Desired {
    let mut desired = desired.clone();
    observed.expand(&mut desired);
    desired
}

/// A run that removes a protection does not yet do what it forbids: what a base protects is protected in this run, too.
/// Notes for which projects that holds, and why.
fn keep_protected(workspace: &mut Workspace, bases: &[Base], matched: &[Matched]) -> BTreeMap<String, String> {
    const LATER: &str = "changes that it forbids need a later run";
    let mut kept = BTreeMap::new();
    for (base, matched) in bases.iter().zip(matched) {
        let commit = short_id(&base.commit);
        for (name, project) in workspace.desired.projects.iter_mut().filter(|(_, project)| !project.protected) {
            let why = match matched.unprotected.get(name) {
                Some(document) => format!("stays protected in this run, as `{document}` is in {commit}: {LATER}"),
                None if base.whole => continue,
                None => format!("counts as protected in this run, because the protections of {commit} are unknown"),
            };
            project.protected = true;
            kept.insert(name.clone(), why);
        }
    }
    kept
}

impl Planned {
    /// Gives the run more time, such as somebody took to answer a question.
    pub fn extend(&self, by: Duration) {
        if let Some(permit) = &self.permit {
            permit.writer.extend(by);
        }
    }

    /// Why nothing is known of a project that was planned unread, because it is coming up.
    #[must_use]
    pub fn coming_up(&self, name: &str) -> Option<Problem> {
        let live = self.live.projects.get(name).filter(|live| live.status == Status::ComingUp);
        live.and_then(|_| self.workspace.desired.projects.get(name)).map(crate::observe::coming_up)
    }
}
