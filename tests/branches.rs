//! Documents of branches, and what patterns want of branches that have none.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod import;
mod traps;

use serde_json::{Value, json};
use supaform::diag::codes::{manifest as manifests, plan as codes};
use supaform::exit::Exit;
use supaform::kinds::KINDS;
use supaform::manifest::{self, NoTexts, Selection};
use supaform::sandbox::{Fault, Project};

use crate::support::scene::{Killed, REF, Scene};
use crate::support::{Output, Workbench, copy};

/// A project, a branch that it makes, and what is wanted in that branch.
const STAGING: &str = "
projects:
  acme:
    organization: acme-inc
    name: Acme Quickstart
    branches: {staging: {persistent: true}}
  acme-staging:
    branch_of: {project: acme, branch: staging}
    auth: {site_url: \"https://${project.ref}.example.com\"}
    secrets: {A: {plain: \"${project.name}\"}}
";

fn scene(document: &str) -> Scene {
    let mut scene = Scene::new("");
    scene.want_document(document);
    scene
}

/// The project that a branch is.
fn of_branch<T>(scene: &Scene, name: &str, look: impl FnOnce(&str, &mut Project) -> T) -> T {
    scene.sandbox.edit(|state| {
        let branch = state.projects[REF].branches.iter().find(|branch| branch.name == name);
        let reference = branch.unwrap_or_else(|| panic!("no branch {name}")).reference.clone();
        look(&reference, state.projects.get_mut(&reference).unwrap())
    })
}

fn branches(scene: &Scene) -> usize {
    scene.sandbox.edit(|state| state.projects.values().filter(|it| it.branch_of.is_some() && !it.removed).count())
}

fn assert_staged(scene: &Scene, what: &str) {
    of_branch(scene, "staging", |reference, project| {
        assert_eq!(project.auth["site_url"], format!("https://{reference}.example.com"), "{what}");
        assert_eq!(project.secrets.len(), 1, "{what}");
    });
    assert_eq!(branches(scene), 1, "{what}");
    scene.live(|parent| assert!(parent.auth.is_empty() && parent.secrets.is_empty(), "{what}: the project itself"));
}

async fn settles(scene: &Scene) {
    let report = scene.run().await.report;
    assert_eq!(report.as_ref().map(supaform::apply::Report::exit), Some(Exit::Done), "{report:?}");
    let plan = scene.plan().await;
    assert!(plan.is_empty() && plan.projects.values().all(|it| it.blocked.is_none()), "something is left: {plan:?}");
}

#[tokio::test]
async fn a_branch_is_made_described_and_removed() {
    let mut scene = scene(STAGING);
    let plan = scene.plan().await;
    let notes: Vec<&str> = plan.projects["acme-staging"].notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["comes after `acme`, which makes the branch `staging`"]);
    settles(&scene).await;
    assert_staged(&scene, "made");
    scene.want_document(&STAGING.replace(".example.com", ".example.org"));
    settles(&scene).await;
    of_branch(&scene, "staging", |reference, project| {
        assert_eq!(project.auth["site_url"], format!("https://{reference}.example.org"));
    });
    scene.want_document("project: acme\norganization: acme-inc\nname: Acme Quickstart\nbranches: {staging: null}\n");
    settles(&scene).await;
    assert_eq!(branches(&scene), 0);
}

/// A project from nothing, its branch, and what is in that: one run.
#[tokio::test]
async fn a_branch_of_a_project_that_is_made_in_the_same_run() {
    let text = STAGING.replace(
        "name: Acme Quickstart",
        "name: New\n    region: eu-central-1\n    create: true\n    database_password: {env: PASS}",
    );
    let scene = scene(&text);
    settles(&scene).await;
    assert_eq!(branches(&scene), 1);
}

#[tokio::test]
async fn a_run_that_is_killed_anywhere_goes_on_with_the_next_one() {
    for nth in 1.. {
        let mut ended = false;
        for killed in [Killed::Before, Killed::After] {
            let what = format!("killed {killed:?} request {nth}");
            let scene = scene(STAGING);
            ended |= !scene.run_killed(nth, killed).await;
            let again = scene.run().await;
            let done = again.report.as_ref().is_none_or(|report| report.exit() == Exit::Done);
            assert!(done && !again.is_blocked(), "{what}: {:?}", again.report);
            assert!(scene.plan().await.is_empty(), "{what}: something is left");
            assert_staged(&scene, &what);
        }
        if ended {
            assert!(nth > 10);
            break;
        }
    }
}

/// What is not made is not written to: the steps of the branch's document are left out, and told so.
#[tokio::test]
async fn a_branch_that_cannot_be_made_holds_up_its_document() {
    let scene = scene(STAGING);
    let refused = Fault::Refuse { status: 402, message: "no more branches".to_owned() };
    scene.fault("POST /v1/projects/{ref}/branches", 1, 9, refused);
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Failed, "{report:?}");
    let steps = &report.projects["acme-staging"].steps;
    assert_eq!(steps.len(), 2);
    assert!(steps.iter().all(|step| matches!(step.outcome, supaform::apply::Outcome::Skipped { .. })), "{steps:?}");
}

/// Two branches that somebody else has made, such as a connection with a code host for each pull request.
fn previews(scene: &Scene, names: &[&str]) {
    scene.sandbox.edit(|state| {
        for (number, name) in (0..).zip(names) {
            let reference: String = format!("preview{name}").bytes().map(|it| char::from(it % 26 + b'a')).collect();
            let reference = format!("{reference:a<20.20}");
            let branch = serde_json::from_value(serde_json::json!({
                "id": format!("{number:08}-0000-4000-8000-000000000000"), "name": name, "reference": reference,
                "pull_request": number + 1,
            }));
            state.projects.get_mut(REF).unwrap().branches.push(branch.unwrap());
            let made = Project::untouched(name, "acme-inc", "eu-central-1");
            state.projects.insert(reference, Project { branch_of: Some(REF.to_owned()), ..made });
        }
    });
}

const PREVIEWS: &str = "
projects:
  acme:
    organization: acme-inc
    name: Acme Quickstart
    branches:
      staging: {}
      \"*\": {auth: {site_url: \"https://${project.ref}.example.com\"}}
      \"release/*\": {auth: {jwt_exp: 5m}, secrets: {A: {plain: x}}}
  acme-staging:
    branch_of: {project: acme, branch: staging}
    auth: {jwt_exp: 20m}
";

#[tokio::test]
async fn a_pattern_holds_for_each_branch_that_nobody_describes() {
    let scene = scene(PREVIEWS);
    previews(&scene, &["feature/login", "feature_logout", "release/1"]);
    let plan = scene.plan().await;
    let names: Vec<&str> = plan.projects.keys().map(String::as_str).collect();
    let expected = ["acme", "acme-staging", "acme@feature-login", "acme@feature_logout", "acme@release-1"];
    assert_eq!(names, expected);
    settles(&scene).await;
    for name in ["feature/login", "feature_logout"] {
        of_branch(&scene, name, |reference, project| {
            assert_eq!(project.auth["site_url"], format!("https://{reference}.example.com"), "{name}");
            assert!(project.secrets.is_empty());
        });
    }
    of_branch(&scene, "release/1", |_, project| {
        assert_eq!(
            (project.auth["jwt_exp"].clone(), project.secrets.len()),
            (300.into(), 1),
            "the closer pattern counts"
        );
        assert!(!project.auth.contains_key("site_url"));
    });
    of_branch(&scene, "staging", |_, project| assert_eq!(project.auth["jwt_exp"], 1200));
    // One that comes later is found by the next run.
    previews(&scene, &["later"]);
    assert!(!scene.plan().await.is_empty());
    settles(&scene).await;
}

/// A branch that is paused while nobody uses it is neither read nor a failure.
#[tokio::test]
async fn a_paused_preview_is_left_alone() {
    let scene = scene(PREVIEWS);
    previews(&scene, &["feature"]);
    settles(&scene).await;
    of_branch(&scene, "feature", |_, project| {
        "INACTIVE".clone_into(&mut project.status);
        project.auth.clear();
    });
    let plan = scene.plan().await;
    assert!(plan.is_empty(), "{plan:?}");
    let project = &plan.projects["acme@feature"];
    assert!(
        project.blocked.is_none() && project.notes.iter().any(|note| note.text.contains("is paused")),
        "{project:?}"
    );
    of_branch(&scene, "feature", |_, project| "ACTIVE_HEALTHY".clone_into(&mut project.status));
    assert!(!scene.plan().await.is_empty());
}

#[tokio::test]
async fn a_branch_that_nobody_makes_is_told() {
    let scene = scene(&STAGING.replace("branches: {staging: {persistent: true}}", "branches: {}"));
    let plan = scene.plan().await;
    let blocked = plan.projects["acme-staging"].blocked.as_ref().unwrap();
    assert_eq!((blocked.finding.code, blocked.exit), (codes::NO_BRANCH, Exit::Failed));
    assert!(plan.projects["acme"].blocked.is_none(), "the project itself is planned");
}

fn built(text: &str) -> manifest::Built {
    let files = vec![("supaform.yaml".to_owned(), "version: 1\n".to_owned()), ("p.yaml".to_owned(), text.to_owned())];
    manifest::build(files, &NoTexts, KINDS, &manifest::Options::default())
}

/// What is wrong with a manifest: codes, and how many places each names.
fn findings(text: &str) -> Vec<(supaform::diag::Code, usize)> {
    built(text).diagnostics.sorted().into_iter().map(|found| (found.code, found.labels.len())).collect()
}

#[test]
fn what_cannot_be_a_branch_is_told_before_anything_is_read() {
    let acme = "acme: {organization: acme-inc, branches: {old: null}}";
    let with = |more: &str| format!("projects:\n  {acme}\n  {more}\n");
    for (more, places) in [
        ("b: {branch_of: {project: acmee, branch: x}}", 1),
        ("b: {branch_of: {project: acme, branch: x}, ref: aaaaaaaaaaaaaaaaaaaa}", 2),
        ("b: {branch_of: {project: acme, branch: x}, branches: {y: {}}}", 1),
        ("b: {branch_of: {project: acme, branch: old}}", 2),
        ("b: {branch_of: {project: c, branch: x}}\n  c: {branch_of: {project: acme, branch: y}}", 2),
        ("b: {branch_of: {project: c, branch: x}}\n  c: {branch_of: {project: b, branch: y}}", 2),
        ("b: {branch_of: {project: b, branch: x}}", 2),
    ] {
        assert_eq!(findings(&with(more)), [(manifests::BRANCH_OF, places)], "{more}");
    }
    let twice = "b: {branch_of: {project: acme, branch: x}}\n  c: {branch_of: {project: acme, branch: x}}";
    assert_eq!(findings(&with(twice)), [(manifests::SAME_PROJECT, 2)]);
    assert_eq!(findings(&with("acme-preview: {organization: acme-inc}")), []);
    let pattern = "projects:\n  acme: {organization: acme-inc, branches: {\"*\": {protected: true}}}\n  acme-preview: {organization: acme-inc}\n";
    assert_eq!(findings(pattern), [(manifests::SAME_PROJECT, 2)], "both would use the same secrets");
    for (value, code) in [
        ("true", manifests::BAD_PATTERN),
        ("{branches: {x: {}}}", manifests::BAD_PATTERN),
        ("{ref: aaaaaaaaaaaaaaaaaaaa}", manifests::UNKNOWN_KEY),
        ("{extends: [nobody]}", manifests::UNKNOWN_PROFILE),
    ] {
        let text = format!("project: acme\norganization: acme-inc\nbranches: {{\"*\": {value}}}\n");
        assert_eq!(findings(&text).first().map(|(code, _)| *code), Some(code), "{value}");
    }
}

/// A pattern takes profiles, variables of its own, and secrets that are those of no other document.
#[test]
fn a_pattern_is_a_document_of_many() {
    let text = "projects:\n  acme:\n    organization: acme-inc\n    branches: {\"*\": {vars: {word: hey}, secrets: {A: {secret: KEY}, B: {plain: \"${var.word}\"}}}}\n";
    let built = built(text);
    assert!(!built.diagnostics.has_errors(), "{:?}", built.diagnostics);
    let [preview] = built.desired.previews.as_slice() else { panic!("{:?}", built.desired.previews) };
    assert_eq!((preview.parent.as_str(), preview.pattern.as_str()), ("acme", "*"));
    let wanted = manifest::secrets(&built.desired, &Selection::all());
    let told: Vec<String> = wanted.iter().map(|it| format!("{} {}", it.at, it.uses)).collect();
    assert!(told.iter().any(|it| it.starts_with("acme-preview/secrets/A")), "{told:?}");
}

/// The example, with a branch that has what its project has not.
fn bench() -> (Workbench, impl Fn(&Workbench, &[&str]) -> Output) {
    let bench = Workbench::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/previews");
    copy(&folder, &bench.path());
    let run = |bench: &Workbench, arguments: &[&str]| {
        bench.run(&[arguments, &["--sandbox", "live", "--world", "world.json"]].concat())
    };
    let first = run(&bench, &["apply", "--yes", "--brief"]);
    assert_eq!(first.code, Some(0), "{first}");
    (bench, run)
}

/// Changes the state of the sandbox.
fn meddle(bench: &Workbench, change: impl FnOnce(&mut Value)) {
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    change(&mut state);
    bench.write("live/state.json", &state.to_string());
}

const PARENT: &str = "shopshopshopshopshop";
const AT: &str = "shop/branches/staging";

fn staging(state: &mut Value) -> (String, &mut Value) {
    let branches = state["projects"][PARENT]["branches"].as_array_mut().unwrap();
    let branch = branches.iter_mut().find(|branch| branch["name"] == "staging").unwrap();
    (branch["reference"].as_str().unwrap().to_owned(), branch)
}

fn add_row(state: &mut Value, reference: &str, version: &str) {
    let row = json!({"version": version, "name": "orders", "statements": ["create table orders ()"]});
    let history = &mut state["projects"][reference]["migrations"];
    if history["rows"].is_null() {
        *history = json!({"table": true, "rows": []});
    }
    history["rows"].as_array_mut().unwrap().push(row);
}

#[test]
fn a_branch_is_compared_and_merged_by_a_word() {
    let (bench, run) = bench();
    meddle(&bench, |state| {
        let reference = staging(state).0;
        add_row(state, &reference, "20270101000000");
    });
    let shown = run(&bench, &["branch", "diff", AT]);
    assert_eq!(shown.code, Some(0), "{shown}");
    insta::assert_snapshot!("branch_diff", shown);
    let refused = run(&bench, &["branch", "merge", AT, "--yes"]);
    assert_eq!(refused.code, Some(4), "{refused}");
    insta::assert_snapshot!("branch_merge_refused", refused);
    let unasked = run(&bench, &["branch", "merge", AT, "--allow", AT]);
    assert_eq!(unasked.code, Some(4), "nobody was asked: {unasked}");
    let state = bench.read("live/state.json");
    assert!(!state.contains("\"runs\""), "nothing was sent");
    let merged = run(&bench, &["branch", "merge", "shop-staging", "--yes", "--allow", AT]);
    assert_eq!(merged.code, Some(0), "{merged}");
    let state: Value = serde_json::from_str(&bench.read("live/state.json")).unwrap();
    let rows = state["projects"][PARENT]["migrations"]["rows"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["remote_schema", "orders"]);
    let again = run(&bench, &["branch", "merge", AT, "--yes", "--allow", AT]);
    assert!(again.code == Some(0) && again.stdout.contains("Nothing to do"), "{again}");
}

#[test]
fn a_branch_is_pushed_to_reset_and_waited_for() {
    let (bench, run) = bench();
    meddle(&bench, |state| add_row(state, PARENT, "20270101000000"));
    let pushed = run(&bench, &["branch", "push", AT, "--yes", "--allow", AT]);
    assert_eq!(pushed.code, Some(0), "{pushed}");
    let reset = run(&bench, &["branch", "reset", AT, "--yes"]);
    assert_eq!(reset.code, Some(4), "{reset}");
    let reset = run(&bench, &["branch", "reset", AT, "--yes", "--allow", AT]);
    assert_eq!(reset.code, Some(0), "{reset}");
    let waited = run(&bench, &["branch", "wait", AT]);
    assert_eq!(waited.code, Some(0), "{waited}");
    let restored = run(&bench, &["branch", "restore", AT, "--yes"]);
    assert!(restored.code == Some(0) && restored.stdout.contains("Nothing to do"), "{restored}");
    let nothing = run(&bench, &["branch", "wait", "shop/branches/stagign"]);
    assert_eq!(nothing.code, Some(1), "{nothing}");
    let main = run(&bench, &["branch", "reset", "shop/branches/main", "--yes", "--allow", "shop/branches/main"]);
    assert_eq!(main.code, Some(1), "the project itself is no branch: {main}");
    let project = run(&bench, &["branch", "wait", "shop"]);
    assert_eq!(project.code, Some(3), "{project}");
}

/// The status of a branch tells of success before anything was done; a step that died is told.
#[test]
fn a_run_that_dies_is_a_failure() {
    let (bench, run) = bench();
    meddle(&bench, |state| {
        let (reference, branch) = staging(state);
        branch["dies_at"] = "migrate".into();
        add_row(state, &reference, "20270101000000");
    });
    let merged = run(&bench, &["branch", "merge", AT, "--yes", "--allow", AT]);
    assert_eq!(merged.code, Some(1), "{merged}");
    assert!(merged.stderr.contains("the step `migrate` of the run"), "{merged}");
}

#[test]
fn programs_read_what_is_done_with_a_branch() {
    let (bench, run) = bench();
    meddle(&bench, |state| {
        let reference = staging(state).0;
        add_row(state, &reference, "20270101000000");
    });
    let json =
        |output: &Output| -> Value { serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output}")) };
    let shown = json(&run(&bench, &["branch", "diff", AT, "--format", "json"]));
    let expected = json!({
        "format": "supaform.branch", "version": 1, "branch": AT, "ref": shown["ref"], "action": "diff", "done": false,
        "migrations": ["20270101000000  orders"], "diff": "create table orders ();\n", "without_history": false,
    });
    assert_eq!(shown, expected);
    let asked = run(&bench, &["branch", "merge", AT, "--allow", AT, "--format", "json"]);
    assert!(
        asked.code == Some(4) && asked.stderr.contains("Migrations of the branch"),
        "whoever is asked sees it: {asked}"
    );
    let merge = ["branch", "merge", AT, "--yes", "--allow", AT, "--format", "json"];
    let merged = json(&run(&bench, &merge));
    assert_eq!((&merged["action"], &merged["done"]), (&json!("merge"), &json!(true)));
    let again = json(&run(&bench, &merge));
    assert_eq!(again["done"], false);
    assert!(again["nothing_to_do"].as_str().is_some_and(|why| why.contains("no migration")), "{again}");
    let waited = json(&run(&bench, &["branch", "wait", AT, "--format", "json"]));
    assert_eq!((&waited["action"], &waited["done"]), (&json!("wait"), &json!(true)));
}

/// A branch that has no schema yet would seem to drop all tables.
#[test]
fn a_branch_without_a_history_is_not_merged() {
    let (bench, run) = bench();
    meddle(&bench, |state| {
        let reference = staging(state).0;
        state["projects"][&reference].as_object_mut().unwrap().remove("migrations");
        add_row(state, PARENT, "20270101000000");
    });
    let shown = run(&bench, &["branch", "diff", AT]);
    assert!(shown.code == Some(0) && shown.stdout.contains("has no history yet"), "{shown}");
    let merged = run(&bench, &["branch", "merge", AT, "--yes", "--allow", AT]);
    assert_eq!(merged.code, Some(8), "{merged}");
    meddle(&bench, |state| state["projects"][PARENT]["branches"][3]["deleted_at_ms"] = (1_u64 << 50).into());
    let restored = run(&bench, &["branch", "restore", AT, "--yes"]);
    assert_eq!(restored.code, Some(0), "{restored}");
}
