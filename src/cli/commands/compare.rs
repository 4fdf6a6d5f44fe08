//! `compare`.

use crate::cli::args::global::Format;
use crate::cli::complete;
use crate::cli::run::{Done, Run};
use crate::compare::{Identity, Side, compare};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::{DesiredProject, ProjectRef};
use crate::record::{Compared, Pair, compare_json};
use crate::session::{Workspace, unread};
use crate::view::Detail;
use crate::view::build::comparison_document;

/// Compare one project with another: their manifests (offline), or live
///
/// Shows by section what differs, with the file and line of each side, what only one of them has, and how much is equal.
/// With --live, it reads the sections that either of them manages, with a client that cannot write.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The name of a project's document
    #[arg(value_name = "PROJECT", add = complete::projects())]
    one: String,
    /// The name of another project's document
    #[arg(value_name = "OTHER", add = complete::projects())]
    other: String,
    /// Compares the live projects
    #[arg(long)]
    live: bool,
    /// Ends with 2 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Unchanged lines around a changed one in long texts
    #[arg(long, value_name = "N", default_value_t = 2)]
    context: usize,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = run.load()?;
    let names = [&args.one, &args.other];
    names.into_iter().try_for_each(|name| workspace.project(name).map(drop))?;
    let ((one, one_ref), (other, other_ref)) = if args.live {
        live(run, &workspace, names).await?
    } else {
        workspace.desired.projects.values_mut().for_each(DesiredProject::spell_out);
        (rendered(&workspace, names[0])?, rendered(&workspace, names[1])?)
    };
    let found = compare(&one, &other);
    let pair = Pair {
        one: Compared { project: &args.one, reference: one_ref.as_ref() },
        other: Compared { project: &args.other, reference: other_ref.as_ref() },
        live: args.live,
        found: &found,
    };
    let detail = Detail { context: args.context, ..Detail::default() };
    if run.global.format == Format::Json {
        run.json(&compare_json(pair, &workspace.sources));
    } else {
        run.document(&comparison_document(pair, &workspace.sources), detail)?;
    }
    let differs = args.exit_code && !found.differences.is_empty();
    Ok(if differs { Exit::Differences } else { Exit::Done })
}

/// A side, and the ref of its project where it is known.
type Named = (Side, Option<ProjectRef>);

fn rendered(workspace: &Workspace, name: &str) -> Result<Named, Failure> {
    let project = workspace.project(name)?;
    let reference = project.reference.as_ref().map(|reference| reference.value.clone());
    Ok((Side::rendered(project, KINDS, Identity::Without), reference))
}

/// Reads the sections that either project manages, of both.
async fn live(run: &Run, workspace: &Workspace, names: [&String; 2]) -> Result<(Named, Named), Failure> {
    let sections = names.iter().flat_map(|name| workspace.desired.projects[*name].sections.keys());
    let kinds = sections.copied().collect();
    let observed = run.session.look(workspace, &names.map(String::as_str), &kinds).await?;
    let side = |name: &String| match unread(name, &observed, &workspace.sources) {
        Some(failure) => Err(failure),
        None => {
            let seen = &observed.live.projects[name];
            Ok((Side::live(&seen.kinds, KINDS, &workspace.desired.projects[name]), seen.reference.clone()))
        }
    };
    Ok((side(names[0])?, side(names[1])?))
}
