//! `comment`.

mod checks;
mod outputs;

use std::path::PathBuf;

use crate::ci::{Ci, Phase};
use crate::cli::args::forge::{ForgeArgs, ForgeConnection};
use crate::cli::marks::{APPLY, DEFAULT, PLAN, encoded, mark};
use crate::cli::run::{Done, Run};
use crate::diag::codes::run as codes;
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::forge::steps::{MOST_HIDDEN, MOST_STEPS, hidden};
use crate::forge::sticky::{Action, Message, Mode};
use crate::forge::{Client, ForgeError, Host, Place, Status, Verdict};
use crate::plan::plan_id;
use crate::record::{Annotation, Level, PlanRecord, Record};
use crate::session::saved;
use crate::view::build::{Summary, document, summary};
use crate::view::document::Document;
use crate::view::{Detail, github, markdown, without_html};

/// The largest summary of a job: GitHub allows 1 MiB.
const SUMMARY: usize = 250_000;
/// The most annotations of each level that GitHub shows for a step.
const ANNOTATIONS: usize = 10;

/// Comment on the pull or merge request with a saved plan, report or failure, and set the status of its commit
///
/// The comment is found again by its author and a hidden marker, and kept up to date. The host, the repository and the
/// request come from the CI system's variables, or from flags. The token: GITHUB_TOKEN, GITLAB_TOKEN, BITBUCKET_TOKEN,
/// GITEA_TOKEN or SYSTEM_ACCESSTOKEN.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// What `plan --out FILE` has saved, or `apply --format json` printed; several of the parts of a fleet are told as one
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How the comment relates to those before it
    #[arg(long, value_enum, default_value_t)]
    mode: Mode,
    /// A name that distinguishes the comments of several workspaces or jobs on one request
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Labels that the request has while they are true of the plan, and loses when they are not
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LABELS")]
    label: Vec<Label>,
    /// Also make a check run with every finding at its line (GitHub; the token of a workflow or an app with `checks: write`)
    #[arg(long)]
    check: bool,
    /// Only these outputs; default: all that the CI system supports
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    only: Vec<Way>,
    /// A file for the outputs as NAME=VALUE, such as a dotenv report of GitLab
    #[arg(long, value_name = "FILE")]
    dotenv: Option<PathBuf>,
    #[command(flatten)]
    host: ForgeArgs,
    /// The number of the request
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// The commit whose status is set
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
}

/// A label of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Label {
    /// `supaform: risky`: something is destroyed, locked out, restarted, weakened, given access to or billed, or refused
    Risky,
    /// `supaform: no changes`: live is as the manifests say
    NoChanges,
}

impl Label {
    /// The label of a workspace, and whether it is true of a plan.
    fn of(self, plan: &PlanRecord, told: &Summary, key: &str) -> (String, bool) {
        let (name, is_true) = match self {
            Self::Risky => ("risky", told.red || plan.steps.iter().any(|step| !step.flags.is_empty())),
            Self::NoChanges => ("no changes", !told.red && !told.changes),
        };
        let of_key = if key == DEFAULT { String::new() } else { format!(" ({})", escape(key)) };
        (format!("supaform: {name}{of_key}"), is_true)
    }
}

