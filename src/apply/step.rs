//! One step: read again, send, wait, read back.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::verdict::{finding, made_twice, more_to_do, not_read_back};
use super::work::{Ended, SENDS, Work, raw};
use super::{Context, Outcome, outside, wait};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::kind::Kind;
use crate::kinds::project;
use crate::model::{
    Action, Address, Answer, Change, DisplayValue, Finding, LiveKind, Problem, ProjectRef, Repeat, Section,
    SectionBody, Step, Wait,
};
use crate::observe::{Fresh, Unread};
use crate::schema::FieldPath;

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

/// What a read after a write shows.
enum Read {
    AsWanted(Seen),
    /// What still differs.
    Otherwise(Vec<Change>),
}

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
            match self.read_back(&before.live, answer.as_ref()).await? {
                Read::AsWanted(mut seen) => {
                    if attempt > 1 {
                        seen.notes.push(format!("sent {attempt} times: the API accepted it and lost it"));
                    }
                    return Ok(seen);
                }
                // Sending it again is safe, because every value in it is the whole of what it sets.
                Read::Otherwise(_) if self.kind.info().may_be_lost && attempt < SENDS => {}
                Read::Otherwise(left) => return Err(Box::new(Outcome::Failed(self.did_not_take(&left)))),
            }
        }
        Err(Box::new(Outcome::Stopped))
    }

    /// Reads what was written until it is as wanted; what never is did not take. After a creation this also shows whether
    /// somebody else made another at the same time.
    async fn read_back(&self, before: &LiveKind, answer: Option<&Answer>) -> Ended<Read> {
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
            if !left.is_empty() && matches!(self.step.wait, Some(Wait::Outside { .. })) {
                return Err(Box::new(more_to_do(self.step)));
            }
            if left.is_empty() {
                return Ok(Read::AsWanted(Seen { notes: self.side_effects(before, &now), live: now }));
            }
            if let Some(notes) = incomparable(&left, before, &now) {
                return Ok(Read::AsWanted(Seen { notes, live: now }));
            }
            if self.context.clock.now() >= until {
                if let Some(live) = answer.and_then(|answer| self.believed(answer, &now)) {
                    let note = "the answer to the write has it; the list still shows what was before".to_owned();
                    return Ok(Read::AsWanted(Seen { notes: vec![note], live }));
                }
                return Ok(Read::Otherwise(left));
            }
            self.context.writer.pause(Duration::from_secs(1)).await;
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
