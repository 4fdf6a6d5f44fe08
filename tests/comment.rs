//! `comment`, run as a CI system runs it, against a code host on this machine.

mod errors;
mod requests;
mod words;

use std::fmt::Write as _;

use crate::support::forge::{Comment, Fault, Forge, Issue, TOKEN};
use crate::support::{Output, Workbench};
use serde_json::{Value, json};

const HOSTS: [&str; 6] = ["github", "gitlab", "bitbucket", "gitea", "azure", "bitbucket-dc"];

/// A job of a pull request, and a workspace with something to plan.
struct Job {
    bench: Workbench,
    forge: Forge,
}

impl Job {
    fn new(kind: &'static str) -> Self {
        let (mut bench, forge) = (Workbench::new(), Forge::start(kind));
        bench.write("supaform.yaml", "version: 1\n");
        let event = json!({
            "number": 12, "repository": {"full_name": "acme/infra"},
            "pull_request": {"number": 12, "head": {"sha": "c0ffee00c0ffee00", "repo": {"full_name": "acme/infra"}}},
        });
        bench.write("event.json", &event.to_string());
        let path = bench.path().join("event.json").to_string_lossy().into_owned();
        let api = forge.api();
        let collection = format!("{api}/");
        let page = format!("http://{}/bb/projects/SHOP/repos/infra/pull-requests/12", forge.address);
        let variables: Vec<(&str, &str)> = match kind {
            "gitlab" => vec![
                ("GITLAB_CI", "true"),
                ("CI_API_V4_URL", &api),
                ("CI_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_IID", "12"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "42"),
                ("CI_COMMIT_SHA", "c0ffee00c0ffee00"),
                ("CI_PIPELINE_ID", "77"),
                ("CI_JOB_URL", "https://gitlab.example.com/j/1"),
                ("GITLAB_TOKEN", TOKEN),
            ],
            "bitbucket" => vec![
                ("BITBUCKET_BUILD_NUMBER", "3"),
                ("BITBUCKET_REPO_FULL_NAME", "acme/infra"),
                ("BITBUCKET_PR_ID", "12"),
                ("BITBUCKET_COMMIT", "c0ffee00c0ffee00"),
                ("BITBUCKET_TOKEN", TOKEN),
            ],
            "azure" => vec![
                ("TF_BUILD", "True"),
                ("BUILD_REPOSITORY_PROVIDER", "TfsGit"),
                ("BUILD_REPOSITORY_NAME", "infra"),
                ("SYSTEM_COLLECTIONURI", &collection),
                ("SYSTEM_TEAMPROJECT", "My Shop"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12"),
                ("SYSTEM_PULLREQUEST_ISFORK", "False"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "c0ffee00c0ffee00"),
                ("BUILD_SOURCEVERSION", "badbadbadbad"),
                ("BUILD_BUILDID", "1"),
                ("SYSTEM_ACCESSTOKEN", TOKEN),
            ],
            "bitbucket-dc" => vec![
                ("JENKINS_URL", "https://ci.example.com"),
                ("BUILD_URL", "https://ci.example.com/job/infra/1/"),
                ("CHANGE_ID", "12"),
                ("CHANGE_URL", &page),
                ("GIT_COMMIT", "c0ffee00c0ffee00"),
                ("BITBUCKET_TOKEN", TOKEN),
            ],
            _ => vec![
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_API_URL", &api),
                ("GITHUB_REPOSITORY", "acme/infra"),
                ("GITHUB_EVENT_NAME", "pull_request"),
                ("GITHUB_EVENT_PATH", &path),
                ("GITHUB_SHA", "badbadbadbad"),
                ("GITHUB_SERVER_URL", "https://github.example.com"),
                ("GITHUB_RUN_ID", "99"),
                ("GITHUB_TOKEN", TOKEN),
            ],
        };
        for (name, value) in variables {
            bench.set(name, value);
        }
        let job = Self { bench, forge };
        job.wants("auth: {jwt_exp: 10m, site_url: https://acme.com}");
        job
    }

    fn wants(&self, sections: &str) {
        self.bench
            .write("acme.yaml", &format!("project: acme\norganization: acme-inc\nname: Acme Quickstart\n{sections}\n"));
    }

    /// Plans, then comments on what came of it.
    fn comments(&self, more: &[&str]) -> Output {
        drop(self.bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]));
        self.says(more)
    }

    fn says(&self, more: &[&str]) -> Output {
        // Bitbucket's address is the same for everybody.
        let api = self.forge.api();
        let own = if api.ends_with("/2.0") { vec!["--forge-url", &api] } else { vec![] };
        let output = self.bench.run(&[&["comment", "plan.json"], own.as_slice(), more].concat());
        assert!(!output.stdout.contains(TOKEN) && !output.stderr.contains(TOKEN), "{output}");
        output
    }

    /// What stands on the request, hidden comments marked.
    fn thread(&self) -> String {
        let comments = self.forge.store(|store| store.comments.clone());
        let mut text = String::new();
        for comment in comments {
            let hidden = if comment.hidden { " (hidden)" } else { "" };
            writeln!(text, "── {} by {}{hidden}\n{}", comment.id, comment.author, comment.body.trim_end())
                .expect("a text");
        }
        text.replace(&self.forge.address.to_string(), "HOST")
    }
}

