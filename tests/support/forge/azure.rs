//! As <https://learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads> and …/pull-request-statuses say.

use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::described::{self, Described};
use super::{Asked, Comment, Dialect, Request, TOKEN, decoded, id, told};

pub(super) struct Azure;

impl Dialect for Azure {
    fn path(&self) -> &'static str {
        "/acme"
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        let known = format!("Basic {}", BASE64_STANDARD.encode(format!(":{TOKEN}")));
        (given("authorization") != known).then_some((401, "TF400813: The user is not authorized."))
    }

    fn described(&self) -> &'static [Described] {
        described::AZURE
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let content = |of: &Value| of["content"].as_str().unwrap_or_default().to_owned();
        match (request.method, request.parts) {
            ("GET", ["_apis", "connectionData"]) => Asked::Whoami,
            (method, ["My%20Shop", "_apis", "git", "repositories", "infra", rest @ ..]) => match (method, rest) {
                ("GET", ["pullRequests", on, "threads"]) => Asked::Page { on: id(on), page: 1, size: usize::MAX },
                ("POST", ["pullRequests", on, "threads"]) => {
                    Asked::Create(id(on), content(&request.body["comments"][0]))
                }
                ("PATCH", ["pullRequests", _, "threads", it, "comments", "1"]) => {
                    Asked::Update(id(it), content(request.body))
                }
                ("DELETE", ["pullRequests", _, "threads", it, "comments", "1"]) => Asked::Delete(id(it)),
                ("POST", ["pullRequests", _, "statuses"]) => Asked::Mark("of the request".to_owned()),
                ("POST", ["pullRequests", _, "labels"]) => {
                    Asked::Label(request.body["name"].as_str().unwrap_or_default().to_owned(), true)
                }
                ("DELETE", ["pullRequests", _, "labels", name]) => Asked::Label(decoded(name), false),
                ("POST", ["commits", commit, "statuses"]) => Asked::Mark((*commit).to_owned()),
                _ => Asked::Nothing,
            },
            _ => Asked::Nothing,
        }
    }

    fn most(&self) -> (usize, u16, Value) {
        (150_000, 400, self.error("The comment must be less than 150000 characters."))
    }

    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)> {
        let known = ["notSet", "pending", "succeeded", "failed", "error", "notApplicable"];
        let known = known.contains(&body["state"].as_str().unwrap_or_default());
        (!known || body["context"]["name"].is_null()).then_some((400, "The status is not valid."))
    }

    fn error(&self, message: &str) -> Value {
        json!({"$id": "1", "innerException": null, "message": message, "typeKey": "VssServiceException"})
    }

    fn me(&self) -> Value {
        json!({"authenticatedUser": {"id": "00000000-0000-0000-0000-000000000007", "isActive": true}})
    }

    fn comment(&self, comment: &Comment, author: u64) -> Value {
        let Comment { id, body, author: name, .. } = comment;
        let author = json!({"id": format!("00000000-0000-0000-0000-{author:012}"), "displayName": name});
        let first = json!({"id": 1, "author": author, "content": body, "commentType": "text"});
        json!({"id": id, "comments": [first], "status": "closed", "isDeleted": false})
    }

    /// What the system itself says stands among the threads.
    fn page(&self, mut threads: Vec<Value>, _: Option<usize>, _: usize, _: &str) -> Response {
        let first = json!({"id": 1, "author": {"id": "x"}, "content": "voted 10", "commentType": "system"});
        threads.push(json!({"id": 9_000, "comments": [first], "isDeleted": false}));
        told(200, &json!({"count": threads.len(), "value": threads}))
    }
}
