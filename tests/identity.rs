//! Which live project a document means: two documents never write one project, and of two projects of one name none is guessed.

use crate::support::{Output, QUICKSTART_REF, Workbench};

const OTHER: &str = "othershopothershopot";

/// A workspace with a live project that one document pins and protects.
fn pinned() -> Workbench {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write(
        "prod.yaml",
        "project: prod\nref: quickstartquickstart\nprotected: true\nauth: {jwt_exp: 10m}\nsecrets: {OLD: {plain: x}}\n",
    );
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    bench
}

/// Another live project of this name, in the organization of the first.
fn twin(bench: &Workbench, name: &str) {
    let state: serde_json::Value = serde_json::from_str(&bench.read("live/state.json")).expect("JSON");
    let mut twin = state["projects"][QUICKSTART_REF].clone();
    twin["name"] = name.into();
    twin["region"] = "us-east-1".into();
    bench.edit_json("live/state.json", &format!("/projects/{OTHER}"), &twin.to_string());
}

fn refused(output: &Output, words: &[&str]) {
    // Lines are broken to fit the terminal.
    let all = format!("{}{}", output.stdout, output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.code, Some(4), "{output}");
    for word in words {
        assert!(all.contains(word), "{word} in {all}");
    }
}

const BOTH: &[&str] = &["E0545", "`other` (other.yaml:1:10)", "`prod`", "(prod.yaml:1:10)", "one live project"];

#[test]
fn a_second_document_of_a_pinned_project_deletes_nothing_whatever_is_selected() {
    let bench = pinned();
    bench.write(
        "other.yaml",
        "project: other\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 20m}\nsecrets: {OLD: null}\n",
    );
    let before = bench.read("live/state.json");
    refused(&bench.run(&["plan", "--sandbox", "live"]), BOTH);
    let allow = ["--yes", "--allow", "other/secrets/OLD"];
    for select in [&[][..], &["--select", "other"], &["--select", "prod"], &["--select", "other/secrets"]] {
        let arguments = [&["apply", "--sandbox", "live"], &allow[..], select].concat();
        refused(&bench.run(&arguments), BOTH);
    }
    refused(&bench.run(&["drift", "--sandbox", "live"]), BOTH);
    refused(&bench.run(&["drift", "--sandbox", "live", "--select", "other"]), BOTH);
    refused(&bench.run(&["accept", "other/auth/jwt_exp", "--sandbox", "live"]), BOTH);
    refused(&bench.run(&["compare", "other", "prod", "--live", "--sandbox", "live"]), BOTH);
    let pin = bench.run(&["pin", "--sandbox", "live"]);
    assert_ne!(pin.code, Some(0), "{pin}");
    assert!(pin.stderr.contains("E0545"), "{pin}");
    assert!(!bench.read("other.yaml").contains("ref:"), "nothing is pinned");
    let state = |text: &str| {
        let mut state: serde_json::Value = serde_json::from_str(text).expect("JSON");
        state["clock_ms"].take();
        state
    };
    assert_eq!(state(&bench.read("live/state.json")), state(&before), "nothing is written");
    // The way out.
    std::fs::remove_file(bench.path().join("other.yaml")).expect("a file");
    assert_eq!(bench.run(&["plan", "--sandbox", "live", "--exit-code"]).code, Some(0));
}

#[test]
fn other_projects_go_on_where_two_documents_share_one() {
    let bench = pinned();
    twin(&bench, "Shop");
    bench.write("other.yaml", "project: other\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 20m}\n");
    bench.write("shop.yaml", "project: shop\norganization: acme-inc\nname: Shop\nauth: {jwt_exp: 30m}\n");
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert!(applied.code != Some(0) && BOTH.iter().all(|word| applied.stderr.contains(word)), "{applied}");
    let plan = bench.run(&["plan", "--sandbox", "live", "--select", "shop", "--exit-code"]);
    assert_eq!(plan.code, Some(0), "shop was written: {plan}\n{applied}");
}

