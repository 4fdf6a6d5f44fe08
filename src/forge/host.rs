//! The interface of a code host: its requests and answers as data, without I/O.

use http::Method;
use serde_json::Value;

/// A pull or merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `acme/infra`; for GitLab also the project's number. Empty where it is not known.
    pub repository: String,
    /// Its number, where there is one: a push has none.
    pub number: Option<u64>,
    /// The commit whose status is set.
    pub commit: Option<String>,
    /// The pipeline of the status, on hosts where a status is part of a pipeline.
    pub pipeline: Option<u64>,
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

/// An existing comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The id for updates.
    pub id: String,
    /// The id for hiding, or the version, where the host has such.
    pub node: String,
    /// The author: an id, never a name that somebody else may take over.
    pub author: String,
    /// Its text.
    pub body: String,
}

/// The verdict of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The plan may be applied, or the apply succeeded.
    Good,
    /// There is a refusal or a failure.
    Bad,
}

/// A status of a commit to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Good or bad.
    pub verdict: Verdict,
    /// Its name: `supaform/plan`.
    pub context: String,
    /// One line.
    pub description: String,
    /// The id of the plan whose steps it approves.
    pub plan: Option<String>,
    /// The page with details.
    pub url: Option<String>,
}

impl Status {
    /// The description, limited in length; the plan's id is always at its end.
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

/// The word before the id of a plan at the end of a description.
pub(super) const PLAN: &str = "id";

/// A check run of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// Good or bad.
    pub verdict: Verdict,
    /// One line.
    pub title: String,
    /// The page, in Markdown.
    pub summary: String,
    /// The page of the run.
    pub url: Option<String>,
    /// What is said of lines.
    pub remarks: Vec<LineRemark>,
}

/// What is said of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRemark {
    /// The file, below the top of the repository.
    pub file: String,
    /// The line.
    pub line: usize,
    /// `failure`, `warning` or `notice`.
    pub level: &'static str,
    /// Its code.
    pub title: String,
    /// The message.
    pub message: String,
}

/// A status of a commit that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its number: the later of two has the greater one.
    pub id: u64,
    /// The author: an id.
    pub author: String,
    /// Its name: `supaform/plan`.
    pub context: String,
    /// Whether it reports success.
    pub good: bool,
    /// One line.
    pub description: String,
}

/// A merged request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its number.
    pub number: u64,
    /// Its last commit.
    pub head: String,
    /// The branch that it was merged into.
    pub into: String,
    /// The merge commit, or the commit to which the branch was fast-forwarded.
    pub commit: String,
    /// Whether it came from another repository, or from a deleted one.
    pub is_foreign: bool,
}

/// The last commit of a branch, possibly in a fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The repository: `ann/infra`.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
}

/// An open request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its number.
    pub number: u64,
    /// The repository of its source branch.
    pub repository: String,
    /// Its last commit.
    pub commit: String,
}

/// What an issue is opened with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Its labels.
    pub labels: Vec<String>,
    /// The people who are to look at it, by their names on the host.
    pub assignees: Vec<String>,
}

/// How a comment is hidden.
#[derive(Debug, Clone, PartialEq)]
pub enum Hiding {
    /// The host folds it.
    Fold(Ask),
    /// The host cannot hide comments: a line replaces the text.
    Replace,
}

