//! Migrations: each file once, in order, with its row of the history.

use serde_json::json;
use supaform::apply::Report;
use supaform::diag::Code;
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::model::Action;
use supaform::sandbox::{Fault, Migration, TokenRights};
use supaform::schema::Impact;
use supaform::session::{Import, write_imported};

use super::settles;
use crate::support::scene::{Killed, Scene};
use crate::support::stage::Stage;

const QUERY: &str = "POST /v1/projects/{ref}/database/query";
const APPLY: &str = "POST /v1/projects/{ref}/database/migrations";
const FIRST: (&str, &str) =
    ("m/20250101000000_first.sql", "-- The first.\ncreate table a (b int);\n\ncomment on table a is 'x;y';\n");
const SECOND: (&str, &str) = ("m/20250102000000_second.sql", "alter table a add c int;\n");
const THIRD: (&str, &str) = ("m/20250103000000_third.sql", "alter table a add d int;\n");

fn scene(through: &str, files: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::new("");
    want(&mut scene, through, files);
    scene
}

fn want(scene: &mut Scene, through: &str, files: &[(&str, &str)]) {
    let section = format!("migrations: {{path: m, through: {through}}}");
    scene.want_with(&format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{section}\n"), files);
}

/// The versions and names of the history.
fn history(scene: &Scene) -> Vec<(String, String)> {
    let of = |row: &Migration| (row.version.clone(), row.name.clone().unwrap_or_default());
    scene.live(|project| project.migrations.rows.iter().map(of).collect())
}

fn versions(scene: &Scene) -> Vec<String> {
    history(scene).into_iter().map(|(version, _)| version).collect()
}

async fn refused(scene: &Scene) -> Vec<(Code, String)> {
    let plan = scene.plan().await;
    plan.projects["p"].refusals.iter().map(|it| (it.finding.code, it.finding.message.clone())).collect()
}

async fn failure(scene: &Scene) -> String {
    let report = scene.run().await.report.unwrap();
    assert_ne!(report.exit(), Exit::Done);
    format!("{report:?}")
}

#[tokio::test]
async fn a_folder_is_applied_in_order_and_grows_by_one() {
    let mut scene = scene("query", &[SECOND, FIRST]);
    let plan = scene.plan().await;
    assert_eq!(plan.steps.len(), 2, "a call for each file");
    settles(&scene).await;
    let names = [("20250101000000", "first"), ("20250102000000", "second")];
    assert_eq!(history(&scene), names.map(|(version, name)| (version.to_owned(), name.to_owned())));
    // As the CLI splits a file.
    let statements = scene.live(|project| project.migrations.rows[0].statements.clone().unwrap());
    assert_eq!(statements, ["-- The first.\ncreate table a (b int)", "comment on table a is 'x;y'"]);
    want(&mut scene, "query", &[FIRST, SECOND, THIRD]);
    assert_eq!(scene.plan().await.steps.len(), 1);
    settles(&scene).await;
    assert_eq!(versions(&scene).len(), 3);
    // What has no meaning may change.
    want(&mut scene, "query", &[(FIRST.0, "create  table a(b int) ; comment on table a is 'x;y'"), SECOND, THIRD]);
    let plan = scene.plan().await;
    assert!(plan.is_empty() && plan.projects["p"].notes.is_empty(), "{:?}", plan.projects["p"].notes);
    assert_eq!(refused(&scene).await, []);
}

#[tokio::test]
async fn versions_count_as_numbers() {
    let scene = scene("query", &[("m/10_b.sql", "select 2;"), ("m/9_a.sql", "select 1;")]);
    let plan = scene.plan().await;
    let order: Vec<_> = plan.steps.iter().filter_map(|step| step.changes[0].at.subject.item()).collect();
    assert_eq!(order, ["9_a", "10_b"]);
    settles(&scene).await;
}

#[tokio::test]
async fn a_history_that_is_not_the_folder_is_a_finding_and_nothing_runs_again() {
    let mut scene = scene("query", &[FIRST, THIRD]);
    settles(&scene).await;
    want(&mut scene, "query", &[(FIRST.0, "create table a (\n  b bigint);\ncomment on table a is 'x;y';"), THIRD]);
    let [(code, message)] = refused(&scene).await.try_into().unwrap();
    assert_eq!(code, codes::EDITED);
    assert!(message.contains("first in line 2"), "{message}");
    assert_eq!(scene.plan().await.steps.len(), 0);
    want(&mut scene, "query", &[FIRST]);
    assert_eq!(refused(&scene).await.into_iter().map(|(code, _)| code).collect::<Vec<_>>(), [codes::NOT_IN_FOLDER]);
    want(&mut scene, "query", &[FIRST, SECOND, THIRD]);
    assert_eq!(refused(&scene).await.into_iter().map(|(code, _)| code).collect::<Vec<_>>(), [codes::OUT_OF_ORDER]);
    let asked = scene.plan().await.projects["p"].refusals.iter().all(|it| it.allow == Some(Impact::History));
    assert!(asked, "a word of its own class lifts it");
}

#[tokio::test]
async fn what_destroys_data_needs_a_word_at_its_file() {
    let scene = scene("query", &[FIRST, ("m/20250102000000_drop.sql", "alter table a drop column b;\n")]);
    let plan = scene.plan().await;
    let asked: Vec<String> = plan.projects["p"].refusals.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(asked, ["p/migrations/20250102000000_drop"]);
    // Nobody uses what is made just now.
    let mut new = Scene::new("");
    let document = "project: new\norganization: acme-inc\nregion: eu-central-1\ncreate: true\n\
        database_password: {env: PASS}\nmigrations: {path: m}\n";
    new.want_with(document, &[FIRST, ("m/20250102000000_drop.sql", "alter table a drop column b;\n")]);
    settles(&new).await;
}

/// The API stamps its own versions: which file a row is, its key tells.
#[tokio::test]
async fn through_the_api_files_are_known_by_their_key() {
    let mut scene = scene("api", &[FIRST, SECOND]);
    settles(&scene).await;
    let all = history(&scene);
    assert_eq!(
        all.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
        ["20250101000000_first", "20250102000000_second"]
    );
    assert!(all.iter().all(|(version, _)| version.starts_with("2026")), "by the clock of the API");
    assert!(scene.live(|project| project.migrations.rows.iter().all(|row| row.idempotency_key.is_some())));
    want(&mut scene, "api", &[FIRST, SECOND, THIRD]);
    settles(&scene).await;
    want(&mut scene, "api", &[FIRST, (SECOND.0, "alter table a add c bigint;"), THIRD]);
    assert_eq!(refused(&scene).await[0].0, codes::EDITED);
    // The two ways are never mixed.
    want(&mut scene, "query", &[FIRST, SECOND, THIRD]);
    let all = refused(&scene).await;
    assert!(all.len() == 3 && all.iter().all(|(code, _)| *code == codes::MIXED_HISTORY), "{all:?}");
    assert_eq!(scene.plan().await.steps.len(), 0);
}

#[tokio::test]
async fn what_was_recorded_by_version_is_not_applied_through_the_api() {
    let mut scene = scene("query", &[FIRST]);
    settles(&scene).await;
    want(&mut scene, "api", &[FIRST]);
    assert_eq!(refused(&scene).await[0].0, codes::MIXED_HISTORY);
}

#[tokio::test]
async fn an_answer_that_is_lost_runs_nothing_twice() {
    for (through, route) in [("query", QUERY), ("api", APPLY)] {
        for fault in [Fault::DropAfter, Fault::DropBefore, Fault::FailAfter { status: 500 }, Fault::Cut] {
            let scene = scene(through, &[FIRST, SECOND]);
            scene.fault(route, 1, 1, fault.clone());
            let report = scene.run().await.report;
            assert_eq!(report.as_ref().map(Report::exit), Some(Exit::Done), "{through} {fault:?}: {report:?}");
            assert_eq!(versions(&scene).len(), 2, "{through} {fault:?}");
            assert!(scene.plan().await.is_empty());
        }
    }
}

#[tokio::test]
async fn killed_at_any_request_it_goes_on_and_runs_nothing_twice() {
    for through in ["query", "api"] {
        for nth in 1.. {
            let mut killed = false;
            for moment in [Killed::Before, Killed::After] {
                let scene = scene(through, &[FIRST, SECOND]);
                if !scene.run_killed(nth, moment).await {
                    continue;
                }
                killed = true;
                let again = scene.run().await;
                let done = again.report.as_ref().is_none_or(|report| report.exit() == Exit::Done);
                assert!(done, "{through} {nth} {moment:?}: {:?}", again.report);
                assert!(scene.plan().await.is_empty());
                assert_eq!(versions(&scene).len(), 2, "{through} {nth} {moment:?}");
            }
            if !killed {
                assert!(nth > 4);
                break;
            }
        }
    }
}

/// Without a row of the history, nothing tells whether it ran.
#[tokio::test]
async fn a_statement_outside_of_transactions_is_sent_alone_and_its_fate_never_guessed() {
    let index = ("m/20250102000000_index.sql", "create index concurrently i on a (b);\n");
    let scene = scene("query", &[FIRST, index]);
    let plan = scene.plan().await;
    assert_eq!(plan.steps.iter().map(|step| step.changes.len()).collect::<Vec<_>>(), [1, 0, 1]);
    scene.fault(QUERY, 2, 1, Fault::DropAfter);
    let said = failure(&scene).await;
    assert!(said.contains("took effect is not known"), "{said}");
    assert_eq!(versions(&scene), ["20250101000000"], "it is not recorded");
}

#[tokio::test]
async fn a_refusal_names_the_file_its_line_and_the_state() {
    let scene = scene("query", &[FIRST, SECOND]);
    let message =
        "Failed to run sql query: ERROR:  42883: function f() does not exist\nLINE 2: create table a (b int);\n";
    scene.fault(QUERY, 1, 1, Fault::Refuse { status: 400, message: message.to_owned() });
    let said = failure(&scene).await;
    assert!(said.contains("`m/20250101000000_first.sql:2`: ") && said.contains("42883"), "{said}");
    assert_eq!(versions(&scene), [] as [&str; 0], "and nothing comes after it");
}

/// A token that may only read: what reads works, and no file is sent in parts.
#[tokio::test]
async fn a_token_that_may_only_read_plans_and_applies_nothing() {
    let scene = scene("query", &[FIRST]);
    let permissions = ["projects_read", "project_admin_read", "database_read"].map(str::to_owned).into();
    scene.sandbox.edit(|state| state.token = Some(TokenRights { permissions, ..TokenRights::default() }));
    assert_eq!(scene.plan().await.steps.len(), 1);
    let said = failure(&scene).await;
    assert!(said.contains("25006"), "{said}");
}

#[tokio::test]
async fn a_history_is_imported_as_a_folder_whose_plan_is_empty() {
    let stage = Stage::new("");
    stage.live(|project| {
        let rows = json!([
            {"version": "20250101000000", "name": "first", "statements": ["-- a\ncreate table a (b int)", "select 'x;'"]},
            {"version": "20250102000000", "statements": ["alter table a add c int;"]},
        ]);
        project.migrations = serde_json::from_value(json!({"table": true, "rows": rows})).unwrap();
    });
    for manifest in ["p.yaml", "supaform.yaml"] {
        std::fs::remove_file(stage.folder.path().join(manifest)).unwrap();
    }
    let imported = stage.session().import(&Import::default()).await.unwrap();
    write_imported(&imported).unwrap();
    let first = stage.read("migrations/acme-quickstart/20250101000000_first.sql");
    assert_eq!(first, "-- a\ncreate table a (b int);\n\nselect 'x;';\n");
    let planned = stage.plan().await;
    assert!(planned.plan.is_empty() && planned.plan.projects.values().all(|it| it.refusals.is_empty()));
    assert!(planned.plan.projects["acme-quickstart"].sections.contains(&"migrations"));
    assert!(stage.session().import(&Import::default()).await.unwrap().is_empty(), "a second import writes nothing");
}

#[tokio::test]
async fn a_branchs_row_and_what_somebody_else_applied_are_told() {
    let scene = scene("query", &[FIRST]);
    scene.live(|project| {
        let row = json!({"version": "20240101000000", "name": "remote_schema", "statements": ["create table z ()"]});
        project.migrations = serde_json::from_value(json!({"table": true, "rows": [row]})).unwrap();
    });
    let [(code, _)] = refused(&scene).await.try_into().unwrap();
    assert_eq!(code, codes::NOT_IN_FOLDER);
    assert_eq!(scene.plan().await.steps.len(), 1);
}

/// A hook that is a database function is switched on once the migration has made it.
#[tokio::test]
async fn a_hook_of_the_database_comes_after_its_migration() {
    let mut scene = scene("query", &[FIRST]);
    let auth = "auth: {hook_custom_access_token_enabled: true, hook_custom_access_token_uri: \"pg-functions://postgres/public/claims\"}";
    let envelope = "project: p\norganization: acme-inc\nname: Acme Quickstart\n";
    scene.want_with(&format!("{envelope}migrations: {{path: m}}\n{auth}\n"), &[FIRST]);
    let plan = scene.plan().await;
    let kinds: Vec<_> = plan.steps.iter().map(|step| step.at.subject.kind().unwrap_or_default()).collect();
    assert_eq!(kinds, ["migrations", "auth"]);
    settles(&scene).await;
}

/// What the history has otherwise than the folder is drift, and can be written into the folder; what is not applied yet cannot.
#[tokio::test]
async fn a_history_that_is_not_the_folder_is_drift_and_can_be_accepted() {
    let stage = Stage::new("migrations: {path: m}\n");
    for (path, text) in [FIRST, SECOND] {
        stage.write(path, text);
    }
    assert_eq!(stage.apply(&[]).await.unwrap().exit(), Exit::Done);
    stage.write(FIRST.0, "create table a (b bigint);\n");
    std::fs::remove_file(stage.folder.path().join(SECOND.0)).unwrap();
    let drift = stage.session().drift(stage.load().await.unwrap()).await.unwrap().drift;
    let told: Vec<_> = drift.projects["p"].changes.iter().map(|it| (it.at.to_string(), it.action)).collect();
    let at = |item: &str| format!("p/migrations/{item}");
    let (first, second) = (at("20250101000000_first"), at("20250102000000_second"));
    assert_eq!(told, [(first.clone(), Action::Update), (second.clone(), Action::Create)]);
    for address in [&first, &second] {
        let accepted = stage.accept(address).await.unwrap();
        assert!(accepted.len() == 1 && accepted[0].starts_with(address), "{accepted:?}");
    }
    assert_eq!(stage.read(FIRST.0), FIRST.1);
    assert_eq!(stage.read(SECOND.0), SECOND.1);
    let planned = stage.plan().await.plan;
    assert!(planned.is_empty() && planned.projects["p"].refusals.is_empty());
    stage.write(THIRD.0, THIRD.1);
    let refused = stage.accept(&at("20250103000000_third")).await.unwrap_err();
    assert!(refused.findings.sorted()[0].message.contains("not applied yet"), "{:?}", refused.findings);
    assert_eq!(stage.accept(&at("20250104000000_nobody")).await.unwrap(), [] as [&str; 0]);
}

/// What people think of as beginning at the root is named as it is to be written.
#[tokio::test]
async fn a_path_begins_in_the_folder_of_its_manifest() {
    let stage = Stage::new("");
    stage.write("supabase/migrations/20260131120000_first.sql", "select 1;\n");
    for (path, said) in [("supabase/migrations", "write `../supabase/migrations`"), ("db", "Make the folder")] {
        let document = format!("project: q\norganization: acme-inc\nname: Q\nmigrations: {{path: {path}}}\n");
        stage.write("projects/q.yaml", &document);
        let why = stage.load().await.err().unwrap();
        let found = why.findings.sorted()[0].clone();
        assert!(found.hints[0].contains(said), "{found:?}");
    }
}