#[test]
fn a_new_name_that_another_document_goes_by_is_refused() {
    let bench = pinned();
    twin(&bench, "Shop");
    bench.write("prod.yaml", "project: prod\nref: quickstartquickstart\nname: Shop\nauth: {jwt_exp: 10m}\n");
    bench.write("shop.yaml", "project: shop\norganization: acme-inc\nname: Shop\nauth: {jwt_exp: 30m}\n");
    let words = &["E0545", "by the new name", "`shop` (shop.yaml:1:10)"];
    refused(&bench.run(&["apply", "--sandbox", "live", "--yes", "--select", "prod"]), words);
    // Where the organization is written, too, no API need be asked.
    bench
        .write("prod.yaml", "project: prod\nref: quickstartquickstart\norganization: acme-inc\nname: Shop\nauth: {}\n");
    let validated = bench.run(&["validate"]);
    assert!(validated.code == Some(3) && validated.stderr.contains("E0215"), "{validated}");
}

#[test]
fn of_two_projects_of_one_name_none_is_guessed() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let manifest = "project: shop\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\n";
    bench.write("shop.yaml", manifest);
    assert_eq!(bench.run(&["plan", "--sandbox", "live"]).code, Some(0));
    assert_eq!(bench.run(&["apply", "--sandbox", "live", "--yes"]).code, Some(0));
    twin(&bench, "Acme Quickstart");
    let words = &["E0546", "quickstartquickstart (eu-central-1)", "othershopothershopot (us-east-1)"];
    for command in [&["plan"][..], &["apply", "--yes"], &["drift"]] {
        refused(&bench.run(&[command, &["--sandbox", "live"]].concat()), words);
    }
    let pin = bench.run(&["pin", "--sandbox", "live"]);
    assert!(pin.code != Some(0) && pin.stderr.contains("E0546"), "{pin}");
    assert_eq!(bench.read("shop.yaml"), manifest, "nothing is pinned");
    // A region in which neither is decides nothing, nor does a group of them.
    for region in ["ap-south-1", "emea"] {
        bench.write("shop.yaml", &format!("{manifest}region: {region}\n"));
        refused(&bench.run(&["plan", "--sandbox", "live"]), words);
    }
    bench.write("shop.yaml", &format!("{manifest}region: us-east-1\n"));
    let plan = bench.run(&["plan", "--sandbox", "live", "--exit-code"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    let pin = bench.run(&["pin", "--sandbox", "live"]);
    assert!(pin.code == Some(0) && bench.read("shop.yaml").contains(OTHER), "{pin}");
}

#[test]
fn a_creation_whose_answer_is_lost_takes_over_neither_of_two_projects() {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let creation = "project: beta\norganization: acme-inc\nregion: eu-central-1\ncreate: true\n\
                    database_password: {env: DB_PASSWORD}\nauth: {jwt_exp: 10m}\n";
    bench.write("beta.yaml", creation);
    bench.set("DB_PASSWORD", "canary-database");
    assert_eq!(bench.run(&["plan", "--sandbox", "live"]).code, Some(0));
    // While the answer is lost, somebody gives another project the same name.
    let ghost = r#"{"kind": "ghost", "pointer": "/projects/quickstartquickstart/name", "value": "beta"}"#;
    let faults = format!(
        r#"[{{"route": "GET /v1/projects", "nth": 3, "fault": {ghost}}}, {{"route": "POST /v1/projects", "fault": {{"kind": "drop_after"}}}}]"#
    );
    bench.edit_json("live/state.json", "/faults", &faults);
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(8), "{applied}");
    let all = format!("{}{}", applied.stdout, applied.stderr);
    assert!(all.contains("several projects with the name `beta`") && all.contains(QUICKSTART_REF), "{applied}");
    refused(&bench.run(&["plan", "--sandbox", "live"]), &["E0546"]);
}
