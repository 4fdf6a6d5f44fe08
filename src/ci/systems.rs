//! CI systems: how each is recognised, and which variables say that a run is for a request, and whether the request comes
//! from another repository. The variables are those that each system documents.

use super::environment::Environment;

/// A CI system.
pub(super) struct System {
    /// Its name.
    pub name: &'static str,
    /// The run is on this system if all of these hold.
    here: &'static [Sign],
    /// The run is for a request if one of these holds.
    request: &'static [Sign],
    /// How the system says where the request comes from.
    pub source: Source,
}

/// A condition on a variable.
#[derive(Clone, Copy)]
enum Sign {
    /// It is set.
    Set(&'static str),
    /// It has this value.
    Is(&'static str, &'static str),
    /// It is set, and not to a word for "none".
    Some(&'static str),
    /// It begins with this text.
    Begins(&'static str, &'static str),
}

/// How a system says whether a request comes from another repository.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// In the event, which GitHub writes to a file.
    Event,
    /// One of these variables is set for requests of forks, and for no other run.
    Forks(&'static [&'static str]),
    /// `true` for requests of forks, `false` for others.
    Flag(&'static str),
    /// In the names of the source and the target repository.
    Repositories(&'static str, &'static str),
    /// Requests of forks do not run there.
    None,
    /// Not at all.
    Untold,
}

use Sign::{Begins, Is, Set, Some as Any};

const fn system(name: &'static str, here: &'static [Sign], request: &'static [Sign], source: Source) -> System {
    System { name, here, request, source }
}

/// The known systems.
pub(super) const SYSTEMS: &[System] = &[
    system("GitHub, Gitea or Forgejo", &[Set("GITHUB_EVENT_NAME")], &[Set("GITHUB_EVENT_NAME")], Source::Event),
    system(
        "GitLab",
        &[Is("CI_PIPELINE_SOURCE", "external_pull_request_event")],
        &[Is("CI_PIPELINE_SOURCE", "external_pull_request_event")],
        Source::Repositories(
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
            "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY",
        ),
    ),
    system(
        "GitLab",
        &[Set("CI_MERGE_REQUEST_IID")],
        &[Set("CI_MERGE_REQUEST_IID")],
        Source::Repositories("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID"),
    ),
    system("GitLab", &[Set("GITLAB_CI")], &[], Source::None),
    // Bitbucket runs pipelines for requests from within the repository only.
    system("Bitbucket", &[Set("BITBUCKET_BUILD_NUMBER")], &[Set("BITBUCKET_PR_ID")], Source::None),
    system(
        "CircleCI",
        &[Set("CIRCLECI")],
        &[Set("CIRCLE_PULL_REQUEST"), Set("CIRCLE_PULL_REQUESTS"), Set("CIRCLE_PR_NUMBER")],
        Source::Forks(&["CIRCLE_PR_USERNAME", "CIRCLE_PR_REPONAME", "CIRCLE_PR_NUMBER"]),
    ),
    system(
        "Azure Pipelines",
        &[Set("TF_BUILD")],
        &[Set("SYSTEM_PULLREQUEST_PULLREQUESTID"), Is("BUILD_REASON", "PullRequest")],
        Source::Flag("SYSTEM_PULLREQUEST_ISFORK"),
    ),
    system(
        "Buildkite",
        &[Set("BUILDKITE")],
        &[Any("BUILDKITE_PULL_REQUEST")],
        Source::Repositories("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO"),
    ),
    system(
        "Travis CI",
        &[Set("TRAVIS")],
        &[Any("TRAVIS_PULL_REQUEST")],
        Source::Repositories("TRAVIS_PULL_REQUEST_SLUG", "TRAVIS_REPO_SLUG"),
    ),
    system(
        "AppVeyor",
        &[Set("APPVEYOR")],
        &[Any("APPVEYOR_PULL_REQUEST_NUMBER")],
        Source::Repositories("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "APPVEYOR_REPO_NAME"),
    ),
    system(
        "Semaphore",
        &[Set("SEMAPHORE")],
        &[Is("SEMAPHORE_GIT_REF_TYPE", "pull-request"), Any("SEMAPHORE_GIT_PR_NUMBER")],
        Source::Repositories("SEMAPHORE_GIT_PR_SLUG", "SEMAPHORE_GIT_REPO_SLUG"),
    ),
    system("Jenkins", &[Set("JENKINS_URL")], &[Set("CHANGE_ID")], Source::Forks(&["CHANGE_FORK"])),
    system(
        "Jenkins with GitLab's plugin",
        &[Set("gitlabMergeRequestIid")],
        &[Set("gitlabMergeRequestIid")],
        Source::Repositories("gitlabSourceRepoHttpUrl", "gitlabTargetRepoHttpUrl"),
    ),
    system("Jenkins with the pull request builder", &[Set("ghprbPullId")], &[Set("ghprbPullId")], Source::Untold),
    system(
        "Codefresh",
        &[Set("CF_BUILD_ID")],
        &[Any("CF_PULL_REQUEST_NUMBER")],
        Source::Flag("CF_PULL_REQUEST_IS_FORK"),
    ),
    system(
        "Bitrise",
        &[Set("BITRISE_IO")],
        &[Any("BITRISE_PULL_REQUEST")],
        Source::Repositories("BITRISEIO_PULL_REQUEST_REPOSITORY_URL", "GIT_REPOSITORY_URL"),
    ),
    system(
        "Drone",
        &[Set("DRONE")],
        &[Is("DRONE_BUILD_EVENT", "pull_request"), Any("DRONE_PULL_REQUEST")],
        Source::Untold,
    ),
    system(
        "Woodpecker",
        &[Is("CI", "woodpecker")],
        &[Begins("CI_PIPELINE_EVENT", "pull_request"), Any("CI_COMMIT_PULL_REQUEST")],
        Source::Untold,
    ),
    system("Cirrus CI", &[Set("CIRRUS_CI")], &[Any("CIRRUS_PR")], Source::Untold),
    system(
        "AWS CodeBuild",
        &[Set("CODEBUILD_BUILD_ID")],
        &[Begins("CODEBUILD_WEBHOOK_TRIGGER", "pr/")],
        Source::Untold,
    ),
    system("Prow", &[Set("PROW_JOB_ID")], &[Any("PULL_NUMBER")], Source::Untold),
];

/// Variables by which an unknown system may show that a run is for a request.
const USUAL: &[Sign] = &[
    Any("PR_NUMBER"),
    Any("PULL_REQUEST"),
    Any("PULL_REQUEST_ID"),
    Any("PULL_REQUEST_NUMBER"),
    Any("PULL_NUMBER"),
    Any("CI_PULL_REQUEST"),
    Any("CI_PULL_REQUESTS"),
    Any("CI_PULL_REQUEST_NUMBER"),
    Any("CI_MERGE_REQUEST"),
    Any("CHANGE_ID"),
    Any("MERGE_REQUEST_IID"),
];

impl Sign {
    fn is_there(self, environment: &Environment) -> bool {
        let is = |name: &str, right: &dyn Fn(&str) -> bool| environment.get(name).is_some_and(right);
        match self {
            Set(name) => environment.has(name),
            Is(name, value) => is(name, &|it| it == value),
            Any(name) => is(name, &|it| !matches!(it.to_ascii_lowercase().as_str(), "" | "false" | "0" | "null")),
            Begins(name, start) => is(name, &|it| it.starts_with(start)),
        }
    }
}

impl System {
    /// The systems that this run is on; one system may start the runner of another.
    pub(super) fn here(environment: &Environment) -> impl Iterator<Item = &'static Self> {
        SYSTEMS.iter().filter(|system| system.here.iter().all(|sign| sign.is_there(environment)))
    }

    /// Whether the run is for a request.
    pub(super) fn is_for_a_request(&self, environment: &Environment) -> bool {
        self.request.iter().any(|sign| sign.is_there(environment))
    }
}

/// Whether a run on an unknown system looks like one for a request.
pub(super) fn looks_like_a_request(environment: &Environment) -> bool {
    Any("CI").is_there(environment) && USUAL.iter().any(|sign| sign.is_there(environment))
}

/// Whether both name the same repository: by slug, or by an address in any of git's forms.
pub(super) fn same_repository(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let (scheme, rest) = text.split_once("://").map_or((false, text), |(_, rest)| (true, rest));
        let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
        // `host:path` is git's short form of an address.
        let rest = if scheme { rest.to_owned() } else { rest.replacen(':', "/", 1) };
        let rest = rest.trim_end_matches('/');
        rest.strip_suffix(".git").unwrap_or(rest).to_ascii_lowercase()
    };
    !one.is_empty() && plain(one) == plain(other)
}
