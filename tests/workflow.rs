//! Whole workflows of a team, as its CI runs them: requests are opened, pushed to, merged and applied; nights come and go.
//!
//! Every workflow is played on each code host that tells who has marked a commit; what people see is told for one.

use std::fmt::Write as _;

use crate::support::forge::{Fault, Forge, Marked, Merged, Pipeline, TOKEN};
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

#[test]
fn two_requests_are_merged_in_either_order() {
    for (name, order) in
        [("two_requests_one_way", ["codes", "sessions"]), ("two_requests_the_other_way", ["sessions", "codes"])]
    {
        play(name, |team| {
            team.says("Two requests are open at once.");
            team.branches("sessions", "1h ", "2h ");
            team.plans(12, 0);
            team.branches("codes", "15m", "30m");
            team.plans(13, 0);
            for branch in order {
                team.says("One is merged and applied.");
                team.merges(if branch == "codes" { 13 } else { 12 }, branch);
                team.applies(0);
            }
            team.drifts(0);
        });
    }
    play("two_requests_at_once", |team| {
        team.says("Both are merged before the first is applied.");
        team.branches("sessions", "1h ", "2h ");
        team.plans(12, 0);
        team.branches("rows", "max_rows: 500", "max_rows: 1000");
        team.plans(13, 0);
        team.merges(12, "sessions");
        team.merges(13, "rows");
        team.applies(0);
        team.drifts(0);
        team.says("And again, in one section: what would be sent is neither of the two, so a third request shows it.");
        team.branches("hours", "2h ", "3h ");
        team.plans(14, 0);
        team.branches("codes", "15m", "30m");
        team.plans(15, 0);
        team.merges(14, "hours");
        team.merges(15, "codes");
        team.applies(5);
        team.branches("both", "# as agreed", "# as agreed by all");
        team.plans(16, 0);
        team.merges(16, "both");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn a_fix_of_the_night_survives_the_morning() {
    play("a_fix_of_the_night", |team| {
        team.says("By night, somebody fixes something by hand. The job of the night tells of it.");
        team.night("mailer_otp_exp", "3600");
        team.drifts(2);
        team.says("In the morning, it is accepted: what is live is what is wanted.");
        team.bench.git(&["checkout", "--quiet", "-b", "accept", "main"]);
        team.run(&["accept", "acme/auth/mailer_otp_exp", "--sandbox", "live"], 0);
        team.commits("Accept the fix");
        team.plans(12, 0);
        team.merges(12, "accept");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn an_emergency_is_reverted() {
    play("an_emergency", |team| {
        team.says("A request is merged, applied, and wrong.");
        team.branches("shorter", "15m", "1m");
        team.plans(12, 0);
        team.merges(12, "shorter");
        team.applies(0);
        team.says("It is reverted. The host does not know at once by which request the merge came.");
        team.forge.store(|store| store.late = 1);
        team.bench.git(&["checkout", "--quiet", "-b", "revert", "main"]);
        team.bench.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
        team.plans(13, 0);
        team.merges(13, "revert");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn a_token_expires() {
    play("a_token_expires", |team| {
        let refused = r#"[{"route": "GET /v1/projects", "times": 9, "fault": {"kind": "refuse", "status": 401, "message": "Unauthorized"}}]"#;
        team.says("The token expires: the request, the merge and the night tell of it.");
        team.branches("longer", "1h ", "2h ");
        team.bench.edit_json("live/state.json", "/faults", refused);
        team.plans(12, 7);
        team.bench.edit_json("live/state.json", "/faults", refused);
        team.drifts(7);
        team.says("Merged all the same, it approves nothing, and nothing is applied.");
        team.bench.edit_json("live/state.json", "/faults", "[]");
        team.merges(12, "longer");
        team.applies(5);
        team.says("With a new token, a request whose plan shows it does.");
        team.branches("again", "# as agreed", "# as agreed anew");
        team.plans(13, 0);
        team.merges(13, "again");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn nothing_else_approves() {
    play("nothing_else_approves", |team| {
        team.says("A commit without a request.");
        team.bench.git(&["checkout", "--quiet", "main"]);
        team.changes("1h ", "2h ");
        team.commits("in a hurry");
        team.applies(5);
        team.says("A request that was never planned; one whose mark is somebody else's.");
        team.branches("unplanned", "2h ", "3h ");
        team.merges(12, "unplanned");
        team.applies(5);
        team.branches("forged", "3h ", "4h ");
        team.plans(13, 0);
        team.forge.store(|store| store.marks.last_mut().expect("a mark").author = "somebody");
        team.merges(13, "forged");
        team.applies(5);
        team.says("One that was pushed to after its plan; one whose comment was edited.");
        team.branches("pushed", "4h ", "5h ");
        team.plans(14, 0);
        team.changes("5h ", "6h ");
        team.commits("and again");
        team.merges(14, "pushed");
        team.applies(5);
        team.branches("edited", "6h ", "7h ");
        team.plans(15, 0);
        team.forge.store(|store| {
            let comment = store.comments.last_mut().expect("a comment");
            comment.body = comment.body.replace("supaform:steps ", "supaform:steps 0");
        });
        team.merges(15, "edited");
        team.applies(5);
        team.says("One whose mark is of another plan.");
        team.branches("other", "7h ", "8h ");
        team.plans(16, 0);
        team.forge.store(|store| {
            let mark: &mut Marked = store.marks.last_mut().expect("a mark");
            let said = mark.body["description"].as_str().expect("a text");
            let (start, _) = said.rsplit_once(' ').expect("an id");
            mark.body["description"] = format!("{start} {}", "0".repeat(32)).into();
        });
        team.merges(16, "other");
        team.applies(5);
        team.says("What moves after the plan is not what was approved.");
        team.branches("moved", "8h ", "9h ");
        team.plans(17, 0);
        team.night("jwt_exp", "60");
        team.merges(17, "moved");
        team.applies(5);
    });
}

/// A commit also tells the requests that it went through on its way to other branches, and what was merged as another commit.
#[test]
fn only_a_merge_into_the_applied_branch_approves() {
    play("only_a_merge_into_the_branch", |team| {
        for (number, branch, from, to, what) in [
            (12, "develop", "1h ", "2h ", "A request was merged into another branch, from where the commit came."),
            (
                13,
                "picked",
                "2h ",
                "3h ",
                "What was merged elsewhere was picked onto the branch as a commit of its own.",
            ),
            (14, "forked", "3h ", "4h ", "A request of a fork, which somebody has marked as if it were ours."),
        ] {
            team.says(what);
            team.branches(branch, from, to);
            team.plans(number, 0);
            team.merges(number, branch);
            team.forge.store(|store| {
                let merged = store.merged.last_mut().expect("it was merged");
                match branch {
                    "develop" => merged.into = "develop",
                    "picked" => merged.made = Some("5ca1ab1e".repeat(5)),
                    _ => merged.forked = true,
                }
            });
            team.applies(5);
        }
        team.says("A branch of releases is applied by what was merged into it.");
        team.forge.store(|store| store.merged.iter_mut().for_each(|it| it.into = "release"));
        team.forge.store(|store| store.merged.iter_mut().for_each(|it| (it.made, it.forked) = (None, false)));
        team.applies(5);
        team.applies_with(&["--approved-by", "pr", "--into", "release"], 0);
    });
}

#[test]
fn squashed_and_rebased_is_merged_as_well() {
    for (name, how) in [("squashed", Merge::Squash), ("rebased", Merge::Rebase)] {
        play(name, |team| {
            team.says("Two commits become one, or two others.");
            team.branches("longer", "1h ", "2h ");
            team.changes("max_rows: 500", "max_rows: 1000");
            team.commits("more");
            team.plans(12, 0);
            // Meanwhile the main branch goes on, so that commits differ.
            team.bench.git(&["checkout", "--quiet", "main"]);
            team.bench.write("README.md", "Projects of acme.\n");
            team.commits("Describe");
            team.merges_as(12, "longer", how);
            team.applies(0);
            team.says("Run again, there is nothing to do.");
            team.applies(0);
            team.drifts(0);
        });
    }
}

/// What the request has approved stays in its comment when that tells what became of it, so that an apply can go on.
#[test]
fn an_apply_fails_and_is_run_again() {
    play("an_apply_fails", |team| {
        team.branches("longer", "1h ", "2h ");
        team.changes("max_rows: 500", "max_rows: 1000");
        team.commits("more");
        team.plans(12, 0);
        team.merges(12, "longer");
        team.says("One of two steps is refused.");
        let refused = r#"[{"route": "PATCH /v1/projects/{ref}/postgrest", "times": 9, "fault": {"kind": "refuse", "status": 400, "message": "Not today"}}]"#;
        team.bench.edit_json("live/state.json", "/faults", refused);
        team.applies(6);
        team.says("Run again, it does the other one.");
        team.bench.edit_json("live/state.json", "/faults", "[]");
        team.applies(0);
        team.drifts(0);
    });
}

/// Two requests of one section, merged together: what the queue has planned is what is applied.
#[test]
fn a_merge_queue_approves_what_it_merges() {
    play_on(&["github", "gitlab"], "merge_queue", |team| {
        team.says("Two requests are approved, each by itself.");
        team.branches("hours", "1h ", "2h ");
        team.plans(12, 0);
        team.branches("codes", "15m", "30m");
        team.plans(13, 0);
        team.says("The queue plans the first, and the second after it.");
        team.queues(12, "hours", "main");
        team.queues(13, "codes", "group-hours");
        team.merges_queue(&[(12, "hours"), (13, "codes")]);
        team.applies(0);
        team.drifts(0);
    });
}

/// GitLab runs pipelines for what a request would be merged as: their commits stand for the request's last one, and for no other.
#[test]
fn merged_results_approve() {
    play_on(&["gitlab"], "merged_results", |team| {
        team.branches("hours", "1h ", "2h ");
        team.plans_merged(12, "hours");
        team.merges(12, "hours");
        team.applies(0);
        team.says("Pushed to after its pipeline, a request approves nothing.");
        team.branches("codes", "15m", "30m");
        team.plans_merged(13, "codes");
        team.bench.git(&["checkout", "--quiet", "codes"]);
        team.changes("30m", "45m");
        team.commits("and again");
        team.merges(13, "codes");
        team.applies(5);
    });
}

/// A job that is run again, a branch that is behind its base, and a job after the merge, whose event is the request's end.
#[test]
fn jobs_run_again_late_and_at_the_end() {
    play("again_behind_closed", |team| {
        team.says("The job of the request is run again.");
        team.branches("hours", "1h ", "2h ");
        team.plans(12, 0);
        team.plans(12, 0);
        team.says("A branch that is behind is planned as it will be merged.");
        team.branches("rows", "max_rows: 500", "max_rows: 1000");
        team.merges(12, "hours");
        team.applies(0);
        team.bench.git(&["checkout", "--quiet", "rows"]);
        team.plans(13, 0);
        team.merges(13, "rows");
        team.says("The apply runs at the end of the request: its mark goes to the commit that the merge made.");
        let (head, commit) = (team.bench.git(&["rev-parse", "rows"]), team.bench.git(&["rev-parse", "HEAD"]));
        let repository = json!({"full_name": "acme/infra"});
        let request = json!({
            "number": 13, "merged": true, "merge_commit_sha": commit, "base": {"ref": "main"},
            "head": {"sha": head, "repo": repository},
        });
        let event = json!({"action": "closed", "number": 13, "repository": repository, "pull_request": request});
        if team.kind == "gitlab" {
            team.on_main();
        } else {
            team.on_request(13, "pull_request", &event, "");
        }
        team.applies_with(&["--approved-by", "pr"], 0);
        let marked = team.forge.store(|store| store.marks.last().map(|mark| mark.commit.clone()));
        assert_eq!(marked, Some(commit));
        team.says("So the next one begins there.");
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
    team.says("Bitbucket does not tell who has marked a commit.");
    for (name, value) in [("BITBUCKET_TOKEN", TOKEN), ("GITHUB_TOKEN", "")] {
        team.bench.set(name, value);
    }
    let api = Forge::start("bitbucket");
    let bitbucket = ["--forge", "bitbucket", "--forge-url", &api.api(), "--repository", "acme/infra"];
    team.run(&[&apply[..], &bitbucket].concat(), 3);
    let told = team.told.replace(&team.forge.address.to_string(), "HOST").replace(&api.address.to_string(), "HOST");
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
