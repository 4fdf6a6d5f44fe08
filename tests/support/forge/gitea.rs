//! As <https://docs.gitea.com/api> says, of Gitea and of Forgejo.

use axum::response::Response;
use serde_json::{Value, json};

use super::{Asked, Comment, Dialect, Request, TOKEN, id, of_issues, told};

pub(super) struct Gitea;

impl Dialect for Gitea {
    fn path(&self) -> &'static str {
        "/api/v1"
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        (given("authorization") != format!("token {TOKEN}")).then_some((401, "user does not exist [uid: 0, name: ]"))
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let text = || request.body["body"].as_str().unwrap_or_default().to_owned();
        match (request.method, request.parts) {
            ("GET", ["user"]) => Asked::Whoami,
            ("GET", ["repos", "acme", "infra", "issues", "12", "comments"]) => request.page("limit", 30, 50),
            ("POST", ["repos", "acme", "infra", "issues", "12", "comments"]) => Asked::Create(text()),
            ("PATCH", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Update(id(it), text()),
            ("DELETE", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Delete(id(it)),
            ("POST", ["repos", "acme", "infra", "statuses", _]) => Asked::Mark,
            (_, ["repos", "acme", "infra", "issues", rest @ ..]) => of_issues(request, rest),
            _ => Asked::Nothing,
        }
    }

    fn most(&self) -> (usize, u16, Value) {
        (65_535, 422, self.error("[Body]: MaxSize"))
    }

    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)> {
        let known = ["pending", "success", "error", "failure", "warning", "skipped"];
        (!known.contains(&body["state"].as_str().unwrap_or_default())).then_some((422, "[State]: Required"))
    }

    fn error(&self, message: &str) -> Value {
        json!({"message": message, "url": "https://gitea.example.com/api/swagger"})
    }

    fn me(&self) -> Value {
        json!({"id": 7, "login": super::ME})
    }

    fn comment(&self, comment: &Comment, author: u64) -> Value {
        let Comment { id, body, author: login, .. } = comment;
        json!({"id": id, "user": {"id": author, "login": login}, "body": body})
    }

    /// Its links have the address by which people know it, whatever it was asked by.
    fn page(&self, comments: Vec<Value>, next: Option<usize>, size: usize, _: &str) -> Response {
        let mut response = told(200, &comments.into());
        if let Some(next) = next {
            let page = "https://gitea.example.com/api/v1/repos/acme/infra/issues/12/comments";
            let link = format!("<{page}?limit={size}&page={next}>; rel=\"next\",<{page}?page=9>; rel=\"last\"");
            response.headers_mut().insert("link", link.parse().expect("a header"));
        }
        response
    }
}
