//! One step: read again, send, wait, read back.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value};

use super::verdict::{failed, fate_unknown, finding, made_twice, not_read_back};
use super::{Context, Outcome, wait};
use crate::api::SendError;
use crate::diag::codes::run as codes;
use crate::diff::{self, DiffContext};
use crate::exit::Exit;
use crate::kind::Kind;
use crate::kinds::project;
use crate::model::{
    Action, Address, Answer, Body, Change, DisplayValue, FieldKey, Finding, LiveKind, Method, Problem, ProjectRef,
    Repeat, Section, SectionBody, Step,
};
use crate::observe::{self, Fresh, Unread};
use crate::schema::{Field, FieldPath, wire};

/// The most times that a write is sent, each time after a read has shown that it has not taken effect.
const SENDS: u32 = 4;

/// How long a written value may take to be visible, in seconds. The run waits for it and does not write again.
const VISIBLE_WITHIN: u64 = 30;

/// The inputs of a step.
struct Work<'a> {
    context: &'a Context<'a>,
    kind: &'static dyn Kind,
    section: &'a Section,
    /// What of the section the step touches.
    touched: &'a Section,
    project: &'a str,
    reference: &'a ProjectRef,
    step: &'a Step,
}

/// What a step that was done noticed, and what is live then.
pub(super) struct Seen {
    pub(super) notes: Vec<String>,
    pub(super) live: LiveKind,
}

/// Runs a step; `planned_on` is what was live when it was planned, where anything was known of the project, and `seen` is what
/// was read a moment ago, where nothing was sent since.
pub(super) async fn run(
    context: &Context<'_>,
    name: &str,
    reference: &ProjectRef,
    planned_on: Option<&LiveKind>,
    seen: Option<LiveKind>,
    step: &Step,
) -> Result<Seen, Box<Outcome>> {
    let stopped = || Box::new(Outcome::Stopped);
    let desired = context.desired.projects.get(name).ok_or_else(stopped)?;
    // What is wanted of the project itself stands in the envelope, not in a section.
    let itself = project::to_rename(desired);
    let part = match step.at.subject.kind() {
        Some(kind) => crate::kind::find(context.registry, kind).zip(desired.sections.get(kind)),
        None => itself.as_ref().map(|section| (&project::Project as &'static dyn Kind, section)),
    };
    let (kind, section) = part.ok_or_else(stopped)?;
    let touched = touched(section, step);
    Work { context, kind, section, touched: &touched, project: name, reference, step }.run(planned_on, seen).await
}

/// The items of a section that a step touches; settings are touched as a whole.
fn touched<'a>(section: &'a Section, step: &Step) -> Cow<'a, Section> {
    let SectionBody::Items(items) = &section.body else { return Cow::Borrowed(section) };
    let names = step.changes.iter().filter_map(|change| change.at.subject.item());
    let items = names.filter_map(|name| Some((name.to_owned(), items.get(name)?.clone()))).collect();
    Cow::Owned(Section {
        origin: section.origin.clone(),
        policy: section.policy,
        hands_off: section.hands_off.clone(),
        body: SectionBody::Items(items),
    })
}

type Ended<T> = Result<T, Box<Outcome>>;

