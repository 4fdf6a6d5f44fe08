//! One step: read again, send, wait, read back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{Context, Outcome, Problem, wait};
use crate::api::{ApiError, Class, SendError};
use crate::diag::codes::run as codes;
use crate::diff::{self, Scene};
use crate::exit::Exit;
use crate::kind::{Kind, KindInfo};
use crate::model::{Action, Address, Body, Change, LiveKind, Origin, ProjectRef, Repeat, Section, Shown, Step};
use crate::observe::{self, Unread};
use crate::schema::wire;

/// How often a write is sent at most, where looking shows that it has not taken effect.
const SENDS: u32 = 4;

/// How long a written value may take to be seen, in seconds. It is waited for, not written again.
const VISIBLE_WITHIN: u64 = 30;

/// What a step works on.
struct Work<'a> {
    context: &'a Context<'a>,
    kind: &'static dyn Kind,
    section: &'a Section,
    project: &'a str,
    reference: &'a ProjectRef,
    step: &'a Step,
}

/// Runs a step; `planned_on` is what was live when it was planned.
pub(super) async fn run(
    context: &Context<'_>,
    project: &str,
    reference: &ProjectRef,
    planned_on: &LiveKind,
    step: &Step,
) -> (Outcome, Vec<String>) {
    let section = context.desired.projects.get(project).and_then(|desired| desired.sections.get(step.at.kind));
    let (Some(kind), Some(section)) = (crate::kind::find(context.registry, step.at.kind), section) else {
        return (Outcome::Stopped, vec![]);
    };
    let work = Work { context, kind, section, project, reference, step };
    match work.run(planned_on).await {
        Ok(notes) => (Outcome::Done, notes),
        Err(outcome) => (*outcome, vec![]),
    }
}

type Ended<T> = Result<T, Box<Outcome>>;

