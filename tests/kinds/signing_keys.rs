//! Signing keys: published first, put into use with a word once that is known, revoked once nothing of them is left.

use std::time::Duration;

use serde_json::{Value, json};
use supaform::diag::codes::{plan as plans, run as codes};
use supaform::exit::Exit;
use supaform::sandbox::{Fault, KeyStatus, SigningKey};
use supaform::schema::Impact;
use supaform::session::{Import, write_imported};

use super::{asked, ends, refusals, settles, writes};
use crate::support::scene::{Killed, REF, Scene};
use crate::support::stage::Stage;

const KID: &str = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
const SECOND: &str = "1a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
const POST: &str = "POST /v1/projects/{ref}/config/auth/signing-keys";
const PATCH: &str = "PATCH /v1/projects/{ref}/config/auth/signing-keys/{id}";
const LIST: &str = "GET /v1/projects/{ref}/config/auth/signing-keys";
const PRIVATE: &str = "canary-private-part-of-a-signing-key-0000000";

fn jwk(kid: &str, x: &str) -> String {
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": "WWWWWWWWWWW", "d": PRIVATE}).to_string()
}

/// A key of a section, such as `KID: {status: standby}`.
fn key(kid: &str, status: &str) -> String {
    let first = kid.chars().next().unwrap();
    format!("  \"{kid}\": {{algorithm: ES256, private_jwk: {{env: JWK_{first}}}, status: {status}}}\n")
}

fn section(keys: &[(&str, &str)]) -> String {
    let keys: String = keys.iter().map(|(kid, status)| key(kid, status)).collect();
    if keys.is_empty() { String::new() } else { format!("signing_keys:\n{keys}") }
}

fn scene(keys: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::new("");
    scene.secret("JWK_0", &jwk(KID, "XXXXXXXXXXX"));
    scene.secret("JWK_1", &jwk(SECOND, "YYYYYYYYYYY"));
    scene.want(&section(keys));
    scene
}

fn keys<T>(scene: &Scene, change: impl FnOnce(&mut Vec<SigningKey>) -> T) -> T {
    scene.live(|project| change(project.signing_keys.get_or_insert_default()))
}

fn status(scene: &Scene, kid: &str) -> Option<KeyStatus> {
    keys(scene, |keys| keys.iter().find(|key| key.id == kid).map(|key| key.status))
}

fn set_status(scene: &Scene, kid: &str, status: KeyStatus) {
    keys(scene, |keys| keys.iter_mut().filter(|key| key.id == kid).for_each(|key| key.status = status));
}

/// A live key, as somebody has added it.
fn add(scene: &Scene, kid: &str, status: &str, x: &str) {
    let public = json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": "WWWWWWWWWWW"});
    let key = json!({"id": kid, "algorithm": "ES256", "status": status, "public_jwk": public});
    keys(scene, |keys| keys.push(serde_json::from_value(key).unwrap()));
}

/// The key that the built-in project signs with.
fn first(scene: &Scene) -> String {
    scene.live(|project| {
        let all = project.signing_keys.clone().unwrap_or_default();
        all.iter().find(|key| key.status == KeyStatus::InUse).map(|key| key.id.clone()).unwrap_or_default()
    })
}

fn sent(scene: &Scene) -> Vec<(String, Value)> {
    writes(scene).into_iter().map(|(method, _, body)| (method, body["status"].clone())).collect()
}

const fn minutes(many: u64) -> Duration {
    Duration::from_mins(many)
}

