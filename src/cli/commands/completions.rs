//! `completions`.

use crate::cli::run::{Done, Run};
use crate::exit::Exit;

/// Print completions for a shell
///
/// For bash: supaform completions bash > /etc/bash_completion.d/supaform
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "it is what commands return")]
pub(super) fn run(run: &Run, args: &Args, mut command: clap::Command) -> Done {
    let mut text = vec![];
    clap_complete::generate(args.shell, &mut command, "supaform", &mut text);
    run.terminal.out(&String::from_utf8_lossy(&text));
    Ok(Exit::Done)
}
