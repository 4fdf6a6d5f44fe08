//! Bitbucket Data Center. A comment is changed by its version, so that nobody writes over what they have not seen.

use http::Method;
use serde_json::{Value, json};

use super::bitbucket::Bitbucket;
use super::host::text;
use super::{Ask, Comment, Host, Place, Status, Verdict};

pub(super) struct BitbucketDc;

/// The page of a status that has none of its own, which the API demands.
const PAGE: &str = env!("CARGO_PKG_REPOSITORY");

/// The query of a list.
const PAGES: &str = "limit=500";

impl Host for BitbucketDc {
    fn name(&self) -> &'static str {
        "Bitbucket Data Center"
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        Bitbucket.authorization(token)
    }

    fn limit(&self) -> usize {
        Bitbucket.limit()
    }

    /// Every answer names the user in a header, and none in its body.
    fn whoami(&self, _: &str) -> Ask {
        Ask::get("/api/1.0/application-properties".to_owned())
    }

    fn me(&self, _: &Value) -> Option<String> {
        None
    }

    fn header_of_me(&self) -> Option<&'static str> {
        Some("x-ausername")
    }

    /// There is no list of comments but what has happened to the request.
    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}/activities?{PAGES}", request(place)))
    }

    fn items<'a>(&self, answer: &'a Value) -> &'a Value {
        &answer["values"]
    }

    fn next(&self, answer: &Value) -> Option<String> {
        let start = answer["nextPageStart"].as_u64().filter(|_| answer["isLastPage"] == false)?;
        Some(format!("?{PAGES}&start={start}"))
    }

    /// A comment, or that it was made; one at a line of a file is somebody's review.
    fn comment(&self, it: &Value) -> Option<Comment> {
        let is_activity = it.get("action").is_some();
        let is_told = it["action"] == "COMMENTED" && it["commentAnchor"].is_null();
        let it = if is_activity { it.get("comment").filter(|_| is_told)? } else { it };
        Some(Comment {
            id: text(&it["id"]),
            node: text(&it["version"]),
            author: text(&it["author"]["name"]),
            body: text(&it["text"]),
        })
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, format!("{}/comments", request(place)), json!({"text": body}))
    }

    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask {
        let version = comment.node.parse::<u64>().unwrap_or_default();
        let path = format!("{}/comments/{}", request(place), comment.id);
        Ask::send(Method::PUT, path, json!({"text": body, "version": version}))
    }

    fn delete(&self, place: &Place, comment: &Comment) -> Ask {
        Ask::delete(format!("{}/comments/{}?version={}", request(place), comment.id, comment.node))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        let state = match status.verdict {
            Verdict::Good => "SUCCESSFUL",
            Verdict::Bad => "FAILED",
        };
        let body = json!({
            "key": status.context, "name": status.context, "state": state,
            "description": status.described(255), "url": status.url.as_deref().unwrap_or(PAGE),
        });
        Ask::send(Method::POST, format!("{}/commits/{commit}/builds", repository(place)), body)
    }

    fn knows_html(&self) -> bool {
        false
    }

    fn dressed(&self, marker: &str, text: &str) -> String {
        Bitbucket.dressed(marker, text)
    }

    fn counts_versions(&self) -> bool {
        true
    }

    fn permissions(&self) -> &'static str {
        "It needs an HTTP access token with the permission to read the repository, which comments and build statuses take."
    }
}

/// The repository is named with its project: `SHOP/infra`.
fn repository(place: &Place) -> String {
    let (project, name) = place.repository.split_once('/').unwrap_or((&place.repository, &place.repository));
    format!("/api/1.0/projects/{project}/repos/{name}")
}

fn request(place: &Place) -> String {
    format!("{}/pull-requests/{}", repository(place), place.number.unwrap_or_default())
}
