//! GitHub, and GitHub Enterprise Server.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::host::text;
use super::{Ask, Check, Comment, Head, Hiding, Host, Mark, Merged, Open, Place, Status, Tags, Verdict, checks};

pub(super) struct Github;

impl Host for Github {
    fn name(&self) -> &'static str {
        "GitHub"
    }

    fn api(&self) -> Option<&'static str> {
        Some("https://api.github.com")
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {token}"))
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")]
    }

    fn limit(&self) -> usize {
        65_536
    }

    fn whoami(&self, base: &str) -> Ask {
        // The token of a workflow belongs to an app, which REST's `/user` does not know.
        Ask::send(Method::POST, graphql(base), json!({"query": "query { viewer { databaseId } }"}))
    }

    fn me(&self, answer: &Value) -> Option<String> {
        answer.pointer("/data/viewer/databaseId").filter(|id| !id.is_null()).map(text)
    }

    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}/comments?per_page=100", issue(place)))
    }

    fn comment(&self, it: &Value) -> Option<Comment> {
        Some(Comment {
            id: text(&it["id"]),
            node: text(&it["node_id"]),
            author: text(&it["user"]["id"]),
            body: text(&it["body"]),
        })
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, format!("{}/comments", issue(place)), json!({"body": body}))
    }

    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask {
        Ask::send(Method::PATCH, path_of(place, comment), json!({"body": body}))
    }

    fn delete(&self, place: &Place, comment: &Comment) -> Ask {
        Ask::delete(path_of(place, comment))
    }

    fn hide(&self, base: &str, comment: &Comment) -> Hiding {
        let query = "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId } }";
        let body = json!({"query": query, "variables": {"id": comment.node}});
        Hiding::Fold(Ask::send(Method::POST, graphql(base), body))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        let state = match status.verdict {
            Verdict::Good => "success",
            Verdict::Bad => "failure",
        };
        let mut body = json!({
            "state": state, "context": status.context, "description": status.described(140),
        });
        if let Some(url) = &status.url {
            body["target_url"] = url.as_str().into();
        }
        Ask::send(Method::POST, format!("/repos/{}/statuses/{commit}", place.repository), body)
    }

    fn check(&self, place: &Place, check: &Check) -> Option<Ask> {
        Some(checks::made(place, check))
    }

    fn marks(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/commits/{commit}/statuses?per_page=100", place.repository)))
    }

    fn mark(&self, item: &Value) -> Option<Mark> {
        mark_of(item, "state")
    }

    fn requests(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/commits/{commit}/pulls?per_page=100", place.repository)))
    }

    fn merged(&self, item: &Value) -> Option<Merged> {
        let (from, into) = (&item["head"]["repo"]["id"], &item["base"]["repo"]["id"]);
        merged_of(item, from.is_null() || from != into)
    }

    /// The event of a run that follows another one does not name the request of a fork.
    fn open_requests(&self, place: &Place, head: &Head) -> Option<Ask> {
        let (owner, _) = head.repository.split_once('/')?;
        let branch: String = byte_serialize(format!("{owner}:{}", head.branch).as_bytes()).collect();
        Some(Ask::get(format!("/repos/{}/pulls?state=open&head={branch}&per_page=100", place.repository)))
    }

    fn open_request(&self, item: &Value) -> Option<Open> {
        let text = |pointer: &str| item.pointer(pointer)?.as_str().map(str::to_owned);
        let number = item["number"].as_u64()?;
        Some(Open { number, repository: text("/head/repo/full_name")?, commit: text("/head/sha")? })
    }

    /// The filter needs a name, and only the id is known.
    fn issues(&self, place: &Place, _: &str) -> Option<Ask> {
        Some(Ask::get(format!("/repos/{}/issues?state=open&per_page=100", place.repository)))
    }

    fn read_issue(&self, item: &Value) -> Option<Comment> {
        // The list of issues also has pull requests.
        item["pull_request"].is_null().then(|| Comment {
            id: text(&item["number"]),
            node: String::new(),
            author: text(&item["user"]["id"]),
            body: text(&item["body"]),
        })
    }

    fn open(&self, place: &Place, title: &str, body: &str, tags: &Tags) -> Ask {
        let mut issue = json!({"title": title, "body": body});
        for (name, values) in [("labels", &tags.labels), ("assignees", &tags.assignees)] {
            if !values.is_empty() {
                issue[name] = values.as_slice().into();
            }
        }
        Ask::send(Method::POST, format!("/repos/{}/issues", place.repository), issue)
    }

    fn label(&self, place: &Place, name: &str, on: bool) -> Option<Ask> {
        let path = format!("{}/labels", issue(place));
        Some(if on {
            Ask::send(Method::POST, path, json!({"labels": [name]}))
        } else {
            Ask::delete(format!("{path}/{}", utf8_percent_encode(name, NON_ALPHANUMERIC)))
        })
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
        "It needs `pull-requests: write`, for the mark on the commit `statuses: write`, for issues `issues: write`; for a fork's pull request it has none."
    }
}

pub(super) fn issue(place: &Place) -> String {
    format!("/repos/{}/issues/{}", place.repository, place.number.unwrap_or_default())
}

fn path_of(place: &Place, comment: &Comment) -> String {
    format!("/repos/{}/issues/comments/{}", place.repository, comment.id)
}

/// Enterprise Server has GraphQL beside the REST API, not below it.
fn graphql(base: &str) -> String {
    match base.strip_suffix("/api/v3") {
        Some(server) => format!("{server}/api/graphql"),
        None => format!("{base}/graphql"),
    }
}

/// A status in the form of GitHub and Gitea, which name its state differently.
pub(super) fn mark_of(item: &Value, state: &str) -> Option<Mark> {
    Some(Mark {
        id: item["id"].as_u64()?,
        author: text(&item["creator"]["id"]),
        context: text(&item["context"]),
        good: item[state] == "success",
        description: text(&item["description"]),
    })
}

/// A request in the form of GitHub and Gitea; `None` where it was not merged.
pub(super) fn merged_of(item: &Value, is_foreign: bool) -> Option<Merged> {
    let text = |pointer: &str| item.pointer(pointer)?.as_str().map(str::to_owned);
    text("/merged_at")?;
    Some(Merged {
        number: item["number"].as_u64()?,
        head: text("/head/sha")?,
        into: text("/base/ref")?,
        commit: text("/merge_commit_sha")?,
        is_foreign,
    })
}
