//! The command line: parses, runs one of the commands, and returns the exit code. The only module that prints.

mod args;
mod commands;
mod complete;
mod differences;
mod elsewhere;
mod failure;
mod marks;
mod output;
mod progress;
mod run;
mod signals;
mod teller;
mod terminal;

use std::process::ExitCode;
use std::time::Duration;

use args::global::Global;
use clap::error::ErrorKind::{InvalidSubcommand, UnknownArgument};
use clap::{CommandFactory as _, FromArgMatches as _};
use commands::Command;
use failure::told;
use run::Run;
use terminal::Terminal;
use tokio::runtime::{Builder, Runtime};

use crate::ci::Environment;
use crate::diag::Sources;
use crate::exit::Exit;
use crate::session::Lifetime;
use crate::stop::Stop;

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

/// Parses the command line, runs the command, and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    end_at_a_panic();
    leave_no_core();
    complete::if_a_shell_asks(Cli::command);
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let command = matches.subcommand_name().unwrap_or_default().to_owned();
        Cli::from_arg_matches(&matches).map(|cli| (cli, command))
    });
    match parsed {
        Ok((cli, command)) => match runtime() {
            Ok(runtime) => runtime.block_on(run(cli, command)).into(),
            Err(error) => cannot_start(Terminal::plain(), &error).into(),
        },
        Err(error) => {
            // Help and version go to stdout and are no errors; clap's exit code 2 for mistakes has another meaning here.
            terminal::note(error.print());
            if matches!(error.kind(), InvalidSubcommand | UnknownArgument) {
                tell_of_other_tools(error.kind() == InvalidSubcommand);
            }
            let exit = if error.use_stderr() { Exit::Invalid } else { Exit::Done };
            told(exit, &Terminal::plain()).into()
        }
    }
}

/// The runtime for asynchronous work. The command runs on the main thread; a second thread hears signals, whatever the main
/// thread does.
/// thread is at.
fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// Runs a command.
async fn run(cli: Cli, command: String) -> Exit {
    let environment = Environment::of_process();
    let terminal = Terminal::detect(cli.global.color, cli.global.no_input, &environment);
    start_log(cli.global.verbose, terminal);
    let lifetime = Lifetime::start(Duration::from_secs(cli.global.deadline), Stop::new());
    if let Err(error) = signals::listen(&lifetime) {
        return cannot_start(terminal, &error);
    }
    let private = cli.command.private_files().into_iter().flatten().cloned();
    let (mut run, undecided) = Run::new((command, cli.global), environment, terminal, lifetime, private);
    if cli.command.reads_manifests() {
        run.show(&undecided.iter().collect::<Vec<_>>(), &Sources::new());
    }
    let formats = cli.command.formats();
    if !formats.contains(&run.global.format) {
        return told(run.refuse_format(formats), &terminal);
    }
    let done = cli.command.run(&run).await;
    run.reading.clear();
    let exit = match done {
        Ok(exit) => exit,
        Err(failure) => run.fail(failure),
    };
    told(exit, &terminal)
}

fn cannot_start(terminal: Terminal, error: &std::io::Error) -> Exit {
    terminal.err(&format!("supaform cannot listen for signals: {error}\n"));
    Exit::Failed
}

/// Hints at our equivalent of another tool's command or flag.
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

/// The exit code of a program in Rust that panicked.
const PANICKED: i32 = 101;

/// A panic is a bug: its place is printed, never its message, and the process ends, whichever thread panics.
fn end_at_a_panic() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or(String::new(), |at| format!(" at {}:{}", at.file(), at.line()));
        let terminal = Terminal::plain();
        terminal.err(&format!("supaform has a bug{place}. Nothing more was sent; run plan to see what is left.\n"));
        exit(PANICKED);
    }));
}

#[expect(clippy::exit, reason = "nothing is unwound, so that what is left to do is to end")]
fn exit(code: i32) {
    std::process::exit(code);
}

/// Disables core dumps, because memory has secrets.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Where that fails, the run is no worse than before.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// Logs of this crate only, on stderr: warnings; `-v` info, `-vv` debug, `-vvv` trace.
fn start_log(verbose: u8, terminal: Terminal) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    let level = match verbose {
        // Warnings include long waits, so that CI never looks hung.
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

#[cfg(test)]
mod tests {
    use std::process::Command;

    const SECRET: &str = "hunter2";

    /// Set in the process that panics.
    const PANICS: &str = "SUPAFORM_TEST_PANICS";

    #[test]
    #[expect(clippy::disallowed_methods, reason = "which of the two processes it is")]
    fn a_panic_says_where_and_ends_the_process() {
        if std::env::var_os(PANICS).is_some() {
            super::end_at_a_panic();
            let thread = std::thread::spawn(|| panic!("{SECRET}"));
            drop(thread.join());
            return;
        }
        let tests = std::env::current_exe().expect("the tests");
        let arguments = ["--exact", "cli::tests::a_panic_says_where_and_ends_the_process", "--nocapture"];
        let ended = Command::new(tests).args(arguments).env(PANICS, "1").output().expect("it runs");
        let (told, shown) = (String::from_utf8_lossy(&ended.stderr), String::from_utf8_lossy(&ended.stdout));
        let (start, end) = ("supaform has a bug at ", ". Nothing more was sent; run plan to see what is left.\n");
        assert!(told.starts_with(start) && told.ends_with(end) && told.contains("src/cli/mod.rs:"), "{told}");
        assert!(!told.contains(SECRET) && !shown.contains(SECRET), "{told}{shown}");
        assert_eq!(ended.status.code(), Some(super::PANICKED));
    }
}
