//! Whether the manifests come from somebody who may not write to the repository: a pull request of a fork.
//!
//! What such manifests say is read and compared, and no more: they run no command, read no variable, reach no file outside of
//! the root, and no secret is resolved for them. What the CI system tells of the event decides; where it should tell and does
//! not, nobody is trusted.

use serde_json::Value;

use super::environment::Environment;
use super::options::Global;
use super::{Failure, Run, ci};
use crate::diag::codes::trust as codes;
use crate::exit::Exit;

/// Why the manifests are not trusted; nothing where they are.
pub(super) fn why(global: &Global, environment: &Environment) -> Option<String> {
    if global.untrusted {
        return Some("`--untrusted` is given".to_owned());
    }
    // Within the process there is nothing that they could reach.
    if global.sandbox.is_some() {
        return None;
    }
    of_gitlab(environment).or_else(|| of_github(environment))
}

/// Takes away what untrusted manifests must not reach.
pub(super) fn restrict(global: &mut Global) {
    global.allow_exec = false;
    global.allow_env.clear();
    global.secret_dir.clear();
    global.secrets_from = None;
}

impl Run {
    /// Refuses what is never done for untrusted manifests.
    pub(super) fn require_trust(&self, what: &str) -> Result<(), Failure> {
        let Some(why) = &self.untrusted else { return Ok(()) };
        let message = format!("untrusted manifests are never {what}, and these are: {why}");
        let hint = "Do it for what was merged, in a run for a commit of the repository itself.";
        Err(Failure::with_hint(Exit::Refused, codes::UNTRUSTED, message, hint))
    }

    /// The same, but for the sandbox within the process, where there is nothing to see.
    pub(super) fn require_trust_to_look(&self) -> Result<(), Failure> {
        if self.global.sandbox.is_some() {
            Ok(())
        } else {
            self.require_trust("looked up live, except by `plan --base REV`")
        }
    }
}

fn of_gitlab(environment: &Environment) -> Option<String> {
    let (source, target) = match environment.get("CI_PIPELINE_SOURCE") {
        Some("external_pull_request_event") => {
            ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY")
        }
        _ if environment.has("CI_MERGE_REQUEST_IID") => {
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID")
        }
        _ => return None,
    };
    let same = environment.get(source).is_some_and(|source| environment.get(target) == Some(source));
    (!same).then(|| "the merge request comes from another project".to_owned())
}

/// GitHub, and Gitea and Forgejo, which tell their events in the same way.
fn of_github(environment: &Environment) -> Option<String> {
    let event = environment.get("GITHUB_EVENT_NAME")?;
    let source = match event {
        "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_review_comment" => {
            "/pull_request/head/repo/full_name"
        }
        "workflow_run" => "/workflow_run/head_repository/full_name",
        // It does not tell whose code was checked out.
        "issue_comment" => {
            return Some("anybody may comment, and a comment does not tell whose code this is".to_owned());
        }
        _ => return None,
    };
    let Some(told) = ci::event(environment) else {
        return Some(format!("the event `{event}` cannot be read from GITHUB_EVENT_PATH"));
    };
    let name = |pointer| told.pointer(pointer).and_then(Value::as_str);
    // A fork that was deleted has no name.
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
            of_gitlab(&environment(&[ids.as_slice(), &[("CI_MERGE_REQUEST_IID", "3")]].concat()))
        };
        assert_eq!(of("7"), None);
        assert!(of("8").is_some());
        assert!(of_gitlab(&environment(&[("CI_MERGE_REQUEST_IID", "3")])).is_some());
        assert_eq!(of_gitlab(&environment(&[("CI_PIPELINE_SOURCE", "schedule")])), None);
        assert!(of_gitlab(&environment(&[("CI_PIPELINE_SOURCE", "external_pull_request_event")])).is_some());
    }
}
