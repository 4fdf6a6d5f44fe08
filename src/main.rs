//! The `supaform` binary: parses, runs, exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    supaform::cli::main()
}
