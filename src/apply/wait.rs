//! Waits for the effects of a write: polls, by the data in the plan.

use std::time::Duration;

use serde_json::Value;

use super::verdict::not_read_back;
use super::{Context, Event, Outcome};
use crate::api::{ApiError, Class};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::model::{Finding, LiveProject, Problem, ProjectRef, ReadCall, Status, Step, Wait};
use crate::observe;
use crate::plan::UP_WITHIN;

/// How soon a restart begins after the write that causes it: about a second was measured. Until then, "healthy" may still
/// mean the time before the restart.
const BEGINS_WITHIN: Duration = Duration::from_secs(5);

/// How long the schema of a new branch may take: 53 seconds were measured.
const SCHEMA_WITHIN: Duration = Duration::from_secs(90);

/// The pause between polls: from half a second up to five.
fn pause(round: u32) -> Duration {
    Duration::from_millis(u64::from(500 * (round + 1)).min(5000))
}

/// Waits until the effects of a step are settled.
pub(super) async fn settle(
    context: &Context<'_>,
    reference: &ProjectRef,
    step: &Step,
    wait: &Wait,
) -> Result<(), Outcome> {
    let begun_by = context.clock.now() + BEGINS_WITHIN;
    let (services, deadline) = match wait {
        Wait::Settled { read, until, healthy, deadline } => {
            (context.events)(Event::Waiting(step, "the change to take effect"));
            let read = ReadCall::get(read).param("ref", reference.as_str());
            let settled = |body: &Value| until.iter().all(|(pointer, value)| body.pointer(pointer) == Some(value));
            let waited = poll(context, &read, *deadline, "the change to take effect", settled).await;
            waited.map_err(|why| why.of_step(step))?;
            (*healthy, *deadline)
        }
        Wait::Healthy { services, deadline } => (*services, *deadline),
        Wait::Branch { name, deadline } => {
            return branch_with_schema(context, reference, step, name, *deadline)
                .await
                .map_err(|why| why.of_step(step));
        }
        // A creation has its own wait; what is outside, and what is not due, is looked for by the step itself.
        Wait::Up { .. } | Wait::Outside { .. } | Wait::Due => return Ok(()),
    };
    let tell = |what: &str| (context.events)(Event::Waiting(step, what));
    let waited = healthy(context, reference, services, deadline, begun_by, tell).await;
    waited.map_err(|why| why.of_step(step))
}

/// Why a wait ended without success.
enum Unsettled {
    /// It will not come any more.
    Failed(Problem),
    /// The effect may still come.
    Pending(Problem),
    /// It could no longer be read.
    Unseen(ApiError),
}

impl Unsettled {
    /// The outcome of the step that caused the wait.
    fn of_step(self, step: &Step) -> Outcome {
        match self {
            Self::Failed(problem) => Outcome::Failed(problem),
            Self::Pending(problem) => Outcome::Unknown(problem),
            Self::Unseen(why) => not_read_back(step, &why),
        }
    }
}

impl From<Unsettled> for Problem {
    fn from(why: Unsettled) -> Self {
        match why {
            Unsettled::Failed(problem) | Unsettled::Pending(problem) => problem,
            Unsettled::Unseen(why) => observe::blocked_by(&why, None),
        }
    }
}

/// Waits until services are healthy; before `begun_by`, "healthy" counts only after "unhealthy" was seen.
async fn healthy(
    context: &Context<'_>,
    reference: &ProjectRef,
    services: &[&str],
    deadline: u32,
    begun_by: Duration,
    tell: impl Fn(&str),
) -> Result<(), Unsettled> {
    if services.is_empty() {
        return Ok(());
    }
    let what = format!("{} to be healthy", services.join(", "));
    tell(&what);
    let health = ReadCall::get("/v1/projects/{ref}/health").param("ref", reference.as_str());
    let health = services.iter().fold(health, |read, service| read.query("services", *service));
    let mut begun = false;
    let healthy_again = |body: &Value| {
        let status = |item: &Value| item.get("status").and_then(Value::as_str) == Some("ACTIVE_HEALTHY");
        let healthy = body.as_array().is_some_and(|items| items.len() >= services.len() && items.iter().all(status));
        begun |= !healthy;
        healthy && (begun || context.clock.now() >= begun_by)
    };
    poll(context, &health, deadline, &what, healthy_again).await
}

async fn poll(
    context: &Context<'_>,
    read: &ReadCall,
    deadline: u32,
    what: &str,
    mut settled: impl FnMut(&Value) -> bool,
) -> Result<(), Unsettled> {
    let until = context.clock.now() + Duration::from_secs(u64::from(deadline));
    for round in 0.. {
        match context.writer.reader().read(read).await {
            Ok(answer) if settled(&answer.body) => return Ok(()),
            Ok(_) => {}
            // While a database restarts, endpoints that query it fail, so a failure means "not yet".
            Err(why) if matches!(why.class, Class::Server | Class::Unreadable | Class::Network) => {}
            Err(why) => return Err(Unsettled::Unseen(why)),
        }
        if context.clock.now() >= until {
            return Err(Unsettled::Pending(still_pending(what, deadline)));
        }
        context.writer.pause(pause(round)).await;
    }
    Ok(())
}

