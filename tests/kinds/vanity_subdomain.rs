//! The vanity subdomain: a label is written, a host is read; whoever gives it up gives it to anybody.

use serde_json::json;
use supaform::diag::codes::{plan as plans, run as codes, value};
use supaform::exit::Exit;
use supaform::model::Plan;
use supaform::plan::guard::standing;
use supaform::sandbox::Fault;
use supaform::schema::Impact;
use supaform::session::{Import, write_imported};

use super::custom_hostname::with_addon;
use super::{asked, ends, refusals, settles, writes};
use crate::support::Workbench;
use crate::support::scene::{Killed, REF, Scene};
use crate::support::stage::Stage;

const WANTED: &str = "vanity_subdomain: {vanity_subdomain: myapp}";
const OTHER: &str = "vanity_subdomain: {vanity_subdomain: other}";
const GIVEN_UP: &str = "vanity_subdomain: {vanity_subdomain: null}";
const CHECK: &str = "POST /v1/projects/{ref}/vanity-subdomain/check-availability";

fn label(scene: &Scene) -> Option<String> {
    scene.live(|project| project.vanity.clone())
}

/// Another project has the name.
fn take(scene: &Scene, name: &str) {
    scene.sandbox.edit(|state| {
        let mut theirs = state.projects[REF].clone();
        theirs.vanity = Some(name.to_owned());
        "Theirs".clone_into(&mut theirs.name);
        state.projects.insert("theirstheirstheirsth".to_owned(), theirs);
    });
}

#[tokio::test]
async fn a_name_is_asked_for_and_taken_with_a_word_and_given_up_with_another() {
    let at = || "p/vanity_subdomain/vanity_subdomain".to_owned();
    let mut scene = Scene::new(WANTED);
    let plan = scene.plan().await;
    assert_eq!(asked(&plan), [(at(), Some(Impact::Security))], "its word, protected or not");
    assert!(standing(&plan, &["p/vanity_subdomain".to_owned()].into()).is_empty(), "the section is its one field");
    assert_eq!(
        writes(&scene).len(),
        0,
        "a plan asks for no name: that is a write, of which the API takes ten a minute"
    );
    settles(&scene).await;
    let sent: Vec<_> = writes(&scene).into_iter().map(|(_, path, body)| (path, body)).collect();
    let body = json!({"vanity_subdomain": "myapp"});
    assert_eq!(sent, [("check-availability".to_owned(), body.clone()), ("activate".to_owned(), body)]);
    // Another name gives the first one up.
    scene.want(OTHER);
    let both = [(at(), Some(Impact::Security)), (at(), Some(Impact::Destructive))];
    assert_eq!(asked(&scene.plan().await), both);
    settles(&scene).await;
    assert_eq!(label(&scene).as_deref(), Some("other"));
    scene.want(GIVEN_UP);
    assert_eq!(asked(&scene.plan().await), [(at(), Some(Impact::Destructive))]);
    settles(&scene).await;
    assert_eq!((label(&scene), writes(&scene).last().unwrap().0.as_str()), (None, "DELETE"));
}

#[tokio::test]
async fn a_name_that_another_project_has_is_not_tried() {
    let mut scene = Scene::new("");
    take(&scene, "myapp");
    scene.want_document(&format!("project: p\nref: {REF}\n{WANTED}\n"));
    let (exit, findings) = ends(&scene).await;
    assert_eq!((exit, findings[0].code), (Some(Exit::Failed), codes::API_REFUSED));
    assert!(findings[0].message.contains("myapp"), "{findings:?}");
    assert_eq!(writes(&scene).len(), 1);
}

/// Somebody takes it a second after it was free: then the refusal of the activation is the truth, whatever its status.
#[tokio::test]
async fn what_counts_is_whether_it_could_be_taken() {
    for status in [400, 409, 422] {
        let mut scene = Scene::new("");
        take(&scene, "myapp");
        scene.want_document(&format!("project: p\nref: {REF}\n{WANTED}\n"));
        scene.sandbox.edit(|state| state.switches.vanity.taken_status = status);
        scene.fault(CHECK, 1, 9, Fault::Show { pointer: "/available".to_owned(), value: json!(true) });
        let (exit, findings) = ends(&scene).await;
        assert_eq!(exit, Some(Exit::Partial), "{status}: the question was answered");
        assert!(findings.iter().any(|it| it.message.contains("already taken")), "{status}: {findings:?}");
        assert_eq!((label(&scene), writes(&scene).len()), (None, 2), "{status}: tried once");
    }
}

/// Whatever became of the question, the activation tells.
#[tokio::test]
async fn a_lost_answer_to_the_question_does_not_stop_it() {
    let scene = Scene::new(WANTED);
    scene.fault(CHECK, 1, 1, Fault::DropAfter);
    settles(&scene).await;
    assert_eq!(label(&scene).as_deref(), Some("myapp"));
}

#[test]
fn it_is_refused_beside_a_custom_hostname_with_both_places() {
    let bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    let host = "custom_hostname: {custom_hostname: api.example.com}";
    bench.write("p.yaml", &format!("project: p\nref: {REF}\n{host}\n{WANTED}\n"));
    let output = bench.run(&["validate"]);
    let (code, text) = (output.code, format!("{}{}", output.stdout, output.stderr));
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains(&value::NOT_BOTH.id().to_string()), "{text}");
    assert!(text.contains("p.yaml:4") && text.contains("3 |"), "{text}");
    // What is taken away is not wanted.
    for (host, label) in [("null", "myapp"), ("api.example.com", "null"), ("null", "null")] {
        let sections =
            format!("custom_hostname: {{custom_hostname: {host}}}\nvanity_subdomain: {{vanity_subdomain: {label}}}");
        bench.write("p.yaml", &format!("project: p\nref: {REF}\n{sections}\n"));
        assert_eq!(bench.run(&["validate"]).code, Some(0), "{sections}");
    }
}

