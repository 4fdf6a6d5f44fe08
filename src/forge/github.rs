//! GitHub, and GitHub Enterprise Server.

use http::Method;
use serde_json::{Value, json};

use super::{Ask, Comment, Hiding, Host, Place, Status, Verdict, short, text};

pub(super) struct Github;

impl Host for Github {
    fn name(&self) -> &'static str {
        "GitHub"
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

    fn whoami(&self, base: &str) -> Vec<Ask> {
        // The token of a workflow is that of an app, which `/user` does not know.
        let viewer = json!({"query": "query { viewer { login } }"});
        vec![Ask::get("/user".to_owned()), Ask::send(Method::POST, graphql(base), viewer)]
    }

    fn me(&self, answer: &Value) -> Option<String> {
        let login = answer.get("login").or_else(|| answer.pointer("/data/viewer/login"))?.as_str()?;
        Some(login.to_owned())
    }

    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}/comments?per_page=100", issue(place)))
    }

    fn comments(&self, answer: &Value) -> Vec<Comment> {
        let comment = |it: &Value| Comment {
            id: text(&it["id"]),
            node: text(&it["node_id"]),
            // A login is unique, belongs to one account at a time, and that of an app has brackets that no person's has.
            author: text(&it["user"]["login"]),
            body: text(&it["body"]),
        };
        answer.as_array().into_iter().flatten().map(comment).collect()
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, format!("{}/comments", issue(place)), json!({"body": body}))
    }

    fn update(&self, place: &Place, id: &str, body: &str) -> Ask {
        Ask::send(Method::PATCH, comment(place, id), json!({"body": body}))
    }

    fn delete(&self, place: &Place, id: &str) -> Ask {
        Ask::delete(comment(place, id))
    }

    fn hide(&self, base: &str, comment: &Comment) -> Hiding {
        let query = "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId } }";
        let body = json!({"query": query, "variables": {"id": comment.node}});
        Hiding::Fold(Ask::send(Method::POST, graphql(base), body))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        status_of(place, commit, status)
    }

    fn issues(&self, place: &Place, me: &str) -> Option<Ask> {
        let me = me.replace('[', "%5B").replace(']', "%5D");
        Some(Ask::get(format!("/repos/{}/issues?state=open&creator={me}&per_page=100", place.repository)))
    }

    fn read_issues(&self, answer: &Value) -> Vec<Comment> {
        issues_of(answer, "login")
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
        "It needs `pull-requests: write`, for the mark on the commit `statuses: write`, for issues `issues: write`."
    }
}

fn issue(place: &Place) -> String {
    format!("/repos/{}/issues/{}", place.repository, place.number.unwrap_or_default())
}

fn comment(place: &Place, id: &str) -> String {
    format!("/repos/{}/issues/comments/{id}", place.repository)
}

/// Enterprise Server has it beside the REST API, not below it.
fn graphql(base: &str) -> String {
    match base.strip_suffix("/api/v3") {
        Some(server) => format!("{server}/api/graphql"),
        None => format!("{base}/graphql"),
    }
}

/// Issues as GitHub shows them, and Gitea, too: requests are among them, and are none.
pub(super) fn issues_of(answer: &Value, author: &str) -> Vec<Comment> {
    let issues = answer.as_array().into_iter().flatten().filter(|it| it["pull_request"].is_null());
    let issue = |it: &Value| Comment {
        id: text(&it["number"]),
        node: String::new(),
        author: text(&it["user"][author]),
        body: text(&it["body"]),
    };
    issues.map(issue).collect()
}

/// A status as GitHub takes it, and Gitea, too.
pub(super) fn status_of(place: &Place, commit: &str, status: &Status) -> Ask {
    let state = match status.verdict {
        Verdict::Good => "success",
        Verdict::Bad => "failure",
    };
    let mut body = json!({
        "state": state, "context": status.context, "description": short(&status.description, 140),
    });
    if let Some(url) = &status.url {
        body["target_url"] = url.as_str().into();
    }
    Ask::send(Method::POST, format!("/repos/{}/statuses/{commit}", place.repository), body)
}
