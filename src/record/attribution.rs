//! The origins of a plan's differences (`--base`), and what a branch stops managing.

use super::{PlanRecord, ReleasedRecord, recorded};
use crate::compare::{Fact, Place, Side, StatedValue, compare};
use crate::model::{Desired, Live};
use crate::plan::attribution::Attribution;
use crate::plan::revisions::Matched;

impl PlanRecord {
    /// Sets the origin of each difference.
    pub fn attribute(&mut self, of: &Attribution) {
        for change in self.projects.iter_mut().flat_map(|project| &mut project.changes) {
            let at = change.address.to_string();
            change.why = of.by_name(&at, None);
            for field in &mut change.fields {
                field.why = of.by_name(&at, Some(&field.name));
            }
        }
    }
}

/// Settings that a branch stops managing: those of the base that the branch lacks, each with the live value, where it was
/// read.
#[must_use]
pub fn released(base: &Matched, desired: &Desired, live: &Live) -> Vec<ReleasedRecord> {
    let registry = crate::kinds::KINDS;
    let gone = |name: &String| ReleasedRecord { project: name.clone(), place: "project".to_owned(), stays: None };
    let mut all: Vec<_> = base.gone.keys().map(gone).collect();
    for (name, before) in &base.desired.projects {
        let Some(project) = desired.projects.get(name) else { continue };
        let side = |project| Side::rendered(project, registry, crate::compare::Identity::Without);
        let seen = live.projects.get(name).map(|live| Side::live(&live.kinds, registry, project));
        for difference in compare(&side(before), &side(project)).differences {
            let said = |fact: &Option<Fact>| fact.as_ref().is_some_and(|fact| fact.says != StatedValue::Unmanaged);
            let Place { subject, field, .. } = &difference.place;
            let Some(kind) = subject.kind().filter(|_| said(&difference.before) && !said(&difference.after)) else {
                continue;
            };
            let item = subject.item();
            if item.is_some() && side(project).of(kind, item, None).is_empty() {
                let released = ReleasedRecord { project: name.clone(), place: subject.told(), stays: None };
                if !all.contains(&released) {
                    all.push(released);
                }
                continue;
            }
            let stays = seen.as_ref().and_then(|seen| {
                let facts = seen.of(kind, item, Some(field));
                match facts.first()?.1.says.clone() {
                    StatedValue::DisplayValue(shown) => recorded(&shown),
                    StatedValue::Cleared | StatedValue::Gone | StatedValue::Unmanaged => None,
                }
            });
            let parts = [Some(kind), item, Some(field.as_str()).filter(|field| !field.is_empty())];
            let place = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
            all.push(ReleasedRecord { project: name.clone(), place, stays });
        }
    }
    all
}
