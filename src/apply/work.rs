//! The inputs of a step, what is live of it, and sending it.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value};

use super::verdict::{deferred, failed, fate_unknown, finding, is_not_yet, shown};
use super::{Context, Outcome};
use crate::api::SendError;
use crate::diag::codes::run as codes;
use crate::diff::{self, DiffContext};
use crate::exit::Exit;
use crate::kind::Kind;
use crate::kinds::project;
use crate::model::{
    Action, Address, Answer, Body, Change, FieldKey, Finding, LiveKind, Method, Problem, ProjectRef, Repeat, Section,
    SectionBody, Step,
};
use crate::observe::{self, Fresh, Unread};
use crate::schema::{Field, ReadBack, wire};

/// The most times that a write is sent, each time after a read has shown that it has not taken effect.
pub(super) const SENDS: u32 = 4;

/// How long a written value may take to be visible, in seconds. The run waits for it and does not write again.
const VISIBLE_WITHIN: u64 = 30;

/// The same where what was accepted may be lost: a list that lacks it does not heal, so that it is sent again soon.
const LISTED_WITHIN: u64 = 10;

/// The inputs of a step.
pub(super) struct Work<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) kind: &'static dyn Kind,
    pub(super) section: Cow<'a, Section>,
    /// What of the section the step touches.
    pub(super) touched: Cow<'a, Section>,
    pub(super) project: &'a str,
    pub(super) reference: &'a ProjectRef,
    pub(super) step: &'a Step,
}

/// The end of a part of a step: what came of it, or how the step ended.
pub(super) type Ended<T> = Result<T, Box<Outcome>>;

impl<'a> Work<'a> {
    /// The inputs of a step, unless nothing is wanted of what it is about.
    pub(super) fn of(
        context: &'a Context<'a>,
        name: &'a str,
        reference: &'a ProjectRef,
        step: &'a Step,
    ) -> Ended<Self> {
        let stopped = || Box::new(Outcome::Stopped);
        let desired = context.desired.projects.get(name).ok_or_else(stopped)?;
        let (kind, section): (&'static dyn Kind, _) = match step.at.subject.kind() {
            Some(kind) => {
                let kind = crate::kind::find(context.registry, kind).ok_or_else(stopped)?;
                (kind, Cow::Borrowed(desired.sections.get(kind.info().name).ok_or_else(stopped)?))
            }
            // What is wanted of the project itself stands in the envelope, not in a section.
            None => (&project::Project, Cow::Owned(project::to_rename(desired).ok_or_else(stopped)?)),
        };
        let touched = touched(&section, [step]);
        Ok(Self { context, kind, section, touched, project: name, reference, step })
    }

    pub(super) async fn look(&self) -> Result<LiveKind, Unread> {
        self.fresh().await.map(|fresh| fresh.live)
    }

    pub(super) async fn fresh(&self) -> Result<Fresh, Unread> {
        let mut fresh = self.listed().await?;
        self.in_detail(&mut fresh.live).await?;
        Ok(fresh)
    }

    /// What is live, where the list may lag behind.
    pub(super) async fn look_closely(&self) -> Result<LiveKind, Unread> {
        let mut live = self.look().await?;
        self.closely(&mut live).await?;
        Ok(live)
    }

    /// Reads the items by their names that the list does not show as wanted: it may lag behind, or lack what is there.
    pub(super) async fn closely(&self, live: &mut LiveKind) -> Result<(), Unread> {
        let left = self.remaining(live);
        let is_open = |change: &&Change| change.action == Action::Delete || left.iter().any(|it| it.at == change.at);
        let names = self.step.changes.iter().filter(is_open).filter_map(|change| change.at.subject.item());
        let names: Vec<&str> = names.filter(|name| self.kind.item_read(self.reference, name).is_some()).collect();
        if let (LiveKind::Items(items), [_, ..]) = (live, names.as_slice()) {
            let reader = self.context.writer.reader();
            let found = observe::by_names(reader, self.kind, self.reference, &self.touched, &names).await?;
            if let LiveKind::Items(found) = found {
                items.extend(found);
            }
        }
        Ok(())
    }

