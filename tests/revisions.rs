//! A branch held against its base: documents and items that are renamed, protection that is taken away, and what is selected.

mod support;

use support::{Output, Workbench};

/// A workspace with these files, applied and committed as `main`.
fn applied(files: &[(&str, &str)]) -> Workbench {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write(".gitignore", "live/\n*.json\n");
    for (name, text) in files {
        bench.write(name, text);
    }
    let applied = bench.run(&["apply", "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    bench.git(&["init", "--quiet"]);
    commit(&mut bench, "base");
    bench
}

fn commit(bench: &mut Workbench, message: &str) {
    bench.git(&["add", "-A"]);
    bench.git(&["commit", "--quiet", "-m", message]);
}

fn says(output: &Output, words: &[&str]) {
    let all = format!("{}{}", output.stdout, output.stderr);
    for word in words {
        assert!(all.contains(word), "{word} in {all}");
    }
}

fn says_not(output: &Output, words: &[&str]) {
    let all = format!("{}{}", output.stdout, output.stderr);
    for word in words {
        assert!(!all.contains(word), "{word} in {all}");
    }
}

fn secrets(bench: &Workbench) -> String {
    let state: serde_json::Value = serde_json::from_str(&bench.read("live/state.json")).expect("JSON");
    state["projects"]["quickstartquickstart"]["secrets"].to_string()
}

const PROTECTED: &str =
    "project: prod\nref: quickstartquickstart\nprotected: true\nauth: {jwt_exp: 10m}\nsecrets: {OLD: {plain: x}}\n";
const RENAMED: &str =
    "project: shop\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\nsecrets: {OLD: null}\n";

#[test]
fn a_document_that_is_renamed_loses_no_protection_in_the_run_that_takes_it_away() {
    let mut bench = applied(&[("prod.yaml", PROTECTED)]);
    bench.git(&["mv", "prod.yaml", "shop.yaml"]);
    bench.write("shop.yaml", RENAMED);
    let before = secrets(&bench);
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD"]);
    assert_eq!(plan.code, Some(4), "{plan}");
    says(
        &plan,
        &[
            "shop was `prod` before",
            "shop is no longer protected, as `prod` was",
            "stays protected in this run, as `prod` is in",
        ],
    );
    says_not(&plan, &["no longer managed"]);
    let plan = bench.run(&["plan", "--sandbox", "live", "--allow-from", "HEAD"]);
    assert_eq!(plan.code, Some(4), "{plan}");
    says(&plan, &["stays protected in this run, as `prod` is in"]);
    let allowed = ["apply", "--sandbox", "live", "--yes", "--allow", "shop/secrets/OLD"];
    for against in [&["--only", "intended", "--base", "HEAD"][..], &["--allow-from", "HEAD"]] {
        let output = bench.run(&[&allowed[..], against].concat());
        assert_eq!(output.code, Some(4), "{output}");
        assert_eq!(secrets(&bench), before, "nothing is deleted");
    }
    // Once that is merged, it is as it says.
    commit(&mut bench, "unprotect");
    let output = bench.run(&[&allowed[..], &["--allow-from", "HEAD"]].concat());
    assert_eq!(output.code, Some(0), "{output}");
    assert_ne!(secrets(&bench), before);
}

#[test]
fn where_a_base_is_not_valid_every_project_counts_as_protected() {
    let mut bench = applied(&[("prod.yaml", PROTECTED)]);
    bench.write("prod.yaml", "project: prod\nrefs: typo\n");
    commit(&mut bench, "broken");
    bench.write("prod.yaml", &PROTECTED.replace("protected: true\n", "").replace("{plain: x}", "null"));
    let arguments = ["apply", "--sandbox", "live", "--yes", "--allow", "prod/secrets/OLD", "--allow-from", "HEAD"];
    let output = bench.run(&arguments);
    assert_eq!(output.code, Some(4), "{output}");
    says(&output, &["are not valid, so that every project counts as protected"]);
}

#[test]
fn a_renamed_document_tells_the_names_of_secrets_that_change_by_it() {
    let text = "organization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\nsecrets: {B: {secret: DB_URL}, C: {secret: API_KEY}}\n";
    let mut bench = Workbench::new();
    bench.set("ACME_PROD__DB_URL", "one");
    bench.set("ACME_PROD__API_KEY", "two");
    bench.write("supaform.yaml", "version: 1\n");
    bench.write("acme.yaml", &format!("project: acme-prod\n{text}"));
    bench.git(&["init", "--quiet"]);
    commit(&mut bench, "base");
    bench.write("acme.yaml", &format!("project: shop\n{text}"));
    let words = [
        "was `acme-prod` before",
        "`SHOP__API_KEY` (before `ACME_PROD__API_KEY`), `SHOP__DB_URL` (before `ACME_PROD__DB_URL`)",
    ];
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--format", "json"]);
    says(&plan, &words);
    says(&bench.run(&["render", "--base", "HEAD"]), &words);
    says(&bench.run(&["render", "--base", "HEAD", "--format", "json"]), &["\"former\": \"acme-prod\""]);
    // It is affected, though nothing else differs.
    says_not(&bench.run(&["plan", "--sandbox", "live", "--affected", "HEAD"]), &["Not affected"]);
}

const THREE: &str = "common: {organization: acme-inc, region: eu-central-1}\nprojects:\n  \
    a: {name: Acme Quickstart, labels: {env: prod}, auth: {jwt_exp: 10m}, data_api: {max_rows: 500}}\n  \
    b: {ref: bbbbbbbbbbbbbbbbbbbb, labels: {env: dev}, auth: {jwt_exp: 10m}}\n  \
    c: {ref: cccccccccccccccccccc, labels: {env: dev}, auth: {jwt_exp: 10m}}\n";

fn three() -> Workbench {
    let mut bench = Workbench::new();
    bench.write("supaform.yaml", "version: 1\n");
    bench.write(".gitignore", "live/\n");
    bench.write("all.yaml", THREE);
    bench.git(&["init", "--quiet"]);
    commit(&mut bench, "base");
    bench
}

#[test]
fn what_a_run_leaves_out_is_not_called_released() {
    let mut bench = three();
    bench.write(
        "all.yaml",
        &THREE.replace(
            "name: Acme Quickstart, labels: {env: prod}, auth: {jwt_exp: 10m}",
            "name: Acme Quickstart, labels: {env: prod}, auth: {jwt_exp: 20m}",
        ),
    );
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--affected", "HEAD"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    says(&plan, &["1 both"]);
    says_not(&plan, &["no longer managed", "released"]);
    for select in ["a", "a/auth", "env=prod"] {
        let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--select", select]);
        assert_eq!(plan.code, Some(0), "{plan}");
        says_not(&plan, &["no longer managed", "released"]);
    }
    // A label that changes moves a project out of the selection or into it, and is no release.
    bench.write("all.yaml", &THREE.replace("env: prod", "env: dev"));
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--select", "a"]);
    says_not(&plan, &["no longer managed"]);
    commit(&mut bench, "dev");
    bench.write("all.yaml", THREE);
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--select", "env=prod"]);
    says_not(&plan, &["no longer managed"]);
    says(&plan, &["drift"]);
}

#[test]
fn a_document_that_goes_is_told_though_no_other_is_affected() {
    let bench = three();
    let rest: String = THREE.lines().filter(|line| !line.contains(" c:")).map(|line| format!("{line}\n")).collect();
    bench.write("all.yaml", &rest);
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--affected", "HEAD"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    says(&plan, &["project  no longer managed", "· c", "1 released"]);
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--affected", "HEAD", "--select", "a"]);
    says_not(&plan, &["no longer managed"]);
}

#[test]
fn a_renamed_item_is_neither_new_nor_released() {
    let envelope = "project: a\norganization: acme-inc\nname: Acme Quickstart\n";
    let issuer = "{oidc_issuer_url: \"https://acme.eu.auth0.com\"}";
    let before = format!("{envelope}third_party_auth:\n  auth0: {issuer}\n");
    let bench = applied(&[("a.yaml", &before)]);
    bench.write("a.yaml", &before.replace("auth0:", "partner:"));
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD", "--exit-code"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    says_not(&plan, &["no longer managed", "released"]);
    let render = bench.run(&["render", "--base", "HEAD", "--exit-code"]);
    assert_eq!(render.code, Some(0), "{render}");
    says(&bench.run(&["plan", "--sandbox", "live", "--affected", "HEAD"]), &["Not affected"]);
    // Another address is another issuer: the first one stays, and nobody manages it.
    bench.write("a.yaml", &before.replace("acme.eu", "acme.us"));
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "HEAD"]);
    says(&plan, &["third_party_auth.auth0 (https://acme.eu.auth0.com)  no longer managed", "1 intended"]);
}
