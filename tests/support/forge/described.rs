//! What each host's published description says of the requests that are sent here: which members a body must have, which it
//! may have, and which parameters a query. What is not described is refused, as a strict server would, at any depth: `a.b` is
//! a member of `a`, `a[].b` one of each of its entries, `a.*` any. What is required of `a` counts where `a` is there.
//!
//! Facts of <https://github.com/github/rest-api-description>, <https://docs.gitlab.com/api/openapi>, Gitea's
//! `templates/swagger`, <https://api.bitbucket.org/swagger.json>, <https://github.com/MicrosoftDocs/vsts-rest-api-specs>,
//! <https://developer.atlassian.com/server/bitbucket/rest>.

use serde_json::Value;

/// A request as it is described. `*` stands for a part of the path.
pub(super) struct Described {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    required: &'static str,
    known: &'static str,
}

const fn get(path: &'static str, query: &'static str) -> Described {
    Described { method: "GET", path, query, required: "", known: "" }
}

const fn delete(path: &'static str) -> Described {
    Described { method: "DELETE", path, query: "", required: "", known: "" }
}

const fn send(method: &'static str, path: &'static str, required: &'static str, known: &'static str) -> Described {
    Described { method, path, query: "", required, known }
}

pub(super) const GITHUB: &[Described] = &[
    get("repos/*/*/issues/*/comments", "since per_page page"),
    send("POST", "repos/*/*/issues/*/comments", "body", "body"),
    send("PATCH", "repos/*/*/issues/comments/*", "body", "body"),
    delete("repos/*/*/issues/comments/*"),
    send("POST", "repos/*/*/statuses/*", "state", "state target_url description context"),
    get("repos/*/*/commits/*/statuses", "per_page page"),
    get("repos/*/*/commits/*/pulls", "per_page page"),
    get("repos/*/*/pulls", "state head base sort direction per_page page"),
    get(
        "repos/*/*/issues",
        "milestone state assignee type creator mentioned labels sort direction since per_page page",
    ),
    send("POST", "repos/*/*/issues", "title", "title body assignee milestone labels assignees type"),
    send("PATCH", "repos/*/*/issues/*", "", "title body assignee state state_reason milestone labels assignees type"),
    send("POST", "repos/*/*/issues/*/labels", "", "labels"),
    delete("repos/*/*/issues/*/labels/*"),
    send(
        "POST",
        "repos/*/*/check-runs",
        "name head_sha output output.title output.summary output.annotations[].path output.annotations[].start_line \
         output.annotations[].end_line output.annotations[].annotation_level output.annotations[].message",
        "name head_sha details_url external_id status started_at conclusion completed_at output actions output.title \
         output.summary output.text output.annotations output.annotations[].path output.annotations[].start_line \
         output.annotations[].end_line output.annotations[].annotation_level output.annotations[].message \
         output.annotations[].title output.annotations[].raw_details output.annotations[].start_column \
         output.annotations[].end_column",
    ),
    send(
        "PATCH",
        "repos/*/*/check-runs/*",
        "output.summary output.annotations[].path output.annotations[].start_line output.annotations[].end_line \
         output.annotations[].annotation_level output.annotations[].message",
        "name details_url external_id started_at status conclusion completed_at output actions output.title \
         output.summary output.text output.annotations output.annotations[].path output.annotations[].start_line \
         output.annotations[].end_line output.annotations[].annotation_level output.annotations[].message \
         output.annotations[].title output.annotations[].raw_details output.annotations[].start_column \
         output.annotations[].end_column",
    ),
    send("POST", "graphql", "query", "query variables variables.* operationName"),
];

pub(super) const GITEA: &[Described] = &[
    get("user", ""),
    get("repos/*/*/issues/*/comments", "since before"),
    send("POST", "repos/*/*/issues/*/comments", "body", "body updated_at"),
    send("PATCH", "repos/*/*/issues/comments/*", "body", "body updated_at"),
    delete("repos/*/*/issues/comments/*"),
    send("POST", "repos/*/*/statuses/*", "", "state target_url description context"),
    get("repos/*/*/commits/*/statuses", "sort state page limit"),
    get("repos/*/*/commits/*/pull", ""),
    get("repos/*/*/labels", "page limit"),
    send("POST", "repos/*/*/labels", "name color", "name color description exclusive is_archived"),
    send("POST", "repos/*/*/issues/*/labels", "", "labels updated_at"),
    delete("repos/*/*/issues/*/labels/*"),
    get(
        "repos/*/*/issues",
        "state labels q type milestones since before created_by assigned_by mentioned_by page limit",
    ),
    send("POST", "repos/*/*/issues", "title", "title body assignee assignees closed due_date labels milestone ref"),
    send(
        "PATCH",
        "repos/*/*/issues/*",
        "",
        "title body assignee assignees due_date milestone ref state unset_due_date",
    ),
];

