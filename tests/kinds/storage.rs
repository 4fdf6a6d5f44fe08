//! Storage: features that are sent whole and managed by member.

use serde_json::json;
use supaform::model::FieldChange;
use supaform::sandbox::Fault;
use supaform::schema::Impact;

use super::{sent, settles};
use crate::support::scene::{REF, Scene};

#[tokio::test]
async fn a_feature_of_storage_is_sent_whole_and_managed_by_member() {
    let mut scene = Scene::new(
        "storage: {fileSizeLimit: 50MiB, features: {vectorBuckets: {maxIndexes: 5}, s3Protocol: {enabled: true}}}",
    );
    assert!(scene.plan().await.is_empty(), "what is not written of a feature is not compared");
    scene.want("storage: {features: {s3Protocol: {enabled: true}, icebergCatalog: {maxTables: 20, maxCatalogs: 2}}}");
    let plan = scene.plan().await;
    let names: Vec<_> = plan.steps[0].changes[0].fields.iter().map(FieldChange::name).collect();
    assert_eq!(names, ["features.icebergCatalog.maxTables"], "only what differs is shown");
    let along = ["enabled", "maxNamespaces", "maxCatalogs"].map(|member| format!("features.icebergCatalog.{member}"));
    assert_eq!(super::along(&plan), along, "it is told that it is sent along");
    assert!(plan.steps[0].flags.is_empty());
    // Somebody changes another member after the plan was made: what goes along is as it is just before the write.
    let theirs = json!({"enabled": false, "maxNamespaces": 7, "maxTables": 10, "maxCatalogs": 2});
    let value = json!({"features": {"icebergCatalog": theirs}});
    let ghost = Fault::Ghost { pointer: format!("/projects/{REF}/storage"), value };
    scene.fault("GET /v1/projects/{ref}/config/storage", 2, 1, ghost);
    settles(&scene).await;
    let catalog = json!({"enabled": false, "maxNamespaces": 7, "maxTables": 20, "maxCatalogs": 2});
    assert_eq!(sent(&scene, "PATCH", "/config/storage"), [json!({"features": {"icebergCatalog": catalog}})]);
}

#[tokio::test]
async fn what_has_to_go_along_is_live_or_written() {
    let mut scene = Scene::new("storage: {features: {vectorBuckets: {maxBuckets: 3}}}");
    let partly = json!({"vectorBuckets": {"enabled": true, "maxBuckets": 10}});
    scene.live(|project| project.storage.insert("features".to_owned(), partly));
    let plan = scene.plan().await;
    let refused: Vec<_> = plan.projects["p"].refusals.iter().map(|refusal| refusal.finding.message.as_str()).collect();
    let expected = "`features.vectorBuckets.maxBuckets` needs `features.vectorBuckets.maxIndexes`: neither live nor in the manifests";
    assert_eq!(refused, [expected]);
    scene.want("storage: {features: {vectorBuckets: {maxBuckets: 3, maxIndexes: 4}}}");
    settles(&scene).await;
    // What a switch does is told of that switch, not of all features.
    scene.want("storage: {features: {s3Protocol: {enabled: false}, purgeCache: {enabled: true}}}");
    let flags: Vec<_> = scene.plan().await.steps[0].flags.iter().map(|flag| (flag.impact, flag.what.clone())).collect();
    assert_eq!(flags, [(Impact::Access, "storage.features.s3Protocol.enabled".to_owned())]);
}