/// Waits until a branch is up, and then until its database has the schema of its project: until then it is empty, and
/// comparing the two would tell that all tables are to be dropped.
async fn branch_with_schema(
    context: &Context<'_>,
    parent: &ProjectRef,
    step: &Step,
    name: &str,
    deadline: u32,
) -> Result<(), Unsettled> {
    let schema_by = context.clock.now() + SCHEMA_WITHIN;
    (context.events)(Event::Waiting(step, "the branch to come up"));
    let branch = branch_up(context, parent, name, deadline).await?;
    (context.events)(Event::Waiting(step, "the branch to have its schema"));
    let history = ReadCall::get("/v1/projects/{ref}/database/migrations").param("ref", branch.as_str());
    for round in 0.. {
        // No other sign tells it: by its own status, a branch is ready before it has any table. Where the history cannot be
        // read, the time has to do.
        let has_history = match context.writer.reader().try_read(&history).await {
            Ok(answer) => answer.body.as_array().is_some_and(|rows| !rows.is_empty()),
            Err(why) if why.class == Class::Stopped || why.class == Class::Expired => {
                return Err(Unsettled::Unseen(why));
            }
            Err(_) => false,
        };
        if has_history || context.clock.now() >= schema_by {
            return Ok(());
        }
        context.writer.pause(pause(round)).await;
    }
    Ok(())
}

/// Waits until a branch is up; its ref.
async fn branch_up(
    context: &Context<'_>,
    parent: &ProjectRef,
    name: &str,
    deadline: u32,
) -> Result<ProjectRef, Unsettled> {
    let what = format!("the branch `{name}` to come up");
    let until = context.clock.now() + Duration::from_secs(u64::from(deadline));
    for round in 0.. {
        match observe::branches(context.writer.reader(), parent).await {
            Ok(branches) => {
                if let Some(branch) = branches.into_iter().find(|branch| branch.name == name) {
                    match Status::of(&branch.status) {
                        Status::Usable => return Ok(branch.reference),
                        Status::Failed(word) => return Err(Unsettled::Failed(branch_failed(name, &word))),
                        Status::ComingUp
                        | Status::Changing(_)
                        | Status::Paused
                        | Status::Parked
                        | Status::Absent
                        | Status::Created => {}
                    }
                }
            }
            Err(why) if matches!(why.class, Class::Server | Class::Unreadable | Class::Network) => {}
            Err(why) => return Err(Unsettled::Unseen(why)),
        }
        if context.clock.now() >= until {
            break;
        }
        context.writer.pause(pause(round)).await;
    }
    Err(Unsettled::Pending(still_pending(&what, deadline)))
}

fn branch_failed(name: &str, word: &str) -> Problem {
    Problem {
        finding: Finding {
            code: crate::diag::codes::plan::PROJECT_FAILED,
            message: format!("the branch `{name}` did not come up ({word})"),
            hints: vec![
                "Look at the branch in the dashboard; removed from the manifest and added again, it is made anew."
                    .to_owned(),
            ],
            origin: None,
        },
        exit: Exit::Failed,
    }
}

fn still_pending(what: &str, deadline: u32) -> Problem {
    Problem {
        finding: Finding {
            code: codes::STILL_PENDING,
            message: format!("waited {deadline} s for {what}, and it is still pending"),
            hints: vec!["It may still end well: run plan in a few minutes.".to_owned()],
            origin: None,
        },
        exit: Exit::Attention,
    }
}

/// Waits until a project is up, and then until the services that its changes need are healthy.
pub(super) async fn until_up(
    context: &Context<'_>,
    project: &str,
    of: (&ProjectRef, Option<&ProjectRef>),
    services: &[&str],
) -> Result<LiveProject, Problem> {
    let tell = |what: &str| (context.events)(Event::ProjectWaiting(project, what));
    tell("the project to come up");
    let live = until_usable(context, of).await?;
    healthy(context, of.0, services, UP_WITHIN, context.clock.now(), tell).await?;
    Ok(live)
}

async fn until_usable(
    context: &Context<'_>,
    (reference, parent): (&ProjectRef, Option<&ProjectRef>),
) -> Result<LiveProject, Problem> {
    let until = context.clock.now() + Duration::from_secs(u64::from(UP_WITHIN));
    for round in 0.. {
        let live = match parent {
            Some(parent) => observe::status_of_branch(context.writer.reader(), parent, reference).await,
            None => observe::status_of(context.writer.reader(), reference).await,
        };
        let live = live.map_err(|why| observe::blocked_by(&why, None))?;
        match &live.status {
            Status::Usable => return Ok(live),
            Status::Failed(word) => {
                return Err(Problem {
                    finding: Finding {
                        code: crate::diag::codes::plan::PROJECT_FAILED,
                        message: format!("the project did not come up ({word})"),
                        hints: vec!["Look at the project in the dashboard.".to_owned()],
                        origin: None,
                    },
                    exit: Exit::Failed,
                });
            }
            Status::ComingUp
            | Status::Changing(_)
            | Status::Paused
            | Status::Parked
            | Status::Absent
            | Status::Created => {}
        }
        if context.clock.now() >= until {
            return Err(still_pending("the project to come up", UP_WITHIN));
        }
        context.writer.pause(pause(round)).await;
    }
    Err(still_pending("the project to come up", UP_WITHIN))
}
