//! `drift --notify`: what people and programs are told, and what happens where they cannot be.

use crate::support::Workbench;
use crate::support::forge::described::slack_fault;
use crate::support::listener::{Heard, Listener};
use crate::support::schemas::Schemas;
use serde_json::Value;

const SECRET_PATH: &str = "/services/canary-address";

/// A workspace that was applied, and then changed by hand.
fn drifted() -> Workbench {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write(
        "acme.yaml",
        "project: acme-prod\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 30m, site_url: \"https://acme.com\"}\n\
         secrets: {APP_ENV: {plain: production}}\nssl_enforcement: {database: true}\n",
    );
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).expect("a state");
    let project = &mut state["projects"]["quickstartquickstart"];
    project["auth"]["jwt_exp"] = 60.into();
    project["auth"]["site_url"] = "<!channel> `x` & *y*".into();
    project["secrets"] = serde_json::json!({});
    bench.write("live/state.json", &state.to_string());
    bench
}

fn drift(bench: &Workbench, more: &[&str]) -> crate::support::Output {
    let arguments: Vec<&str> =
        ["drift", "--sandbox", "live", "--today=2026-11-30"].into_iter().chain(more.iter().copied()).collect();
    let output = bench.run(&arguments);
    let said = format!("{output}");
    assert!(!said.contains("canary"), "the address is a secret: {said}");
    output
}

#[test]
fn slack_is_told_risks_first_names_and_no_values() {
    let (mut bench, chat) = (drifted(), Listener::start(&[]));
    bench.set("SUPAFORM_SLACK_URL", &chat.url(SECRET_PATH));
    assert_eq!(drift(&bench, &["--notify", "slack"]).code, Some(2));
    let heard = chat.heard();
    let [one] = heard.as_slice() else { panic!("{} messages", heard.len()) };
    assert_eq!(one.line, format!("POST {SECRET_PATH} HTTP/1.1"));
    assert!(one.header("authorization").is_none() && one.header("x-supaform-signature-256").is_none());
    assert_eq!(slack_fault(&one.json()), None);
    insta::assert_snapshot!("slack", serde_json::to_string_pretty(&one.json()).expect("JSON"));
}

#[test]
fn a_webhook_gets_what_has_happened_signed() {
    let (mut bench, program) = (drifted(), Listener::start(&[]));
    bench.write("address", &format!("{}\n", program.url("/canary?x=1")));
    bench.set("SUPAFORM_WEBHOOK_SECRET", "key");
    let printed = drift(&bench, &["--notify", "webhook", "--notify-url-file", "address", "--format", "json"]);
    let heard = program.heard();
    let [one] = heard.as_slice() else { panic!("{} messages", heard.len()) };
    let notice = one.json();
    let drift: Value = serde_json::from_str(&printed.stdout).expect("a record");
    assert_eq!(notice["drift"], drift);
    assert!(Schemas::new().check(&notice["drift"].to_string(), "the notice"));
    let envelope = (&notice["format"], &notice["version"], &notice["command"], &notice["exit"], &notice["failures"]);
    assert_eq!(envelope, (&"supaform.notice".into(), &2.into(), &"drift".into(), &2.into(), &Value::Array(vec![])));
    let signature = supaform::secret::hmac(b"key", one.body.as_bytes());
    assert_eq!(one.header("x-supaform-signature-256"), Some(format!("sha256={signature}").as_str()));
}

#[test]
fn nobody_is_told_when_all_is_clean() {
    let (mut bench, chat) = (drifted(), Listener::start(&[]));
    assert_eq!(bench.run(&["apply", "--sandbox", "live", "--yes"]).code, Some(0));
    bench.set("SUPAFORM_SLACK_URL", &chat.url(SECRET_PATH));
    assert_eq!(drift(&bench, &["--notify", "slack"]).code, Some(0));
    assert!(chat.heard().is_empty());
}

