//! One step: read again, send, wait, read back.

use std::time::Duration;

use serde_json::Value;

use super::verdict::{finding, made_twice, more_to_do, not_read_back};
use super::work::{Ended, SENDS, Work, raw};
use super::{Outcome, outside, wait};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::model::{Action, Address, Answer, Change, DisplayValue, Finding, LiveKind, Problem, Repeat, Wait};
use crate::observe::{Fresh, Unread};
use crate::schema::{FieldPath, ReadBack};

/// What a step that was done noticed, and what is live then.
pub(super) struct Seen {
    pub(super) notes: Vec<String>,
    pub(super) live: LiveKind,
}

/// The note of a step that had nothing to do.
pub(super) const WAS_SO: &str = "was so already";

/// The note of an upload that is live, and that the API does not count.
const NOT_COUNTED: &str = "it is as wanted, and its version did not rise: somebody may have deployed at the same time";

/// What a read after a write shows.
pub(super) enum Read {
    /// It is as wanted, with notes.
    AsWanted(Vec<String>),
    /// The list shows what was before, and the answer to the write what is wanted: what is live by both.
    Believed(LiveKind),
    /// What still differs.
    Otherwise(Vec<Change>),
}

impl Work<'_> {
    /// Runs the step; `planned_on` is what was live when it was planned, where anything was known of the project, and `seen` is
    /// what was read a moment ago, where nothing was sent since.
    pub(super) async fn run(&self, planned_on: Option<&LiveKind>, seen: Option<LiveKind>) -> Ended<Seen> {
        let mut before = self.before(seen).await?;
        let Some(planned_on) = planned_on else {
            self.readable(self.closely(&mut before.live).await)?;
            return self.run_unseen(before).await;
        };
        self.unmoved(planned_on, &before.live)?;
        self.carry_out(&before).await
    }

    /// What is live before the step.
    pub(super) async fn before(&self, seen: Option<LiveKind>) -> Ended<Fresh> {
        let Some(live) = seen else { return self.readable(self.fresh().await) };
        let mut fresh = Fresh::from(live);
        self.readable(self.in_detail(&mut fresh.live).await)?;
        Ok(fresh)
    }

    /// Checks that nobody has changed what the step touches.
    pub(super) fn unmoved(&self, planned_on: &LiveKind, now: &LiveKind) -> Ended<()> {
        self.moved(planned_on, now).map_or(Ok(()), |moved| Err(Box::new(Outcome::Stale(moved))))
    }

    /// All of a project that was not up was planned as new: only what differs is sent.
    async fn run_unseen(&self, before: Fresh) -> Ended<Seen> {
        let left = self.remaining(&before.live);
        if left.is_empty() {
            return Ok(Seen { notes: vec![WAS_SO.to_owned()], live: before.live });
        }
        if let Some(there) = self.is_there_already(&left) {
            return Err(Box::new(Outcome::Stale(there)));
        }
        let step = self.step.clone().narrowed(&left);
        let (section, touched) = (self.section.clone(), self.touched.clone());
        Work { step: &step, section, touched, ..*self }.carry_out(&before).await
    }

    async fn carry_out(&self, before: &Fresh) -> Ended<Seen> {
        if self.step.wait == Some(Wait::Due) {
            outside::due(self, before)?;
        }
        for attempt in 1.. {
            let answer = outside::patiently(self, before).await?;
            match &self.step.wait {
                Some(Wait::Outside { patience }) => {
                    self.context.turn.without(outside::until_there(self, before, *patience)).await?;
                }
                Some(wait) => {
                    let settling = wait::settle(self.context, self.reference, self.step, wait);
                    self.context.turn.without(settling).await.map_err(Box::new)?;
                }
                None => {}
            }
            let (read, now) = self.read_back(&before.live, answer.as_ref()).await?;
            // Sending it again is safe, because every value in it is the whole of what it sets.
            if matches!(read, Read::Otherwise(_))
                && self.kind.info().read_back == ReadBack::MayBeLost
                && attempt < SENDS
            {
                continue;
            }
            let mut seen = self.seen(read, now)?;
            if attempt > 1 {
                seen.notes.push(format!("sent {attempt} times: the API accepted it and lost it"));
            }
            return Ok(seen);
        }
        Err(Box::new(Outcome::Stopped))
    }

    /// The end of the step by what was read after its write.
    fn seen(&self, read: Read, now: LiveKind) -> Ended<Seen> {
        let (notes, live) = self.judged(read).map(|(notes, believed)| (notes, believed.unwrap_or(now)))?;
        Ok(Seen { notes, live })
    }

    /// The notes of a step by what was read after its write, and what is live where that is not what was read.
    pub(super) fn judged(&self, read: Read) -> Ended<(Vec<String>, Option<LiveKind>)> {
        let note = "the answer to the write has it; the list still shows what was before";
        match read {
            Read::AsWanted(notes) => Ok((notes, None)),
            Read::Believed(live) => Ok((vec![note.to_owned()], Some(live))),
            Read::Otherwise(left) => Err(Box::new(Outcome::Failed(self.did_not_take(&left)))),
        }
    }

    /// Reads what was written until it is as wanted; what never is did not take. After a creation this also shows whether
    /// somebody else made another at the same time.
    pub(super) async fn read_back(&self, before: &LiveKind, answer: Option<&Answer>) -> Ended<(Read, LiveKind)> {
        let until = self.visible_by();
        loop {
            let now = self.look_closely().await.map_err(|why| Box::new(self.not_readable(&why, answer)))?;
            let is_late = self.context.clock.now() >= until;
            if let Some(read) = self.shows(before, &now, answer.filter(|_| is_late)) {
                return Ok((read, now));
            }
            if matches!(self.step.wait, Some(Wait::Outside { .. })) {
                return Err(Box::new(more_to_do(self.step)));
            }
            if is_late {
                let left = self.remaining(&now);
                let is_live = left.is_empty();
                let read = if is_live { Read::AsWanted(vec![NOT_COUNTED.to_owned()]) } else { Read::Otherwise(left) };
                return Ok((read, now));
            }
            self.context.writer.pause(Duration::from_secs(1)).await;
        }
    }

    /// What is known of a write by what is live after it, and by its answer where the list is not to be waited for any longer;
    /// `None` as long as it is not as wanted.
    pub(super) fn shows(&self, before: &LiveKind, now: &LiveKind, answer: Option<&Answer>) -> Option<Read> {
        let left = self.remaining(now);
        if left.is_empty() {
            return (!self.is_underway(before, now)).then(|| Read::AsWanted(self.side_effects(before, now)));
        }
        if matches!(self.step.wait, Some(Wait::Outside { .. })) {
            return None;
        }
        let incomparable = incomparable(&left, before, now).map(Read::AsWanted);
        incomparable.or_else(|| self.believed(answer?, now).map(Read::Believed))
    }

    /// The end of a step that was sent, where the read after it failed.
    pub(super) fn not_readable(&self, why: &Unread, answer: Option<&Answer>) -> Outcome {
        match why {
            Unread::Api(why) => not_read_back(self.step, why),
            Unread::Unclear(found) if self.step.call.repeat == Repeat::OnceOnly => {
                let ours = answer.and_then(|answer| answer.body.get("id")).and_then(Value::as_str);
                made_twice(self.step, &found.finding.message, ours)
            }
            Unread::Unclear(blocked) => Outcome::Failed((**blocked).clone()),
        }
    }

    /// Changes that came along with the write although no manifest manages them.
    fn side_effects(&self, before: &LiveKind, now: &LiveKind) -> Vec<String> {
        let (LiveKind::Settings(before), LiveKind::Settings(now)) = (before, now) else { return vec![] };
        let ours =
            |name: &str| self.step.changes.iter().flat_map(|change| &change.fields).any(|diff| diff.name() == name);
        // A row that stands for another field of the API changes with that field.
        let rows = self.kind.info().all_fields().filter(|row| row.api_name.is_none());
        let known = rows.flat_map(FieldPath::leaves).filter(|path| !ours(path.name())).filter_map(|path| {
            let (was, is) = (path.get(before).unwrap_or(&Value::Null), path.get(now)?);
            let shown = if path.row().is_secret() { String::new() } else { format!(": {was} → {is}") };
            (was != is).then(|| format!("{} changed along with it{shown} (not managed)", path.name()))
        });
        let info = self.kind.info();
        let unknown = now.iter().filter(|(name, value)| {
            let told = info.field(name).is_none() && !info.read_only.contains(&name.as_str());
            told && !ours(name) && before.get(*name) != Some(*value)
        });
        known.chain(unknown.map(|(name, _)| format!("{name} changed along with it (not managed)"))).collect()
    }

    /// An item that was to be created exists, with other values: creating it would make a second one.
    fn is_there_already(&self, left: &[Change]) -> Option<Problem> {
        let made = |at: &Address| self.step.changes.iter().any(|it| it.at == *at && it.action == Action::Create);
        let there = left.iter().find(|change| change.action == Action::Update && made(&change.at))?;
        let message =
            format!("`{}` exists already, with other values than the desired ones; nothing was sent", there.at);
        let hint = "Run plan again: now that the project is up, it shows what differs.";
        Some(Finding::new(codes::STALE, message).hint(hint).at(there.origin.as_ref()).ends(Exit::Stale))
    }

    fn did_not_take(&self, left: &[Change]) -> Problem {
        let names: Vec<_> = left
            .iter()
            .flat_map(|change| {
                let bare = change.fields.is_empty().then(|| change.at.to_string());
                bare.into_iter().chain(change.fields.iter().map(|diff| diff.name().to_owned()))
            })
            .map(|name| format!("`{name}`"))
            .collect();
        let may_be_lost = self.kind.info().read_back == ReadBack::MayBeLost;
        let is_lost = may_be_lost && left.iter().all(|change| change.action != Action::Update);
        let shown = if is_lost {
            "what it asks for does not last".to_owned()
        } else {
            format!("reading it back shows another value in {}", names.join(", "))
        };
        let message = format!("the API accepted {}, but {shown}", self.step.call.operation);
        let hint = if is_lost {
            "The API loses what is written at the same time: wait until nobody else writes, then apply again."
        } else {
            "The API ignores or rewrites the value. Look at it in the dashboard, then write that value into the manifest, or stop managing the field."
        };
        let mut finding = finding(self.step, codes::DID_NOT_TAKE, message).hint(hint);
        let origin = left.iter().flat_map(|change| &change.fields).find_map(|diff| diff.origin.clone());
        finding.origin = origin.or(finding.origin);
        finding.ends(Exit::Failed)
    }
}

/// Digests that changed with our write, but not to the expected value: the API computes them in an unknown way.
fn incomparable(left: &[Change], before: &LiveKind, now: &LiveKind) -> Option<Vec<String>> {
    let mut notes = vec![];
    for change in left {
        for field in &change.fields {
            let (was, is) = (raw(before, change, &field.key), raw(now, change, &field.key));
            let only_digest =
                matches!(field.after, DisplayValue::Secret(_)) && was != is && is.is_some_and(|value| !value.is_null());
            if !only_digest {
                return None;
            }
            notes.push(format!("{}: written; the API shows a digest that cannot be compared", field.name()));
        }
    }
    (!notes.is_empty()).then_some(notes)
}
