//! The custom hostname: it takes several runs, between which somebody sets DNS records.

use std::time::Duration;

use serde_json::{Value, json};
use supaform::apply::Outcome;
use supaform::diag::codes::{plan as plans, run as codes};
use supaform::exit::Exit;
use supaform::sandbox::{Fault, HostnameStatus};
use supaform::schema::Impact;
use supaform::session::{Import, write_imported};

use super::{refusals, settles, writes};
use crate::support::scene::{Killed, Scene};
use crate::support::stage::Stage;

const HOST: &str = "api.example.com";
const WANTED: &str = "custom_hostname: {custom_hostname: api.example.com, activate: true}";
const GET: &str = "GET /v1/projects/{ref}/custom-hostname";
const ACTIVATE: &str = "POST /v1/projects/{ref}/custom-hostname/activate";

/// A project with the add-on.
pub(crate) fn with_addon(sections: &str) -> Scene {
    let scene = Scene::new(sections);
    scene.live(|project| project.addons.insert("cd_default".to_owned()));
    scene
}

/// Somebody sets the records.
fn set_dns(scene: &Scene) {
    scene.sandbox.edit(|state| state.dns.insert(HOST.to_owned()));
}

fn status(scene: &Scene) -> Option<HostnameStatus> {
    scene.live(|project| project.custom_hostname.as_ref().map(|it| it.status))
}

/// How an apply ended, and the problems of its steps: the code, and what to do.
async fn ends(scene: &Scene) -> (Option<Exit>, Vec<(supaform::diag::Code, Vec<String>)>) {
    let report = scene.run().await.report;
    let steps = report.iter().flat_map(|report| report.projects.values()).flat_map(|project| &project.steps);
    let problems = steps.filter_map(|step| step.outcome.problem());
    let problems = problems.map(|it| (it.finding.code, it.finding.hints.clone())).collect();
    (report.map(|report| report.exit()), problems)
}

fn count(scene: &Scene, path: &str) -> usize {
    writes(scene).iter().filter(|(_, last, _)| last == path).count()
}

#[tokio::test]
async fn it_takes_three_runs_and_each_says_what_it_waits_for() {
    let scene = with_addon(WANTED);
    let (exit, problems) = ends(&scene).await;
    assert_eq!(exit, Some(Exit::Attention));
    let [(code, todo)] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(*code, codes::AWAITED);
    assert_eq!(todo.len(), 4, "both records, the CNAME, and what then: {todo:?}");
    assert!(todo[0].starts_with("CNAME") && todo[0].ends_with("quickstartquickstart.supabase.co"), "{todo:?}");
    assert!(todo[1].contains("_cf-custom-hostname.api.example.com"), "{todo:?}");
    assert!(todo[2].contains("_acme-challenge.api.example.com"), "{todo:?}");
    assert_eq!(count(&scene, "reverify"), 0, "nobody can have set records that were not known");

    // Nobody has set them: what was found for the certificate is renewed, and the new value is told at once.
    let (exit, problems) = ends(&scene).await;
    assert_eq!((exit, count(&scene, "reverify")), (Some(Exit::Attention), 1));
    let newest = scene.live(|project| project.custom_hostname.as_ref().unwrap().renewed);
    assert_eq!(newest, 1);
    assert_ne!(problems[0].1[2], todo[2], "the newest value is shown");
    assert_eq!(problems[0].1[1], todo[1]);

    // They are set: verified within the run, and into service.
    set_dns(&scene);
    let (exit, problems) = ends(&scene).await;
    assert_eq!((exit, problems), (Some(Exit::Done), vec![]));
    assert_eq!(status(&scene), Some(HostnameStatus::Active));
    assert!(scene.plan().await.is_empty());
    assert_eq!(count(&scene, "initialize") + count(&scene, "activate"), 2);
}

/// A verification is a write of ten a minute, and renews what somebody is about to set: waiting is looking.
#[tokio::test]
async fn while_it_waits_it_looks_and_does_not_ask() {
    let scene = with_addon(WANTED);
    ends(&scene).await;
    set_dns(&scene);
    scene.sandbox.edit(|state| state.switches.hostname.verify_ms = 200_000);
    assert_eq!(ends(&scene).await.0, Some(Exit::Done));
    assert!(count(&scene, "reverify") <= 3, "{:?}", writes(&scene));
}

