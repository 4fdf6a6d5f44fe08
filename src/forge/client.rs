//! Sends the requests of a host: one token, one host, limited answers, and retries.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::answer::{self, Answered, Failed};
use super::steps::carried;
use super::sticky::{Action, Message, Mode, decide, marked, ours};
use super::{Ask, Comment, ForgeError, Head, Hiding, Host, Open, Place, Status, Tags};
use crate::api::{Broken, Ended, Manner, Seen, Transport, Tries};
use crate::exit::Exit;
use crate::model::Repeat;

/// The most times that a comment is sent, each time after a read has shown that it was not created.
const SENDS: u32 = 5;
/// The most pages of comments that are read.
const MOST_PAGES: usize = 100;

/// The parts of a client.
pub struct Options<'h> {
    /// The host.
    pub host: &'h dyn Host,
    /// The transport.
    pub transport: Box<dyn Transport>,
    /// The address of its API.
    pub base: Url,
    /// The token for it.
    pub token: Zeroizing<String>,
    /// The retries.
    pub tries: Tries,
}

/// A code host, and the token for it.
pub struct Client<'h>(Options<'h>);

/// A comment to write, and its place.
struct Saying<'a> {
    place: &'a Place,
    marker: &'a str,
    /// The start of comments with the marker.
    start: String,
    text: &'a str,
}

/// The text of an issue, given what the issue says so far.
pub type Text<'a> = dyn Fn(Option<&str>) -> String + Sync + 'a;

impl<'h> Client<'h> {
    /// A client.
    #[must_use]
    pub fn new(options: Options<'h>) -> Self {
        Self(options)
    }

