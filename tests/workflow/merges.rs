//! The ways in which requests come into a branch, and which of them approve.

use serde_json::json;

use super::{Merge, play, play_on};

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

/// A stranger's request: its own job has no token, a second one plans it from our revision, its merge approves nothing, and
/// the next request of ours brings both live.
#[test]
fn a_request_that_begins_on_a_fork() {
    play_on(&["github"], "from_a_fork", |team| {
        team.says("A stranger opens a request. The job of their revision has no token.");
        team.branches("theirs", "1h ", "2h ");
        let head = team.bench.git(&["rev-parse", "HEAD"]);
        let theirs = json!({"full_name": "mallory/infra"});
        let request = json!({"number": 12, "head": {"sha": head, "repo": theirs}});
        let event = json!({"number": 12, "repository": {"full_name": "acme/infra"}, "pull_request": request});
        team.on_request(12, "pull_request", &event, "detached");
        team.run(&["validate"], 0);
        team.says("The second job runs our revision with their manifests, and says so on the request.");
        team.bench.git(&["checkout", "--quiet", "-B", "fork-plan", "main"]);
        team.bench.git(&["checkout", "--quiet", "theirs", "--", "acme.yaml"]);
        team.commits("fork");
        let run = json!({"head_sha": head, "head_branch": "theirs", "pull_requests": [], "head_repository": theirs});
        let event = json!({"repository": {"full_name": "acme/infra"}, "workflow_run": run});
        team.on_request(12, "workflow_run", &event, "detached");
        team.forge.store(|store| store.open = vec![(12, "mallory/infra", "theirs", head.clone().leak())]);
        team.plans_here(12, 0);
        let says = team.forge.statuses().last().map(|mark| mark["description"].to_string()).unwrap_or_default();
        assert!(says.contains("Plan: ") && !says.contains(" id "), "a stranger's plan approves nothing: {says}");
        team.says("It is merged, and approves nothing.");
        team.merges(12, "theirs");
        team.forge.store(|store| store.merged.iter_mut().for_each(|it| it.forked = true));
        team.applies(5);
        team.says("The next request of ours has both in its plan, and brings both live.");
        team.branches("codes", "15m", "30m");
        team.plans(13, 0);
        team.merges(13, "codes");
        team.applies(0);
        team.drifts(0);
    });
}
