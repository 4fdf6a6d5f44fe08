//! What was written to a collection that may lose what it has accepted, compared once more after the last write.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::work::Work;
use crate::kind::Kind;
use crate::model::{LiveKind, Step};
use crate::schema::ReadBack;

/// An item that a step has written, as it was read back.
struct Written<'s> {
    step: &'s Step,
    kind: &'static dyn Kind,
    name: &'s str,
    then: Option<Map<String, Value>>,
}

/// The items that the steps of a section have written.
#[derive(Default)]
pub(super) struct Sent<'s> {
    written: Vec<Written<'s>>,
    /// All items after the last step.
    live: BTreeMap<String, Map<String, Value>>,
}

impl<'s> Sent<'s> {
    /// Adds what a step has written, by what was read after it.
    pub(super) fn add(&mut self, work: &Work<'s>, live: &LiveKind) {
        let (Work { step, kind, .. }, LiveKind::Items(live)) = (work, live) else { return };
        if kind.info().read_back == ReadBack::MayBeLost {
            let names = step.changes.iter().filter_map(|change| change.at.subject.item());
            let written = names.map(|name| Written { step, kind: *kind, name, then: live.get(name).cloned() });
            self.written.extend(written);
            self.live.clone_from(live);
        }
    }

    /// The steps whose items are gone again, are back again, or are back in an earlier state.
    pub(super) fn lost(self) -> Vec<&'s Step> {
        let Self { written, live } = self;
        let is_lost = |it: &Written<'_>| match (&it.then, live.get(it.name)) {
            (Some(then), Some(now)) => it.kind.revision_of(now) < it.kind.revision_of(then),
            (then, now) => then.is_some() != now.is_some(),
        };
        let mut lost: Vec<&Step> = written.into_iter().filter(is_lost).map(|it| it.step).collect();
        lost.dedup_by_key(|step| step.id);
        lost
    }
}
