//! Sends a notification to an address that somebody gave: a chat or a webhook.
//!
//! Whoever knows the address can write there, so the address is a secret: no message and no log has it. The API's token is
//! never sent there.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use url::{Position, Url};
use zeroize::Zeroizing;

use super::limit::told_to_wait;
use super::origin::Origin;
use super::retry::{Manner, Seen};
use super::transport::{Broken, Transport};
use super::tries::{Ended, Tries};
use crate::model::Repeat;

/// The longest time for all attempts, waits included, so that a job does not hang on a chat that is down.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The address of a notification: https, or plain http on the own machine.
#[derive(Clone)]
pub struct Hook {
    url: Zeroizing<String>,
    origin: Origin,
}

impl fmt::Debug for Hook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[hook]")
    }
}

impl Hook {
    /// Parses an address; line breaks at its end are dropped.
    ///
    /// # Errors
    /// With the mistake, never with the address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_end_matches(['\r', '\n']);
        let url = Url::parse(text).map_err(|_| "is not an address such as `https://hooks.example.com/…`")?;
        let host = url.host_str().ok_or("names no host")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user or a password, which must not be in an address");
        }
        let host = url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"));
        let base = url[..Position::BeforePath].to_owned();
        let origin = Origin::parse(&base, &[host]);
        let origin = origin.map_err(|_| "is not https; plain http is only allowed for the own machine")?;
        Ok(Self { url: Zeroizing::new(url.into()), origin })
    }

    /// Its scheme and host.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Posts JSON; tries again where the receiver is busy or does not answer, so that a message may arrive twice.
///
/// # Errors
/// With the reason, never with the address.
pub async fn post(
    transport: &dyn Transport,
    hook: &Hook,
    body: Bytes,
    headers: &[(&'static str, String)],
    tries: &Tries,
) -> Result<(), String> {
    let once = async |_: u32| {
        let mut request = http::Request::post(hook.url.as_str()).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(body.clone());
        let request = request.map_err(|_| Ended::Refused("the address cannot be used for a request".to_owned()))?;
        Ok(match tries.in_flight(transport.send(request)).await {
            Ok(answer) => {
                let code = answer.status().as_u16();
                let outcome = if answer.status().is_success() { Ok(()) } else { Err(format!("it answered {code}")) };
                (Seen::Status { code, wait: told_to_wait(answer.headers()), message: String::new() }, outcome)
            }
            Err(why @ Broken::NotSent(_)) => (Seen::NotSent, Err(why.to_string())),
            Err(why @ Broken::Lost(_)) => (Seen::Lost, Err(why.to_string())),
        })
    };
    tries.run(&Manner::HOOK, Repeat::Safe, |_, _| {}, once).await.map_err(|ended| match ended {
        Ended::Refused(why) | Ended::GaveUp(why) | Ended::Unknown(why) | Ended::TooLate(why, _) => why,
        Ended::Stopped => "the run was interrupted".to_owned(),
        Ended::Expired => "the run reached its deadline (`--deadline`)".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock as _;
    use crate::stop::Stop;

    #[test]
    fn an_address_is_checked_and_never_told() {
        for fine in
            ["https://hooks.slack.com/services/T/B/x\n", "http://127.0.0.1:9/x?y=1", "https://chat.example:8443/x"]
        {
            let hook = Hook::parse(fine).unwrap();
            assert_eq!(format!("{hook:?}"), "[hook]");
        }
        for (text, expected) in [
            ("", "not an address"),
            ("hooks.slack.com/services/canary", "not an address"),
            ("http://hooks.slack.com/services/canary", "not https"),
            ("file:///etc/canary", "names no host"),
            ("ftp://example.com/canary", "not https"),
            ("https://user:canary@example.com/", "a user or a password"),
        ] {
            let why = Hook::parse(text).unwrap_err();
            assert!(why.contains(expected) && !why.contains("canary"), "{text}: {why}");
        }
    }

    /// Answers in turn: a status with its waiting time, or `None` for a lost answer.
    struct Scripted(std::sync::Mutex<Vec<Scene>>);

    type Scene = Option<(u16, Option<&'static str>)>;

    impl Transport for Scripted {
        fn send(
            &self,
            _: http::Request<Bytes>,
        ) -> futures_util::future::BoxFuture<'_, Result<http::Response<Bytes>, Broken>> {
            let next = self.0.lock().unwrap().pop().expect("an answer");
            Box::pin(async move {
                let (status, wait) = next.ok_or_else(|| Broken::Lost("reset".to_owned()))?;
                let answer = http::Response::builder().status(status);
                let answer = wait.into_iter().fold(answer, |answer, wait| answer.header("retry-after", wait));
                Ok(answer.body(Bytes::new()).unwrap())
            })
        }
    }

    #[tokio::test]
    async fn what_passes_is_tried_again_and_what_does_not_is_told() {
        let (busy, down, gone, fine) =
            (Some((429, Some("7"))), Some((503, None)), Some((404, None)), Some((204, None)));
        let never = Some((429, Some("50")));
        for (answers, expected, left) in [
            (vec![fine], Ok(()), 0),
            (vec![busy, None, down, fine], Ok(()), 0),
            (vec![gone, fine], Err("it answered 404".to_owned()), 1),
            (vec![down, down, down, down, down, fine], Err("it answered 503".to_owned()), 1),
            (vec![never, never, fine], Err("it answered 429".to_owned()), 1),
        ] {
            let scripted = Scripted(answers.iter().rev().copied().collect::<Vec<_>>().into());
            let hook = Hook::parse("https://example.com/x").unwrap();
            let clock = crate::clock::JumpClock::start();
            let tries = Tries::new(Arc::<crate::clock::JumpClock>::clone(&clock), Stop::new(), PATIENCE);
            let done = post(&scripted, &hook, Bytes::new(), &[], &tries).await;
            assert_eq!((done, scripted.0.lock().unwrap().len()), (expected, left), "{answers:?}");
            assert!(clock.now() < PATIENCE);
        }
    }
}
