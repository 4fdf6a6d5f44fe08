//! What a code host is to us: what is asked of it, and how its answers are read. As data, without I/O.

use http::Method;
use serde_json::Value;

/// A pull or merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `acme/infra`; for GitLab also the project's number.
    pub repository: String,
    /// Its number, where there is one: a push has none.
    pub number: Option<u64>,
    /// The commit to mark.
    pub commit: Option<String>,
    /// The pipeline that the mark belongs to, on hosts where each mark is a part of one.
    pub pipeline: Option<String>,
}

/// A request, as data.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The method.
    pub method: Method,
    /// The path below the API's address, or a whole address of the same host.
    pub path: String,
    /// The body.
    pub body: Option<Value>,
}

impl Ask {
    pub(super) fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: None }
    }

    pub(super) fn send(method: Method, path: String, body: Value) -> Self {
        Self { method, path, body: Some(body) }
    }

    pub(super) fn delete(path: String) -> Self {
        Self { method: Method::DELETE, path, body: None }
    }
}

/// A comment that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// How it is addressed.
    pub id: String,
    /// How it is hidden, where that takes another name.
    pub node: String,
    /// Who wrote it: an id, never a name that somebody else may take.
    pub author: String,
    /// Its text.
    pub body: String,
}

/// How a commit is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing stands against it.
    Good,
    /// Something does.
    Bad,
}

/// A mark on a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Good or bad.
    pub verdict: Verdict,
    /// Its name: `supaform/plan`.
    pub context: String,
    /// One line.
    pub description: String,
    /// The id of the plan that it stands for, whose steps are approved by it.
    pub plan: Option<String>,
    /// Where more is told.
    pub url: Option<String>,
}

impl Status {
    /// The description in so many characters; the plan is always at its end.
    pub(super) fn described(&self, most: usize) -> String {
        match &self.plan {
            Some(id) => {
                let end = format!(" · {PLAN} {id}");
                format!("{}{end}", short(&self.description, most - end.chars().count()))
            }
            None => short(&self.description, most),
        }
    }
}

/// The word before the id of a plan at the end of a mark.
pub(super) const PLAN: &str = "id";

/// A mark that is on a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its number: of two, the later has the greater one.
    pub id: u64,
    /// Who made it: an id.
    pub author: String,
    /// Its name: `supaform/plan`.
    pub context: String,
    /// Whether it says that all is well.
    pub good: bool,
    /// One line.
    pub description: String,
}

/// A request that was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its number.
    pub number: u64,
    /// Its last commit.
    pub head: String,
    /// The branch that it was merged into.
    pub into: String,
    /// The commit that its merge made, or that its branch was moved to.
    pub commit: String,
    /// Whether it came from another repository, or from none that is still there.
    pub is_foreign: bool,
}

/// The last commit of a branch, which may be in a fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The repository: `ann/infra`.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
}

/// A request that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its number.
    pub number: u64,
    /// The repository that it comes from.
    pub repository: String,
    /// Its last commit.
    pub commit: String,
}

/// How hiding is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Hiding {
    /// The host folds it.
    Fold(Ask),
    /// The host cannot: its text is replaced by a line.
    Replace,
}

/// What a host's API is like.
pub trait Host: Sync {
    /// Its name in messages: `GitHub`.
    fn name(&self) -> &'static str;
    /// The address of its API, where that is the same for everybody.
    fn api(&self) -> Option<&'static str> {
        None
    }
    /// The header with the token.
    fn authorization(&self, token: &str) -> (&'static str, String);
    /// Further headers of every request.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// The most characters of a comment.
    fn limit(&self) -> usize;
    /// Who the token's owner is.
    fn whoami(&self, base: &str) -> Ask;
    /// The owner's id in an answer to that.
    fn me(&self, answer: &Value) -> Option<String>;
    /// The first page of comments.
    fn list(&self, place: &Place) -> Ask;
    /// What is on a page.
    fn items<'a>(&self, answer: &'a Value) -> &'a Value {
        answer
    }
    /// A comment; nothing where it is none that a person reads.
    fn comment(&self, item: &Value) -> Option<Comment>;
    /// The next page, where the answer itself names it and not a `Link` header.
    fn next(&self, _answer: &Value) -> Option<String> {
        None
    }
    /// Makes a comment.
    fn create(&self, place: &Place, body: &str) -> Ask;
    /// Changes one.
    fn update(&self, place: &Place, id: &str, body: &str) -> Ask;
    /// Removes one.
    fn delete(&self, place: &Place, id: &str) -> Ask;
    /// Hides one.
    fn hide(&self, _base: &str, _comment: &Comment) -> Hiding {
        Hiding::Replace
    }
    /// Marks a commit.
    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask;
    /// The marks on a commit; nothing where the host does not tell who made them.
    fn marks(&self, _place: &Place, _commit: &str) -> Option<Ask> {
        None
    }
    /// A mark.
    fn mark(&self, _item: &Value) -> Option<Mark> {
        None
    }
    /// The requests by which a commit came into its branch.
    fn requests(&self, _place: &Place, _commit: &str) -> Option<Ask> {
        None
    }
    /// A request; nothing where it was not merged.
    fn merged(&self, _item: &Value) -> Option<Merged> {
        None
    }
    /// The open requests of a branch; nothing where its CI system tells them by itself.
    fn open_requests(&self, _place: &Place, _head: &Head) -> Option<Ask> {
        None
    }
    /// One of them.
    fn open_request(&self, _item: &Value) -> Option<Open> {
        None
    }
    /// Whether its Markdown knows HTML, which folds parts and hides the marker.
    fn knows_html(&self) -> bool {
        true
    }
    /// The text with its marker, which nobody sees.
    fn dressed(&self, marker: &str, text: &str) -> String {
        format!("<!-- {marker} -->\n{text}")
    }
    /// The open issues that the owner of the token has made, a page at a time; nothing where the host has none.
    fn issues(&self, _place: &Place, _me: &str) -> Option<Ask> {
        None
    }
    /// An issue, with its number for an id; nothing where it is a request.
    fn read_issue(&self, _item: &Value) -> Option<Comment> {
        None
    }
    /// Opens an issue.
    fn open(&self, place: &Place, _title: &str, body: &str) -> Ask {
        self.create(place, body)
    }
    /// Gives an issue another title and text.
    fn rewrite(&self, place: &Place, id: &str, _title: &str, body: &str) -> Ask {
        self.update(place, id, body)
    }
    /// Closes an issue.
    fn close(&self, place: &Place, id: &str) -> Ask {
        self.delete(place, id)
    }
    /// What a token needs, for hints: a sentence.
    fn permissions(&self) -> &'static str;
}

/// The text of a member, whether it is written as text or as number.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// The start of a line of at most so many characters.
fn short(line: &str, most: usize) -> String {
    if line.chars().count() <= most {
        return line.to_owned();
    }
    line.chars().take(most - 1).chain(['…']).collect()
}
