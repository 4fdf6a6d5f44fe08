//! Storage: an empty answer to a write, features that are replaced one by one as a whole, and more members to read than to
//! write.

use serde_json::{Map, Value, json};

use crate::sandbox::answer::{Answer, Answered, answer, empty, not_included};
use crate::sandbox::catalogue;
use crate::sandbox::validate::{expected, object, one_of, strict};
use crate::sandbox::values::whole;
use crate::sandbox::visit::RequestContext;

/// The largest file size of any plan, and that of an untouched project, in bytes.
const LARGEST: i64 = 536_870_912_000;
const LARGEST_AT_FIRST: i64 = 52_428_800;

/// The writable members.
pub(in crate::sandbox) const MEMBERS: &[&str] = &["fileSizeLimit", "features", "external"];

/// The features, each with the numbers that it needs beside the switch, and its entitlement.
const FEATURES: &[(&str, &[&str], &str)] = &[
    ("imageTransformation", &[], "storage.image_transformations"),
    ("s3Protocol", &[], ""),
    ("purgeCache", &[], ""),
    ("icebergCatalog", &["maxNamespaces", "maxTables", "maxCatalogs"], "storage.iceberg_catalog"),
    ("vectorBuckets", &["maxBuckets", "maxIndexes"], "storage.vector_buckets"),
];

/// The settings as they are shown: the set ones over those of an untouched project, where features of the plan are on.
pub(super) fn shown(stored: &Map<String, Value>, plan: &str) -> Value {
    let mut shown = json!({
        "fileSizeLimit": LARGEST_AT_FIRST,
        "features": {
            "imageTransformation": {"enabled": true},
            "s3Protocol": {"enabled": true},
            // The specification requires it; the recorded answers are older.
            "purgeCache": {"enabled": false},
            "icebergCatalog": {"enabled": true, "maxNamespaces": 10, "maxTables": 10, "maxCatalogs": 2},
            "vectorBuckets": {"enabled": true, "maxBuckets": 10, "maxIndexes": 5},
        },
        "capabilities": {"list_v2": true, "iceberg_catalog": true, "object_versioning": false},
        "external": {"upstreamTarget": "canary"},
        "migrationVersion": "operation-ergonomics",
        "databasePoolMode": "recycled",
    });
    for (feature, _, entitlement) in FEATURES {
        if !catalogue::includes(plan, entitlement) {
            shown["features"][*feature]["enabled"] = false.into();
        }
    }
    for (name, value) in stored {
        match value {
            Value::Object(features) if name == "features" => {
                features.iter().for_each(|(feature, value)| shown["features"][feature] = value.clone());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                shown[name] = value.clone();
            }
        }
    }
    shown
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let (project, plan) = visit.project_and_plan()?;
    answer(shown(&project.storage, &plan))
}

pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    visit.project()?;
    let body = visit.body.take();
    let wanted = object(body.as_ref())?;
    strict(wanted, MEMBERS)?;
    if let Some(limit) = wanted.get("fileSizeLimit") {
        whole("fileSizeLimit", limit, 0, LARGEST)?;
    }
    let features = wanted.get("features").map(features).transpose()?.unwrap_or_default();
    let external = wanted.get("external").map(external).transpose()?;
    let (project, plan) = visit.project_and_plan()?;
    gate(&plan, wanted, &features)?;
    project.storage.extend(wanted.get("fileSizeLimit").map(|limit| ("fileSizeLimit".to_owned(), limit.clone())));
    project.storage.extend(external.map(|external| ("external".to_owned(), external)));
    if !features.is_empty() {
        let stored = project.storage.entry("features").or_insert_with(|| json!({}));
        features.into_iter().for_each(|(name, value)| stored[name] = value);
    }
    Ok(empty(200))
}

/// The known features, each complete.
fn features(given: &Value) -> Result<Map<String, Value>, Answer> {
    let given = object(Some(given)).map_err(|_| expected("features", "object", Some(given)))?;
    let mut complete = Map::new();
    for (name, numbers, _) in FEATURES {
        let Some(value) = given.get(*name) else { continue };
        let at = format!("features.{name}");
        let feature = object(Some(value)).map_err(|_| expected(&at, "object", Some(value)))?;
        let enabled = feature.get("enabled");
        if !enabled.is_some_and(Value::is_boolean) {
            return Err(expected(&format!("{at}.enabled"), "boolean", enabled));
        }
        let mut stored = Map::from_iter([("enabled".to_owned(), enabled.cloned().unwrap_or_default())]);
        for number in *numbers {
            let at = format!("{at}.{number}");
            let value = feature.get(*number).ok_or_else(|| expected(&at, "number", None))?;
            whole(&at, value, 0, i64::MAX)?;
            stored.insert((*number).to_owned(), value.clone());
        }
        complete.insert((*name).to_owned(), stored.into());
    }
    Ok(complete)
}

fn external(given: &Value) -> Result<Value, Answer> {
    let given = object(Some(given)).map_err(|_| expected("external", "object", Some(given)))?;
    let target = given.get("upstreamTarget");
    let word = target.and_then(Value::as_str).ok_or_else(|| expected("external.upstreamTarget", "string", target))?;
    one_of("external.upstreamTarget", word, &["main", "canary"])?;
    Ok(json!({ "upstreamTarget": word }))
}

/// Refuses features that the plan does not include. The refusal is documented, but its status and message are not recorded.
fn gate(plan: &str, wanted: &Map<String, Value>, features: &Map<String, Value>) -> Result<(), Answer> {
    let (size, most) = ("storage.max_file_size", catalogue::most(plan, "storage.max_file_size"));
    if wanted.get("fileSizeLimit").and_then(Value::as_u64).zip(most).is_some_and(|(bytes, most)| bytes > most) {
        return Err(not_included(size, "fileSizeLimit"));
    }
    for (name, _, entitlement) in FEATURES {
        let on = features.get(*name).is_some_and(|feature| feature["enabled"] == true);
        if on && !catalogue::includes(plan, entitlement) {
            return Err(not_included(entitlement, &format!("features.{name}")));
        }
    }
    Ok(())
}
