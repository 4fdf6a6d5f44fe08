//! As <https://docs.gitlab.com/api/notes> and <https://docs.gitlab.com/api/commits> say.

use serde_json::{Value, json};

use super::described::{self, Described};
use super::{Asked, Comment, Dialect, Issue, Marked, Merged, Request, TOKEN, id};

pub(super) struct Gitlab;

impl Dialect for Gitlab {
    fn path(&self) -> &'static str {
        "/api/v4"
    }

    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)> {
        (given("private-token") != TOKEN).then_some((401, "401 Unauthorized"))
    }

    fn described(&self) -> &'static [Described] {
        described::GITLAB
    }

    fn asked(&self, request: &Request<'_>) -> Asked {
        let text = || request.body["body"].as_str().unwrap_or_default().to_owned();
        match (request.method, request.parts) {
            ("GET", ["user"]) => Asked::Whoami,
            ("GET", ["projects", "42", "merge_requests", on, "notes"]) => request.page(on, "per_page", 20, 100),
            ("POST", ["projects", "42", "merge_requests" | "issues", on, "notes"]) => Asked::Create(id(on), text()),
            ("PUT", ["projects", "42", "merge_requests", _, "notes", it]) => Asked::Update(id(it), text()),
            ("DELETE", ["projects", "42", "merge_requests", _, "notes", it]) => Asked::Delete(id(it)),
            ("POST", ["projects", "42", "statuses", commit]) => Asked::Mark((*commit).to_owned()),
            ("GET", ["projects", "42", "repository", "commits", commit, "statuses"]) => {
                Asked::Marks((*commit).to_owned())
            }
            ("GET", ["projects", "42", "repository", "commits", commit, "merge_requests"]) => {
                Asked::Requests((*commit).to_owned())
            }
            ("GET", ["projects", "42", "merge_requests", on, "pipelines"]) => Asked::Pipelines(id(on)),
            ("GET", ["projects", "42", "repository", "commits", commit]) => Asked::Commit((*commit).to_owned()),
            ("GET", ["projects", "42", "issues"]) => Asked::Issues,
            ("POST", ["projects", "42", "issues"]) => {
                let text = |key: &str| request.body[key].as_str().unwrap_or_default().to_owned();
                Asked::Open { title: text("title"), body: text("description") }
            }
            ("PUT", ["projects", "42", "merge_requests", _]) => {
                let name = |key: &str| request.body[key].as_str().map(str::to_owned);
                let on = name("add_labels").is_some();
                Asked::Label(name("add_labels").or_else(|| name("remove_labels")).unwrap_or_default(), on)
            }
            ("PUT", ["projects", "42", "issues", it]) => {
                let text = |key: &str| request.body[key].as_str().map(str::to_owned);
                let close = text("state_event").as_deref() == Some("close");
                Asked::Change { number: id(it), title: text("title"), body: text("description"), close }
            }
            _ => Asked::Nothing,
        }
    }

    fn most(&self) -> (usize, u16, Value) {
        (1_000_000, 400, json!({"message": {"note": ["is too long (maximum is 1000000 characters)"]}}))
    }

    /// Without the pipeline, the mark would make one of its own.
    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)> {
        if body["pipeline_id"] != 77 {
            return Some((404, "404 Pipeline for pipeline_id, sha and ref Not Found"));
        }
        let known = ["pending", "running", "success", "failed", "canceled", "skipped"];
        (!known.contains(&body["state"].as_str().unwrap_or_default()))
            .then_some((400, "state does not have a valid value"))
    }

    fn mark(&self, id: u64, mark: &Marked, author: u64) -> Option<Value> {
        let Marked { author: name, body, .. } = mark;
        let (context, state, description) = (&body["name"], &body["state"], &body["description"]);
        let author = json!({"username": name, "id": author});
        Some(json!({"id": id, "name": context, "status": state, "description": description, "author": author}))
    }

    fn requests(&self, merged: &[Merged]) -> Option<Value> {
        // A branch that is only moved has no commit of its own.
        let made = |it: &Merged| (it.made() != it.head).then(|| it.made().to_owned());
        let request = |it: &Merged| {
            json!({
                "id": 9_000 + it.number, "iid": it.number, "state": "merged", "sha": it.head, "target_branch": it.into,
                "source_project_id": it.from(), "target_project_id": 42, "merge_commit_sha": made(it), "squash_commit_sha": null,
            })
        };
        Some(merged.iter().map(request).collect::<Vec<_>>().into())
    }

    fn issue(&self, issue: &Issue, author: u64) -> Value {
        json!({"iid": issue.number, "author": {"id": author}, "description": issue.body})
    }

    fn error(&self, message: &str) -> Value {
        json!({"message": message})
    }

    fn nameless(&self) -> (u16, Value) {
        (403, json!({"error": "insufficient_scope", "error_description": "The request requires higher privileges."}))
    }

    fn me(&self) -> Value {
        json!({"id": 7, "username": super::ME})
    }

    fn comment(&self, comment: &Comment, author: u64) -> Value {
        let Comment { id, body, author: name, .. } = comment;
        json!({"id": id, "author": {"id": author, "username": name}, "body": body, "system": *name == "gitlab"})
    }
}
