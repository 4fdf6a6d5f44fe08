//! Generated files are up to date: JSON Schemas, a page of documentation for each kind, the coverage of the API.
//!
//! `SUPAFORM_UPDATE=1 cargo test generated::` rewrites them.

use std::fs;
use std::path::Path;

use supaform::kind::infos;
use supaform::kinds::{KINDS, coverage};
use supaform::record;
use supaform::schema::{docs, json_schema};

fn files() -> Vec<(String, String)> {
    let json = |value: &serde_json::Value| serde_json::to_string_pretty(value).expect("JSON") + "\n";
    let mut files = vec![("schemas/manifest.schema.json".to_owned(), json(&json_schema::manifest(infos(KINDS))))];
    files.push(("docs/coverage.md".to_owned(), coverage::page()));
    files.push(("docs/errors.md".to_owned(), supaform::diag::codes::page()));
    let schemas = [
        ("plan", record::schema::plan()),
        ("drift", record::schema::drift()),
        ("report", record::schema::report()),
        ("event", record::schema::event()),
        ("diagnostics", record::schema::diagnostics()),
    ];
    for (name, schema) in schemas {
        files.push((format!("schemas/{name}.json"), json(&schema)));
    }
    files.push(("docs/kinds/README.md".to_owned(), docs::index(infos(KINDS))));
    for info in infos(KINDS) {
        files.push((format!("schemas/{}.schema.json", info.name), json(&json_schema::kind_schema(info))));
        files.push((format!("docs/kinds/{}.md", info.name), docs::kind_page(info)));
    }
    files
}

#[test]
fn generated_files_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
    let update = std::env::var_os("SUPAFORM_UPDATE").is_some();
    let mut stale = vec![];
    for (name, text) in files() {
        let path = root.join(&name);
        if update {
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
            fs::write(&path, text).expect("files can be written");
        } else if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "out of date: {}; run `SUPAFORM_UPDATE=1 cargo test generated::`", stale.join(", "));
}

#[test]
fn schemas_are_draft_07_and_accept_the_examples() {
    let judge = jsonschema::draft7::new(&json_schema::manifest(infos(KINDS))).expect("a schema");
    for info in infos(KINDS) {
        let text = format!("project: p\nref: quickstartquickstart\n{}\n", info.example);
        let manifest: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
        let faults: Vec<String> = judge.iter_errors(&manifest).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}: {}", info.name, faults.join("\n"));
    }
}
