//! As <https://docs.github.com/rest/issues/comments>, <https://docs.github.com/rest/commits/statuses> and
//! <https://docs.github.com/graphql> say.

use serde_json::{Value, json};

use super::described::{self, Described};
use super::{Asked, Comment, Dialect, Marked, Merged, Request, TOKEN, decoded, id, of_issues};

pub(super) struct Github;

impl Dialect for Github {
    fn path(&self) -> &'static str {
        ""
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        if given("authorization") != format!("Bearer {TOKEN}") {
            return Some((401, "Bad credentials"));
        }
        let forbidden = given("user-agent").is_empty() || given("x-github-api-version") != "2022-11-28";
        forbidden.then_some((403, "Request forbidden by administrative rules."))
    }

    fn described(&self) -> &'static [Described] {
        described::GITHUB
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let text = || request.body["body"].as_str().unwrap_or_default().to_owned();
        let query = request.body["query"].as_str().unwrap_or_default();
        match (request.method, request.parts) {
            ("POST", ["graphql"]) if query.contains("viewer { databaseId }") => Asked::Whoami,
            ("POST", ["graphql"])
                if query.contains("minimizeComment(input: {subjectId: $id, classifier: OUTDATED})") =>
            {
                let node = request.body["variables"]["id"].as_str().unwrap_or_default();
                Asked::Hide(id(node.trim_start_matches("IC_")))
            }
            ("GET", ["repos", "acme", "infra", "issues", on, "comments"]) => request.page(on, "per_page", 30, 100),
            ("POST", ["repos", "acme", "infra", "issues", on, "comments"]) => Asked::Create(id(on), text()),
            ("PATCH", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Update(id(it), text()),
            ("DELETE", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Delete(id(it)),
            ("POST", ["repos", "acme", "infra", "statuses", commit]) => Asked::Mark((*commit).to_owned()),
            ("GET", ["repos", "acme", "infra", "commits", commit, "statuses"]) => Asked::Marks((*commit).to_owned()),
            ("GET", ["repos", "acme", "infra", "commits", commit, "pulls"]) => Asked::Requests((*commit).to_owned()),
            ("GET", ["repos", "acme", "infra", "pulls"]) if request.text("state") == "open" => {
                Asked::OpenRequests(request.text("head"))
            }
            ("POST", ["repos", "acme", "infra", "check-runs"]) => Asked::Check(None),
            ("PATCH", ["repos", "acme", "infra", "check-runs", it]) => Asked::Check(Some(id(it))),
            ("POST", ["repos", "acme", "infra", "issues", _, "labels"]) => {
                Asked::Label(request.body["labels"][0].as_str().unwrap_or_default().to_owned(), true)
            }
            ("DELETE", ["repos", "acme", "infra", "issues", _, "labels", name]) => Asked::Label(decoded(name), false),
            (_, ["repos", "acme", "infra", "issues", rest @ ..]) => of_issues(request, rest),
            _ => Asked::Nothing,
        }
    }

    fn most(&self) -> (usize, u16, Value) {
        let error = json!({
            "resource": "IssueComment", "code": "unprocessable", "field": "data",
            "message": "Body is too long (maximum is 65536 characters)",
        });
        (65_536, 422, json!({"message": "Validation Failed", "errors": [error]}))
    }

    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)> {
        let known = ["error", "failure", "pending", "success"].contains(&body["state"].as_str().unwrap_or_default());
        let described = body["description"].as_str().unwrap_or_default().chars().count();
        (!known || described > 140).then_some((422, "Validation Failed"))
    }

    /// Requests are among the issues of GitHub.
    fn among_issues(&self) -> Option<Value> {
        Some(
            json!({"number": 99, "user": {"login": super::ME}, "body": "<!-- supaform:drift:default -->", "pull_request": {}}),
        )
    }

    fn error(&self, message: &str) -> Value {
        json!({"message": message, "documentation_url": "https://docs.github.com/rest"})
    }

    fn me(&self) -> Value {
        json!({"data": {"viewer": {"databaseId": 7}}})
    }

    fn comment(&self, comment: &Comment, author: u64) -> Value {
        let Comment { id, body, author: login, .. } = comment;
        json!({"id": id, "node_id": format!("IC_{id}"), "user": {"login": login, "id": author}, "body": body})
    }

    fn mark(&self, id: u64, mark: &Marked, author: u64) -> Option<Value> {
        let Marked { author: login, body, .. } = mark;
        let (context, state, description) = (&body["context"], &body["state"], &body["description"]);
        let creator = json!({"login": login, "id": author});
        Some(json!({"id": id, "context": context, "state": state, "description": description, "creator": creator}))
    }

    /// An open request with the commit is told, too.
    fn requests(&self, merged: &[Merged]) -> Option<Value> {
        let side = |name: &str, id: u64| json!({"ref": name, "repo": {"id": id}});
        let request = |it: &Merged| {
            let mut head = side("topic", it.from());
            head["sha"] = it.head.as_str().into();
            let (base, made) = (side(it.into, 42), it.made());
            json!({"number": it.number, "merged_at": "2026-11-23T10:00:00Z", "head": head, "base": base, "merge_commit_sha": made})
        };
        let open = json!({"number": 98, "merged_at": null, "head": {"sha": "0".repeat(40)}, "base": side("main", 42)});
        Some(merged.iter().map(request).chain([open]).collect::<Vec<_>>().into())
    }

    fn hidden(&self, found: bool) -> Value {
        if found {
            json!({"data": {"minimizeComment": {"clientMutationId": null}}})
        } else {
            json!({"data": null, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node"}]})
        }
    }
}
