//! What goes with a function: found as texts, whatever sort of file it is.

use serde_json::json;
use supaform::apply::Outcome;
use supaform::diag::codes::plan as plan_codes;

use super::super::{refusals, settles, writes};
use super::{INDEX, changed, function};
use crate::support::scene::Scene;
use crate::support::stage::Stage;

/// A function with this beginning and these other files, each below its folder.
fn hello(index: &str, files: &[(&str, &[u8])]) -> Scene {
    let mut scene = Scene::new("");
    scene.write(INDEX, index);
    for (name, content) in files {
        scene.files.insert(format!("supabase/functions/{name}"), content.to_vec());
    }
    scene.want("functions: {hello: {}}");
    scene
}

/// The uploaded files, below the folder of functions.
fn uploaded(scene: &Scene) -> Vec<String> {
    let all: Vec<String> = function(scene, "hello", |it| it.files.keys().cloned().collect());
    all.into_iter().map(|path| path.trim_start_matches("supabase/functions/").to_owned()).collect()
}

#[tokio::test]
async fn every_sort_of_source_is_uploaded_and_read_back_as_it_is() {
    let index = "\u{feff}import \"./a.ts\";\r\nimport data from \"./data.json\" with { type: \"json\" };\r\n\
        import zod from \"npm:zod@3.23.8\";\nimport { assert } from \"jsr:@std/assert@1\";\n\
        import { x } from \"@lib/x.ts\";\nimport wasm from \"./module.wasm\";\n\
        const later = await import(\"./later.ts\");\n// import \"./commented.ts\"\n";
    let scene = hello(
        index,
        &[
            // Each imports the other.
            ("hello/a.ts", b"import \"./b.ts\";\n"),
            ("hello/b.ts", b"import \"./a.ts\";\n"),
            ("hello/data.json", b"{}"),
            ("hello/later.ts", b""),
            ("hello/commented.ts", b"1\n"),
            ("hello/module.wasm", b"\0asm\xff\xfe"),
            ("hello/unused.ts", b"2\n"),
            ("_lib/x.ts", b"export const x = 1;"),
            ("hello/deno.json", "\u{feff}{\"imports\": {\"@lib/\": \"../_lib/\"}}".as_bytes()),
        ],
    );
    settles(&scene).await;
    let own = ["a.ts", "b.ts", "commented.ts", "data.json", "deno.json", "index.ts", "later.ts", "module.wasm"];
    let own = own.iter().map(|name| format!("hello/{name}"));
    assert_eq!(uploaded(&scene), std::iter::once("_lib/x.ts".to_owned()).chain(own).collect::<Vec<_>>());
    let content = function(&scene, "hello", |it| it.files[INDEX].clone());
    assert_eq!(content, json!(index), "bytes stay");
}

#[tokio::test]
async fn one_byte_of_a_file_that_is_no_text_is_a_difference() {
    let index = "import wasm from \"./module.wasm\";\n";
    let mut scene = hello(index, &[("hello/module.wasm", b"\0asm\xff")]);
    settles(&scene).await;
    let path = "supabase/functions/hello/module.wasm".to_owned();
    scene.files.insert(path.clone(), b"\0asm\xfe".to_vec());
    scene.want("functions: {hello: {}}");
    assert_eq!(changed(&scene).await, [format!("files.{path}")]);
    settles(&scene).await;
    assert_eq!(writes(&scene).len(), 2);
}