pub(super) const GITLAB: &[Described] = &[
    get("user", ""),
    get("projects/*/merge_requests/*/notes", "order_by sort activity_filter per_page page"),
    send(
        "POST",
        "projects/*/merge_requests/*/notes",
        "body",
        "body confidential internal created_at merge_request_diff_head_sha",
    ),
    send("PUT", "projects/*/merge_requests/*/notes/*", "", "body confidential"),
    delete("projects/*/merge_requests/*/notes/*"),
    send(
        "POST",
        "projects/*/statuses/*",
        "state",
        "state ref name context target_url description coverage pipeline_id",
    ),
    get("projects/*/repository/commits/*/statuses", "ref stage name all pipeline_id order_by sort per_page page"),
    get("projects/*/repository/commits/*/merge_requests", "state per_page page"),
    get("projects/*/repository/commits/*", "stats"),
    send("POST", "projects/*/issues/*/notes", "body", "body confidential internal created_at"),
    send("PUT", "projects/*/merge_requests/*", "", "title description add_labels remove_labels labels state_event"),
    get("projects/*/merge_requests/*/pipelines", "per_page page"),
    get("projects/*/issues", "state author_id author_username labels search order_by sort per_page page"),
    send(
        "POST",
        "projects/*/issues",
        "title",
        "title description assignee_id assignee_ids confidential created_at due_date issue_type labels milestone_id weight",
    ),
    send(
        "PUT",
        "projects/*/issues/*",
        "",
        "title description state_event add_labels remove_labels labels assignee_ids confidential discussion_locked due_date issue_type milestone_id updated_at weight",
    ),
];

pub(super) const BITBUCKET: &[Described] = &[
    get("user", ""),
    get("repositories/*/*/pullrequests/*/comments", "q sort fields page pagelen"),
    send("POST", "repositories/*/*/pullrequests/*/comments", "type", BITBUCKET_COMMENT),
    send("PUT", "repositories/*/*/pullrequests/*/comments/*", "type", BITBUCKET_COMMENT),
    delete("repositories/*/*/pullrequests/*/comments/*"),
    send(
        "POST",
        "repositories/*/*/commit/*/statuses/build",
        "type",
        "type links uuid key refname url state name description created_on updated_on",
    ),
];

pub(super) const AZURE: &[Described] = &[
    get("_apis/connectionData", "api-version connectOptions"),
    get("*/_apis/git/repositories/*/pullRequests/*/threads", "api-version $iteration $baseIteration"),
    Described {
        query: "api-version",
        ..send(
            "POST",
            "*/_apis/git/repositories/*/pullRequests/*/threads",
            "comments comments[].content",
            "comments status threadContext pullRequestThreadContext properties identities isDeleted \
             comments[].content comments[].commentType comments[].parentCommentId",
        )
    },
    Described {
        query: "api-version",
        ..send(
            "PATCH",
            "*/_apis/git/repositories/*/pullRequests/*/threads/*/comments/*",
            "content",
            "content commentType parentCommentId",
        )
    },
    Described { query: "api-version", ..delete("*/_apis/git/repositories/*/pullRequests/*/threads/*/comments/*") },
    Described {
        query: "api-version",
        ..send(
            "POST",
            "*/_apis/git/repositories/*/pullRequests/*/statuses",
            "state context context.name",
            "description targetUrl iterationId properties context.genre",
        )
    },
    Described {
        query: "api-version projectId",
        ..send("POST", "*/_apis/git/repositories/*/pullRequests/*/labels", "name", "name")
    },
    Described { query: "api-version projectId", ..delete("*/_apis/git/repositories/*/pullRequests/*/labels/*") },
    Described {
        query: "api-version",
        ..send(
            "POST",
            "*/_apis/git/repositories/*/commits/*/statuses",
            "state context context.name",
            "description targetUrl context.genre",
        )
    },
];

pub(super) const BITBUCKET_DC: &[Described] = &[
    get("api/1.0/application-properties", ""),
    get("api/1.0/projects/*/repos/*/pull-requests/*/activities", "fromId fromType start limit"),
    send(
        "POST",
        "api/1.0/projects/*/repos/*/pull-requests/*/comments",
        "text",
        "text parent anchor severity state pending",
    ),
    send("PUT", "api/1.0/projects/*/repos/*/pull-requests/*/comments/*", "version", "text version severity state"),
    Described { query: "version", ..delete("api/1.0/projects/*/repos/*/pull-requests/*/comments/*") },
    send(
        "POST",
        "api/1.0/projects/*/repos/*/commits/*/builds",
        "key state url",
        "key state url buildNumber description duration lastUpdated name parent ref testResults",
    ),
];

const BITBUCKET_COMMENT: &str = "type id created_on updated_on content content.raw content.markup content.html user deleted parent inline links \
     pullrequest resolution pending";

/// A message for an incoming webhook of Slack: <https://docs.slack.dev/reference/block-kit/blocks>.
const SLACK: Described = send(
    "POST",
    "",
    "text blocks[].type blocks[].text.type blocks[].text.text blocks[].elements[].type blocks[].elements[].text",
    "text blocks response_type replace_original delete_original unfurl_links unfurl_media thread_ts mrkdwn \
     blocks[].type blocks[].block_id blocks[].text blocks[].fields blocks[].accessory blocks[].expand blocks[].elements \
     blocks[].text.type blocks[].text.text blocks[].text.emoji blocks[].text.verbatim blocks[].elements[].type \
     blocks[].elements[].text blocks[].elements[].emoji blocks[].elements[].verbatim",
);

