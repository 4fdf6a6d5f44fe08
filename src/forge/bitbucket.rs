//! Bitbucket Cloud. Its Markdown allows neither HTML nor HTML comments.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::host::text;
use super::{Ask, Comment, Host, Place, Status, Verdict};
use crate::secret::hex;

pub(super) struct Bitbucket;

impl Host for Bitbucket {
    fn name(&self) -> &'static str {
        "Bitbucket"
    }

    fn api(&self) -> Option<&'static str> {
        Some("https://api.bitbucket.org/2.0")
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        // A person's token is used with an address: `ann@acme.com:TOKEN`.
        let scheme = if token.contains(':') { "Basic" } else { "Bearer" };
        let token = if token.contains(':') { BASE64_STANDARD.encode(token) } else { token.to_owned() };
        ("authorization", format!("{scheme} {token}"))
    }

    fn limit(&self) -> usize {
        32_768
    }

    fn whoami(&self, _: &str) -> Ask {
        // The tokens of repositories, projects and workspaces lack the scope for this.
        Ask::get("/user".to_owned())
    }

    fn me(&self, answer: &Value) -> Option<String> {
        answer.get("uuid").map(text)
    }

    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}?pagelen=100", comments(place)))
    }

    fn items<'a>(&self, answer: &'a Value) -> &'a Value {
        &answer["values"]
    }

    fn comment(&self, it: &Value) -> Option<Comment> {
        (it["deleted"] != true).then(|| Comment {
            id: text(&it["id"]),
            node: String::new(),
            author: text(&it["user"]["uuid"]),
            body: text(&it["content"]["raw"]),
        })
    }

    fn next(&self, answer: &Value) -> Option<String> {
        answer["next"].as_str().map(str::to_owned)
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, comments(place), said(body))
    }

    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask {
        Ask::send(Method::PUT, format!("{}/{}", comments(place), comment.id), said(body))
    }

    fn delete(&self, place: &Place, comment: &Comment) -> Ask {
        Ask::delete(format!("{}/{}", comments(place), comment.id))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        let state = match status.verdict {
            Verdict::Good => "SUCCESSFUL",
            Verdict::Bad => "FAILED",
        };
        let page = format!("https://bitbucket.org/{}", place.repository);
        let body = json!({
            "type": "build", "key": key(&status.context), "name": status.context, "state": state,
            "description": status.described(255),
            "url": status.url.as_deref().unwrap_or(&page),
        });
        Ask::send(Method::POST, format!("/repositories/{}/commit/{commit}/statuses/build", place.repository), body)
    }

    fn knows_html(&self) -> bool {
        false
    }

    /// A link that is defined but not used is invisible in Markdown.
    fn dressed(&self, marker: &str, text: &str) -> String {
        format!("[//]: # ({marker})\n\n{text}")
    }

    fn permissions(&self) -> &'static str {
        "It needs `pullrequest:write` and, for the mark on the commit, `repository:write`."
    }
}

/// A comment. Every object of this API names its type.
fn said(body: &str) -> Value {
    json!({"type": "pullrequest_comment", "content": {"raw": body}})
}

/// The key of a status, which has at most 40 characters.
fn key(context: &str) -> String {
    if context.chars().count() <= 40 {
        return context.to_owned();
    }
    let mut key = hex(&Sha256::digest(context));
    key.truncate(40);
    key
}

fn comments(place: &Place) -> String {
    format!("/repositories/{}/pullrequests/{}/comments", place.repository, place.number.unwrap_or_default())
}
