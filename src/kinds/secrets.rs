//! The secrets of edge functions.

use crate::model::Finding;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kind::by_action;
use crate::kind::prelude::*;

/// `secrets`: a collection that the API shows as digests and writes in bulk.
pub struct Secrets;

const PATH: &str = "/v1/projects/{ref}/secrets";

/// The most secrets of a project, and the most in one request, by the API's limits.
pub const MOST: usize = 100;

static INFO: KindInfo = KindInfo {
    name: "secrets",
    doc: "The secrets of edge functions, which read them as environment variables.",
    shape: Shape::Collection {
        path: PATH,
        key: "name",
        scalar: Some("value"),
        reserved: Some(is_reserved),
        bad_name,
        delete_risk: "its value cannot be recovered from Supabase",
        items: None,
    },
    fields: &[&[text("value")
        .secret(Digest::Sha256)
        .max_chars(24_576)
        .doc("The value, as a reference to a secret or as `{plain: …}` where it is not secret.")]],
    example: "secrets:\n  STRIPE_KEY: {secret: STRIPE_KEY}\n  APP_ENV: {plain: production}",
    ..KindInfo::PLAIN
};

/// Names that the platform reserves; they are ignored.
fn is_reserved(name: &str) -> bool {
    name.starts_with("SUPABASE_")
}

fn bad_name(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("a secret needs a name".to_owned())
    } else if is_reserved(name) {
        Some("names that start with `SUPABASE_` are the platform's own".to_owned())
    } else if name.chars().count() > 256 {
        Some("a name may have at most 256 characters".to_owned())
    } else {
        None
    }
}

impl Kind for Secrets {
    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    fn operations(&self) -> Vec<Operation> {
        [(Method::Get, PATH), (Method::Post, PATH), (Method::Delete, PATH)]
            .map(|(method, template)| Operation { method, template })
            .into()
    }

    fn couple_items(&self, job: &KindChanges<'_>, out: &mut Vec<Refusal>) {
        let LiveKind::Items(live) = job.live else { return };
        let (written, deleted) = by_action(job.changes);
        let new = written.iter().filter(|&&index| job.changes[index].action == Action::Create).count();
        let after = live.len() + new - deleted.len();
        if after > MOST {
            out.push(Refusal {
                at: Address::section(job.target.project, INFO.name),
                finding: Finding {
                    code: crate::diag::codes::plan::TOO_MANY_ITEMS,
                    message: format!("the project would have {after} secrets; the API stores at most {MOST}"),
                    hints: vec!["Remove secrets that nothing reads, or store several values in one.".to_owned()],
                    origin: Some(job.section.origin.clone()),
                },
                allow: None,
            });
        }
    }

    fn calls(&self, job: &KindChanges<'_>) -> Vec<PlannedCall> {
        let SectionBody::Items(items) = &job.section.body else { return vec![] };
        let live = if let LiveKind::Items(live) = job.live { live.len() } else { 0 };
        let (written, deleted) = by_action(job.changes);
        let new = written.iter().filter(|&&index| job.changes[index].action == Action::Create).count();
        let write = |indices: &[usize]| upsert(job, items, indices);
        let delete = (!deleted.is_empty()).then(|| remove(job, &deleted));
        let writes = written.chunks(MOST).map(write);
        // New values are written before old names are deleted, except where they would exceed the limit.
        if live + new > MOST { delete.into_iter().chain(writes).collect() } else { writes.chain(delete).collect() }
    }
}

fn upsert(job: &KindChanges<'_>, items: &BTreeMap<String, Item>, indices: &[usize]) -> PlannedCall {
    let mut body = vec![];
    let mut secrets = BTreeMap::new();
    for &index in indices {
        let name = job.changes[index].at.subject.item().unwrap_or_default().to_owned();
        let Some(Item::Present(settings, _)) = items.get(&name) else { continue };
        let Some(DesiredValue::Secret(secret)) = settings.fields.get("value").map(|setting| &setting.value) else {
            continue;
        };
        body.push(match secret.plain() {
            Some(value) => json!({"name": name, "value": value}),
            None => {
                secrets.insert(BodyPlace::of_item(body.len(), "value"), secret.clone());
                json!({"name": name})
            }
        });
    }
    let call = Call::new(Method::Post, PATH, Repeat::Idempotent)
        .param("ref", job.target.param())
        .body(Body::Json(JsonBody::of(Value::Array(body), secrets)));
    PlannedCall::of(call, indices.to_vec())
}

fn remove(job: &KindChanges<'_>, indices: &[usize]) -> PlannedCall {
    let names: Vec<Value> =
        indices.iter().filter_map(|&index| job.changes[index].at.subject.item()).map(Value::from).collect();
    let call = Call::new(Method::Delete, PATH, Repeat::Idempotent)
        .param("ref", job.target.param())
        .body(Body::json(names.into()));
    PlannedCall::of(call, indices.to_vec())
}
