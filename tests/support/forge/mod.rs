//! A code host on this machine, as its published API says: comments over pages, authors, hidden ones, marks on commits; and
//! what goes wrong. One store, and a dialect for each host: what its requests and answers look like.
//!
//! The token may change and remove everybody's comments, as those of maintainers may: that this does not happen is ours.

mod azure;
mod bitbucket;
mod bitbucket_dc;
pub(crate) mod described;
mod gitea;
mod github;
mod gitlab;
mod store;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use self::described::Described;
pub(crate) use self::store::{Comment, Fault, Issue, Marked, Merged, Pipeline, Store};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

/// The token that is taken.
pub(crate) const TOKEN: &str = "forge-token-canary-000000";

/// The author behind it.
pub(crate) const ME: &str = "supaform-bot";

#[derive(Clone)]
pub(crate) struct Forge {
    dialect: &'static dyn Dialect,
    pub(crate) address: SocketAddr,
    store: Arc<Mutex<Store>>,
}

/// What is asked for, whatever the host.
enum Asked {
    Whoami,
    Page {
        on: u64,
        page: usize,
        size: usize,
    },
    Create(u64, String),
    Update(u64, String),
    Delete(u64),
    /// A change of what has this version.
    Versioned(Box<Self>, u64),
    Hide(u64),
    Mark(String),
    Marks(String),
    Requests(String),
    Pipelines(u64),
    Commit(String),
    OpenRequests(String),
    Issues,
    /// A new check run, or more of the one with this number.
    Check(Option<u64>),
    /// The request gets a label, or loses it.
    Label(String, bool),
    /// The same by the label's number.
    NumberedLabel(u64, bool),
    KnownLabels,
    MakeLabel(String),
    Open {
        title: String,
        body: String,
    },
    Change {
        number: u64,
        title: Option<String>,
        body: Option<String>,
        close: bool,
    },
    Nothing,
}

/// A request as a dialect reads it: method, path below the API's address in its parts, query and body.
struct Request<'a> {
    method: &'a str,
    parts: &'a [&'a str],
    query: &'a str,
    body: &'a Value,
}

impl Request<'_> {
    fn number(&self, name: &str) -> Option<usize> {
        let pair = self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.and_then(|value| value.parse().ok())
    }

    /// A parameter of the query as it was meant.
    fn text(&self, name: &str) -> String {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map_or_else(String::new, |(_, value)| value.into_owned())
    }

    fn page(&self, on: &str, size: &str, usual: usize, most: usize) -> Asked {
        Asked::Page {
            on: id(on),
            page: self.number("page").unwrap_or(1),
            size: self.number(size).unwrap_or(usual).min(most),
        }
    }
}

/// A part of a path as it was meant.
fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn id(part: &str) -> u64 {
    part.parse().unwrap_or_default()
}

