//! Network restrictions: written together, last, and told where they lock somebody out.

use serde_json::json;
use supaform::schema::Impact;

use super::{sent, settles};
use crate::support::scene::Scene;

#[tokio::test]
async fn networks_are_written_together_and_lock_outs_are_told() {
    let mut scene = Scene::new("network_restrictions: {ipv4: [203.0.113.0/24], ipv6: [\"2001:db8::/32\"]}");
    let plan = scene.plan().await;
    let refused: Vec<String> = plan.projects["p"].refusals.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(refused, ["p/network_restrictions/ipv4"], "somebody must name a lock-out");
    settles(&scene).await;
    let expected = json!({"dbAllowedCidrs": ["203.0.113.0/24"], "dbAllowedCidrsV6": ["2001:db8::/32"]});
    assert_eq!(sent(&scene, "POST", "/network-restrictions/apply"), [expected]);
    // Host bits and order do not matter, and nothing is written for them.
    scene.want("network_restrictions: {ipv4: [203.0.113.9/24], ipv6: [\"2001:db8::1/32\"]}");
    assert!(scene.plan().await.is_empty());
    // Opening locks nobody out; it is told as what it is.
    scene.want("network_restrictions: {mode: open}");
    let plan = scene.plan().await;
    assert!(plan.projects["p"].refusals.is_empty());
    assert_eq!(plan.steps[0].flags.iter().map(|flag| flag.impact).collect::<Vec<_>>(), [Impact::Security]);
    settles(&scene).await;
    scene.want("network_restrictions: {mode: closed}");
    settles(&scene).await;
    assert!(scene.live(|project| project.network.ipv4.is_empty() && project.network.ipv6.is_empty()));
}
