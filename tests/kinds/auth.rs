//! Auth: settings of many forms, of which only what changes is sent.

use serde_json::{Value, json};
use supaform::diag::codes::run as codes;
use supaform::exit::Exit;
use supaform::model::DisplayValue;
use supaform::sandbox::Fault;
use supaform::schema::{Digest, Impact};

use super::{run, settles};
use crate::support::canary::{CANARY, SIGNING};
use crate::support::scene::{REF, Scene};
use crate::support::{Output, Workbench};

const AUTH: &str = "PATCH /v1/projects/{ref}/config/auth";

/// The bodies that were sent to auth.
pub(super) fn bodies(scene: &Scene) -> Vec<Value> {
    scene.log().into_iter().filter(|entry| entry["method"] == "PATCH").map(|entry| entry["body"].clone()).collect()
}

#[tokio::test]
async fn secrets_are_compared_by_digest_and_sent_only_when_they_differ() {
    let scene = Scene::new("auth: {external_github_secret: {env: PASS}}");
    settles(&scene).await;
    assert_eq!(
        scene.live(|project| project.auth["external_github_secret"].clone()),
        Digest::HmacOfRef.of("pass-phrase", REF).unwrap()
    );
    assert_eq!(bodies(&scene), [json!({"external_github_secret": "[secret]"})]);
    // Stars, as older answers had them, are no digest: nothing is known and nothing is written.
    scene.live(|project| project.auth.insert("external_github_secret".to_owned(), "****".into()));
    assert!(scene.plan().await.steps.is_empty());
}

#[tokio::test]
async fn the_answer_of_a_patch_is_never_taken_for_live() {
    // The answer shows null for these until they were set; believing it would make a difference of every default.
    let scene = Scene::new("auth: {jwt_exp: 10m, sms_provider: twilio, security_captcha_provider: hcaptcha}");
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"jwt_exp": 600})]);
}

#[tokio::test]
async fn only_what_changes_is_sent() {
    let scene = Scene::new("auth: {jwt_exp: 10m, site_url: \"http://localhost:3000\", disable_signup: false}");
    scene.sandbox.edit(|state| "free".clone_into(&mut state.organizations.get_mut("acme-inc").unwrap().plan));
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"jwt_exp": 600})]);
    // What the plan of the organization does not include is refused, and the line is blamed.
    let gated = Scene::new("auth: {mailer_subjects_invite: Hello}");
    gated.sandbox.edit(|state| "free".clone_into(&mut state.organizations.get_mut("acme-inc").unwrap().plan));
    let report = gated.run().await.report.unwrap();
    let problem = report.projects["p"].steps[0].outcome.problem().unwrap();
    assert_eq!((problem.finding.code, report.exit()), (codes::API_REFUSED, Exit::Failed));
    assert!(problem.finding.origin.is_some());
}

#[tokio::test]
async fn folded_ids_are_one_set() {
    let mut scene = Scene::new("auth: {external_apple_client_id: [web, app]}");
    scene.live(|project| project.auth.insert("external_apple_additional_client_ids".to_owned(), "app".into()));
    settles(&scene).await;
    scene.want("auth: {external_apple_client_id: [app, web]}");
    assert!(scene.plan().await.is_empty(), "the order does not matter");
}

#[tokio::test]
async fn lists_are_compared_as_sets_and_sent_as_written() {
    let scene = Scene::new("auth: {uri_allow_list: [\"https://b.example\", \"https://a.example\"]}");
    scene.live(|project| {
        project.auth.insert("uri_allow_list".to_owned(), "https://a.example,  https://b.example".into())
    });
    assert!(scene.plan().await.is_empty(), "blanks and order do not matter");
    scene.live(|project| project.auth.remove("uri_allow_list"));
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"uri_allow_list": "https://b.example,https://a.example"})]);
    let codes = Scene::new("auth: {sms_test_otp: {\"15551234567\": \"123456\", \"15557654321\": \"654321\"}}");
    codes
        .live(|project| project.auth.insert("sms_test_otp".to_owned(), "15557654321=654321,15551234567=123456".into()));
    assert!(codes.plan().await.is_empty());
}

#[tokio::test]
async fn null_is_satisfied_by_the_default() {
    let mut scene = Scene::new("auth: {jwt_exp: null, password_required_characters: null, sms_provider: null}");
    assert!(scene.plan().await.is_empty());
    scene.live(|project| project.auth.insert("jwt_exp".to_owned(), 60.into()));
    scene.live(|project| project.auth.insert("password_required_characters".to_owned(), "".into()));
    settles(&scene).await;
    assert_eq!(bodies(&scene), [json!({"jwt_exp": null})]);
    scene.want("auth: {password_required_characters: \"\"}");
    scene.live(|project| project.auth.remove("password_required_characters"));
    assert!(scene.plan().await.is_empty(), "null and an empty text are one for that choice");
}

