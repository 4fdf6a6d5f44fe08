//! The request of one change.

use serde_json::Value;

use super::table::{INFO, LIST, ONE};
use crate::kind::prelude::*;
use crate::kind::settings_body;

/// The request of one change.
pub(super) fn draft(job: &KindChanges<'_>, index: usize) -> Option<PlannedCall> {
    let (SectionBody::Items(items), change) = (&job.section.body, &job.changes[index]) else { return None };
    let name = change.at.subject.item()?;
    let live = if let LiveKind::Items(live) = job.live { live.get(name) } else { None };
    let call = |method, template, repeat| Call::new(method, template, repeat).param("ref", job.target.param());
    let existing = |method| {
        let id = live?.get("id")?.as_str()?;
        Some(call(method, ONE, Repeat::Idempotent).param("provider_id", Param::Known(id.to_owned())))
    };
    let done = |call, sent_along| Some(PlannedCall { sent_along, ..PlannedCall::of(call, vec![index]) });
    let Some(Item::Present(..)) = items.get(name) else {
        return done(existing(Method::Delete)?, vec![]);
    };
    let mut body = settings_body(change, None);
    let Value::Object(members) = &mut body.value else { return None };
    members.retain(|member, value| member != "type" && !value.is_null());
    if change.action == Action::Create {
        members.insert("type".to_owned(), "saml".into());
        return done(call(Method::Post, LIST, Repeat::OnceOnly).body(Body::Json(body)), vec![]);
    }
    // A PUT without this member resets it.
    let mut sent_along = vec![];
    let untouched = change.fields.iter().all(|diff| diff.name() != "name_id_format");
    if let Some(format) = live?.get("name_id_format").filter(|format| untouched && !format.is_null()) {
        members.insert("name_id_format".to_owned(), format.clone());
        sent_along.push(FieldKey::of(&INFO, "name_id_format"));
    }
    done(existing(Method::Put)?.body(Body::Json(body)), sent_along)
}
