//! Edge functions: deployed where a byte differs and only there, one after the other, and never believed before they are read
//! back.

mod cache;
mod import;
mod sources;

use serde_json::{Value, json};
use supaform::apply::Outcome;
use supaform::diag::codes::plan as codes;
use supaform::exit::Exit;
use supaform::sandbox::{Fault, Function};

use super::{refusals, settles, writes};
use crate::support::scene::Scene;
use crate::support::stage::Stage;

const INDEX: &str = "supabase/functions/hello/index.ts";
const SHARED: &str = "supabase/functions/_shared/cors.ts";
const SOURCE: &str = "import { cors } from \"../_shared/cors.ts\";\nDeno.serve(() => new Response(\"hi\", cors));\n";

/// A function with a file that it shares.
fn hello(sections: &str) -> Scene {
    let mut scene = Scene::new("");
    scene.write(INDEX, SOURCE);
    scene.write(SHARED, "export const cors = {};\n");
    scene.write("supabase/functions/hello/deno.json", "{\"imports\": {}}\n");
    scene.want(sections);
    scene
}

fn function<T>(scene: &Scene, slug: &str, of: impl FnOnce(&mut Function) -> T) -> T {
    scene.live(|project| of(project.functions.get_mut(slug).expect("the function")))
}

/// The changed fields of the one change of a plan.
async fn changed(scene: &Scene) -> Vec<String> {
    let plan = scene.plan().await;
    let changes = &plan.projects["p"].changes;
    assert!(changes.len() <= 1, "{changes:?}");
    changes.iter().flat_map(|change| &change.fields).map(|field| field.name().to_owned()).collect()
}

#[tokio::test]
async fn what_a_function_imports_goes_with_it_and_one_changed_byte_is_one_deployment() {
    let mut scene = hello("functions: {hello: {}}");
    settles(&scene).await;
    let files: Vec<String> = function(&scene, "hello", |it| it.files.keys().cloned().collect());
    assert_eq!(files, [SHARED, "supabase/functions/hello/deno.json", INDEX]);
    let sent = json!({
        "entrypoint_path": INDEX,
        "import_map_path": "supabase/functions/hello/deno.json",
        "name": "hello",
        "verify_jwt": true,
    });
    let [(method, last, body)] = writes(&scene).try_into().unwrap();
    assert_eq!((method.as_str(), last.as_str(), &body["metadata"]), ("POST", "deploy", &sent));
    assert_eq!(body["file"][0]["name"], "supabase/functions/hello/deno.json", "the import map comes first");

    scene.write(SHARED, "export const cors = { };\n");
    scene.want("functions: {hello: {}}");
    assert_eq!(changed(&scene).await, [format!("files.{SHARED}")]);
    settles(&scene).await;
    assert_eq!(writes(&scene).len(), 2);
    assert_eq!(function(&scene, "hello", |it| it.version), 2);
    // Line ends are bytes, too.
    scene.write(SHARED, "export const cors = { };\r\n");
    scene.want("functions: {hello: {}}");
    assert_eq!(changed(&scene).await, [format!("files.{SHARED}")]);
}

#[tokio::test]
async fn a_file_that_is_gone_and_an_import_map_that_is_gone_are_differences() {
    let mut scene = hello("functions: {hello: {}}");
    settles(&scene).await;
    scene.files.remove("supabase/functions/hello/deno.json");
    scene.write(INDEX, "Deno.serve(() => new Response(\"hi\"));\n");
    scene.want("functions: {hello: {}}");
    assert_eq!(changed(&scene).await, ["import_map_path", &format!("files.{SHARED}"), &format!("files.{INDEX}")]);
    settles(&scene).await;
    assert_eq!(function(&scene, "hello", |it| (it.files.len(), it.import_map_path.clone())), (1, None));
}

