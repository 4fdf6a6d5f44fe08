//! The requests: a deployment where sources differ, a change of the row where they do not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::table::{DEPLOY, INFO, ONE, wanted};
use crate::kind::prelude::*;
use crate::kind::{by_action, live_of};
use crate::model::{Content, FileContent};

/// One request for each change, deployments before removals. They are sent one after the other: what is deployed beside
/// something else may be lost.
pub(super) fn calls(job: &KindChanges<'_>) -> Vec<PlannedCall> {
    let (written, deleted) = by_action(job.changes);
    written.into_iter().chain(deleted).filter_map(|index| call(job, index)).collect()
}

fn call(job: &KindChanges<'_>, index: usize) -> Option<PlannedCall> {
    let change = &job.changes[index];
    let slug = change.at.subject.item()?;
    let to = |method, template| Call::new(method, template, Repeat::Idempotent).param("ref", job.target.param());
    let one = |method| to(method, ONE).param("function_slug", Param::Known(slug.to_owned()));
    if change.action == Action::Delete {
        return Some(PlannedCall::of(one(Method::Delete), vec![index]));
    }
    let settings = wanted(job.section, slug)?;
    let live = live_of(job, change);
    let (row, sent_along) = row(settings, live, slug, change);
    let is_source = |key: &FieldKey| matches!(key, FieldKey::File(_));
    let deploys = change.action == Action::Create || change.fields.iter().any(|field| is_source(&field.key));
    let call = if deploys {
        let content = settings.content.as_deref()?;
        to(Method::Post, DEPLOY).query("slug", slug).body(deployment(content, row))
    } else {
        one(Method::Patch).body(Body::json(row.into()))
    };
    let advice = deploys.then(|| {
        let hint = format!("A deployment of another tool has stored a bundle and was never completed: remove the function (`{slug}: null`), apply, and deploy it again. If that is refused, too, ask the support of Supabase.");
        ("deployment already exists", hint)
    });
    let answers = Answers { advice, ..Answers::default() };
    Some(PlannedCall { sent_along, answers, ..PlannedCall::of(call, vec![index]) })
}

/// The settings that go with the sources, and those of them that do not change. All are sent: a deployment resets what it leaves
/// out.
fn row(
    settings: &Settings,
    live: Option<&Map<String, Value>>,
    slug: &str,
    change: &Change,
) -> (Map<String, Value>, Vec<FieldKey>) {
    let value = |name: &str, otherwise: Value| match settings.fields.get(name).map(|setting| &setting.value) {
        Some(DesiredValue::Value(value)) => value.clone(),
        _ => live.and_then(|live| live.get(name)).filter(|value| !value.is_null()).cloned().unwrap_or(otherwise),
    };
    let row = Map::from_iter([
        ("name".to_owned(), value("name", slug.into())),
        ("verify_jwt".to_owned(), value("verify_jwt", true.into())),
    ]);
    let along =
        row.keys().filter(|name| live.is_some() && change.fields.iter().all(|field| field.name() != name.as_str()));
    let along = along.map(|name| FieldKey::of(&INFO, name)).collect();
    (row, along)
}

fn deployment(content: &Content, row: Map<String, Value>) -> Body {
    let said = |name: &str| content.facts.get(name).and_then(Value::as_str).unwrap_or_default();
    // A deployment that leaves the import map out keeps the one before; an empty text removes it.
    let mut metadata = json!({
        "entrypoint_path": said("entrypoint_path"),
        "import_map_path": said("import_map_path"),
    });
    if let Value::Object(members) = &mut metadata {
        members.extend(row);
        members.extend(content.said.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
    Body::Form { metadata: JsonBody::of(metadata, BTreeMap::new()), files: upload(content).collect() }
}

/// The files of an upload: the import map first, then static files, then sources.
pub(super) fn upload(content: &Content) -> impl Iterator<Item = (String, FileContent)> {
    let map = content.facts.get("import_map_path").and_then(Value::as_str);
    let (first, rest): (Vec<_>, Vec<_>) = content.files.iter().partition(|(path, _)| Some(path.as_str()) == map);
    let all = first.into_iter().chain(&content.along).chain(rest);
    all.map(|(path, content)| (path.clone(), content.clone()))
}
