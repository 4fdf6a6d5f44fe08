//! Branches: made once, whatever becomes of the answer; changed with patience; and never removed by mistake.

use serde_json::{Value, json};
use supaform::diag::codes::{plan as codes, run};
use supaform::exit::Exit;
use supaform::sandbox::{Branch, BranchSwitches, Fault, ListWhenOff, Rule, State};

use super::{blocked, refusals, sent, settles, writes};
use crate::support::scene::{Killed, Scene};

const CREATE: &str = "POST /v1/projects/{ref}/branches";
const LIST: &str = "GET /v1/projects/{ref}/branches";

fn names(scene: &Scene) -> Vec<String> {
    scene.live(|project| project.branches.iter().map(|branch| branch.name.clone()).collect())
}

fn branch(scene: &Scene, name: &str) -> Branch {
    scene.live(|project| project.branches.iter().find(|branch| branch.name == name).cloned().unwrap())
}

fn switch(scene: &Scene, change: impl FnOnce(&mut BranchSwitches)) {
    scene.sandbox.edit(|state| change(&mut state.switches.branches));
}

/// Changes a branch behind everybody's back.
fn edit(scene: &Scene, name: &str, change: impl FnOnce(&mut Branch)) {
    scene.live(|project| change(project.branches.iter_mut().find(|branch| branch.name == name).unwrap()));
}

/// How many projects the branches are, which all cost money.
fn billed(state: &State) -> usize {
    state.projects.values().filter(|project| project.branch_of.is_some() && !project.removed).count()
}

#[tokio::test]
async fn a_branch_is_made_changed_and_removed() {
    let mut scene = Scene::new("branches: {staging: {git_branch: develop, persistent: true, region: eu-west-1}}");
    let plan = scene.plan().await;
    let risks: Vec<_> = plan.steps[0].flags.iter().map(|flag| flag.why.as_str()).collect();
    assert!(risks.iter().any(|why| why.contains("cost money")), "{risks:?}");
    settles(&scene).await;
    assert_eq!(names(&scene), ["main", "staging"], "the project itself becomes a branch along with the first one");
    let made = json!({"git_branch": "develop", "persistent": true, "region": "eu-west-1", "branch_name": "staging"});
    assert_eq!(sent(&scene, "POST", "/branches"), [made]);
    let reference = branch(&scene, "staging").reference;
    scene.want(
        "branches: {staging: {git_branch: null, persistent: true, notify_url: \"https://ci.acme.dev/b\", region: eu-west-1}}",
    );
    settles(&scene).await;
    assert_eq!(
        sent(&scene, "PATCH", &reference),
        [json!({"git_branch": "", "notify_url": "https://ci.acme.dev/b"})],
        "null would be accepted and change nothing"
    );
    scene.want("branches: {staging: null}");
    let asked: Vec<String> =
        scene.plan().await.projects["p"].refusals.iter().map(|refusal| refusal.at.to_string()).collect();
    assert_eq!(asked, ["p/branches/staging"]);
    settles(&scene).await;
    assert_eq!(names(&scene), ["main"]);
    let last: Vec<_> = writes(&scene).into_iter().map(|(method, _, body)| (method, body)).skip(2).collect();
    let let_go = ("PATCH".to_owned(), json!({"persistent": false}));
    assert_eq!(
        last,
        [let_go, ("DELETE".to_owned(), Value::Null)],
        "one that stays must first become one that does not"
    );
    assert_eq!(scene.sandbox.edit(|state| billed(state)), 0);
}