#[tokio::test]
async fn its_row_is_changed_without_a_deployment_and_says_everything() {
    let mut scene = hello("functions: {hello: {verify_jwt: false}}");
    settles(&scene).await;
    // Not written any more, it stays: also in the next deployment, which would protect it again if it were left out.
    scene.write(SHARED, "export const cors = 1;\n");
    scene.want("functions: {hello: {name: Hello}}");
    settles(&scene).await;
    assert_eq!(function(&scene, "hello", |it| (it.verify_jwt, it.name.clone())), (false, "Hello".to_owned()));
    scene.want("functions: {hello: {verify_jwt: true}}");
    assert_eq!(changed(&scene).await, ["verify_jwt"]);
    settles(&scene).await;
    let (method, last, body) = writes(&scene).pop().unwrap();
    assert_eq!((method.as_str(), last.as_str()), ("PATCH", "[masked]"));
    assert_eq!(body, json!({"name": "Hello", "verify_jwt": true}));
}

#[tokio::test]
async fn a_function_that_another_tool_deployed_from_elsewhere_is_the_same() {
    let scene = hello("functions: {hello: {}}");
    let files = json!({"f/hello/index.ts": SOURCE, "f/_shared/cors.ts": "export const cors = {};\n", "f/hello/deno.json": "{\"imports\": {}}\n", "deno.lock": "{}"});
    let function = json!({"id": "x", "name": "hello", "version": 9, "entrypoint_path": "f/hello/index.ts", "import_map_path": "f/hello/deno.json", "files": files});
    scene.live(|project| project.functions.insert("hello".to_owned(), serde_json::from_value(function).unwrap()));
    assert!(scene.plan().await.is_empty());
    // Something that nobody has here is a difference.
    self::function(&scene, "hello", |it| it.files.insert("f/hello/more.ts".to_owned(), "1".into()));
    assert_eq!(changed(&scene).await, ["files.supabase/functions/hello/more.ts"]);
}

#[tokio::test]
async fn a_bundle_without_sources_is_told_and_not_guessed() {
    let scene = hello("functions: {hello: {verify_jwt: false}}");
    settles(&scene).await;
    function(&scene, "hello", |it| it.bundle_only = true);
    let plan = scene.plan().await;
    assert!(plan.is_empty());
    let notes: Vec<&str> = plan.projects["p"].notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["the API does not show its files, so they were not compared"]);
    // Its row can be compared.
    function(&scene, "hello", |it| it.verify_jwt = true);
    assert_eq!(changed(&scene).await, ["verify_jwt"]);
}

#[tokio::test]
async fn thirty_functions_are_all_there_although_writes_at_once_are_lost() {
    let mut scene = Scene::new("");
    let slugs: Vec<String> = (0..30).map(|number| format!("f{number}")).collect();
    for slug in &slugs {
        scene.write(
            &format!("supabase/functions/{slug}/index.ts"),
            &format!("Deno.serve(() => new Response(\"{slug}\"));\n"),
        );
    }
    let items: Vec<String> = slugs.iter().map(|slug| format!("{slug}: {{}}")).collect();
    scene.want(&format!("functions: {{{}}}", items.join(", ")));
    settles(&scene).await;
    let ghosts = scene.live(|project| project.functions.values().filter(|it| it.ghost).count());
    assert_eq!((scene.live(|project| project.functions.len()), ghosts), (30, 0));
    assert_eq!(writes(&scene).len(), 30);
}

/// Somebody else deployed at the same time, so that the answer was 201 and the row is lost.
#[tokio::test]
async fn a_deployment_that_was_lost_is_made_again() {
    let scene = hello("functions: {hello: {}}");
    let pointer = "/projects/quickstartquickstart/functions/hello/ghost".to_owned();
    // The read after the deployment finds nothing.
    scene.fault("GET /v1/projects/{ref}/functions", 3, 1, Fault::Ghost { pointer, value: true.into() });
    settles(&scene).await;
    assert_eq!(writes(&scene).len(), 2);
    assert!(!function(&scene, "hello", |it| it.ghost));
}

/// Two functions of their own.
fn two(scene: &mut Scene) {
    for slug in ["a", "b"] {
        scene.write(&format!("supabase/functions/{slug}/index.ts"), "Deno.serve(() => new Response());\n");
    }
    scene.want("functions: {a: {}, b: {}}");
}

