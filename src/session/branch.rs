//! What is done with a branch at once, not as a state: merged, pushed, reset, restored; with what that would change, and watched
//! until it is done.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::look::unread;
use super::peer::Connection;
use super::start::Session;
use super::workspace::Workspace;
use crate::api::{ApiError, Class, SendError, Writer};
use crate::clock::Clock;
use crate::diag::codes::{plan as plans, run as codes};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::{Body, Branch, BranchOf, Call, Method, Param, ProjectRef, ReadCall, Repeat, Status};
use crate::observe::{self, Lookup, Reads};

/// How long what is done with a branch may take, in seconds: it is visible after 56 at most, as was measured; runs of a repository take longer.
const WITHIN: u64 = 600;

/// How long the schema of a new branch may take, in seconds.
const SCHEMA_WITHIN: u64 = 90;

/// What can be done with a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchAction {
    /// Its migrations are applied to the project.
    Merge,
    /// Newer migrations of the project are applied to it.
    Push,
    /// Its database is made anew.
    Reset,
    /// Its scheduled deletion is taken back.
    Restore,
}

impl BranchAction {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Push => "push",
            Self::Reset => "reset",
            Self::Restore => "restore",
        }
    }

    const fn template(self) -> &'static str {
        match self {
            Self::Merge => "/v1/branches/{branch_id_or_ref}/merge",
            Self::Push => "/v1/branches/{branch_id_or_ref}/push",
            Self::Reset => "/v1/branches/{branch_id_or_ref}/reset",
            Self::Restore => "/v1/branches/{branch_id_or_ref}/restore",
        }
    }
}

/// A live branch, and what is needed to work on it.
pub struct BranchAtWork {
    /// The address: `acme-prod/branches/staging`.
    pub address: String,
    /// The branch, as its project's list shows it.
    pub branch: Branch,
    /// Whether its project is `protected: true`, or its own document is.
    pub protected: bool,
    parent: ProjectRef,
    connection: Connection,
    writer: Writer,
}

/// What an action would change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BranchChanges {
    /// The migrations that would be applied, by version and name.
    pub missing: Vec<String>,
    /// The difference of the schemas as SQL, where the API tells it.
    pub diff: Option<String>,
    /// Whether the branch has no history of migrations: a new one has no schema yet, and is told to lack all tables.
    pub is_empty: bool,
}

impl Session {
    /// Finds a live branch by its address, `PROJECT/branches/NAME`, or by the name of its document.
    ///
    /// # Errors
    /// When there is no such document, project or branch.
    pub async fn branch(&self, workspace: &Workspace, address: &str) -> Result<BranchAtWork, Failure> {
        let of = meant(workspace, address)?;
        let parent = workspace.project(&of.project)?;
        let (connection, options) = self.connect(workspace)?;
        let writer = Writer::new(options);
        let mut desired = workspace.desired.clone();
        desired.previews.clear();
        desired.projects.retain(|name, _| *name == of.project);
        desired.projects.values_mut().for_each(|project| project.sections.clear());
        let observed =
            observe::observe(writer.reader(), KINDS, &mut desired, Lookup::Cheapest, Reads::V1, &self.progress()).await;
        if let Some(failure) = unread(&of.project, &observed, &workspace.sources) {
            return Err(failure);
        }
        let reference = observed.live.projects.get(&of.project).and_then(|live| live.reference.clone());
        let none = || {
            let message = format!("`{}` has no branch `{}`", of.project, of.branch);
            let hint = "The names of branches are those of the dashboard; the default branch is the project itself.";
            Failure::with_hint(Exit::Failed, plans::NO_BRANCH, message, hint)
        };
        let parent_ref = reference.ok_or_else(none)?;
        let branches = observe::branches(writer.reader(), &parent_ref).await.map_err(|why| refused(&why))?;
        let branch = branches.into_iter().find(|it| it.name == of.branch && !it.is_default).ok_or_else(none)?;
        let described = workspace.desired.projects.values().any(|project| {
            project.protected
                && project.branch_of.as_ref().is_some_and(|own| own.project == of.project && own.branch == of.branch)
        });
        let protected = parent.protected || described;
        let address = format!("{}/branches/{}", of.project, of.branch);
        Ok(BranchAtWork { address, branch, protected, parent: parent_ref, connection, writer })
    }
}

/// The branch that an address means.
fn meant(workspace: &Workspace, address: &str) -> Result<BranchOf, Failure> {
    if let Some((project, branch)) = address.split_once("/branches/").filter(|(_, branch)| !branch.is_empty()) {
        let origin = workspace.project(project)?.origin();
        return Ok(BranchOf { project: project.to_owned(), branch: branch.to_owned(), origin });
    }
    let document = workspace.project(address)?;
    document.branch_of.clone().ok_or_else(|| {
        let message = format!("`{address}` is a project, not a branch");
        let hint = format!("Name a branch as `{address}/branches/NAME`, or a document that has `branch_of:`.");
        Failure::with_hint(Exit::Invalid, codes::NO_SUCH_PROJECT, message, hint)
    })
}

