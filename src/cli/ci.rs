//! What the CI system tells by its variables: where the code lives, which request this is, and where results may go.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;

use super::environment::Environment;
use crate::forge::Place;

/// The most of an event that is read: what GitHub sends is at most 25 MB.
const MOST_EVENT: u64 = 25 * 1024 * 1024;

/// A run of a CI system.
#[derive(Debug, Default)]
pub(super) struct Ci {
    /// The word for the code host.
    pub host: Option<&'static str>,
    /// The address of its API.
    pub api: Option<String>,
    /// The request.
    pub place: Option<Place>,
    /// Where this run is looked at.
    pub run: Option<String>,
    /// A file whose Markdown is shown with the run.
    pub summary: Option<PathBuf>,
    /// A file of values for later steps.
    pub outputs: Option<PathBuf>,
    /// Whether lines of the log become annotations.
    pub annotates: bool,
}

/// The event that started the run, as GitHub tells it, and Gitea and Forgejo, too.
pub(super) fn event(environment: &Environment) -> Option<Value> {
    let mut text = vec![];
    File::open(environment.get("GITHUB_EVENT_PATH")?).ok()?.take(MOST_EVENT).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

impl Ci {
    pub(super) fn of(environment: &Environment) -> Self {
        if environment.has("GITLAB_CI") {
            gitlab(environment)
        } else if environment.has("BITBUCKET_BUILD_NUMBER") {
            bitbucket(environment)
        } else if environment.has("GITHUB_ACTIONS") || environment.has("GITEA_ACTIONS") {
            github(environment)
        } else {
            Self::default()
        }
    }
}

fn owned(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn github(environment: &Environment) -> Ci {
    let get = |name: &str| owned(environment, name);
    let event = event(environment).unwrap_or_default();
    let number = ["/pull_request/number", "/workflow_run/pull_requests/0/number", "/issue/number"];
    let commit = ["/pull_request/head/sha", "/workflow_run/head_sha"];
    let commit = commit.iter().find_map(|pointer| event.pointer(pointer)?.as_str().map(str::to_owned));
    let place = get("GITHUB_REPOSITORY").map(|repository| Place {
        repository,
        number: number.iter().find_map(|pointer| event.pointer(pointer)?.as_u64()),
        commit: commit.or_else(|| get("GITHUB_SHA")),
    });
    let api = get("GITHUB_API_URL");
    let gitea = environment.has("GITEA_ACTIONS")
        || environment.has("FORGEJO_ACTIONS")
        || api.as_ref().is_some_and(|api| api.ends_with("/api/v1"));
    let run = get("GITHUB_SERVER_URL").zip(get("GITHUB_REPOSITORY")).zip(get("GITHUB_RUN_ID"));
    Ci {
        host: Some(if gitea { "gitea" } else { "github" }),
        api: api.or_else(|| (!gitea).then(|| "https://api.github.com".to_owned())),
        place,
        run: run.map(|((server, repository), id)| format!("{server}/{repository}/actions/runs/{id}")),
        summary: get("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        outputs: get("GITHUB_OUTPUT").map(PathBuf::from),
        annotates: true,
    }
}

fn gitlab(environment: &Environment) -> Ci {
    let get = |name: &str| owned(environment, name);
    // Of a fork's merge request the pipeline may run in the fork; the request is in the project that it is for.
    let project = get("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| get("CI_PROJECT_ID"));
    let place = project.map(|repository| Place {
        repository,
        number: get("CI_MERGE_REQUEST_IID").and_then(|number| number.parse().ok()),
        commit: get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| get("CI_COMMIT_SHA")),
    });
    Ci { host: Some("gitlab"), api: get("CI_API_V4_URL"), place, run: get("CI_JOB_URL"), ..Ci::default() }
}

fn bitbucket(environment: &Environment) -> Ci {
    let get = |name: &str| owned(environment, name);
    let place = get("BITBUCKET_REPO_FULL_NAME").map(|repository| Place {
        repository,
        number: get("BITBUCKET_PR_ID").and_then(|number| number.parse().ok()),
        commit: get("BITBUCKET_COMMIT"),
    });
    let run = get("BITBUCKET_REPO_FULL_NAME").zip(get("BITBUCKET_BUILD_NUMBER"));
    Ci {
        host: Some("bitbucket"),
        api: Some("https://api.bitbucket.org/2.0".to_owned()),
        place,
        run: run.map(|(repository, build)| format!("https://bitbucket.org/{repository}/pipelines/results/{build}")),
        ..Ci::default()
    }
}
