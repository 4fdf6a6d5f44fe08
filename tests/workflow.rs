//! Whole workflows of a team, as its CI runs them: requests are opened, pushed to, merged and applied; nights come and go.
//!
//! Every workflow is played on each code host that tells who has marked a commit; what people see is told for one.

mod merges;
mod nights;

use std::fmt::Write as _;

use crate::support::forge::{Fault, Forge, Merged, Pipeline, TOKEN};
use crate::support::{Output, Workbench};
use serde_json::{Value, json};

const HOSTS: [&str; 3] = ["github", "gitlab", "gitea"];

/// A repository, its code host, and the live project behind its main branch.
struct Team {
    bench: Workbench,
    forge: Forge,
    kind: &'static str,
    /// The folder of the workspace whose jobs run.
    folder: &'static str,
    told: String,
}

/// What each workspace begins with.
const FIRST: &str = "auth:\n  jwt_exp: 1h  # as agreed\n  site_url: https://acme.com\n  mailer_otp_exp: 15m\ndata_api:\n  max_rows: 500\n";

impl Team {
    /// The main branch is live, and its commit marked so.
    fn new(kind: &'static str) -> Self {
        Self::with(kind, &[""])
    }

    /// The same with a workspace in each of these folders, each with a live world of its own.
    fn with(kind: &'static str, folders: &[&'static str]) -> Self {
        let (mut bench, forge) = (Workbench::new(), Forge::start(kind));
        bench.write(".gitignore", "live/\n*.json\n");
        let api = forge.api();
        let variables: &[(&str, &str)] = match kind {
            "gitlab" => &[
                ("GITLAB_CI", "true"),
                ("CI_API_V4_URL", &api),
                ("CI_PROJECT_ID", "42"),
                ("CI_PIPELINE_ID", "77"),
                ("CI_JOB_URL", "https://ci.example.com/1"),
                ("GITLAB_TOKEN", TOKEN),
            ],
            _ => &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_API_URL", &api),
                ("GITHUB_REPOSITORY", "acme/infra"),
                ("GITHUB_TOKEN", TOKEN),
            ],
        };
        for (name, value) in variables {
            bench.set(name, value);
        }
        let mut team = Self { bench, forge, kind, folder: "", told: String::new() };
        for folder in folders {
            team.folder = folder;
            team.bench.write(&team.path("supaform.yaml"), "version: 1\n");
            let envelope = "project: acme\norganization: acme-inc\nname: Acme Quickstart\n";
            team.bench.write(&team.path("acme.yaml"), &format!("{envelope}{FIRST}"));
        }
        team.bench.git(&["init", "--quiet"]);
        team.commits("Begin");
        team.on_main();
        for folder in folders {
            team.folder = folder;
            team.applies_with(&["--yes"], 0);
        }
        team.told.clear();
        team
    }

    /// A file of the workspace.
    fn path(&self, name: &str) -> String {
        if self.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", self.folder) }
    }

    fn changes(&self, from: &str, to: &str) {
        let path = self.path("acme.yaml");
        let text = self.bench.read(&path);
        assert!(text.contains(from), "{from} in {text}");
        self.bench.write(&path, &text.replace(from, to));
    }

    fn commits(&mut self, message: &str) {
        self.bench.git(&["add", "-A"]);
        self.bench.git(&["commit", "--quiet", "-m", message]);
    }

    /// A branch off the main one, on which something is changed.
    fn branches(&mut self, name: &str, from: &str, to: &str) {
        self.bench.git(&["checkout", "--quiet", "-b", name, "main"]);
        self.changes(from, to);
        self.commits(name);
    }

    fn says(&mut self, what: &str) {
        write!(self.told, "\n# {what}\n").expect("a text");
    }

    /// The job of a push to the main branch, or of the night.
    fn on_main(&mut self) {
        let commit = self.bench.git(&["rev-parse", "HEAD"]);
        self.bench.write("event.json", &json!({"ref": "refs/heads/main", "after": commit}).to_string());
        let path = self.bench.path().join("event.json").to_string_lossy().into_owned();
        for (name, value) in [("GITHUB_EVENT_PATH", &*path), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_SHA", &commit)] {
            self.bench.set(name, value);
        }
        self.bench.set("CI_COMMIT_SHA", &commit);
        for name in ["CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_EVENT_TYPE"] {
            self.bench.unset(name);
        }
    }

    /// The job of a request: plans the branch that is checked out, and comments.
    fn plans(&mut self, number: u64, exit: i32) {
        let head = self.bench.git(&["rev-parse", "HEAD"]);
        let repository = json!({"full_name": "acme/infra"});
        let request = json!({"number": number, "head": {"sha": head, "repo": repository}});
        let event = json!({"number": number, "repository": repository, "pull_request": request});
        self.on_request(number, "pull_request", &event, "detached");
        self.plans_here(number, exit);
    }

    /// The event of a request, and its variables on GitLab.
    fn on_request(&mut self, number: u64, name: &str, event: &Value, kind: &str) {
        let head = self.bench.git(&["rev-parse", "HEAD"]);
        self.bench.write("event.json", &event.to_string());
        let path = self.bench.path().join("event.json").to_string_lossy().into_owned();
        let number = number.to_string();
        for (name, value) in [
            ("GITHUB_EVENT_PATH", &*path),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_SHA", &head),
            ("CI_COMMIT_SHA", &head),
            ("CI_MERGE_REQUEST_IID", &number),
            ("CI_MERGE_REQUEST_EVENT_TYPE", kind),
            ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "42"),
        ] {
            self.bench.set(name, value);
        }
    }

    /// The job of GitLab for a request as it would be merged now.
    fn plans_merged(&mut self, number: u64, branch: &str) {
        self.groups(branch, "main");
        self.on_request(number, "push", &json!({}), "merged_result");
        self.runs_pipeline(number, "merge", branch);
        self.plans_here(number, 0);
    }

    /// The job of the merge queue: what is about to be merged, after what is before it in the queue.
    fn queues(&mut self, number: u64, branch: &str, after: &str) {
        let queue = self.groups(branch, after);
        let commit = self.bench.git(&["rev-parse", "HEAD"]);
        let group = json!({
            "head_sha": commit, "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-{number}-{commit}"),
            "base_ref": "refs/heads/main",
        });
        let event = json!({"action": "checks_requested", "merge_group": group});
        self.on_request(number, "merge_group", &event, "merge_train");
        self.runs_pipeline(number, "train", branch);
        writeln!(self.told, "── #{number} is queued after {after}, as {queue}").expect("a text");
        self.plans_here(number, 0);
    }

    /// A branch with what is merged after another one.
    fn groups(&mut self, branch: &str, after: &str) -> String {
        let group = format!("group-{branch}");
        self.bench.git(&["checkout", "--quiet", "-B", &group, after]);
        self.bench.git(&["merge", "--quiet", "--no-ff", "-m", &format!("Merge {branch}"), branch]);
        group
    }

    fn runs_pipeline(&mut self, on: u64, kind: &str, branch: &str) {
        let (commit, head) = (self.bench.git(&["rev-parse", "HEAD"]), self.bench.git(&["rev-parse", branch]));
        let parents = vec![self.bench.git(&["rev-parse", "HEAD^1"]), head];
        let name = format!("refs/merge-requests/{on}/{kind}");
        self.forge.store(|store| store.pipelines.push(Pipeline { on, name, commit, parents }));
    }

    /// The queue is merged: GitHub moves the branch to the last group, GitLab merges each anew.
    fn merges_queue(&mut self, queue: &[(u64, &str)]) {
        if self.kind == "gitlab" {
            for (number, branch) in queue {
                self.merges(*number, branch);
            }
            return;
        }
        self.bench.git(&["checkout", "--quiet", "main"]);
        for (number, branch) in queue {
            self.bench.git(&["merge", "--quiet", "--ff-only", &format!("group-{branch}")]);
            self.is_merged(*number, branch);
        }
    }

    fn plans_here(&mut self, number: u64, exit: i32) {
        let plan = ["plan", "--sandbox", "live", "--base", "main", "--out", "plan.json", "--brief"];
        self.run(&plan, exit);
        self.run(&["comment", "plan.json", "--only", "comment,status"], 0);
        self.thread(number);
    }

    /// What stands on a request.
    fn thread(&mut self, number: u64) {
        let comments = self.forge.store(|store| store.comments.clone());
        for comment in comments.into_iter().filter(|comment| comment.on == number) {
            writeln!(self.told, "── on #{number}").expect("a text");
            for line in comment.body.trim_end().lines() {
                writeln!(self.told, "  | {line}").expect("a text");
            }
        }
    }

    fn issues(&mut self) {
        let issues = self.forge.store(|store| store.issues.clone());
        for issue in issues {
            let state = if issue.open { "open" } else { "closed" };
            writeln!(self.told, "── issue {} ({state}): {}", issue.number, issue.title).expect("a text");
        }
    }

    /// Somebody merges a branch.
    fn merges(&mut self, number: u64, branch: &str) {
        self.merges_as(number, branch, Merge::Commit);
    }

    fn merges_as(&mut self, number: u64, branch: &str, how: Merge) {
        self.bench.git(&["checkout", "--quiet", "main"]);
        match how {
            Merge::Commit => {
                self.bench.git(&["merge", "--quiet", "--no-ff", "-m", &format!("Merge #{number}"), branch]);
            }
            Merge::Squash => {
                self.bench.git(&["merge", "--quiet", "--squash", branch]);
                self.bench.git(&["commit", "--quiet", "-m", &format!("Squash #{number}")]);
            }
            Merge::Rebase => {
                self.bench.git(&["cherry-pick", &format!("main..{branch}")]);
            }
        }
        self.is_merged(number, branch);
    }

    /// The host knows that a branch was merged as the last commit of the main one.
    fn is_merged(&mut self, number: u64, branch: &str) {
        let head = self.bench.git(&["rev-parse", branch]);
        let commit = self.bench.git(&["rev-parse", "HEAD"]);
        writeln!(self.told, "── #{number} is merged").expect("a text");
        self.forge.store(|store| store.merged.push(Merged::new(number, &head, &commit)));
    }

    /// The job of the main branch: applies what the requests approve, and marks the commit.
    fn applies(&mut self, exit: i32) {
        self.on_main();
        self.applies_with(&["--approved-by", "pr"], exit);
    }

    fn applies_with(&mut self, how: &[&str], exit: i32) {
        let arguments = [&["apply", "--sandbox", "live", "--format", "json"], how].concat();
        let report = self.bench.run_in(self.folder, &arguments);
        assert_eq!(report.code, Some(exit), "{}: {arguments:?}: {report}\n{}", self.kind, self.told);
        self.bench.write(&self.path("report.json"), &report.stdout);
        writeln!(self.told, "$ {}\n[stderr]\n{}", arguments.join(" "), report.stderr.trim_end()).expect("a text");
        self.run(&["show", "report.json"], 0);
        let before = self.forge.store(|store| store.comments.iter().map(|it| it.version).collect::<Vec<_>>());
        self.run(&["comment", "report.json", "--only", "comment,status"], 0);
        // What became of a request is told on it.
        let after = self.forge.store(|store| store.comments.clone());
        for (comment, version) in after.iter().zip(before) {
            if comment.version != version {
                self.thread(comment.on);
            }
        }
    }

    fn drifts(&mut self, exit: i32) {
        self.on_main();
        self.run(&["drift", "--sandbox", "live", "--brief", "--notify", "issue"], exit);
        self.issues();
    }

    /// Somebody changes live by hand.
    fn night(&mut self, field: &str, value: &str) {
        self.bench.edit_json("live/state.json", &format!("/projects/quickstartquickstart/auth/{field}"), value);
        writeln!(self.told, "── somebody sets auth.{field} to {value}").expect("a text");
    }

    fn run(&mut self, arguments: &[&str], exit: i32) -> String {
        let output: Output = self.bench.run_in(self.folder, arguments);
        assert_eq!(output.code, Some(exit), "{}: {arguments:?}: {output}\n{}", self.kind, self.told);
        write!(self.told, "$ {}\n{output}", arguments.join(" ")).expect("a text");
        output.stdout
    }
}

