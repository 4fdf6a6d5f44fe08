//! `validate`.

use crate::cli::args::global::Format;
use crate::cli::run::{Done, Run};
use crate::diag::render;
use crate::exit::Exit;
use crate::record::{Named as _, ValidationRecord};
use crate::text::count;

/// Check the manifests; offline, without a token
///
/// Checks everything that can be known without the network and the environment: syntax, fields, values, references,
/// profiles, contradictions. Ends with 0 if the manifests are valid, with 3 if not. With `--require-secrets`, every secret
/// of the selection must be found, too.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {}

pub(super) async fn run(run: &Run, _: &Args) -> Done {
    // With `--require-secrets` every reference is resolved, too; still without the network.
    let workspace = if run.global.require_secrets {
        run.session.require_trust("given secrets")?;
        run.session.load_with_secrets(None).await?
    } else {
        run.load()?
    };
    let warnings = workspace.warnings.sorted();
    let projects = workspace.desired.projects.len();
    let fields: usize = workspace.managed_fields();
    match run.global.format {
        Format::Text => {
            let (projects, fields, files) =
                (count(projects, "project"), count(fields, "managed field"), count(workspace.files, "file"));
            run.terminal.out(&format!("Valid: {projects}, {fields}, in {files}\n"));
        }
        Format::Json => {
            let (files, diagnostics) = (workspace.files, render::json(&warnings, &workspace.sources));
            run.json(&ValidationRecord { projects, fields, files, diagnostics }.json());
        }
        Format::Markdown
        | Format::Short
        | Format::Ndjson
        | Format::Github
        | Format::Gitlab
        | Format::Junit
        | Format::Sarif
        | Format::Html => run.findings(&warnings, &workspace.sources, Exit::Done),
    }
    Ok(Exit::Done)
}
