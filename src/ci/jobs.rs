//! Jobs of CI systems that are no part of a code host: which variables name the host, the request, its commit and the run's
//! page. The variables are those that each system documents.

use super::address::{self, Whereabouts};
use super::environment::Environment;
use super::pages;
use super::run::{Ci, Phase, of_heads, of_queue};
use super::systems::System;
use crate::forge::Place;

/// What the variables of a system tell of a run. Of several, the first that is set counts; `{NAME}` stands for a variable.
struct Job {
    /// The system's name.
    system: &'static str,
    /// Addresses of the request or the repository.
    addresses: &'static [&'static str],
    /// The variable that names the kind of host, and the address of its server.
    host: Option<(&'static str, &'static str)>,
    /// The repository, where no address tells it.
    repository: &'static [&'static str],
    number: &'static [&'static str],
    commit: &'static [&'static str],
    branch: &'static [&'static str],
    page: &'static [&'static str],
}

const JOBS: &[Job] = &[
    Job {
        system: "Jenkins",
        addresses: &["{CHANGE_URL}", "{GIT_URL}"],
        host: None,
        repository: &[],
        number: &["{CHANGE_ID}"],
        commit: &["{GIT_COMMIT}"],
        branch: &["{BRANCH_NAME}"],
        page: &["{RUN_DISPLAY_URL}", "{BUILD_URL}"],
    },
    Job {
        system: "CircleCI",
        addresses: &["{CIRCLE_PULL_REQUEST}", "{CIRCLE_REPOSITORY_URL}"],
        host: None,
        repository: &["{CIRCLE_PROJECT_USERNAME}/{CIRCLE_PROJECT_REPONAME}"],
        number: &["{CIRCLE_PR_NUMBER}"],
        commit: &["{CIRCLE_SHA1}"],
        branch: &["{CIRCLE_BRANCH}"],
        page: &["{CIRCLE_BUILD_URL}"],
    },
    Job {
        system: "Woodpecker",
        addresses: &[],
        host: Some(("{CI_FORGE_TYPE}", "{CI_FORGE_URL}")),
        repository: &["{CI_REPO}"],
        number: &["{CI_COMMIT_PULL_REQUEST}"],
        commit: &["{CI_COMMIT_SHA}"],
        branch: &["{CI_COMMIT_BRANCH}"],
        page: &["{CI_PIPELINE_URL}"],
    },
    Job {
        system: "Buildkite",
        addresses: &["{BUILDKITE_REPO}"],
        host: None,
        repository: &[],
        number: &["{BUILDKITE_PULL_REQUEST}"],
        commit: &["{BUILDKITE_COMMIT}"],
        branch: &["{BUILDKITE_BRANCH}"],
        page: &["{BUILDKITE_BUILD_URL}"],
    },
    Job {
        system: "Azure Pipelines",
        addresses: &["{BUILD_REPOSITORY_URI}"],
        host: Some(("{BUILD_REPOSITORY_PROVIDER}", "{SYSTEM_COLLECTIONURI}")),
        repository: &["{SYSTEM_TEAMPROJECT}/{BUILD_REPOSITORY_NAME}"],
        number: &["{SYSTEM_PULLREQUEST_PULLREQUESTNUMBER}", "{SYSTEM_PULLREQUEST_PULLREQUESTID}"],
        commit: &["{SYSTEM_PULLREQUEST_SOURCECOMMITID}", "{BUILD_SOURCEVERSION}"],
        branch: &["{BUILD_SOURCEBRANCH}"],
        page: &["{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}"],
    },
];

/// The kinds of hosts in the words of these systems: ours, and the path of its API on the server that is named beside it.
/// Where a system names none, all users share one.
const KINDS: &[(&str, &str, Option<&str>)] = &[
    ("github", "github", Some("/api/v3")),
    ("gitlab", "gitlab", Some("/api/v4")),
    ("gitea", "gitea", Some("/api/v1")),
    ("forgejo", "gitea", Some("/api/v1")),
    ("bitbucket", "bitbucket", None),
    ("bitbucket_dc", "bitbucket-dc", Some("/rest")),
    ("TfsGit", "azure", Some("")),
];