#[test]
fn a_request_from_its_first_push_to_its_last() {
    for kind in HOSTS {
        let job = Job::new(kind);
        let mut told = String::new();
        let mut tell = |what: &str, output: &Output, job: &Job| {
            let calls = job.forge.store(|store| std::mem::take(&mut store.log)).join("\n");
            write!(told, "# {what}\n{output}{calls}\n{}\n", job.thread()).expect("a text");
        };
        tell("opened", &job.comments(&["--only", "comment,status"]), &job);
        tell("run again: nothing is written twice", &job.comments(&["--only", "comment"]), &job);
        job.wants("auth: {jwt_exp: 20m}");
        tell("pushed", &job.comments(&["--only", "comment"]), &job);
        job.wants("auth: {jwt_expp: 20m}");
        tell("pushed with a mistake", &job.comments(&["--only", "comment,status"]), &job);
        job.wants("auth: {jwt_exp: 1h}");
        tell("pushed back to what is live", &job.comments(&["--only", "comment,status"]), &job);
        let statuses = job.forge.statuses();
        let statuses = serde_json::to_string_pretty(&statuses).expect("JSON");
        let told = format!("{told}# marks\n{statuses}").replace(&job.forge.address.to_string(), "HOST");
        insta::assert_snapshot!(format!("thread_{kind}"), told);
    }
}

#[test]
fn without_changes_nothing_is_said_to_begin_with() {
    for kind in HOSTS {
        let job = Job::new(kind);
        job.wants("auth: {jwt_exp: 1h}");
        let output = job.comments(&["--only", "comment"]);
        assert_eq!(output.code, Some(0), "{output}");
        assert_eq!(job.thread(), "");
    }
}

#[test]
fn ours_is_found_among_250_others_and_no_other_is_touched() {
    for kind in HOSTS {
        let job = Job::new(kind);
        for _ in 0..120 {
            job.forge.says("ann", "Looks good.");
        }
        assert_eq!(job.comments(&["--only", "comment"]).code, Some(0));
        let forged = job.forge.store(|store| store.comments.last().expect("ours").body.clone());
        job.forge.says("mallory", &forged);
        for _ in 0..129 {
            job.forge.says("ann", "Looks good.");
        }
        let before = job.forge.store(|store| store.comments.clone());
        job.wants("auth: {jwt_exp: 20m}");
        let output = job.comments(&["--only", "comment"]);
        assert!(output.stderr.contains("1 updated"), "{kind}: {output}");
        let after = job.forge.store(|store| store.comments.clone());
        assert_eq!(after.len(), 251, "{kind}");
        let changed: Vec<_> = before.iter().zip(&after).filter(|(one, other)| one.body != other.body).collect();
        assert_eq!(changed.len(), 1, "{kind}");
        assert_eq!(changed[0].0.author, "supaform-bot", "{kind}");
    }
}

#[test]
fn modes() {
    for kind in HOSTS {
        for mode in ["new", "hide-and-new", "delete-and-new"] {
            let job = Job::new(kind);
            for minutes in ["10m", "20m", "30m"] {
                job.wants(&format!("auth: {{jwt_exp: {minutes}}}"));
                let output = job.comments(&["--only", "comment", "--mode", mode]);
                assert_eq!(output.code, Some(0), "{kind} {mode}: {output}");
            }
            let comments = job.forge.store(|store| store.comments.clone());
            let open = |comment: &&Comment| !comment.hidden && comment.body.contains("jwt_exp");
            let open: Vec<_> = comments.iter().filter(open).collect();
            assert!(open.last().expect("a comment").body.contains("30m"), "{kind} {mode}");
            let expected = match mode {
                "new" => (3, 3),
                "hide-and-new" => (3, 1),
                _ => (1, 1),
            };
            assert_eq!((comments.len(), open.len()), expected, "{kind} {mode}");
            let log = job.forge.store(|store| std::mem::take(&mut store.log));
            let hidden = log.iter().filter(|call| kind == "github" && call.ends_with("/graphql")).count();
            // Each is hidden once; each of the three runs asks who it is.
            let expected = if kind == "github" { 3 + if mode == "hide-and-new" { 2 } else { 0 } } else { 0 };
            assert_eq!(hidden, expected, "{kind} {mode}: {log:#?}");
        }
    }
}