#[tokio::test]
async fn a_verification_that_takes_too_long_is_left_to_the_next_run() {
    let scene = with_addon(WANTED);
    ends(&scene).await;
    set_dns(&scene);
    scene.sandbox.edit(|state| state.switches.hostname.verify_ms = 1_000_000);
    let (exit, problems) = ends(&scene).await;
    assert_eq!((exit, problems.len()), (Some(Exit::Attention), 1));
    assert_eq!(count(&scene, "activate"), 0);
    scene.live(|project| project.custom_hostname.as_mut().unwrap().verified_at_ms = Some(0));
    settles(&scene).await;
}

/// Whoever wants to wait for longer, or not at all, says so.
#[tokio::test]
async fn a_run_waits_as_long_as_it_is_told() {
    for (outside, verified_ms, exit) in [(0, 60_000, Exit::Attention), (840, 800_000, Exit::Done)] {
        let mut scene = with_addon(WANTED);
        scene.outside = Some(Duration::from_secs(outside));
        ends(&scene).await;
        assert_eq!(status(&scene), Some(HostnameStatus::Initiated), "what nobody can have done is not waited for");
        set_dns(&scene);
        scene.sandbox.edit(|state| state.switches.hostname.verify_ms = verified_ms);
        assert_eq!(ends(&scene).await.0, Some(exit), "{outside} s");
    }
}

#[tokio::test]
async fn prepared_is_enough_where_it_is_not_to_be_activated() {
    let mut scene = with_addon("custom_hostname: {custom_hostname: api.example.com, activate: false}");
    ends(&scene).await;
    set_dns(&scene);
    assert!(scene.plan().await.projects["p"].refusals.is_empty(), "nothing that needs a word happens");
    settles(&scene).await;
    assert_eq!(status(&scene), Some(HostnameStatus::Verified));
    // Into service needs a word, whether the project is protected or not.
    scene.want(WANTED);
    let asked: Vec<_> =
        scene.plan().await.projects["p"].refusals.iter().map(|it| (it.at.to_string(), it.allow)).collect();
    assert_eq!(asked, [("p/custom_hostname/activate".to_owned(), Some(Impact::Security))]);
    settles(&scene).await;
    // What is in service is also prepared.
    scene.want("custom_hostname: {custom_hostname: api.example.com, activate: false}");
    assert!(scene.plan().await.is_empty());
}

#[tokio::test]
async fn a_plan_says_what_is_awaited_and_nobody_has_drifted() {
    let scene = with_addon(WANTED);
    ends(&scene).await;
    let plan = scene.plan().await;
    let [awaited] = plan.projects["p"].awaited.as_slice() else { panic!("{plan:?}") };
    assert_eq!((awaited.at.to_string().as_str(), awaited.todo.len()), ("p/custom_hostname", 3));
    assert_eq!(awaited.holds, ["activate"]);
    let steps: Vec<_> =
        plan.steps.iter().map(|step| step.call.operation.template.rsplit('/').next().unwrap()).collect();
    assert_eq!(steps, ["reverify", "activate"]);
}

#[tokio::test]
async fn another_host_replaces_it_with_a_word_for_the_outage() {
    let mut scene = with_addon(WANTED);
    ends(&scene).await;
    set_dns(&scene);
    settles(&scene).await;
    scene.want("custom_hostname: {custom_hostname: id.example.com, activate: true}");
    let plan = scene.plan().await;
    let asked: Vec<_> = plan.projects["p"].refusals.iter().map(|it| (it.at.to_string(), it.allow)).collect();
    assert_eq!(asked, [("p/custom_hostname/custom_hostname".to_owned(), Some(Impact::LockOut))]);
    let methods: Vec<_> = plan.steps.iter().map(|step| step.call.operation.method.as_str()).collect();
    assert_eq!(methods, ["DELETE", "POST"], "the API has one at a time");
    assert_eq!(ends(&scene).await.0, Some(Exit::Attention));
    let host = scene.live(|project| project.custom_hostname.as_ref().unwrap().hostname.clone());
    assert_eq!(host, "id.example.com");
    // One that was only begun takes nothing from anybody.
    scene.want(WANTED);
    let asked = scene.plan().await.projects["p"].refusals.iter().filter_map(|it| it.allow).collect::<Vec<_>>();
    assert_eq!(asked, [Impact::Security], "only the activation");
}

