//! Azure DevOps, both its services and its server: comments are threads of one comment.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::host::text;
use super::{Ask, Comment, Host, Place, Status, Verdict};

pub(super) struct Azure;

/// The version of the API that is asked for.
const VERSION: &str = "api-version=7.1";

impl Host for Azure {
    fn name(&self) -> &'static str {
        "Azure DevOps"
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        // A job's token is a JWT; a person's is the password of nobody.
        let value = if token.contains('.') {
            format!("Bearer {token}")
        } else {
            format!("Basic {}", BASE64_STANDARD.encode(format!(":{token}")))
        };
        ("authorization", value)
    }

    fn limit(&self) -> usize {
        150_000
    }

    fn whoami(&self, _: &str) -> Ask {
        // There is no other version of this one.
        Ask::get("/_apis/connectionData?api-version=7.1-preview.1".to_owned())
    }

    fn me(&self, answer: &Value) -> Option<String> {
        answer.pointer("/authenticatedUser/id").map(text)
    }

    /// All of them: this list has no pages.
    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}?{VERSION}", threads(place)))
    }

    fn items<'a>(&self, answer: &'a Value) -> &'a Value {
        &answer["value"]
    }

    /// The first comment of a thread, and none of the system's own.
    fn comment(&self, it: &Value) -> Option<Comment> {
        let first = it["comments"].get(0)?;
        let is_there = it["isDeleted"] != true && first["isDeleted"] != true && first["commentType"] == "text";
        is_there.then(|| Comment {
            id: text(&it["id"]),
            node: String::new(),
            author: text(&first["author"]["id"]),
            body: text(&first["content"]),
        })
    }

    /// A thread that is closed keeps nobody from completing the request, whatever the policies of the branch.
    fn create(&self, place: &Place, body: &str) -> Ask {
        let comment = json!({"parentCommentId": 0, "content": body, "commentType": "text"});
        let body = json!({"comments": [comment], "status": "closed"});
        Ask::send(Method::POST, format!("{}?{VERSION}", threads(place)), body)
    }

    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask {
        Ask::send(Method::PATCH, first_of(place, comment), json!({"content": body}))
    }

    fn delete(&self, place: &Place, comment: &Comment) -> Ask {
        Ask::delete(first_of(place, comment))
    }

    /// Policies of a branch look at the statuses of requests, and not at those of commits.
    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        let state = match status.verdict {
            Verdict::Good => "succeeded",
            Verdict::Bad => "failed",
        };
        let (genre, name) = status.context.split_once('/').unwrap_or(("supaform", &status.context));
        let mut body = json!({
            "state": state, "description": status.described(255), "context": {"genre": genre, "name": name},
        });
        if let Some(url) = &status.url {
            body["targetUrl"] = url.as_str().into();
        }
        let path = match place.number {
            Some(number) => format!("{}/pullRequests/{number}/statuses?{VERSION}", repository(place)),
            None => format!("{}/commits/{commit}/statuses?{VERSION}", repository(place)),
        };
        Ask::send(Method::POST, path, body)
    }

    /// It is on the request, and nobody takes it away when more is pushed; whether the one of a commit could have been set in
    /// somebody else's name is not told: its description takes the author from who sends it.
    fn why_none_approve(&self) -> &'static str {
        "the mark of a request stays when more is pushed"
    }

    fn label(&self, place: &Place, name: &str, on: bool) -> Option<Ask> {
        let path = format!("{}/pullRequests/{}/labels", repository(place), place.number?);
        Some(if on {
            Ask::send(Method::POST, format!("{path}?{VERSION}"), json!({"name": name}))
        } else {
            Ask::delete(format!("{path}/{}?{VERSION}", utf8_percent_encode(name, NON_ALPHANUMERIC)))
        })
    }

    /// A link that is defined but not used is invisible in Markdown.
    fn dressed(&self, marker: &str, text: &str) -> String {
        format!("[//]: # ({marker})\n\n{text}")
    }

    fn permissions(&self) -> &'static str {
        "It needs the scopes `Code (status)` and `Pull request threads (read & write)`; of a job's token, the build service needs the permission to contribute to pull requests."
    }
}

/// The repository is named with its project: `shop/infra`.
fn repository(place: &Place) -> String {
    let part = |name: &str| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string();
    let (project, name) = place.repository.split_once('/').unwrap_or((&place.repository, &place.repository));
    format!("/{}/_apis/git/repositories/{}", part(project), part(name))
}

fn threads(place: &Place) -> String {
    format!("{}/pullRequests/{}/threads", repository(place), place.number.unwrap_or_default())
}

fn first_of(place: &Place, comment: &Comment) -> String {
    format!("{}/{}/comments/1?{VERSION}", threads(place), comment.id)
}