impl Work<'_> {
    async fn run(&self, planned_on: &LiveKind) -> Ended<Vec<String>> {
        let before = self.read().await?;
        if let Some(moved) = self.moved(planned_on, &before) {
            return Err(Box::new(Outcome::Stale(moved)));
        }
        self.send(&before).await?;
        if let Some(wait) = &self.step.wait {
            wait::settle(self.context, self.reference, self.step, wait)
                .await
                .map_err(|why| Box::new(Outcome::Unknown(why)))?;
        }
        self.read_back(&before).await
    }

    async fn look(&self) -> Result<LiveKind, Unread> {
        let reader = self.context.writer.reader();
        observe::kind_of(reader, self.kind, self.project, self.reference, Some(self.section)).await
    }

    async fn read(&self) -> Ended<LiveKind> {
        self.look().await.map_err(|why| match why {
            Unread::Api(why) => Box::new(self.failed(&why)),
            Unread::Unclear(blocked) => Box::new(Outcome::Failed((*blocked).into())),
        })
    }

    /// Sends the call. Where its fate is unknown, looks before sending again.
    async fn send(&self, before: &LiveKind) -> Ended<()> {
        let created = BTreeMap::new();
        for attempt in 1..=SENDS {
            let lost = match self.context.writer.send(&self.step.call, &created).await {
                Ok(_) => return Ok(()),
                Err(SendError::Api(why)) if why.class == Class::Stopped => return Err(Box::new(Outcome::Stopped)),
                Err(SendError::Api(why)) => return Err(Box::new(self.failed(&why))),
                Err(SendError::Unresolved(secret)) => {
                    let message = format!("{secret} could not be resolved");
                    return Err(Box::new(Outcome::Failed(self.problem(
                        codes::UNRESOLVED_SECRET,
                        message,
                        Exit::Invalid,
                    ))));
                }
                Err(SendError::Unknown(why)) => why,
            };
            if self.context.writer.is_stopped() {
                return Err(Box::new(self.unknown(&lost)));
            }
            let Some(now) = self.look_for_effect().await else {
                return Err(Box::new(self.unknown(&lost)));
            };
            if self.remaining(&now).is_empty() {
                return Ok(());
            }
            if attempt == SENDS || self.moved(before, &now).is_some() {
                return Err(Box::new(self.unknown(&lost)));
            }
            self.context.clock.sleep(Duration::from_secs(u64::from(attempt))).await;
        }
        Ok(())
    }

    /// What is live after a write whose fate is unknown. Where a second one would make a second thing, the first has time to
    /// be seen; nothing where it cannot be read.
    async fn look_for_effect(&self) -> Option<LiveKind> {
        let until = self.context.clock.now() + Duration::from_secs(VISIBLE_WITHIN);
        loop {
            let now = self.look().await.ok()?;
            let patient = self.step.call.repeat == Repeat::OnceOnly && self.context.clock.now() < until;
            if !patient || self.context.writer.is_stopped() || self.remaining(&now).is_empty() {
                return Some(now);
            }
            self.context.clock.sleep(Duration::from_secs(5)).await;
        }
    }

    /// Reads what was written until it is as wanted; what never is did not take.
    async fn read_back(&self, before: &LiveKind) -> Ended<Vec<String>> {
        let until = self.context.clock.now() + Duration::from_secs(VISIBLE_WITHIN);
        loop {
            let now = self.read().await?;
            let left = self.remaining(&now);
            if left.is_empty() {
                return Ok(self.side_effects(before, &now));
            }
            if let Some(notes) = incomparable(&left, before, &now) {
                return Ok(notes);
            }
            if self.context.clock.now() >= until {
                return Err(Box::new(Outcome::Failed(self.did_not_take(&left))));
            }
            self.context.clock.sleep(Duration::from_secs(1)).await;
        }
    }

    /// The differences of this step that live still shows.
    fn remaining(&self, now: &LiveKind) -> Vec<Change> {
        let scene = Scene { project: self.project, reference: Some(self.reference), vault: self.context.vault };
        let mut left = diff::section(self.kind.info(), scene, self.section, now).changes;
        left.retain_mut(|change| match self.step.changes.iter().find(|planned| planned.at == change.at) {
            None => false,
            // All managed fields of a document count, also those that the write reset on its way.
            Some(planned) => planned.action == change.action || change.action == Action::Update,
        });
        left
    }

    /// What changed along with the write although no manifest manages it.
    fn side_effects(&self, before: &LiveKind, now: &LiveKind) -> Vec<String> {
        let (LiveKind::Settings(before), LiveKind::Settings(now)) = (before, now) else { return vec![] };
        let ours =
            |name: &str| self.step.changes.iter().flat_map(|change| &change.fields).any(|diff| diff.name == name);
        let info = self.kind.info();
        // What stands for another of the API's fields moves with it by its meaning.
        let derived = |name: &str| info.field(name).is_some_and(|field| field.stands_for.is_some());
        let moved =
            now.iter().filter(|(name, value)| !ours(name) && !derived(name) && before.get(*name) != Some(*value));
        moved
            .map(|(name, value)| match info.field(name) {
                Some(field) if !field.is_secret() => {
                    let was = before.get(name).unwrap_or(&Value::Null);
                    format!("{name} changed along with it: {was} → {value} (not managed)")
                }
                _ => format!("{name} changed along with it (not managed)"),
            })
            .collect()
    }

    /// What somebody else has changed, among what this step touches.
    fn moved(&self, planned_on: &LiveKind, now: &LiveKind) -> Option<Problem> {
        let info = self.kind.info();
        let mut moved = vec![];
        for change in &self.step.changes {
            if matches!(planned_on, LiveKind::Items(_))
                && item(planned_on, &change.at).is_some() != item(now, &change.at).is_some()
            {
                moved.push((change.at.to_string(), change.origin.clone()));
            }
            let touched = change.fields.iter().map(|diff| (&diff.name, diff.origin.clone()));
            let along = self.sent_as_planned().iter().map(|name| (name, change.origin.clone()));
            for (name, origin) in touched.chain(along) {
                let (was, is) = (raw(planned_on, &change.at, name), raw(now, &change.at, name));
                if comparable(info, name, was) != comparable(info, name, is) {
                    moved.push((format!("{}.{name}", change.at), origin));
                }
            }
        }
        let (_, origin) = moved.first()?;
        let names: Vec<_> = moved.iter().map(|(name, _)| format!("`{name}`")).collect();
        Some(Problem {
            code: codes::STALE,
            message: format!("{} changed since the plan was made; nothing was sent", names.join(", ")),
            hints: vec!["Run plan again, look at what is different now, then apply.".to_owned()],
            origin: origin.clone(),
            exit: Exit::Stale,
        })
    }

    /// What is sent along with the value that it had when the plan was made.
    fn sent_as_planned(&self) -> &[String] {
        match self.step.call.body {
            Body::Json(_) => &self.step.companions,
            Body::Empty | Body::Overlay { .. } => &[],
        }
    }

    fn did_not_take(&self, left: &[Change]) -> Problem {
        let names: Vec<_> = left
            .iter()
            .flat_map(|change| {
                let bare = change.fields.is_empty().then(|| change.at.to_string());
                bare.into_iter().chain(change.fields.iter().map(|diff| diff.name.clone()))
            })
            .map(|name| format!("`{name}`"))
            .collect();
        let mut problem = self.problem(
            codes::DID_NOT_TAKE,
            format!(
                "the API accepted {}, but reading it back shows another value in {}",
                self.step.call.operation,
                names.join(", ")
            ),
            Exit::Failed,
        );
        problem.origin =
            left.iter().flat_map(|change| &change.fields).find_map(|diff| diff.origin.clone()).or(problem.origin);
        problem.hints = vec!["The API ignores or rewrites it: look at the value in the dashboard, then write what it shows or let go of it.".to_owned()];
        problem
    }

    fn failed(&self, why: &ApiError) -> Outcome {
        if why.class == Class::Stopped {
            return Outcome::Stopped;
        }
        // The read before this write was answered with the same token, so a 401 speaks of the value, not of the token.
        let refused_value = why.class == Class::Auth && why.operation.method != crate::model::Method::Get;
        let (code, exit) = match why.class {
            Class::Auth if !refused_value => (codes::BAD_TOKEN, Exit::Denied),
            Class::Permission => (codes::NO_PERMISSION, Exit::Denied),
            Class::Auth | Class::Invalid | Class::PlanLimit => (codes::API_REFUSED, Exit::Failed),
            Class::Gone | Class::NotFound => (codes::STALE, Exit::Stale),
            _ => (codes::API_FAILED, Exit::Failed),
        };
        let mut problem = self.problem(code, why.to_string(), exit);
        problem.hints = if refused_value { vec![] } else { why.hints() };
        if let Some(origin) = self.blamed(why) {
            problem.origin = Some(origin);
        }
        if let Some(key) = self.entitlement(why) {
            problem.hints.push(format!("It needs a plan with `{key}`: compare the organization's plan."));
        }
        Outcome::Failed(problem)
    }

    /// The line of the manifest that an answer blames: of the field that it names, in any case and place.
    fn blamed(&self, why: &ApiError) -> Option<Origin> {
        let said = why.message.to_ascii_lowercase();
        let fields = || self.step.changes.iter().flat_map(|change| &change.fields);
        let exact = fields().find(|diff| why.field.as_deref() == Some(diff.name.as_str()));
        let named = || fields().filter(|diff| said.contains(&diff.name.to_ascii_lowercase()));
        let longest = || named().max_by_key(|diff| diff.name.len());
        exact.or_else(longest).and_then(|diff| diff.origin.clone())
    }

    fn entitlement(&self, why: &ApiError) -> Option<&'static str> {
        let refused = matches!(why.class, Class::PlanLimit | Class::Permission | Class::Invalid);
        let fields = self.step.changes.iter().flat_map(|change| &change.fields);
        let mut keys = fields.filter_map(|diff| diff.field.and_then(|field| field.entitlement));
        let said = why.message.to_ascii_lowercase();
        let about_plans = ["plan", "tier", "upgrade", "entitle"].iter().any(|word| said.contains(word));
        if refused && about_plans { keys.next() } else { None }
    }

    fn unknown(&self, why: &ApiError) -> Outcome {
        let message = format!("whether {} took effect is not known: {why}", self.step.call.operation);
        let mut problem = self.problem(codes::FATE_UNKNOWN, message, Exit::Attention);
        problem.hints = vec!["Run plan: it shows what is left to do.".to_owned()];
        Outcome::Unknown(problem)
    }

    fn problem(&self, code: crate::diag::Code, message: String, exit: Exit) -> Problem {
        let origin = self.step.changes.iter().find_map(|change| {
            change.fields.iter().find_map(|diff| diff.origin.clone()).or_else(|| change.origin.clone())
        });
        Problem { code, message, hints: vec![], origin, exit }
    }
}

