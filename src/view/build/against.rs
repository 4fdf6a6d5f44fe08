//! The comparison of a plan with its base, and what the branch stops managing.

use std::collections::BTreeMap;

use super::edit::shown;
use super::projects::{Labels, called};
use crate::model::Why;
use crate::record::{BaseRecord, ChangeRecord, PlanRecord, RecordedValue, row_of};
use crate::schema::Field;
use crate::text::{count, short_id};
use crate::view::document::{Against, Projects, Released};

/// The row of a place: of `auth.jwt_exp`, or of an item's field.
fn row(place: &str) -> Option<&'static Field> {
    let (kind, rest) = place.split_once('.')?;
    row_of(kind, rest.rsplit('.').next()?).0
}

/// The number of differences by origin, and what the branch stops managing.
pub(super) fn against(plan: &PlanRecord, base: &BaseRecord, labels: &Labels<'_>) -> Against {
    let count_of = |why: Why| {
        let of = |change: &ChangeRecord| match change.fields.len() {
            0 => usize::from(change.why == Some(why)),
            _ => change.fields.iter().filter(|field| field.why == Some(why)).count(),
        };
        plan.projects.iter().flat_map(|project| &project.changes).map(of).sum::<usize>()
    };
    let (intended, drift, both) = (count_of(Why::Intended), count_of(Why::Drift), count_of(Why::Both));
    let mut parts = vec![format!("{intended} intended"), format!("{drift} drift")];
    if both > 0 {
        parts.push(format!("{both} both"));
    }
    let unapplied = count_of(Why::Unapplied);
    if unapplied > 0 {
        parts.push(format!("{unapplied} merged and not yet applied"));
    }
    let mut alike: BTreeMap<(&str, Option<String>), Vec<&str>> = BTreeMap::new();
    for released in &base.released {
        let stays = released.stays.as_ref().map(|value| match value {
            RecordedValue::Secret(_) => "as it is".to_owned(),
            RecordedValue::Value(_) => shown(row(&released.place), Some(value)),
        });
        alike.entry((&released.place, stays)).or_default().push(&released.project);
    }
    if !alike.is_empty() {
        parts.push(format!("{} released", base.released.len()));
    }
    let released = alike.into_iter().map(|((place, stays), projects)| {
        let projects = match projects.as_slice() {
            [only] => Projects::Named(vec![(*only).to_owned()]),
            many => called(labels, many),
        };
        Released { place: place.to_owned(), stays, projects }
    });
    let mut counts = parts.join(", ");
    if base.behind > 0 {
        counts =
            format!("{counts}; the branch is {} behind and was planned as if merged", count(base.behind, "commit"));
    }
    Against {
        revision: base.revision.clone(),
        commit: short_id(&base.commit).to_owned(),
        counts,
        released: released.collect(),
    }
}