#[tokio::test]
async fn it_is_removed_by_null_and_its_addon_stays() {
    let mut scene = with_addon(WANTED);
    ends(&scene).await;
    set_dns(&scene);
    settles(&scene).await;
    scene.want("custom_hostname: {custom_hostname: null}");
    let asked: Vec<_> = scene.plan().await.projects["p"].refusals.iter().map(|it| it.allow).collect();
    assert_eq!(asked, [Some(Impact::LockOut)]);
    settles(&scene).await;
    assert!(scene.live(|project| project.custom_hostname.is_none() && project.addons.contains("cd_default")));
}

#[tokio::test]
async fn without_the_addon_nothing_is_written() {
    let scene = Scene::new(&format!("{WANTED}\nauth: {{jwt_exp: 10m}}"));
    let found = refusals(&scene).await;
    assert!(found.contains(&plans::ADDON_MISSING), "{found:?}");
    // Who may not see the add-ons is not held up: the API says it.
    scene.fault("GET /v1/projects/{ref}/billing/addons", 1, 9, Fault::Refuse { status: 403, message: "no".to_owned() });
    assert!(!refusals(&scene).await.contains(&plans::ADDON_MISSING));
}

/// The same status means several things; only the one text means that there is none.
#[tokio::test]
async fn a_refusal_of_the_read_is_told_apart_by_its_words() {
    let scene = with_addon(WANTED);
    let refuse = |message: &str| Fault::Refuse { status: 400, message: message.to_owned() };
    for (message, code) in [("Something else", codes::API_FAILED), ("Resource has been removed", codes::API_FAILED)] {
        scene.fault(GET, 1, 9, refuse(message));
        let blocked = scene.plan().await.projects["p"].blocked.clone().unwrap();
        assert_eq!(blocked.finding.code, code, "{message}");
        assert!(blocked.finding.message.contains(message), "{blocked:?}");
    }
    scene.sandbox.edit(|state| state.faults.clear());
    scene.fault(GET, 1, 9, Fault::Show { pointer: "/status".to_owned(), value: json!("6_retired") });
    scene.live(|project| {
        project.custom_hostname = serde_json::from_value(json!({"hostname": HOST})).unwrap();
    });
    assert!(scene.plan().await.projects["p"].blocked.is_some(), "an unknown stage is not guessed");
}

/// Begun by somebody else between the plan and the write: the API has one at a time, and says so with a status of its own.
#[tokio::test]
async fn what_somebody_else_has_begun_is_not_overwritten() {
    let scene = with_addon(WANTED);
    let message = "Delete the custom hostname associated with your project before attempting to create a new one.";
    scene.fault(
        "POST /v1/projects/{ref}/custom-hostname/initialize",
        1,
        1,
        Fault::Refuse { status: 544, message: message.to_owned() },
    );
    let (exit, problems) = ends(&scene).await;
    assert_eq!((exit, problems[0].0), (Some(Exit::Failed), codes::API_REFUSED));
    assert_eq!(count(&scene, "initialize"), 1, "it is not tried again");
}

#[tokio::test]
async fn an_activation_that_comes_too_early_is_tried_again_and_then_left() {
    let scene = with_addon(WANTED);
    ends(&scene).await;
    set_dns(&scene);
    scene.sandbox.edit(|state| state.switches.hostname.activate_flake = true);
    settles(&scene).await;
    // Where it stays so, the next run goes on.
    let scene = with_addon(WANTED);
    ends(&scene).await;
    set_dns(&scene);
    scene.fault(
        ACTIVATE,
        1,
        99,
        Fault::Refuse { status: 400, message: "Verification has not been completed.".to_owned() },
    );
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Attention);
    assert!(matches!(report.projects["p"].steps[1].outcome, Outcome::Waiting(_)), "{report:?}");
    scene.sandbox.edit(|state| state.faults.clear());
    settles(&scene).await;
}

