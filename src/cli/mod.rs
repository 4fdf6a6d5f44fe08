//! The commands: one file each. Here: what they share, and how a run ends.

mod accept;
mod allow;
mod apply;
mod approved;
mod base;
mod ci;
mod comment;
mod compare;
mod completions;
mod connect;
mod drift;
mod elsewhere;
mod environment;
mod explain;
mod failure;
mod fmt;
mod forge;
mod given;
mod init;
mod lock;
mod merge;
mod needs;
mod notify;
mod options;
mod output;
mod pin;
mod plan;
mod progress;
mod render;
mod rewrite;
mod sandbox;
mod saved;
mod schema;
mod session;
mod show;
mod systems;
mod terminal;
mod tracked;
mod trust;
mod validate;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind::{InvalidSubcommand, UnknownArgument};
use clap::{CommandFactory as _, FromArgMatches as _, Subcommand};
use environment::Environment;
use failure::Failure;
use options::{Format, Global};
use session::Session;
use terminal::{ColorChoice, Terminal};
use trust::Trust;

use crate::diag::{Diagnostic, Severity, Sources, codes::run as codes, render as findings};
use crate::exit::Exit;

/// Declarative configuration for Supabase projects: plan and apply from YAML
#[derive(Debug, clap::Parser)]
#[command(name = "supaform", version, propagate_version = true, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Start with: supaform init demo && supaform plan --root demo --sandbox demo/.sandbox\n\
                        Exit codes: 0 done, 1 failed, 2 differences, 3 invalid, 4 refused, 5 stale, 6 partly applied,\n\
                        7 denied, 8 needs attention, 130 interrupted")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Validate(validate::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Drift(drift::Args),
    Accept(accept::Args),
    Needs(needs::Args),
    Pin(pin::Args),
    Fmt(fmt::Args),
    Show(show::Args),
    Comment(comment::Args),
    Render(render::Args),
    Compare(compare::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Sandbox(sandbox::Args),
}

/// What every command gets.
struct Run {
    /// The command's name.
    command: String,
    global: Global,
    environment: Environment,
    terminal: Terminal,
    session: Session,
    /// Why the manifests are not trusted, where they are not.
    untrusted: Option<String>,
    /// Files of the command's own options that hold something secret.
    private: Vec<PathBuf>,
}

impl Command {
    /// The formats that make sense of what the command tells.
    const fn formats(&self) -> &'static [Format] {
        use Format::{Github, Gitlab, Json, Junit, Markdown, Ndjson, Sarif, Short, Text};
        match self {
            Self::Plan(_) | Self::Drift(_) | Self::Show(_) => options::OF_PLANS,
            Self::Apply(_) => &[Text, Json, Markdown, Ndjson, Github, Junit, Sarif],
            Self::Validate(_) => &[Text, Short, Json, Markdown, Github, Junit, Sarif],
            Self::Render(_)
            | Self::Schema(_)
            | Self::Compare(_)
            | Self::Explain(_)
            | Self::Pin(_)
            | Self::Accept(_)
            | Self::Fmt(_) => &[Text, Json],
            Self::Needs(_) => &[Text, Json, Github, Gitlab],
            Self::Completions(_) | Self::Sandbox(_) | Self::Init(_) | Self::Comment(_) => &[Text],
        }
    }
}

impl Command {
    /// The files that hold a token or an address of a hook.
    fn private_files(&self) -> [Option<&PathBuf>; 2] {
        match self {
            Self::Apply(args) => [args.approval.forge.forge_token_file.as_ref(), None],
            Self::Drift(args) => [args.notify.host.forge_token_file.as_ref(), args.notify.notify_url_file.as_ref()],
            _ => [None, None],
        }
    }
}

type Done = Result<Exit, Failure>;

