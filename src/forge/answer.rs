//! The meaning of an answer: done, refused, to be sent again later, or an unknown outcome. Decisions without I/O.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::{ForgeError, Host};
use crate::exit::Exit;

/// The wait after a conflict with another request to the same commit or comment, where the answer names none.
const CONFLICT: Duration = Duration::from_secs(1);

/// A successful answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub body: Value,
    /// The query of the next page, if there is one.
    pub next: Option<String>,
    /// The name of the token's owner, where a header has it.
    pub user: Option<String>,
}

/// A request that was not carried out, or may not have been.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The host refuses it for good.
    Refused(ForgeError),
    /// The host may accept it later.
    Busy(Option<Duration>, ForgeError),
    /// Nothing was sent.
    NotSent(ForgeError),
    /// The request may have been carried out.
    Lost(ForgeError),
}

/// Reads an answer; `asked` describes the request; `scrub` removes the token from texts.
pub(super) fn read(
    host: &dyn Host,
    asked: &str,
    answer: &http::Response<Bytes>,
    scrub: impl Fn(&str) -> String,
) -> Result<Answered, Failed> {
    let (status, headers) = (answer.status(), answer.headers());
    let body: Value = crate::json::read(answer.body()).unwrap_or_default();
    // Azure DevOps answers with the page to sign in.
    if status.is_success() && status != StatusCode::NON_AUTHORITATIVE_INFORMATION {
        let next = host.next(&body).or_else(|| next_link(headers));
        let user = host.header_of_me().and_then(|name| headers.get(name)?.to_str().ok());
        let user = user.map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned());
        return Ok(Answered { body, next: next.and_then(|address| query(&address)), user });
    }
    let said = said(&body);
    let told = if said.is_empty() { String::new() } else { format!(": {}", scrub(&said)) };
    let ids = ["x-github-request-id", "x-request-id", "atl-traceid"];
    let id = ids.iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let id = id.map_or(String::new(), |id| format!(" (request {})", scrub(id)));
    let error = |exit: Exit, hint: &str| ForgeError {
        status: Some(status),
        ..ForgeError::new(exit, format!("{asked} answered {}{told}{id}", status.as_u16()), hint)
    };
    let refused = |exit, hint| Failed::Refused(error(exit, hint));
    Err(match status.as_u16() {
        403 | 422 if is_locked(&said) => refused(
            Exit::Denied,
            "The conversation is locked: unlock it, or give the token of somebody who may comment all the same.",
        ),
        // Another request to the same thing is being carried out.
        409 if !host.counts_versions() => {
            Failed::Busy(Some(wait(headers).unwrap_or(CONFLICT)), error(Exit::Failed, ""))
        }
        429 => Failed::Busy(wait(headers), error(Exit::Failed, "")),
        // GitHub uses 403 for both of its rate limits, too.
        403 if wait(headers).is_some() || is_limit(&said) => Failed::Busy(wait(headers), error(Exit::Failed, "")),
        408 | 500..=599 => Failed::Lost(error(Exit::Failed, "")),
        203 | 401 => refused(Exit::Denied, "The token is mistyped, expired or revoked."),
        403 => refused(Exit::Denied, host.permissions()),
        404 => refused(Exit::Denied, "The repository or the request is not there, or the token may not see it."),
        300..=399 => refused(
            Exit::Failed,
            "It names another address, to which the token is not sent: was the repository renamed?",
        ),
        413 => refused(Exit::Failed, "Something before the host, such as a proxy, takes no request of this size."),
        _ => refused(Exit::Failed, ""),
    })
}

/// The message of an error, in the forms of all hosts: a text, an object with one, or findings by field.
fn said(body: &Value) -> String {
    let found = ["message", "error", "error_description"].iter().find_map(|key| match &body[*key] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(members) if members.contains_key("message") => members["message"].as_str().map(str::to_owned),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Some(other.to_string()),
    });
    let first = body.pointer("/errors/0/message").and_then(Value::as_str).map(str::to_owned);
    found.or(first).unwrap_or_default()
}

/// Whether a refusal is one of GitHub's secondary limits, which older servers call abuse.
fn is_limit(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    said.contains("rate limit") || said.contains("abuse detection")
}

/// Whether a refusal is about a locked conversation, in the words of each host.
fn is_locked(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let has = |known: &[&str]| said.split(|c: char| !c.is_ascii_alphabetic()).any(|word| known.contains(&word));
    has(&["locked"]) && has(&["issue", "comment", "conversation", "discussion", "request"])
}

