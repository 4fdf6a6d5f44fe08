//! The special parts of the plan of a project that does not exist yet.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::planned::Planned;
use crate::kind::{self, KindInfo, Registry};
use crate::model::{
    Action, Body, Change, DesiredProject, DisplayValue, ProjectPlan, ProjectRef, Reference, Subject, Wait, each_text,
};

/// How long the services of a new project may take to be up, in seconds: 175 is the slowest of twenty that were measured.
pub const UP_WITHIN: u32 = 300;

/// The display of a value that contains the ref of a new project.
const LATER: &str = "(ref known after creation)";

/// The known values of an untouched project.
pub(super) fn defaults(info: &KindInfo) -> Map<String, Value> {
    let known = info.all_fields().filter_map(|field| Some((field.name.to_owned(), field.default?.to_value())));
    known.collect()
}

/// Completes the creation: adds what to wait for, and the display of values that are not known yet.
pub(super) fn complete(
    registry: Registry,
    desired: &DesiredProject,
    planned: &mut [Planned],
    project: &mut ProjectPlan,
) {
    let services =
        desired.sections.keys().filter_map(|name| kind::find(registry, name)).flat_map(|kind| kind.info().services);
    let services: BTreeSet<&'static str> = services.copied().collect();
    project.changes.iter_mut().for_each(later);
    for call in planned.iter_mut().filter(|call| call.at.project == desired.document) {
        for change in &mut call.changes {
            later(change);
            if change.at.subject == Subject::Project {
                change.action = Action::Create;
                call.made.wait = Some(Wait::Up { services: services.clone(), deadline: UP_WITHIN });
            }
        }
        if let Body::Json(body) | Body::Overlay { set: body, .. } = &mut call.made.call.body {
            body.refer(ProjectRef::STAND_IN, &Reference::RefOf(desired.document.clone()));
        }
    }
    for change in project.changes.iter_mut().filter(|change| change.at.subject == Subject::Project) {
        change.action = Action::Create;
    }
}

/// The values of changes are for people; the request has references to values that are not known yet.
fn later(change: &mut Change) {
    for diff in &mut change.fields {
        match &mut diff.after {
            DisplayValue::Value(value) => each_text(value, &unknown),
            DisplayValue::Secret(secret) => secret.each_plain(&unknown),
            DisplayValue::Absent | DisplayValue::SecretSet => {}
        }
    }
}

fn unknown(text: &mut String) {
    if text.contains(ProjectRef::STAND_IN) {
        *text = text.replace(ProjectRef::STAND_IN, LATER);
    }
}