#[tokio::test]
async fn people_are_sent_to_the_host_only_once_it_answers() {
    let scene =
        with_addon(&format!("{WANTED}\nauth: {{site_url: \"https://api.example.com\"}}\nsecrets: {{A: {{plain: b}}}}"));
    let report = scene.run().await.report.unwrap();
    let outcome = |kind: &str| {
        let steps = report.projects["p"].steps.iter();
        steps.filter(|step| step.at.subject.kind() == Some(kind)).map(|step| &step.outcome).next().unwrap()
    };
    assert!(matches!(outcome("auth"), Outcome::Skipped { .. }) && matches!(outcome("secrets"), Outcome::Done));
    set_dns(&scene);
    settles(&scene).await;
    // Another address does not wait.
    let scene = with_addon(&format!("{WANTED}\nauth: {{site_url: \"https://app.example.com\"}}"));
    ends(&scene).await;
    assert_eq!(scene.live(|project| project.auth["site_url"].clone()), json!("https://app.example.com"));
}

#[tokio::test]
async fn killed_anywhere_it_goes_on_and_begins_nothing_twice() {
    for prepared in [false, true] {
        let scene = || {
            let scene = with_addon(WANTED);
            if prepared {
                scene.live(|project| {
                    project.custom_hostname = serde_json::from_value(json!({"hostname": HOST})).unwrap();
                });
                set_dns(&scene);
            }
            scene
        };
        let clean = scene();
        clean.run().await;
        let requests = u32::try_from(clean.requests().len()).unwrap();
        for (nth, killed) in (1..=requests).flat_map(|nth| [(nth, Killed::Before), (nth, Killed::After)]) {
            let what = format!("killed {killed:?} request {nth}, prepared: {prepared}");
            let scene = scene();
            assert!(scene.run_killed(nth, killed).await, "{what}: it was not");
            set_dns(&scene);
            let mut exit = scene.run().await.report.map(|report| report.exit());
            if exit == Some(Exit::Attention) {
                exit = scene.run().await.report.map(|report| report.exit());
            }
            assert!(matches!(exit, None | Some(Exit::Done)), "{what}: {exit:?}");
            assert_eq!(status(&scene), Some(HostnameStatus::Active), "{what}");
            assert!(scene.plan().await.is_empty(), "{what}");
            assert!(count(&scene, "initialize") <= 1, "{what}");
        }
    }
}

/// What is in service is written down; what is not yet is nothing that one has.
#[tokio::test]
async fn one_in_service_is_imported_and_changes_nothing() {
    for (status, written) in
        [("5_services_reconfigured", true), ("4_origin_setup_completed", false), ("2_initiated", false)]
    {
        let stage = Stage::new("");
        stage.live(|project| {
            project.addons.insert("cd_default".to_owned());
            let hostname = json!({"hostname": HOST, "status": status});
            project.custom_hostname = serde_json::from_value(hostname).unwrap();
        });
        let imported = stage.session().import(&Import::default()).await.unwrap();
        write_imported(&imported).unwrap();
        let text = stage.read("p.yaml");
        let expected = "custom_hostname:\n  custom_hostname: api.example.com\n  activate: true\n";
        assert_eq!(text.ends_with(expected), written, "{status}: {text}");
        let planned = stage.plan().await.plan;
        assert!(planned.is_empty() && planned.projects["p"].refusals.is_empty(), "{status}: {planned:?}");
        assert!(stage.session().import(&Import::default()).await.unwrap().is_empty(), "{status}");
    }
}

/// A host that nobody has proven in time is gone, and is begun again.
#[tokio::test]
async fn one_that_took_too_long_is_begun_anew() {
    let scene = with_addon(WANTED);
    scene.sandbox.edit(|state| state.switches.hostname.pending_expiry_ms = Some(600_000));
    ends(&scene).await;
    scene.clock.sleep(Duration::from_hours(1)).await;
    assert_eq!(ends(&scene).await.0, Some(Exit::Attention));
    assert_eq!(count(&scene, "initialize"), 2);
    set_dns(&scene);
    settles(&scene).await;
}

/// What the API says is wrong is passed on.
#[tokio::test]
async fn errors_of_the_verification_are_shown() {
    let scene = with_addon(WANTED);
    ends(&scene).await;
    let errors: Value = json!([{"message": "CAA records block issuing"}]);
    scene.fault(GET, 1, 99, Fault::Show { pointer: "/data/result/ssl/validation_errors".to_owned(), value: errors });
    let plan = scene.plan().await;
    assert!(plan.projects["p"].awaited[0].text.contains("CAA records block"), "{plan:?}");
}
