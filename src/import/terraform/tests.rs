//! States and files of real shapes, and what nothing in them may do.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::*;
use crate::import::files;
use crate::kind::find;
use crate::kinds::KINDS;
use crate::manifest::{Options as Manifests, build};
use crate::model::ProjectRef;
use crate::schema::{members, wire};

const STATE: &str = include_str!("samples/state.json");
const SHOW: &str = include_str!("samples/show.json");
const MAIN: &str = include_str!("samples/main.tf");
const MORE: &str = include_str!("samples/more.tf");
const VALUES: &str = include_str!("samples/terraform.tfvars");

fn read(files: &[(&str, &str)], reference: Option<&str>) -> Result<Imported, (Diagnostics, Sources)> {
    let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let mail = ("mails/invite.html".to_owned(), "<h2>Come in</h2>\n<p>${ok}</p>\n".to_owned());
    let texts = BTreeMap::from([mail]);
    let reference = reference.map(|text| ProjectRef::parse(text).expect("a ref"));
    draft(&Options { files: &files, reference, texts: &texts, registry: KINDS })
}

/// All that is said: files, what was left, and the addresses.
fn told(imported: &Imported) -> String {
    let mut told = String::new();
    for (path, text) in files(&imported.draft) {
        told.push_str(&format!("# {path}\n{text}\n"));
    }
    for left in &imported.draft.left {
        told.push_str(&format!("- {}: {}\n", left.at, left.why));
    }
    told + "\n" + &imported.addresses.join("\n") + "\n"
}

/// Errors of the manifests of a draft.
fn errors(imported: &Imported) -> Vec<String> {
    let all = files(&imported.draft).into_iter();
    let (manifests, texts): (Vec<_>, Vec<_>) = all.partition(|(path, _)| !path.starts_with("templates/"));
    let built = build(manifests, &texts.into_iter().collect::<BTreeMap<_, _>>(), KINDS, &Manifests::default());
    let errors = built.diagnostics.sorted().into_iter().filter(|it| it.severity == Severity::Error);
    errors.map(|found| found.message.clone()).collect()
}

#[test]
fn states_and_files_of_real_shapes_become_manifests() {
    for (name, files) in [
        ("state", &[("terraform.tfstate", STATE)][..]),
        ("show", &[("-", SHOW)]),
        ("files", &[("main.tf", MAIN), ("more.tf", MORE), ("terraform.tfvars", VALUES)]),
    ] {
        let imported = read(files, None).unwrap_or_else(|(found, _)| panic!("{name}: {found:?}"));
        let told = told(&imported);
        assert!(!told.contains("canary") && !told.contains("Y2FuYXJ5"), "{name} tells a secret:\n{told}");
        assert!(!told.contains("0123456789abcdef"), "{name} tells a digest");
        assert_eq!(errors(&imported), Vec::<String>::new(), "{name}:\n{told}");
        insta::assert_snapshot!(name, told);
    }
}

/// A state in which the provider has put every setting, as after `terraform import`.
fn dump() -> String {
    let digest = "ab".repeat(32);
    let mut auth = Map::new();
    for row in find(KINDS, "auth").unwrap().info().all_fields() {
        let value = members::untouched(row).map(|value| wire::to_wire(row, &value)).unwrap_or_default();
        auth.insert(row.name.to_owned(), if row.is_secret() { digest.clone().into() } else { value });
    }
    auth.retain(|_, value| !value.is_null());
    auth.insert("jwt_exp".to_owned(), json!(1800));
    auth.insert("smtp_pass".to_owned(), json!(""));
    auth.insert("new_of_the_platform".to_owned(), json!(true));
    let api =
        json!({"db_schema": "public,graphql_public", "db_extra_search_path": "public, extensions", "max_rows": 50});
    let attributes = json!({"id": "dumpdumpdumpdumpdump", "project_ref": null, "auth": Value::from(auth).to_string(), "api": api.to_string()});
    json!({"version": 4, "resources": [{"mode": "managed", "type": "supabase_settings", "name": "main",
        "instances": [{"attributes": attributes}]}]})
    .to_string()
}

#[test]
fn a_dump_of_everything_is_no_wish() {
    let imported = read(&[("terraform.tfstate", &dump())], None).unwrap();
    let sections = &imported.draft.projects[0].sections;
    let auth = &sections["auth"];
    let plain: Vec<_> = auth.iter().filter(|(_, value)| !value.is_object()).collect();
    assert_eq!(plain, [(&"jwt_exp".to_owned(), &json!("30m"))]);
    assert_eq!(auth["external_github_secret"], json!({"secret": "EXTERNAL_GITHUB_SECRET"}));
    assert_eq!(auth.len(), 36, "35 secrets are set");
    assert_eq!(sections["data_api"], json!({"max_rows": 50}).as_object().cloned().unwrap());
    let told = told(&imported);
    assert!(!told.contains("abab") && !told.contains("new_of_the_platform"), "{told}");
    assert_eq!(errors(&imported), Vec::<String>::new());
}