/// Reads the variables of a run.
pub(super) fn of(environment: &Environment) -> Option<Ci> {
    let job = System::here(environment).find_map(|system| JOBS.iter().find(|job| job.system == system.name))?;
    let first = |all: &[&str]| all.iter().find_map(|text| filled(text, environment));
    let number = first(job.number).and_then(|number| number.parse().ok());
    let told = job.addresses.iter().find_map(|text| address::read(&filled(text, environment)?));
    let told = named(job, environment).or(told);
    let is_commit = |commit: &String| commit.len() >= 7 && commit.chars().all(|c| c.is_ascii_hexdigit());
    let branch = first(job.branch).map(|name| of_heads(&name).unwrap_or(name));
    let queued = branch.as_deref().and_then(|name| of_queue(&format!("refs/heads/{name}")));
    let unknown = || (None, None, String::new(), None);
    let (host, api, repository, told) =
        told.map_or_else(unknown, |it| (Some(it.host), it.api, it.repository, it.number));
    let place = Place {
        repository,
        number: number.or(told).or(queued),
        commit: first(job.commit).filter(is_commit),
        pipeline: None,
    };
    let is_request = place.number.is_some();
    let files = host.zip(place.commit.as_ref());
    let files = files.and_then(|(host, commit)| pages::files(host, api.as_deref(), &place.repository, commit));
    Some(Ci {
        host,
        api,
        place: Some(place),
        phase: if queued.is_some() { Phase::Queued } else { Phase::Proposed },
        branch: branch.filter(|_| !is_request),
        files,
        run: first(job.page).map(|page| page.replace(' ', "%20")),
        ..Ci::default()
    })
}

/// The host by the variable that names its kind.
fn named(job: &Job, environment: &Environment) -> Option<Whereabouts> {
    let (kind, server) = job.host?;
    let (kind, server) = (filled(kind, environment)?, filled(server, environment)?);
    let server = server.trim_end_matches('/');
    let (_, host, api) = KINDS.iter().find(|(name, ..)| *name == kind)?;
    // What Azure Pipelines builds from elsewhere has an address of its own, and its server is not that of the code.
    let is_elsewhere = job.system == "Azure Pipelines" && *host != "azure";
    let repository = job.repository.iter().find_map(|text| filled(text, environment)).filter(|_| !is_elsewhere)?;
    let is_shared = ["https://github.com", "https://gitlab.com"].contains(&server);
    let api = api.filter(|_| !is_shared).map(|path| format!("{server}{path}"));
    Some(Whereabouts { host, api, repository, number: None })
}

