//! `comment`, run as a CI system runs it, against a code host on this machine.

use std::fmt::Write as _;

use crate::support::forge::{Comment, Fault, Forge, Issue, ME, TOKEN};
use crate::support::{Output, Workbench};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use supaform::record::FlagRecord;
use supaform::record::Record;

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

/// What a host calls comments and marks, in the paths of its API.
fn part_of(kind: &str, method: &str, part: &'static str) -> &'static str {
    match (kind, part, method) {
        ("gitlab", "comments", _) => "notes",
        ("azure", "comments", _) => "threads",
        ("bitbucket-dc", "comments", "GET") => "activities",
        ("bitbucket-dc", "statuses", _) => "builds",
        _ => part,
    }
}

/// Each host's own way of saying no, and what becomes of it.
#[test]
fn what_goes_wrong_is_told_and_tried_again_where_that_helps() {
    let get = |status| Fault::new("GET", "comments", status);
    let post = |status| Fault::new("POST", "comments", status);
    let limit = &[("retry-after", "0")];
    let reset = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000")];
    let moved = &[("location", "https://evil.example.com/")];
    let cases = [
        (Fault { body: "{\"message\": \"Bad credentials\"}", ..get(401) }, 7, "mistyped, expired or revoked"),
        (Fault { body: "{\"message\": \"Resource not accessible\"}", ..post(403) }, 7, "It needs"),
        (Fault { body: "{\"message\": \"Not Found\"}", ..get(404) }, 7, "the token may not see it"),
        (Fault { body: "{\"message\": \"Validation Failed\"}", ..post(422) }, 1, "Validation Failed"),
        (Fault { body: "{\"error\": {\"message\": \"content: too long\"}}", ..post(400) }, 1, "content: too long"),
        (post(413), 1, "such as a proxy"),
        (Fault { body: "{\"message\": \"issue is locked\"}", ..post(403) }, 7, "The conversation is locked"),
        (Fault { body: "{\"message\": \"Conflict\"}", ..post(409) }, 0, "1 made"),
        (Fault { headers: moved, ..get(301) }, 1, "was the repository renamed?"),
        (Fault { body: "<html>login</html>", ..get(200) }, 1, "not that of its API"),
        (Fault { headers: limit, ..post(429) }, 0, "1 made"),
        (Fault { headers: limit, body: "{\"message\": \"secondary rate limit\"}", ..post(403) }, 0, "1 made"),
        (Fault { headers: reset, ..post(403) }, 0, "1 made"),
        (Fault { body: "<html>bad gateway</html>", ..post(502) }, 0, "1 made"),
        (Fault { body: "<html>bad gateway</html>", done: true, ..post(502) }, 0, "1 made"),
        (Fault { headers: &[("retry-after", "86400")], ..post(429) }, 1, "to be asked again after 86400 s"),
    ];
    for kind in HOSTS {
        for (fault, exit, said) in cases {
            let job = Job::new(kind);
            // Where a change names its version, a conflict is about that.
            if kind == "bitbucket-dc" && fault.status == 409 {
                continue;
            }
            let part = part_of(kind, fault.method, fault.part);
            job.forge.store(|store| store.faults.push(Fault { part, ..fault }));
            let output = job.comments(&["--only", "comment"]);
            assert_eq!(output.code, Some(exit), "{kind} {fault:?}: {output}");
            // Lines end where the terminal does.
            let told = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(said), "{kind} {fault:?}: {output}");
            assert_eq!(job.forge.store(|store| store.comments.len()), usize::from(exit == 0), "{kind} {fault:?}");
        }
    }
}

/// A page that names itself as the next one is the last, and a comment that is on two pages is one.
#[test]
fn pages_end() {
    // Gitea's list has no pages.
    for kind in HOSTS.into_iter().filter(|kind| *kind != "gitea") {
        let job = Job::new(kind);
        job.forge.store(|store| store.circles = true);
        assert_eq!(job.comments(&["--only", "comment"]).code, Some(0), "{kind}");
        job.wants("auth: {jwt_exp: 20m}");
        let output = job.comments(&["--only", "comment"]);
        assert!(output.stderr.contains("Comments: 1 updated\n"), "{kind}: {output}");
        assert_eq!(job.forge.store(|store| store.comments.len()), 1, "{kind}");
    }
}