/// The row of the first one goes while the second one is deployed.
#[tokio::test]
async fn a_deployment_that_is_lost_later_is_made_again_or_told() {
    let lost = |times| {
        let mut scene = Scene::new("");
        two(&mut scene);
        let pointer = "/projects/quickstartquickstart/functions/a/ghost".to_owned();
        // The lists: of the plan, before `a`, after `a`, after `b`.
        scene.fault("GET /v1/projects/{ref}/functions", 4, times, Fault::Ghost { pointer, value: true.into() });
        scene
    };
    let scene = lost(1);
    settles(&scene).await;
    assert_eq!(writes(&scene).len(), 3);
    assert!(!function(&scene, "a", |it| it.ghost));

    let report = lost(100).run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Partial, "{report:?}");
    let outcomes: Vec<bool> =
        report.projects["p"].steps.iter().map(|step| matches!(step.outcome, Outcome::Done)).collect();
    assert_eq!(outcomes, [false, true], "{report:?}");
}

/// A list that lags behind is no lost deployment: each function answers by its name.
#[tokio::test]
async fn a_list_that_lags_behind_is_no_reason_to_deploy_again() {
    let mut scene = Scene::new("");
    scene.sandbox.edit(|state| state.switches.functions.list_lag_ms = 60_000);
    two(&mut scene);
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(writes(&scene).len(), 2);
    assert_eq!(function(&scene, "a", |it| (it.version, it.ghost)), (1, false));
}

/// Beside another deployment, a function is served and its version stays.
#[tokio::test]
async fn a_version_that_does_not_rise_is_told() {
    let mut scene = hello("functions: {hello: {}}");
    settles(&scene).await;
    scene.write(INDEX, "Deno.serve(() => new Response(\"new\"));\n");
    scene.want("functions: {hello: {}}");
    let pointer = "/projects/quickstartquickstart/functions/hello/version".to_owned();
    scene.fault("GET /v1/projects/{ref}/functions", 3, 100, Fault::Ghost { pointer, value: 1.into() });
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    let notes = &report.projects["p"].steps[0].notes;
    assert!(notes.len() == 1 && notes[0].contains("its version did not rise"), "{notes:?}");
    assert_eq!(writes(&scene).len(), 2);
}

#[tokio::test]
async fn only_what_is_listed_and_answers_is_removed() {
    let mut scene = hello("functions: {hello: {}}");
    settles(&scene).await;
    scene.want("functions: {hello: null}");
    scene.fault(
        "GET /v1/projects/{ref}/functions/{function_slug}",
        1,
        1,
        Fault::Refuse { status: 404, message: "Function not found".to_owned() },
    );
    assert_eq!(refusals(&scene).await, [codes::CANNOT_BECOME, codes::NEEDS_ALLOW]);
    settles(&scene).await;
    assert_eq!(scene.live(|project| project.functions.len()), 0);
}

#[tokio::test]
async fn a_new_function_needs_sources_and_a_large_upload_is_refused_before_anything_is_sent() {
    let mut scene = Scene::new("functions: {hello: {verify_jwt: true}}");
    assert_eq!(refusals(&scene).await, [codes::MISSING_COMPANION]);
    scene.write(INDEX, &"/".repeat(6 * 1024 * 1024));
    scene.want("functions: {hello: {}}");
    assert_eq!(refusals(&scene).await, [codes::TOO_LARGE]);
    assert!(writes(&scene).is_empty());
}

#[tokio::test]
async fn static_files_are_sent_and_not_compared() {
    let mut scene = hello("");
    scene.files.insert("supabase/functions/hello/assets/a.bin".to_owned(), vec![0xff, 0]);
    scene.want("functions: {hello: {static_files: [\"assets/*\"]}}");
    settles(&scene).await;
    let body: Value = writes(&scene).pop().unwrap().2;
    assert_eq!(body["metadata"]["static_patterns"], json!(["supabase/functions/hello/assets/*"]));
    let names: Vec<&str> = body["file"].as_array().unwrap().iter().filter_map(|file| file["name"].as_str()).collect();
    assert!(names.contains(&"supabase/functions/hello/assets/a.bin"), "{names:?}");
}