    /// The same, without what the list does not show.
    pub(super) async fn listed(&self) -> Result<Fresh, Unread> {
        let reader = self.context.writer.reader();
        observe::listed_kind(reader, self.kind, self.project, self.reference, Some(&self.section)).await
    }

    /// What the list does not show of the items that the step touches.
    pub(super) async fn in_detail(&self, live: &mut LiveKind) -> Result<(), Unread> {
        let reader = self.context.writer.reader();
        Ok(observe::in_detail(reader, self.kind, self.reference, Some(&self.touched), live).await?)
    }

    pub(super) fn readable<T>(&self, read: Result<T, Unread>) -> Ended<T> {
        read.map_err(|why| match why {
            Unread::Api(why) => Box::new(failed(self.step, &why)),
            Unread::Unclear(blocked) => Box::new(Outcome::Failed(*blocked)),
        })
    }

    /// Sends the call, and gives the answer, if it came. Where its fate is unknown, looks before sending again.
    pub(super) async fn send(&self, before: &Fresh) -> Ended<Option<Answer>> {
        for attempt in 1..=SENDS {
            // What was compared with the plan a moment ago is what the first write is laid over; a further one looks again.
            let fresh = match &self.step.call.body {
                Body::Overlay { base, .. } if attempt == 1 => before.answer_to(base),
                Body::Overlay { .. } | Body::Empty | Body::Json(_) | Body::Form { .. } => None,
            };
            let lost = match self.context.writer.send(&self.step.call, fresh).await {
                Ok(answer) => return shown(self.step, answer).map(Some),
                // An item that is to be deleted and does not exist is gone: reading back shows it.
                Err(SendError::Api(why)) if why.is_absence() && why.operation.method == Method::Delete => {
                    return Ok(None);
                }
                Err(SendError::Api(why)) if is_not_yet(self.step, &why) => {
                    return Err(Box::new(deferred(self.step, &why)));
                }
                Err(SendError::Api(why)) => {
                    let mut outcome = failed(self.step, &why);
                    if let (Outcome::Failed(problem), Some(place)) =
                        (&mut outcome, self.kind.locate(&self.section, &self.step.call, &why.message))
                    {
                        problem.finding.message = format!("{place}: {}", problem.finding.message);
                    }
                    return Err(Box::new(outcome));
                }
                Err(SendError::Unresolved(secret)) => {
                    let message = format!("{secret} could not be resolved");
                    return Err(Box::new(Outcome::Failed(
                        finding(self.step, codes::UNRESOLVED_SECRET, message).ends(Exit::Invalid),
                    )));
                }
                Err(SendError::Unknown(why)) => why,
            };
            let unknown = || Box::new(fate_unknown(self.step, &lost, self.context.writer.is_stopped()));
            // What settles nothing shows in no read: it is not guessed whether it was done, where that matters.
            let is_untold = self.step.changes.is_empty() && self.step.call.repeat == Repeat::OnceOnly;
            if self.context.writer.is_stopped() || is_untold {
                return Err(unknown());
            }
            let Some(now) = self.look_for_effect().await else { return Err(unknown()) };
            if self.undone(&now).is_empty() {
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
    pub(super) async fn look_for_effect(&self) -> Option<LiveKind> {
        let until = self.visible_by();
        loop {
            let now = self.look_closely().await.ok()?;
            let patient = self.step.call.repeat == Repeat::OnceOnly && self.context.clock.now() < until;
            if !patient || self.context.writer.is_stopped() || self.undone(&now).is_empty() {
                return Some(now);
            }
            self.context.writer.pause(Duration::from_secs(5)).await;
        }
    }

    /// When at the latest a write that is made now must be visible.
    pub(super) fn visible_by(&self) -> Duration {
        let info = self.kind.info();
        let within = if info.read_back == ReadBack::MayBeLost { LISTED_WITHIN } else { VISIBLE_WITHIN };
        self.context.clock.now() + Duration::from_secs(within.max(u64::from(info.lags)))
    }

    /// Whether the state of what was uploaded is not a new one, although it is as wanted.
    pub(super) fn is_underway(&self, before: &LiveKind, now: &LiveKind) -> bool {
        let number = |live: &LiveKind, at: &Address| item(live, at).and_then(|item| self.kind.revision_of(item));
        let is_upload = matches!(self.step.call.body, Body::Form { .. });
        let mut written = self.step.changes.iter().filter(|change| change.action != Action::Delete);
        is_upload && written.any(|change| number(now, &change.at) <= number(before, &change.at))
    }

    /// What is live by the answer to a write, where the list is known to lag behind and the answer is as wanted.
    pub(super) fn believed(&self, answer: &Answer, now: &LiveKind) -> Option<LiveKind> {
        let listed = Answer { body: Value::Array(vec![answer.body.clone()]), ..answer.clone() };
        let told = (self.kind.info().lags > 0).then(|| self.kind.observe(&[listed]).ok()).flatten()?;
        let told = self.kind.align(self.project, &self.touched, told).ok()?;
        let (true, LiveKind::Items(told), LiveKind::Items(now)) = (self.remaining(&told).is_empty(), told, now) else {
            return None;
        };
        let mut all = now.clone();
        all.extend(told);
        Some(LiveKind::Items(all))
    }

    /// The differences of this step that live still shows.
    pub(super) fn remaining(&self, now: &LiveKind) -> Vec<Change> {
        let context = DiffContext { project: self.project, reference: Some(self.reference), vault: self.context.vault };
        let mut left = diff::section(self.kind.info(), context, &self.touched, now).changes;
        left.retain_mut(|change| match self.step.changes.iter().find(|planned| planned.at == change.at) {
            None => false,
            // All managed fields of a document count, including those that the write reset on its way.
            Some(planned) => planned.action == change.action || change.action == Action::Update,
        });
        left
    }

    /// The same without what is awaited: the request does not do that.
    fn undone(&self, now: &LiveKind) -> Vec<Change> {
        let mut left = self.remaining(now);
        for awaited in self.kind.awaited(self.project, &self.section, now) {
            for change in left.iter_mut().filter(|change| change.at == awaited.at) {
                change.fields.retain(|diff| !awaited.holds.contains(&diff.name()));
            }
            left.retain(|change| change.action != Action::Update || !change.fields.is_empty());
        }
        left
    }

    /// Changes by somebody else, among what this step touches.
    pub(super) fn moved(&self, planned_on: &LiveKind, now: &LiveKind) -> Option<Problem> {
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

    /// Fields that are sent with the value that they had when the plan was made.
    pub(super) fn sent_as_planned(&self) -> &[FieldKey] {
        match self.step.call.body {
            Body::Json(_) | Body::Form { .. } => &self.step.sent_along,
            Body::Empty | Body::Overlay { .. } => &[],
        }
    }
}

pub(super) fn item<'a>(live: &'a LiveKind, at: &Address) -> Option<&'a Map<String, Value>> {
    match (live, at.subject.item()) {
        (LiveKind::Items(items), Some(name)) => items.get(name),
        (LiveKind::Settings(members), None) => Some(members),
        _ => None,
    }
}

/// The items of a section that some steps touch; settings are touched as a whole.
pub(super) fn touched<'s, 'a>(
    section: &Cow<'a, Section>,
    steps: impl IntoIterator<Item = &'s Step>,
) -> Cow<'a, Section> {
    let SectionBody::Items(items) = &section.body else { return section.clone() };
    let changes = steps.into_iter().flat_map(|step| &step.changes);
    let names = changes.filter_map(|change| change.at.subject.item());
    let items = names.filter_map(|name| Some((name.to_owned(), items.get(name)?.clone()))).collect();
    Cow::Owned(Section {
        origin: section.origin.clone(),
        policy: section.policy,
        hands_off: section.hands_off.clone(),
        body: SectionBody::Items(items),
    })
}

pub(super) fn raw<'a>(live: &'a LiveKind, change: &Change, key: &FieldKey) -> Option<&'a Value> {
    key.get(item(live, &change.at)?)
}

fn comparable(field: Option<&'static Field>, value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::Null);
    field.map_or_else(|| value.clone(), |field| wire::canonical(field, &wire::from_wire(field, value)))
}