#[test]
fn two_comments_of_our_own_become_one_and_stacks_stay_apart() {
    let job = Job::new("github");
    assert_eq!(job.comments(&["--only", "comment"]).code, Some(0));
    let body = job.forge.store(|store| store.comments[0].body.clone());
    job.forge.says("supaform-bot", &body);
    assert_eq!(job.says(&["--only", "comment", "--key", "other"]).code, Some(0));
    job.wants("auth: {jwt_exp: 20m}");
    let output = job.comments(&["--only", "comment"]);
    assert!(output.stderr.contains("1 updated, 1 removed"), "{output}");
    assert_eq!(job.forge.store(|store| store.comments.len()), 2);
}

/// Bitbucket Data Center counts versions: what somebody else has changed is read again, and what has answers is not removed.
#[test]
fn a_comment_of_another_version_is_read_again() {
    let job = Job::new("bitbucket-dc");
    assert_eq!(job.comments(&["--only", "comment"]).code, Some(0));
    job.wants("auth: {jwt_exp: 20m}");
    job.forge.store(|store| store.faults.push(Fault::new("PUT", "/comments/", 409)));
    let output = job.comments(&["--only", "comment"]);
    assert!(output.code == Some(0) && output.stderr.contains("1 updated"), "{output}");
    let log = job.forge.store(|store| std::mem::take(&mut store.log));
    assert_eq!(log.iter().filter(|call| call.starts_with("PUT")).count(), 2, "{log:#?}");
    job.forge.store(|store| store.faults.push(Fault::new("DELETE", "/comments/", 409)));
    job.wants("auth: {jwt_exp: 30m}");
    let output = job.comments(&["--only", "comment", "--mode", "delete-and-new"]);
    assert_eq!(output.code, Some(0), "{output}");
    let there = job.forge.store(|store| store.comments.clone());
    assert!(there.len() == 2 && there[0].body.contains("Replaced by a newer comment"), "{there:?}");
}

/// Bitbucket takes the token of a person together with their address.
#[test]
fn a_persons_token_goes_with_their_address() {
    let mut job = Job::new("bitbucket");
    job.bench.set("BITBUCKET_TOKEN", &format!("ann@example.com:{TOKEN}"));
    assert_eq!(job.comments(&["--only", "comment"]).code, Some(0));
    job.bench.set("BITBUCKET_TOKEN", &format!("bob@example.com:{TOKEN}"));
    let output = job.comments(&["--only", "comment"]);
    assert_eq!(output.code, Some(7), "{output}");
    assert_eq!(job.forge.store(|store| store.comments.len()), 1);
}

#[test]
fn the_job_is_told_in_its_own_way() {
    let mut job = Job::new("github");
    for (name, file) in [("GITHUB_STEP_SUMMARY", "summary.md"), ("GITHUB_OUTPUT", "outputs")] {
        let path = job.bench.path().join(file).to_string_lossy().into_owned();
        job.bench.set(name, &path);
    }
    job.wants("auth: {site_url: https://acme.com}\nsecrets: {GONE: null}");
    let output = job.comments(&["--dotenv", "values.env"]);
    let outputs = job.bench.read("outputs");
    let delimiters: Vec<&str> = outputs.lines().filter_map(|line| line.split_once("<<")).map(|(_, it)| it).collect();
    assert_eq!(delimiters.len(), 4, "{outputs}");
    assert!(delimiters[0].len() > 32, "{outputs}");
    let outputs = outputs.replace(delimiters[0], "RANDOM");
    let told = format!(
        "{output}# summary\n{}# outputs\n{outputs}# dotenv\n{}",
        job.bench.read("summary.md"),
        job.bench.read("values.env")
    );
    insta::assert_snapshot!("job", told.replace(&job.forge.address.to_string(), "HOST"));
    let again = job.comments(&["--only", "outputs"]);
    assert_eq!(again.code, Some(0), "{again}");
    assert!(!job.bench.read("outputs").ends_with(&outputs), "the delimiter is another one each time");
}