#[tokio::test]
async fn a_rotation_takes_its_time_and_each_run_says_until_when() {
    // First: the key is added, and nothing else may happen in this run.
    let mut scene = scene(&[(KID, "in_use")]);
    let word = (format!("p/signing_keys/{KID}"), Some(Impact::Security));
    assert_eq!(asked(&scene.plan().await), [word], "its word, protected or not");
    let (exit, findings) = ends(&scene).await;
    assert_eq!((exit, findings[0].code), (Some(Exit::Attention), codes::AWAITED));
    assert!(findings[0].message.contains(&format!("may lack `{KID}` until 2026-01-01T00:2")), "{findings:?}");
    assert_eq!(
        (sent(&scene), status(&scene, KID)),
        (vec![("POST".to_owned(), json!("standby"))], Some(KeyStatus::Standby))
    );
    // Too early: nothing is sent, and nobody has drifted.
    scene.pass(minutes(19)).await;
    let plan = scene.plan().await;
    assert_eq!((plan.projects["p"].awaited.len(), plan.projects["p"].awaited[0].holds), (1, &["status"][..]));
    assert_eq!((ends(&scene).await.0, sent(&scene).len()), (Some(Exit::Attention), 1));
    // Second: copies of the public keys are renewed by now.
    scene.pass(minutes(2)).await;
    settles(&scene).await;
    assert_eq!((status(&scene, KID), sent(&scene).len()), (Some(KeyStatus::InUse), 2));
    let of_former_times =
        keys(&scene, |keys| keys.iter().filter(|key| key.status == KeyStatus::PreviouslyUsed).count());
    assert_eq!(of_former_times, 2, "nothing is revoked along with it");
    // Third: the key that it has replaced goes, once its tokens have expired and the word is given.
    let old = keys(&scene, |keys| keys.iter().find(|key| !key.legacy && key.id != KID).unwrap().id.clone());
    scene.want(&format!("{}  \"{old}\": {{status: revoked}}\n", section(&[(KID, "in_use")])));
    assert_eq!(asked(&scene.plan().await), [(format!("p/signing_keys/{old}"), Some(Impact::LockOut))]);
    scene.pass(minutes(70)).await;
    let (exit, findings) = ends(&scene).await;
    assert_eq!((exit, sent(&scene).len()), (Some(Exit::Attention), 2), "an hour, and a quarter of one");
    assert!(findings[0].message.contains("are valid until 2026-01-01T01:3"), "{findings:?}");
    scene.pass(minutes(6)).await;
    settles(&scene).await;
    assert_eq!(status(&scene, &old), Some(KeyStatus::Revoked));
}

#[tokio::test]
async fn tokens_that_live_longer_are_waited_for_longer() {
    let scene = || {
        let mut scene = scene(&[]);
        add(&scene, KID, "in_use", "XXXXXXXXXXX");
        add(&scene, SECOND, "previously_used", "YYYYYYYYYYY");
        scene.want(&section(&[(SECOND, "revoked")]));
        scene
    };
    let long = scene();
    long.live(|project| project.auth.insert("jwt_exp".to_owned(), json!(86_400)));
    long.pass(minutes(24 * 60)).await;
    assert_eq!(ends(&long).await.0, Some(Exit::Attention));
    long.pass(minutes(15)).await;
    settles(&long).await;
    // Where a token may not see how long, the longest that the API takes is assumed.
    let unseen = scene();
    unseen.fault("GET /v1/projects/{ref}/config/auth", 1, 99, Fault::Refuse { status: 403, message: "no".to_owned() });
    unseen.pass(minutes(6 * 24 * 60)).await;
    assert_eq!(ends(&unseen).await.0, Some(Exit::Attention));
    unseen.pass(minutes(25 * 60)).await;
    settles(&unseen).await;
}

#[tokio::test]
async fn what_is_further_along_is_as_good() {
    let mut scene = scene(&[(KID, "standby")]);
    assert!(scene.plan().await.projects["p"].refusals.is_empty(), "a key in standby endangers nobody");
    settles(&scene).await;
    for (wanted, live) in
        [("standby", KeyStatus::InUse), ("standby", KeyStatus::PreviouslyUsed), ("previously_used", KeyStatus::Revoked)]
    {
        scene.want(&section(&[(KID, wanted)]));
        set_status(&scene, KID, live);
        assert!(scene.plan().await.is_empty(), "{wanted} and {live:?}");
    }
}

/// The key that is replaced is written as such in the same commit.
#[tokio::test]
async fn a_key_steps_back_with_the_one_that_replaces_it() {
    let mut scene = scene(&[(KID, "standby")]);
    settles(&scene).await;
    let old = first(&scene);
    let both = format!("{}  \"{old}\": {{status: previously_used}}\n", section(&[(KID, "in_use")]));
    scene.want(&both);
    let plan = scene.plan().await;
    assert_eq!(plan.projects["p"].awaited.len(), 2, "{plan:?}");
    assert_eq!(plan.steps.len(), 1, "one request does both");
    assert_eq!(ends(&scene).await.0, Some(Exit::Attention));
    scene.pass(minutes(21)).await;
    settles(&scene).await;
    assert_eq!(status(&scene, &old), Some(KeyStatus::PreviouslyUsed));
    // Without the other one it does not step back.
    scene.want(&section(&[(KID, "previously_used")]));
    assert_eq!(refusals(&scene).await, [plans::KEY_ORDER]);
}