#[tokio::test]
async fn somebody_elses_deployment_in_between_is_not_overwritten() {
    let mut scene = hello("functions: {hello: {}}");
    settles(&scene).await;
    scene.write(INDEX, "Deno.serve(() => new Response(\"new\"));\n");
    scene.want("functions: {hello: {}}");
    let pointer = format!("/projects/quickstartquickstart/functions/hello/files/{}", INDEX.replace('/', "~1"));
    // The list of the plan is the first, that of the apply the second.
    scene.fault("GET /v1/projects/{ref}/functions", 2, 1, Fault::Ghost { pointer, value: "theirs".into() });
    let report = scene.run().await.report.unwrap();
    assert_eq!(report.exit(), Exit::Stale, "{report:?}");
    assert_eq!(writes(&scene).len(), 1);
}

const HOOK: &str = "https://quickstartquickstart.supabase.co/functions/v1/hello";

/// The kinds of the steps of a plan, in order.
async fn order(scene: &Scene) -> Vec<&'static str> {
    scene.plan().await.steps.iter().filter_map(|step| step.at.subject.kind()).collect()
}

#[tokio::test]
async fn the_function_of_a_hook_is_there_before_the_hook_and_after_it() {
    let hook = |address: &str| {
        format!(
            "auth: {{hook_before_user_created_enabled: true, hook_before_user_created_uri: \"{address}\", hook_before_user_created_secrets: {{env: SIGNING}}}}"
        )
    };
    let mut scene = hello(&format!("secrets: {{A: {{plain: b}}}}\nfunctions: {{hello: {{}}}}\n{}", hook(HOOK)));
    assert_eq!(order(&scene).await, ["secrets", "functions", "auth"]);
    let steps = scene.plan().await.steps;
    assert!(steps[2].after.contains(&steps[1].id) && !steps[2].after.contains(&steps[0].id));
    settles(&scene).await;
    // As long as the hook calls it, it stays, whoever manages the hook.
    for sections in ["functions: {hello: null}".to_owned(), format!("functions: {{hello: null}}\n{}", hook(HOOK))] {
        scene.want(&sections);
        assert!(refusals(&scene).await.contains(&codes::IN_USE), "{sections}");
    }
    scene.want("functions: {hello: null}\nauth: {hook_before_user_created_enabled: false}");
    assert!(!refusals(&scene).await.contains(&codes::IN_USE));
    assert_eq!(order(&scene).await, ["auth", "functions"]);
    settles(&scene).await;
}

#[tokio::test]
async fn a_hook_whose_function_is_nowhere_is_found_before_anything_is_written() {
    let mut scene = hello("");
    let hook = format!(
        "auth: {{hook_send_sms_enabled: true, hook_send_sms_uri: \"{HOOK}\", hook_send_sms_secrets: {{env: SIGNING}}}}"
    );
    scene.want(&hook);
    assert_eq!(refusals(&scene).await, [codes::NOT_THERE]);
    scene.want(&format!("functions: {{hello: {{}}}}\n{hook}"));
    assert_eq!(refusals(&scene).await, []);
    settles(&scene).await;
    // Live is enough, whoever deployed it.
    scene.want("auth: {hook_send_sms_enabled: false}");
    settles(&scene).await;
    scene.want(&hook);
    assert_eq!(refusals(&scene).await, []);
}

/// Whose sources were removed, or are to be brought by another pipeline.
#[tokio::test]
async fn a_function_without_sources_here_is_told() {
    let mut scene = hello("functions: {hello: {}}");
    settles(&scene).await;
    scene.files.clear();
    scene.want("functions: {hello: {}}");
    let plan = scene.plan().await;
    assert!(plan.is_empty());
    let notes: Vec<&str> = plan.projects["p"].notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["its sources are not in the workspace, so that only its settings are compared"]);

    let stage = Stage::new("functions: {hello: {}}\n");
    let told = async |stage: &Stage| {
        stage.load().await.unwrap();
        std::mem::take(&mut *stage.notes.0.lock().unwrap())
    };
    assert_eq!(told(&stage).await, Vec::<String>::new());
    stage.write("supabase/functions/hello/main.ts", "1\n");
    let missing = "`supabase/functions/hello` has no `index.ts`, so that the sources of `hello` are not managed";
    assert_eq!(told(&stage).await, [missing]);
    stage.write("p.yaml", "project: p\norganization: acme-inc\nfunctions: {hello: {unmanaged: true}}\n");
    assert_eq!(told(&stage).await, Vec::<String>::new());
}
