//! Puts calls in order: Kahn's algorithm over a sorted queue, so that the same input gives the same order.

use std::collections::{BTreeMap, BTreeSet};

use super::planned::Planned;
use crate::model::{Action, Change, Step, StepId, Subject};

/// Calls in order, each with an id; what a step is hashed by is known only then. Edges, within one project: each call of a kind
/// after the one before it, and the first after those kinds that must be settled first, except where the changes of such a kind
/// yield to it; a call after those of the items that it refers to, and before the removal of those that it no longer does. As the calls of a kind are a chain, its last one stands for all of them.
pub(super) fn order(planned: Vec<Planned>) -> Vec<Step> {
    let mut last_of: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let mut waits: Vec<BTreeSet<usize>> = vec![];
    for (index, call) in planned.iter().enumerate() {
        waits.push(last_of.insert((&call.at.project, call.at.subject.kind()), index).into_iter().collect());
    }
    let creates = |call: &&Planned| call.changes.iter().any(Change::is_creation);
    let creations: BTreeSet<&str> = planned.iter().filter(creates).map(|call| call.at.project.as_str()).collect();
    for (index, call) in planned.iter().enumerate() {
        let of = |kind: Option<&'static str>| last_of.get(&(call.at.project.as_str(), kind)).copied();
        let of_kind = |kind: &&'static str| of(Some(*kind));
        // Nothing can be written in a project before it is there.
        let is_within = call.at.subject != Subject::Project && creations.contains(call.at.project.as_str());
        let creation = is_within.then(|| of(None)).flatten();
        let first = call
            .after
            .iter()
            .filter_map(of_kind)
            .filter(|&other| call.at.subject.kind().is_none_or(|kind| !planned[other].yields_to.contains(&kind)));
        let before: Vec<usize> =
            creation.into_iter().chain(first).chain(call.yields_to.iter().filter_map(of_kind)).collect();
        waits[index].extend(before);
        let of = |(kind, item): &(&'static str, String), removes: bool| {
            let is_one = |change: &Change| {
                change.at.subject.item() == Some(item) && (change.action == Action::Delete) == removes
            };
            let settles = |other: &Planned| {
                other.at.project == call.at.project
                    && other.at.subject.kind() == Some(*kind)
                    && other.changes.iter().any(is_one)
            };
            planned.iter().position(settles)
        };
        let used: Vec<usize> = call.refers.uses.iter().filter_map(|it| of(it, false)).collect();
        let freed: Vec<usize> = call.refers.frees.iter().filter_map(|it| of(it, true)).collect();
        waits[index].extend(used);
        for other in freed {
            waits[other].insert(index);
        }
    }
    let key = |index: usize| (planned[index].at.project.as_str(), planned[index].rank, index);
    let mut left: Vec<usize> = waits.iter().map(BTreeSet::len).collect();
    let mut waiting: Vec<Vec<usize>> = vec![vec![]; planned.len()];
    for (index, others) in waits.iter().enumerate() {
        for &other in others {
            waiting[other].push(index);
        }
    }
    let mut ready: BTreeSet<_> = (0..planned.len()).filter(|&index| left[index] == 0).map(key).collect();
    let mut sequence = vec![];
    while let Some((_, _, next)) = ready.pop_first() {
        sequence.push(next);
        for &index in &waiting[next] {
            left[index] -= 1;
            if left[index] == 0 {
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
        .map(|(index, Planned { at, made, changes, flags, rank: _, after: _, yields_to: _, refers: _ })| Step {
            id: ids[&index],
            hash: String::new(),
            at,
            call: made.call,
            after: waits[index].iter().map(|other| ids[other]).collect(),
            wait: made.wait,
            flags,
            changes,
            sent_along: made.sent_along,
            answers: made.answers,
        })
        .collect()
}
