//! Imports that something comes in the way of: what was told is right, nothing is replaced, and the next run goes on.

use std::collections::BTreeMap;

use serde_json::json;
use supaform::exit::Exit;
use supaform::sandbox::{Fault, Project, Rule};
use supaform::session::{Import, Imported, Which, write_imported};
use supaform::stop::Stop;

use super::worlds::untouched;
use super::{import, stage};
use crate::support::stage::Stage;

/// A project in which several kinds have something to import.
fn shop() -> Project {
    let mut project = untouched();
    project.auth.insert("site_url".to_owned(), json!("https://acme.dev"));
    project.auth.insert("jwt_exp".to_owned(), json!(600));
    project.postgres.insert("statement_timeout".to_owned(), json!("30s"));
    project.ssl_enforced = true;
    project
}

fn fails(stage: &Stage, route: &str, nth: u32, times: u32, fault: Fault) {
    let rule = Rule { route: route.to_owned(), project: None, nth, times, fault, seen: 0 };
    stage.sandbox.edit(|state| state.faults = vec![rule]);
}

fn requests(stage: &Stage) -> u32 {
    u32::try_from(stage.sandbox.requests().as_array().unwrap().len()).unwrap()
}

/// All files below the folder.
fn files(stage: &Stage) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![stage.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(stage.folder.path()).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn unreadable(imported: &Imported) -> Vec<(&'static str, Option<u16>)> {
    imported.projects[0].unreadable.iter().map(|(kind, status, _)| (*kind, *status)).collect()
}

/// Whichever request it is that fails for a while, the import is the same in the end.
#[tokio::test]
async fn what_passes_leaves_no_trace() {
    let quiet = stage(&shop());
    let expected = import(&quiet, &[]).await.created;
    let faults = [
        Fault::Limit { retry_after: 2 },
        Fault::Refuse { status: 503, message: "Service Unavailable".to_owned() },
        Fault::Page { status: 502 },
        Fault::DropAfter,
        Fault::Cut,
    ];
    for nth in 1..=requests(&quiet) {
        let fault = faults[nth as usize % faults.len()].clone();
        let stage = stage(&shop());
        fails(&stage, "*", nth, 2, fault.clone());
        let imported = import(&stage, &[]).await;
        assert_eq!(imported.created, expected, "{fault:?} from request {nth} on");
        assert_eq!(unreadable(&imported), [], "{fault:?} from request {nth} on");
    }
}

/// What stays unreadable is told and left out; the next import adds it, and touches nothing else.
#[tokio::test]
async fn what_does_not_pass_is_told_and_added_by_the_next_import() {
    const AUTH: &str = "GET /v1/projects/{ref}/config/auth";
    let whole = import(&stage(&shop()), &[]).await.created;
    for (status, message) in
        [(500, "Internal error"), (403, "Forbidden resource"), (402, "Upgrade"), (404, "Not found")]
    {
        let stage = stage(&shop());
        fails(&stage, AUTH, 1, 10_000, Fault::Refuse { status, message: message.to_owned() });
        let first = import(&stage, &[]).await;
        assert_eq!(unreadable(&first), [("auth", Some(status))], "{status}");
        write_imported(&first).unwrap();
        let text = stage.read("projects/acme-quickstart.yaml");
        assert!(!text.contains("auth") && text.contains("statement_timeout: 30s"), "{text}");
        let mine = text.replace("postgres:", "# mine\npostgres:");
        stage.write("projects/acme-quickstart.yaml", &mine);
        stage.sandbox.edit(|state| state.faults.clear());
        let second = import(&stage, &[]).await;
        write_imported(&second).unwrap();
        assert_eq!((second.created.len(), second.changed.len()), (0, 1));
        let text = stage.read("projects/acme-quickstart.yaml");
        assert!(text.starts_with(mine.trim_end()) && text.contains("site_url: https://acme.dev"), "{text}");
        assert!(import(&stage, &[]).await.is_empty());
        let lines = |text: &str| text.lines().filter(|it| !it.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let (mut one, mut other) =
            (lines(&text.replace("# mine\n", "")), lines(&whole["projects/acme-quickstart.yaml"]));
        one.sort();
        other.sort();
        assert_eq!(one, other, "in the end it is what one import would have written");
    }
}

/// A project that is deleted while it is read: what could not be read is told, and so is that it is gone.
#[tokio::test]
async fn a_project_that_vanishes_halfway_is_told() {
    let quiet = stage(&shop());
    import(&quiet, &[]).await;
    for nth in [4, 9, requests(&quiet) - 1] {
        let stage = stage(&shop());
        fails(&stage, "*", nth, 10_000, Fault::Refuse { status: 404, message: "Project not found".to_owned() });
        let imported = import(&stage, &[]).await;
        let told = unreadable(&imported);
        assert!(
            !told.is_empty() && told.iter().all(|(_, status)| status.is_none_or(|it| it == 404)),
            "{nth}: {told:?}"
        );
        let text: String = imported.created.values().cloned().collect();
        for (kind, _) in told {
            assert!(!text.contains(&format!("\n{kind}:")), "{nth}: {kind} was not read");
        }
    }
}

/// Whoever stops it has no half of it, and the next run does all.
#[tokio::test]
async fn an_import_that_is_stopped_has_written_nothing() {
    let stage = stage(&shop());
    let stop = Stop::new();
    stop.raise();
    let asked = Import { which: Which { all: true, ..Which::default() }, ..Import::default() };
    let why = stage.session_with(stage.options(), stop).import(&asked).await.err().unwrap();
    assert_eq!(why.exit, Exit::Interrupted);
    assert_eq!(files(&stage), BTreeMap::new());
    let imported = import(&stage, &[]).await;
    write_imported(&imported).unwrap();
    assert!(files(&stage)["projects/acme-quickstart.yaml"].contains("jwt_exp: 10m"));
}

/// A file in the way of one of several is found before any is written.
#[tokio::test]
async fn nothing_is_replaced_and_nothing_is_written_beside_it() {
    let stage = stage(&shop());
    let own = "project: mine\norganization: acme-inc\nname: Another\n";
    stage.write("supaform.yaml", "version: 1\n");
    stage.write("projects/acme-quickstart.yaml", own);
    let before = files(&stage);
    let asked = Import { which: Which { all: true, ..Which::default() }, ..Import::default() };
    let why = stage.session().import(&asked).await.err().unwrap();
    assert_eq!(why.exit, Exit::Refused);
    assert_eq!(files(&stage), before);
}