/// Where the API has a pause between changes, the run after it goes on.
#[tokio::test]
async fn what_is_too_early_for_the_api_is_left_to_the_next_run() {
    let scene = scene(&[(KID, "standby")]);
    scene.sandbox.edit(|state| state.switches.signing_keys.cooldown_ms = 300_000);
    scene.live(|project| project.signing_changed_ms = Some(0));
    let (exit, findings) = ends(&scene).await;
    assert_eq!((exit, findings[0].code), (Some(Exit::Attention), codes::AWAITED), "{findings:?}");
    assert!(findings[0].message.contains("Please wait until 2026-01-01T00:05:00Z"), "{findings:?}");
    assert_eq!(status(&scene, KID), None);
    scene.pass(minutes(5)).await;
    settles(&scene).await;
}

#[tokio::test]
async fn a_key_that_was_replaced_elsewhere_is_not_rotated_back_unseen() {
    let scene = scene(&[(KID, "in_use")]);
    add(&scene, SECOND, "in_use", "YYYYYYYYYYY");
    add(&scene, KID, "previously_used", "XXXXXXXXXXX");
    let plan = scene.plan().await;
    let refusal = &plan.projects["p"].refusals[0];
    assert!(refusal.finding.message.contains("replaced elsewhere"), "{refusal:?}");
    assert_eq!(refusal.allow, Some(Impact::Security));
    settles(&scene).await;
    assert_eq!(sent(&scene), [("PATCH".to_owned(), json!("standby")), ("PATCH".to_owned(), json!("in_use"))]);
    // A revoked one stays so.
    set_status(&scene, KID, KeyStatus::Revoked);
    assert!(refusals(&scene).await.contains(&plans::KEY_ORDER));
}

#[tokio::test]
async fn nothing_is_revoked_in_the_run_that_rotates() {
    let mut scene = scene(&[]);
    add(&scene, KID, "in_use", "XXXXXXXXXXX");
    add(&scene, SECOND, "standby", "YYYYYYYYYYY");
    scene.pass(minutes(30)).await;
    for (wanted, live) in [("revoked", KeyStatus::InUse), ("revoked", KeyStatus::PreviouslyUsed)] {
        set_status(&scene, KID, live);
        scene.want(&section(&[(KID, wanted), (SECOND, "in_use")]));
        assert!(refusals(&scene).await.contains(&plans::KEY_ORDER), "{live:?}");
        assert_eq!(writes(&scene).len(), 0);
    }
    // Nor is the key in use revoked alone, or one that was never used.
    scene.want(&section(&[(SECOND, "revoked")]));
    for live in [KeyStatus::InUse, KeyStatus::Standby] {
        set_status(&scene, SECOND, live);
        assert!(refusals(&scene).await.contains(&plans::KEY_ORDER), "{live:?}");
    }
}

#[tokio::test]
async fn the_legacy_secret_goes_after_the_keys_that_it_has_signed() {
    let mut scene = scene(&[(KID, "standby")]);
    settles(&scene).await;
    let legacy = keys(&scene, |keys| keys.iter().find(|key| key.legacy).unwrap().id.clone());
    let revoked = format!("signing_keys:\n  \"{legacy}\": {{status: revoked}}\n");
    scene.pass(minutes(120)).await;
    scene.want(&revoked);
    assert!(refusals(&scene).await.contains(&plans::IN_USE), "anon and service_role are still taken");
    scene.want(&format!("{revoked}legacy_api_keys: {{enabled: false}}"));
    let plan = scene.plan().await;
    let order: Vec<_> = plan.steps.iter().filter_map(|step| step.at.subject.kind()).collect();
    assert_eq!(order, ["legacy_api_keys", "signing_keys"]);
    settles(&scene).await;
    assert_eq!(status(&scene, &legacy), Some(KeyStatus::Revoked));
}

#[tokio::test]
async fn a_kid_of_another_project_is_told_and_not_tried_again() {
    let mut scene = scene(&[]);
    scene.sandbox.edit(|state| {
        let mut theirs = state.projects[REF].clone();
        let key = json!({"id": KID, "algorithm": "ES256", "status": "standby"});
        theirs.signing_keys = Some(vec![serde_json::from_value(key).unwrap()]);
        "Theirs".clone_into(&mut theirs.name);
        state.projects.insert("theirstheirstheirsth".to_owned(), theirs);
    });
    scene.want_document(&format!("project: p\nref: {REF}\n{}", section(&[(KID, "standby")])));
    let (exit, findings) = ends(&scene).await;
    assert_eq!((exit, findings[0].code), (Some(Exit::Failed), codes::API_REFUSED));
    assert!(findings[0].message.contains("belongs to another project"), "{findings:?}");
    assert_eq!(writes(&scene).len(), 1);
}

