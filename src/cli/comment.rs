//! `comment`.

use std::collections::hash_map::RandomState;
use std::fs::OpenOptions;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::ci::Ci;
use super::forge::{ForgeArgs, Whereabouts, failed};
use super::{Done, Failure, Run, connect, saved};
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::forge::sticky::{Deed, Mode, Says};
use crate::forge::{Place, Status, Verdict};
use crate::view::{Detail, Gist, gist, github};

/// Room for the marker and the line below the text.
const ROOM: usize = 500;
/// What the summary of a job takes: GitHub counts bytes, 1 MiB of them.
const SUMMARY: usize = 250_000;

/// Put a saved plan, report or failure on the pull or merge request, and mark its commit
///
/// The comment is found again by its author and a hidden marker, and kept up to date. Which host, repository and request: from the CI
/// system's variables, or from flags. The token: GITHUB_TOKEN, GITLAB_TOKEN, BITBUCKET_TOKEN or GITEA_TOKEN.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What `plan --out FILE` has saved, or `apply --format json` printed
    file: PathBuf,
    /// How the comment relates to those before it
    #[arg(long, value_enum, default_value_t)]
    mode: Mode,
    /// Tells the comments of several workspaces or jobs on one request apart
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Only these; else all that the CI system has
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    only: Vec<Way>,
    /// A file that gets the outputs as NAME=VALUE, such as a dotenv report of GitLab
    #[arg(long, value_name = "FILE")]
    dotenv: Option<PathBuf>,
    #[command(flatten)]
    host: ForgeArgs,
    /// The number of the request
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// The commit to mark
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
}

/// A way to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// The comment on the request
    Comment,
    /// The mark on the commit
    Status,
    /// The summary of the job
    Summary,
    /// Values for later steps
    Outputs,
    /// Annotations at the lines of the manifests
    Annotations,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let record = saved::read(&args.file)?;
    let ci = Ci::of(&run.environment);
    let told = gist(&record);
    let wanted = |way: Way| args.only.is_empty() || args.only.contains(&way);
    if wanted(Way::Annotations) && ci.annotates {
        run.terminal.out(&github(&run.placed(told.findings.clone())));
    }
    if let Some(path) = ci.summary.as_deref().filter(|_| wanted(Way::Summary)) {
        let text = record.markdown(Detail::default(), SUMMARY).unwrap_or_else(|why| too_long(&why.to_string()));
        append(path, &format!("{text}\n"))?;
    }
    if wanted(Way::Outputs) {
        if let Some(path) = &ci.outputs {
            append(path, &outputs(&told))?;
        }
        if let Some(path) = &args.dotenv {
            append(path, &dotenv(&told))?;
        }
    }
    if !(wanted(Way::Comment) || wanted(Way::Status)) {
        return Ok(Exit::Done);
    }
    let told_place = |place: Place| Place {
        number: args.number.or(place.number),
        commit: args.commit.clone().or(place.commit),
        ..place
    };
    let Whereabouts { host, client, place } = args.host.connect(run, &ci)?;
    let place = told_place(place);
    let runtime = connect::runtime()?;
    if let Some(commit) = place.commit.as_deref().filter(|_| wanted(Way::Status)) {
        let status = status(args, &told, ci.run.clone());
        runtime.block_on(client.status(&place, commit, &status)).map_err(failed)?;
        run.terminal.err(&format!("Marked {}: {}\n", commit.get(..8).unwrap_or(commit), status.description));
    }
    if !wanted(Way::Comment) {
        return Ok(Exit::Done);
    }
    if place.number.is_none() {
        run.terminal.err("There is no request here, so there is nothing to comment on\n");
        return Ok(Exit::Done);
    }
    let (text, exit) = match record.markdown(Detail::default(), host.limit() - ROOM) {
        Ok(text) => (text, Exit::Done),
        Err(why) => (too_long(&why.to_string()), Exit::Refused),
    };
    let marker = format!("supaform:{}:{}", told.kind, run.stack(args.key.as_deref()));
    let text = text.split_once("-->\n").map_or(text.as_str(), |(_, text)| text);
    let link = ci.run.as_ref().filter(|_| !told.quiet).map_or(String::new(), |url| format!("\n[The run]({url})\n"));
    let text = host.dressed(&marker, &format!("{text}{link}"));
    let says = if told.quiet { Says::Nothing(&text) } else { Says::Something(&text) };
    let deeds = runtime.block_on(client.comment(&place, args.mode, &marker, says)).map_err(failed)?;
    run.terminal.err(&format!("{}\n", said(&deeds)));
    if exit == Exit::Refused {
        let message = "what destroys, locks out or endangers does not fit into a comment";
        let hint = "Look at the plan in the job's log, or split the change.";
        return Err(Failure::with_hint(Exit::Refused, codes::TOO_LONG, message, hint));
    }
    Ok(exit)
}

fn too_long(why: &str) -> String {
    format!(
        "<!-- supaform -->\n**This is too large to be reviewed here.** Told as shortly as may be, with all that destroys, locks out \
         or endangers, it {why}. Look at it in the log of the run, or split the change.\n"
    )
}

fn said(deeds: &[Deed]) -> String {
    let count = |is: fn(&Deed) -> bool| deeds.iter().filter(|deed| is(deed)).count();
    let parts = [
        (count(|it| matches!(it, Deed::Create)), "made"),
        (count(|it| matches!(it, Deed::Update(_))), "updated"),
        (count(|it| matches!(it, Deed::Hide(_))), "hidden"),
        (count(|it| matches!(it, Deed::Delete(_))), "removed"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, verb)| format!("{count} {verb}")).collect();
    if parts.is_empty() { "Comments: as they should be".to_owned() } else { format!("Comments: {}", parts.join(", ")) }
}

fn status(args: &Args, told: &Gist, url: Option<String>) -> Status {
    let name = if told.kind == "report" { "supaform/apply" } else { "supaform/plan" };
    let context = args.key.as_ref().map_or(name.to_owned(), |key| format!("{name}: {key}"));
    let verdict = if told.red { Verdict::Bad } else { Verdict::Good };
    Status { verdict, context, description: told.line.clone(), url }
}

/// Values for later steps; the names are part of the interface.
fn values(told: &Gist) -> [(&'static str, String); 4] {
    [
        ("changes", told.changes.to_string()),
        ("refused", told.red.to_string()),
        ("exit", told.exit.to_string()),
        ("summary", told.line.clone()),
    ]
}

/// Each between lines that nobody can guess, so that no value ends itself (O04).
fn outputs(told: &Gist) -> String {
    let random = || RandomState::new().build_hasher().finish();
    let delimiter = format!("supaform_{:016x}{:016x}", random(), random());
    let mut text = String::new();
    for (name, value) in values(told) {
        debug_assert!(!value.contains(&delimiter), "nobody can guess it");
        text.push_str(&format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"));
    }
    text
}

fn dotenv(told: &Gist) -> String {
    let line = |(name, value): (&str, String)| {
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("SUPAFORM_{}={value}\n", name.to_ascii_uppercase())
    };
    values(told).into_iter().map(line).collect()
}

fn append(path: &Path, text: &str) -> Result<(), Failure> {
    let written: io::Result<()> =
        OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|why| {
        Failure::new(Exit::Failed, codes::CANNOT_SAVE, format!("`{}` cannot be written: {why}", path.display()))
    })
}
