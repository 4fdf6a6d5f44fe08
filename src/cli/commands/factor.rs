//! `factor`.

use crate::cli::args::global::Format;
use crate::cli::differences::preview;
use crate::cli::run::{Done, Run};
use crate::exit::Exit;
use crate::import::factor::Factoring;
use crate::record::Named as _;
use crate::view::factored_page;

/// Move what the projects say alike into profiles; offline
///
/// What all of them have alike becomes one profile, what a group has alike another, and a word in which values differ becomes
/// a variable. Values that a few have otherwise stay with these. Comments go along. The effective manifests (`supaform
/// render`) are the same before and after, which is checked before anything is written. Existing profiles stay as they are.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The name of the profile of all projects
    #[arg(long, value_name = "NAME", default_value = "base")]
    profile: String,
    /// The label whose values make the groups, such as `env`, each with a profile that is called like the value; default:
    /// those that have most alike
    #[arg(long, value_name = "LABEL")]
    by: Option<String>,
    /// Shows what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(run: &Run, args: Args) -> Done {
    let factored = run.session.factor(&Factoring { profile: args.profile, by: args.by, gathers: false })?;
    if !args.dry_run {
        factored.write()?;
    }
    let record = factored.record(!args.dry_run);
    if run.global.format == Format::Json {
        run.json(&record.json());
        return Ok(Exit::Done);
    }
    if args.dry_run {
        preview(&run.terminal, &factored.created, &factored.changed);
    }
    run.terminal.page(factored_page(&record));
    Ok(Exit::Done)
}