/// The size of its disk is taken by another version of the API.
#[tokio::test]
async fn a_branch_with_a_disk_of_its_own_is_made_once() {
    let wanted = "branches: {staging: {git_branch: develop, desired_instance_size: small, desired_disk_size_gb: 20}}";
    for fault in [None, Some(Fault::DropAfter), Some(Fault::FailAfter { status: 500 })] {
        let mut scene = Scene::new(wanted);
        if let Some(fault) = fault {
            scene.fault("POST /v2/projects/{ref}/branches", 1, 1, fault);
        }
        settles(&scene).await;
        let attributes = json!({
            "name": "staging", "git_branch": "develop", "desired_instance_size": "small", "desired_disk_size_gb": 20,
        });
        assert_eq!(sent(&scene, "POST", "/branches"), [json!({"data": {"type": "branch", "attributes": attributes}})]);
        assert_eq!(scene.sandbox.edit(|state| billed(state)), 1);
        scene.want(&wanted.replace("20", "30"));
        assert!(scene.plan().await.is_empty(), "the API does not show it");
    }
}

/// Its creation may be answered by a failure, or by nothing, and have happened.
#[tokio::test]
async fn a_branch_is_never_made_a_second_time() {
    let faults = [
        Fault::DropAfter,
        Fault::FailAfter { status: 500 },
        Fault::FailAfter { status: 504 },
        Fault::Page { status: 524 },
        Fault::Cut,
        Fault::DropBefore,
        Fault::Slow { ms: 35_000 },
    ];
    for fault in faults {
        let scene = Scene::new("branches: {staging: {}}");
        scene.fault(CREATE, 1, 1, fault.clone());
        settles(&scene).await;
        assert_eq!(scene.sandbox.edit(|state| billed(state)), 1, "{fault:?}");
    }
    // The list may lag behind, too.
    let scene = Scene::new("branches: {staging: {}}");
    let rule =
        |route: &str, nth, times, fault| Rule { route: route.to_owned(), project: None, nth, times, fault, seen: 0 };
    scene.sandbox.edit(|state| {
        state.faults = vec![rule(CREATE, 1, 1, Fault::DropAfter), rule(LIST, 3, 6, Fault::Stale)];
    });
    settles(&scene).await;
    assert_eq!(scene.sandbox.edit(|state| billed(state)), 1);
    assert_eq!(sent(&scene, "POST", "/branches").len(), 1);
}

/// The list shows the old values for some seconds.
#[tokio::test]
async fn a_list_that_lags_behind_is_waited_for_and_the_answer_believed() {
    let mut scene = Scene::new("branches: {staging: {}}");
    settles(&scene).await;
    for (lag, noted) in [(20_000, false), (200_000, true)] {
        switch(&scene, |switches| switches.list_lag_ms = lag);
        scene.want(&format!("branches: {{staging: {{git_branch: of-{lag}}}}}"));
        let report = scene.run().await.report.unwrap();
        assert_eq!(report.exit(), Exit::Done, "{report:?}");
        let notes = &report.projects["p"].steps[0].notes;
        assert_eq!(notes.iter().any(|note| note.contains("still shows what was before")), noted, "{lag}: {notes:?}");
        assert_eq!(branch(&scene, "staging").git_branch.as_deref(), Some(format!("of-{lag}").as_str()));
        edit(&scene, "staging", |branch| branch.lag = None);
    }
    assert_eq!(writes(&scene).iter().filter(|(method, ..)| method == "PATCH").count(), 2, "each is sent once");
    assert!(scene.plan().await.is_empty());
}

/// A branch without tables is not finished, though it says so.
#[tokio::test]
async fn the_schema_of_a_new_branch_is_waited_for() {
    let scene = Scene::new("branches: {staging: {}}");
    let before = scene.requests().len();
    settles(&scene).await;
    let reference = branch(&scene, "staging").reference;
    let history = format!("/v1/projects/{reference}/database/migrations");
    let asked = scene.requests().into_iter().skip(before).filter(|(_, path)| *path == history).count();
    assert!(asked > 1, "its history was read {asked} times");
}

