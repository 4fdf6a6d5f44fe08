//! As <https://docs.gitea.com/api> says, of Gitea and of Forgejo.

use serde_json::{Value, json};

use super::described::{self, Described};
use super::{Asked, Comment, Dialect, Marked, Merged, Request, TOKEN, id, of_issues};

pub(super) struct Gitea;

impl Dialect for Gitea {
    fn path(&self) -> &'static str {
        "/api/v1"
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        (given("authorization") != format!("token {TOKEN}")).then_some((401, "user does not exist [uid: 0, name: ]"))
    }

    fn described(&self) -> &'static [Described] {
        described::GITEA
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let text = || request.body["body"].as_str().unwrap_or_default().to_owned();
        match (request.method, request.parts) {
            ("GET", ["user"]) => Asked::Whoami,
            // This list has no pages.
            ("GET", ["repos", "acme", "infra", "issues", on, "comments"]) => {
                Asked::Page { on: id(on), page: 1, size: usize::MAX }
            }
            ("POST", ["repos", "acme", "infra", "issues", on, "comments"]) => Asked::Create(id(on), text()),
            ("PATCH", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Update(id(it), text()),
            ("DELETE", ["repos", "acme", "infra", "issues", "comments", it]) => Asked::Delete(id(it)),
            ("POST", ["repos", "acme", "infra", "statuses", commit]) => Asked::Mark((*commit).to_owned()),
            ("GET", ["repos", "acme", "infra", "commits", commit, "statuses"]) => Asked::Marks((*commit).to_owned()),
            ("GET", ["repos", "acme", "infra", "commits", commit, "pull"]) => Asked::Requests((*commit).to_owned()),
            ("GET", ["repos", "acme", "infra", "labels"]) => Asked::KnownLabels,
            ("POST", ["repos", "acme", "infra", "labels"]) => {
                Asked::MakeLabel(request.body["name"].as_str().unwrap_or_default().to_owned())
            }
            ("POST", ["repos", "acme", "infra", "issues", _, "labels"]) => {
                Asked::NumberedLabel(request.body["labels"][0].as_u64().unwrap_or_default(), true)
            }
            ("DELETE", ["repos", "acme", "infra", "issues", _, "labels", label]) => {
                Asked::NumberedLabel(id(label), false)
            }
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

    fn mark(&self, id: u64, mark: &Marked, author: u64) -> Option<Value> {
        let Marked { author: login, body, .. } = mark;
        let (context, state, description) = (&body["context"], &body["state"], &body["description"]);
        let creator = json!({"login": login, "id": author});
        Some(json!({"id": id, "context": context, "status": state, "description": description, "creator": creator}))
    }

    /// The one that was merged with the commit, or none.
    fn requests(&self, merged: &[Merged]) -> Option<Value> {
        let it = merged.first()?;
        let head = json!({"sha": it.head, "ref": "topic", "repo_id": it.from()});
        let (number, base, commit) = (it.number, json!({"ref": it.into, "repo_id": 42}), it.made());
        let at = "2026-11-23T10:00:00Z";
        Some(json!({
            "number": number, "merged": true, "merged_at": at, "head": head, "base": base, "merge_commit_sha": commit,
        }))
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
}
