//! Sources of live functions, written into a workspace.

use serde_json::{Value, json};
use supaform::sandbox::Function;
use supaform::session::{Import, write_imported};

use super::{INDEX, SHARED, SOURCE};
use crate::support::stage::Stage;

/// A live function as the CLI deploys it, with a file that it shares.
fn deployed(source: &str) -> Function {
    let files =
        json!({INDEX: source, SHARED: "export const cors = {};\n", "supabase/functions/hello/deno.json": "{}\n"});
    let function = json!({
        "id": "x", "name": "hello", "version": 3, "verify_jwt": false, "entrypoint_path": INDEX,
        "import_map_path": "supabase/functions/hello/deno.json", "files": files,
    });
    serde_json::from_value(function).unwrap()
}

/// Where a function begins, its import map, and its files.
type Live<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)]);

/// A stage without manifests, with these live functions by their slugs.
fn live_functions(all: &[(&str, Live<'_>)]) -> Stage {
    let stage = Stage::new("");
    for (slug, (begins, map, files)) in all {
        let files: serde_json::Map<String, Value> =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect();
        let mut function = json!({"id": slug, "name": slug, "version": 1, "entrypoint_path": begins, "files": files});
        if let Some(map) = map {
            function["import_map_path"] = (*map).into();
        }
        stage.live(|project| {
            project.functions.insert((*slug).to_owned(), serde_json::from_value(function).unwrap());
        });
    }
    for manifest in ["p.yaml", "supaform.yaml"] {
        std::fs::remove_file(stage.folder.path().join(manifest)).unwrap();
    }
    stage
}

/// Imports and writes; what was left, each with the reason.
async fn imported(stage: &Stage) -> Vec<String> {
    let imported = stage.session().import(&Import::default()).await.unwrap();
    write_imported(&imported).unwrap();
    imported.left.iter().map(|left| format!("{}: {}", left.at, left.why)).collect()
}

/// The files of a folder and below, from the root.
fn files_below(stage: &Stage, folder: &str) -> Vec<String> {
    let root = supaform::files::Root::new(stage.folder.path());
    let (mut found, mut folders) = (vec![], vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for (name, what) in root.list(std::path::Path::new(&folder)).unwrap() {
            let path = format!("{folder}/{}", name.to_str().unwrap()).trim_start_matches('/').to_owned();
            if what == supaform::files::What::Folder { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn sources_are_imported_to_where_the_cli_has_them_and_the_plan_is_empty() {
    let stage = live_functions(&[]);
    stage.live(|project| project.functions.insert("hello".to_owned(), deployed(SOURCE)));
    // One of the files is there already.
    stage.write(SHARED, "export const cors = {};\n");
    assert_eq!(imported(&stage).await, Vec::<String>::new());
    assert_eq!((stage.read(INDEX), stage.read(SHARED)), (SOURCE.to_owned(), "export const cors = {};\n".to_owned()));
    let text = stage.read("projects/acme-quickstart.yaml");
    assert!(text.contains("functions:\n  hello: {verify_jwt: false}\n"), "{text}");
    assert!(stage.plan().await.plan.is_empty());
    assert!(stage.session().import(&Import::default()).await.unwrap().is_empty(), "a second import writes nothing");
}

/// Dashboards and other tools deploy from elsewhere.
#[tokio::test]
async fn sources_are_imported_wherever_they_were_deployed_from() {
    let stage = live_functions(&[
        ("dash", ("index.ts", None, &[("index.ts", "import \"./a.ts\";\n"), ("a.ts", "1\n")])),
        (
            "near",
            (
                "f/near/main.ts",
                Some("f/near/map.json"),
                &[
                    ("f/near/main.ts", "import x from \"../lib/x.ts\";\n"),
                    ("f/lib/x.ts", "export default 1;\n"),
                    ("f/near/map.json", "{\"imports\": {}}\n"),
                ],
            ),
        ),
        (
            "deep",
            (
                "a/b/c/index.ts",
                Some("a/b/c/deno.json"),
                &[
                    ("a/b/c/index.ts", "import \"../../../x.ts\";\n"),
                    ("x.ts", "2\n"),
                    ("a/b/c/deno.json", "{\"imports\": {}}\n"),
                ],
            ),
        ),
        ("twin", ("supabase/functions/twins/index.ts", None, &[("supabase/functions/twins/index.ts", "3\n")])),
    ]);
    assert_eq!(imported(&stage).await, Vec::<String>::new());
    let expected = [
        "dash/a.ts",
        "dash/index.ts",
        "deep/a/b/c/deno.json",
        "deep/a/b/c/index.ts",
        "deep/x.ts",
        "lib/x.ts",
        "near/main.ts",
        "near/map.json",
        "twins/index.ts",
    ];
    assert_eq!(files_below(&stage, "supabase/functions"), expected.map(|path| format!("supabase/functions/{path}")));
    let text = stage.read("projects/acme-quickstart.yaml");
    for line in [
        "  dash: {}\n",
        "  deep: {entrypoint: a/b/c/index.ts}\n",
        "  near: {entrypoint: main.ts, import_map: map.json}\n",
        "  twin: {entrypoint: \"../twins/index.ts\"}\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(stage.plan().await.plan.is_empty());
    assert!(stage.session().import(&Import::default()).await.unwrap().is_empty(), "a second import writes nothing");
}

/// Who may deploy a function must not be able to write into the workspace of whoever imports it.
#[tokio::test]
async fn the_files_of_a_live_function_are_written_below_the_folder_of_functions_and_nowhere_else() {
    let index = ("supabase/functions/f/index.ts", "1\n");
    for (path, expected) in [
        ("supaform.yaml", "`supaform.yaml` is outside of `supabase/functions/`"),
        ("package.json", "`package.json` is outside of"),
        (".github/workflows/ci.yml", "`.github/workflows/ci.yml` is outside of"),
        ("supabase/config.toml", "`supabase/config.toml` is outside of"),
        ("supabase/functions/../../package.json", "`package.json` is outside of"),
        ("supabase/functions/f/.git/hooks/pre-commit", "pre-commit` is a path with a hidden part"),
        ("supabase/functions/f/node_modules/x/index.js", "index.js` is "),
        ("supabase/functions/f/..\\..\\x.ts", "is no path"),
        ("supabase/functions/f/a\u{1b}[2J.ts", "is no path"),
        ("supabase/functions/f/other.yaml", "would be read as a manifest"),
    ] {
        let stage = live_functions(&[("f", (index.0, None, &[index, (path, "2\n")]))]);
        let left = imported(&stage).await;
        assert!(left.len() == 1 && left[0].contains(expected), "{path}: {left:?}");
        let written = files_below(&stage, "");
        assert_eq!(written, ["projects/acme-quickstart.yaml", "supaform.yaml"], "{path}");
    }
    // What leads out of the bundle is none of its sources.
    for path in ["../../../../outside.ts", "../outside.ts"] {
        let stage = live_functions(&[("f", (index.0, None, &[index, (path, "2\n")]))]);
        imported(&stage).await;
        assert_eq!(files_below(&stage, "supabase"), [index.0], "{path}");
        assert!(!stage.folder.path().parent().unwrap().join("outside.ts").exists());
    }
}

/// Nobody imports the file, so that what is found here is less than what is live.
#[tokio::test]
async fn a_function_whose_sources_would_not_be_found_again_is_left_alone() {
    let (index, more) = ("supabase/functions/f/index.ts", "supabase/functions/f/more.ts");
    let stage = live_functions(&[
        ("f", (index, None, &[(index, "1\n"), (more, "2\n")])),
        ("g", ("supabase/functions/g/index.ts", None, &[("supabase/functions/g/index.ts", "3\n")])),
    ]);
    let left = imported(&stage).await;
    let why = "what is found of its sources would differ (`files.supabase/functions/f/more.ts`): it is left alone";
    assert_eq!(left, [format!("acme-quickstart/functions/f: {why}")]);
    let text = stage.read("projects/acme-quickstart.yaml");
    assert!(text.contains("functions:\n  f: {unmanaged: true}\n  g: {}\n"), "{text}");
    assert_eq!(files_below(&stage, "supabase"), ["supabase/functions/g/index.ts"]);
    assert!(stage.plan().await.plan.is_empty());
}

/// What is in the workspace is not replaced, and a function whose sources are others there is left to a person.
#[tokio::test]
async fn an_import_replaces_no_source() {
    let stage = Stage::new("");
    stage.live(|project| project.functions.insert("hello".to_owned(), deployed(SOURCE)));
    for manifest in ["p.yaml", "supaform.yaml"] {
        std::fs::remove_file(stage.folder.path().join(manifest)).unwrap();
    }
    stage.write(SHARED, "export const cors = 1;\n");
    let imported = stage.session().import(&Import::default()).await.unwrap();
    assert!(imported.left[0].why.contains("is there already with another text"), "{:?}", imported.left);
    assert!(!imported.created.keys().any(|path| path.starts_with("supabase/")), "{:?}", imported.created);
}
