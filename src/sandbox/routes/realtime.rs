//! Realtime's settings: null where the plan's default applies, and no way to reset them.

use serde_json::{Map, Value};

use crate::sandbox::answer::{Answered, answer, empty, not_included};
use crate::sandbox::catalogue;
use crate::sandbox::rows::rows;
use crate::sandbox::validate::{object, strict};
use crate::sandbox::values::check;
use crate::sandbox::visit::RequestContext;
use crate::schema::Literal;

/// The settings as they show.
pub(super) fn shown(stored: &Map<String, Value>) -> Map<String, Value> {
    let mut shown: Map<String, Value> = rows("realtime")
        .all_fields()
        .map(|field| {
            let default = field.default.map_or(Value::Null, Literal::to_value);
            (field.name.to_owned(), stored.get(field.name).cloned().unwrap_or(default))
        })
        .collect();
    shown.insert("admin_suspended_at".to_owned(), Value::Null);
    shown
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    answer(shown(&visit.project()?.realtime).into())
}

pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let body = visit.body.take();
    let wanted = object(body.as_ref())?;
    let known: Vec<&str> = rows("realtime").all_fields().map(|field| field.name).collect();
    strict(wanted, &known)?;
    for field in rows("realtime").all_fields() {
        if let Some(value) = wanted.get(field.name) {
            check(field, value, &[])?;
        }
    }
    let above_plan = visit.switches.realtime_above_plan;
    let (project, plan) = visit.project_and_plan()?;
    for (name, value) in wanted.iter().filter(|_| !above_plan) {
        let entitlement = format!("realtime.{name}");
        let most = catalogue::most(&plan, &entitlement);
        if value.as_u64().zip(most).is_some_and(|(value, most)| value > most) {
            return Err(not_included(&entitlement, name));
        }
    }
    project.realtime.extend(wanted.clone());
    Ok(empty(204))
}
