//! Puts calls in order: Kahn's algorithm over a sorted queue, so that the same input gives the same order.

use std::collections::{BTreeMap, BTreeSet};

use super::planned::{Planned, flags};
use crate::model::{Change, Step, StepId, Subject};

/// Calls in order, each with an id; what a step is hashed by is known only then. Edges, within one project: the calls of one kind in their order, and each
/// kind after those that must be settled first, except where the changes of such a kind yield to it.
pub(super) fn order(planned: Vec<Planned>) -> Vec<Step> {
    let mut waits: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); planned.len()];
    let mut calls_of: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, call) in planned.iter().enumerate() {
        calls_of.entry((&call.at.project, call.at.subject.kind())).or_default().push(index);
    }
    let creates = |call: &&Planned| call.changes.iter().any(Change::is_creation);
    let creations: BTreeSet<&str> = planned.iter().filter(creates).map(|call| call.at.project.as_str()).collect();
    for (index, call) in planned.iter().enumerate() {
        let earlier =
            calls_of[&(call.at.project.as_str(), call.at.subject.kind())].iter().filter(|&&other| other < index);
        waits[index].extend(earlier);
        let of = |kind: Option<&'static str>| calls_of.get(&(call.at.project.as_str(), kind)).into_iter().flatten();
        let of_kind = |kind: &&'static str| of(Some(*kind)).copied();
        // Nothing can be written in a project before it is there.
        let is_within = call.at.subject != Subject::Project && creations.contains(call.at.project.as_str());
        let creation = is_within.then(|| of(None).copied()).into_iter().flatten();
        let first = call
            .after
            .iter()
            .flat_map(of_kind)
            .filter(|&other| call.at.subject.kind().is_none_or(|kind| !planned[other].yields_to.contains(&kind)));
        waits[index].extend(creation.chain(first).chain(call.yields_to.iter().flat_map(of_kind)));
    }
    let key = |index: usize| (planned[index].at.project.as_str(), planned[index].rank, index);
    let mut open = waits.clone();
    let mut ready: BTreeSet<_> = (0..planned.len()).filter(|&index| open[index].is_empty()).map(key).collect();
    let mut sequence = vec![];
    while let Some((_, _, next)) = ready.pop_first() {
        sequence.push(next);
        for (index, left) in open.iter_mut().enumerate() {
            if left.remove(&next) && left.is_empty() {
                ready.insert(key(index));
            }
        }
    }
    assert_eq!(sequence.len(), planned.len(), "kinds have no cycle: `kind::ranks` has checked it");

    let ids: BTreeMap<usize, StepId> =
        sequence.iter().zip(1..).map(|(&index, number)| (index, StepId(number))).collect();
    let mut slots: Vec<Option<Planned>> = planned.into_iter().map(Some).collect();
    let steps = sequence.iter().filter_map(|&index| slots[index].take().map(|call| (index, call)));
    steps
        .map(|(index, Planned { at, made, changes, rank: _, after: _, yields_to: _ })| Step {
            id: ids[&index],
            hash: String::new(),
            at,
            call: made.call,
            after: waits[index].iter().map(|other| ids[other]).collect(),
            wait: made.wait,
            flags: flags(&changes),
            changes,
            sent_along: made.sent_along,
        })
        .collect()
}