/// How long to wait: by `retry-after`, or until an exhausted limit is reset. By the host's clock, not ours.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let seconds = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    if let Some(told) = number("retry-after") {
        return Some(seconds(told));
    }
    ["x-ratelimit", "ratelimit"].iter().find_map(|limit| {
        let reset = number(&format!("{limit}-reset")).filter(|_| number(&format!("{limit}-remaining")) == Some(0))?;
        let now = jiff::fmt::rfc2822::parse(headers.get("date")?.to_str().ok()?).ok()?;
        Some(seconds(reset.saturating_sub(now.timestamp().as_second())))
    })
}

/// `<https://…?page=2>; rel="next"`.
fn next_link(headers: &HeaderMap) -> Option<String> {
    let links = headers.get("link")?.to_str().ok()?;
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let address = next.split(';').next()?.trim();
    Some(address.strip_prefix('<')?.strip_suffix('>')?.to_owned())
}

/// The query of the next page's address. The rest is ignored: behind a proxy the host may not know its own name, and the
/// token is sent nowhere else.
fn query(address: &str) -> Option<String> {
    match address.strip_prefix('?') {
        Some(query) => Some(query.to_owned()),
        None => Url::parse(address).ok()?.query().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::HOSTS;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Answered, Failed> {
        let mut answer = http::Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        read(HOSTS[0].1, "GitHub: GET /x", &answer, |text| text.replace("canary", "[token]"))
    }

    #[test]
    fn limits_are_told_in_many_ways() {
        let date = ("date", "Mon, 23 Nov 2026 12:00:00 GMT");
        let secondary = r#"{"message": "You have exceeded a secondary rate limit."}"#;
        for (status, headers, body, expected) in [
            (429, vec![("retry-after", "7")], "{}", Some(7)),
            (429, vec![], "{}", None),
            (403, vec![("retry-after", "60")], "{}", Some(60)),
            (403, vec![], secondary, None),
            // 12:00:30 of that day.
            (403, vec![date, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795435230")], "{}", Some(30)),
            (429, vec![date, ("ratelimit-remaining", "0"), ("ratelimit-reset", "1795435100")], "{}", Some(0)),
        ] {
            let Err(Failed::Busy(wait, _)) = answer(status, &headers, body) else {
                panic!("{status} {headers:?} is not taken for a limit")
            };
            assert_eq!(wait.map(|wait| wait.as_secs()), expected, "{status} {headers:?}");
        }
        let left = [date, ("x-ratelimit-remaining", "9"), ("x-ratelimit-reset", "1795435230")];
        assert!(matches!(answer(403, &left, "{}"), Err(Failed::Refused(_))), "there is room, so it is no limit");
    }

    #[test]
    fn conflicts_pass_and_locks_do_not() {
        assert!(matches!(answer(409, &[], "{}"), Err(Failed::Busy(Some(CONFLICT), _))));
        for (said, locked) in [
            ("Unable to create comment because issue is locked.", true),
            ("You cannot comment on a locked issue.", true),
            ("403 Forbidden - your account has been blocked and cannot comment", false),
            ("Resource not accessible by integration", false),
        ] {
            let body = serde_json::json!({"message": said}).to_string();
            let Err(Failed::Refused(error)) = answer(403, &[], &body) else { panic!("{said}") };
            let hint = error.problem.finding.hints.concat();
            assert_eq!(hint.contains("The conversation is locked"), locked, "{said}: {hint}");
        }
    }

    #[test]
    fn refusals_are_read_in_every_form_without_the_token() {
        for (body, expected) in [
            (r#"{"message": "no canary"}"#, "GET /x answered 400: no [token] (request 1:2)"),
            (r#"{"message": {"base": ["no"]}}"#, r#"GET /x answered 400: {"base":["no"]} (request 1:2)"#),
            (r#"{"error": {"message": "no"}}"#, "GET /x answered 400: no (request 1:2)"),
            (r#"{"errors": [{"message": "no"}]}"#, "GET /x answered 400: no (request 1:2)"),
            (r#"{"error": "insufficient_scope"}"#, "GET /x answered 400: insufficient_scope (request 1:2)"),
            ("<html>", "GET /x answered 400 (request 1:2)"),
        ] {
            let Err(Failed::Refused(error)) = answer(400, &[("x-github-request-id", "1:2")], body) else { panic!() };
            assert_eq!(error.problem.finding.message, format!("GitHub: {expected}"));
        }
    }

    #[test]
    fn of_a_next_page_only_its_query_counts() {
        let link = r#"<https://evil.example/repositories/1/issues/2/comments?per_page=100&page=2>; rel="next", <https://x?page=9>; rel="last""#;
        assert_eq!(answer(200, &[("link", link)], "[]").unwrap().next.as_deref(), Some("per_page=100&page=2"));
        assert_eq!(answer(200, &[("link", r#"<https://x?page=9>; rel="last""#)], "[]").unwrap().next, None);
    }
}
