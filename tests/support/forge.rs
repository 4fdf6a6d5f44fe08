//! A code host on this machine, as its published API says: comments over pages, authors, hidden ones, marks on commits; and what
//! goes wrong. One store, four ways to speak to it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

/// The token that is taken.
pub(crate) const TOKEN: &str = "forge-token-canary-000000";

#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: &'static str,
    pub(crate) body: String,
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) number: u64,
    pub(crate) author: &'static str,
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) open: bool,
}

/// What the next requests get instead of an answer: method, a part of the path, status, headers, body.
pub(crate) type Fault = (&'static str, &'static str, u16, &'static [(&'static str, &'static str)], &'static str);

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) comments: Vec<Comment>,
    pub(crate) statuses: Vec<Value>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) log: Vec<String>,
    pub(crate) faults: Vec<Fault>,
    made: u64,
}

#[derive(Clone)]
pub(crate) struct Forge {
    kind: &'static str,
    pub(crate) address: SocketAddr,
    store: Arc<Mutex<Store>>,
}

impl Forge {
    pub(crate) fn start(kind: &'static str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let forge = Self { kind, address: listener.local_addr().expect("an address"), store: Arc::default() };
        let served = forge.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let router = Router::new().fallback(answer).with_state(served);
                axum::serve(listener, router).await.expect("it serves");
            });
        });
        forge
    }

    /// The address of its API.
    pub(crate) fn api(&self) -> String {
        let path = match self.kind {
            "github" => "",
            "gitlab" => "/api/v4",
            "bitbucket" => "/2.0",
            _ => "/api/v1",
        };
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn store<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.store.lock().expect("no panic"))
    }

    /// Somebody comments.
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub(crate) fn says(&self, author: &'static str, body: &str) {
        self.store(|store| store.add(author, body));
    }
}

impl Store {
    fn add(&mut self, author: &'static str, body: &str) -> u64 {
        self.made += 1;
        self.comments.push(Comment { id: self.made, author, body: body.to_owned(), hidden: false });
        self.made
    }
}

/// The author behind the token.
const ME: &str = "supaform-bot";

async fn answer(State(forge): State<Forge>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = uri.path().to_owned();
    let query = uri.query().unwrap_or_default().to_owned();
    let mut store = forge.store.lock().expect("no panic");
    store.log.push(format!("{method} {path}"));
    if let Some(at) = store.faults.iter().position(|(verb, part, ..)| *verb == method.as_str() && path.contains(part)) {
        let (_, _, status, headers, text) = store.faults.remove(at);
        let mut response = (StatusCode::from_u16(status).expect("a status"), text).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        return response;
    }
    let given = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let token = match forge.kind {
        "gitlab" => given("private-token"),
        "gitea" => given("authorization").trim_start_matches("token ").to_owned(),
        _ => given("authorization").trim_start_matches("Bearer ").to_owned(),
    };
    if token != TOKEN {
        return told(401, &json!({"message": "Bad credentials"}));
    }
    if forge.kind == "github" && (given("user-agent").is_empty() || given("x-github-api-version").is_empty()) {
        return told(403, &json!({"message": "Request forbidden by administrative rules."}));
    }
    drop(store);
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    forge.route(&method, &parts, &query, &body)
}

fn told(status: u16, body: &Value) -> Response {
    let headers = [("content-type", "application/json"), ("x-request-id", "req-1")];
    (StatusCode::from_u16(status).expect("a status"), headers, body.to_string()).into_response()
}

