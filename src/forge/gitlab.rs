//! GitLab, both gitlab.com and self-managed.

use http::Method;
use serde_json::{Value, json};

use super::host::text;
use super::{Ask, Comment, Host, Mark, Merged, Place, Status, Tags, Verdict};

pub(super) struct Gitlab;

impl Host for Gitlab {
    fn name(&self) -> &'static str {
        "GitLab"
    }

    fn api(&self) -> Option<&'static str> {
        Some("https://gitlab.com/api/v4")
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        ("private-token", token.to_owned())
    }

    fn limit(&self) -> usize {
        1_000_000
    }

    fn whoami(&self, _: &str) -> Ask {
        Ask::get("/user".to_owned())
    }

    fn me(&self, answer: &Value) -> Option<String> {
        answer.get("id").map(text)
    }

    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}?per_page=100&sort=asc&order_by=created_at", notes(place)))
    }

    fn comment(&self, it: &Value) -> Option<Comment> {
        (it["system"] != true).then(|| Comment {
            id: text(&it["id"]),
            node: String::new(),
            author: text(&it["author"]["id"]),
            body: text(&it["body"]),
        })
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, notes(place), json!({"body": body}))
    }

    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask {
        Ask::send(Method::PUT, format!("{}/{}", notes(place), comment.id), json!({"body": body}))
    }

    fn delete(&self, place: &Place, comment: &Comment) -> Ask {
        Ask::delete(format!("{}/{}", notes(place), comment.id))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        let state = match status.verdict {
            Verdict::Good => "success",
            Verdict::Bad => "failed",
        };
        let mut body = json!({"state": state, "name": status.context, "description": status.described(255)});
        // Without it, GitLab may create another pipeline for the status, which then stands for the whole request.
        if let Some(pipeline) = place.pipeline {
            body["pipeline_id"] = pipeline.into();
        }
        if let Some(url) = &status.url {
            body["target_url"] = url.as_str().into();
        }
        Ask::send(Method::POST, format!("{}/statuses/{commit}", project(place)), body)
    }

    fn marks(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("{}/repository/commits/{commit}/statuses?per_page=100&all=true", project(place))))
    }

    fn mark(&self, item: &Value) -> Option<Mark> {
        Some(Mark {
            id: item["id"].as_u64()?,
            author: text(&item["author"]["id"]),
            context: text(&item["name"]),
            good: item["status"] == "success",
            description: text(&item["description"]),
        })
    }

    fn requests(&self, place: &Place, commit: &str) -> Option<Ask> {
        let project = project(place);
        Some(Ask::get(format!("{project}/repository/commits/{commit}/merge_requests?state=merged&per_page=100")))
    }

    fn merged(&self, item: &Value) -> Option<Merged> {
        let text = |name: &str| item[name].as_str().map(str::to_owned);
        let head = text("sha").filter(|_| item["state"] == "merged")?;
        // A fast-forward merge has no commit of its own.
        let commit = text("merge_commit_sha").or_else(|| text("squash_commit_sha")).unwrap_or_else(|| head.clone());
        let (from, into) = (&item["source_project_id"], &item["target_project_id"]);
        Some(Merged {
            number: item["iid"].as_u64()?,
            into: text("target_branch")?,
            commit,
            is_foreign: from.is_null() || from != into,
            head,
        })
    }

    fn stand_ins(&self, place: &Place) -> Option<Ask> {
        let number = place.number?;
        Some(Ask::get(format!("{}/merge_requests/{number}/pipelines?per_page=100", project(place))))
    }

    /// Pipelines of merged results and of merge trains.
    fn stand_in(&self, item: &Value) -> Option<String> {
        let is_merged = |name: &str| name.starts_with("refs/merge-requests/") && !name.ends_with("/head");
        item["ref"].as_str().filter(|name| is_merged(name))?;
        item["sha"].as_str().map(str::to_owned)
    }

    fn parents(&self, place: &Place, commit: &str) -> Option<Ask> {
        Some(Ask::get(format!("{}/repository/commits/{commit}", project(place))))
    }

    fn parents_of(&self, answer: &Value) -> Vec<String> {
        let parents = answer["parent_ids"].as_array().map(Vec::as_slice).unwrap_or_default();
        parents.iter().map(text).collect()
    }

    fn issues(&self, place: &Place, me: &str) -> Option<Ask> {
        Some(Ask::get(format!("{}/issues?state=opened&author_id={me}&per_page=100", project(place))))
    }

    fn read_issue(&self, item: &Value) -> Option<Comment> {
        Some(Comment {
            id: text(&item["iid"]),
            node: String::new(),
            author: text(&item["author"]["id"]),
            body: text(&item["description"]),
        })
    }

    /// People are known by their numbers, but a line of the text assigns by name.
    fn open(&self, place: &Place, title: &str, body: &str, tags: &Tags) -> Ask {
        let assigned: String = tags.assignees.iter().map(|name| format!("\n/assign @{name}\n")).collect();
        let mut issue = json!({"title": title, "description": format!("{body}{assigned}")});
        if !tags.labels.is_empty() {
            issue["labels"] = tags.labels.join(",").into();
        }
        Ask::send(Method::POST, format!("{}/issues", project(place)), issue)
    }

    fn remark(&self, place: &Place, id: &str, body: &str) -> Ask {
        Ask::send(Method::POST, format!("{}/issues/{id}/notes", project(place)), json!({"body": body}))
    }

    fn label(&self, place: &Place, name: &str, on: bool) -> Option<Ask> {
        let path = format!("{}/merge_requests/{}", project(place), place.number?);
        let member = if on { "add_labels" } else { "remove_labels" };
        Some(Ask::send(Method::PUT, path, json!({member: name})))
    }

    fn rewrite(&self, place: &Place, id: &str, title: &str, body: &str) -> Ask {
        Ask::send(Method::PUT, format!("{}/issues/{id}", project(place)), json!({"title": title, "description": body}))
    }

    fn close(&self, place: &Place, id: &str) -> Ask {
        Ask::send(Method::PUT, format!("{}/issues/{id}", project(place)), json!({"state_event": "close"}))
    }

    fn permissions(&self) -> &'static str {
        "It needs the scope `api` and the role Developer; the job's own token may not write notes."
    }

    fn status_permissions(&self) -> &'static str {
        "It needs the scope `api` and the role Developer. On a commit of a protected branch, only those may set a status who may push to or merge into that branch: see the project's protected branches."
    }
}

fn project(place: &Place) -> String {
    format!("/projects/{}", place.repository.replace('/', "%2F"))
}

fn notes(place: &Place) -> String {
    format!("{}/merge_requests/{}/notes", project(place), place.number.unwrap_or_default())
}