fn refused(why: &ApiError) -> Failure {
    observe::blocked_by(why, None).failure()
}

impl BranchAtWork {
    /// What an action would change.
    ///
    /// # Errors
    /// When the API refuses or answers in a form that is not understood.
    pub async fn changes(&self, action: Option<BranchAction>) -> Result<BranchChanges, Failure> {
        let own = self.history(&self.branch.reference).await.map_err(|why| refused(&why))?;
        let theirs = self.history(&self.parent).await.map_err(|why| refused(&why))?;
        let lacks = |all: &[(String, String)], there: &[(String, String)]| -> Vec<String> {
            let is_there = |version: &str| there.iter().any(|(other, _)| other == version);
            all.iter().filter(|(version, _)| !is_there(version)).map(|(version, name)| told(version, name)).collect()
        };
        let missing = match action {
            None | Some(BranchAction::Merge) => lacks(&own, &theirs),
            Some(BranchAction::Push) => lacks(&theirs, &own),
            Some(BranchAction::Reset | BranchAction::Restore) => vec![],
        };
        let diff = if matches!(action, None | Some(BranchAction::Merge)) { self.diff().await? } else { None };
        Ok(BranchChanges { missing, diff, is_empty: own.is_empty() && !self.has_schema().await })
    }

    /// The difference of the schemas; nothing where the token may not ask for it, which needs the permission to write.
    async fn diff(&self) -> Result<Option<String>, Failure> {
        let read = ReadCall::get("/v1/branches/{branch_id_or_ref}/diff");
        let read = read.param("branch_id_or_ref", self.branch.reference.as_str());
        match self.writer.reader().read(&read).await {
            Ok(answer) => Ok(answer.body.as_str().map(str::to_owned)),
            Err(why) if why.class == Class::Permission => Ok(None),
            Err(why) => Err(refused(&why)),
        }
    }

    /// The rows of a history but the one that a branch gets with its schema.
    async fn history(&self, reference: &ProjectRef) -> Result<Vec<(String, String)>, ApiError> {
        let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = self.rows(reference).await?;
        let all = rows.iter().map(|row| (text(row, "version"), text(row, "name")));
        Ok(all.filter(|(_, name)| name != SCHEMA).collect())
    }

    async fn rows(&self, reference: &ProjectRef) -> Result<Vec<Value>, ApiError> {
        let read = ReadCall::get("/v1/projects/{ref}/database/migrations").param("ref", reference.as_str());
        let answer = self.writer.reader().read(&read).await?;
        let rows = answer.body.as_array().cloned();
        rows.ok_or_else(|| ApiError::unreadable(Some(read.as_call()), "a list of migrations was expected"))
    }

    async fn has_schema(&self) -> bool {
        self.rows(&self.branch.reference).await.is_ok_and(|rows| !rows.is_empty())
    }

    /// Sends an action once, and waits until it is done; `tell` is told for what.
    ///
    /// # Errors
    /// When the API refuses, when a step of the run dies, or when it is not done in time.
    pub async fn act(&self, action: BranchAction, missing: usize, tell: &(dyn Fn(&str) + Sync)) -> Result<(), Failure> {
        let call = Call::new(Method::Post, action.template(), Repeat::OnceOnly);
        let call = call.param("branch_id_or_ref", Param::Known(self.branch.reference.to_string()));
        let call = if action == BranchAction::Restore { call } else { call.body(Body::json(json!({}))) };
        let run = match self.writer.send(&call, None).await {
            Ok(answer) => answer.body.get("workflow_run_id").and_then(Value::as_str).map(str::to_owned),
            Err(SendError::Api(why)) => return Err(refused(&why)),
            Err(SendError::Unknown(why)) => {
                let message = format!("whether {} took effect is not known: {why}", call.operation);
                let hint = format!("`supaform branch wait {}` watches it; nothing is sent twice.", self.address);
                return Err(Failure::with_hint(Exit::Attention, codes::FATE_UNKNOWN, message, hint));
            }
            Err(SendError::Unresolved(_)) => None,
        };
        let what = format!("`{}` to be done with `{}`", action.word(), self.branch.name);
        tell(&what);
        let goal = async |waited: u64| match action {
            BranchAction::Merge | BranchAction::Push => self.changes_left(action).await == Some(0) && missing > 0,
            BranchAction::Reset => waited >= SCHEMA_WITHIN && self.has_schema().await,
            BranchAction::Restore => self.seen().await.is_some_and(|branch| !branch.is_leaving),
        };
        let ended = self.watch(run.as_deref(), goal, &what).await;
        self.connection.save()?;
        ended
    }

    async fn changes_left(&self, action: BranchAction) -> Option<usize> {
        let own = self.history(&self.branch.reference).await.ok()?;
        let theirs = self.history(&self.parent).await.ok()?;
        let (from, to) = if action == BranchAction::Merge { (own, theirs) } else { (theirs, own) };
        Some(from.iter().filter(|row| !to.iter().any(|other| other.0 == row.0)).count())
    }

