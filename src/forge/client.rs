//! Sends what a host's file asks for: one token, one host, answers that are bounded, and patience where it is asked for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::sticky::{Deed, Mode, Says, decide, ours};
use super::{Ask, Comment, Hiding, Host, Place, Status};
use crate::api::{Broken, Transport};
use crate::clock::Clock;
use crate::exit::Exit;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 5;
/// The longest that is waited for one answer.
const LONGEST_WAIT: Duration = Duration::from_secs(90);
/// More pages of comments than people read.
const MOST_PAGES: usize = 100;

/// Why a host did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ForgeError {
    /// What went wrong: lower case, no full stop.
    pub message: String,
    /// What to do: a sentence, or nothing.
    pub hint: String,
    /// How the run ends by it.
    pub exit: Exit,
}

/// A code host, and the token for it.
pub struct Client<'h> {
    host: &'h dyn Host,
    transport: Box<dyn Transport>,
    /// The API's address, without a slash at its end.
    base: String,
    token: Zeroizing<String>,
    clock: Arc<dyn Clock>,
}

struct Told {
    body: Value,
    next: Option<String>,
}

impl<'h> Client<'h> {
    /// A client for the API at this address.
    #[must_use]
    pub fn new(
        host: &'h dyn Host,
        transport: Box<dyn Transport>,
        base: &str,
        token: Zeroizing<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { host, transport, base: base.trim_end_matches('/').to_owned(), token, clock }
    }