/// Where a mark is forbidden, it is told what it needs: on GitLab, the branch may be protected. A locked conversation leaves the mark.
#[test]
fn what_is_forbidden_is_told_with_its_reason() {
    for (kind, said) in
        [("github", "statuses: write"), ("gitlab", "protected branch"), ("bitbucket", "repository:write")]
    {
        let job = Job::new(kind);
        let forbidden = Fault { body: "{\"message\": \"403 Forbidden\"}", ..Fault::new("POST", "statuses", 403) };
        job.forge.store(|store| store.faults.push(forbidden));
        let output = job.comments(&["--only", "comment,status"]);
        let told = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(output.code == Some(7) && told.contains(said), "{kind}: {output}");
    }
    let job = Job::new("github");
    let body = "{\"message\": \"Unable to create comment because issue is locked.\"}";
    job.forge.store(|store| store.faults.push(Fault { body, ..Fault::new("POST", "comments", 403) }));
    let output = job.comments(&["--only", "comment,status"]);
    assert!(output.code == Some(7) && output.stderr.contains("unlock it"), "{output}");
    assert_eq!(job.forge.statuses().len(), 1);
}

#[test]
fn a_token_that_may_do_only_one_thing_does_that() {
    for kind in HOSTS {
        let job = Job::new(kind);
        let part = part_of(kind, "POST", "statuses");
        job.forge.store(|store| store.faults.push(Fault::new("POST", part, 403)));
        let output = job.comments(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(7), "{kind}: {output}");
        assert!(output.stderr.contains("1 made"), "{kind}: {output}");
        assert_eq!(job.forge.store(|store| store.comments.len()), 1, "{kind}");
    }
}

/// The tokens of Bitbucket's repositories may not ask who they are: a comment that they make tells it.
#[test]
fn a_token_without_a_name_replaces_its_own_comments_only() {
    for kind in HOSTS {
        let job = Job::new(kind);
        job.forge.store(|store| store.nameless = true);
        assert_eq!(job.comments(&["--only", "comment"]).code, Some(0), "{kind}");
        let forged = job.forge.store(|store| store.comments[0].body.clone());
        job.forge.says("mallory", &forged);
        job.wants("auth: {jwt_exp: 20m}");
        let output = job.comments(&["--only", "comment"]);
        assert!(output.stderr.contains("1 made, 1 removed"), "{kind}: {output}");
        job.wants("auth: {jwt_exp: 1h}");
        let output = job.comments(&["--only", "comment"]);
        assert!(output.stderr.contains("1 made, 1 removed"), "{kind}: {output}");
        let there = job.forge.store(|store| store.comments.clone());
        assert_eq!(there.iter().map(|it| it.author).collect::<Vec<_>>(), ["mallory", ME], "{kind}");
        assert!(there[0].body == forged && there[1].body.contains("No changes"), "{kind}");
    }
}

