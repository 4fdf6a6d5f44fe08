//! Gitea and Forgejo: GitHub's paths, their own headers.

use http::Method;
use serde_json::{Value, json};

use super::github::{issue_of, mark_of, merged_of, status_of};
use super::{Ask, Comment, Host, Mark, Merged, Place, Status, text};

pub(super) struct Gitea;

impl Host for Gitea {
    fn name(&self) -> &'static str {
        "Gitea"
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("token {token}"))
    }

    fn limit(&self) -> usize {
        65_535
    }

    fn whoami(&self, _: &str) -> Ask {
        Ask::get("/user".to_owned())
    }

    fn me(&self, answer: &Value) -> Option<String> {
        answer.get("id").map(text)
    }

    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}/comments?limit=50", issue(place)))
    }

    fn comment(&self, it: &Value) -> Option<Comment> {
        Some(Comment {
            id: text(&it["id"]),
            node: String::new(),
            author: text(&it["user"]["id"]),
            body: text(&it["body"]),
        })
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, format!("{}/comments", issue(place)), json!({"body": body}))
    }

    fn update(&self, place: &Place, id: &str, body: &str) -> Ask {
        Ask::send(Method::PATCH, format!("/repos/{}/issues/comments/{id}", place.repository), json!({"body": body}))
    }

    fn delete(&self, place: &Place, id: &str) -> Ask {
        Ask::delete(format!("/repos/{}/issues/comments/{id}", place.repository))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        status_of(place, commit, status)
    }

    fn marks(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/commits/{commit}/statuses?limit=50", place.repository)))
    }

    fn mark(&self, item: &Value) -> Option<Mark> {
        mark_of(item, "status")
    }

    /// The one that was merged by this commit, or 404.
    fn requests(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/commits/{commit}/pull", place.repository)))
    }

    fn merged(&self, item: &Value) -> Option<Merged> {
        merged_of(item)
    }

    /// Its filter takes a name, and we know an id.
    fn issues(&self, place: &Place, _: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/issues?state=open&type=issues&limit=50", place.repository)))
    }

    fn read_issue(&self, item: &Value) -> Option<Comment> {
        issue_of(item)
    }

    fn open(&self, place: &Place, title: &str, body: &str) -> Ask {
        Ask::send(Method::POST, format!("/repos/{}/issues", place.repository), json!({"title": title, "body": body}))
    }

    fn rewrite(&self, place: &Place, id: &str, title: &str, body: &str) -> Ask {
        Ask::send(
            Method::PATCH,
            format!("/repos/{}/issues/{id}", place.repository),
            json!({"title": title, "body": body}),
        )
    }

    fn close(&self, place: &Place, id: &str) -> Ask {
        Ask::send(Method::PATCH, format!("/repos/{}/issues/{id}", place.repository), json!({"state": "closed"}))
    }

    fn permissions(&self) -> &'static str {
        "It needs the scopes `write:issue`, `write:repository` and `read:user`."
    }
}

fn issue(place: &Place) -> String {
    format!("/repos/{}/issues/{}", place.repository, place.number.unwrap_or_default())
}
