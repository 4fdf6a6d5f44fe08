//! What a run cannot do by itself: it waits a little, and leaves the rest to the next run.

use std::time::Duration;

use super::verdict::{finding, not_read_back};
use super::work::{Ended, Work};
use super::{Event, Outcome};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::model::{Answer, Awaited, Finding, LiveKind, Step};
use crate::observe::{Fresh, Unread};

/// How long a run waits for what comes by itself.
const SOON: Duration = Duration::from_secs(90);

/// The pause between two looks: the routes that this is about take ten requests a minute.
const PAUSE: Duration = Duration::from_secs(10);

/// What the next run does.
const GOES_ON: &str = "Then run apply again: it goes on from there.";

/// Sends the call, and tries it again for a while where the answer is "not yet".
pub(super) async fn patiently(work: &Work<'_>, before: &Fresh) -> Ended<Option<Answer>> {
    let patience = work.step.answers.not_yet.map_or(0, |(_, patience)| patience);
    let until = work.context.clock.now() + Duration::from_secs(u64::from(patience));
    loop {
        match work.send(before).await {
            Err(outcome) if matches!(*outcome, Outcome::Waiting(_)) => {
                if work.context.clock.now() >= until || work.context.writer.is_stopped() {
                    return Err(outcome);
                }
                (work.context.events)(Event::Waiting(work.step, "the API to be ready for it"));
                work.context.turn.without(work.context.writer.pause(PAUSE)).await;
            }
            ended => return ended,
        }
    }
}

/// Checks that it is time for the step.
pub(super) fn due(work: &Work<'_>, before: &Fresh) -> Ended<()> {
    match awaited(work, &before.live).as_slice() {
        [] => Ok(()),
        left => Err(Box::new(Outcome::Waiting(told(work.step, left).ends(Exit::Attention)))),
    }
}

/// Waits until nothing is awaited any more, as long as that is of use.
pub(super) async fn until_there(work: &Work<'_>, before: &Fresh, patience: u32) -> Ended<()> {
    // Where the plan does not wait, there is nothing yet that somebody could have done.
    let asked_for = work.context.outside.filter(|_| patience > 0);
    let patience = asked_for.unwrap_or(Duration::from_secs(u64::from(patience)));
    let begun = work.context.clock.now();
    let first = todo(&awaited(work, &before.live));
    let mut asked = begun;
    loop {
        let now = work.look().await.map_err(|why| match why {
            Unread::Api(why) => Box::new(not_read_back(work.step, &why)),
            Unread::Unclear(found) => Box::new(Outcome::Failed(*found)),
        })?;
        let left = awaited(work, &now);
        if left.is_empty() {
            return Ok(());
        }
        let is_soon = left.iter().any(|it| it.soon);
        // What was renewed a moment ago, nobody can have done yet.
        let renewed = !first.is_empty() && todo(&left).iter().any(|line| !first.contains(line));
        let enough = match is_soon {
            true => patience.max(SOON),
            false if renewed => Duration::ZERO,
            false => patience,
        };
        let over = work.context.clock.now() >= begun + enough;
        if over || work.context.writer.is_stopped() {
            return Err(Box::new(Outcome::Waiting(told(work.step, &left).ends(Exit::Attention))));
        }
        let what = if is_soon { "Supabase to be ready" } else { "what is done outside to be seen" };
        (work.context.events)(Event::Waiting(work.step, what));
        work.context.writer.pause(PAUSE).await;
        if left.iter().any(|it| it.ask_again) && work.context.clock.now() >= asked + 2 * PAUSE {
            asked = work.context.clock.now();
            work.send(before).await?;
        }
    }
}

/// What is awaited of that which the step is about, and holds something up.
fn awaited(work: &Work<'_>, live: &LiveKind) -> Vec<Awaited> {
    let mut all = work.kind.awaited(work.project, &work.section, live);
    let touches = |it: &Awaited| it.at == work.step.at || work.step.changes.iter().any(|change| change.at == it.at);
    all.retain(|it| !it.holds.is_empty() && touches(it));
    all
}

fn todo(awaited: &[Awaited]) -> Vec<String> {
    awaited.iter().flat_map(|it| it.todo.clone()).collect()
}

/// The finding that says what is awaited, and what to do.
fn told(step: &Step, left: &[Awaited]) -> Finding {
    let texts: Vec<&str> = left.iter().map(|it| it.text.as_str()).collect();
    let mut told = finding(step, codes::AWAITED, texts.join("; "));
    told.origin = told.origin.or_else(|| left.first()?.origin.clone());
    let hints = todo(left).into_iter().chain([GOES_ON.to_owned()]);
    hints.fold(told, Finding::hint)
}
