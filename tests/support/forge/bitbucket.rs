//! As <https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests> and …/api-group-commit-statuses say.

use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::described::{self, Described};
use super::{Asked, Comment, Dialect, Request, TOKEN, id, told};

pub(super) struct Bitbucket;

impl Dialect for Bitbucket {
    fn path(&self) -> &'static str {
        "/2.0"
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        // A token of a repository by itself, and one of a person with their address.
        let basic = BASE64_STANDARD.encode(format!("ann@example.com:{TOKEN}"));
        let known = [format!("Bearer {TOKEN}"), format!("Basic {basic}")].contains(&given("authorization"));
        (!known).then_some((401, "Token is invalid, expired, or not supported for this endpoint."))
    }

    fn described(&self) -> &'static [Described] {
        described::BITBUCKET
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let text = || request.body["content"]["raw"].as_str().unwrap_or_default().to_owned();
        match (request.method, request.parts) {
            ("GET", ["user"]) => Asked::Whoami,
            ("GET", ["repositories", "acme", "infra", "pullrequests", on, "comments"]) => {
                request.page(on, "pagelen", 10, 100)
            }
            ("POST", ["repositories", "acme", "infra", "pullrequests", on, "comments"]) => {
                Asked::Create(id(on), text())
            }
            ("PUT", ["repositories", "acme", "infra", "pullrequests", _, "comments", it]) => {
                Asked::Update(id(it), text())
            }
            ("DELETE", ["repositories", "acme", "infra", "pullrequests", _, "comments", it]) => Asked::Delete(id(it)),
            ("POST", ["repositories", "acme", "infra", "commit", commit, "statuses", "build"]) => {
                Asked::Mark((*commit).to_owned())
            }
            _ => Asked::Nothing,
        }
    }

    fn most(&self) -> (usize, u16, Value) {
        (32_768, 400, self.error("Please enter a non-empty value less than 32768 characters"))
    }

    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)> {
        if body["key"].as_str().unwrap_or_default().chars().count() > 40 {
            return Some((400, "key: Ensure this value has at most 40 characters"));
        }
        let known = ["INPROGRESS", "SUCCESSFUL", "FAILED", "STOPPED"];
        let known = known.contains(&body["state"].as_str().unwrap_or_default()) && body["url"].is_string();
        (!known).then_some((400, "Bad request"))
    }

    fn error(&self, message: &str) -> Value {
        json!({"type": "error", "error": {"message": message}})
    }

    fn me(&self) -> Value {
        json!({"uuid": "{7}", "type": "user"})
    }

    fn nameless(&self) -> (u16, Value) {
        (403, self.error("Your credentials lack one or more required privilege scopes."))
    }

    fn comment(&self, comment: &Comment, author: u64) -> Value {
        let Comment { id, body, .. } = comment;
        json!({"id": id, "user": {"uuid": format!("{{{author}}}")}, "content": {"raw": body}, "deleted": body.is_empty()})
    }

    fn page(&self, comments: Vec<Value>, next: Option<usize>, size: usize, address: &str) -> Response {
        let mut body = json!({"values": comments, "pagelen": size});
        if let Some(next) = next {
            body["next"] = format!("{address}?pagelen={size}&page={next}").into();
        }
        told(200, &body)
    }
}