/// Without a history, the schema of the project becomes the first row of one.
#[tokio::test]
async fn the_first_branch_gives_its_project_a_history() {
    let history = |scene: &Scene| -> Vec<Option<String>> {
        scene.live(|project| project.migrations.rows.iter().map(|row| row.name.clone()).collect())
    };
    let mut scene = Scene::new("branches: {one: {}}");
    settles(&scene).await;
    assert_eq!(history(&scene), [Some("remote_schema".to_owned())]);
    scene.want("branches: {one: {}, two: {}}");
    settles(&scene).await;
    assert_eq!(history(&scene).len(), 1);
    let scene = Scene::new("branches: {one: {}}");
    scene.sandbox.edit(|state| state.switches.migrations.list_includes_branch_row = false);
    settles(&scene).await;
    assert_eq!(history(&scene), []);
}

/// What the default branch is: the project itself. Nothing removes it, and nobody has to say so.
#[tokio::test]
async fn the_default_branch_is_never_removed() {
    let mut scene = Scene::new("branches: {staging: {}}");
    settles(&scene).await;
    scene.want("manage: {branches: {prune: true}}\nbranches: {staging: {}}");
    let plan = scene.plan().await;
    assert!(plan.is_empty() && plan.projects["p"].unmanaged.items.is_empty());
    scene.want("branches: {staging: {}, main: null}");
    assert!(refusals(&scene).await.contains(&codes::CANNOT_BECOME));
    let report = scene.plan().await;
    assert!(report.projects["p"].refusals.iter().any(|refusal| refusal.allow.is_none()), "no word lifts it");
    assert!(writes(&scene).iter().all(|(method, path, _)| method != "DELETE" && path != "main"));
}

#[tokio::test]
async fn no_branches_and_no_branching_are_the_same() {
    let scene = Scene::new("branches: {}");
    assert!(scene.plan().await.is_empty(), "an empty list");
    let mut scene = Scene::new("branches: {}");
    switch(&scene, |switches| switches.list_when_off = ListWhenOff::Refused);
    assert!(scene.plan().await.is_empty(), "a refusal");
    scene.want("branches: {staging: {}}");
    settles(&scene).await;
    assert_eq!(names(&scene), ["main", "staging"], "making one switches it on");
    // Any other refusal is one.
    scene.fault(LIST, 1, 9, Fault::Refuse { status: 422, message: "Something else".to_owned() });
    assert_eq!(blocked(&scene).await.map(|(code, _)| code), Some(run::API_FAILED));
}

#[tokio::test]
async fn branches_of_pull_requests_come_and_go() {
    let mut scene = Scene::new("branches: {staging: {}, preview: {}}");
    settles(&scene).await;
    edit(&scene, "preview", |branch| branch.pull_request = Some(7));
    scene.want("manage: {branches: {prune: true}}\nbranches: {staging: {}}");
    let plan = scene.plan().await;
    assert!(plan.is_empty() && plan.projects["p"].refusals.is_empty(), "they are nobody's to prune");
    edit(&scene, "preview", |branch| branch.pull_request = None);
    assert_eq!(refusals(&scene).await, [codes::NEEDS_ALLOW]);
    scene.want("branches: {staging: {}}");
    assert_eq!(scene.plan().await.projects["p"].unmanaged.items["branches"], ["preview"], "nothing goes by itself");
}

#[tokio::test]
async fn a_paused_branch_is_told_and_left_alone() {
    let scene = Scene::new("branches: {staging: {}}");
    settles(&scene).await;
    let reference = branch(&scene, "staging").reference;
    scene.sandbox.edit(|state| "INACTIVE".clone_into(&mut state.projects.get_mut(&reference).unwrap().status));
    let plan = scene.plan().await;
    assert!(plan.is_empty());
    assert!(plan.projects["p"].notes.iter().any(|note| note.text.contains("`staging` is paused")), "{plan:?}");
}

#[tokio::test]
async fn what_is_chosen_once_is_never_changed_by_itself() {
    let mut scene = Scene::new("branches: {staging: {with_data: true, desired_instance_size: small}}");
    settles(&scene).await;
    scene.want("branches: {staging: {with_data: false, desired_instance_size: small}}");
    assert_eq!(refusals(&scene).await, [codes::CANNOT_BECOME]);
    assert_eq!(scene.run().await.report.map(|report| report.exit()), None, "no request would change it");
    scene.want("branches: {staging: {with_data: true, desired_instance_size: large}}");
    assert!(scene.plan().await.is_empty(), "the API does not show its size");
}