trait Dialect: Send + Sync {
    /// The path of its API.
    fn path(&self) -> &'static str;
    /// The header with the token, as it must be; or what is wrong with the request.
    fn refuses(&self, given: &dyn Fn(&str) -> String) -> Option<(u16, &'static str)>;
    fn asked(&self, request: &Request<'_>) -> Asked;
    /// What its published description says of requests.
    fn described(&self) -> &'static [Described];
    /// The most characters of a comment, and how more are refused.
    fn most(&self) -> (usize, u16, Value);
    /// Why a mark on a commit is refused.
    fn refuses_mark(&self, body: &Value) -> Option<(u16, &'static str)>;
    fn error(&self, message: &str) -> Value;
    fn me(&self) -> Value;
    fn nameless(&self) -> (u16, Value) {
        (403, self.error("Forbidden"))
    }
    /// Headers of every answer.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    fn comment(&self, comment: &Comment, author: u64) -> Value;
    /// A page; `next` is the number of the one after it.
    fn page(&self, comments: Vec<Value>, next: Option<usize>, size: usize, address: &str) -> Response {
        let mut response = told(200, &comments.into());
        if let Some(next) = next {
            let link =
                format!("<{address}?page={next}&per_page={size}>; rel=\"next\", <{address}?page=9>; rel=\"last\"");
            response.headers_mut().insert("link", link.parse().expect("a header"));
        }
        response
    }
    fn hidden(&self, found: bool) -> Value {
        found.into()
    }
    fn issue(&self, issue: &Issue, author: u64) -> Value {
        json!({"number": issue.number, "user": {"id": author, "login": issue.author}, "body": issue.body})
    }
    /// A mark as it is shown; nothing where the host does not tell who made it.
    fn mark(&self, _id: u64, _mark: &Marked, _author: u64) -> Option<Value> {
        None
    }
    /// The answer to which requests a commit came by.
    fn requests(&self, _merged: &[Merged]) -> Option<Value> {
        None
    }
    /// What is on a page of issues and is none.
    fn among_issues(&self) -> Option<Value> {
        None
    }
}

/// What GitHub and Gitea are asked of issues.
fn of_issues(request: &Request<'_>, rest: &[&str]) -> Asked {
    let text = |key: &str| request.body[key].as_str().map(str::to_owned);
    match (request.method, rest) {
        ("GET", []) => Asked::Issues,
        ("POST", []) => {
            Asked::Open { title: text("title").unwrap_or_default(), body: text("body").unwrap_or_default() }
        }
        ("PATCH", [number]) => {
            let close = text("state").as_deref() == Some("closed");
            Asked::Change { number: id(number), title: text("title"), body: text("body"), close }
        }
        _ => Asked::Nothing,
    }
}

impl Forge {
    pub(crate) fn start(kind: &str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let dialect: &'static dyn Dialect = match kind {
            "github" => &github::Github,
            "gitlab" => &gitlab::Gitlab,
            "bitbucket" => &bitbucket::Bitbucket,
            "bitbucket-dc" => &bitbucket_dc::BitbucketDc,
            "azure" => &azure::Azure,
            _ => &gitea::Gitea,
        };
        let forge = Self { dialect, address: listener.local_addr().expect("an address"), store: Arc::default() };
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
        format!("http://{}{}", self.address, self.dialect.path())
    }

    pub(crate) fn store<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.store.lock().expect("no panic"))
    }

    /// Somebody comments.
    pub(crate) fn says(&self, author: &'static str, body: &str) {
        self.store(|store| _ = store.add(12, author, body));
    }

    /// All marks, as they were sent.
    pub(crate) fn statuses(&self) -> Vec<Value> {
        self.store(|store| store.marks.iter().map(|mark| mark.body.clone()).collect())
    }

