//! Gitea and Forgejo: GitHub's paths, but headers of their own.

use http::Method;
use serde_json::{Value, json};

use super::github::{Github, issue, mark_of, merged_of};
use super::host::text;
use super::{Ask, Comment, Host, Mark, Merged, Place, Status, Tags};

pub(super) struct Gitea;

/// The colour of a label that is made, which the API demands: that of GitHub's.
const COLOR: &str = "#ededed";

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
        // All of them: this list has no pages.
        Ask::get(format!("{}/comments", issue(place)))
    }

    fn comment(&self, it: &Value) -> Option<Comment> {
        Github.comment(it)
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Github.create(place, body)
    }

    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask {
        Github.update(place, comment, body)
    }

    fn delete(&self, place: &Place, comment: &Comment) -> Ask {
        Github.delete(place, comment)
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        Github.status(place, commit, status)
    }

    fn marks(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/commits/{commit}/statuses?limit=50", place.repository)))
    }

    fn mark(&self, item: &Value) -> Option<Mark> {
        mark_of(item, "status")
    }

    /// The request that was merged by this commit, or 404.
    fn requests(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/commits/{commit}/pull", place.repository)))
    }

    fn merged(&self, item: &Value) -> Option<Merged> {
        let (from, into) = (&item["head"]["repo_id"], &item["base"]["repo_id"]);
        merged_of(item, from.is_null() || from != into)
    }

    /// The filter needs a name, and only the id is known.
    fn issues(&self, place: &Place, _: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/issues?state=open&type=issues&limit=50", place.repository)))
    }

    fn read_issue(&self, item: &Value) -> Option<Comment> {
        Github.read_issue(item)
    }

    fn open(&self, place: &Place, title: &str, body: &str, tags: &Tags) -> Ask {
        let mut ask = Github.open(place, title, body, tags);
        if let Some(labels) = ask.body.as_mut().and_then(|body| body.get_mut("labels")) {
            *labels = tags.labels.iter().map(|label| number(label)).collect();
        }
        ask
    }

    /// Names are taken by later releases only, and by none where a label is taken away.
    fn labels(&self, place: &Place) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/labels?limit=50", place.repository)))
    }

    fn read_label(&self, item: &Value) -> Option<(String, String)> {
        Some((item["name"].as_str()?.to_owned(), text(item.get("id")?)))
    }

    fn make_label(&self, place: &Place, name: &str) -> Ask {
        Ask::send(Method::POST, format!("/repos/{}/labels", place.repository), json!({"name": name, "color": COLOR}))
    }

    fn label(&self, place: &Place, label: &str, on: bool) -> Option<Ask> {
        let path = format!("{}/labels", issue(place));
        Some(if on {
            Ask::send(Method::POST, path, json!({"labels": [number(label)]}))
        } else {
            Ask::delete(format!("{path}/{label}"))
        })
    }

    fn rewrite(&self, place: &Place, id: &str, title: &str, body: &str) -> Ask {
        Github.rewrite(place, id, title, body)
    }

    fn close(&self, place: &Place, id: &str) -> Ask {
        Github.close(place, id)
    }

    fn permissions(&self) -> &'static str {
        "It needs the scopes `write:issue`, `write:repository` and `read:user`."
    }
}

/// The number of a label.
fn number(label: &str) -> Value {
    label.parse::<u64>().map_or(Value::Null, Value::from)
}
