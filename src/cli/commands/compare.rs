//! `compare`.

use crate::cli::complete;
use crate::cli::run::{Done, Run};
use crate::compare::{Identity, Side, among, compare};
use crate::diag::codes::run as run_codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::KINDS;
use crate::model::{DesiredProject, ProjectRef};
use crate::record::{Compared, Pair, Several, compare_json};
use crate::session::{Workspace, unread};
use crate::view::Detail;
use crate::view::build::{comparison_document, several_document};

/// Compare projects with each other: their manifests (offline), or live
///
/// Of two projects, it shows by section what differs, with the file and line of each side, what only one of them has, and
/// how much is equal. Of more, it shows for each field that differs which projects have which value; without names, it
/// compares all that `--select` selects. With --live, it reads the sections that any of them manages, with a client that
/// cannot write.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The names of projects' documents
    #[arg(value_name = "PROJECT", add = complete::projects())]
    projects: Vec<String>,
    /// Compares the live projects
    #[arg(long)]
    live: bool,
    /// Ends with 2 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Names all projects, and shows values whole
    #[arg(long)]
    full: bool,
    /// Unchanged lines around a changed one in long texts
    #[arg(long, value_name = "N", default_value_t = 2)]
    context: usize,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = run.load()?;
    let names = names(args, &workspace)?;
    names.iter().try_for_each(|name| workspace.project(name).map(drop))?;
    let sides: Vec<Named> = if args.live {
        live(run, &workspace, &names).await?
    } else {
        workspace.desired.projects.values_mut().for_each(DesiredProject::spell_out);
        names.iter().map(|name| rendered(&workspace, name)).collect::<Result<_, _>>()?
    };
    let detail = Detail { context: args.context, full: args.full, ..Detail::default() };
    let compared: Vec<Compared<'_>> = names
        .iter()
        .zip(&sides)
        .map(|(project, (_, reference))| Compared { project, reference: reference.as_ref() })
        .collect();
    let differs = if let ([one, other], [(first, _), (second, _)]) = (compared.as_slice(), sides.as_slice()) {
        let found = compare(first, second);
        let pair = Pair { one: *one, other: *other, live: args.live, found: &found };
        let sources = &workspace.sources;
        run.result(detail, || compare_json(pair, sources), || comparison_document(pair, sources))?;
        !found.differences.is_empty()
    } else {
        let all: Vec<&Side> = sides.iter().map(|(side, _)| side).collect();
        let found = among(&all);
        let several = Several { projects: &compared, live: args.live, found: &found };
        let labels = || {
            let known = names.iter().filter_map(|name| workspace.desired.projects.get_key_value(name));
            known.map(|(name, project)| (name.as_str(), &project.labels))
        };
        let sources = &workspace.sources;
        run.result(detail, || several.json(sources), || several_document(&several, labels(), sources))?;
        !found.differences.is_empty()
    };
    Ok(if args.exit_code && differs { Exit::Differences } else { Exit::Done })
}

/// The projects that are compared: those that are named, or all that are selected.
fn names(args: &Args, workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let mut names = args.projects.clone();
    if names.is_empty() {
        names = workspace.desired.projects.keys().cloned().collect();
    }
    if names.len() < 2 {
        let message = "there are fewer than two projects to compare";
        let hint = "Name two or more, or select them: `supaform compare --select env=prod`.";
        return Err(Failure::with_hint(Exit::Invalid, run_codes::BAD_OPTION, message, hint));
    }
    Ok(names)
}

/// A side, and the ref of its project where it is known.
type Named = (Side, Option<ProjectRef>);

fn rendered(workspace: &Workspace, name: &str) -> Result<Named, Failure> {
    let project = workspace.project(name)?;
    let reference = project.reference.as_ref().map(|reference| reference.value.clone());
    Ok((Side::rendered(project, KINDS, Identity::Without), reference))
}

/// Reads the sections that any of the projects manages, of all.
async fn live(run: &Run, workspace: &Workspace, names: &[String]) -> Result<Vec<Named>, Failure> {
    let sections = names.iter().flat_map(|name| workspace.desired.projects[name].sections.keys());
    let kinds = sections.copied().collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let observed = run.session.look(workspace, &all, &kinds).await?;
    let side = |name: &String| match unread(name, &observed, &workspace.sources) {
        Some(failure) => Err(failure),
        None => {
            let seen = &observed.live.projects[name];
            Ok((Side::live(&seen.kinds, KINDS, &workspace.desired.projects[name]), seen.reference.clone()))
        }
    };
    names.iter().map(side).collect()
}
