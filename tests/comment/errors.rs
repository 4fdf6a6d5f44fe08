//! What goes wrong on the way to a host is told, and tried again where that helps.

use super::{HOSTS, Job};
use crate::support::forge::{Fault, ME};

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
