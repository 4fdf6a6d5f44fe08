//! As <https://docs.github.com/rest/issues/comments>, <https://docs.github.com/rest/commits/statuses> and
//! <https://docs.github.com/graphql> say.

use serde_json::{Value, json};

use super::{Asked, Comment, Dialect, Request, TOKEN, id, of_issues};

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
            ("GET", ["repos", "acme", "infra", "issues", "12", "comments"]) => request.page("per_page", 30, 100),
            ("POST", ["repos", "acme", "infra", "issues", "12", "comments"]) => Asked::Create(text()),
            ("PATCH", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Update(id(it), text()),
            ("DELETE", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Delete(id(it)),
            ("POST", ["repos", "acme", "infra", "statuses", _]) => Asked::Mark,
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

    fn hidden(&self, found: bool) -> Value {
        if found {
            json!({"data": {"minimizeComment": {"clientMutationId": null}}})
        } else {
            json!({"data": null, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node"}]})
        }
    }
}