#[test]
fn settings_that_are_not_written_are_left_alone() {
    let state = json!({"version": 4, "resources": [{"mode": "managed", "type": "supabase_settings", "name": "main",
        "instances": [{"attributes": {"id": "mainmainmainmainmain", "api": "{\"max_rows\":5}", "auth": "{}"}}]}]});
    let imported = read(&[("terraform.tfstate", &state.to_string())], None).unwrap();
    let sections = json!(imported.draft.projects[0].sections);
    assert_eq!(sections, json!({"data_api": {"max_rows": 5}}));
}

#[test]
fn one_project_is_told_by_the_command_line() {
    let settings = "resource \"supabase_settings\" \"main\" {\n  project_ref = var.ref\n  ssl_enforcement = true\n}\nvariable \"ref\" {}\n";
    assert!(read(&[("main.tf", settings)], None).is_err());
    let imported = read(&[("main.tf", settings)], Some("givengivengivengiven")).unwrap();
    assert_eq!(imported.draft.projects[0].envelope["ref"], "givengivengivengiven");
    let project = "resource \"supabase_project\" \"main\" {\n  name = \"A\"\n  organization_id = \"b\"\n}\n";
    let imported = read(&[("main.tf", project)], Some("givengivengivengiven")).unwrap();
    assert_eq!(imported.draft.projects[0].envelope["ref"], "givengivengivengiven");
}

#[test]
fn what_cannot_be_read_is_refused_and_not_quoted() {
    let deep_json = format!("{{\"version\":4,\"resources\":{}", "[".repeat(100_000));
    let deep = format!("a = {}", "[".repeat(100_000));
    let parts = format!("a = {}1", "-".repeat(100_000));
    for (text, place) in [
        ("{\"version\": 4, \"resources\": [\n  canary]}", Some(":2:")),
        ("{\"version\": 3, \"resources\": []}", Some(":1:1")),
        ("{\"encrypted_data\": \"canary\"}", Some(":1:1")),
        ("{}", Some(":1:1")),
        (&deep_json, None),
        ("resource \"supabase_settings\" {\n  canary", None),
        ("a = 1\na = 2\n", None),
        (&deep, None),
        (&parts, None),
        ("\u{0}", None),
        ("", None),
        (
            "{\"version\": 4, \"resources\": [{}, 1, {\"mode\": \"managed\", \"type\": \"supabase_settings\", \"instances\": [1, {}]}]}",
            None,
        ),
    ] {
        let (found, sources) = read(&[("file", text)], None).expect_err(text);
        let found = found.sorted()[0];
        assert!(found.private && !format!("{found:?}").contains("canary"), "{found:?}");
        if let Some(place) = place {
            assert!(sources.locate(found.labels[0].span).contains(place), "{found:?}");
        }
    }
}

#[test]
fn expressions_that_grow_without_end_are_refused() {
    let mut bomb = "resource \"supabase_settings\" \"main\" {\n  project_ref = \"mainmainmainmainmain\"\n  ssl_enforcement = true\n  auth = jsonencode({ site_url = local.a0 })\n}\nlocals {\n".to_owned();
    for level in 0..40 {
        bomb.push_str(&format!("  a{level} = \"${{local.a{0}}}${{local.a{0}}}\"\n", level + 1));
    }
    bomb.push_str("  a40 = \"x\"\n}\n");
    let nested = (0..60).fold("1".to_owned(), |inner, _| format!("[{inner}]"));
    let lists = format!(
        "resource \"supabase_settings\" \"main\" {{\n  auth = jsonencode({{ site_url = local.b }})\n}}\nlocals {{\n  b = {}\n}}\n",
        nested.replace('1', "local.b")
    );
    for text in [bomb, lists] {
        let (found, _) = read(&[("main.tf", &text)], Some("mainmainmainmainmain")).expect_err("nothing is left");
        assert!(found.sorted()[0].hints[0].contains("a value of so many parts"), "{found:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    #[test]
    fn no_text_makes_it_panic(of in 0_usize..3, cut in 0_usize..4000, length in 0_usize..40, put in "[\\[\\]{}\"'=.,$#a-z0-9\n ]{0,8}") {
        let text = [STATE, SHOW, MAIN][of];
        let cut = text.floor_char_boundary(cut.min(text.len()));
        let end = text.ceil_char_boundary((cut + length).min(text.len()));
        drop(read(&[("file", &[text.get(..cut).unwrap(), &put, text.get(end..).unwrap()].concat())], None));
    }
}
