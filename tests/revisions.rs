//! A branch held against its base: documents and items that are renamed, protection that is taken away, and what is selected.

use crate::support::{Output, Workbench};

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
    // Lines end where the terminal does.
    let joined = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        let word = word.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(&word), "{word} in {all}");
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
    says(&output, &["are not valid, so every project counts as protected"]);
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

const LONG: &str = "project: acme\norganization: acme-inc\nname: Acme Quickstart\nauth:\n  jwt_exp: 10m\n  \
    site_url: https://acme.com\n  disable_signup: false\n  password_min_length: 8\n  mailer_otp_exp: 15m\n";

/// A branch that changes one setting, and a main branch that has changed another meanwhile; the branch is checked out.
fn behind(folder: &str) -> Workbench {
    let mut bench = Workbench::new();
    let file = format!("{folder}acme.yaml");
    bench.write(&format!("{folder}supaform.yaml"), "version: 1\n");
    bench.write(&file, LONG);
    bench.write("README", "one\n");
    bench.write(".gitignore", "live/\n*.json\nown.yaml\n");
    bench.git(&["init", "--quiet"]);
    commit(&mut bench, "base");
    let root = format!("./{folder}");
    let applied = bench.run(&["apply", "--root", &root, "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    bench.git(&["checkout", "--quiet", "-b", "branch"]);
    bench.write(&file, &LONG.replace("mailer_otp_exp: 15m", "mailer_otp_exp: 30m"));
    bench.write("README", "two\n");
    commit(&mut bench, "branch");
    bench.git(&["checkout", "--quiet", "main"]);
    bench.write(&file, &LONG.replace("jwt_exp: 10m", "jwt_exp: 20m"));
    bench.write("README", "three\n");
    commit(&mut bench, "main");
    bench
}

/// Applies main, and checks out the branch.
fn merged_and_applied(bench: &mut Workbench, folder: &str) {
    let applied = bench.run(&["apply", "--root", &format!("./{folder}"), "--sandbox", "live", "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    bench.git(&["checkout", "--quiet", "branch"]);
}

#[test]
fn a_branch_behind_its_base_takes_nothing_back() {
    for folder in ["", "infra/eu/"] {
        let mut bench = behind(folder);
        merged_and_applied(&mut bench, folder);
        let root = format!("./{folder}");
        let root = ["--root", &root];
        let plan = bench.run(&[&["plan", "--sandbox", "live", "--base", "main"], &root[..]].concat());
        assert_eq!(plan.code, Some(0), "{plan}");
        says(
            &plan,
            &[
                "1 commit behind",
                "1 intended, 0 drift; the branch is 1 commit behind and was planned as if merged",
                "mailer_otp_exp",
            ],
        );
        says_not(&plan, &["jwt_exp"]);
        let out = bench.run(&[&["plan", "--sandbox", "live", "--base", "main", "--out", "p.json"], &root[..]].concat());
        assert_eq!(out.code, Some(0), "{out}");
        let saved: serde_json::Value = serde_json::from_str(&bench.read("p.json")).expect("JSON");
        assert_eq!(saved["base"]["behind"], 1);
        assert!(saved["base"]["merge"].is_string(), "{saved}");
        says(&bench.run(&["show", "p.json"]), &["1 commit behind"]);
        let affected = bench.run(&[&["plan", "--sandbox", "live", "--affected", "main"], &root[..]].concat());
        says_not(&affected, &["jwt_exp"]);
        says(&affected, &["mailer_otp_exp"]);
        let render = bench.run(&[&["render", "--base", "main"], &root[..]].concat());
        says_not(&render, &["jwt_exp"]);
        says(&render, &["mailer_otp_exp"]);
        // Nothing is left of it: no file, no branch, and the index as it was.
        assert_eq!(bench.git(&["status", "--porcelain"]), "");
        assert_eq!(bench.git(&["branch", "--format", "%(refname:short)"]), "branch\nmain");
    }
}

#[test]
fn what_is_merged_and_not_yet_applied_is_not_called_drift() {
    let mut bench = behind("");
    bench.git(&["checkout", "--quiet", "branch"]);
    let plan = ["plan", "--sandbox", "live", "--base", "main"];
    let told = bench.run(&plan);
    says(&told, &["(merged, not yet applied)", "1 intended, 0 drift, 1 merged and not yet applied"]);
    // The same where the branch has all of its base.
    bench.git(&["merge", "--quiet", "-X", "ours", "-m", "merge", "main"]);
    let told = bench.run(&plan);
    says(&told, &["(merged, not yet applied)", "1 intended, 0 drift, 1 merged and not yet applied"]);
    says_not(&told, &["behind"]);
    // What is neither as it is wanted nor as it was, somebody has changed.
    bench.edit_json("live/state.json", "/projects/quickstartquickstart/auth/jwt_exp", "777");
    says(&bench.run(&plan), &["1 intended, 1 drift"]);
}

#[test]
fn what_is_not_committed_counts_as_the_branchs_and_the_index_stays() {
    let mut bench = behind("");
    merged_and_applied(&mut bench, "");
    bench.write("acme.yaml", &LONG.replace("mailer_otp_exp: 15m", "mailer_otp_exp: 45m"));
    bench.write("more.yaml", "project: beta\nref: bbbbbbbbbbbbbbbbbbbb\nauth: {site_url: {file: mail.html}}\n");
    bench.write("own.yaml", "project: own\nref: cccccccccccccccccccc\nauth: {jwt_exp: 1h}\n");
    bench.write("mail.html", "https://new.example.com");
    let status = bench.git(&["status", "--porcelain"]);
    let index = std::fs::read(bench.path().join(".git/index")).expect("an index");
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "main", "--select", "acme"]);
    says(&plan, &["15m", "45m", "behind"]);
    says_not(&plan, &["jwt_exp"]);
    let render = bench.run(&["render", "--base", "main"]);
    says(&render, &["+ beta", "+ own"]);
    let now = std::fs::read(bench.path().join(".git/index")).expect("an index");
    assert!(now == index, "the index is not touched");
    assert_eq!(bench.git(&["status", "--porcelain"]), status);
    bench.git(&["diff", "--cached", "--quiet"]);
}

#[test]
fn a_conflict_names_the_manifests_and_no_other_file() {
    let mut bench = behind("");
    merged_and_applied(&mut bench, "");
    // README is in conflict from the start, and nothing of it is needed.
    bench.write("acme.yaml", &LONG.replace("jwt_exp: 10m", "jwt_exp: 40m"));
    for arguments in [&["plan", "--sandbox", "live", "--base", "main"][..], &["render", "--base", "main"]] {
        let output = bench.run(arguments);
        assert_eq!(output.code, Some(3), "{output}");
        says(&output, &["E0735", "both change `acme.yaml`"]);
        says_not(&output, &["README", "<<<<"]);
    }
}

#[test]
fn a_shallow_clone_is_told_what_it_lacks() {
    let mut bench = behind("");
    bench.git(&["checkout", "--quiet", "branch"]);
    let from = format!("file://{}", bench.path().display());
    bench.git(&["clone", "--quiet", "--depth", "1", "--no-single-branch", &from, "shallow"]);
    bench.set("HOME", "/nowhere");
    let plan = bench.run(&["plan", "--root", "shallow", "--sandbox", "live", "--base", "origin/main"]);
    assert_eq!(plan.code, Some(1), "{plan}");
    says(&plan, &["E0661", "because the clone is shallow", "fetch-depth: 0"]);
}

#[test]
fn the_merge_that_a_code_host_checks_out_is_not_merged_again() {
    let mut bench = behind("");
    bench.git(&["merge", "--quiet", "-X", "ours", "-m", "Merge branch into main", "branch"]);
    bench.git(&["update-ref", "refs/pull/1/merge", "HEAD"]);
    bench.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let from = format!("file://{}", bench.path().display());
    // As a job does: only the one commit, and the base by itself.
    bench.git(&["init", "--quiet", "job"]);
    for refs in ["refs/pull/1/merge:refs/remotes/pull/1/merge", "main:refs/remotes/origin/main"] {
        bench.git(&["-C", "job", "fetch", "--quiet", "--depth", "1", &from, refs]);
    }
    bench.git(&["-C", "job", "checkout", "--quiet", "refs/remotes/pull/1/merge"]);
    let plan = bench.run(&["plan", "--root", "job", "--sandbox", "live", "--base", "refs/remotes/origin/main"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    says(&plan, &["mailer_otp_exp"]);
    says_not(&plan, &["behind"]);
}

#[test]
fn what_is_not_merged_is_not_applied() {
    let mut bench = behind("");
    merged_and_applied(&mut bench, "");
    let before = bench.read("live/state.json");
    let apply = bench.run(&["apply", "--sandbox", "live", "--yes", "--only", "intended", "--base", "main"]);
    assert_eq!(apply.code, Some(4), "{apply}");
    says(&apply, &["E0736", "lacks 1 commit of `main`"]);
    assert_eq!(bench.read("live/state.json"), before);
}

#[cfg(unix)]
#[test]
fn a_git_that_cannot_merge_trees_is_told_the_version_that_can() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut bench = behind("");
    merged_and_applied(&mut bench, "");
    let script = "#!/bin/sh\nfor word in \"$@\"; do\n  case $word in\n    merge-tree) echo 'usage: git merge-tree <base-tree> <branch1> <branch2>' >&2; exit 129;;\n    \
        version) echo 'git version 2.34.1'; exit 0;;\n  esac\ndone\nPATH=${PATH#*:} exec git \"$@\"\n";
    bench.write("bin.json/git", script);
    let git = bench.path().join("bin.json/git");
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    #[expect(clippy::disallowed_methods, reason = "where git is")]
    let path = std::env::var("PATH").expect("a path of programs");
    bench.set("PATH", &format!("{}:{path}", bench.path().join("bin.json").display()));
    let plan = bench.run(&["plan", "--sandbox", "live", "--base", "main"]);
    assert_eq!(plan.code, Some(1), "{plan}");
    says(&plan, &["E0661", "takes git 2.38 or later: this is 2.34.1"]);
}