    fn carry_out(&self, asked: Asked, address: &str, body: &Value) -> Response {
        let asked = match asked {
            Asked::Versioned(change, version) => {
                let (Asked::Update(id, _) | Asked::Delete(id)) = &*change else { unreachable!("it changes a comment") };
                if self.store(|store| store.find(*id).is_some_and(|it| it.version != version)) {
                    return told(409, &self.dialect.error("This comment has been changed since it was loaded."));
                }
                *change
            }
            other => other,
        };
        let shown = |comment: &Comment| self.dialect.comment(comment, if comment.author == ME { 7 } else { 9 });
        let none = || told(404, &self.dialect.error("Not Found"));
        let (most, status, long) = self.dialect.most();
        if let Asked::Create(_, text) | Asked::Update(_, text) = &asked
            && text.chars().count() > most
        {
            return told(status, &long);
        }
        self.store(|store| match asked {
            Asked::Whoami if store.nameless => {
                let (status, body) = self.dialect.nameless();
                told(status, &body)
            }
            Asked::Whoami => told(200, &self.dialect.me()),
            Asked::Page { on, page, size } => {
                let all: Vec<&Comment> = store.comments.iter().filter(|comment| comment.on == on).collect();
                let more = all.len() > page.saturating_mul(size);
                let next = if more { Some(page + 1) } else { store.circles.then_some(page) };
                let there = all.into_iter().skip((page - 1) * size).take(size).map(shown).collect();
                self.dialect.page(there, next, size, address)
            }
            Asked::Create(on, text) => told(201, &shown(store.add(on, ME, &text))),
            Asked::Update(id, text) => store.find(id).map_or_else(none, |comment| {
                comment.body = text;
                comment.version += 1;
                told(200, &shown(comment))
            }),
            Asked::Hide(id) => {
                let found = store.find(id).map(|comment| comment.hidden = true).is_some();
                told(200, &self.dialect.hidden(found))
            }
            Asked::Delete(id) if store.find(id).is_some() => {
                store.comments.retain(|comment| comment.id != id);
                StatusCode::NO_CONTENT.into_response()
            }
            Asked::Mark(commit) => match self.dialect.refuses_mark(body) {
                Some((status, why)) => told(status, &self.dialect.error(why)),
                None => {
                    store.marks.push(Marked { commit, author: ME, body: body.clone() });
                    told(201, &body.clone())
                }
            },
            Asked::Marks(commit) => {
                let there = (1..).zip(&store.marks).filter(|(_, mark)| mark.commit == commit);
                let show =
                    |(id, mark): (u64, &Marked)| self.dialect.mark(id, mark, if mark.author == ME { 7 } else { 9 });
                told(200, &there.filter_map(show).collect::<Vec<_>>().into())
            }
            Asked::Requests(commit) => {
                let known = store.late == 0;
                store.late = store.late.saturating_sub(1);
                let found = store.merged.iter().filter(|it| known && it.commit == commit).cloned();
                let found: Vec<Merged> = found.collect();
                self.dialect.requests(&found).map_or_else(none, |found| told(200, &found))
            }
            Asked::Pipelines(on) => {
                let there = store.pipelines.iter().rev().filter(|it| it.on == on);
                let show = |it: &Pipeline| json!({"sha": it.commit, "ref": it.name, "status": "success"});
                told(200, &there.map(show).collect::<Vec<_>>().into())
            }
            Asked::Commit(commit) => store
                .pipelines
                .iter()
                .find(|it| it.commit == commit)
                .map_or_else(none, |it| told(200, &json!({"id": it.commit, "parent_ids": it.parents}))),
            Asked::OpenRequests(label) => {
                let of = |(_, repository, branch, _): &&(u64, &str, &str, &str)| {
                    label == format!("{}:{branch}", repository.split('/').next().unwrap_or_default())
                };
                let show = |(number, repository, branch, commit): &(u64, &str, &str, &str)| {
                    let head = json!({"ref": branch, "sha": commit, "repo": {"full_name": repository}});
                    json!({"number": number, "state": "open", "head": head})
                };
                told(200, &store.open.iter().filter(of).map(show).collect::<Vec<_>>().into())
            }
            Asked::Issues => {
                let show = |it: &Issue| self.dialect.issue(it, if it.author == ME { 7 } else { 9 });
                let open = store.issues.iter().filter(|it| it.open).map(show);
                told(200, &open.chain(self.dialect.among_issues()).collect::<Vec<_>>().into())
            }
            Asked::Check(of) => {
                let remarks = body["output"]["annotations"].as_array().cloned().unwrap_or_default();
                let whole = ["title", "summary"].iter().all(|name| body["output"][*name].is_string());
                if remarks.len() > 50 || !whole {
                    return told(422, &self.dialect.error("Invalid request."));
                }
                let at = of.map_or(store.checks.len(), |id| usize::try_from(id).expect("small") - 1);
                if of.is_none() {
                    store.checks.push(body.clone());
                } else if let Some(Value::Array(before)) = store.checks[at].pointer_mut("/output/annotations") {
                    before.extend(remarks);
                }
                told(201, &json!({"id": at + 1}))
            }
            Asked::KnownLabels => {
                let known = (1..).zip(&store.known_labels);
                told(200, &known.map(|(id, name): (u64, _)| json!({"id": id, "name": name})).collect::<Vec<_>>().into())
            }
            Asked::MakeLabel(name) => {
                store.known_labels.push(name.clone());
                told(201, &json!({"id": store.known_labels.len(), "name": name}))
            }
            Asked::NumberedLabel(id, on) => {
                let at = usize::try_from(id).expect("small").wrapping_sub(1);
                let Some(name) = store.known_labels.get(at).cloned() else { return none() };
                store.labels.retain(|it| *it != name);
                store.labels.extend(on.then_some(name));
                told(200, &json!([]))
            }
            Asked::Label(name, true) => {
                store.labels.retain(|it| *it != name);
                store.labels.push(name);
                told(200, &json!([]))
            }
            Asked::Label(name, false) => {
                let before = store.labels.len();
                store.labels.retain(|it| *it != name);
                if store.labels.len() == before { none() } else { told(200, &json!([])) }
            }
            Asked::Open { title, body: text } => {
                store.opened.push(body.clone());
                let body = text;
                let number = 100 + store.issues.len() as u64;
                store.issues.push(Issue { number, author: ME, title, body, open: true });
                told(201, &self.dialect.issue(store.issues.last().expect("it was added"), 7))
            }
            Asked::Change { number, title, body, close } => {
                let Some(issue) = store.issues.iter_mut().find(|it| it.number == number) else { return none() };
                issue.title = title.unwrap_or_else(|| issue.title.clone());
                issue.body = body.unwrap_or_else(|| issue.body.clone());
                issue.open = !close;
                told(200, &self.dialect.issue(issue, 7))
            }
            Asked::Delete(_) | Asked::Versioned(..) | Asked::Nothing => none(),
        })
    }
}

