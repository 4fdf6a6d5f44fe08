//! Steps of a collection whose items stand for themselves: sent one after the other on one read, and read back at once.

use std::time::Duration;

use super::outside;
use super::step::Read;
use super::work::{Ended, Work, touched};
use crate::model::{Answer, Body, LiveKind, Step};
use crate::observe::{Fresh, Unread};
use crate::schema::ReadBack;

/// How long a read is taken for what is live: what is sent later is read again for.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// Steps that were sent and not read back yet.
pub(super) struct Together<'a> {
    sent: Vec<(Work<'a>, Option<Answer>)>,
    before: Fresh,
    good_until: Duration,
}

/// How steps ended: each with its notes, or its outcome.
pub(super) type Ends<'a> = Vec<(&'a Step, Ended<Vec<String>>)>;

impl<'a> Together<'a> {
    /// Whether what comes of a step may be read together with what comes of others.
    pub(super) fn suits(work: &Work<'_>) -> bool {
        let step = work.step;
        // What is laid over a read needs one of its own.
        let stands_alone = !matches!(step.call.body, Body::Overlay { .. });
        work.kind.info().read_back == ReadBack::Together
            && stands_alone
            && step.wait.is_none()
            && !step.changes.is_empty()
    }

    /// Begins with the step of `work`; `seen` is what was read a moment ago, where nothing was sent since.
    pub(super) async fn begin(work: &Work<'_>, seen: Option<LiveKind>) -> Ended<Self> {
        let good_until = work.context.clock.now() + GOOD_FOR;
        let before = match seen {
            Some(live) => live.into(),
            None => work.readable(work.listed().await)?,
        };
        Ok(Self { sent: vec![], before, good_until })
    }

    /// Whether the step of `work` belongs to the steps before it.
    pub(super) fn takes(&self, work: &Work<'_>) -> bool {
        let same = self.sent.first().is_none_or(|(first, _)| first.step.at == work.step.at);
        same && work.context.clock.now() < self.good_until && Self::suits(work)
    }

    /// Sends a step, unless somebody has changed what it touches.
    pub(super) async fn send(&mut self, work: Work<'a>, planned_on: &LiveKind) -> Ended<()> {
        work.readable(work.in_detail(&mut self.before.live).await)?;
        work.unmoved(planned_on, &self.before.live)?;
        let answer = outside::patiently(&work, &self.before).await?;
        self.sent.push((work, answer));
        Ok(())
    }

    /// Reads what was written, and gives what is live then, where one read has shown it.
    pub(super) async fn read_back(self) -> (Ends<'a>, Option<LiveKind>) {
        let Some((first, _)) = self.sent.first() else { return (vec![], Some(self.before.live)) };
        let all = Work {
            touched: touched(&first.section, self.sent.iter().map(|(work, _)| work.step)),
            section: first.section.clone(),
            ..*first
        };
        let until = all.visible_by();
        loop {
            let now = match all.look().await {
                Ok(now) => now,
                Err(Unread::Unclear(_)) if self.sent.len() > 1 => return (self.read_back_apart().await, None),
                Err(why) => {
                    let failed = |(work, answer): &(Work<'a>, Option<Answer>)| {
                        (work.step, Err(Box::new(work.not_readable(&why, answer.as_ref()))))
                    };
                    return (self.sent.iter().map(failed).collect(), None);
                }
            };
            let is_late = all.context.clock.now() >= until;
            let shown = |(work, answer): &(Work<'a>, Option<Answer>)| {
                work.shows(&self.before.live, &now, answer.as_ref().filter(|_| is_late))
            };
            let reads: Vec<Option<Read>> = self.sent.iter().map(shown).collect();
            if !is_late && reads.iter().any(Option::is_none) {
                all.context.writer.pause(Duration::from_secs(1)).await;
                continue;
            }
            // What an answer alone shows, the next step has to look for.
            let is_seen = !reads.iter().any(|read| matches!(read, Some(Read::Believed(_))));
            let ended = |((work, _), read): (&(Work<'a>, Option<Answer>), Option<Read>)| {
                let read = read.unwrap_or_else(|| Read::Otherwise(work.remaining(&now)));
                (work.step, work.judged(read).map(|(notes, _)| notes))
            };
            let ends = self.sent.iter().zip(reads).map(ended).collect();
            return (ends, is_seen.then_some(now));
        }
    }

    /// Reads for each step by itself, with the names of its own items only: it is told whose items cannot be told apart.
    async fn read_back_apart(self) -> Ends<'a> {
        let mut ends = vec![];
        for (work, answer) in self.sent {
            let alone = Work { section: work.touched.clone(), ..work };
            let read = alone.read_back(&self.before.live, answer.as_ref()).await;
            ends.push((alone.step, read.and_then(|(read, _)| alone.judged(read)).map(|(notes, _)| notes)));
        }
        ends
    }
}
