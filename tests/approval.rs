//! What was approved, and the world going on: every managed field that moves is seen, no other stops anybody, and nothing
//! is sent that was not approved (R29).

#[path = "support/scene.rs"]
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use scene::Scene;
use serde_json::{Value, json};
use supaform::kind::find;
use supaform::kinds::KINDS;
use supaform::model::Plan;
use supaform::plan::approval::beyond;
use supaform::schema::{Field, Lit, Type};

/// Fields of `auth` that stand alone, each with a wanted value and another that is neither it nor the default.
fn fields() -> Vec<(&'static Field, Value, Value)> {
    let auth = find(KINDS, "auth").expect("auth").info();
    let alone = auth.all_fields().filter(|field| {
        field.needs.is_empty() && !field.name.starts_with("hook_") && !field.name.ends_with("_additional_client_ids")
    });
    let values = alone.filter_map(|field| {
        let (wanted, other) = match field.ty {
            Type::Bool => {
                (json!(field.default != Some(Lit::Bool(true))), json!(field.default == Some(Lit::Bool(true))))
            }
            Type::Int { min, max } if field.unit.is_none() && max - min > 8 => {
                let mut values =
                    (min..max).map(Value::from).filter(|it| field.default.map(Lit::to_value).as_ref() != Some(it));
                (values.next()?, values.next()?)
            }
            Type::Text(rule) if rule.form.is_none() && !field.is_secret() => (json!("wanted"), json!("another")),
            _ => return None,
        };
        Some((field, wanted, other))
    });
    values.collect()
}

fn approved(plan: &Plan) -> BTreeSet<String> {
    plan.steps.iter().map(|step| step.hash.clone()).collect()
}

fn section(fields: &[(&Field, Value)]) -> String {
    let map: BTreeMap<&str, &Value> = fields.iter().map(|(field, value)| (field.name, value)).collect();
    format!("auth: {}", json!(map))
}

fn set(scene: &Scene, field: &Field, value: &Value) {
    scene.live(|project| project.auth.insert(field.name.to_owned(), value.clone()));
}

#[tokio::test]
async fn every_managed_field_that_moves_after_the_plan_is_seen() {
    // A boolean that moves is where it is wanted.
    let all: Vec<_> = fields().into_iter().filter(|(field, ..)| !matches!(field.ty, Type::Bool)).collect();
    assert!(all.len() >= 40, "{} fields", all.len());
    for (field, wanted, other) in all {
        let scene = Scene::new(&section(&[(field, wanted.clone())]));
        let plan = scene.plan().await;
        assert_eq!(plan.steps.len(), 1, "{}", field.name);
        let approved = approved(&plan);
        set(&scene, field, &other);
        let moved = scene.plan().await;
        assert!(!beyond(&moved, &approved).is_empty(), "{} has moved unseen", field.name);
        set(&scene, field, &wanted);
        assert!(scene.plan().await.steps.is_empty(), "{}: what is done needs no step", field.name);
    }
}

#[tokio::test]
async fn a_field_that_nobody_manages_stops_nobody() {
    let all = fields();
    let (field, wanted, _) = &all[0];
    let scene = Scene::new(&section(&[(field, wanted.clone())]));
    let approved = approved(&scene.plan().await);
    for (field, _, other) in &all[1..] {
        set(&scene, field, other);
        assert!(beyond(&scene.plan().await, &approved).is_empty(), "{} is nobody's", field.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever moves and whatever is wanted by then: what is let through was approved, to the last request.
    #[test]
    fn nothing_is_done_that_was_not_approved(
        wanted in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
        moved in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..5),
        rewritten in prop::collection::vec(any::<prop::sample::Index>(), 0..2),
    ) {
        let all = fields();
        let pick = |index: &prop::sample::Index| &all[index.index(all.len())];
        let manifest = |more: &[prop::sample::Index]| {
            let base = wanted.iter().map(|it| (pick(it).0, pick(it).1.clone()));
            let more = more.iter().map(|it| (pick(it).0, pick(it).2.clone()));
            section(&base.chain(more).collect::<Vec<_>>())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut scene = Scene::new(&manifest(&[]));
            let before = scene.plan().await;
            let approved = approved(&before);
            let bodies: BTreeSet<String> = before.steps.iter().map(|step| format!("{:?}", step.call)).collect();
            for (index, back) in &moved {
                let (field, wanted, other) = pick(index);
                set(&scene, field, if *back { wanted } else { other });
            }
            scene.want(&manifest(&rewritten));
            let after = scene.plan().await;
            let held = beyond(&after, &approved);
            for step in after.steps.iter().filter(|step| !held.contains_key(step.at.project.as_str())) {
                assert!(bodies.contains(&format!("{:?}", step.call)), "{:?} was not approved", step.call);
            }
            // Where nothing moved and nothing was rewritten, nothing is held back.
            assert!(!(moved.is_empty() && rewritten.is_empty()) || held.is_empty());
        });
    }
}