/// An output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// The comment on the request
    Comment,
    /// The status of the commit
    Status,
    /// The summary of the job
    Summary,
    /// Values for later steps
    Outputs,
    /// Annotations at the lines of the manifests
    Annotations,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let record = saved::read_all(&args.files)?;
    let ci = Ci::of(&run.environment);
    let told = summary(&record);
    let wanted = |way: Way| args.only.is_empty() || args.only.contains(&way);
    if matches!(record, Record::Drift(_)) && (wanted(Way::Comment) || wanted(Way::Status)) {
        let file = args.files.first().map_or_else(String::new, |file| file.display().to_string());
        let message = format!("`{file}` is what has happened to live, which no request is about");
        let hint = "`supaform drift --notify issue` keeps an issue; `--only summary` tells it in the job.";
        return Err(Failure::with_hint(Exit::Invalid, codes::NO_RECORD, message, hint));
    }
    // The check run has them all.
    if wanted(Way::Annotations) && ci.annotates && !args.check {
        run.terminal.out(&github(&run.placed(gravest(&told.findings))));
    }
    let key = run.stack(args.key.as_deref());
    let mut document = document(&record);
    document.stack = (key != DEFAULT).then(|| key.clone());
    document.links = run.links(&ci);
    if let Some(path) = ci.summary.as_deref().filter(|_| wanted(Way::Summary)) {
        let text = markdown(&document, Detail::default(), SUMMARY)
            .map_or_else(|_| outputs::TOO_LARGE.to_owned(), |told| told.text);
        outputs::append(path, &format!("{text}\n"))?;
    }
    if wanted(Way::Outputs) {
        if let Some(path) = &ci.outputs {
            outputs::append(path, &outputs::of_github(&told))?;
        }
        if let Some(path) = &args.dotenv {
            outputs::append(path, &outputs::dotenv(&told))?;
        }
    }
    if !(wanted(Way::Comment) || wanted(Way::Status) || args.check) {
        return Ok(Exit::Done);
    }
    let ForgeConnection { host, client, place } = args.host.connect(run, &ci)?;
    run.session.lifetime().go_out();
    let mut errors = Errors::default();
    let place = Place {
        number: args.number.or(place.number),
        // The pipeline is that of the CI system's commit.
        pipeline: place.pipeline.filter(|_| args.commit.is_none()),
        commit: args.commit.clone().or(place.commit),
        repository: place.repository,
    };
    let is_report = told.kind == "report";
    let found = match (place.number, &ci.head, &place.commit) {
        (None, Some(head), _) => client.request_of(&place, head).await,
        (None, None, Some(commit)) if is_report && wanted(Way::Comment) => {
            client.request_of_merge(&place, commit).await
        }
        (known, ..) => Ok(known),
    };
    let number = found.unwrap_or_else(|error| {
        errors.add(&error);
        None
    });
    // Of several that were merged since the last apply, each is told what became of it.
    let merged =
        if let (Record::Report(report), None) = (&record, args.number) { report.requests.as_slice() } else { &[] };
    let number = number.or(merged.last().copied());
    let after_merge = is_report && (ci.phase == Phase::Merged || place.number != number);
    let place = Place { number, ..place };
    let counts = place.number.is_some() && host.marks(&place, "").is_some() && ci.phase != Phase::Merged;
    let approved = approved(run, &record, &told, &ci).filter(|_| counts);
    let foot = if told.quiet { String::new() } else { foot(&place, &ci) };
    let foot = format!("{foot}{}", approved.as_ref().map_or("", |(_, steps)| steps));
    let kind = match told.kind {
        "plan" if ci.phase == Phase::Queued => "queue",
        "report" if after_merge => "plan",
        kind => kind,
    };
    let room = if after_merge && host.marks(&place, "").is_some() { host.limit() - MOST_HIDDEN } else { host.limit() };
    let mut comment = Comment::of(&document, (&told, kind), (host, room), &place, (&key, &foot));
    // Of several requests, those of another workspace have no comment of this one, and are not told of it.
    comment.is_quiet |= after_merge && merged.len() > 1;
    // A token may be allowed to do only one of them, so each is tried.
    if let Some(commit) = place.commit.as_deref() {
        let plan = approved.and_then(|(id, _)| id);
        let status = status(&told, &comment, &key, plan, ci.run.clone());
        let short = escape(&commit.chars().take(8).collect::<String>()).into_owned();
        if wanted(Way::Status) {
            match client.status(&place, commit, &status).await {
                Ok(()) => run.terminal.err(&format!("Status of {short}: {}\n", status.description)),
                Err(error) => errors.add(&error),
            }
        }
        if args.check {
            let findings = run.placed(told.findings.clone());
            let check = checks::of(&document, &told, &status, &findings, (commit, &key, &ci));
            match client.check(&place, &check).await {
                Ok(count) => run.terminal.err(&format!("Check run of {short}: {}\n", checks::said(count))),
                Err(error) => errors.add(&error),
            }
        }
    }
    if wanted(Way::Comment) && after_merge && told.quiet {
        run.terminal.err("Nothing was done, so the comment on the request stays as it is\n");
    } else if wanted(Way::Comment) {
        let others = merged.iter().copied().filter(|other| after_merge && Some(*other) != number).map(Some);
        for number in others.chain([number]) {
            match comment.say(&client, &Place { number, ..place.clone() }, args.mode, after_merge).await {
                Ok(said) if merged.len() > 1 => {
                    run.terminal.err(&format!("#{}: {said}\n", number.unwrap_or_default()));
                }
                Ok(said) => run.terminal.err(&format!("{said}\n")),
                Err(error) => errors.add(&error),
            }
        }
        if comment.is_too_large {
            let message = "the risks of the plan do not fit into a comment";
            let hint = "Look at the plan in the job's log, or split the change.";
            errors.found(Exit::Refused, Diagnostic::new(codes::TOO_LONG, Severity::Error, message).hint(hint));
        }
    }
    if let Record::Plan(plan) = &record
        && place.number.is_some()
    {
        for (name, is_true) in args.label.iter().map(|label| label.of(plan, &told, &key)) {
            if let Err(error) = client.label(&place, &name, is_true).await {
                errors.add(&error);
            }
        }
    }
    errors.end()
}

