//! Bitbucket Cloud. Its Markdown knows neither HTML nor comments in it.

use http::Method;
use serde_json::{Value, json};

use super::{Ask, Comment, Host, Place, Status, Verdict, short, text};

pub(super) struct Bitbucket;

impl Host for Bitbucket {
    fn name(&self) -> &'static str {
        "Bitbucket"
    }

    fn authorization(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {token}"))
    }

    fn limit(&self) -> usize {
        32_768
    }

    fn whoami(&self, _: &str) -> Vec<Ask> {
        vec![Ask::get("/user".to_owned())]
    }

    fn me(&self, answer: &Value) -> Option<String> {
        answer.get("uuid").map(text)
    }

    fn list(&self, place: &Place) -> Ask {
        Ask::get(format!("{}?pagelen=100", comments(place)))
    }

    fn comments(&self, answer: &Value) -> Vec<Comment> {
        let there = answer["values"].as_array().into_iter().flatten().filter(|it| it["deleted"] != true);
        let comment = |it: &Value| Comment {
            id: text(&it["id"]),
            node: String::new(),
            author: text(&it["user"]["uuid"]),
            body: text(&it["content"]["raw"]),
        };
        there.map(comment).collect()
    }

    fn next(&self, answer: &Value) -> Option<String> {
        answer["next"].as_str().map(str::to_owned)
    }

    fn create(&self, place: &Place, body: &str) -> Ask {
        Ask::send(Method::POST, comments(place), json!({"content": {"raw": body}}))
    }

    fn update(&self, place: &Place, id: &str, body: &str) -> Ask {
        Ask::send(Method::PUT, format!("{}/{id}", comments(place)), json!({"content": {"raw": body}}))
    }

    fn delete(&self, place: &Place, id: &str) -> Ask {
        Ask::delete(format!("{}/{id}", comments(place)))
    }

    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask {
        let state = match status.verdict {
            Verdict::Good => "SUCCESSFUL",
            Verdict::Bad => "FAILED",
        };
        let page = format!("https://bitbucket.org/{}", place.repository);
        let body = json!({
            "key": status.context, "name": status.context, "state": state,
            "description": short(&status.description, 255),
            "url": status.url.as_deref().unwrap_or(&page),
        });
        Ask::send(Method::POST, format!("/repositories/{}/commit/{commit}/statuses/build", place.repository), body)
    }

    /// A link that is defined and never used is shown by no reader of Markdown.
    fn dressed(&self, marker: &str, text: &str) -> String {
        let line = |line: &str| match line {
            "<details>" | "<details open>" | "</details>" => None,
            "> [!WARNING]" => Some("> **Warning**".to_owned()),
            _ => match line.strip_prefix("<summary>").and_then(|line| line.strip_suffix("</summary>")) {
                Some(summary) => Some(format!("**{}**", summary.replace("<code>", "`").replace("</code>", "`"))),
                None => Some(line.to_owned()),
            },
        };
        let lines: Vec<String> = text.lines().filter_map(line).collect();
        format!("[//]: # ({marker})\n\n{}\n", lines.join("\n"))
    }

    fn permissions(&self) -> &'static str {
        "It needs `pullrequest:write`, `repository:write` and `account`."
    }
}

fn comments(place: &Place) -> String {
    format!("/repositories/{}/pullrequests/{}/comments", place.repository, place.number.unwrap_or_default())
}