/// Another run has removed what this one was about to change.
#[test]
fn two_runs_at_once_do_not_trip_over_each_other() {
    for (kind, update) in [("github", "PATCH"), ("gitlab", "PUT"), ("bitbucket", "PUT"), ("gitea", "PATCH")] {
        let job = Job::new(kind);
        assert_eq!(job.comments(&["--only", "comment"]).code, Some(0), "{kind}");
        let body = job.forge.store(|store| store.comments[0].body.clone());
        job.forge.says(ME, &body);
        job.wants("auth: {jwt_exp: 20m}");
        let gone = |method| Fault { done: method == "DELETE", ..Fault::new(method, "/12", 404) };
        let gone = |method| Fault {
            part: if kind == "github" || kind == "gitea" { "/comments/" } else { "/12/" },
            ..gone(method)
        };
        job.forge.store(|store| store.faults = vec![gone(update), gone("DELETE")]);
        let output = job.comments(&["--only", "comment"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let newest = job.forge.store(|store| store.comments.last().expect("a comment").body.clone());
        assert!(newest.contains("20m"), "{kind}: {newest}");
    }
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

/// What must be seen and does not fit: the comment says so, the mark is red, and the run ends with 4.
#[test]
fn what_cannot_be_reviewed_is_not_green() {
    for kind in ["github", "bitbucket", "gitea"] {
        let mut job = Job::new(kind);
        job.wants("secrets: {LEGACY: {plain: x}}");
        let applied = job.bench.run(&["apply", "--sandbox", "live", "--yes"]);
        assert_eq!(applied.code, Some(0), "{applied}");
        job.wants("secrets: {LEGACY: null}");
        let planned = job.bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
        assert_eq!(planned.code, Some(4), "{planned}");
        let Ok(Record::Plan(mut plan)) = Record::read(&job.bench.read("plan.json")) else { panic!("no plan") };
        let flag = plan.steps[0].flags[0].clone();
        let many = (0..3_000).map(|number| FlagRecord { what: format!("secrets.LEGACY_{number:020}"), ..flag.clone() });
        plan.steps[0].flags = many.collect();
        job.bench.write("plan.json", &Record::Plan(plan).json().to_string());
        let output = job.says(&["--only", "comment,status", "--key", "a folder with a name that is longer than usual"]);
        assert_eq!(output.code, Some(4), "{kind}: {output}");
        let (comments, statuses) = (job.forge.store(|store| store.comments.clone()), job.forge.statuses());
        assert!(comments[0].body.contains("too large to be reviewed here"), "{kind}: {}", comments[0].body);
        let state = statuses[0]["state"].as_str().expect("a state");
        assert!(["failure", "FAILED"].contains(&state), "{kind}: {statuses:?}");
        // After the merge nobody reviews.
        job.bench.write("event.json", "{}");
        job.bench.unset("BITBUCKET_PR_ID");
        let output = job.says(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
    }
}

/// What the comment left out nobody has read: a merge does not approve it. What endangers is left out last, and never greenly.
#[test]
fn a_mark_approves_only_what_the_comment_shows() {
    for kind in ["github", "bitbucket", "gitea"] {
        let job = Job::new(kind);
        let padding: String =
            (0..90).map(|number| format!("  PAD_{number}: {{plain: {}}}\n", "pad ".repeat(300))).collect();
        job.wants(&format!("auth: {{site_url: https://evil.example}}\nsecrets:\n{padding}"));
        let output = job.comments(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let (comments, statuses) = (job.forge.store(|store| store.comments.clone()), job.forge.statuses());
        assert!(comments[0].body.contains("evil.example"), "{kind}: {}", comments[0].body);
        assert!(!comments[0].body.contains("pad pad"), "{kind}: the padding fits");
        let said = statuses[0]["description"].as_str().expect("a description");
        // Bitbucket's marks approve nothing in any case.
        let tells = said.starts_with("Values left out, so a merge approves nothing");
        assert!(tells || kind == "bitbucket", "{kind}: {said}");
        let plan: Value = serde_json::from_str(&job.bench.read("plan.json")).expect("a plan");
        let id = plan["id"].as_str().expect("an id");
        assert!(!statuses[0].to_string().contains(id), "{kind}: {statuses:?}");

        let job = Job::new(kind);
        let open: Vec<String> =
            (0..900).map(|number| format!("https://{}{number}.example.com", "x".repeat(60))).collect();
        job.wants(&format!("auth: {{uri_allow_list: {}}}", json!(open)));
        let output = job.comments(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(4), "{kind}: {output}");
        let statuses = job.forge.statuses();
        assert!(
            ["failure", "FAILED"].contains(&statuses[0]["state"].as_str().expect("a state")),
            "{kind}: {statuses:?}"
        );
    }
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

/// Names that differ in any way make comments that differ.
#[test]
fn keys_are_kept_apart() {
    let job = Job::new("github");
    let keys = ["eu-prod", "eu_prod", "eu prod", "ü", "ö", "-->"];
    for (index, key) in keys.iter().enumerate() {
        let output = job.comments(&["--only", "comment", &format!("--key={key}")]);
        assert_eq!(output.code, Some(0), "{key}: {output}");
        assert_eq!(job.forge.store(|store| store.comments.len()), index + 1, "{key}");
    }
    // Each has its marker, and the steps that a merge approves.
    let count = |what: &str| job.thread().matches(what).count();
    assert!(count("<!-- supaform:plan:") == keys.len() && count("<!-- supaform:steps ") == keys.len());
    // One of the keys ends comments, and stands as code in its heading.
    assert_eq!((count("<!--"), count("-->")), (2 * keys.len(), 2 * keys.len() + 1));
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

/// What stands on the request is our markup and text, whatever was written in manifests, live, flags and variables.
#[test]
fn nobody_speaks_through_the_comment() {
    let hostile = "`@org/team`</code> <img src=x> [x](javascript:y) #1 <!-- supaform:plan:default --> ``` ::error::x";
    for kind in HOSTS {
        let mut job = Job::new(kind);
        job.bench.set("CI_JOB_URL", "https://gitlab.example.com/)[x](javascript:y)");
        job.bench.set("GITHUB_SERVER_URL", "https://github.example.com/)[x](javascript:y)");
        let file = "projects/@me, [x](y) <b>.yaml";
        job.bench.write("acme.yaml", "profile: unused\n");
        let document = json!({
            "project": "acme", "organization": "acme-inc", "name": "Acme Quickstart",
            "labels": {"team": hostile},
            "auth": {
                "site_url": "https://acme.com/?a=<script>&b=@here", "mailer_subjects_invite": hostile,
                "mailer_templates_invite_content": format!("one\n```\n</details>\n{hostile}\n[x]: y\n"),
            },
            "secrets": {"APP_ENV": {"plain": hostile}},
        });
        job.bench.write(file, &document.to_string());
        let output = job.comments(&["--only", "comment", &format!("--key={hostile}")]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let body = job.forge.store(|store| store.comments[0].body.clone());
        assert!(body.contains("mailer_subjects_invite"), "{kind}: {body}");
        speaks_for_itself(&body, kind != "bitbucket");
    }
}

/// Neither pictures nor mentions, and links and HTML only where they are ours.
fn speaks_for_itself(body: &str, html: bool) {
    let marker = |line: &str| {
        let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit() || c == ' ');
        let steps = |line: &str| line.strip_prefix("<!-- supaform:steps ")?.strip_suffix("-->").map(hex);
        let is_marker = line.starts_with("<!-- supaform:plan:") && line.matches("-->").count() == 1;
        (is_marker && line.ends_with("-->")) || steps(line) == Some(true)
    };
    let mut in_code = false;
    for event in Parser::new_ext(body, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Link { dest_url, .. }) => {
                let ours =
                    ["https://bitbucket.org/acme/infra/pipelines/results/3", "https://ci.example.com/job/infra/1/"];
                let azure = dest_url.ends_with("/acme/My%20Shop/_build/results?buildId=1");
                let pages = [
                    "https://bitbucket.org/acme/infra/src/",
                    "/acme/My%20Shop/_git/infra?version=GC",
                    "/repos/infra/browse/",
                ];
                let file = pages.iter().any(|page| dest_url.contains(page));
                assert!(file || azure || ours.contains(&&*dest_url), "{dest_url} in {body}");
            }
            Event::Start(Tag::Image { .. }) => panic!("a picture in {body}"),
            Event::Html(line) => {
                let line = line.trim_end();
                let ours = marker(line) || ["<details>", "<details open>", "</details>"].contains(&line);
                let summary = line.starts_with("<summary><code>acme</code>") && line.ends_with("</summary>");
                assert!(html && (ours || summary), "{line} in {body}");
            }
            Event::InlineHtml(tag) => panic!("{tag} in {body}"),
            Event::Text(text) if !in_code => assert!(!text.contains(['@', '#', '<']), "{text} in {body}"),
            _ => {}
        }
    }
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
