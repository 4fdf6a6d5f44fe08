//! `--notify`: notifies people and programs that do not watch the run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bytes::Bytes;
use serde_json::Value;

use super::forge::{ForgeArgs, ForgeConnection};
use crate::api::{Hook, Https, PATIENCE, post};
use crate::ci::Ci;
use crate::cli::marks::encoded;
use crate::cli::run::Run;
use crate::diag::codes::run as codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::forge::{ForgeError, Tags, Text, growth};
use crate::record::{DriftChangeRecord, Happened};
use crate::secret;
use crate::secret::variables::{SLACK_URL, WEBHOOK_SECRET, WEBHOOK_URL};
use crate::session::inputs;
use crate::view::build::{drift_document, findings_document};
use crate::view::{Detail, Notification, Sender, findings_markdown, markdown, markdown_code, slack, webhook};

/// The most names of a comment on an issue that has grown.
const MOST_NEWS: usize = 20;

/// The header with the signature of a webhook's body.
const SIGNATURE: &str = "x-supaform-signature-256";

/// The receivers.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NotifyArgs {
    /// Notifies of drift, and of a failed run: in Slack (address in SUPAFORM_SLACK_URL), as JSON to a webhook
    /// (SUPAFORM_WEBHOOK_URL; signed with SUPAFORM_WEBHOOK_SECRET, if that is set), or in an issue on the code host
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CHANNELS")]
    notify: Vec<Channel>,
    /// A file with the address, instead of the variable; for one channel
    #[arg(long, value_name = "FILE", requires = "notify")]
    pub notify_url_file: Option<PathBuf>,
    /// A label that an issue is opened with
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "notify")]
    issue_label: Vec<String>,
    /// Who is assigned to an issue that is opened, by the name on the code host
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "notify", value_parser = person)]
    issue_assignee: Vec<String>,
    #[command(flatten)]
    pub host: ForgeArgs,
}

/// A person's name on a code host, which stands in a line of its own.
fn person(name: &str) -> Result<String, String> {
    let name = name.strip_prefix('@').unwrap_or(name);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if is_name { Ok(name.to_owned()) } else { Err("this is no name of a person on a code host".to_owned()) }
}

/// A channel of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Channel {
    /// An incoming webhook of Slack
    Slack,
    /// Any address that accepts JSON
    Webhook,
    /// An issue on the code host, kept up to date and closed when there is no drift
    Issue,
}

impl Channel {
    const fn variable(self) -> &'static str {
        match self {
            Self::Slack => SLACK_URL,
            Self::Webhook => WEBHOOK_URL,
            Self::Issue => "",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Webhook => "webhook",
            Self::Issue => "issue",
        }
    }
}

/// The channels with their addresses, and the code host for an issue.
pub(in crate::cli) struct Channels {
    hooks: Vec<(Channel, Hook)>,
    issue: Option<ForgeConnection>,
    tags: Tags,
}