#[tokio::test]
async fn one_key_in_standby_and_three_of_former_times() {
    let mut scene = scene(&[(KID, "standby")]);
    add(&scene, SECOND, "standby", "YYYYYYYYYYY");
    assert_eq!(refusals(&scene).await, [plans::KEY_ORDER], "one that no manifest knows");
    // The API says the same, whoever was faster.
    keys(&scene, Vec::clear);
    scene.live(|project| project.signing_keys = None);
    let said = "The project already has a signing key in standby".to_owned();
    scene.fault(POST, 1, 1, Fault::Refuse { status: 422, message: said });
    assert_eq!(ends(&scene).await.0, Some(Exit::Failed));
    // A fourth one that is `previously_used`.
    let ids = ["2", "3", "4"].map(|id| format!("{id}a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"));
    keys(&scene, Vec::clear);
    for id in &ids {
        add(&scene, id, "previously_used", "Z");
    }
    add(&scene, SECOND, "in_use", "YYYYYYYYYYY");
    add(&scene, KID, "standby", "XXXXXXXXXXX");
    scene.pass(minutes(30)).await;
    scene.want(&section(&[(KID, "in_use")]));
    assert!(refusals(&scene).await.contains(&plans::KEY_ORDER));
}

#[tokio::test]
async fn the_key_at_hand_is_held_against_the_one_that_is_installed() {
    let mut scene = scene(&[(KID, "standby")]);
    settles(&scene).await;
    scene.secret("JWK_0", &jwk(KID, "another-public-part"));
    assert_eq!(refusals(&scene).await, [plans::CANNOT_BECOME]);
    // Without the value nothing is compared, and nothing changes.
    scene.want(&format!(
        "signing_keys:\n  \"{KID}\": {{algorithm: ES256, private_jwk: {{env: GONE}}, status: standby}}"
    ));
    assert!(scene.plan().await.is_empty());
    scene.want(&format!("signing_keys: {{\"{KID}\": null}}"));
    assert!(refusals(&scene).await.contains(&plans::KEY_ORDER), "a manifest deletes no key");
    scene.want(&format!("signing_keys:\n  \"{KID}\": {{algorithm: RS256, status: standby}}"));
    assert_eq!(refusals(&scene).await, [plans::CANNOT_BECOME]);
    scene.want(&format!("signing_keys:\n  \"{SECOND}\": {{status: standby}}"));
    assert_eq!(refusals(&scene).await, [plans::MISSING_COMPANION]);
}

#[tokio::test]
async fn a_key_that_is_not_the_one_that_is_named_is_not_sent() {
    let mut scene = scene(&[(KID, "standby")]);
    for other in [jwk(SECOND, "X"), "no JSON".to_owned(), "{}".to_owned(), format!("[{}]", jwk(KID, "X"))] {
        scene.secret("JWK_0", &other);
        let (_, findings) = ends(&scene).await;
        let message = &findings[0].message;
        assert!(message.contains("nothing was sent") && !message.contains(PRIVATE), "{message}");
        assert_eq!(writes(&scene).len(), 0);
    }
}

/// A legacy project has no keys: its secret becomes one by a step of its own.
#[tokio::test]
async fn a_secret_of_former_times_becomes_a_key_first() {
    let scene = scene(&[(KID, "standby")]);
    scene.live(|project| project.signing_keys = Some(vec![]));
    assert_eq!(refusals(&scene).await, [plans::KEY_ORDER]);
}