/// A comment as it is sent.
struct Comment {
    marker: String,
    text: String,
    /// Whether only a comment that is there already is replaced by it.
    is_quiet: bool,
    /// Whether it has the values of all changes.
    is_whole: bool,
    /// Whether it lacks a change that destroys, locks out or endangers.
    is_too_large: bool,
}

impl Comment {
    fn of(
        document: &Document,
        (told, kind): (&Summary, &str),
        (host, limit): (&dyn Host, usize),
        place: &Place,
        (key, foot): (&str, &str),
    ) -> Self {
        let marker = format!("supaform:{kind}:{}", encoded(key));
        // The limit counts the whole comment, with everything around the text.
        let room = limit.saturating_sub(host.dressed(&marker, foot).chars().count());
        // Without a request, nobody reviews.
        let (text, is_whole, is_too_large) = match markdown(document, Detail::default(), room) {
            Ok(told) => (told.text, told.is_whole, told.hides_risk && place.number.is_some()),
            Err(_) => (outputs::TOO_LARGE.to_owned(), false, place.number.is_some()),
        };
        // The comment's marker replaces that of the record.
        let text = match text.split_once('\n') {
            Some((first, rest)) if first.starts_with("<!-- ") => rest.to_owned(),
            _ => text,
        };
        let text = if host.knows_html() { text } else { without_html(&text) };
        let text = host.dressed(&marker, &format!("{text}{foot}"));
        Self { marker, text, is_quiet: told.quiet, is_whole, is_too_large }
    }

    /// Writes the comment, and describes what was done.
    async fn say(
        &self,
        client: &Client<'_>,
        place: &Place,
        mode: Mode,
        after_merge: bool,
    ) -> Result<String, ForgeError> {
        if place.number.is_none() {
            return Ok("There is no request here, so there is nothing to comment on".to_owned());
        }
        let says = if self.is_quiet { Message::Nothing(&self.text) } else { Message::Something(&self.text) };
        let actions = client.comment(place, mode, &self.marker, says, after_merge).await?;
        let count = |is: fn(&Action) -> bool| actions.iter().filter(|action| is(action)).count();
        let parts = [
            (count(|it| matches!(it, Action::Create)), "made"),
            (count(|it| matches!(it, Action::Update(_))), "updated"),
            (count(|it| matches!(it, Action::Hide(_))), "hidden"),
            (count(|it| matches!(it, Action::Delete(_))), "removed"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, verb)| format!("{count} {verb}"));
        let said = parts.collect::<Vec<_>>().join(", ");
        Ok(format!("Comments: {}", if said.is_empty() { "as they should be" } else { &said }))
    }
}