#[tokio::test]
async fn numbers_travel_in_the_apis_own_form() {
    let relay = "smtp_host: h.example, smtp_user: u, smtp_pass: {env: PASS}, smtp_admin_email: a@example.com";
    let scene =
        Scene::new(&format!("auth: {{{relay}, smtp_port: 587, sessions_timebox: 30d, smtp_max_frequency: 1m30s}}"));
    settles(&scene).await;
    let sent = &bodies(&scene)[0];
    assert_eq!(
        (&sent["smtp_port"], &sent["sessions_timebox"], &sent["smtp_max_frequency"]),
        (&json!("587"), &json!(720), &json!(90))
    );
}

#[tokio::test]
async fn what_changes_along_is_told_and_is_no_failure() {
    let relay =
        "smtp_host: h.example, smtp_port: 587, smtp_user: u, smtp_pass: {env: PASS}, smtp_admin_email: a@example.com";
    let scene = Scene::new(&format!("auth: {{{relay}}}"));
    let ran = scene.run().await;
    let along = ran.plan.projects["p"].changes[0].fields.iter().filter(|field| field.along);
    let along: Vec<_> = along.map(|field| (field.name(), &field.before, &field.after)).collect();
    assert_eq!(
        along,
        [("rate_limit_email_sent", &DisplayValue::Value(json!(2)), &DisplayValue::Value(json!(30)))],
        "it is in the plan"
    );
    let report = ran.report.unwrap();
    assert_eq!((report.exit(), report.projects["p"].steps[0].notes.len()), (Exit::Done, 0));
    assert!(scene.plan().await.is_empty());
    // Managed together with the relay, it is as the manifest says.
    let managed = Scene::new(&format!("auth: {{{relay}, rate_limit_email_sent: 100}}"));
    settles(&managed).await;
    assert_eq!(managed.live(|project| project.auth["rate_limit_email_sent"].clone()), 100);
}

#[tokio::test]
async fn what_the_server_ignores_is_not_called_done() {
    let scene = Scene::new("auth: {jwt_exp: 10m}");
    scene.fault(AUTH, 1, 1, Fault::Ignore { fields: vec!["jwt_exp".to_owned()] });
    let report = scene.run().await.report.unwrap();
    let problem = report.projects["p"].steps[0].outcome.problem().unwrap();
    assert_eq!((problem.finding.code, report.exit()), (codes::DID_NOT_TAKE, Exit::Failed));
    let sent = bodies(&scene).len();
    assert_eq!(sent, 1, "it is waited for, not written again");
    // By `extra`, too: the field that a PATCH silently ignores.
    let mut extra = Scene::new("auth: {extra: {audit_log_disable_postgres: false}}");
    extra.beyond_specification = true;
    let report = extra.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Failed);
}

#[tokio::test]
async fn what_costs_money_is_flagged() {
    let scene = Scene::new("auth: {mfa_phone_verify_enabled: true, mfa_phone_enroll_enabled: true}");
    let plan = scene.plan().await;
    let billed = plan.steps.iter().flat_map(|step| &step.flags).filter(|flag| flag.impact == Impact::Billed).count();
    assert!(billed > 0);
}

#[tokio::test]
async fn a_status_means_what_the_body_says() {
    // 401 on a write, with a token that has just been good for reading: the value is refused, not the token.
    let value = Scene::new("auth: {jwt_exp: 10m}");
    value.fault(AUTH, 1, 1, Fault::Refuse { status: 401, message: "Custom SMTP required".to_owned() });
    let report = value.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Failed);
    // 401 on a read: the token.
    let token = Scene::new("auth: {jwt_exp: 10m}");
    token.fault("*", 1, 99, Fault::Refuse { status: 401, message: "JWT could not be decoded".to_owned() });
    assert_eq!(token.plan().await.projects["p"].blocked.as_ref().map(|blocked| blocked.exit), Some(Exit::Denied));
    // 400 with these words: the project is gone. A write that meets it is stale, and nothing is made anew.
    let gone = Scene::new("auth: {jwt_exp: 10m}");
    gone.fault(AUTH, 1, 1, Fault::Refuse { status: 400, message: "Resource has been removed".to_owned() });
    assert_eq!(gone.run().await.report.unwrap().exit(), Exit::Stale);
}

