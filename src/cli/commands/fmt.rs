//! `fmt`.

use std::path::PathBuf;

use crate::cli::args::global::Format;
use crate::cli::differences::differences;
use crate::cli::run::{Done, Run};
use crate::diag::render::{self, escape};
use crate::exit::Exit;
use crate::record::{FormattedRecord, Named as _};
use crate::session::{Changed, Formatted, write};
use crate::view::{Line, StyledText};

/// Format the manifests; offline
///
/// Two spaces per level, at most one blank line, quotes only where some reader of YAML needs them (`"no"`, `"1.10"`), a
/// block where a list or map in brackets has several lines or more than 120 characters. Comments and the order of keys
/// stay; no meaning changes. A file that cannot be read is left as it is.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Manifests, or folders of them; default: the whole workspace
    paths: Vec<PathBuf>,
    /// Writes nothing, shows what would change, and ends with 2 if anything would
    #[arg(long)]
    check: bool,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let Formatted { root, files, changed, findings, sources, is_valid } = run.session.format(&args.paths)?;
    if !args.check {
        write(&root, &changed)?;
    }
    let exit = match () {
        () if findings.has_errors() => Exit::Invalid,
        () if args.check && !changed.is_empty() => Exit::Differences,
        () => Exit::Done,
    };
    let findings = findings.sorted();
    if run.global.format == Format::Json {
        let names: Vec<&str> = changed.iter().map(|changed| changed.path.as_str()).collect();
        let (written, diagnostics) = (!args.check, render::json(&findings, &sources));
        run.json(&FormattedRecord { written, files, changed: names, exit: exit.code(), diagnostics }.json());
        return Ok(exit);
    }
    run.show(&findings, &sources);
    let mut page = names(&changed);
    if args.check && !changed.is_empty() {
        // A literal secret in place of a reference must not be shown.
        if is_valid {
            page = differences(&changed);
        } else {
            run.terminal.err("The changes are shown only if `supaform validate` finds no error\n");
        }
    }
    let verb = if args.check { "Would format" } else { "Formatted" };
    let noun = if files == 1 { "file" } else { "files" };
    page.push(Line::new().plain(format!("{verb}: {} of {files} {noun}", changed.len())));
    run.terminal.page(page);
    Ok(exit)
}

fn names(changed: &[Changed]) -> StyledText {
    let mut page = StyledText::new();
    for Changed { path, .. } in changed {
        page.push(Line::new().plain(escape(path)));
    }
    page
}
