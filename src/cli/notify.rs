//! `--notify`: telling people and programs who do not look at the run.

use std::path::PathBuf;

use bytes::Bytes;
use serde_json::Value;

use super::{Failure, Run, connect};
use crate::api::{Hook, Https, post};
use crate::clock::RealClock;
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::secret;
use crate::view::{Notice, slack, webhook};

/// The header that holds the signature of a webhook's body.
const SIGNATURE: &str = "x-supaform-signature-256";

/// Who is told.
#[derive(Debug, clap::Args)]
pub(super) struct NotifyArgs {
    /// Tells of drift, and of a run that failed: in Slack (address in SUPAFORM_SLACK_URL), or as JSON to a webhook
    /// (SUPAFORM_WEBHOOK_URL; signed with SUPAFORM_WEBHOOK_SECRET, if that is set)
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CHANNELS")]
    notify: Vec<Channel>,
    /// A file with the address, instead of the variable; for one channel
    #[arg(long, value_name = "FILE", requires = "notify")]
    notify_url_file: Option<PathBuf>,
}

/// A way to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Channel {
    /// An incoming webhook of Slack
    Slack,
    /// Any address that takes JSON
    Webhook,
}

impl Channel {
    const fn variable(self) -> &'static str {
        match self {
            Self::Slack => "SUPAFORM_SLACK_URL",
            Self::Webhook => "SUPAFORM_WEBHOOK_URL",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
}

/// The channels with their addresses.
pub(super) struct Channels(Vec<(Channel, Hook)>);

impl Channels {
    /// Finds the addresses before anything is read, so that a job that could not tell says so at its first run.
    pub(super) fn of(run: &Run, args: &NotifyArgs) -> Result<Self, Failure> {
        let bad = |message: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, message);
        let mut channels = args.notify.clone();
        channels.sort_unstable();
        channels.dedup();
        if channels.len() > 1 && args.notify_url_file.is_some() {
            return Err(bad("`--notify-url-file` is for one channel, and `--notify` names more".to_owned()));
        }
        let address = |channel: Channel| match &args.notify_url_file {
            Some(path) => {
                let name = format!("the address in `{}`", path.display());
                let text = std::fs::read_to_string(path).map_err(|why| bad(format!("{name} cannot be read: {why}")))?;
                Ok((text, name))
            }
            None => match run.environment.get(channel.variable()) {
                Some(text) => Ok((text.to_owned(), format!("the address in {}", channel.variable()))),
                None => Err(Failure::with_hint(
                    Exit::Invalid,
                    codes::BAD_OPTION,
                    format!("`--notify {}` has no address", channel.name()),
                    format!("Set {}, or give `--notify-url-file FILE`.", channel.variable()),
                )),
            },
        };
        let channel = |channel: Channel| {
            let (text, name) = address(channel)?;
            Ok((channel, Hook::parse(&text).map_err(|why| bad(format!("{name} {why}")))?))
        };
        channels.into_iter().map(channel).collect::<Result<_, _>>().map(Self)
    }

    /// Tells it on every channel. What is not taken is told on stderr and changes nothing else.
    pub(super) fn tell(&self, run: &Run, notice: Notice<'_>, exit: Exit) {
        let mut untold = Diagnostics::new();
        for (channel, hook) in &self.0 {
            let body = match channel {
                Channel::Slack => slack(notice, exit),
                Channel::Webhook => webhook(notice, exit),
            };
            if let Err(why) = send(run, *channel, hook, &body) {
                let message = format!("`--notify {}` told nobody: {why}", channel.name());
                untold.push(Diagnostic::new(codes::NOT_TOLD, Severity::Error, message));
            }
        }
        run.show(&untold.sorted(), &Sources::new());
    }
}

fn send(run: &Run, channel: Channel, hook: &Hook, body: &Value) -> Result<(), String> {
    let body = body.to_string();
    let secret = run.environment.get("SUPAFORM_WEBHOOK_SECRET").filter(|_| channel == Channel::Webhook);
    let headers: Vec<_> = secret
        .map(|key| (SIGNATURE, format!("sha256={}", secret::hmac(key.as_bytes(), body.as_bytes()))))
        .into_iter()
        .collect();
    let runtime = connect::runtime().map_err(|_| "the scheduler cannot be started".to_owned())?;
    runtime.block_on(async {
        let transport = Https::new(hook.origin(), run.global.no_proxy)?;
        post(&transport, hook, Bytes::from(body), &headers, &*RealClock::start()).await
    })
}