/// The issue of the nightly job: opened, kept up to date, closed by itself; also when the job could not look.
#[test]
fn an_issue_tells_of_drift() {
    for kind in ["github", "gitlab", "gitea"] {
        let job = Job::new(kind);
        let forged = "<!-- supaform:drift:default -->\nnothing";
        let other = Issue { number: 1, author: "mallory", title: String::new(), body: forged.to_owned(), open: true };
        job.forge.store(|store| store.issues.push(other));
        let drift = |day: &str| {
            let day = format!("--today=2026-11-{day}");
            job.bench.run(&["drift", "--sandbox", "live", "--notify", "issue", &day])
        };
        let mut told = String::new();
        let mut tell = |what: &str, output: &Output| {
            writeln!(told, "# {what}\n{}[exit {}]", output.stderr, output.code.unwrap_or(-1)).expect("a text");
            for issue in job.forge.store(|store| store.issues.clone()).iter().skip(1) {
                let state = if issue.open { "open" } else { "closed" };
                writeln!(told, "── {} {state}: {}\n{}", issue.number, issue.title, issue.body.trim_end())
                    .expect("a text");
            }
        };
        job.wants("auth: {jwt_exp: 1h}");
        tell("as the manifests say", &drift("20"));
        job.wants("auth: {jwt_exp: 10m}");
        tell("drift", &drift("21"));
        tell("the same night again", &drift("21"));
        tell("the next night", &drift("22"));
        job.wants("auth: {jwt_exp: 20m}");
        tell("more of it", &drift("23"));
        job.wants("auth: {jwt_expp: 20m}");
        tell("it cannot be looked for", &drift("24"));
        job.wants("auth: {jwt_exp: 1h}");
        tell("repaired", &drift("25"));
        job.wants("auth: {jwt_exp: 10m}");
        tell("and again", &drift("26"));
        assert_eq!(job.forge.store(|store| store.issues[0].body.clone()), forged, "nobody else's is touched");
        insta::assert_snapshot!(format!("issue_{kind}"), told);
    }
    let job = Job::new("bitbucket");
    let api = job.forge.api();
    let output = job.bench.run(&["drift", "--sandbox", "live", "--notify", "issue", "--forge-url", &api]);
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains("Bitbucket has no issues"), "{output}");
}

/// An issue that has grown gets a comment, which people are told of; what is only other values is not news.
#[test]
fn an_issue_that_grows_gets_a_comment() {
    for kind in ["github", "gitlab", "gitea"] {
        let job = Job::new(kind);
        let drift = |more: &[&str]| {
            job.bench
                .run(&[&["drift", "--sandbox", "live", "--notify", "issue", "--today=2026-11-30"][..], more].concat())
        };
        job.wants("auth: {jwt_exp: 10m}");
        let tags = ["--issue-assignee", "@ann,bob", "--issue-label", "drift,production"];
        // Gitea knows labels by their numbers; one of the two is there.
        job.forge.store(|store| store.known_labels = ["other", "production"].map(str::to_owned).into());
        let opened = drift(&tags);
        assert!(opened.code == Some(2) && opened.stderr.contains("The issue is opened"), "{kind}: {opened}");
        let sent = job.forge.store(|store| store.opened.clone()).remove(0);
        match kind {
            "gitlab" => {
                assert_eq!(sent["labels"], "drift,production");
                let text = sent["description"].as_str().expect("a text");
                assert!(text.contains("\n/assign @ann\n") && text.contains("\n/assign @bob\n"), "{text}");
            }
            "github" => assert_eq!(
                (&sent["labels"], &sent["assignees"]),
                (&json!(["drift", "production"]), &json!(["ann", "bob"]))
            ),
            _ => assert_eq!((&sent["labels"], &sent["assignees"]), (&json!([3, 2]), &json!(["ann", "bob"]))),
        }
        job.wants("auth: {jwt_exp: 20m}");
        let output = drift(&[]);
        assert!(output.stderr.contains("The issue is updated\n"), "{kind}: {output}");
        assert!(job.forge.store(|store| store.comments.is_empty()), "{kind}");
        job.wants("auth: {jwt_exp: 20m, site_url: https://acme.com}");
        let output = drift(&[]);
        assert!(output.stderr.contains("told to have grown"), "{kind}: {output}");
        let comments = job.forge.store(|store| store.comments.clone());
        let [comment] = comments.as_slice() else { panic!("{kind}: {comments:?}") };
        assert!(comment.body.contains("- `acme/auth/site_url`") && !comment.body.contains("jwt_exp"), "{comment:?}");
        assert_eq!(comment.on, 100, "{kind}: it stands on the issue");
    }
    let job = Job::new("gitea");
    let output = job.bench.run(&["drift", "--notify", "issue", "--issue-assignee", "ann\n/close"]);
    assert_eq!(output.code, Some(3), "{output}");
}