/// How a branch is merged.
#[derive(Clone, Copy)]
enum Merge {
    Commit,
    Squash,
    Rebase,
}

/// Plays a workflow on each host, and tells of it on the first.
fn play(name: &str, workflow: impl Fn(&mut Team)) {
    play_on(&HOSTS, name, workflow);
}

fn play_on(hosts: &[&'static str], name: &str, workflow: impl Fn(&mut Team)) {
    for kind in hosts {
        let mut team = Team::new(kind);
        workflow(&mut team);
        if *kind == hosts[0] {
            insta::assert_snapshot!(name, team.told.replace(&team.forge.address.to_string(), "HOST"));
        }
    }
}

#[test]
fn from_the_first_push_to_the_night_after() {
    play("from_the_first_push", |team| {
        team.says("A request is opened.");
        team.branches("longer", "1h ", "2h ");
        team.plans(12, 0);
        team.says("Its author pushes again.");
        team.changes("max_rows: 500", "max_rows: 1000");
        team.commits("more");
        team.plans(12, 0);
        team.says("A push takes all back: there is nothing left to do.");
        team.changes("2h ", "1h ");
        team.changes("max_rows: 1000", "max_rows: 500");
        team.commits("none");
        team.plans(12, 0);
        team.says("And once more, as it is merged.");
        team.changes("1h ", "2h ");
        team.commits("longer after all");
        team.plans(12, 0);
        team.merges(12, "longer");
        team.applies(0);
        team.says("Run again, there is nothing to do.");
        team.applies(0);
        team.says("The night is quiet. In the next, somebody changes live.");
        team.drifts(0);
        team.night("site_url", "\"https://night.acme.com\"");
        team.drifts(2);
        team.says("What was not approved is not applied, though main says so.");
        team.applies(5);
        team.says("A request that shows it is merged; the issue is closed.");
        team.branches("back", "# as agreed", "# as agreed in 2026");
        team.plans(13, 0);
        team.merges(13, "back");
        team.applies(0);
        team.drifts(0);
    });
}

/// Where it cannot be known what was approved, nothing is done, and it is said what is missing.
#[test]
fn what_is_not_known_does_not_approve() {
    let mut team = Team::new("github");
    team.branches("longer", "1h ", "2h ");
    team.plans(12, 0);
    team.merges(12, "longer");
    team.on_main();
    team.told.clear();
    let apply = ["apply", "--sandbox", "live", "--approved-by", "pr", "--key", "default"];
    team.says("The token may not say whose it is.");
    team.forge.store(|store| store.nameless = true);
    team.run(&apply, 3);
    team.forge.store(|store| store.nameless = false);
    team.says("The host refuses.");
    let refusal = Fault::new("GET", "/statuses", 403);
    team.forge.store(|store| store.faults.push(refusal));
    team.run(&apply, 7);
    team.says("The history was not fetched.");
    team.bench.write(".supaformignore", "shallow/\n");
    let here = format!("file://{}", team.bench.path().display());
    team.bench.git(&["clone", "--quiet", "--depth", "1", &here, "shallow"]);
    team.run(&[&apply[..], &["--root", "shallow"]].concat(), 5);
    team.says("Another workspace's marks are not ours; a saved plan is another way.");
    team.run(&["apply", "--sandbox", "live", "--approved-by", "pr", "--key", "other"], 5);
    team.run(&["apply", "--sandbox", "live", "--approved-by", "pr", "--plan", "plan.json"], 3);
    team.says("Bitbucket does not tell who has marked a commit; on Azure DevOps a mark outlives what it was set for.");
    team.bench.set("GITHUB_TOKEN", "");
    let mut told = vec![];
    for (host, token, repository) in [
        ("bitbucket", "BITBUCKET_TOKEN", "acme/infra"),
        ("bitbucket-dc", "BITBUCKET_TOKEN", "SHOP/infra"),
        ("azure", "SYSTEM_ACCESSTOKEN", "My Shop/infra"),
    ] {
        let api = Forge::start(host);
        for (name, value) in [("BITBUCKET_TOKEN", ""), (token, TOKEN)] {
            team.bench.set(name, value);
        }
        let on_host = ["--forge", host, "--forge-url", &api.api(), "--repository", repository];
        team.run(&[&apply[..], &on_host].concat(), 3);
        told.push(api.address.to_string());
    }
    told.push(team.forge.address.to_string());
    let told = told.iter().fold(team.told, |text, address| text.replace(address, "HOST"));
    insta::assert_snapshot!("what_is_not_known", told);
}

/// Two requests are merged before any apply runs, one of them with a push of somebody else in between: one apply does
/// both, and each request is told.
#[test]
fn each_request_of_an_apply_is_told() {
    for kind in HOSTS {
        let mut team = Team::new(kind);
        for (number, branch, from, to) in
            [(12, "longer", "jwt_exp: 1h ", "jwt_exp: 2h "), (13, "rows", "max_rows: 500", "max_rows: 700")]
        {
            team.branches(branch, from, to);
            team.plans(number, 0);
        }
        team.merges(12, "longer");
        team.merges(13, "rows");
        team.on_main();
        team.told.clear();
        team.applies(0);
        let comments = team.forge.store(|store| store.comments.clone());
        for number in [12, 13] {
            let told: Vec<_> = comments.iter().filter(|it| it.on == number).collect();
            assert_eq!(told.len(), 1, "{kind}: #{number}");
            assert!(
                told[0].body.contains("Applied") && told[0].body.contains("supaform:steps"),
                "{kind}: {}",
                told[0].body
            );
        }
        let told = team.told.replace(&team.forge.address.to_string(), "HOST");
        if kind == "github" {
            insta::assert_snapshot!("each_request_is_told", told);
        }
    }
}

/// Two workspaces in one repository, one in a deeper folder: each request, merge, apply and night is told apart.
#[test]
fn two_workspaces_go_their_own_ways() {
    for kind in HOSTS {
        let mut team = Team::with(kind, &["eu", "deep/us"]);
        team.says("Each workspace has a request of its own.");
        team.folder = "eu";
        team.branches("hours", "1h ", "2h ");
        team.plans(12, 0);
        team.folder = "deep/us";
        team.branches("codes", "15m", "30m");
        team.plans(13, 0);
        team.says("Both are merged; each apply does what is its own.");
        team.merges(12, "hours");
        team.merges(13, "codes");
        for folder in ["eu", "deep/us"] {
            team.folder = folder;
            team.applies(0);
            team.drifts(0);
        }
        team.says("One request for both.");
        team.folder = "eu";
        team.branches("rows", "max_rows: 500", "max_rows: 700");
        team.folder = "deep/us";
        team.changes("max_rows: 500", "max_rows: 900");
        team.commits("more rows");
        for folder in ["eu", "deep/us"] {
            team.folder = folder;
            team.plans(14, 0);
        }
        team.merges(14, "rows");
        team.says("What one has approved does nothing in the other.");
        for folder in ["deep/us", "eu"] {
            team.folder = folder;
            team.applies(0);
            team.applies(0);
            team.drifts(0);
        }
        let comments = team.forge.store(|store| store.comments.clone());
        let markers: Vec<_> = comments.iter().filter_map(|it| Some((it.on, it.body.lines().next()?))).collect();
        let (eu, us) = ("<!-- supaform:plan:eu -->", "<!-- supaform:plan:deep/us -->");
        assert_eq!(markers, [(12, eu), (13, us), (14, eu), (14, us)], "{kind}");
        assert!(comments.iter().all(|it| it.body.contains("Applied")), "{kind}: {comments:#?}");
        if kind == HOSTS[0] {
            insta::assert_snapshot!("two_workspaces", team.told.replace(&team.forge.address.to_string(), "HOST"));
        }
    }
}
