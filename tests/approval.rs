//! A plan and the world going on. Approval: every managed field that moves is seen, no other stops anybody, and nothing is
//! sent that was not approved. Attribution: each difference comes from the branch, from live, or from both.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::scene::Scene;
use proptest::prelude::*;
use serde_json::{Value, json};
use supaform::kind::find;
use supaform::kinds::KINDS;
use supaform::model::{Plan, Why};
use supaform::plan::approval::unapproved;
use supaform::plan::attribution::Attribution;
use supaform::schema::{Field, Literal, Type};

/// Fields of `auth` that stand alone, each with a wanted value and another that is neither it nor the default.
fn fields() -> Vec<(&'static Field, Value, Value)> {
    let auth = find(KINDS, "auth").expect("auth").info();
    let alone = auth.all_fields().filter(|field| {
        field.needs.is_empty() && !field.name.starts_with("hook_") && !field.name.ends_with("_additional_client_ids")
    });
    let values = alone.filter_map(|field| {
        let (wanted, other) = match field.ty {
            Type::Bool => {
                (json!(field.default != Some(Literal::Bool(true))), json!(field.default == Some(Literal::Bool(true))))
            }
            Type::Int { min, max } if field.unit.is_none() && max - min > 8 => {
                let mut values =
                    (min..max).map(Value::from).filter(|it| field.default.map(Literal::to_value).as_ref() != Some(it));
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
        assert!(!unapproved(&moved, &moved, &approved).is_empty(), "{} has moved unseen", field.name);
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
        let plan = scene.plan().await;
        assert!(unapproved(&plan, &plan, &approved).is_empty(), "{} is nobody's", field.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Each difference comes from somewhere: all from live where the base wants the same, all from the branch where live is as the
    /// base wants it.
    #[test]
    fn every_difference_comes_from_somewhere(
        head in prop::collection::btree_map(0_usize..60, 0_usize..3, 1..8),
        base in prop::collection::btree_map(0_usize..60, 0_usize..3, 0..8),
        live in prop::collection::btree_map(0_usize..60, 0_usize..3, 0..8),
    ) {
        let all = fields();
        let value = |(at, which): (&usize, &usize)| {
            let (field, wanted, other) = &all[at % all.len()];
            let values = [wanted.clone(), other.clone(), field.default.map_or_else(|| other.clone(), Literal::to_value)];
            (*field, values[*which].clone())
        };
        let manifest = |of: &BTreeMap<usize, usize>| section(&of.iter().map(value).collect::<Vec<_>>());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut scene = Scene::new(&manifest(&head));
            live.iter().map(value).for_each(|(field, value)| set(&scene, field, &value));
            let of_head = scene.plan().await;
            let changes = || of_head.projects.values().flat_map(|project| &project.changes);
            let whys = |of: &Attribution| -> Vec<Why> {
                let fields = changes().flat_map(|change| change.fields.iter().map(|field| (&change.at, field)));
                fields.map(|(at, field)| of.at(at, Some(field.name())).expect("from somewhere")).collect()
            };
            assert!(whys(&Attribution::of(&of_head, &of_head)).iter().all(|why| *why == Why::Drift));
            scene.want(&manifest(&base));
            let of_base = scene.plan().await;
            let both = whys(&Attribution::of(&of_head, &of_base));
            if of_base.steps.is_empty() {
                assert!(both.iter().all(|why| *why == Why::Intended), "live is as the base wants it");
            }
        });
    }

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
            let held = unapproved(&after, &after, &approved);
            for step in after.steps.iter().filter(|step| !held.contains_key(step.at.project.as_str())) {
                assert!(bodies.contains(&format!("{:?}", step.call)), "{:?} was not approved", step.call);
            }
            // Where nothing moved and nothing was rewritten, nothing is held back.
            assert!(!(moved.is_empty() && rewritten.is_empty()) || held.is_empty());
        });
    }
}
