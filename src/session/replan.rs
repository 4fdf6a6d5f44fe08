//! The plan of other manifests, made from the same reads.

use std::collections::BTreeMap;

use super::workspace::Workspace;
use crate::kinds::KINDS;
use crate::model::{Address, Desired, Live, Plan, Why};
use crate::observe::Observed;
use crate::plan::attribution::Attribution;
use crate::plan::{Inputs, ignore, make};

/// The plan of other manifests, made from the same reads; limited to what both manage, because nothing else was read.
pub(super) fn plan_of(workspace: &Workspace, live: &Live, api: &str, other: &Desired) -> Plan {
    let mut other = other.clone();
    other.projects.retain(|name, project| {
        let Some(head) = workspace.desired.projects.get(name) else { return false };
        project.sections.retain(|kind, _| head.sections.contains_key(kind));
        if let Some(reference) = live.projects.get(name).and_then(|live| live.reference.as_ref()) {
            project.fill_in(reference);
        }
        true
    });
    let vault = &workspace.vault;
    ignore::leave(KINDS, &mut other, live, vault, &workspace.ignore);
    make(Inputs { registry: KINDS, api, desired: &other, live, blocked: &BTreeMap::new(), vault })
}

/// Leaves alone the drift from what another revision desires, too; returns the addresses.
pub(super) fn skip_drift(workspace: &mut Workspace, observed: &Observed, api: &str, base: &Desired) -> Vec<String> {
    let live = &observed.live;
    let of_base = plan_of(workspace, live, api, base);
    let Workspace { desired, vault, .. } = workspace;
    let head = make(Inputs { registry: KINDS, api, desired, live, blocked: &observed.blocked, vault });
    let of = Attribution::of(&head, &of_base);
    let is_drift = |at: &Address, field: Option<&str>| (of.at(at, field) == Some(Why::Drift)).then_some(());
    let skipped = ignore::leave_where(KINDS, desired, live, vault, is_drift);
    skipped
        .into_iter()
        .map(|(at, _, field, ())| field.map_or(at.to_string(), |field| format!("{at}/{}", field.name())))
        .collect()
}
