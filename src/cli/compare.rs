//! `compare`.

use std::collections::BTreeSet;

use super::options::Format;
use super::workspace::Workspace;
use super::{Done, Failure, Run, connect, workspace};
use crate::compare::{Identity, Side, compare};
use crate::diag::codes::plan as plan_codes;
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};
use crate::exit::Exit;
use crate::kinds::KINDS;
use crate::model::{Blocked, Layer, Origin, Policy, ProjectRef, Section, SectionBody, Settings, Status};
use crate::view::{Compared, Detail, Pair, compare_json, compare_text};

/// Compare one project with another: as the manifests say (offline), or live
///
/// Shows by section what differs, with the file and line of each side, what only one of them has, and how much is equal.
/// With --live it reads the sections that either of them manages, with a client that cannot write.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The name of a project's document
    #[arg(value_name = "PROJECT")]
    one: String,
    /// The name of another's
    #[arg(value_name = "OTHER")]
    other: String,
    /// Compares what is live
    #[arg(long)]
    live: bool,
    /// Ends with 2 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Unchanged lines around a changed one in long texts
    #[arg(long, value_name = "N", default_value_t = 2)]
    context: usize,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = workspace::load(run)?;
    let names = [&args.one, &args.other];
    names.into_iter().try_for_each(|name| workspace.project(name).map(drop))?;
    let ((one, one_ref), (other, other_ref)) = if args.live {
        live(run, &mut workspace, names)?
    } else {
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
    match run.global.format {
        Format::Text => run.terminal.page(&compare_text(pair, &workspace.sources, detail)),
        Format::Json => run.json(&compare_json(pair, &workspace.sources)),
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

/// Reads of both projects the sections that either manages.
fn live(run: &Run, workspace: &mut Workspace, names: [&String; 2]) -> Result<(Named, Named), Failure> {
    let kinds: BTreeSet<&'static str> =
        names.iter().flat_map(|name| workspace.desired.projects[*name].sections.keys()).copied().collect();
    workspace.desired.projects.retain(|name, _| names.contains(&name));
    for project in workspace.desired.projects.values_mut() {
        let origin = Origin { span: project.span, layer: Layer::Document };
        for kind in &kinds {
            project.sections.entry(kind).or_insert_with(|| unsaid(origin.clone()));
        }
    }
    let observed = connect::look(run, workspace, &workspace.desired)?;
    let side = |name: &String| {
        if let Some(blocked) = observed.blocked.get(name) {
            return Err(unread(name, blocked, &workspace.sources));
        }
        match observed.live.projects.get(name) {
            Some(seen) if seen.status == Status::Usable => {
                let side = Side::live(&seen.kinds, KINDS, &workspace.desired.projects[name]);
                Ok((side, seen.reference.clone()))
            }
            _ => {
                let message = format!("{name}: the project is coming up, so that nothing of it can be read");
                Err(Failure::new(Exit::Attention, plan_codes::PROJECT_BUSY, message))
            }
        }
    };
    Ok((side(names[0])?, side(names[1])?))
}

/// A section that is read though the project's manifest says nothing of it.
fn unsaid(origin: Origin) -> Section {
    Section { origin, policy: Policy::default(), body: SectionBody::Settings(Settings::default()) }
}

fn unread(name: &str, blocked: &Blocked, sources: &Sources) -> Failure {
    let mut finding = Diagnostic::new(blocked.code, Severity::Error, format!("{name}: {}", blocked.message));
    if let Some(origin) = &blocked.origin {
        finding = finding.label(origin.span, "");
    }
    finding.hints.clone_from(&blocked.hints);
    let mut findings = Diagnostics::new();
    findings.push(finding);
    Failure { exit: blocked.exit, findings, sources: sources.clone() }
}