/// A text with its variables filled in; `None` where one is not set, or set to a word for "none".
fn filled(text: &str, environment: &Environment) -> Option<String> {
    let mut parts = text.split(['{', '}']);
    let mut all = parts.next()?.to_owned();
    while let Some(name) = parts.next() {
        let value = environment.given(name).filter(|value| !matches!(*value, "false" | "null"))?;
        all.push_str(value.trim());
        all.push_str(parts.next().unwrap_or_default());
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    /// A system, its variables for a branch and those that a request adds; the host, the address of its API, the repository
    /// and the run's page.
    type Row<'a> = (&'a str, Variables<'a>, Variables<'a>, &'a str, Option<&'a str>, &'a str, &'a str);

    fn of(variables: Variables<'_>) -> Ci {
        Ci::of(&Environment::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))))
    }

    /// Each system: a run for a branch, and one for a request, by the variables that it documents.
    #[test]
    fn every_system_tells_where_it_runs() {
        const SHA: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
        let rows: &[Row<'_>] = &[
            (
                "Jenkins",
                &[
                    ("JENKINS_URL", "https://ci.acme.com/"),
                    ("BUILD_URL", "https://ci.acme.com/job/3/"),
                    ("GIT_URL", "git@github.com:acme/infra.git"),
                    ("GIT_COMMIT", SHA),
                    ("BRANCH_NAME", "main"),
                ],
                &[("CHANGE_ID", "3"), ("CHANGE_URL", "https://github.com/acme/infra/pull/3"), ("BRANCH_NAME", "PR-3")],
                "github",
                None,
                "acme/infra",
                "https://ci.acme.com/job/3/",
            ),
            (
                "CircleCI",
                &[
                    ("CIRCLECI", "true"),
                    ("CIRCLE_REPOSITORY_URL", "git@bitbucket.org:acme/infra.git"),
                    ("CIRCLE_SHA1", SHA),
                    ("CIRCLE_BRANCH", "main"),
                    ("CIRCLE_BUILD_URL", "https://circleci.com/bb/acme/infra/1"),
                ],
                &[("CIRCLE_PULL_REQUEST", "https://bitbucket.org/acme/infra/pull-requests/3")],
                "bitbucket",
                None,
                "acme/infra",
                "https://circleci.com/bb/acme/infra/1",
            ),
            (
                "Woodpecker",
                &[
                    ("CI", "woodpecker"),
                    ("CI_FORGE_TYPE", "forgejo"),
                    ("CI_FORGE_URL", "https://git.acme.com/"),
                    ("CI_REPO", "acme/infra"),
                    ("CI_COMMIT_SHA", SHA),
                    ("CI_COMMIT_BRANCH", "main"),
                    ("CI_COMMIT_PULL_REQUEST", ""),
                    ("CI_PIPELINE_URL", "https://ci.acme.com/repos/7/pipeline/8"),
                ],
                &[("CI_COMMIT_PULL_REQUEST", "3")],
                "gitea",
                Some("https://git.acme.com/api/v1"),
                "acme/infra",
                "https://ci.acme.com/repos/7/pipeline/8",
            ),
            (
                "Buildkite",
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_REPO", "https://gitlab.com/acme/infra.git"),
                    ("BUILDKITE_PULL_REQUEST", "false"),
                    ("BUILDKITE_COMMIT", SHA),
                    ("BUILDKITE_BRANCH", "main"),
                    ("BUILDKITE_BUILD_URL", "https://buildkite.com/acme/infra/builds/1"),
                ],
                &[("BUILDKITE_PULL_REQUEST", "3")],
                "gitlab",
                None,
                "acme/infra",
                "https://buildkite.com/acme/infra/builds/1",
            ),
            (
                "Azure Pipelines",
                &[
                    ("TF_BUILD", "True"),
                    ("BUILD_REPOSITORY_PROVIDER", "TfsGit"),
                    ("BUILD_REPOSITORY_NAME", "infra"),
                    ("BUILD_REPOSITORY_URI", "https://acme@dev.azure.com/acme/shop/_git/infra"),
                    ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"),
                    ("SYSTEM_TEAMPROJECT", "shop"),
                    ("BUILD_SOURCEVERSION", SHA),
                    ("BUILD_SOURCEBRANCH", "refs/heads/main"),
                    ("BUILD_BUILDID", "1"),
                ],
                &[
                    ("SYSTEM_PULLREQUEST_PULLREQUESTID", "3"),
                    ("SYSTEM_PULLREQUEST_SOURCECOMMITID", SHA),
                    ("BUILD_SOURCEVERSION", "badbadbad"),
                ],
                "azure",
                Some("https://dev.azure.com/acme"),
                "shop/infra",
                "https://dev.azure.com/acme/shop/_build/results?buildId=1",
            ),
        ];
        for (name, branch, request, host, api, repository, page) in rows {
            for (more, number) in [(&[][..], None), (*request, Some(3))] {
                let ci = of(&[*branch, more].concat());
                assert_eq!((ci.host, ci.api.as_deref()), (Some(*host), *api), "{name}");
                let place = ci.place.expect("a place");
                let told = (place.repository.as_str(), place.number, place.commit.as_deref());
                assert_eq!(told, (*repository, number, Some(SHA)), "{name}");
                assert_eq!(ci.branch.as_deref(), number.is_none().then_some("main"), "{name}");
                assert_eq!(ci.run.as_deref(), Some(*page), "{name}");
            }
        }
        assert!(JOBS.iter().all(|job| rows.iter().any(|(name, ..)| *name == job.system)));
    }

    #[test]
    fn what_is_elsewhere_or_queued_is_seen() {
        let azure = |provider: &str, uri: &str| {
            of(&[
                ("TF_BUILD", "True"),
                ("BUILD_REPOSITORY_PROVIDER", provider),
                ("BUILD_REPOSITORY_URI", uri),
                ("BUILD_REPOSITORY_NAME", "acme/infra"),
                ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"),
                ("SYSTEM_TEAMPROJECT", "shop"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "9000001"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "3"),
            ])
        };
        let ci = azure("GitHub", "https://github.com/acme/infra");
        let place = ci.place.expect("a place");
        assert_eq!(
            (ci.host, ci.api, place.repository.as_str(), place.number),
            (Some("github"), None, "acme/infra", Some(3))
        );
        let queue = of(&[
            ("BUILDKITE", "true"),
            ("BUILDKITE_REPO", "git@github.com:acme/infra.git"),
            ("BUILDKITE_BRANCH", "gh-readonly-queue/main/pr-12-c0ffee"),
            ("BUILDKITE_COMMIT", "HEAD"),
        ]);
        let place = queue.place.expect("a place");
        assert_eq!((queue.phase, place.number, place.commit), (Phase::Queued, Some(12), None));
        assert_eq!(of(&[("JENKINS_URL", "x"), ("GIT_URL", "/srv/infra.git")]).host, None);
    }
}