    /// Writes a comment with this marker on a request; returns what was done. `after_merge`: what the comment has approved
    /// stays in it.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn comment(
        &self,
        place: &Place,
        mode: Mode,
        marker: &str,
        says: Message<'_>,
        after_merge: bool,
    ) -> Result<Vec<Action>, ForgeError> {
        let start = self.0.host.dressed(marker, "").trim().to_owned();
        let me = self.whoami().await?;
        let there = self.comments(place).await?;
        let Some(me) = me else {
            let saying = Saying { place, marker, start, text: says.text() };
            return self.comment_as_whoever(&saying, mode, says, there).await;
        };
        let ours = ours(there.clone(), &me, &start);
        let kept = ours.last().and_then(|it| carried(&it.body)).filter(|_| after_merge);
        let text = kept.map_or_else(|| says.text().to_owned(), |steps| format!("{}\n{steps}\n", says.text()));
        let saying = Saying { place, marker, start, text: &text };
        let actions = decide(mode, says.with(&text), ours);
        for action in &actions {
            self.carry_out(&saying, action, &there).await?;
        }
        Ok(actions)
    }

    /// The same with a token whose owner is unknown. A comment that it creates has the owner's id, so it creates one, and
    /// removes earlier ones instead of updating them.
    async fn comment_as_whoever(
        &self,
        saying: &Saying<'_>,
        mode: Mode,
        says: Message<'_>,
        there: Vec<Comment>,
    ) -> Result<Vec<Action>, ForgeError> {
        let some = there.iter().any(|comment| marked(comment, &saying.start));
        if matches!(says, Message::Nothing(_)) && !some {
            return Ok(vec![]);
        }
        let first = self.create(saying, &there).await?;
        let mode = if mode == Mode::Update { Mode::DeleteAndNew } else { mode };
        let actions = decide(mode, Message::Something(saying.text), ours(there.clone(), &first.author, &saying.start));
        for action in actions.iter().filter(|action| **action != Action::Create) {
            self.carry_out(saying, action, &there).await?;
        }
        Ok(actions)
    }

    /// Another run at the same time may have removed the comment that is to be changed, hidden or removed.
    async fn carry_out(&self, saying: &Saying<'_>, action: &Action, there: &[Comment]) -> Result<(), ForgeError> {
        let host = self.0.host;
        let done = match action {
            Action::Create => return self.create(saying, there).await.map(drop),
            Action::Update(comment) => match self.update(saying.place, comment, saying.text).await {
                Err(error) if error.is_gone() => return self.create(saying, there).await.map(drop),
                done => done,
            },
            Action::Delete(comment) => match self.send(&host.delete(saying.place, comment)).await {
                // It has answers, or somebody has changed it.
                Err(error) if error.is_conflict() => self.hide(saying, comment).await,
                done => done.map(drop),
            },
            Action::Hide(comment) => self.hide(saying, comment).await,
        };
        match done {
            Err(error) if error.is_gone() => Ok(()),
            done => done,
        }
    }

    /// Hides a comment, and changes its marker, so that it is hidden only once.
    async fn hide(&self, saying: &Saying<'_>, comment: &Comment) -> Result<(), ForgeError> {
        let host = self.0.host;
        let text = match host.hide(self.0.base.as_str().trim_end_matches('/'), comment) {
            Hiding::Fold(ask) => {
                self.graphql(&ask).await?;
                comment.body.trim_start().strip_prefix(&saying.start).unwrap_or_default().trim_start()
            }
            Hiding::Replace => "*Replaced by a newer comment.*",
        };
        let text = host.dressed(&format!("{} replaced", saying.marker), text);
        self.update(saying.place, comment, &text).await
    }

    /// Changes a comment: where the host counts versions, that which is there.
    async fn update(&self, place: &Place, comment: &Comment, text: &str) -> Result<(), ForgeError> {
        let mut comment = comment.clone();
        for send in 1.. {
            match self.send(&self.0.host.update(place, &comment, text)).await {
                Err(error) if error.is_conflict() && send < SENDS => {
                    let there = self.comments(place).await?;
                    comment = there.into_iter().find(|it| it.id == comment.id).ok_or(error)?;
                }
                done => return done.map(drop),
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// Creates a comment, but no second one after a lost answer; `there` are the earlier ones.
    async fn create(&self, saying: &Saying<'_>, there: &[Comment]) -> Result<Comment, ForgeError> {
        let ask = self.0.host.create(saying.place, saying.text);
        for send in 1.. {
            let lost = match self.tried(Repeat::OnceOnly, &ask).await {
                Ok(told) => return self.0.host.comment(&told.body).ok_or_else(|| self.odd(&ask)),
                Err(Ended::Unknown(lost)) => lost,
                Err(ended) => return Err(self.ended(&ask, ended)),
            };
            let new = |it: &Comment| there.iter().all(|old| old.id != it.id);
            self.pause(Duration::from_secs(1) * send).await;
            let mut now = self.comments(saying.place).await?.into_iter();
            if let Some(made) = now.find(|it| new(it) && it.body.trim() == saying.text.trim()) {
                return Ok(made);
            }
            if send == SENDS {
                return Err(lost);
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// Keeps one issue with this marker open and up to date while there is a text, which may go on from what the issue says
    /// so far, and closes it when there is none; returns what was done, and the issue as it was before it was rewritten.
    ///
    /// # Errors
    /// When the host has no issues, refuses or does not answer.
    pub async fn issue(
        &self,
        place: &Place,
        marker: &str,
        (title, tags): (&str, &Tags),
        says: Option<&Text<'_>>,
    ) -> Result<(&'static str, Option<Comment>), ForgeError> {
        let host = self.0.host;
        let cannot = |message: String| ForgeError::new(Exit::Invalid, message, "");
        let me = self.whoami().await?;
        let me = me.ok_or_else(|| cannot(format!("{}: the token does not tell whose it is", host.name())))?;
        let first = host.issues(place, &me);
        let first = first.ok_or_else(|| cannot(format!("{} has no issues that could be opened", host.name())))?;
        let start = host.dressed(marker, "").trim().to_owned();
        let mut all = self.pages(first, |host, item| host.read_issue(item)).await?;
        once_by_age(&mut all);
        let mut open = ours(all, &me, &start);
        let kept = if says.is_some() && !open.is_empty() { Some(open.remove(0)) } else { None };
        for issue in &open {
            self.send(&host.close(place, &issue.id)).await?;
        }
        let text = says.map(|says| says(kept.as_ref().map(|issue| issue.body.as_str())));
        Ok(match (text, kept) {
            (None, _) if open.is_empty() => ("nothing to close", None),
            (None, _) => ("closed", None),
            (Some(text), Some(issue)) if issue.body.trim() == text.trim() => ("open as it is", None),
            (Some(text), Some(issue)) => {
                self.send(&host.rewrite(place, &issue.id, title, &text)).await?;
                ("updated", Some(issue))
            }
            (Some(text), None) => {
                let mut tags = tags.clone();
                // Where there are no labels to give, none are asked for.
                let there = if tags.labels.is_empty() { None } else { self.labels(place).await? };
                for label in &mut tags.labels {
                    *label = self.known_label(place, there.as_deref(), label, true).await?.unwrap_or_default();
                }
                self.send(&host.open(place, title, &text, &tags)).await?;
                ("opened", None)
            }
        })
    }

    /// Comments on an issue.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn remark(&self, place: &Place, id: &str, text: &str) -> Result<(), ForgeError> {
        self.send(&self.0.host.remark(place, id, text)).await.map(drop)
    }

    /// Gives a request a label, or takes it away.
    ///
    /// # Errors
    /// When the host has no labels, refuses or does not answer.
    pub async fn label(&self, place: &Place, name: &str, on: bool) -> Result<(), ForgeError> {
        let host = self.0.host;
        // What the repository does not have, no request has.
        let there = self.labels(place).await?;
        let Some(known) = self.known_label(place, there.as_deref(), name, on).await? else { return Ok(()) };
        let Some(ask) = host.label(place, &known, on) else {
            let message = format!("{}: its requests are not labelled", host.name());
            return Err(ForgeError::new(Exit::Invalid, message, "Leave out `--label`."));
        };
        match self.send(&ask).await {
            Err(error) if !on && error.is_gone() => Ok(()),
            done => done.map(drop),
        }
    }

    /// The labels of the repository with their numbers, where the host knows them by these.
    async fn labels(&self, place: &Place) -> Result<Option<Vec<(String, String)>>, ForgeError> {
        let Some(ask) = self.0.host.labels(place) else { return Ok(None) };
        self.pages(ask, |host, item| host.read_label(item)).await.map(Some)
    }

    /// A label as the host knows it, by its name or its number; of one that the repository does not have, only if it is made.
    async fn known_label(
        &self,
        place: &Place,
        there: Option<&[(String, String)]>,
        name: &str,
        makes: bool,
    ) -> Result<Option<String>, ForgeError> {
        let host = self.0.host;
        let Some(there) = there else { return Ok(Some(name.to_owned())) };
        if let Some((_, number)) = there.iter().find(|(known, _)| known == name) {
            return Ok(Some(number.clone()));
        }
        if !makes {
            return Ok(None);
        }
        let ask = host.make_label(place, name);
        let made = self.send(&ask).await?;
        host.read_label(&made.body).map(|(_, number)| Some(number)).ok_or_else(|| self.odd(&ask))
    }

    /// Sets the status of a commit.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn status(&self, place: &Place, commit: &str, status: &Status) -> Result<(), ForgeError> {
        let host = self.0.host;
        self.send(&host.status(place, commit, status)).await.map(drop).map_err(|mut error| {
            let hints = &mut error.problem.finding.hints;
            if error.status == Some(StatusCode::FORBIDDEN) && hints.iter().any(|hint| hint == host.permissions()) {
                *hints = vec![host.status_permissions().to_owned()];
            }
            error
        })
    }

    /// The owner of the token; `None` where the token may not ask.
    pub(super) async fn whoami(&self) -> Result<Option<String>, ForgeError> {
        let ask = self.0.host.whoami(self.0.base.as_str().trim_end_matches('/'));
        match self.send(&ask).await {
            Ok(told) => self.0.host.me(&told.body).or(told.user).map(Some).ok_or_else(|| self.odd(&ask)),
            Err(error) if error.status == Some(StatusCode::FORBIDDEN) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The open request with this last commit; the oldest where there are several, for several branches.
    ///
    /// # Errors
    /// When the host refuses or does not answer.
    pub async fn request_of(&self, place: &Place, head: &Head) -> Result<Option<u64>, ForgeError> {
        let Some(ask) = self.0.host.open_requests(place, head) else { return Ok(None) };
        let open = self.pages(ask, |host, item| host.open_request(item)).await?;
        let of_head = |it: &&Open| it.commit == head.commit && it.repository.eq_ignore_ascii_case(&head.repository);
        Ok(open.iter().filter(of_head).map(|it| it.number).min())
    }

    /// Waits.
    pub(super) async fn pause(&self, pause: Duration) {
        self.0.tries.pause(pause).await;
    }

    /// The code host.
    pub(super) fn host(&self) -> &'h dyn Host {
        self.0.host
    }

    /// The comments, from the oldest to the newest.
    pub(super) async fn comments(&self, place: &Place) -> Result<Vec<Comment>, ForgeError> {
        let read = |host: &dyn Host, item: &Value| host.comment(item);
        let mut all = self.pages(self.0.host.list(place), read).await?;
        once_by_age(&mut all);
        Ok(all)
    }

    /// The items of all pages; a page may also be one object.
    pub(super) async fn pages<T>(
        &self,
        first: Ask,
        read: fn(&dyn Host, &Value) -> Option<T>,
    ) -> Result<Vec<T>, ForgeError> {
        let (path, query) = first.path.split_once('?').unwrap_or((&first.path, ""));
        let (path, mut seen) = (path.to_owned(), BTreeSet::from([query.to_owned()]));
        let mut ask = first;
        let mut all = vec![];
        for _ in 0..MOST_PAGES {
            let told = self.send(&ask).await?;
            let items = match self.0.host.items(&told.body) {
                Value::Array(items) => items.as_slice(),
                one @ Value::Object(_) => std::slice::from_ref(one),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    return Err(self.odd(&ask));
                }
            };
            all.extend(items.iter().filter_map(|item| read(self.0.host, item)));
            match told.next {
                Some(query) if seen.insert(query.clone()) => ask = Ask::get(format!("{path}?{query}")),
                // A page that was read is no next one.
                Some(_) | None => break,
            }
        }
        Ok(all)
    }

    /// GraphQL reports errors with status 200.
    async fn graphql(&self, ask: &Ask) -> Result<(), ForgeError> {
        let told = self.send(ask).await?;
        match told.body.pointer("/errors/0/message").and_then(Value::as_str) {
            None => Ok(()),
            Some(why) => {
                let message = format!("{}: a comment cannot be hidden: {}", self.0.host.name(), self.scrubbed(why));
                Err(ForgeError::new(Exit::Denied, message, self.0.host.permissions()))
            }
        }
    }

    /// Sends a request, again where that helps; only for requests that may be repeated.
    pub(super) async fn send(&self, ask: &Ask) -> Result<Answered, ForgeError> {
        self.tried(Repeat::Safe, ask).await.map_err(|ended| self.ended(ask, ended))
    }

    async fn tried(&self, repeat: Repeat, ask: &Ask) -> Result<Answered, Ended<ForgeError>> {
        let waits = |_: &Seen, pause: Duration| {
            if pause.as_secs() >= 5 {
                tracing::warn!("{}: waiting {} s, as it asks", self.0.host.name(), pause.as_secs());
            }
        };
        let once = async |_: u32| match self.once(ask).await {
            Ok(told) => Ok((Seen::Status { code: 200, wait: None, message: String::new() }, Ok(told))),
            Err(Failed::Refused(error)) => Err(Ended::Refused(error)),
            Err(Failed::Busy(wait, error)) => {
                Ok((Seen::Status { code: 429, wait, message: String::new() }, Err(error)))
            }
            Err(Failed::NotSent(error)) => Ok((Seen::NotSent, Err(error))),
            Err(Failed::Lost(error)) => Ok((Seen::Lost, Err(error))),
        };
        self.0.tries.run(&Manner::HOST, repeat, waits, once).await
    }

    /// The error of a request without a good answer.
    fn ended(&self, ask: &Ask, ended: Ended<ForgeError>) -> ForgeError {
        let not_sent =
            |why: &str, exit: Exit| ForgeError::new(exit, format!("{}: not sent, because {why}", self.asked(ask)), "");
        match ended {
            Ended::Refused(error) | Ended::Unknown(error) | Ended::GaveUp(error) => error,
            Ended::TooLate(mut error, pause) => {
                let seconds = pause.as_secs();
                let hint = format!("It is to be asked again after {seconds} s, and the run may not take that long.");
                error.problem.finding.hints = vec![hint];
                error
            }
            Ended::Stopped => not_sent("the run was interrupted", Exit::Interrupted),
            Ended::Expired => not_sent("the run reached its deadline (`--deadline`)", Exit::Attention),
        }
    }

    async fn once(&self, ask: &Ask) -> Result<Answered, Failed> {
        let Options { host, transport, base, token, tries } = &self.0;
        let asked = self.asked(ask);
        let failed = |what: &str| ForgeError::new(Exit::Failed, format!("{asked}: {what}"), "");
        // GraphQL has a whole address, of the same origin.
        let whole = if ask.path.starts_with('/') {
            format!("{}{}", base.as_str().trim_end_matches('/'), ask.path)
        } else {
            ask.path.clone()
        };
        let url = Url::parse(&whole).ok().filter(|url| url.origin() == base.origin());
        let url = url.ok_or_else(|| Failed::Refused(failed("this is no address of the host")))?;
        let (name, value) = host.authorization(token);
        let mut value = http::HeaderValue::from_str(&value)
            .map_err(|_| Failed::Refused(failed("the token has characters that no header has")))?;
        value.set_sensitive(true);
        let mut request = http::Request::builder()
            .method(ask.method.clone())
            .uri(url.as_str())
            .header("user-agent", concat!("supaform/", env!("CARGO_PKG_VERSION")))
            .header(name, value);
        for (name, value) in host.headers() {
            request = request.header(*name, *value);
        }
        let body = ask.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        if ask.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(body).map_err(|error| Failed::Refused(failed(&error.to_string())))?;
        tracing::debug!(method = %ask.method, path = url.path(), "request");
        match tries.in_flight(transport.send(request)).await {
            Ok(answer) => answer::read(*host, &asked, &answer, |text| self.scrubbed(text)),
            Err(why @ Broken::NotSent(_)) => Err(Failed::NotSent(failed(&self.scrubbed(&why.to_string())))),
            Err(why @ Broken::Lost(_)) => Err(Failed::Lost(failed(&self.scrubbed(&why.to_string())))),
        }
    }

    /// A request in words: `GitHub: GET /repos/acme/infra/issues/1/comments`.
    fn asked(&self, ask: &Ask) -> String {
        let path = ask.path.strip_prefix(self.0.base.as_str()).unwrap_or(&ask.path);
        format!("{}: {} {}", self.0.host.name(), ask.method, path.split('?').next().unwrap_or_default())
    }

    /// The error of a success without the expected content.
    pub(super) fn odd(&self, ask: &Ask) -> ForgeError {
        let message = format!("{}: the answer is not that of its API", self.asked(ask));
        let hint = "Is the address of the API right, and is nothing between that answers in its place?";
        ForgeError::new(Exit::Failed, message, hint)
    }

    /// Text of others, without the token in any of its forms.
    fn scrubbed(&self, text: &str) -> String {
        let (_, sent) = self.0.host.authorization(&self.0.token);
        text.replace(&sent, "[token]").replace(self.0.token.as_str(), "[token]").chars().take(300).collect()
    }
}

/// The oldest first, each once: while pages are read, comments that come and go move others to the next page.
fn once_by_age(comments: &mut Vec<Comment>) {
    comments.sort_by_key(|comment| comment.id.parse::<u64>().unwrap_or_default());
    comments.dedup_by(|one, other| one.id == other.id);
}