impl Work<'_> {
    async fn run(&self, planned_on: Option<&LiveKind>, seen: Option<LiveKind>) -> Ended<Seen> {
        let before = match seen {
            Some(live) => self.in_detail(live.into()).await,
            None => self.fresh().await,
        };
        let before = self.readable(before)?;
        let Some(planned_on) = planned_on else { return self.run_unseen(before).await };
        if let Some(moved) = self.moved(planned_on, &before.live) {
            return Err(Box::new(Outcome::Stale(moved)));
        }
        self.carry_out(&before).await
    }

    /// All of a project that was not up was planned as new: only what differs is sent.
    async fn run_unseen(&self, before: Fresh) -> Ended<Seen> {
        let left = self.remaining(&before.live);
        if left.is_empty() {
            return Ok(Seen { notes: vec!["was so already".to_owned()], live: before.live });
        }
        if let Some(there) = self.is_there_already(&left) {
            return Err(Box::new(Outcome::Stale(there)));
        }
        let step = self.step.clone().narrowed(&left);
        Work { step: &step, ..*self }.carry_out(&before).await
    }

    async fn carry_out(&self, before: &Fresh) -> Ended<Seen> {
        let answer = self.send(before).await?;
        if let Some(wait) = &self.step.wait {
            let settling = wait::settle(self.context, self.reference, self.step, wait);
            self.context.turn.without(settling).await.map_err(Box::new)?;
        }
        self.read_back(&before.live, answer.as_ref()).await
    }

    async fn look(&self) -> Result<LiveKind, Unread> {
        self.fresh().await.map(|fresh| fresh.live)
    }

    async fn fresh(&self) -> Result<Fresh, Unread> {
        let reader = self.context.writer.reader();
        let fresh = observe::listed_kind(reader, self.kind, self.project, self.reference, Some(self.section)).await?;
        self.in_detail(fresh).await
    }

    /// What the list does not show of the items that the step touches.
    async fn in_detail(&self, mut fresh: Fresh) -> Result<Fresh, Unread> {
        let reader = self.context.writer.reader();
        fresh.live = observe::in_detail(reader, self.kind, self.reference, Some(self.touched), fresh.live).await?;
        Ok(fresh)
    }

    fn readable(&self, fresh: Result<Fresh, Unread>) -> Ended<Fresh> {
        fresh.map_err(|why| match why {
            Unread::Api(why) => Box::new(failed(self.step, &why)),
            Unread::Unclear(blocked) => Box::new(Outcome::Failed(*blocked)),
        })
    }

    /// Sends the call, and gives the answer, if it came. Where its fate is unknown, looks before sending again.
    async fn send(&self, before: &Fresh) -> Ended<Option<Answer>> {
        for attempt in 1..=SENDS {
            // What was compared with the plan a moment ago is what the first write is laid over; a further one looks again.
            let fresh = match &self.step.call.body {
                Body::Overlay { base, .. } if attempt == 1 => before.answer_to(base),
                Body::Overlay { .. } | Body::Empty | Body::Json(_) => None,
            };
            let lost = match self.context.writer.send(&self.step.call, fresh).await {
                Ok(answer) => return Ok(Some(answer)),
                // An item that is to be deleted and does not exist is gone: reading back shows it.
                Err(SendError::Api(why)) if why.is_absence() && why.operation.method == Method::Delete => {
                    return Ok(None);
                }
                Err(SendError::Api(why)) => return Err(Box::new(failed(self.step, &why))),
                Err(SendError::Unresolved(secret)) => {
                    let message = format!("{secret} could not be resolved");
                    return Err(Box::new(Outcome::Failed(
                        finding(self.step, codes::UNRESOLVED_SECRET, message).ends(Exit::Invalid),
                    )));
                }
                Err(SendError::Unknown(why)) => why,
            };
            let unknown = || Box::new(fate_unknown(self.step, &lost, self.context.writer.is_stopped()));
            if self.context.writer.is_stopped() {
                return Err(unknown());
            }
            let Some(now) = self.look_for_effect().await else { return Err(unknown()) };
            if self.remaining(&now).is_empty() {
                return Ok(None);
            }
            if attempt == SENDS || self.moved(&before.live, &now).is_some() {
                return Err(unknown());
            }
            self.context.writer.pause(Duration::from_secs(u64::from(attempt))).await;
        }
        Ok(None)
    }

    /// The live state after a write with an unknown outcome; `None` where it cannot be read. Where a second write would
    /// create a second item, the first gets time to become visible.
    async fn look_for_effect(&self) -> Option<LiveKind> {
        let until = self.visible_by();
        loop {
            let now = self.look().await.ok()?;
            let patient = self.step.call.repeat == Repeat::OnceOnly && self.context.clock.now() < until;
            if !patient || self.context.writer.is_stopped() || self.remaining(&now).is_empty() {
                return Some(now);
            }
            self.context.writer.pause(Duration::from_secs(5)).await;
        }
    }

    /// Reads what was written until it is as wanted; what never is did not take. After a creation this also shows whether
    /// somebody else made another at the same time.
    async fn read_back(&self, before: &LiveKind, answer: Option<&Answer>) -> Ended<Seen> {
        let until = self.visible_by();
        loop {
            let now = self.look().await.map_err(|why| match why {
                Unread::Api(why) => Box::new(not_read_back(self.step, &why)),
                Unread::Unclear(found) if self.step.call.repeat == Repeat::OnceOnly => {
                    let ours = answer.and_then(|answer| answer.body.get("id")).and_then(Value::as_str);
                    Box::new(made_twice(self.step, &found.finding.message, ours))
                }
                Unread::Unclear(blocked) => Box::new(Outcome::Failed(*blocked)),
            })?;
            let left = self.remaining(&now);
            if left.is_empty() {
                return Ok(Seen { notes: self.side_effects(before, &now), live: now });
            }
            if let Some(notes) = incomparable(&left, before, &now) {
                return Ok(Seen { notes, live: now });
            }
            if self.context.clock.now() >= until {
                if let Some(live) = answer.and_then(|answer| self.believed(answer, &now)) {
                    let note = "the answer to the write has it; the list still shows what was before".to_owned();
                    return Ok(Seen { notes: vec![note], live });
                }
                return Err(Box::new(Outcome::Failed(self.did_not_take(&left))));
            }
            self.context.writer.pause(Duration::from_secs(1)).await;
        }
    }

    /// When at the latest a write that is made now must be visible.
    fn visible_by(&self) -> Duration {
        self.context.clock.now() + Duration::from_secs(VISIBLE_WITHIN.max(u64::from(self.kind.info().lags)))
    }

    /// What is live by the answer to a write, where the list is known to lag behind and the answer is as wanted.
    fn believed(&self, answer: &Answer, now: &LiveKind) -> Option<LiveKind> {
        let listed = Answer { status: 200, body: Value::Array(vec![answer.body.clone()]) };
        let told = (self.kind.info().lags > 0).then(|| self.kind.observe(&[listed]).ok()).flatten()?;
        let told = self.kind.align(self.project, self.touched, told).ok()?;
        let (true, LiveKind::Items(told), LiveKind::Items(now)) = (self.remaining(&told).is_empty(), told, now) else {
            return None;
        };
        let mut all = now.clone();
        all.extend(told);
        Some(LiveKind::Items(all))
    }

    /// The differences of this step that live still shows.
    fn remaining(&self, now: &LiveKind) -> Vec<Change> {
        let context = DiffContext { project: self.project, reference: Some(self.reference), vault: self.context.vault };
        let mut left = diff::section(self.kind.info(), context, self.touched, now).changes;
        left.retain_mut(|change| match self.step.changes.iter().find(|planned| planned.at == change.at) {
            None => false,
            // All managed fields of a document count, including those that the write reset on its way.
            Some(planned) => planned.action == change.action || change.action == Action::Update,
        });
        left
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
        let unknown = now.iter().filter(|(name, value)| {
            self.kind.info().field(name).is_none() && !ours(name) && before.get(*name) != Some(*value)
        });
        known.chain(unknown.map(|(name, _)| format!("{name} changed along with it (not managed)"))).collect()
    }

    /// Changes by somebody else, among what this step touches.
    fn moved(&self, planned_on: &LiveKind, now: &LiveKind) -> Option<Problem> {
        let mut moved = vec![];
        for change in &self.step.changes {
            if matches!(planned_on, LiveKind::Items(_))
                && item(planned_on, &change.at).is_some() != item(now, &change.at).is_some()
            {
                moved.push((change.at.to_string(), change.origin.clone()));
            }
            let touched = change.fields.iter().map(|diff| (&diff.key, &diff.origin));
            let along = self.sent_as_planned().iter().map(|key| (key, &change.origin));
            for (key, origin) in touched.chain(along) {
                let (was, is) = (raw(planned_on, change, key), raw(now, change, key));
                if comparable(key.row(), was) != comparable(key.row(), is) {
                    moved.push((format!("{}.{}", change.at, key.name()), origin.clone()));
                }
            }
        }
        let (_, origin) = moved.first()?;
        let names: Vec<_> = moved.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("{} changed since the plan was made; nothing was sent", names.join(", "));
        let hint = "Run plan again, review what is different now, then apply.";
        Some(Finding::new(codes::STALE, message).hint(hint).at(origin.as_ref()).ends(Exit::Stale))
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

    /// Fields that are sent with the value that they had when the plan was made.
    fn sent_as_planned(&self) -> &[FieldKey] {
        match self.step.call.body {
            Body::Json(_) => &self.step.sent_along,
            Body::Empty | Body::Overlay { .. } => &[],
        }
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
        let message = format!(
            "the API accepted {}, but reading it back shows another value in {}",
            self.step.call.operation,
            names.join(", ")
        );
        let hint = "The API ignores or rewrites the value. Look at it in the dashboard, then write that value into the manifest, or stop managing the field.";
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

fn item<'a>(live: &'a LiveKind, at: &Address) -> Option<&'a Map<String, Value>> {
    match (live, at.subject.item()) {
        (LiveKind::Items(items), Some(name)) => items.get(name),
        (LiveKind::Settings(members), None) => Some(members),
        _ => None,
    }
}

fn raw<'a>(live: &'a LiveKind, change: &Change, key: &FieldKey) -> Option<&'a Value> {
    key.get(item(live, &change.at)?)
}

fn comparable(field: Option<&'static Field>, value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::Null);
    field.map_or_else(|| value.clone(), |field| wire::canonical(field, &wire::from_wire(field, value)))
}
