//! `accept`.

use crate::cli::args::global::Format;
use crate::cli::complete;
use crate::cli::differences::differences;
use crate::cli::run::{Done, Run};
use crate::diag::render::escape;
use crate::exit::Exit;
use crate::manifest::accept::Into;
use crate::model::AddressPattern;
use crate::record::{AcceptedRecord, Named as _};
use crate::session::{Acceptance, Accepted, write};
use crate::view::Line;

/// Write live values into the manifests, where somebody has changed them for good
///
/// For each difference at ADDRESS, writes the live value into the file that sets it; comments and everything else stay.
/// Before anything is written, the manifests are read and planned again as they will be: exactly these differences must be
/// gone. It refuses where it is not clear which file should hold the value, and where the value is a secret.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// What to accept: a field, an item or a section, such as acme-prod/auth/site_url, or a whole project, such as acme-prod;
    /// `*` and `?` are wildcards within a part
    #[arg(required = true, value_parser = pattern, add = complete::addresses())]
    address: Vec<AddressPattern>,
    /// Where to write, for a value that a profile or `common:` sets, or that is made of a variable
    #[arg(long, value_enum)]
    into: Option<Into>,
    /// Accepts what can be accepted; refused values stay as they are and are reported, and the exit code is 4
    #[arg(long)]
    skip_refused: bool,
    /// Shows what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

fn pattern(text: &str) -> Result<AddressPattern, String> {
    // Plans print `auth.site_url`.
    let slashes = match text.split_once('/') {
        Some((project, rest)) if !rest.contains('/') => format!("{project}/{}", rest.replacen('.', "/", 1)),
        _ => text.to_owned(),
    };
    AddressPattern::parse_with_projects(&slashes)
        .ok_or_else(|| "an address is PROJECT or PROJECT/SECTION, with /FIELD or /ITEM below it".to_owned())
}

pub(super) async fn run(run: &Run, args: Args) -> Done {
    run.session.require_trust_to_look()?;
    let workspace = run.session.load_with_secrets(None).await?;
    let Args { address: addresses, into, skip_refused, dry_run } = args;
    let accepted = run.session.accept(workspace, &Acceptance { addresses, into, skip_refused }).await?;
    if accepted.addresses.is_empty() && run.global.format != Format::Json {
        run.terminal.out("Nothing to accept: live is as the manifests say\n");
        return Ok(Exit::Done);
    }
    if !dry_run {
        write(&accepted.workspace.root, &accepted.changed)?;
    }
    tell(run, dry_run, &accepted);
    Ok(if accepted.refused.is_empty() { Exit::Done } else { Exit::Refused })
}

fn tell(run: &Run, dry_run: bool, accepted: &Accepted) {
    let Accepted { addresses, differences: all, changed, also, refused, workspace } = accepted;
    let files: Vec<&str> = changed.iter().map(|changed| changed.path.as_str()).collect();
    if run.global.format == Format::Json {
        let refused = refused.sorted();
        let refused = refused.iter().map(|found| found.message.as_str()).collect();
        run.json(&AcceptedRecord { written: !dry_run, accepted: addresses, files, also, refused }.json());
        return;
    }
    let mut page = differences(changed);
    if !also.is_empty() {
        let names: Vec<_> = also.iter().map(|name| escape(name)).collect();
        page.push(Line::new().plain(format!("Also for: {}", names.join(", "))));
    }
    let verb = if dry_run { "Would accept" } else { "Accepted" };
    let names = files.iter().map(|it| escape(it)).collect::<Vec<_>>();
    let noun = if *all == 1 { "difference" } else { "differences" };
    page.push(Line::new().plain(format!("{verb}: {} of {all} {noun}, in {}", addresses.len(), names.join(", "))));
    run.terminal.page(page);
    run.show(&refused.sorted(), &workspace.sources);
}