#[tokio::test]
async fn nothing_of_a_private_key_is_kept_or_told() {
    let scene = scene(&[(KID, "in_use")]);
    let told = format!("private_jwk.d: Invalid {PRIVATE}");
    scene.fault(POST, 1, 1, Fault::Refuse { status: 400, message: told });
    let ran = scene.run().await;
    let printed = format!("{:?} {:?}", ran.plan, ran.report);
    assert!(printed.contains("[secret]") && !printed.contains(PRIVATE), "{printed}");
    ends(&scene).await;
    assert_eq!(status(&scene, KID), Some(KeyStatus::Standby));
    scene.sandbox.edit(|state| state.faults.clear());
    let kept = scene.sandbox.edit(|state| serde_json::to_string(state).unwrap());
    let logged = Value::from(scene.log()).to_string();
    assert!(logged.contains("[secret]") && !logged.contains(PRIVATE), "{logged}");
    assert!(!kept.contains(PRIVATE));
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_makes_no_second_key() {
    for (fault, wanted) in
        [(Fault::DropAfter, "in_use"), (Fault::DropAfter, "standby"), (Fault::FailAfter { status: 500 }, "in_use")]
    {
        let scene = scene(&[(KID, wanted)]);
        scene.fault(POST, 1, 1, fault.clone());
        let expected = if wanted == "standby" { Exit::Done } else { Exit::Attention };
        assert_eq!(ends(&scene).await.0, Some(expected), "{fault:?} {wanted}");
        assert_eq!(writes(&scene).len(), 1, "{fault:?} {wanted}: what was lost is found");
        scene.pass(minutes(21)).await;
        scene.fault(PATCH, 1, 1, fault.clone());
        let exit = ends(&scene).await.0;
        assert!(matches!(exit, None | Some(Exit::Done)), "{exit:?}");
        assert_eq!(keys(&scene, |keys| keys.len()), 3);
    }
}

#[tokio::test]
async fn where_the_api_tells_no_time_nothing_is_due() {
    let scene = scene(&[(KID, "in_use")]);
    add(&scene, KID, "standby", "XXXXXXXXXXX");
    scene.pass(minutes(600)).await;
    scene.fault(
        LIST,
        1,
        99,
        Fault::Show { pointer: "/keys/0/updated_at".to_owned(), value: json!("2026-01-01T10:00:00Z") },
    );
    assert_eq!(scene.plan().await.projects["p"].awaited.len(), 1);
    scene.sandbox.edit(|state| state.faults.clear());
    settles(&scene).await;
}

#[tokio::test]
async fn killed_anywhere_it_goes_on_and_makes_one_key() {
    for prepared in [false, true] {
        let made = || {
            let scene = scene(&[(KID, "in_use")]);
            if prepared {
                add(&scene, SECOND, "in_use", "YYYYYYYYYYY");
                add(&scene, KID, "standby", "XXXXXXXXXXX");
            }
            scene
        };
        let clean = made();
        clean.pass(minutes(30)).await;
        clean.run().await;
        let requests = u32::try_from(clean.requests().len()).unwrap();
        for (nth, killed) in (1..=requests).flat_map(|nth| [(nth, Killed::Before), (nth, Killed::After)]) {
            let what = format!("{killed:?} request {nth}, prepared: {prepared}");
            let scene = made();
            scene.pass(minutes(30)).await;
            assert!(scene.run_killed(nth, killed).await, "{what}: it was not");
            scene.run().await;
            scene.pass(minutes(21)).await;
            scene.run().await;
            assert!(scene.plan().await.is_empty(), "{what}");
            assert_eq!(status(&scene, KID), Some(KeyStatus::InUse), "{what}");
            assert_eq!(keys(&scene, |keys| keys.iter().filter(|key| key.id == KID).count()), 1, "{what}");
        }
    }
}

/// What a project is made with is nobody's to write down; of what somebody has done, nothing private is known.
#[tokio::test]
async fn what_is_live_is_imported_without_its_private_part() {
    let stage = Stage::new("");
    let import = async || stage.session().import(&Import::default()).await.unwrap();
    assert!(import().await.is_empty(), "an untouched project has nothing to import");
    stage.live(|project| {
        let public = json!({"kty": "EC", "crv": "P-256", "kid": KID, "x": "X", "y": "Y"});
        let keys = json!([
            {"id": KID, "algorithm": "ES256", "status": "in_use", "public_jwk": public, "created_ms": 1, "updated_ms": 2},
            {"id": SECOND, "algorithm": "EdDSA", "status": "revoked", "created_ms": 1, "updated_ms": 2},
        ]);
        project.signing_keys = Some(serde_json::from_value(keys).unwrap());
    });
    write_imported(&import().await).unwrap();
    let written = stage.read("p.yaml");
    let expected =
        format!("signing_keys:\n  {KID}: {{algorithm: ES256, status: in_use}}\n  {SECOND}: {{status: revoked}}\n");
    assert!(written.replace('"', "").contains(&expected), "{written}");
    assert!(stage.plan().await.plan.is_empty() && import().await.is_empty());
}
