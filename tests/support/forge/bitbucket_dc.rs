//! As <https://developer.atlassian.com/server/bitbucket/rest> says.

use axum::response::Response;
use serde_json::{Value, json};

use super::described::{self, Described};
use super::{Asked, Comment, Dialect, Request, TOKEN, id, told};

pub(super) struct BitbucketDc;

impl Dialect for BitbucketDc {
    fn path(&self) -> &'static str {
        "/bb/rest"
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        (given("authorization") != format!("Bearer {TOKEN}")).then_some((401, "Authentication failed."))
    }

    fn described(&self) -> &'static [Described] {
        described::BITBUCKET_DC
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let text = || request.body["text"].as_str().unwrap_or_default().to_owned();
        let version = |value: Option<u64>| value.unwrap_or(u64::MAX);
        match (request.method, request.parts) {
            ("GET", ["api", "1.0", "application-properties"]) => Asked::Whoami,
            (method, ["api", "1.0", "projects", "SHOP", "repos", "infra", rest @ ..]) => match (method, rest) {
                ("GET", ["pull-requests", on, "activities"]) => {
                    let size = request.number("limit").unwrap_or(25).min(100);
                    Asked::Page { on: id(on), page: request.number("start").unwrap_or(0) / size + 1, size }
                }
                ("POST", ["pull-requests", on, "comments"]) => Asked::Create(id(on), text()),
                ("PUT", ["pull-requests", _, "comments", it]) => {
                    Asked::Versioned(Box::new(Asked::Update(id(it), text())), version(request.body["version"].as_u64()))
                }
                ("DELETE", ["pull-requests", _, "comments", it]) => {
                    let at = request.number("version").and_then(|at| u64::try_from(at).ok());
                    Asked::Versioned(Box::new(Asked::Delete(id(it))), version(at))
                }
                ("POST", ["commits", commit, "builds"]) => Asked::Mark((*commit).to_owned()),
                _ => Asked::Nothing,
            },
            _ => Asked::Nothing,
        }
    }

    fn most(&self) -> (usize, u16, Value) {
        (32_768, 400, self.error("Please enter a non-empty value less than 32768 characters"))
    }

    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)> {
        let known = ["INPROGRESS", "SUCCESSFUL", "FAILED", "CANCELLED", "UNKNOWN"];
        (!known.contains(&body["state"].as_str().unwrap_or_default())).then_some((400, "The state is not valid."))
    }

    fn error(&self, message: &str) -> Value {
        json!({"errors": [{"context": null, "message": message, "exceptionName": null}]})
    }

    fn me(&self) -> Value {
        json!({"version": "9.4.0", "displayName": "Bitbucket"})
    }

    /// Each answer names the user.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("x-ausername", "supaform%2Dbot")]
    }

    fn comment(&self, comment: &Comment, author: u64) -> Value {
        let Comment { id, body, author: name, version, .. } = comment;
        json!({"id": id, "version": version, "text": body, "author": {"name": name, "id": author, "slug": name}})
    }

    /// Comments stand among what else has happened, the newest first.
    fn page(&self, comments: Vec<Value>, next: Option<usize>, size: usize, _: &str) -> Response {
        let made = |it: Value| json!({"action": "COMMENTED", "commentAction": "ADDED", "comment": it});
        let mut values: Vec<Value> = comments.into_iter().map(made).rev().collect();
        let at_a_line = json!({"id": 9_000, "version": 0, "text": "Looks odd.", "author": {"name": "ann"}});
        values.push(
            json!({"action": "COMMENTED", "comment": at_a_line, "commentAnchor": {"path": "acme.yaml", "line": 3}}),
        );
        values.push(json!({"action": "OPENED"}));
        let start = next.map(|page| (page - 1) * size);
        told(
            200,
            &json!({"size": values.len(), "limit": size, "isLastPage": next.is_none(), "nextPageStart": start, "values": values}),
        )
    }
}
