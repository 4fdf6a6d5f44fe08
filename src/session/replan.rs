//! The plan of other manifests, made from the same reads.

use std::borrow::Cow;
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
    let live = &*aligned(live, &other);
    ignore::leave(KINDS, &mut other, live, vault, &workspace.ignore);
    make(Inputs { registry: KINDS, api, desired: &other, live, blocked: &BTreeMap::new(), vault })
}

/// Live, where items are files, by the files of these manifests.
fn aligned<'l>(live: &'l Live, desired: &Desired) -> Cow<'l, Live> {
    let mut live = Cow::Borrowed(live);
    let of_files = || KINDS.iter().filter(|kind| !kind.info().of_files.is_empty());
    for (name, project) in &desired.projects {
        for kind in of_files() {
            let Some(section) = project.sections.get(kind.info().name) else { continue };
            let seen = live.projects.get(name).and_then(|live| live.kinds.get(kind.info().name));
            let again = seen.and_then(|seen| kind.align(&project.document, section, kind.as_read(seen.clone())).ok());
            if let (Some(again), Some(live)) = (again, live.to_mut().projects.get_mut(name)) {
                live.kinds.insert(kind.info().name, again);
            }
        }
    }
    live
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
