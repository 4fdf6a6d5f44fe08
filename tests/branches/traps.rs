//! What goes wrong with branches: they fail, are paused, vanish, and have names of all sorts.

use serde_json::json;
use supaform::apply::Outcome;
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::sandbox::{Branch, Fault};

use super::{STAGING, of_branch, scene, settles};
use crate::support::scene::{REF, Scene};

fn project(branches: &str) -> Scene {
    scene(&format!("project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {branches}\n"))
}

fn names(scene: &Scene) -> Vec<String> {
    scene.live(|project| project.branches.iter().filter(|it| !it.is_default).map(|it| it.name.clone()).collect())
}

fn edit(scene: &Scene, name: &str, change: impl FnOnce(&mut Branch)) {
    scene.live(|project| change(project.branches.iter_mut().find(|branch| branch.name == name).unwrap()));
}

/// The deprecated status tells of success before anything is done, but of a failure after it.
#[tokio::test]
async fn a_branch_whose_last_run_failed_is_told() {
    let scene = project("{staging: {}}");
    settles(&scene).await;
    edit(&scene, "staging", |branch| {
        branch.runs = vec![serde_json::from_value(json!({"id": "a", "began_ms": 0, "dies_at": "migrate"})).unwrap()];
    });
    let plan = scene.plan().await;
    assert!(plan.is_empty());
    let notes: Vec<_> = plan.projects["acme"].notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("`staging`") && note.contains("MIGRATIONS_FAILED")), "{notes:?}");
}

/// Nothing can be made of a project that is paused, and its lists are not believed.
#[tokio::test]
async fn a_paused_project_has_no_branches_to_judge() {
    let scene = scene(STAGING);
    settles(&scene).await;
    scene.live(|project| "INACTIVE".clone_into(&mut project.status));
    let plan = scene.plan().await;
    assert_eq!(plan.projects["acme"].blocked.as_ref().unwrap().finding.code, codes::PROJECT_PAUSED);
    assert!(plan.projects["acme-staging"].blocked.is_none(), "a branch is a project of its own: {plan:?}");
    assert!(plan.is_empty());
}

/// One that stays is not paused by itself, so somebody has done it, and has to know that its document is not applied.
#[tokio::test]
async fn a_persistent_branch_that_is_paused_holds_up_its_document() {
    let scene = scene(STAGING);
    settles(&scene).await;
    of_branch(&scene, "staging", |_, project| "INACTIVE".clone_into(&mut project.status));
    let plan = scene.plan().await;
    let blocked = plan.projects["acme-staging"].blocked.as_ref().unwrap();
    assert_eq!((blocked.finding.code, blocked.exit), (codes::PROJECT_PAUSED, Exit::Refused));
    assert!(plan.projects["acme"].blocked.is_none() && plan.is_empty());
}

/// The API allows it, and so does the manifest: both follow the same pushes.
#[tokio::test]
async fn two_branches_may_follow_one_git_branch() {
    let scene = project("{one: {git_branch: develop}, two: {git_branch: develop}}");
    settles(&scene).await;
    assert_eq!(names(&scene), ["one", "two"]);
}

/// Names are other people's texts. They are in bodies, never in paths.
#[tokio::test]
async fn names_of_all_sorts_are_made_renamed_and_removed() {
    for name in [
        "feature/login",
        "../../v1",
        "a b",
        "ünï-ცოდე",
        "%2e%2e%2f;id",
        "a\"b'c",
        "main&force=false#x",
        "-",
        &"x".repeat(100),
    ] {
        let quoted = serde_json::to_string(name).unwrap();
        let mut scene = project(&format!("{{{quoted}: {{git_branch: develop}}}}"));
        settles(&scene).await;
        assert_eq!(names(&scene), [name]);
        scene.want_document(&format!(
            "project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {{then: {{renamed_from: {quoted}, git_branch: develop}}}}\n"
        ));
        settles(&scene).await;
        assert_eq!(names(&scene), ["then"], "{name}");
        scene.want_document(&format!(
            "project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {{{quoted}: {{renamed_from: then, git_branch: develop}}}}\n"
        ));
        settles(&scene).await;
        scene.want_document(&format!(
            "project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {{{quoted}: null}}\n"
        ));
        settles(&scene).await;
        assert_eq!(names(&scene), [""; 0], "{name}");
        let paths = scene.requests().into_iter().map(|(_, path)| path);
        let strange: Vec<_> = paths.filter(|path| path.split('/').any(|part| part == name)).collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
}

/// A code host deletes the branch of a pull request that is closed, at any time.
#[tokio::test]
async fn a_branch_that_vanishes_before_it_is_written_to() {
    let gone = || Fault::Refuse { status: 404, message: "Branch not found".to_owned() };
    // To be removed, it is.
    let mut scene = project("{preview: {}}");
    settles(&scene).await;
    scene.want_document("project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {preview: null}\n");
    scene.fault("DELETE /v1/branches/{branch_id_or_ref}", 1, 1, Fault::DropAfter);
    settles(&scene).await;
    // To be changed, it cannot be, and the next run makes it anew.
    let mut scene = project("{preview: {}}");
    settles(&scene).await;
    scene.want_document(
        "project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {preview: {git_branch: develop}}\n",
    );
    scene.fault("PATCH /v1/branches/{branch_id_or_ref}", 1, 1, gone());
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Stale, "{report:?}");
    let [step] = report.projects["acme"].steps.as_slice() else { panic!("{report:?}") };
    assert!(
        matches!(&step.outcome, Outcome::Failed(why) if why.finding.message.contains("Branch not found")),
        "{step:?}"
    );
    scene.live(|project| project.branches.retain(|branch| branch.is_default));
    settles(&scene).await;
    assert_eq!(names(&scene), ["preview"]);
}

/// What a preview wants fails with it alone.
#[tokio::test]
async fn a_preview_that_vanishes_takes_nobody_along() {
    let scene = scene(
        "project: acme\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\nbranches: {\"*\": {auth: {jwt_exp: 5m}}}\n",
    );
    super::previews(&scene, &["gone", "here"]);
    let reference = of_branch(&scene, "gone", |reference, _| reference.to_owned());
    let fault = Fault::Refuse { status: 404, message: "Project not found".to_owned() };
    scene.fault("PATCH /v1/projects/{ref}/config/auth", 1, 9, fault);
    scene.sandbox.edit(|state| state.faults[0].project = Some(reference));
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Stale);
    of_branch(&scene, "here", |_, project| assert_eq!(project.auth["jwt_exp"], 300));
    scene.live(|project| {
        assert_eq!(project.auth["jwt_exp"], 600);
        project.branches.retain(|branch| branch.name != "gone");
    });
    assert!(scene.plan().await.is_empty());
    assert_eq!(scene.sandbox.edit(|state| state.projects[REF].branches.len()), 1);
}