/// Digests that changed with our write, yet not into what we expected: the API hashes in a way that we do not know.
fn incomparable(left: &[Change], before: &LiveKind, now: &LiveKind) -> Option<Vec<String>> {
    let mut notes = vec![];
    for change in left {
        for field in &change.fields {
            let (was, is) = (raw(before, &change.at, &field.name), raw(now, &change.at, &field.name));
            let only_digest =
                matches!(field.after, Shown::Secret(_)) && was != is && is.is_some_and(|value| !value.is_null());
            if !only_digest {
                return None;
            }
            notes.push(format!("{}: written; the API shows a digest of it that cannot be compared", field.name));
        }
    }
    (!notes.is_empty()).then_some(notes)
}

fn item<'a>(live: &'a LiveKind, at: &Address) -> Option<&'a Map<String, Value>> {
    match (live, &at.item) {
        (LiveKind::Items(items), Some(name)) => items.get(name),
        (LiveKind::Settings(members), None) => Some(members),
        _ => None,
    }
}

fn raw<'a>(live: &'a LiveKind, at: &Address, field: &str) -> Option<&'a Value> {
    item(live, at)?.get(field)
}

fn comparable(info: &'static KindInfo, name: &str, value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::Null);
    info.field(name).map_or_else(|| value.clone(), |field| wire::canon(field, &wire::from_wire(field, value)))
}