#[tokio::test]
async fn the_import_map_is_the_named_one_or_that_beside_the_beginning_or_the_shared_one() {
    let map = |lib: &str| format!("{{\"imports\": {{\"lib\": \"{lib}\"}}}}");
    let maps = [
        ("hello/named.json", map("./named.ts")),
        ("hello/deno.json", map("./json.ts")),
        ("hello/deno.jsonc", format!("// with a comment\n{}", map("./jsonc.ts"))),
        ("import_map.json", map("./hello/shared.ts")),
    ];
    let mut scene = hello("import \"lib\";\n", &[]);
    for name in ["named", "json", "jsonc", "shared"] {
        scene.write(&format!("supabase/functions/hello/{name}.ts"), "1\n");
    }
    for (name, text) in &maps {
        scene.write(&format!("supabase/functions/{name}"), text);
    }
    scene.want("functions: {hello: {import_map: named.json}}");
    settles(&scene).await;
    assert_eq!(uploaded(&scene), ["hello/index.ts", "hello/named.json", "hello/named.ts"]);
    for (gone, expected) in [
        (None, ["hello/deno.json", "hello/index.ts", "hello/json.ts"]),
        (Some("hello/deno.json"), ["hello/deno.jsonc", "hello/index.ts", "hello/jsonc.ts"]),
        (Some("hello/deno.jsonc"), ["hello/index.ts", "hello/shared.ts", "import_map.json"]),
    ] {
        if let Some(gone) = gone {
            scene.files.remove(&format!("supabase/functions/{gone}"));
        }
        scene.want("functions: {hello: {}}");
        settles(&scene).await;
        assert_eq!(uploaded(&scene), expected);
    }
}

#[tokio::test]
async fn what_lies_outside_or_is_too_large_or_is_a_link_is_refused() {
    let stage = Stage::new("functions: {hello: {}}\n");
    let told = async |stage: &Stage| {
        let failure = stage.load().await.err().expect("it is refused");
        failure.findings.sorted().iter().map(|found| found.message.clone()).collect::<Vec<_>>().concat()
    };
    stage.write(INDEX, "import \"../../../../outside.ts\";\n");
    let outside = told(&stage).await;
    assert!(outside.contains("imports `../outside.ts`, which is outside of the workspace"), "{outside}");

    stage.write(INDEX, "import \"./large.ts\";\n");
    stage.write("supabase/functions/hello/large.ts", &"/".repeat(17 * 1024 * 1024));
    let large = told(&stage).await;
    assert!(large.contains("larger than"), "{large}");

    #[cfg(unix)]
    {
        let other = tempfile::NamedTempFile::new().unwrap();
        stage.write(INDEX, "import \"./link.ts\";\n");
        let link = stage.folder.path().join("supabase/functions/hello/link.ts");
        std::os::unix::fs::symlink(other.path(), link).unwrap();
        let link = told(&stage).await;
        assert!(link.contains("link"), "{link}");
    }
}

/// A bundle was stored by another tool, and its row was never written.
#[tokio::test]
async fn a_slug_that_takes_no_deployment_any_more_is_told_with_a_way_out() {
    let mut scene = hello("1\n", &[]);
    settles(&scene).await;
    function(&scene, "hello", |it| it.orphaned = true);
    scene.write(INDEX, "2\n");
    scene.want("functions: {hello: {}}");
    let report = scene.run().await.report.unwrap();
    let Outcome::Failed(problem) = &report.projects["p"].steps[0].outcome else { panic!("{report:?}") };
    assert!(problem.finding.message.contains("deployment already exists"), "{problem:?}");
    assert!(problem.finding.hints.iter().any(|hint| hint.contains("remove the function")), "{problem:?}");
}

#[tokio::test]
async fn pruned_is_what_is_listed_and_answers() {
    let mut scene = hello("1\n", &[("other/index.ts", b"2\n")]);
    scene.want("functions: {hello: {}, other: {}}");
    settles(&scene).await;
    scene.want("manage: {functions: {prune: true}}\nfunctions: {hello: {}}");
    let silent = supaform::sandbox::Fault::Refuse { status: 404, message: "Function not found".to_owned() };
    scene.fault("GET /v1/projects/{ref}/functions/{function_slug}", 1, 1, silent);
    assert_eq!(refusals(&scene).await, [plan_codes::CANNOT_BECOME, plan_codes::NEEDS_ALLOW]);
    settles(&scene).await;
    assert_eq!(scene.live(|project| project.functions.keys().cloned().collect::<Vec<_>>()), ["hello"]);
}

/// The platform's own secrets come with the first function.
#[tokio::test]
async fn secrets_that_come_with_a_function_are_nobodys() {
    let mut scene = hello("1\n", &[]);
    scene.want("manage: {secrets: {prune: true}}\nsecrets: {A: {plain: b}}\nfunctions: {hello: {}}");
    settles(&scene).await;
    let report = scene.run().await;
    assert!(report.plan.is_empty(), "{:?}", report.plan);
}