/// A project on a sandbox of its own, whose live auth is this, and a manifest that says that.
fn planned(live: &[(&str, Value)], auth: &str, variables: &[(&str, &str)]) -> Output {
    let mut bench = Workbench::new();
    for (name, value) in variables {
        bench.set(name, value);
    }
    let manifest = |auth: &str| format!("project: p\norganization: acme-inc\nname: Acme Quickstart\n{auth}");
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", &manifest("ssl_enforcement: {database: false}\n"));
    assert_eq!(run(&bench, &["plan"]).code, Some(0));
    for (name, value) in live {
        bench.edit_json("live/state.json", &format!("/projects/{REF}/auth/{name}"), &value.to_string());
    }
    bench.write("p.yaml", &manifest(auth));
    run(&bench, &["plan"])
}

#[test]
fn a_hook_is_signed_by_secrets_of_their_form_only_and_no_message_shows_one() {
    let auth =
        "auth: {hook_send_sms_uri: \"https://example.com/sms\", hook_send_sms_secrets: [{env: NEW}, {env: OLD}]}\n";
    let fine = planned(&[], auth, &[("NEW", SIGNING), ("OLD", SIGNING)]);
    assert_eq!(fine.code, Some(0), "{fine}");
    for wrong in ["hunter2-hunter2", "v1,whsec_c2hvcnQ=", &SIGNING.replace("v1,", "")] {
        let refused = planned(&[], auth, &[("NEW", SIGNING), ("OLD", wrong)]);
        assert_eq!(refused.code, Some(3), "{refused}");
        assert!(refused.stderr.contains("error[E0465]: p/auth.hook_send_sms_secrets: the value is not `v1,whsec_`"));
        assert!(!refused.stderr.contains(wrong), "{refused}");
    }
    // Whoever keeps them joined in one variable may.
    let both = planned(
        &[],
        &auth.replace("[{env: NEW}, {env: OLD}]", "{env: NEW}"),
        &[("NEW", &format!("{SIGNING}|{SIGNING}"))],
    );
    assert_eq!(both.code, Some(0), "{both}");
}

#[test]
fn what_is_live_and_on_keeps_what_it_needs() {
    let live = [
        ("external_github_enabled", Value::from(true)),
        ("external_github_client_id", "id".into()),
        ("external_github_secret", "0".repeat(64).into()),
    ];
    for (auth, needed) in [
        ("auth: {external_github_client_id: null}\n", "external_github_client_id"),
        ("auth: {external_github_client_id: \"\"}\n", "external_github_client_id"),
        ("auth: {external_github_secret: null}\n", "external_github_secret"),
    ] {
        let said = planned(&live, auth, &[]);
        // Lines end where the terminal does, and a place stands at the end of the first.
        let told = said.stdout.replace("p.yaml:4", "").split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = format!("`external_github_enabled` is on, but does not work without `{needed}`");
        assert!(told.contains("E0502") && told.contains(&wanted), "{auth}: {said}");
    }
    let off = planned(&live, "auth: {external_github_enabled: false, external_github_client_id: null}\n", &[]);
    assert!(!off.stdout.contains("Refused"), "{off}");
    let keycloak = "auth: {external_keycloak_enabled: true, external_keycloak_client_id: a, external_keycloak_secret: {env: CANARY}}\n";
    let said = planned(&[], keycloak, &[("CANARY", CANARY)]);
    assert!(said.stdout.contains("`external_keycloak_enabled` needs `external_keycloak_url`"), "{said}");
}

#[test]
fn a_template_from_another_system_is_no_difference() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("p.yaml", "project: p\norganization: acme-inc\nname: Acme Quickstart\nauth: {mailer_templates_invite_content: {file: a.html}}\n");
    bench.write("a.html", "<p>Come in</p>\n<p>{{ .ConfirmationURL }}</p>\n");
    assert_eq!(run(&bench, &["apply", "--yes"]).code, Some(0));
    bench.write("a.html", "\u{feff}<p>Come in</p>\r\n<p>{{ .ConfirmationURL }}</p>\r\n");
    let again = run(&bench, &["plan", "--exit-code"]);
    assert_eq!(again.code, Some(0), "{again}");
    // Nor is what the dashboard stored with such line breaks.
    bench.edit_json(
        "live/state.json",
        &format!("/projects/{REF}/auth/mailer_templates_invite_content"),
        "\"<p>Come in</p>\\r\\n<p>{{ .ConfirmationURL }}</p>\\r\\n\"",
    );
    assert_eq!(run(&bench, &["plan", "--exit-code"]).code, Some(0));
}