impl Channels {
    /// Finds the addresses before anything is read, so that a misconfigured job fails at its first run.
    pub(in crate::cli) fn of(run: &Run, args: &NotifyArgs) -> Result<Self, Failure> {
        let bad = |message: String| Failure::new(Exit::Invalid, codes::BAD_OPTION, message);
        let mut channels = args.notify.clone();
        channels.sort_unstable();
        channels.dedup();
        if channels.len() > 1 && args.notify_url_file.is_some() {
            return Err(bad("`--notify-url-file` is for one channel, but `--notify` names several".to_owned()));
        }
        let address = |channel: Channel| match &args.notify_url_file {
            Some(path) => {
                let text = inputs::text(path, inputs::MOST_LINE, "the address in")?;
                Ok((text, format!("the address in `{}`", path.display())))
            }
            None => match run.environment.given(channel.variable()) {
                Some(text) => Ok((text.to_owned().into(), format!("the address in {}", channel.variable()))),
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
        let issue = channels.contains(&Channel::Issue);
        channels.retain(|channel| *channel != Channel::Issue);
        let hooks = channels.into_iter().map(channel).collect::<Result<_, _>>()?;
        let ci = Ci::of(&run.environment);
        let issue = issue.then(|| args.host.connect(run, &ci)).transpose()?;
        let tags = Tags { labels: args.issue_label.clone(), assignees: args.issue_assignee.clone() };
        Ok(Self { hooks, issue, tags })
    }

    /// Sends a notification on every channel. A failure is reported on stderr and changes nothing else.
    pub(in crate::cli) async fn tell(&self, run: &Run, notice: Notification<'_>, exit: Exit) {
        let mut untold = Diagnostics::new();
        let sender = sender(run);
        for (channel, hook) in &self.hooks {
            let body = match channel {
                Channel::Slack => slack(notice, exit, &sender),
                Channel::Webhook | Channel::Issue => webhook(notice, exit, &sender),
            };
            if let Err(why) = send(run, *channel, hook, &body).await {
                let message = format!("`--notify {}` notified nobody: {why}", channel.name());
                untold.push(Diagnostic::new(codes::NOT_TOLD, Severity::Error, message));
            }
        }
        run.show(&untold.sorted(), &Sources::new());
        self.keep_issue(run, Some(notice)).await;
    }

    /// Without drift: closes an open issue. The other channels get nothing.
    pub(in crate::cli) async fn settle(&self, run: &Run) {
        self.keep_issue(run, None).await;
    }

    async fn keep_issue(&self, run: &Run, notice: Option<Notification<'_>>) {
        let Some(ForgeConnection { host, client, place }) = &self.issue else { return };
        let most = host.limit() - 6_500;
        let title = notice.map_or(String::new(), Notification::title);
        let names = notice.map_or_else(BTreeSet::new, drifted);
        let text = notice.map(|notice| match notice {
            Notification::Drift(drift) => markdown(&drift_document(drift), Detail::default(), most)
                .map_or_else(|why| format!("Look at the run: the text {why}.\n"), |told| told.text),
            Notification::Failed(findings) => findings_markdown(&findings_document(findings), most),
        });
        let ci = Ci::of(&run.environment);
        let link = ci.run.as_ref().map_or(String::new(), |url| format!("\n[The run]({url})\n"));
        let text = text.map(|text| text.split_once("-->\n").map_or(text.as_str(), |(_, text)| text).to_owned());
        let today = run.session.today().to_string();
        let says = text.map(|text| {
            let (names, today, run, page) = (&names, &today, marker(run), page(&ci));
            move |before: Option<&str>| {
                let since = before.and_then(growth::since).unwrap_or(today);
                let seen = format!("\nFirst seen {since} · last looked {today}{page}\n");
                host.dressed(&run, &format!("{text}{seen}{}{}", growth::opened(since), growth::told(names)))
            }
        });
        let says = says.as_ref().map(|says| says as &Text<'_>);
        run.session.lifetime().go_out();
        let done = async {
            let (what, before) = client.issue(place, &marker(run), (&title, &self.tags), says).await?;
            if let Some(issue) = before
                && let Some(news) = news(&growth::news(&issue.body, &names))
            {
                client.remark(place, &issue.id, &format!("{news}{link}")).await?;
                return Ok("updated, and told to have grown");
            }
            Ok(what)
        };
        match done.await {
            Ok("nothing to close") => {}
            Ok(what) => run.terminal.err(&format!("The issue is {what}\n")),
            Err(error) => {
                let error: ForgeError = error;
                let mut found = error.problem.failure().findings;
                let message = "`--notify issue` notified nobody";
                found.push(Diagnostic::new(codes::NOT_TOLD, Severity::Error, message));
                run.show(&found.sorted(), &Sources::new());
            }
        }
    }
}

/// The page of the run, as the end of a line.
fn page(ci: &Ci) -> String {
    ci.run.as_ref().map_or(String::new(), |url| format!(" · by [this run]({url})"))
}

/// The run, as its notifications name it.
fn sender(run: &Run) -> Sender {
    let ci = Ci::of(&run.environment);
    Sender {
        run: ci.run,
        repository: ci.place.map(|place| place.repository),
        workspace: run.place_in_repository(),
        day: run.session.today().to_string(),
    }
}

/// What has drifted: each field, or the whole of a resource.
fn drifted(notice: Notification<'_>) -> BTreeSet<String> {
    let Notification::Drift(drift) = notice else { return BTreeSet::new() };
    let changes = drift.projects.iter().flat_map(|project| &project.changes);
    let names = |change: &DriftChangeRecord| -> Vec<String> {
        let whole = change.address.to_string();
        match change.happened {
            Happened::Changed => change.fields.iter().map(|field| format!("{whole}/{}", field.name)).collect(),
            Happened::Added | Happened::Removed => vec![whole],
        }
    };
    changes.flat_map(names).collect()
}

/// The comment on an issue that has grown.
fn news(names: &[&str]) -> Option<String> {
    let rest = names.len().saturating_sub(MOST_NEWS);
    let list: String = names.iter().take(MOST_NEWS).map(|name| format!("- {}\n", markdown_code(name))).collect();
    let rest = if rest == 0 { String::new() } else { format!("- and {rest} more\n") };
    (!names.is_empty()).then(|| format!("**The drift has grown** since the last look:\n\n{list}{rest}"))
}

fn marker(run: &Run) -> String {
    format!("supaform:drift:{}", encoded(&run.stack(None)))
}

async fn send(run: &Run, channel: Channel, hook: &Hook, body: &Value) -> Result<(), String> {
    let body = body.to_string();
    let secret = run.environment.given(WEBHOOK_SECRET).filter(|_| channel == Channel::Webhook);
    let headers: Vec<_> = secret
        .map(|key| (SIGNATURE, format!("sha256={}", secret::hmac(key.as_bytes(), body.as_bytes()))))
        .into_iter()
        .collect();
    let transport = Https::new(hook.origin(), run.global.no_proxy, 1)?;
    let lifetime = run.session.lifetime();
    lifetime.go_out();
    post(&transport, hook, Bytes::from(body), &headers, &lifetime.tries(PATIENCE)).await
}