    async fn seen(&self) -> Option<Branch> {
        let all = observe::branches(self.writer.reader(), &self.parent).await.ok()?;
        all.into_iter().find(|branch| branch.reference == self.branch.reference)
    }

    /// Waits until the branch is up and has its schema, and until its last run has ended.
    ///
    /// # Errors
    /// When it does not come up, or its last run has failed.
    pub async fn wait(&self, tell: &(dyn Fn(&str) + Sync)) -> Result<(), Failure> {
        let what = format!("the branch `{}` to be ready", self.branch.name);
        tell(&what);
        let run = self.last_run().await;
        let goal = async |waited: u64| {
            let is_up = self.seen().await.is_some_and(|branch| Status::of(&branch.status) == Status::Usable);
            let is_idle = match &run {
                Some(run) => matches!(self.state_of(run).await, RunState::Done | RunState::Unknown),
                None => true,
            };
            is_up && is_idle && (waited >= SCHEMA_WITHIN || self.has_schema().await)
        };
        let ended = self.watch(run.as_deref(), goal, &what).await;
        self.connection.save()?;
        ended
    }

    /// Polls until the goal is reached. A step of the run that has died is a failure, whatever the branch's own status says: that is
    /// known to tell of success before anything was done.
    async fn watch(&self, run: Option<&str>, goal: impl AsyncFn(u64) -> bool, what: &str) -> Result<(), Failure> {
        let clock: &Arc<dyn Clock> = &self.connection.peer.clock;
        let began = clock.now();
        for round in 0_u32.. {
            let waited = clock.now().saturating_sub(began).as_secs();
            let state = match run {
                Some(run) => self.state_of(run).await,
                None => RunState::Unknown,
            };
            match state {
                RunState::Dead(step) => {
                    let message = format!("the step `{step}` of the run {} failed", run.unwrap_or_default());
                    let hint = "Its log is in the dashboard, among the branch's runs.";
                    return Err(Failure::with_hint(Exit::Failed, codes::RUN_FAILED, message, hint));
                }
                RunState::Done | RunState::Going | RunState::Unknown if goal(waited).await => return Ok(()),
                RunState::Done | RunState::Going | RunState::Unknown => {}
            }
            if let Some(branch) = self.seen().await
                && let Status::Failed(word) = Status::of(&branch.status)
            {
                let message = format!("the branch `{}` is down ({word})", branch.name);
                return Err(Failure::new(Exit::Failed, plans::PROJECT_FAILED, message));
            }
            if waited >= WITHIN || self.writer.is_stopped() {
                break;
            }
            self.writer.pause(Duration::from_millis(u64::from(500 * (round + 1)).min(5000))).await;
        }
        let message = format!("waited for {what}, and it is still pending");
        let hint = format!("It may still end well: `supaform branch wait {}` goes on.", self.address);
        Err(Failure::with_hint(Exit::Attention, codes::STILL_PENDING, message, hint))
    }

    async fn last_run(&self) -> Option<String> {
        let read = ReadCall::get("/v1/projects/{ref}/actions").param("ref", self.branch.reference.as_str());
        let answer = self.writer.reader().try_read(&read).await.ok()?;
        let newest = |run: &&Value| run.get("created_at").and_then(Value::as_str).map(str::to_owned);
        answer.body.as_array()?.iter().max_by_key(newest)?.get("id")?.as_str().map(str::to_owned)
    }

    async fn state_of(&self, run: &str) -> RunState {
        for of in [&self.branch.reference, &self.parent] {
            let read = ReadCall::get("/v1/projects/{ref}/actions/{run_id}").param("ref", of.as_str());
            if let Ok(answer) = self.writer.reader().try_read(&read.param("run_id", run)).await {
                return RunState::of(&answer.body);
            }
        }
        RunState::Unknown
    }
}

/// The row of the history that a branch gets with its schema.
const SCHEMA: &str = "remote_schema";

fn told(version: &str, name: &str) -> String {
    if name.is_empty() { version.to_owned() } else { format!("{version}  {name}") }
}

/// How far a run is.
enum RunState {
    Going,
    /// All steps have ended; `configure` may be paused for good.
    Done,
    /// At this step.
    Dead(String),
    /// It cannot be read.
    Unknown,
}

impl RunState {
    fn of(run: &Value) -> Self {
        let Some(steps) = run.get("run_steps").and_then(Value::as_array) else { return Self::Unknown };
        let text = |step: &Value, key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(step) = steps.iter().find(|step| text(step, "status") == "DEAD") {
            return Self::Dead(text(step, "name"));
        }
        let has_ended = |step: &Value| {
            let status = text(step, "status");
            status == "EXITED" || status == "PAUSED" && text(step, "name") == "configure"
        };
        if steps.iter().all(has_ended) { Self::Done } else { Self::Going }
    }
}