/// Parses the command line, runs the command, and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    hide_panic_payloads();
    leave_no_core();
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let command = matches.subcommand_name().unwrap_or_default().to_owned();
        Cli::from_arg_matches(&matches).map(|cli| (cli, command))
    });
    let (cli, command) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version go to stdout and are no errors; clap's own 2 for mistakes means something else here.
            terminal::note(error.print());
            if matches!(error.kind(), InvalidSubcommand | UnknownArgument) {
                tell_of_other_tools(error.kind() == InvalidSubcommand);
            }
            let exit = if error.use_stderr() { Exit::Invalid } else { Exit::Done };
            return told(exit, &Terminal::plain()).into();
        }
    };
    let environment = Environment::of_process();
    let terminal = Terminal::detect(cli.global.color, cli.global.no_input, &environment);
    start_log(cli.global.verbose, terminal);
    let session = match Session::start(Duration::from_secs(cli.global.deadline)) {
        Ok(session) => session,
        Err(error) => {
            terminal.err(&format!("supaform cannot listen for signals: {error}\n"));
            return Exit::Failed.into();
        }
    };
    let (untrusted, undecided) = match trust::of(&cli.global, &environment) {
        Trust::Full => (None, None),
        Trust::None(why) => (Some(why), None),
        Trust::Undecided(system) => (None, trust::undecided(&command, &system)),
    };
    let private = cli.command.private_files().into_iter().flatten().cloned().collect();
    let mut run = Run { command, global: cli.global, environment, terminal, session, untrusted, private };
    if let Some(why) = &run.untrusted {
        trust::restrict(&mut run.global);
        run.terminal.err(&format!(
            "The manifests are untrusted, since {why}: no secrets, no commands, nothing outside of the root\n"
        ));
    }
    run.show(&undecided.iter().collect::<Vec<_>>(), &Sources::new());
    let formats = cli.command.formats();
    if !formats.contains(&run.global.format) {
        return told(run.refuse_format(formats), &terminal).into();
    }
    let done = match cli.command {
        Command::Init(args) => init::run(&run, &args),
        Command::Validate(args) => validate::run(&run, &args),
        Command::Plan(args) => plan::run(&run, &args),
        Command::Apply(args) => apply::run(&run, &args),
        Command::Drift(args) => drift::run(&run, &args),
        Command::Accept(args) => accept::run(&run, &args),
        Command::Needs(args) => needs::run(&run, &args),
        Command::Pin(args) => pin::run(&run, &args),
        Command::Fmt(args) => fmt::run(&run, &args),
        Command::Show(args) => show::run(&run, &args),
        Command::Comment(args) => comment::run(&run, &args),
        Command::Render(args) => render::run(&run, &args),
        Command::Compare(args) => compare::run(&run, &args),
        Command::Explain(args) => explain::run(&run, &args),
        Command::Schema(args) => schema::run(&run, &args),
        Command::Completions(args) => completions::run(&run, &args, Cli::command()),
        Command::Sandbox(args) => sandbox::run(&run, args),
    };
    let exit = match done {
        Ok(exit) => exit,
        Err(failure) => run.fail(failure),
    };
    told(exit, &terminal).into()
}

/// How the run ends, given that its result may not have been taken: a file that is not whole must not look like one.
fn told(exit: Exit, terminal: &Terminal) -> Exit {
    let Some(why) = terminal::lost() else { return exit };
    let message = format!("the result is not whole: stdout took no more of it ({why})");
    let finding = Diagnostic::new(codes::NOT_PRINTED, Severity::Error, message);
    terminal.err(&findings::human(&[&finding], &Sources::new(), terminal.colour_err, terminal.width));
    Exit::worst([exit, Exit::Failed], false)
}

/// A command or flag of another tool is answered with ours.
fn tell_of_other_tools(command: bool) {
    let words: Vec<String> = std::env::args_os().skip(1).filter_map(|word| word.into_string().ok()).collect();
    if let Some(answer) = elsewhere::answer(words.iter().map(String::as_str), command) {
        let terminal = Terminal::plain();
        terminal.err(&format!("\nhelp: {answer}\n"));
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Run {
    /// Tells what went wrong, in the format that was asked for.
    fn fail(&self, failure: Failure) -> Exit {
        let Failure { exit, findings, sources } = failure;
        self.findings(&findings.sorted(), &sources, exit);
        exit
    }

    /// Shows findings on stderr.
    fn show(&self, findings: &[&Diagnostic], sources: &Sources) {
        if !findings.is_empty() {
            self.terminal.err(&findings::human(findings, sources, self.terminal.colour_err, self.terminal.width_err));
        }
    }
}

/// A panic is a bug: it says where, never with what.
fn hide_panic_payloads() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or(String::new(), |at| format!(" at {}:{}", at.file(), at.line()));
        let terminal = Terminal::plain();
        terminal.err(&format!("supaform has a bug{place}. Nothing more was sent; run plan to see what is left.\n"));
    }));
}

/// A crash leaves no image of the memory, in which secrets are.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Where that is forbidden, the run is no worse than before.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// Logs of this crate only, on stderr: warnings; `-v` info, `-vv` debug, `-vvv` trace.
fn start_log(verbose: u8, terminal: Terminal) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    let level = match verbose {
        // Long waits, so that CI never looks hung.
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(terminal.colour_err)
        .without_time()
        .with_target(false);
    tracing_subscriber::registry().with(lines).with(Targets::new().with_target("supaform", level)).init();
}