impl Store {
    fn add(&mut self, on: u64, author: &'static str, body: &str) -> &Comment {
        self.made += 1;
        self.comments.push(Comment { id: self.made, on, author, body: body.to_owned(), hidden: false, version: 0 });
        self.comments.last().expect("it was added")
    }

    fn find(&mut self, id: u64) -> Option<&mut Comment> {
        self.comments.iter_mut().find(|comment| comment.id == id)
    }
}

async fn answer(State(forge): State<Forge>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let fault = forge.store(|store| {
        store.log.push(format!("{method} {path}"));
        let meant = |fault: &Fault| fault.method == method.as_str() && path.contains(fault.part);
        store.faults.iter().position(meant).map(|at| store.faults.remove(at))
    });
    let given = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let answer = || {
        if let Some((status, why)) = forge.dialect.refuses(&given) {
            return told(status, &forge.dialect.error(why));
        }
        let below = path.strip_prefix(forge.dialect.path()).unwrap_or_default().trim_start_matches('/');
        if let Some(why) = described::fault(forge.dialect.described(), method.as_str(), below, query, &body) {
            // GraphQL would say so with status 200, too; here a mistake is to be seen.
            return told(400, &forge.dialect.error(&format!("this is not as its description says: {why}")));
        }
        let parts: Vec<&str> = below.split('/').collect();
        let request = Request { method: method.as_str(), parts: &parts, query, body: &body };
        let address = format!("http://{}{path}", forge.address);
        let mut answer = forge.carry_out(forge.dialect.asked(&request), &address, &body);
        for (name, value) in forge.dialect.headers() {
            answer.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        answer
    };
    let Some(fault) = fault else { return answer() };
    if fault.done {
        drop(answer());
    }
    let mut response = (StatusCode::from_u16(fault.status).expect("a status"), fault.body).into_response();
    for (name, value) in fault.headers {
        response.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    response
}

fn told(status: u16, body: &Value) -> Response {
    let headers = [("content-type", "application/json"), ("x-request-id", "req-1")];
    (StatusCode::from_u16(status).expect("a status"), headers, body.to_string()).into_response()
}