#[tokio::test]
async fn a_live_custom_hostname_excludes_it_until_it_is_taken_away() {
    let mut scene = with_addon(WANTED);
    scene.live(|project| {
        let active = json!({"hostname": "api.example.com", "status": "5_services_reconfigured"});
        project.custom_hostname = serde_json::from_value(active).unwrap();
    });
    assert!(refusals(&scene).await.contains(&plans::EXCLUDED), "one that no manifest knows");
    scene.want(GIVEN_UP);
    assert!(scene.plan().await.is_empty(), "it has none");
    let order = |plan: &Plan| {
        let kinds = plan.steps.iter().filter_map(|step| step.at.subject.kind());
        kinds.map(str::to_owned).collect::<Vec<_>>()
    };
    scene.want(&format!("{WANTED}\ncustom_hostname: {{custom_hostname: null}}"));
    let plan = scene.plan().await;
    assert!(!plan.projects["p"].refusals.iter().any(|it| it.finding.code == plans::EXCLUDED), "{plan:?}");
    assert_eq!(order(&plan), ["custom_hostname", "vanity_subdomain", "vanity_subdomain"], "it makes way first");
    settles(&scene).await;
    // And the other way round.
    scene.want(&format!("{GIVEN_UP}\ncustom_hostname: {{custom_hostname: api.example.com}}"));
    assert_eq!(order(&scene.plan().await), ["vanity_subdomain", "custom_hostname"]);
    settles(&scene).await;
    assert_eq!(label(&scene), None);
}

/// Where the API takes no second name beside the first, it says so, and the first one is kept.
#[tokio::test]
async fn where_a_change_needs_a_deletion_nothing_is_lost() {
    let mut scene = Scene::new(WANTED);
    settles(&scene).await;
    scene.sandbox.edit(|state| state.switches.vanity.change_needs_delete = true);
    scene.want(OTHER);
    let (exit, findings) = ends(&scene).await;
    assert_eq!(exit, Some(Exit::Partial));
    assert!(findings[0].message.contains("deleted first"), "{findings:?}");
    assert_eq!(label(&scene).as_deref(), Some("myapp"));
    scene.want(GIVEN_UP);
    settles(&scene).await;
    scene.want(OTHER);
    settles(&scene).await;
}

#[tokio::test]
async fn a_plan_that_does_not_include_it_is_told() {
    for status in [402, 400, 403] {
        let scene = Scene::new(WANTED);
        scene.sandbox.edit(|state| {
            "free".clone_into(&mut state.organizations.get_mut("acme-inc").unwrap().plan);
            state.switches.vanity.plan_gate_status = status;
        });
        let (_, findings) = ends(&scene).await;
        let hints: Vec<_> = findings.iter().flat_map(|it| &it.hints).collect();
        assert!(hints.iter().any(|hint| hint.contains("`vanity_subdomain`")), "{status}: {findings:?}");
    }
}

/// People are sent there once it answers.
#[tokio::test]
async fn settings_that_lead_there_come_after_it() {
    let scene = Scene::new(&format!("{WANTED}\nauth: {{site_url: \"https://myapp.supabase.co/home\"}}"));
    let plan = scene.plan().await;
    assert_eq!(plan.steps.last().and_then(|step| step.at.subject.kind()), Some("auth"), "{plan:?}");
    settles(&scene).await;
}

#[tokio::test]
async fn a_form_that_is_not_known_is_not_guessed() {
    let scene = Scene::new(WANTED);
    for value in [json!("paused"), json!(null), json!("active")] {
        let route = "GET /v1/projects/{ref}/vanity-subdomain";
        scene.fault(route, 1, 9, Fault::Show { pointer: "/status".to_owned(), value });
        assert!(scene.plan().await.projects["p"].blocked.is_some());
    }
}

#[tokio::test]
async fn killed_anywhere_it_goes_on() {
    for (before, wanted, after) in [(None, WANTED, Some("myapp")), (Some("myapp"), GIVEN_UP, None)] {
        let made = || {
            let scene = Scene::new(wanted);
            scene.live(|project| project.vanity = before.map(str::to_owned));
            scene
        };
        let clean = made();
        clean.run().await;
        let requests = u32::try_from(clean.requests().len()).unwrap();
        for (nth, killed) in (1..=requests).flat_map(|nth| [(nth, Killed::Before), (nth, Killed::After)]) {
            let scene = made();
            assert!(scene.run_killed(nth, killed).await, "{killed:?} {nth}");
            scene.run().await;
            assert!(scene.plan().await.is_empty(), "{killed:?} {nth}");
            assert_eq!(label(&scene).as_deref(), after, "{killed:?} {nth}");
        }
    }
}

#[tokio::test]
async fn it_is_imported_as_the_label_that_it_is() {
    let stage = Stage::new("");
    stage.live(|project| project.vanity = Some("myapp".to_owned()));
    write_imported(&stage.session().import(&Import::default()).await.unwrap()).unwrap();
    let manifest = stage.read("p.yaml");
    assert!(manifest.contains("vanity_subdomain:\n  vanity_subdomain: myapp\n"), "{manifest}");
    assert!(stage.session().import(&Import::default()).await.unwrap().is_empty(), "a second import writes nothing");
}