/// In what a message for Slack is not as it is described.
pub(crate) fn slack_fault(message: &Value) -> Option<String> {
    let mut faults = SLACK.faults(message);
    let blocks = message["blocks"].as_array().into_iter().flatten();
    faults.extend(blocks.filter_map(|block| {
        let (of, text) = (block["type"].as_str()?, block["text"]["type"].as_str());
        let elements = block["elements"].as_array().map(Vec::len);
        let is_good = match of {
            "header" => text == Some("plain_text"),
            "section" => text.is_some(),
            "context" => elements.is_some_and(|many| (1..=10).contains(&many)) && text.is_none(),
            "divider" => text.is_none(),
            _ => false,
        };
        (!is_good).then(|| format!("a `{of}` that is none: {block}"))
    }));
    (!faults.is_empty()).then(|| faults.join(", "))
}

impl Described {
    /// What is missing or unknown in a body, at any depth.
    fn faults(&self, body: &Value) -> Vec<String> {
        let names = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        let mut objects = vec![];
        objects_of(body, "", &mut objects);
        let mut faults = vec![];
        for name in names(self.required) {
            let (within, member) =
                name.rsplit_once('.').map_or((String::new(), name), |(of, name)| (format!("{of}."), name));
            let lacks = objects.iter().any(|(at, given)| *at == within && !given.contains(&member));
            faults.extend(lacks.then(|| format!("`{name}` is missing")));
        }
        let known = [names(self.required), names(self.known)].concat();
        for (within, given) in &objects {
            let is_open = known.contains(&format!("{within}*").as_str());
            let unknown = given.iter().map(|name| format!("{within}{name}"));
            let unknown = unknown.filter(|name| !is_open && !known.contains(&name.as_str()));
            faults.extend(unknown.map(|name| format!("`{name}` is unknown")));
        }
        faults
    }
}

/// The objects in a body: where each is, and its members.
fn objects_of<'b>(body: &'b Value, at: &str, found: &mut Vec<(String, Vec<&'b str>)>) {
    match body {
        Value::Object(members) => {
            found.push((at.to_owned(), members.keys().map(String::as_str).collect()));
            for (name, value) in members {
                let below = if value.is_array() { format!("{at}{name}[].") } else { format!("{at}{name}.") };
                objects_of(value, &below, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|it| objects_of(it, at, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// In what a request is not as it is described.
pub(super) fn fault(all: &[Described], method: &str, path: &str, query: &str, body: &Value) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let is = |it: &&Described| {
        let wanted: Vec<&str> = it.path.split('/').collect();
        it.method == method
            && wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(wanted, part)| *wanted == "*" || wanted == part)
    };
    let Some(it) = all.iter().find(is) else { return Some(format!("{method} {path} is not described")) };
    let asked = query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty());
    let mut faults = it.faults(body);
    let known: Vec<&str> = it.query.split_whitespace().collect();
    faults.extend(asked.filter(|name| !known.contains(name)).map(|name| format!("?{name} is unknown")));
    (!faults.is_empty()).then(|| format!("{method} {path}: {}", faults.join(", ")))
}

#[test]
fn what_is_not_described_is_found_at_any_depth() {
    use serde_json::json;
    let check = |output: Value| json!({"name": "plan", "head_sha": "c0ffee", "output": output});
    let fault = |body: Value| fault(GITHUB, "POST", "repos/acme/infra/check-runs", "", &body).unwrap_or_default();
    let remark = json!({"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"});
    let good = json!({"title": "t", "summary": "s", "annotations": [remark]});
    assert_eq!(fault(check(good.clone())), "");
    let mut lacks = good.clone();
    lacks["annotations"][0].as_object_mut().expect("a remark").remove("path");
    assert!(fault(check(lacks)).contains("`output.annotations[].path` is missing"));
    let mut more = good;
    more["annotations"][0]["colour"] = "red".into();
    assert!(fault(check(more)).contains("`output.annotations[].colour` is unknown"));
    assert!(fault(check(json!({"title": "t"}))).contains("`output.summary` is missing"));
    assert!(fault(json!({"name": "n", "head_sha": "c"})).contains("`output` is missing"));
    let message = |block: Value| slack_fault(&json!({"text": "t", "blocks": [block]}));
    assert_eq!(message(json!({"type": "header", "text": {"type": "plain_text", "text": "t", "emoji": false}})), None);
    for block in [
        json!({"type": "header", "text": {"type": "mrkdwn", "text": "t"}}),
        json!({"type": "section", "text": {"type": "mrkdwn", "text": "t", "colour": "red"}}),
        json!({"type": "context", "elements": []}),
        json!({"type": "table"}),
    ] {
        assert!(message(block.clone()).is_some(), "{block}");
    }
}