impl Forge {
    fn route(&self, method: &Method, parts: &[&str], query: &str, body: &Value) -> Response {
        let most = match self.kind {
            "github" | "gitea" => 65_536,
            "gitlab" => 1_000_000,
            _ => 32_768,
        };
        let text = if self.kind == "bitbucket" { &body["content"]["raw"] } else { &body["body"] };
        let text = text.as_str().unwrap_or_default().to_owned();
        if text.chars().count() > most {
            return told(
                422,
                &json!({"message": format!("Validation Failed: body is too long (maximum is {most} characters)")}),
            );
        }
        let id = |part: &str| part.parse::<u64>().unwrap_or_default();
        match (self.kind, method.as_str(), parts) {
            ("github", "GET", ["user"]) => {
                // The token of a workflow is that of an app.
                told(403, &json!({"message": "Resource not accessible by integration"}))
            }
            ("github", "POST", ["graphql"]) => self.graphql(body),
            ("gitlab", "GET", ["api", "v4", "user"]) => told(200, &json!({"id": 7, "username": ME})),
            ("gitea", "GET", ["api", "v1", "user"]) => told(200, &json!({"id": 7, "login": ME})),
            ("bitbucket", "GET", ["2.0", "user"]) => told(200, &json!({"uuid": "{7}"})),
            ("github", "GET", ["repos", "acme", "infra", "issues", "12", "comments"])
            | ("gitea", "GET", ["api", "v1", "repos", "acme", "infra", "issues", "12", "comments"])
            | ("gitlab", "GET", ["api", "v4", "projects", "42", "merge_requests", "12", "notes"])
            | ("bitbucket", "GET", ["2.0", "repositories", "acme", "infra", "pullrequests", "12", "comments"]) => {
                self.page(&parts.join("/"), query)
            }
            ("github", "POST", ["repos", "acme", "infra", "issues", "12", "comments"])
            | ("gitea", "POST", ["api", "v1", "repos", "acme", "infra", "issues", "12", "comments"])
            | ("gitlab", "POST", ["api", "v4", "projects", "42", "merge_requests", "12", "notes"])
            | ("bitbucket", "POST", ["2.0", "repositories", "acme", "infra", "pullrequests", "12", "comments"]) => {
                let id = self.store(|store| store.add(ME, &text));
                told(201, &json!({"id": id}))
            }
            ("github", "PATCH", ["repos", "acme", "infra", "issues", "comments", it])
            | ("gitea", "PATCH", ["api", "v1", "repos", "acme", "infra", "issues", "comments", it])
            | ("gitlab", "PUT", ["api", "v4", "projects", "42", "merge_requests", "12", "notes", it])
            | ("bitbucket", "PUT", ["2.0", "repositories", "acme", "infra", "pullrequests", "12", "comments", it]) => {
                self.change(id(it), |comment| comment.body = text)
            }
            ("github", "DELETE", ["repos", "acme", "infra", "issues", "comments", it])
            | ("gitea", "DELETE", ["api", "v1", "repos", "acme", "infra", "issues", "comments", it])
            | ("gitlab", "DELETE", ["api", "v4", "projects", "42", "merge_requests", "12", "notes", it])
            | ("bitbucket", "DELETE", ["2.0", "repositories", "acme", "infra", "pullrequests", "12", "comments", it]) =>
            {
                let id = id(it);
                if self.store(|store| store.comments.iter().any(|it| it.id == id && it.author != ME)) {
                    return told(403, &json!({"message": "Must have admin rights to Repository."}));
                }
                self.store(|store| store.comments.retain(|comment| comment.id != id));
                StatusCode::NO_CONTENT.into_response()
            }
            ("github", "POST", ["repos", "acme", "infra", "statuses", _])
            | ("gitea", "POST", ["api", "v1", "repos", "acme", "infra", "statuses", _])
            | ("gitlab", "POST", ["api", "v4", "projects", "42", "statuses", _])
            | ("bitbucket", "POST", ["2.0", "repositories", "acme", "infra", "commit", _, "statuses", "build"]) => {
                let described = body["description"].as_str().unwrap_or_default().chars().count();
                if described > if self.kind == "github" { 140 } else { 255 } {
                    return told(422, &json!({"message": "Validation Failed"}));
                }
                self.store(|store| store.statuses.push(body.clone()));
                told(201, &json!({}))
            }
            ("github", verb, ["repos", "acme", "infra", "issues", rest @ ..])
            | ("gitea", verb, ["api", "v1", "repos", "acme", "infra", "issues", rest @ ..])
            | ("gitlab", verb, ["api", "v4", "projects", "42", "issues", rest @ ..]) => {
                self.issues(verb, rest.first().map(|it| id(it)), body)
            }
            _ => told(404, &json!({"message": "Not Found"})),
        }
    }

