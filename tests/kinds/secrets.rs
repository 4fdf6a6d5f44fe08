//! Secrets: the platform's own, and how many there may be.

use serde_json::json;
use supaform::diag::codes::plan as plan_codes;
use supaform::schema::Digest;

use super::settles;
use crate::support::scene::Scene;

#[tokio::test]
async fn the_platforms_own_secrets_do_not_exist_for_us() {
    let scene = Scene::new("manage: {secrets: {prune: true}}\nsecrets: {A: {plain: bar}}");
    scene.live(|project| {
        for name in ["SUPABASE_URL", "SUPABASE_DB_URL", "A", "THEIRS"] {
            let digest = Digest::Sha256.of("bar", "").unwrap();
            project.secrets.insert(name.to_owned(), serde_json::from_value(json!({"digest": digest})).unwrap());
        }
    });
    let plan = scene.plan().await;
    let gone: Vec<_> =
        plan.projects["p"].changes.iter().filter_map(|change| change.at.subject.item().map(str::to_owned)).collect();
    assert_eq!(gone, ["THEIRS"]);
    settles(&scene).await;
    assert_eq!(scene.live(|project| project.secrets.len()), 3);
}

#[tokio::test]
async fn the_cap_of_secrets_is_known_before_anything_is_sent() {
    let live = |scene: &Scene, many: u32| {
        scene.live(|project| {
            for number in 0..many {
                let secret = serde_json::from_value(json!({"digest": "0".repeat(64)})).unwrap();
                project.secrets.insert(format!("S{number}"), secret);
            }
        });
    };
    let full = Scene::new("secrets: {NEW: {plain: x}}");
    live(&full, 100);
    let plan = full.plan().await;
    assert_eq!(plan.projects["p"].refusals[0].finding.code, plan_codes::TOO_MANY_ITEMS);
    // One goes and one comes: the old one goes first, or the new one would not fit.
    let swap = Scene::new("secrets: {NEW: {plain: x}, S0: null}");
    live(&swap, 100);
    settles(&swap).await;
    let writes: Vec<String> =
        swap.requests().into_iter().map(|(method, _)| method).filter(|method| method != "GET").collect();
    assert_eq!(writes, ["DELETE", "POST"]);
}
