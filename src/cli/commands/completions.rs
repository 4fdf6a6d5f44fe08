//! `completions`.

use crate::cli::complete;
use crate::cli::run::{Done, Run};
use crate::exit::Exit;

/// Print the script by which a shell completes commands, projects and fields
///
/// For bash: supaform completions bash > /etc/bash_completion.d/supaform. The script asks the program itself, which reads the
/// workspace in the working folder and nothing else.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "it is what commands return")]
pub(super) fn run(run: &Run, args: &Args) -> Done {
    run.terminal.out(&complete::script(&args.shell.to_string()));
    Ok(Exit::Done)
}
