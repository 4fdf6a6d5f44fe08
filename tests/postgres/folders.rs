//! Folders of migrations whose SQL is run.

use serde_json::json;
use supaform::apply::Report;
use supaform::diag::Code;
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::sandbox::{Fault, Project};

use super::{Test, block_on, options};
use crate::support::scene::{Killed, Scene};

pub(super) const ALL: &[Test] = &[
    ("a_folder_grows_is_edited_and_comes_out_of_order", || block_on(a_folder_grows_is_edited_and_comes_out_of_order())),
    ("a_file_and_its_row_are_there_or_neither_is", || block_on(a_file_and_its_row_are_there_or_neither_is())),
    ("an_answer_that_is_lost_runs_nothing_twice", || block_on(an_answer_that_is_lost_runs_nothing_twice())),
    ("killed_at_any_request_it_goes_on", || block_on(killed_at_any_request_it_goes_on())),
    ("what_takes_no_transaction_runs_alone", || block_on(what_takes_no_transaction_runs_alone())),
    ("a_trigger_of_database_webhooks_finds_its_function", || {
        block_on(a_trigger_of_database_webhooks_finds_its_function());
    }),
];

const QUERY: &str = "POST /v1/projects/{ref}/database/query";
const APPLY: &str = "POST /v1/projects/{ref}/database/migrations";
const FIRST: (&str, &str) =
    ("m/20250101000000_first.sql", "-- The first.\ncreate table a (b int);\n\ncomment on table a is 'x;y';\n");
const SECOND: (&str, &str) =
    ("m/20250102000000_second.sql", "alter table a add c int;\ninsert into a values (1, 2);\n");
const THIRD: (&str, &str) = ("m/20250103000000_third.sql", "alter table a add d int;\n");

fn scene(through: &str, files: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::over(options(), "");
    want(&mut scene, &format!("migrations: {{path: m, through: {through}}}"), files);
    scene
}

fn want(scene: &mut Scene, sections: &str, files: &[(&str, &str)]) {
    scene.want_with(&format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{sections}\n"), files);
}

fn versions(scene: &Scene) -> Vec<String> {
    let of = |project: &mut Project| project.migrations.rows.iter().map(|row| row.version.clone()).collect();
    scene.live(of)
}

async fn settles(scene: &Scene) {
    let report = scene.run().await.report;
    assert_eq!(report.as_ref().map(Report::exit), Some(Exit::Done), "{report:?}");
    assert!(scene.plan().await.is_empty());
}

async fn refused(scene: &Scene) -> Vec<(Code, bool)> {
    let plan = scene.plan().await;
    plan.projects["p"].refusals.iter().map(|it| (it.finding.code, it.allow.is_some())).collect()
}

async fn failure(scene: &Scene) -> String {
    let report = scene.run().await.report.unwrap();
    assert_ne!(report.exit(), Exit::Done);
    format!("{report:?}")
}

async fn a_folder_grows_is_edited_and_comes_out_of_order() {
    for through in ["query", "api"] {
        let section = format!("migrations: {{path: m, through: {through}}}");
        let mut scene = scene(through, &[FIRST]);
        settles(&scene).await;
        want(&mut scene, &section, &[FIRST, SECOND]);
        assert_eq!(scene.plan().await.steps.len(), 1);
        settles(&scene).await;
        want(&mut scene, &section, &[(FIRST.0, "create table a (b bigint);"), SECOND]);
        assert_eq!(refused(&scene).await, [(codes::EDITED, true)]);
        assert_eq!(scene.plan().await.steps.len(), 0);
        want(&mut scene, &section, &[FIRST, SECOND, ("m/20250101120000_late.sql", "alter table a add late int;\n")]);
        assert_eq!(refused(&scene).await, [(codes::OUT_OF_ORDER, true)]);
        settles(&scene).await;
        assert_eq!(versions(&scene).len(), 3, "with a word, it is applied");
    }
}

/// The file fails at its end, after what would have succeeded by itself.
async fn a_file_and_its_row_are_there_or_neither_is() {
    for through in ["query", "api"] {
        let section = format!("migrations: {{path: m, through: {through}}}");
        let broken = (SECOND.0, "alter table a add c int;\n\ninsert into a values (1, 2);\nselect nothing from a;\n");
        let mut scene = scene(through, &[FIRST, broken, THIRD]);
        let said = failure(&scene).await;
        assert!(said.contains("`m/20250102000000_second.sql:4`") && said.contains("42703"), "{said}");
        assert_eq!(versions(&scene).len(), 1, "{through}");
        want(&mut scene, &section, &[FIRST, SECOND, THIRD]);
        // `add c` would fail if the column were there.
        settles(&scene).await;
    }
}

async fn an_answer_that_is_lost_runs_nothing_twice() {
    for (through, route) in [("query", QUERY), ("api", APPLY)] {
        for fault in [Fault::DropAfter, Fault::DropBefore, Fault::FailAfter { status: 500 }, Fault::Cut] {
            let scene = scene(through, &[FIRST, SECOND]);
            scene.fault(route, 2, 1, fault);
            // A second `create table` or `add c` would fail.
            settles(&scene).await;
        }
    }
}

async fn killed_at_any_request_it_goes_on() {
    for nth in 1.. {
        let mut killed = false;
        for moment in [Killed::Before, Killed::After] {
            let scene = scene("query", &[FIRST, SECOND]);
            if !scene.run_killed(nth, moment).await {
                continue;
            }
            killed = true;
            let again = scene.run().await;
            let done = again.report.as_ref().is_none_or(|report| report.exit() == Exit::Done);
            assert!(done, "{nth} {moment:?}: {:?}", again.report);
            assert!(scene.plan().await.is_empty());
            assert_eq!(versions(&scene).len(), 2, "{nth} {moment:?}");
        }
        if !killed {
            assert!(nth > 4);
            break;
        }
    }
}

async fn what_takes_no_transaction_runs_alone() {
    let index = ("m/20250102000000_index.sql", "create index concurrently i on a (b);\n");
    let scene = scene("query", &[FIRST, index]);
    settles(&scene).await;
    assert_eq!(versions(&scene), ["20250101000000", "20250102000000"]);
    let broken = ("m/20250102000000_index.sql", "create index concurrently i on a (f(b));\n");
    let other = self::scene("query", &[FIRST, broken]);
    let said = failure(&other).await;
    assert!(said.contains("`m/20250102000000_index.sql:1`") && said.contains("42883"), "{said}");
    assert_eq!(versions(&other), ["20250101000000"], "it is not recorded");
}

async fn a_trigger_of_database_webhooks_finds_its_function() {
    let mut scene = Scene::over(options(), "");
    let trigger = "create table a (b int);\ncreate trigger t after insert on a for each row execute function \
        supabase_functions.http_request('https://example.com', 'POST', '{}', '{}', '1000');\n";
    want(&mut scene, "migrations: {path: m}", &[("m/1_t.sql", trigger)]);
    let said = failure(&scene).await;
    assert!(said.contains("3F000"), "{said}");
    want(&mut scene, "database_webhooks: {enabled: true}\nmigrations: {path: m}", &[("m/1_t.sql", trigger)]);
    settles(&scene).await;
    assert_eq!(scene.live(|project| json!(project.database_webhooks)), json!(true));
}
