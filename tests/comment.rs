//! `comment`, run as a CI system runs it, against a code host on this machine.

#[path = "support/forge.rs"]
mod forge;
mod support;

use std::fmt::Write as _;

use forge::{Forge, TOKEN};
use serde_json::json;
use support::{Output, Workbench};

const HOSTS: [&str; 4] = ["github", "gitlab", "bitbucket", "gitea"];

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
        let variables: Vec<(&str, &str)> = match kind {
            "gitlab" => vec![
                ("GITLAB_CI", "true"),
                ("CI_API_V4_URL", &api),
                ("CI_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_IID", "12"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "42"),
                ("CI_COMMIT_SHA", "c0ffee00c0ffee00"),
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
        let statuses = job.forge.store(|store| store.statuses.clone());
        let statuses = serde_json::to_string_pretty(&statuses).expect("JSON");
        insta::assert_snapshot!(format!("thread_{kind}"), format!("{told}# marks\n{statuses}"));
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
            let open = |comment: &&forge::Comment| !comment.hidden && comment.body.contains("jwt_exp");
            let open: Vec<_> = comments.iter().filter(open).collect();
            assert!(open.last().expect("a comment").body.contains("30 minutes"), "{kind} {mode}");
            let expected = match mode {
                "new" => (3, 3),
                "hide-and-new" => (3, 1),
                _ => (1, 1),
            };
            assert_eq!((comments.len(), open.len()), expected, "{kind} {mode}");
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

#[test]
fn what_goes_wrong_is_told_and_tried_again_where_that_helps() {
    type Case = (forge::Fault, i32, &'static str);
    let post = "comments";
    let cases: [Case; 9] = [
        (("GET", post, 401, &[], "{\"message\": \"Bad credentials\"}"), 7, "mistyped, expired or revoked"),
        (
            ("POST", post, 403, &[], "{\"message\": \"Resource not accessible by integration\"}"),
            7,
            "pull-requests: write",
        ),
        (("GET", post, 404, &[], "{\"message\": \"Not Found\"}"), 7, "the token may not see it"),
        (("POST", post, 422, &[], "{\"message\": \"Validation Failed\"}"), 1, "Validation Failed"),
        (("POST", post, 413, &[], ""), 4, "smaller `--limit`"),
        (("GET", post, 301, &[("location", "https://evil.example.com/")], ""), 1, "was the repository renamed?"),
        (("POST", post, 429, &[("retry-after", "0")], "{}"), 0, "1 made"),
        (
            ("POST", post, 403, &[("retry-after", "0")], "{\"message\": \"You have exceeded a secondary rate limit\"}"),
            0,
            "1 made",
        ),
        (("POST", post, 502, &[], "<html>bad gateway</html>"), 0, "1 made"),
    ];
    for (fault, exit, said) in cases {
        let job = Job::new("github");
        job.forge.store(|store| store.faults.push(fault));
        let output = job.comments(&["--only", "comment"]);
        assert_eq!(output.code, Some(exit), "{fault:?}: {output}");
        assert!(output.stderr.contains(said), "{fault:?}: {output}");
        assert_eq!(job.forge.store(|store| store.comments.len()), usize::from(exit == 0), "{fault:?}");
    }
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

#[test]
fn without_a_request_the_rest_is_done() {
    let mut job = Job::new("github");
    job.bench.write("event.json", "{\"repository\": {\"full_name\": \"acme/infra\"}}");
    job.bench.set("GITHUB_EVENT_NAME", "push");
    let output = job.comments(&["--only", "comment,status"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stderr.contains("There is no request here"), "{output}");
    assert_eq!(job.forge.store(|store| store.statuses.len()), 1);
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

/// The issue of the nightly job: opened, kept up to date, closed by itself; also when the job could not look.
#[test]
fn an_issue_tells_of_drift() {
    for kind in ["github", "gitlab", "gitea"] {
        let job = Job::new(kind);
        let forged = "<!-- supaform:drift:default -->\nnothing";
        let other =
            forge::Issue { number: 1, author: "mallory", title: String::new(), body: forged.to_owned(), open: true };
        job.forge.store(|store| store.issues.push(other));
        let drift = || job.bench.run(&["drift", "--sandbox", "live", "--notify", "issue"]);
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
        tell("as the manifests say", &drift());
        job.wants("auth: {jwt_exp: 10m}");
        tell("drift", &drift());
        tell("the next night", &drift());
        job.wants("auth: {jwt_exp: 20m}");
        tell("more of it", &drift());
        job.wants("auth: {jwt_expp: 20m}");
        tell("it cannot be looked for", &drift());
        job.wants("auth: {jwt_exp: 1h}");
        tell("repaired", &drift());
        job.wants("auth: {jwt_exp: 10m}");
        tell("and again", &drift());
        assert_eq!(job.forge.store(|store| store.issues[0].body.clone()), forged, "nobody else's is touched");
        insta::assert_snapshot!(format!("issue_{kind}"), told);
    }
    let job = Job::new("bitbucket");
    let api = job.forge.api();
    let output = job.bench.run(&["drift", "--sandbox", "live", "--notify", "issue", "--forge-url", &api]);
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains("Bitbucket has no issues"), "{output}");
}

/// 200 projects with 40 changed fields each: what must be seen is seen, within the limit of each host.
#[test]
fn a_fleet_fits() {
    let auth = supaform::kind::find(supaform::kinds::KINDS, "auth").expect("auth").info();
    let alone = auth.all_fields().filter(|it| it.needs.is_empty() && !it.name.starts_with("hook_"));
    let flags: Vec<_> = alone.filter(|it| matches!(it.ty, supaform::schema::Type::Bool)).take(40).collect();
    for kind in HOSTS {
        let job = Job::new(kind);
        job.wants("auth: {jwt_exp: 1h}");
        for number in 0..200 {
            let fields: Vec<String> =
                flags.iter().enumerate().map(|(at, it)| format!("{}: {}", it.name, (at + number) % 2 == 0)).collect();
            let document = format!(
                "project: p{number}\nname: P{number}\norganization: acme-inc\nregion: eu-central-1\ncreate: true\nauth: {{{}}}\n\
                 database_password: {{secret: DB}}\n",
                fields.join(", ")
            );
            job.bench.write(&format!("p{number}.yaml"), &document);
        }
        let output = job.comments(&["--only", "comment"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let body = job.forge.store(|store| store.comments[0].body.clone());
        for number in 0..200 {
            assert!(body.contains(&format!("p{number}")), "{kind}: p{number} is missing in {body}");
        }
    }
}
