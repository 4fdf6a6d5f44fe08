//! Whether the manifests come from somebody who cannot write to the repository: from a pull request of a fork.
//!
//! Such manifests are read and compared, and no more: they run no command, read no variable, reach no file outside of the
//! root, and get no secret. The CI system's event decides; where a system that should say so does not, nobody is trusted.

use serde_json::Value;

use super::detect;
use super::environment::Environment;
use super::systems::{Source, System, looks_like_a_request, same_repository};
use crate::diag::codes::trust as codes;
use crate::diag::{Diagnostic, Severity};

/// Whether the manifests are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The manifests are those of somebody who can write to the repository, as far as the CI system says.
    Full,
    /// The manifests are a stranger's; with the reason.
    None(String),
    /// The CI system does not say; with its name.
    Undecided(String),
}

/// Whether the manifests are trusted. All systems that this run is on are asked, and one that says no is enough.
#[must_use]
pub fn of(environment: &Environment) -> Trust {
    let told: Vec<Trust> = System::here(environment).map(|system| of_system(system, environment)).collect();
    let worst = told.iter().find(|it| matches!(it, Trust::None(_)));
    let worst = worst.or_else(|| told.iter().find(|it| matches!(it, Trust::Undecided(_))));
    match worst {
        Some(told) => told.clone(),
        None if told.is_empty() && looks_like_a_request(environment) => {
            Trust::Undecided("this unknown CI system".to_owned())
        }
        None => Trust::Full,
    }
}

fn of_system(system: &System, environment: &Environment) -> Trust {
    let stranger = || Trust::None(format!("the request comes from another repository, as {} says", system.name));
    let trusted_if = |is: bool| if is { Trust::Full } else { stranger() };
    match system.source {
        Source::Event => of_github(environment).map_or(Trust::Full, Trust::None),
        Source::Forks(names) => trusted_if(!names.iter().any(|name| environment.has(name))),
        _ if !system.is_for_a_request(environment) => Trust::Full,
        // A system that should say so and does not is not trusted.
        Source::Flag(name) => trusted_if(environment.get(name).is_some_and(|it| it.eq_ignore_ascii_case("false"))),
        Source::Repositories(source, target) => {
            let (source, target) = (environment.get(source), environment.get(target));
            trusted_if(source.zip(target).is_some_and(|(source, target)| same_repository(source, target)))
        }
        Source::None => Trust::Full,
        Source::Untold => Trust::Undecided(system.name.to_owned()),
    }
}

/// The warning that it is not known whether the manifests are trusted.
#[must_use]
pub fn undecided(system: &str) -> Diagnostic {
    let message = format!("this run is for a request, and {system} does not say whether the request comes from a fork");
    let hint = "If requests of forks run here, give `--untrusted`; if only requests from within the repository run, ignore this.";
    Diagnostic::new(codes::UNDECIDED, Severity::Warning, message).hint(hint)
}