/// Names the commit, and links the run.
fn foot(place: &Place, ci: &Ci) -> String {
    let queued =
        if ci.phase == Phase::Queued { "\nAs the merge queue is about to merge it, with all before it.\n" } else { "" };
    let run = ci.run.as_deref();
    let commit = place.commit.as_deref().map(|commit| commit.chars().take(8).collect::<String>());
    let commit = commit.filter(|commit| commit.chars().all(|c| c.is_ascii_alphanumeric()));
    let run = run.filter(|url| url.chars().all(|c| c.is_ascii_graphic() && !"()<>`".contains(c)));
    match (commit, run) {
        (Some(commit), Some(url)) => format!("{queued}\nOf `{commit}`, by [this run]({url})\n"),
        (Some(commit), None) => format!("{queued}\nOf `{commit}`\n"),
        (None, Some(url)) => format!("{queued}\nBy [this run]({url})\n"),
        (None, None) => queued.to_owned(),
    }
}

/// The findings that are shown at lines: errors, then warnings, then notes, as many as the host shows.
fn gravest(findings: &[Annotation]) -> Vec<Annotation> {
    let of = |level: Level| findings.iter().filter(move |it| it.level == level).take(ANNOTATIONS).cloned();
    [Level::Error, Level::Warning, Level::Note].into_iter().flat_map(of).collect()
}

/// The plan that a merge of the request approves: its id, and the hashes of its steps as a comment holds them; or why it
/// approves nothing. `None` where another job made it, or where it has refusals.
fn approved(run: &Run, record: &Record, told: &Summary, ci: &Ci) -> Option<(Option<String>, String)> {
    let Record::Plan(plan) = record else { return None };
    if run.session.untrusted().is_some() || ci.second_hand || told.red {
        return None;
    }
    let hashes = plan.steps.iter().map(|step| step.hash.as_str());
    if plan.steps.is_empty() {
        return Some((Some(plan_id(hashes)), String::new()));
    }
    Some(match hidden(hashes.clone()) {
        Some(held) => (Some(plan_id(hashes)), held),
        None => {
            let why = format!("the plan has more than {MOST_STEPS} steps");
            run.terminal.err(&format!("A merge approves nothing: {why}\n"));
            (None, format!("\n**A merge approves nothing**: {why}. Split the change, or apply the saved plan.\n"))
        }
    })
}

fn status(told: &Summary, comment: &Comment, key: &str, plan: Option<String>, url: Option<String>) -> Status {
    let context = mark(if told.kind == "report" { APPLY } else { PLAN }, key);
    let verdict = if told.red || comment.is_too_large { Verdict::Bad } else { Verdict::Good };
    // Nobody has read a value that was not shown, so a merge does not approve it.
    let (large, plan) = match (comment.is_too_large, comment.is_whole, plan) {
        (true, ..) => ("Too large to be reviewed · ", None),
        (false, false, Some(_)) => ("Values left out, so a merge approves nothing · ", None),
        (false, _, plan) => ("", plan),
    };
    Status { verdict, context, description: format!("{large}{}", told.line), plan, url }
}

/// Errors on the way, reported together at the end.
#[derive(Default)]
struct Errors {
    exits: Vec<Exit>,
    findings: Diagnostics,
}

impl Errors {
    fn add(&mut self, error: &ForgeError) {
        self.found(error.problem.exit, error.problem.finding.diagnostic());
    }

    fn found(&mut self, exit: Exit, finding: Diagnostic) {
        self.exits.push(exit);
        self.findings.push(finding);
    }

    fn end(self) -> Done {
        let exit = Exit::worst(self.exits, false);
        if exit == Exit::Done {
            return Ok(exit);
        }
        Err(Failure { exit, findings: self.findings, sources: Sources::new() })
    }
}