/// A check run has every finding at its line, fifty a request, and says the verdict of the mark.
#[test]
fn a_check_run_has_all_findings() {
    let job = Job::new("github");
    let secrets: String = (0..120).map(|at| format!("  NAME_{at:03}: {{plain: value}}\n")).collect();
    job.wants(&format!("secrets:\n{secrets}"));
    let output = job.comments(&["--only", "comment,status,annotations", "--check"]);
    assert!(output.stdout.is_empty(), "the check run has them all: {output}");
    let (check, log) = job.forge.store(|store| (store.checks.pop().expect("a check run"), store.log.clone()));
    let calls: Vec<_> = log.iter().filter(|call| call.contains("check-runs")).map(String::as_str).collect();
    assert_eq!(
        calls,
        [
            "POST /repos/acme/infra/check-runs",
            "PATCH /repos/acme/infra/check-runs/1",
            "PATCH /repos/acme/infra/check-runs/1"
        ]
    );
    let remarks = check["output"]["annotations"].as_array().expect("a list");
    assert!(
        output.stderr.contains(&format!("Check run of c0ffee00: {} findings at their lines", remarks.len())),
        "{output}"
    );
    let at = |remark: &Value| remark["start_line"].as_u64().expect("a line");
    let lines: std::collections::BTreeSet<u64> = remarks.iter().map(at).collect();
    assert!(lines.len() >= 120, "{} lines", lines.len());
    let mark = job.forge.statuses().pop().expect("a mark");
    assert_eq!(
        (&check["conclusion"], &mark["state"]),
        (&json!("failure"), &json!("failure")),
        "more than a project may have"
    );
    assert_eq!(check["output"]["title"], mark["description"]);
    let mut first = check.clone();
    first["output"]["annotations"] = remarks[..2].into();
    first["output"]["summary"] =
        first["output"]["summary"].as_str().expect("a page").chars().take(120).collect::<String>().into();
    insta::assert_snapshot!("check_run", serde_json::to_string_pretty(&first).expect("JSON"));
}

/// Elsewhere there are no check runs; a token that may not make one does the rest.
#[test]
fn check_runs_are_for_those_who_have_them() {
    for kind in HOSTS.iter().filter(|kind| **kind != "github") {
        let job = Job::new(kind);
        let output = job.comments(&["--only", "comment", "--check"]);
        assert!(output.code == Some(3) && output.stderr.contains("has no check runs"), "{kind}: {output}");
        assert_eq!(job.forge.store(|store| store.comments.len()), 1, "{kind}");
    }
    let job = Job::new("github");
    job.forge.store(|store| store.faults.push(Fault::new("POST", "check-runs", 403)));
    let output = job.comments(&["--only", "comment,status", "--check"]);
    assert!(output.code == Some(7) && output.stderr.contains("`checks: write`"), "{output}");
    assert_eq!((job.forge.store(|store| store.comments.len()), job.forge.statuses().len()), (1, 1));
}

/// An apply that could not begin says so in its own name, and leaves what was said of the plan.
#[test]
fn a_failure_is_told_where_its_command_tells() {
    let job = Job::new("github");
    job.wants("auth: {jwt_expp: 20m}");
    let applied = job.bench.run(&["apply", "--sandbox", "live", "--yes", "--format", "json"]);
    assert_eq!(applied.code, Some(3), "{applied}");
    job.bench.write("plan.json", &applied.stdout);
    let output = job.says(&["--only", "comment,status"]);
    assert_eq!(output.code, Some(0), "{output}");
    let (comments, statuses) = (job.forge.store(|store| store.comments.clone()), job.forge.statuses());
    assert!(comments[0].body.starts_with("<!-- supaform:report:default -->"), "{}", comments[0].body);
    assert_eq!((&statuses[0]["context"], &statuses[0]["state"]), (&json!("supaform/apply"), &json!("failure")));
    let shown = job.bench.run(&["show", "plan.json"]);
    insta::assert_snapshot!("failure_shown", shown);
}
