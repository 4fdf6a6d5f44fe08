//! `import`.

use std::path::PathBuf;

use crate::cli::args::global::Format;
use crate::cli::complete;
use crate::cli::differences::preview;
use crate::cli::run::{Done, Run};
use crate::diag::Sources;
use crate::diag::codes::run::BAD_OPTION;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import::factor::Factoring;
use crate::model::ProjectRef;
use crate::record::Named as _;
use crate::session::{Against, Elsewhere, Import, ImportFiles, Imported, Which, write_imported};
use crate::view::import_page;

/// Write manifests of live projects, which change nothing
///
/// Reads each project whole, and writes what is not as on an untouched project: long texts into files, secrets as
/// references. What is written is planned before and after, and the plan must be empty. In an existing workspace it adds
/// only what no manifest says; comments and everything else stay. Nothing is written to Supabase.
///
/// With `--from-config` or `--from-terraform` it reads the files of another tool instead and asks Supabase nothing: `plan` then
/// tells how far live is from them.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct Args {
    /// What to import: projects by document, ref or name (`acme`, `'acme-*'`), branches of them (`acme@staging`), or parts
    /// (`acme/auth`, `acme/auth/site_url`); default: the only project that the token sees
    #[arg(value_name = "ADDRESS", add = complete::addresses())]
    address: Vec<String>,
    /// Imports all projects of this organization
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// Imports all projects that the token sees
    #[arg(long)]
    all: bool,
    /// Imports what `supabase config push` would send: the path of `supabase/config.toml`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["address", "organization", "all", "all_fields", "factor", "profile"])]
    from_config: Option<PathBuf>,
    /// Imports what Terraform manages: a state, what `terraform show -json` prints (`-` for stdin), or files of its own
    #[arg(long, value_name = "FILE|DIR|-",
          conflicts_with_all = ["from_config", "address", "organization", "all", "all_fields", "factor", "profile"])]
    from_terraform: Option<PathBuf>,
    /// The project that the files are for, where they do not say
    #[arg(long, value_name = "REF", value_parser = reference)]
    project_ref: Option<ProjectRef>,
    /// The file for new documents, under `projects:`; default: projects/NAME.yaml for each
    #[arg(long, value_name = "FILE")]
    into: Option<String>,
    /// Writes the fields, too, that are as on an untouched project
    #[arg(long)]
    all_fields: bool,
    /// Puts what all new projects have alike into a profile, and what groups of them have alike into others; words in which
    /// they differ, such as a domain, become variables
    #[arg(long)]
    factor: bool,
    /// The name of the profile of all new projects; means --factor
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Shows what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    /// The files of other tools, which hold secrets.
    pub(super) fn private_files(&self) -> [Option<&PathBuf>; 2] {
        [self.from_config.as_ref(), self.from_terraform.as_ref().filter(|path| path.is_file())]
    }
}

pub(super) async fn run(run: &Run, args: Args) -> Done {
    let Args {
        address,
        organization,
        all,
        from_config,
        from_terraform,
        project_ref,
        into,
        all_fields,
        factor,
        profile,
        dry_run,
    } = args;
    let from = from_config.map(Elsewhere::ConfigToml).or(from_terraform.map(Elsewhere::Terraform));
    if let Some(from) = from {
        return elsewhere(run, &ImportFiles { from, reference: project_ref, into }, dry_run);
    }
    if project_ref.is_some() {
        let message = "--project-ref is for --from-config and --from-terraform";
        return Err(Failure::with_hint(
            Exit::Invalid,
            BAD_OPTION,
            message,
            "Name the project itself: `supaform import REF`.",
        ));
    }
    let factoring = (factor || profile.is_some()).then(|| Factoring {
        profile: profile.unwrap_or_else(|| "base".to_owned()),
        // What is only imported has no labels yet.
        by: None,
        gathers: true,
    });
    let asked = Import { which: Which { addresses: address, organization, all }, into, all_fields, factoring };
    let imported = run.session.import(&asked).await?;
    let is_json = run.global.format == Format::Json;
    if !dry_run {
        write_imported(&imported)?;
    }
    let moved = if dry_run || imported.is_empty() { vec![] } else { moved(run, &imported).await? };
    let record = imported.record(!dry_run, moved);
    if is_json {
        run.json(&record.json());
    } else {
        if dry_run {
            preview(&run.terminal, &imported.created, &imported.changed);
        }
        run.terminal.page(import_page(&record));
    }
    let skipped: Vec<_> = imported.skipped.iter().map(|(found, _)| found).collect();
    run.show(&skipped, &Sources::new());
    let others = imported.projects.iter().any(|project| !project.secrets.other.is_empty());
    let differs = (others || !record.moved.is_empty()).then_some(Exit::Differences);
    Ok(Exit::worst(imported.skipped.iter().map(|(_, exit)| *exit).chain(differs), false))
}

/// Imports from files of another tool.
fn elsewhere(run: &Run, asked: &ImportFiles, dry_run: bool) -> Done {
    let imported = run.session.import_files(asked)?;
    if !dry_run {
        imported.write()?;
    }
    let record = imported.record(!dry_run);
    if run.global.format == Format::Json {
        run.json(&record.json());
        return Ok(Exit::Done);
    }
    if dry_run {
        preview(&run.terminal, &imported.created, &imported.changed);
    }
    run.terminal.page(import_page(&record));
    Ok(Exit::Done)
}

fn reference(text: &str) -> Result<ProjectRef, String> {
    ProjectRef::parse(text).ok_or_else(|| "a ref is 20 lower-case letters".to_owned())
}

/// What differs in a plan made of the written files and of new reads: somebody has changed it meanwhile.
async fn moved(run: &Run, imported: &Imported) -> Result<Vec<String>, Failure> {
    let mut workspace = run.session.load_with_secrets(None).await?;
    workspace.desired.projects.retain(|name, _| imported.projects.iter().any(|it| it.chosen.document == *name));
    let planned = run.session.plan(workspace, Against::default()).await?;
    let others: Vec<&String> = imported.projects.iter().flat_map(|project| &project.secrets.other).collect();
    let is_new = |name: &str| imported.projects.iter().any(|it| it.chosen.document == name && !it.chosen.is_known);
    let changes =
        planned.plan.projects.iter().filter(|(name, _)| is_new(name)).flat_map(|(_, project)| &project.changes);
    let addresses = changes.flat_map(|change| {
        let fields = change.fields.iter().filter(|field| !field.along && change.at.subject.item().is_none());
        let fields: Vec<String> = fields.map(|field| format!("{}/{}", change.at, field.name())).collect();
        if fields.is_empty() { vec![change.at.to_string()] } else { fields }
    });
    // One that cannot be planned any more may be gone.
    let gone = planned.plan.projects.iter().filter(|(_, it)| it.blocked.is_some()).map(|(name, _)| name.clone());
    Ok(addresses.filter(|address| !others.contains(&address)).chain(gone).collect())
}