    fn issues(&self, verb: &str, number: Option<u64>, body: &Value) -> Response {
        let gitlab = self.kind == "gitlab";
        let text = |key: &str| body[key].as_str().map(str::to_owned);
        let described = text(if gitlab { "description" } else { "body" });
        let mut store = self.store.lock().expect("no panic");
        match (verb, number) {
            ("GET", None) => {
                let show = |it: &Issue| {
                    let author = if it.author == ME { 7 } else { 9 };
                    if gitlab {
                        json!({"iid": it.number, "author": {"id": author}, "description": it.body})
                    } else {
                        json!({"number": it.number, "user": {"id": author, "login": it.author}, "body": it.body})
                    }
                };
                let mut all: Vec<Value> = store.issues.iter().filter(|it| it.open).map(show).collect();
                if self.kind == "github" {
                    // Requests are among the issues of GitHub.
                    let request = json!({"number": 99, "user": {"login": ME}, "body": "<!-- supaform:drift:default -->", "pull_request": {}});
                    all.push(request);
                }
                told(200, &all.into())
            }
            ("POST", None) => {
                let number = 100 + store.issues.len() as u64;
                let (title, body) = (text("title").unwrap_or_default(), described.unwrap_or_default());
                store.issues.push(Issue { number, author: ME, title, body, open: true });
                told(201, &json!({"number": number}))
            }
            ("PATCH" | "PUT", Some(number)) => {
                let Some(issue) = store.issues.iter_mut().find(|it| it.number == number) else {
                    return told(404, &json!({"message": "Not Found"}));
                };
                issue.title = text("title").unwrap_or_else(|| issue.title.clone());
                issue.body = described.unwrap_or_else(|| issue.body.clone());
                issue.open =
                    text("state").as_deref() != Some("closed") && text("state_event").as_deref() != Some("close");
                told(200, &json!({"number": number}))
            }
            _ => told(404, &json!({"message": "Not Found"})),
        }
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Comment)) -> Response {
        self.store(|store| match store.comments.iter_mut().find(|comment| comment.id == id) {
            Some(comment) if comment.author == ME => {
                change(comment);
                told(200, &json!({"id": id}))
            }
            Some(_) => told(403, &json!({"message": "Must have admin rights to Repository."})),
            None => told(404, &json!({"message": "Not Found"})),
        })
    }

    fn graphql(&self, body: &Value) -> Response {
        let query = body["query"].as_str().unwrap_or_default();
        if query.contains("viewer") {
            return told(200, &json!({"data": {"viewer": {"login": ME}}}));
        }
        let node = body["variables"]["id"].as_str().unwrap_or_default();
        let id: u64 = node.trim_start_matches("IC_").parse().unwrap_or_default();
        let found = self.store(|store| {
            let comment = store.comments.iter_mut().find(|comment| comment.id == id);
            comment.map(|comment| comment.hidden = query.contains("minimizeComment")).is_some()
        });
        if found {
            told(200, &json!({"data": {"minimizeComment": {"clientMutationId": null}}}))
        } else {
            told(200, &json!({"data": null, "errors": [{"message": "Could not resolve to a node"}]}))
        }
    }

    /// A page of comments, in each host's own way to name the next one.
    fn page(&self, path: &str, query: &str) -> Response {
        let number = |name: &str| {
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            pair.and_then(|value| value.parse::<usize>().ok())
        };
        let size = number("per_page").or(number("pagelen")).or(number("limit")).unwrap_or(30).min(100);
        let page = number("page").unwrap_or(1);
        let all = self.store(|store| store.comments.clone());
        let there: Vec<Value> = all.iter().skip((page - 1) * size).take(size).map(|it| self.shown(it)).collect();
        let next = (all.len() > page * size).then(|| {
            format!("http://{}/{path}?page={}&per_page={size}&pagelen={size}&limit={size}", self.address, page + 1)
        });
        if self.kind == "bitbucket" {
            let mut body = json!({"values": there, "page": page, "pagelen": size});
            if let Some(next) = next {
                body["next"] = next.into();
            }
            return told(200, &body);
        }
        let mut response = told(200, &there.into());
        if let Some(next) = next {
            let link = format!("<{next}>; rel=\"next\", <http://{}/{path}?page=9>; rel=\"last\"", self.address);
            response.headers_mut().insert("link", link.parse().expect("a header"));
        }
        response
    }

    fn shown(&self, comment: &Comment) -> Value {
        let Comment { id, author, body, .. } = comment;
        let number = if *author == ME { 7 } else { 9 };
        match self.kind {
            "github" => {
                json!({"id": id, "node_id": format!("IC_{id}"), "user": {"login": author, "id": number}, "body": body})
            }
            "gitea" => json!({"id": id, "user": {"id": number, "login": author}, "body": body}),
            "gitlab" => json!({"id": id, "author": {"id": number, "username": author}, "body": body, "system": false}),
            _ => {
                json!({"id": id, "user": {"uuid": format!("{{{number}}}")}, "content": {"raw": body}, "deleted": false})
            }
        }
    }
}