#[test]
fn a_run_that_fails_is_told_too() {
    let (mut bench, chat) = (drifted(), Listener::start(&[]));
    bench.set("SUPAFORM_SLACK_URL", &chat.url(SECRET_PATH));
    let refused = r#"[{"route": "GET /v1/projects", "times": 9, "fault": {"kind": "refuse", "status": 401, "message": "Unauthorized"}}]"#;
    let mut state: Value = serde_json::from_str(&bench.read("live/state.json")).expect("a state");
    state["faults"] = serde_json::from_str(refused).expect("JSON");
    bench.write("live/state.json", &state.to_string());
    assert_eq!(drift(&bench, &["--notify", "slack"]).code, Some(7));
    bench.write("acme.yaml", "project: acme-prod\norganization: acme-inc\nauth: {jwt_exp: <!here>, site_ulr: x}\n");
    assert_eq!(drift(&bench, &["--notify", "slack"]).code, Some(3));
    let told: Vec<Value> = chat.heard().iter().map(Heard::json).collect();
    assert!(told.len() == 2 && told.iter().all(|it| slack_fault(it).is_none()), "{told:?}");
    let told: Vec<String> = told.iter().map(|it| serde_json::to_string_pretty(it).expect("JSON")).collect();
    insta::assert_snapshot!("slack_failures", told.join("\n"));
}

#[test]
fn a_busy_channel_is_tried_again_and_a_dead_one_is_told_of() {
    let (mut bench, chat) = (drifted(), Listener::start(&["429 Too Many Requests\r\nretry-after: 0", "503 Busy"]));
    bench.set("SUPAFORM_SLACK_URL", &chat.url(SECRET_PATH));
    let output = drift(&bench, &["--notify", "slack"]);
    assert_eq!((output.code, chat.heard().len()), (Some(2), 3), "{output}");
    let dead = Listener::start(&["410 Gone"]);
    bench.set("SUPAFORM_SLACK_URL", &dead.url(SECRET_PATH));
    let output = drift(&bench, &["--notify", "slack"]);
    assert_eq!((output.code, dead.heard().len()), (Some(2), 1), "{output}");
    insta::assert_snapshot!("untold", output.stderr);
}

#[test]
fn an_address_that_cannot_be_used_is_told_before_anything_is_read() {
    let mut bench = Workbench::new();
    bench.write("address", "http://chat.example.com/canary");
    let mut told = String::new();
    for more in [
        &["--notify", "slack"][..],
        &["--notify", "slack", "--notify-url-file", "address"],
        &["--notify", "slack", "--notify-url-file", "nowhere"],
        &["--notify", "slack,webhook", "--notify-url-file", "address"],
    ] {
        let output = drift(&bench, more);
        assert_eq!(output.code, Some(3), "{output}");
        told.push_str(&output.stderr);
    }
    bench.set("SUPAFORM_WEBHOOK_URL", "canary");
    told.push_str(&drift(&bench, &["--notify", "webhook"]).stderr);
    insta::assert_snapshot!("addresses", told);
}

#[test]
fn what_has_happened_is_shown_again_and_is_no_plan() {
    let bench = drifted();
    let (text, json) = (drift(&bench, &[]), drift(&bench, &["--format", "json"]));
    bench.write("drift.json", &json.stdout);
    let shown = bench.run(&["show", "drift.json"]);
    assert_eq!((shown.code, shown.stdout.as_str()), (Some(0), text.stdout.as_str()), "{shown}");
    let mut told = String::new();
    for command in [&["apply", "--sandbox", "live", "--yes", "--plan", "drift.json"][..], &["comment", "drift.json"]] {
        let output = bench.run(command);
        assert_eq!(output.code, Some(3), "{output}");
        told.push_str(&output.stderr);
    }
    assert_eq!(drift(&bench, &[]).stdout, text.stdout, "nothing was written");
    // Nor is it one by another name.
    bench.write("drift.json", &json.stdout.replace("supaform.drift", "supaform.plan"));
    let forged = bench.run(&["apply", "--sandbox", "live", "--yes", "--plan", "drift.json"]);
    assert_eq!(forged.code, Some(3), "{forged}");
    insta::assert_snapshot!("no_plan", told);
}
