//! Which request a run is for, and what is kept apart.

use serde_json::json;

use super::Job;

#[test]
fn without_a_request_the_rest_is_done() {
    let mut job = Job::new("github");
    job.bench.write("event.json", "{\"repository\": {\"full_name\": \"acme/infra\"}}");
    job.bench.set("GITHUB_EVENT_NAME", "push");
    let output = job.comments(&["--only", "comment,status"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stderr.contains("There is no request here"), "{output}");
    assert_eq!(job.forge.statuses().len(), 1);
    // By hand, with flags alone.
    for name in ["GITHUB_ACTIONS", "GITHUB_EVENT_NAME"] {
        job.bench.unset(name);
    }
    let api = job.forge.api();
    let output = job.says(&["--forge", "github", "--forge-url", &api, "--repository", "acme/infra", "--number", "12"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(job.forge.store(|store| store.comments.len()), 1);
    let lost = job.says(&[]);
    assert_eq!(lost.code, Some(3), "{lost}");
    assert!(lost.stderr.contains("--forge"), "{lost}");
}

/// Labels come and go with what they say; others stay.
#[test]
fn labels_are_kept_up_to_date() {
    for kind in ["github", "gitlab", "gitea", "azure"] {
        let job = Job::new(kind);
        job.forge.store(|store| store.labels.push("ours".to_owned()));
        let labels = |sections: &str| {
            job.wants(sections);
            let output = job.comments(&["--only", "comment", "--label", "risky,no-changes"]);
            assert_eq!(output.code, Some(0), "{kind}: {output}");
            job.forge.store(|store| store.labels.clone())
        };
        assert_eq!(labels("auth: {jwt_exp: 10m, site_url: https://acme.com}"), ["ours", "supaform: risky"], "{kind}");
        assert_eq!(labels("auth: {jwt_exp: 10m}"), ["ours"], "{kind}");
        assert_eq!(labels("auth: {jwt_exp: 1h}"), ["ours", "supaform: no changes"], "{kind}");
    }
    let job = Job::new("bitbucket");
    let output = job.comments(&["--only", "comment", "--label", "risky"]);
    assert!(output.code == Some(3) && output.stderr.contains("its requests are not labelled"), "{output}");
    assert_eq!(job.forge.store(|store| store.comments.len()), 1);
}

/// The event that starts the second job for a fork names no request: the one is found whose last commit that is, in that repository.
#[test]
fn the_request_of_a_fork_is_found_by_its_head() {
    let job = Job::new("github");
    let run = json!({
        "head_sha": "c0ffee00c0ffee00", "head_branch": "topic/ä b", "pull_requests": [],
        "head_repository": {"full_name": "mallory/infra"},
    });
    let event = json!({"repository": {"full_name": "acme/infra"}, "workflow_run": run});
    job.bench.write("event.json", &event.to_string());
    let mut job = job;
    job.bench.set("GITHUB_EVENT_NAME", "workflow_run");
    let output = job.comments(&["--only", "comment"]);
    assert!(output.code == Some(0) && output.stderr.contains("no request here"), "{output}");
    job.forge.store(|store| {
        store.open = vec![
            (11, "mallory/other", "topic/ä b", "c0ffee00c0ffee00"),
            (12, "mallory/infra", "topic/ä b", "c0ffee00c0ffee00"),
            (13, "mallory/infra", "topic/ä b", "badbadbadbad"),
            (14, "mallory/infra", "topic", "c0ffee00c0ffee00"),
        ];
    });
    let output = job.says(&["--only", "comment,status"]);
    assert!(output.code == Some(0) && output.stderr.contains("1 made"), "{output}");
    let comments = job.forge.store(|store| store.comments.clone());
    assert!(comments[0].on == 12 && !comments[0].body.contains("supaform:steps"), "{}", comments[0].body);
    let statuses = job.forge.statuses();
    // Only an id approves.
    let says = statuses[0]["description"].as_str().unwrap_or_default();
    assert!(says.starts_with("Plan: ") && !says.contains(" id "), "a stranger's plan approves nothing: {statuses:?}");
}

/// In a repository with several workspaces, each has its own comment and mark, and its own paths, from wherever it is run.
#[test]
fn workspaces_of_one_repository_do_not_share_a_comment() {
    let mut job = Job::new("github");
    job.bench.git(&["init", "--quiet"]);
    for name in ["one", "deep/two"] {
        job.bench.write(&format!("{name}/supaform.yaml"), "version: 1\n");
        let text = "project: acme\norganization: acme-inc\nname: Acme Quickstart\nauth: {jwt_exp: 10m}\n";
        job.bench.write(&format!("{name}/acme.yaml"), text);
    }
    let says = |folder: &str, root: &[&str]| {
        let out = format!("{}/plan.json", job.bench.path().display());
        let plan = ["plan", "--sandbox", "live", "--out", &out];
        let planned = job.bench.run_in(folder, &[&plan, root].concat());
        assert_eq!(planned.code, Some(0), "{planned}");
        let told = job.bench.run_in(folder, &[&["comment", &*out], root].concat());
        assert_eq!(told.code, Some(0), "{told}");
        told
    };
    for (folder, root) in
        [("one", vec![]), ("deep/two", vec![]), ("", vec!["--root", "deep/two"]), ("deep", vec!["--root", "two"])]
    {
        let told = says(folder, &root);
        let file = if folder == "one" { "one/acme.yaml" } else { "deep/two/acme.yaml" };
        assert!(told.stdout.contains(&format!("file={file},")), "{folder} {root:?}: {told}");
    }
    let comments = job.forge.store(|store| store.comments.clone());
    let markers: Vec<&str> = comments.iter().filter_map(|it| it.body.lines().next()).collect();
    assert_eq!(markers, ["<!-- supaform:plan:one -->", "<!-- supaform:plan:deep/two -->"]);
    let statuses = job.forge.statuses();
    let contexts: Vec<&str> = statuses.iter().filter_map(|it| it["context"].as_str()).collect();
    assert_eq!(
        contexts,
        ["supaform/plan: one", "supaform/plan: deep/two", "supaform/plan: deep/two", "supaform/plan: deep/two"]
    );
}