/// The API of a host.
pub trait Host: Sync {
    /// Its name in messages: `GitHub`.
    fn name(&self) -> &'static str;
    /// The address of its API, where all users share one.
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
    /// Asks for the owner of the token.
    fn whoami(&self, base: &str) -> Ask;
    /// The owner's id in that answer.
    fn me(&self, answer: &Value) -> Option<String>;
    /// The header of that answer with the owner's name, where that is all that there is.
    fn header_of_me(&self) -> Option<&'static str> {
        None
    }
    /// The first page of comments.
    fn list(&self, place: &Place) -> Ask;
    /// The items of a page.
    fn items<'a>(&self, answer: &'a Value) -> &'a Value {
        answer
    }
    /// A comment; `None` where the item is not one that people read.
    fn comment(&self, item: &Value) -> Option<Comment>;
    /// The next page, where the answer has it instead of a `Link` header: an address, or `?` and a query.
    fn next(&self, _answer: &Value) -> Option<String> {
        None
    }
    /// Creates a comment.
    fn create(&self, place: &Place, body: &str) -> Ask;
    /// Changes a comment.
    fn update(&self, place: &Place, comment: &Comment, body: &str) -> Ask;
    /// Removes a comment.
    fn delete(&self, place: &Place, comment: &Comment) -> Ask;
    /// Hides a comment.
    fn hide(&self, _base: &str, _comment: &Comment) -> Hiding {
        Hiding::Replace
    }
    /// Sets the status of a commit.
    fn status(&self, place: &Place, commit: &str, status: &Status) -> Ask;
    /// Makes a check run with its first remarks; `None` where the host has none.
    fn check(&self, _place: &Place, _check: &Check) -> Option<Ask> {
        None
    }
    /// The statuses of a commit; `None` where they cannot approve.
    fn marks(&self, _place: &Place, _commit: &str) -> Option<Ask> {
        None
    }
    /// Why they cannot: the end of a sentence.
    fn why_none_approve(&self) -> &'static str {
        "who has set one is not known"
    }
    /// A status.
    fn mark(&self, _item: &Value) -> Option<Mark> {
        None
    }
    /// The requests through which a commit came into its branch.
    fn requests(&self, _place: &Place, _commit: &str) -> Option<Ask> {
        None
    }
    /// A request; `None` where it was not merged.
    fn merged(&self, _item: &Value) -> Option<Merged> {
        None
    }
    /// The commits that pipelines have made of a request, the newest first, on hosts that do so.
    fn stand_ins(&self, _place: &Place) -> Option<Ask> {
        None
    }
    /// Such a commit; `None` where the pipeline is of the request's own.
    fn stand_in(&self, _item: &Value) -> Option<String> {
        None
    }
    /// Asks for a commit with its parents.
    fn parents(&self, _place: &Place, _commit: &str) -> Option<Ask> {
        None
    }
    /// The parents in that answer.
    fn parents_of(&self, _answer: &Value) -> Vec<String> {
        vec![]
    }
    /// The open requests of a branch; `None` where the CI system names the request.
    fn open_requests(&self, _place: &Place, _head: &Head) -> Option<Ask> {
        None
    }
    /// An open request.
    fn open_request(&self, _item: &Value) -> Option<Open> {
        None
    }
    /// Whether its Markdown allows HTML, which folds parts and hides the marker.
    fn knows_html(&self) -> bool {
        true
    }
    /// The text with its invisible marker.
    fn dressed(&self, marker: &str, text: &str) -> String {
        format!("<!-- {marker} -->\n{text}")
    }
    /// The open issues of the token's owner, by page; `None` where the host has no issues.
    fn issues(&self, _place: &Place, _me: &str) -> Option<Ask> {
        None
    }
    /// An issue, with its number as the id; `None` where it is a request.
    fn read_issue(&self, _item: &Value) -> Option<Comment> {
        None
    }
    /// Opens an issue.
    fn open(&self, place: &Place, _title: &str, body: &str, _tags: &Tags) -> Ask {
        self.create(place, body)
    }
    /// Comments on an issue.
    fn remark(&self, place: &Place, id: &str, body: &str) -> Ask {
        self.create(&Place { number: id.parse().ok(), ..place.clone() }, body)
    }
    /// The labels of the repository, on hosts that know a label by its number; elsewhere it is known by its name.
    fn labels(&self, _place: &Place) -> Option<Ask> {
        None
    }
    /// A label in that answer: its name and its number.
    fn read_label(&self, _item: &Value) -> Option<(String, String)> {
        None
    }
    /// Makes a label that the repository does not have.
    fn make_label(&self, place: &Place, _name: &str) -> Ask {
        self.create(place, "")
    }
    /// Gives a request a label, by its name or number, or takes it away; `None` where the host has none.
    fn label(&self, _place: &Place, _name: &str, _on: bool) -> Option<Ask> {
        None
    }
    /// Replaces an issue's title and text.
    fn rewrite(&self, place: &Place, _id: &str, _title: &str, body: &str) -> Ask {
        self.create(place, body)
    }
    /// Closes an issue.
    fn close(&self, place: &Place, _id: &str) -> Ask {
        self.create(place, "")
    }
    /// The permissions that a token needs, for hints: a sentence.
    fn permissions(&self) -> &'static str;
    /// The permissions that it needs to set a status.
    fn status_permissions(&self) -> &'static str {
        self.permissions()
    }
    /// Whether a change names the version that it is made of, so that a conflict is for good.
    fn counts_versions(&self) -> bool {
        false
    }
}

/// The text of a member that is a text or a number.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// The start of a line, limited in length.
fn short(line: &str, most: usize) -> String {
    if line.chars().count() <= most {
        return line.to_owned();
    }
    line.chars().take(most - 1).chain(['…']).collect()
}
