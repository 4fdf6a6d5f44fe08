//! The facts in the CI system's variables: where the code is hosted, which request the run is for, and where results may
//! go.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::environment::Environment;
use super::jobs;
use super::pages;
use super::run::{Ci, Phase, of_heads, of_queue};
use crate::files;
use crate::forge::{Head, Place};

/// The largest event that is read: GitHub sends at most 25 MB.
const MOST_EVENT: u64 = 25 * 1024 * 1024;

/// The event that started the run, as GitHub, Gitea and Forgejo write it to a file.
pub(super) fn event(environment: &Environment) -> Option<Value> {
    let path = environment.get("GITHUB_EVENT_PATH")?;
    crate::json::read(&files::given(Path::new(path), MOST_EVENT).ok()?).ok()
}

impl Ci {
    /// Reads the variables of a run.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        if environment.has("GITLAB_CI") {
            gitlab(environment)
        } else if environment.has("BITBUCKET_BUILD_NUMBER") {
            bitbucket(environment)
        } else if environment.has("GITHUB_ACTIONS") || environment.has("GITEA_ACTIONS") {
            github(environment)
        } else {
            jobs::of(environment).unwrap_or_default()
        }
    }
}

fn owned(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn github(environment: &Environment) -> Ci {
    let get = |name: &str| owned(environment, name);
    let event = event(environment).unwrap_or_default();
    let numbers = ["/pull_request/number", "/workflow_run/pull_requests/0/number", "/issue/number"];
    let number = numbers.iter().find_map(|pointer| event.pointer(pointer)?.as_u64());
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let queued = text("/merge_group/head_ref").and_then(of_queue);
    let number = number.or(queued);
    let phase = if event.get("merge_group").is_some() {
        Phase::Queued
    } else if event.pointer("/pull_request/merged") == Some(&Value::Bool(true)) {
        Phase::Merged
    } else {
        Phase::Proposed
    };
    let commits: &[&str] = match phase {
        Phase::Merged => &["/pull_request/merge_commit_sha"],
        Phase::Queued => &["/merge_group/head_sha"],
        Phase::Proposed => &["/pull_request/head/sha", "/workflow_run/head_sha"],
    };
    let commit = commits.iter().find_map(|pointer| event.pointer(pointer)?.as_str().map(str::to_owned));
    // An event of an issue or a comment runs on the default branch, not on the request's commits.
    let on_issue = event.get("issue").is_some();
    let place = get("GITHUB_REPOSITORY").map(|repository| Place {
        repository,
        number: number.filter(|_| !on_issue || event.pointer("/issue/pull_request").is_some()),
        commit: commit.or_else(|| get("GITHUB_SHA").filter(|_| !on_issue)),
        pipeline: None,
    });
    let api = get("GITHUB_API_URL");
    let forgejo = environment.has("FORGEJO_ACTIONS");
    let gitea = forgejo || environment.has("GITEA_ACTIONS") || api.as_ref().is_some_and(|api| api.ends_with("/api/v1"));
    let source = if gitea { "src/commit" } else { "blob" };
    let commit = place.as_ref().and_then(|place: &Place| place.commit.clone());
    let files = get("GITHUB_SERVER_URL").zip(get("GITHUB_REPOSITORY")).zip(commit);
    // Forgejo's pages use the number of the run within its repository.
    let run = if forgejo { "GITHUB_RUN_NUMBER" } else { "GITHUB_RUN_ID" };
    let run = get("GITHUB_SERVER_URL").zip(get("GITHUB_REPOSITORY")).zip(get(run));
    Ci {
        host: Some(if gitea { "gitea" } else { "github" }),
        api,
        place,
        run: run.map(|((server, repository), id)| format!("{server}/{repository}/actions/runs/{id}")),
        files: files.map(|((server, repository), commit)| {
            (format!("{server}/{repository}/{source}/{commit}/"), "#L".to_owned())
        }),
        summary: get("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        outputs: get("GITHUB_OUTPUT").map(PathBuf::from),
        annotates: true,
        second_hand: event.get("workflow_run").is_some(),
        head: event.get("workflow_run").filter(|_| number.is_none()).and_then(head),
        branch: match phase {
            Phase::Merged => text("/pull_request/base/ref").map(str::to_owned),
            Phase::Queued => text("/merge_group/base_ref").and_then(of_heads),
            Phase::Proposed => get("GITHUB_REF").as_deref().and_then(of_heads),
        },
        phase,
    }
}

/// The branch of the run that this one continues. GitHub leaves out requests of forks.
fn head(run: &Value) -> Option<Head> {
    let text = |pointer: &str| run.pointer(pointer)?.as_str().map(str::to_owned);
    Some(Head {
        repository: text("/head_repository/full_name")?,
        branch: text("/head_branch")?,
        commit: text("/head_sha")?,
    })
}

fn gitlab(environment: &Environment) -> Ci {
    let get = |name: &str| owned(environment, name);
    // The pipeline of a fork's merge request may run in the fork, while the request is in the target project. A status is
    // part of the pipeline, so it belongs to the project and the commit of this run.
    let own = get("CI_PROJECT_ID");
    let project = get("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| own.clone());
    let place = project.map(|repository| Place {
        number: get("CI_MERGE_REQUEST_IID").and_then(|number| number.parse().ok()),
        commit: get("CI_COMMIT_SHA").filter(|_| own.as_ref() == Some(&repository)),
        pipeline: get("CI_PIPELINE_ID").and_then(|id| id.parse().ok()),
        repository,
    });
    let is_train = environment.get("CI_MERGE_REQUEST_EVENT_TYPE") == Some("merge_train");
    let files = get("CI_PROJECT_URL").zip(get("CI_COMMIT_SHA"));
    let files = files.map(|(project, commit)| (format!("{project}/-/blob/{commit}/"), "#L".to_owned()));
    Ci {
        host: Some("gitlab"),
        api: get("CI_API_V4_URL"),
        place,
        phase: if is_train { Phase::Queued } else { Phase::Proposed },
        branch: get("CI_COMMIT_BRANCH"),
        run: get("CI_JOB_URL"),
        files,
        ..Ci::default()
    }
}

fn bitbucket(environment: &Environment) -> Ci {
    let get = |name: &str| owned(environment, name);
    let place = get("BITBUCKET_REPO_FULL_NAME").map(|repository| Place {
        repository,
        number: get("BITBUCKET_PR_ID").and_then(|number| number.parse().ok()),
        commit: get("BITBUCKET_COMMIT"),
        pipeline: None,
    });
    let run = get("BITBUCKET_REPO_FULL_NAME").zip(get("BITBUCKET_BUILD_NUMBER"));
    Ci {
        host: Some("bitbucket"),
        place,
        files: get("BITBUCKET_REPO_FULL_NAME")
            .zip(get("BITBUCKET_COMMIT"))
            .and_then(|(repository, commit)| pages::files("bitbucket", None, &repository, &commit)),
        branch: get("BITBUCKET_BRANCH").filter(|_| !environment.has("BITBUCKET_PR_ID")),
        run: run.map(|(repository, build)| format!("https://bitbucket.org/{repository}/pipelines/results/{build}")),
        ..Ci::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(pairs: &[(&str, &str)]) -> Place {
        let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ci::of(&Environment::of(owned)).place.expect("a place")
    }

    #[test]
    fn each_event_of_github_has_its_request_and_its_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("event.json");
        let of = |event: Value| {
            std::fs::write(&path, event.to_string()).unwrap();
            let path = path.to_string_lossy().into_owned();
            let place = place(&[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_REPOSITORY", "acme/infra"),
                ("GITHUB_SHA", "merged"),
                ("GITHUB_EVENT_PATH", &path),
            ]);
            (place.number, place.commit)
        };
        let commit = |commit: &str| Some(commit.to_owned());
        assert_eq!(of(json!({"pull_request": {"number": 3, "head": {"sha": "head"}}})), (Some(3), commit("head")));
        let run = json!({"workflow_run": {"head_sha": "head", "pull_requests": [{"number": 3}]}});
        assert_eq!(of(run), (Some(3), commit("head")));
        let closed = |merged: bool| {
            let request = json!({
                "number": 3, "merged": merged, "merge_commit_sha": "merge", "base": {"ref": "main"}, "head": {"sha": "head"},
            });
            json!({"action": "closed", "pull_request": request})
        };
        assert_eq!(of(closed(true)), (Some(3), commit("merge")), "what was merged is not the request's last commit");
        assert_eq!(of(closed(false)), (Some(3), commit("head")));
        assert_eq!(of(json!({"ref": "refs/heads/main"})), (None, commit("merged")));
        let group = |name: &str| {
            let group = json!({"head_sha": "batch", "head_ref": name, "base_ref": "refs/heads/main"});
            of(json!({"action": "checks_requested", "merge_group": group}))
        };
        assert_eq!(group("refs/heads/gh-readonly-queue/release/1.0/pr-3-c0ffee"), (Some(3), commit("batch")));
        assert_eq!(group("refs/heads/other/pr-3-c0ffee"), (None, commit("batch")));
        assert_eq!(of(json!({"issue": {"number": 3, "pull_request": {}}, "comment": {}})), (Some(3), None));
        assert_eq!(of(json!({"issue": {"number": 3}, "comment": {}})), (None, None), "an issue is no request");
    }

    #[test]
    fn a_merge_request_of_a_fork_is_commented_on_and_not_marked() {
        let of = |project: &str| {
            place(&[
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_ID", project),
                ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
                ("CI_MERGE_REQUEST_IID", "3"),
                ("CI_COMMIT_SHA", "head"),
                ("CI_PIPELINE_ID", "99"),
            ])
        };
        assert_eq!((of("7").repository.as_str(), of("7").commit.as_deref()), ("7", Some("head")));
        assert_eq!((of("8").repository.as_str(), of("8").commit.as_deref()), ("7", None));
    }
}