#[tokio::test]
async fn a_branch_is_renamed_where_the_manifest_says_from_what() {
    let mut scene = Scene::new("branches: {staging: {git_branch: develop}}");
    settles(&scene).await;
    let reference = branch(&scene, "staging").reference;
    scene.want("branches: {stage: {git_branch: develop, renamed_from: staging}}");
    settles(&scene).await;
    assert_eq!(sent(&scene, "PATCH", &reference), [json!({"branch_name": "stage"})]);
    assert_eq!(names(&scene), ["main", "stage"]);
    scene.want("branches: {new: {renamed_from: gone}, stage: {}}");
    settles(&scene).await;
    assert_eq!(names(&scene), ["main", "stage", "new"], "where the old one is not there, it is made");
}

#[tokio::test]
async fn a_branch_whose_deletion_is_scheduled_is_gone_or_told() {
    let mut scene = Scene::new("branches: {staging: {}}");
    settles(&scene).await;
    edit(&scene, "staging", |branch| branch.deleted_at_ms = Some(u64::MAX >> 12));
    assert_eq!(blocked(&scene).await, Some((codes::CANNOT_BECOME, Exit::Refused)));
    scene.want("branches: {staging: null}");
    assert!(scene.plan().await.is_empty());
    scene.want("manage: {branches: {prune: true}}\nbranches: {}");
    assert!(scene.plan().await.is_empty());
}

#[tokio::test]
async fn a_branch_that_does_not_come_up_is_told() {
    let scene = Scene::new("branches: {staging: {}}");
    let pointer = "/1/preview_project_status".to_owned();
    scene.fault(LIST, 3, 99, Fault::Show { pointer, value: "INIT_FAILED".into() });
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Failed, "{report:?}");
    assert!(format!("{report:?}").contains("did not come up (INIT_FAILED)"));
}

/// The read of a single branch has its password: it is never made.
#[tokio::test]
async fn no_read_shows_a_password() {
    let mut scene = Scene::new("branches: {staging: {persistent: true}}");
    settles(&scene).await;
    scene.want("branches: {staging: null}");
    settles(&scene).await;
    let read = |(method, path): &(String, String)| method == "GET" && path.starts_with("/v1/branches/");
    assert!(!scene.requests().iter().any(read));
}

#[tokio::test]
async fn a_run_that_is_killed_anywhere_makes_no_second_branch() {
    let scenes = [
        ("branches: {staging: {git_branch: develop, persistent: true}}", "branches: {}"),
        ("branches: {staging: {git_branch: main, persistent: true}}", "branches: {staging: {git_branch: develop}}"),
        ("branches: {staging: null}", "branches: {staging: {persistent: true}}"),
    ];
    for (wanted, before) in scenes {
        let scene = async || {
            let mut scene = Scene::new(before);
            if !scene.plan().await.is_empty() {
                settles(&scene).await;
            }
            scene.want(wanted);
            scene
        };
        for nth in 1.. {
            let mut ended = false;
            for killed in [Killed::Before, Killed::After] {
                let scene = scene().await;
                ended |= !scene.run_killed(nth, killed).await;
                let again = scene.run().await;
                let done = again.report.as_ref().is_none_or(|report| report.exit() == Exit::Done);
                assert!(done && !again.is_blocked(), "{wanted}, killed {killed:?} {nth}: {:?}", again.report);
                assert!(scene.plan().await.is_empty(), "{wanted}, killed {killed:?} {nth}: something is left");
                let expected = usize::from(!wanted.contains("null"));
                assert_eq!(scene.sandbox.edit(|state| billed(state)), expected, "{wanted}, killed {killed:?} {nth}");
                assert!(sent(&scene, "POST", "/branches").len() <= 2);
            }
            if ended {
                assert!(nth > 3);
                break;
            }
        }
    }
}