    /// Says something on a request, in a comment with this marker; tells what was done.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn comment(
        &self,
        place: &Place,
        mode: Mode,
        marker: &str,
        says: Says<'_>,
    ) -> Result<Vec<Deed>, ForgeError> {
        let me = self.whoami().await?;
        let start = self.host.dressed(marker, "").trim().to_owned();
        let there = ours(self.comments(place).await?, &me, &start);
        let deeds = decide(mode, says, there);
        let (Says::Something(text) | Says::Nothing(text)) = says;
        for deed in &deeds {
            match deed {
                Deed::Create => self.create(place, &me, &start, text).await?,
                Deed::Update(comment) => self.send(&self.host.update(place, &comment.id, text)).await.map(drop)?,
                Deed::Delete(comment) => self.send(&self.host.delete(place, &comment.id)).await.map(drop)?,
                Deed::Hide(comment) => match self.host.hide(&self.base, comment) {
                    Hiding::Fold(ask) => self.graphql(&ask).await?,
                    Hiding::Replace => {
                        let text = self.host.dressed(&format!("{marker} replaced"), "*Replaced by a newer comment.*");
                        self.send(&self.host.update(place, &comment.id, &text)).await.map(drop)?;
                    }
                },
            }
        }
        Ok(deeds)
    }

    /// Makes a comment, and no second one where the answer to the first was lost.
    async fn create(&self, place: &Place, me: &str, start: &str, text: &str) -> Result<(), ForgeError> {
        let ask = self.host.create(place, text);
        match self.once(&ask).await {
            Ok(_) => Ok(()),
            Err(Failed::Refused(error)) => Err(error),
            Err(Failed::Busy(..)) => self.send(&ask).await.map(drop),
            Err(Failed::Lost(_)) => {
                let there = ours(self.comments(place).await?, me, start);
                if there.iter().any(|comment| comment.body.trim() == text.trim()) {
                    return Ok(());
                }
                self.send(&ask).await.map(drop)
            }
        }
    }

    /// Keeps one issue of ours with this marker open and up to date while there is something to say, and closes it when there is
    /// not; tells what was done.
    ///
    /// # Errors
    /// When the host has no issues, refuses or does not answer.
    pub async fn issue(
        &self,
        place: &Place,
        marker: &str,
        title: &str,
        says: Option<&str>,
    ) -> Result<&'static str, ForgeError> {
        let me = self.whoami().await?;
        let first = self.host.issues(place, &me).ok_or_else(|| ForgeError {
            message: format!("{} has no issues that could be opened", self.host.name()),
            hint: String::new(),
            exit: Exit::Invalid,
        })?;
        let start = self.host.dressed(marker, "").trim().to_owned();
        let all = self.pages(first, |host, answer| host.read_issues(answer)).await?;
        let mut open = ours(all, &me, &start);
        open.sort_by_key(|issue| issue.id.parse::<u64>().unwrap_or_default());
        let kept = if says.is_some() && !open.is_empty() { Some(open.remove(0)) } else { None };
        for issue in &open {
            self.send(&self.host.close(place, &issue.id)).await?;
        }
        match (says, kept) {
            (None, _) if open.is_empty() => Ok("nothing to close"),
            (None, _) => Ok("closed"),
            (Some(text), Some(issue)) if issue.body.trim() == text.trim() => Ok("open as it is"),
            (Some(text), Some(issue)) => {
                self.send(&self.host.rewrite(place, &issue.id, title, text)).await?;
                Ok("updated")
            }
            (Some(text), None) => {
                self.send(&self.host.open(place, title, text)).await?;
                Ok("opened")
            }
        }
    }

    /// Marks a commit.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn status(&self, place: &Place, commit: &str, status: &Status) -> Result<(), ForgeError> {
        self.send(&self.host.status(place, commit, status)).await.map(drop)
    }

    async fn whoami(&self) -> Result<String, ForgeError> {
        let mut last = None;
        for ask in self.host.whoami(&self.base) {
            match self.send(&ask).await {
                Ok(told) => {
                    if let Some(me) = self.host.me(&told.body) {
                        return Ok(me);
                    }
                }
                Err(error) => last = last.or(Some(error)),
            }
        }
        Err(last.unwrap_or_else(|| ForgeError {
            message: format!("{} does not tell whose the token is", self.host.name()),
            hint: self.host.permissions().to_owned(),
            exit: Exit::Denied,
        }))
    }

    async fn comments(&self, place: &Place) -> Result<Vec<Comment>, ForgeError> {
        self.pages(self.host.list(place), |host, answer| host.comments(answer)).await
    }

    async fn pages(&self, first: Ask, read: fn(&dyn Host, &Value) -> Vec<Comment>) -> Result<Vec<Comment>, ForgeError> {
        let mut ask = first;
        let mut all = vec![];
        for _ in 0..MOST_PAGES {
            let told = self.send(&ask).await?;
            all.extend(read(self.host, &told.body));
            match self.host.next(&told.body).or(told.next) {
                Some(next) => ask = Ask::get(next),
                None => break,
            }
        }
        Ok(all)
    }

    /// GraphQL tells its refusals with 200.
    async fn graphql(&self, ask: &Ask) -> Result<(), ForgeError> {
        let told = self.send(ask).await?;
        match told.body.pointer("/errors/0/message").and_then(Value::as_str) {
            None => Ok(()),
            Some(why) => Err(ForgeError {
                message: format!("{} refused to hide a comment: {}", self.host.name(), self.scrubbed(why)),
                hint: self.host.permissions().to_owned(),
                exit: Exit::Failed,
            }),
        }
    }

    /// Sends, again where that does no harm: all but a creation may be done twice.
    async fn send(&self, ask: &Ask) -> Result<Told, ForgeError> {
        let mut attempt = 1;
        loop {
            let (pause, error) = match self.once(ask).await {
                Ok(told) => return Ok(told),
                Err(Failed::Refused(error)) => return Err(error),
                Err(Failed::Busy(pause, error)) => (pause, error),
                Err(Failed::Lost(error)) => (None, error),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            let pause = pause.unwrap_or(Duration::from_secs(1 << attempt));
            if pause > Duration::from_secs(5) {
                tracing::warn!("{}: waiting {} s, as it asks", self.host.name(), pause.as_secs());
            }
            self.clock.sleep(pause.min(LONGEST_WAIT)).await;
            attempt += 1;
        }
    }

    async fn once(&self, ask: &Ask) -> Result<Told, Failed> {
        let url = self.address(&ask.path).map_err(Failed::Refused)?;
        let (name, value) = self.host.authorization(&self.token);
        let mut request = http::Request::builder()
            .method(ask.method.clone())
            .uri(url.as_str())
            .header("user-agent", concat!("supaform/", env!("CARGO_PKG_VERSION")))
            .header(name, value);
        for (name, value) in self.host.headers() {
            request = request.header(*name, *value);
        }
        let body = ask.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        if ask.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let place = format!("{}: {} {}", self.host.name(), ask.method, url.path());
        let failed =
            |what: &str| ForgeError { message: format!("{place}: {what}"), hint: String::new(), exit: Exit::Failed };
        let request = request.body(body);
        let request = request.map_err(|_| Failed::Refused(failed("the token has characters that no header has")))?;
        match self.transport.send(request).await {
            Ok(answer) => self.read(&place, &answer),
            Err(why @ Broken::NotSent(_)) => Err(Failed::Busy(None, failed(&why.to_string()))),
            Err(why @ Broken::Lost(_)) => Err(Failed::Lost(failed(&why.to_string()))),
        }
    }

    fn read(&self, place: &str, answer: &http::Response<Bytes>) -> Result<Told, Failed> {
        let code = answer.status().as_u16();
        let headers = answer.headers();
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if answer.status().is_success() {
            return Ok(Told { body, next: next_link(headers) });
        }
        let said = ["message", "error", "error_description"].iter().find_map(|key| match &body[*key] {
            Value::String(text) => Some(text.clone()),
            Value::Object(members) => members.get("message").and_then(Value::as_str).map(str::to_owned),
            Value::Null => None,
            other => Some(other.to_string()),
        });
        let said = said.map_or(String::new(), |text| format!(": {}", self.scrubbed(&text)));
        let mut ids = ["x-github-request-id", "x-request-id", "x-b3-traceid"].iter();
        let id = ids.find_map(|name| headers.get(*name)?.to_str().ok());
        let id = id.map_or(String::new(), |id| format!(" (request {id})"));
        let error = |exit: Exit, hint: &str| ForgeError {
            message: format!("{place} answered {code}{said}{id}"),
            hint: hint.to_owned(),
            exit,
        };
        let wait = headers.get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let wait = wait.map(Duration::from_secs);
        let spent = headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0");
        Err(match code {
            // GitHub's secondary limits are a 403 that says how long to wait.
            429 => Failed::Busy(wait.or(Some(Duration::from_mins(1))), error(Exit::Failed, "")),
            403 if wait.is_some() || spent => {
                Failed::Busy(wait.or(Some(Duration::from_mins(1))), error(Exit::Failed, ""))
            }
            500..=599 => Failed::Lost(error(Exit::Failed, "")),
            401 => Failed::Refused(error(Exit::Denied, "The token is mistyped, expired or revoked.")),
            403 => Failed::Refused(error(Exit::Denied, self.host.permissions())),
            404 => Failed::Refused(error(
                Exit::Denied,
                "The repository or the request is not there, or the token may not see it.",
            )),
            301 | 302 | 307 | 308 => Failed::Refused(error(
                Exit::Failed,
                "It names another address, to which the token is not sent: was the repository renamed?",
            )),
            413 => Failed::Refused(error(Exit::Refused, "Give a smaller `--limit`.")),
            _ => Failed::Refused(error(Exit::Failed, "")),
        })
    }

    /// The address of a path; one of another host is never asked.
    fn address(&self, path: &str) -> Result<Url, ForgeError> {
        let whole = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        let foreign = || ForgeError {
            message: format!("{} names another host for the next page", self.host.name()),
            hint: String::new(),
            exit: Exit::Failed,
        };
        let url = Url::parse(&whole).map_err(|_| foreign())?;
        let home = Url::parse(&self.base).map_err(|_| foreign())?;
        if url.origin() == home.origin() { Ok(url) } else { Err(foreign()) }
    }

    /// What others say, without the token.
    fn scrubbed(&self, text: &str) -> String {
        text.replace(self.token.as_str(), "[token]").chars().take(300).collect()
    }
}

enum Failed {
    /// It will not be done.
    Refused(ForgeError),
    /// It may be done later, and was not done now.
    Busy(Option<Duration>, ForgeError),
    /// It may have been done.
    Lost(ForgeError),
}

/// `<https://…?page=2>; rel="next"`.
fn next_link(headers: &HeaderMap) -> Option<String> {
    let links = headers.get("link")?.to_str().ok()?;
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let address = next.split(';').next()?.trim();
    Some(address.strip_prefix('<')?.strip_suffix('>')?.to_owned())
}