/// GitHub, and Gitea and Forgejo, whose events have the same form.
fn of_github(environment: &Environment) -> Option<String> {
    let event = environment.get("GITHUB_EVENT_NAME")?;
    let source = match event {
        "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_review_comment" => {
            "/pull_request/head/repo/full_name"
        }
        "workflow_run" => "/workflow_run/head_repository/full_name",
        // The event does not say whose code was checked out.
        "issue_comment" => {
            return Some("anybody may comment, and a comment does not say whose code this is".to_owned());
        }
        _ => return None,
    };
    let Some(told) = detect::event(environment) else {
        return Some(format!("the event `{event}` cannot be read from GITHUB_EVENT_PATH"));
    };
    let name = |pointer| told.pointer(pointer).and_then(Value::as_str);
    // A deleted fork has no name.
    let same = name(source).is_some_and(|source| name("/repository/full_name") == Some(source));
    (!same).then(|| "the pull request comes from a fork".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn of_event(name: &str, event: &Value) -> Option<String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(&file, event.to_string()).expect("it can be written");
        let path = file.path().to_str().expect("a path of text");
        of_github(&environment(&[("GITHUB_EVENT_NAME", name), ("GITHUB_EVENT_PATH", path)]))
    }

    #[test]
    fn a_pull_request_is_trusted_if_it_comes_from_the_repository_itself() {
        let of =
            |head: Value| json!({"repository": {"full_name": "acme/infra"}, "pull_request": {"head": {"repo": head}}});
        for name in ["pull_request", "pull_request_target", "pull_request_review"] {
            assert_eq!(of_event(name, &of(json!({"full_name": "acme/infra"}))), None);
            assert!(of_event(name, &of(json!({"full_name": "mallory/infra"}))).is_some());
            assert!(of_event(name, &of(Value::Null)).is_some(), "a fork that was deleted");
            assert!(of_event(name, &json!({})).is_some(), "an event that tells nothing");
        }
        let run = |head: &str| {
            let run = json!({"head_repository": {"full_name": head}});
            json!({"repository": {"full_name": "acme/infra"}, "workflow_run": run})
        };
        assert_eq!(of_event("workflow_run", &run("acme/infra")), None);
        assert!(of_event("workflow_run", &run("mallory/infra")).is_some());
    }

    #[test]
    fn other_events_are_trusted_and_unreadable_ones_are_not() {
        for name in ["push", "schedule", "workflow_dispatch", "merge_group"] {
            assert_eq!(of_github(&environment(&[("GITHUB_EVENT_NAME", name)])), None);
        }
        assert!(of_github(&environment(&[("GITHUB_EVENT_NAME", "pull_request")])).is_some());
        assert!(of_github(&environment(&[("GITHUB_EVENT_NAME", "issue_comment")])).is_some());
        assert_eq!(of_github(&Environment::default()), None);
    }

    #[test]
    fn a_merge_request_is_trusted_if_it_comes_from_the_project_itself() {
        let of = |source: &str| {
            let ids = [("CI_MERGE_REQUEST_PROJECT_ID", "7"), ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", source)];
            of(&environment(&[ids.as_slice(), &[("CI_MERGE_REQUEST_IID", "3"), ("GITLAB_CI", "true")]].concat()))
        };
        assert_eq!(of("7"), Trust::Full);
        assert!(matches!(of("8"), Trust::None(_)));
        let none = |pairs: &[(&str, &str)]| matches!(super::of(&environment(pairs)), Trust::None(_));
        assert!(none(&[("CI_MERGE_REQUEST_IID", "3")]));
        assert!(!none(&[("CI_PIPELINE_SOURCE", "schedule")]));
        assert!(none(&[("CI_PIPELINE_SOURCE", "external_pull_request_event")]));
    }

    /// Each system: a run for a branch, for a request from within the repository, and for one of a fork, by the variables
    /// that it documents.
    #[test]
    fn every_ci_system_reports_forks_in_its_own_way() {
        type Variables = &'static [(&'static str, &'static str)];
        let rows: &[(&str, Variables, Variables, Variables)] = &[
            (
                "CircleCI",
                &[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "main")],
                &[("CIRCLE_PULL_REQUEST", "https://github.com/acme/infra/pull/3")],
                &[("CIRCLE_PR_NUMBER", "3"), ("CIRCLE_PR_USERNAME", "mallory"), ("CIRCLE_PR_REPONAME", "infra")],
            ),
            (
                "Azure Pipelines",
                &[("TF_BUILD", "True"), ("BUILD_REASON", "IndividualCI")],
                &[("SYSTEM_PULLREQUEST_PULLREQUESTID", "9"), ("SYSTEM_PULLREQUEST_ISFORK", "False")],
                &[("SYSTEM_PULLREQUEST_PULLREQUESTID", "9"), ("SYSTEM_PULLREQUEST_ISFORK", "True")],
            ),
            (
                "Buildkite",
                &[("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST", "false"), ("BUILDKITE_PULL_REQUEST_REPO", "")],
                &[
                    ("BUILDKITE_PULL_REQUEST", "3"),
                    ("BUILDKITE_REPO", "git@github.com:acme/infra.git"),
                    ("BUILDKITE_PULL_REQUEST_REPO", "https://github.com/Acme/infra"),
                ],
                &[
                    ("BUILDKITE_PULL_REQUEST", "3"),
                    ("BUILDKITE_REPO", "git@github.com:acme/infra.git"),
                    ("BUILDKITE_PULL_REQUEST_REPO", "git://github.com/mallory/infra.git"),
                ],
            ),
            (
                "Travis CI",
                &[("TRAVIS", "true"), ("TRAVIS_PULL_REQUEST", "false"), ("TRAVIS_PULL_REQUEST_SLUG", "")],
                &[
                    ("TRAVIS_PULL_REQUEST", "3"),
                    ("TRAVIS_PULL_REQUEST_SLUG", "acme/infra"),
                    ("TRAVIS_REPO_SLUG", "acme/infra"),
                ],
                &[
                    ("TRAVIS_PULL_REQUEST", "3"),
                    ("TRAVIS_PULL_REQUEST_SLUG", "mallory/infra"),
                    ("TRAVIS_REPO_SLUG", "acme/infra"),
                ],
            ),
            (
                "AppVeyor",
                &[("APPVEYOR", "True"), ("APPVEYOR_REPO_NAME", "acme/infra")],
                &[
                    ("APPVEYOR_PULL_REQUEST_NUMBER", "3"),
                    ("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "acme/infra"),
                    ("APPVEYOR_REPO_NAME", "acme/infra"),
                ],
                &[
                    ("APPVEYOR_PULL_REQUEST_NUMBER", "3"),
                    ("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "mallory/infra"),
                    ("APPVEYOR_REPO_NAME", "acme/infra"),
                ],
            ),
            (
                "Semaphore",
                &[("SEMAPHORE", "true"), ("SEMAPHORE_GIT_REF_TYPE", "branch")],
                &[
                    ("SEMAPHORE_GIT_REF_TYPE", "pull-request"),
                    ("SEMAPHORE_GIT_PR_SLUG", "acme/infra"),
                    ("SEMAPHORE_GIT_REPO_SLUG", "acme/infra"),
                ],
                &[
                    ("SEMAPHORE_GIT_REF_TYPE", "pull-request"),
                    ("SEMAPHORE_GIT_PR_SLUG", "mallory/infra"),
                    ("SEMAPHORE_GIT_REPO_SLUG", "acme/infra"),
                ],
            ),
            (
                "Jenkins",
                &[("JENKINS_URL", "https://ci.acme.com/"), ("BRANCH_NAME", "main")],
                &[("CHANGE_ID", "3"), ("CHANGE_TARGET", "main")],
                &[("CHANGE_ID", "3"), ("CHANGE_FORK", "mallory")],
            ),
            (
                "Codefresh",
                &[("CF_BUILD_ID", "1")],
                &[("CF_PULL_REQUEST_NUMBER", "3"), ("CF_PULL_REQUEST_IS_FORK", "false")],
                &[("CF_PULL_REQUEST_NUMBER", "3"), ("CF_PULL_REQUEST_IS_FORK", "true")],
            ),
            (
                "Bitrise",
                &[("BITRISE_IO", "true"), ("GIT_REPOSITORY_URL", "git@github.com:acme/infra.git")],
                &[
                    ("BITRISE_PULL_REQUEST", "3"),
                    ("BITRISEIO_PULL_REQUEST_REPOSITORY_URL", "https://github.com/acme/infra.git"),
                    ("GIT_REPOSITORY_URL", "git@github.com:acme/infra.git"),
                ],
                &[
                    ("BITRISE_PULL_REQUEST", "3"),
                    ("BITRISEIO_PULL_REQUEST_REPOSITORY_URL", "https://github.com/mallory/infra.git"),
                    ("GIT_REPOSITORY_URL", "git@github.com:acme/infra.git"),
                ],
            ),
        ];
        for (name, branch, own, fork) in rows {
            let of = |more: Variables| of(&environment(&[*branch, more].concat()));
            assert_eq!(of(&[]), Trust::Full, "{name}: a branch");
            assert_eq!(of(own), Trust::Full, "{name}: a request of the repository itself");
            assert!(matches!(of(fork), Trust::None(why) if why.contains(name)), "{name}: a request of a fork");
            // A system that should say so and does not is not trusted.
            if own.len() > 1 && !own.contains(&("CHANGE_ID", "3")) {
                assert!(matches!(of(&own[..1]), Trust::None(_)), "{name}: a request that tells nothing");
            }
        }
    }

    #[test]
    fn a_system_that_does_not_report_forks_is_undecided() {
        let of = |pairs: &[(&str, &str)]| of(&environment(pairs));
        for request in [
            &[("DRONE", "true"), ("DRONE_BUILD_EVENT", "pull_request")][..],
            &[("CI", "woodpecker"), ("CI_PIPELINE_EVENT", "pull_request"), ("CI_COMMIT_PULL_REQUEST", "3")],
            &[("CI", "true"), ("CIRRUS_CI", "true"), ("CIRRUS_PR", "3")],
            &[("CODEBUILD_BUILD_ID", "x"), ("CODEBUILD_WEBHOOK_TRIGGER", "pr/3")],
            &[("JENKINS_URL", "https://ci.acme.com/"), ("ghprbPullId", "3")],
            &[("CI", "true"), ("PULL_REQUEST_NUMBER", "3")],
            &[("CI", "1"), ("CHANGE_ID", "3")],
        ] {
            assert!(matches!(of(request), Trust::Undecided(_)), "{request:?}");
        }
        for other in [
            &[][..],
            &[("DRONE", "true"), ("DRONE_BUILD_EVENT", "push")],
            &[("CI", "woodpecker"), ("CI_PIPELINE_EVENT", "push"), ("CI_COMMIT_PULL_REQUEST", "")],
            &[("CI", "true"), ("PULL_REQUEST", "false")],
            &[("PULL_REQUEST_NUMBER", "3")],
            &[("CI", "true"), ("BITBUCKET_BUILD_NUMBER", "3"), ("BITBUCKET_PR_ID", "12")],
            &[("CI", "true"), ("GITLAB_CI", "true"), ("PR_NUMBER", "3")],
        ] {
            assert_eq!(of(other), Trust::Full, "{other:?}");
        }
        // One system has started the runner of another: one that says no is enough.
        let both = [("JENKINS_URL", "x"), ("CHANGE_FORK", "mallory"), ("DRONE", "true"), ("DRONE_PULL_REQUEST", "3")];
        assert!(matches!(of(&both), Trust::None(_)));
    }
}
