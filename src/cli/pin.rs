//! `pin`.

use std::collections::BTreeMap;

use serde_json::json;

use super::options::Format;
use super::rewrite::{Changed, write};
use super::workspace::Workspace;
use super::{Done, Failure, Run, connect, workspace};
use crate::diag::render::escape;
use crate::diag::{Diagnostic, Diagnostics, Sources, codes::run as codes};
use crate::exit::Exit;
use crate::model::{DesiredProject, ProjectRef, Status};
use crate::yaml::splice::{Place, insert};

/// Write the ref of each project into its document, so that it is found by that and no longer by its name
///
/// Looks up the selected projects that have no `ref:` and writes the line; comments and everything else stay as they are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Prints what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

/// A project whose ref is written.
struct Pinned {
    project: String,
    reference: ProjectRef,
    path: String,
}

pub(super) fn run(run: &Run, args: &Args) -> Done {
    let mut workspace = workspace::load(run)?;
    workspace.desired.projects.retain(|_, project| project.reference.is_none());
    let (pinned, texts) =
        if workspace.desired.projects.is_empty() { Default::default() } else { look_up(run, &workspace)? };
    if !args.dry_run {
        let before = |path: &str| {
            let mut known = workspace.sources.ids().map(|id| workspace.sources.get(id));
            known.find(|source| source.path == path).map_or("", |source| &source.text)
        };
        let changed = texts.iter().map(|(path, after)| Changed { path, before: before(path), after: after.clone() });
        write(&workspace.root, &changed.collect::<Vec<_>>())?;
    }
    tell(run, &pinned, args);
    Ok(Exit::Done)
}

/// What is to be pinned, and the new texts of the files. All is known before anything is written.
fn look_up(run: &Run, workspace: &Workspace) -> Result<(Vec<Pinned>, BTreeMap<String, String>), Failure> {
    let found = connect::find(run, workspace)?;
    let (mut pinned, mut texts) = (vec![], BTreeMap::new());
    let mut findings = Diagnostics::new();
    for (name, project) in &workspace.desired.projects {
        let Some(live) = found.live.projects.get(name) else {
            if let Some(blocked) = found.blocked.get(name) {
                let mut finding = Diagnostic::error(blocked.code, project.span, format!("{name}: {}", blocked.message));
                finding.hints.clone_from(&blocked.hints);
                findings.push(finding);
            }
            continue;
        };
        let Some(reference) = &live.reference else {
            debug_assert_eq!(live.status, Status::Absent);
            run.terminal.err(&format!("{}: is not there yet; apply creates it\n", escape(name)));
            continue;
        };
        let source = workspace.sources.get(project.span.source);
        let text = texts.entry(source.path.clone()).or_insert_with(|| source.text.to_string());
        match written(text, project, reference) {
            Some(new) => *text = new,
            None => findings.push(by_hand(project, reference)),
        }
        pinned.push(Pinned { project: name.clone(), reference: reference.clone(), path: source.path.clone() });
    }
    if findings.has_errors() {
        return Err(Failure { exit: Exit::Failed, findings, sources: workspace.sources.clone() });
    }
    Ok((pinned, texts))
}

/// The text of a file with the ref in the project's document.
fn written(text: &str, project: &DesiredProject, reference: &ProjectRef) -> Option<String> {
    let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
    let id = sources.add("", text);
    let root = crate::yaml::read(&sources, id, &mut out)?;
    let entry = |name: &str| root.as_map()?.iter().find(|entry| entry.key.name == name);
    let place = match entry("project") {
        Some(own) if own.value.as_text() == Some(&project.document) => Place::After(own),
        _ => {
            let projects = entry("projects")?.value.as_map()?;
            Place::Within(projects.iter().find(|entry| entry.key.name == project.document)?)
        }
    };
    insert(text, place, "ref", reference.as_str())
}

fn by_hand(project: &DesiredProject, reference: &ProjectRef) -> Diagnostic {
    let message = format!("`ref:` of `{}` cannot be written without changing more", project.document);
    Diagnostic::error(codes::NOT_PINNED, project.span, message).hint(format!("Write `ref: {reference}` there by hand."))
}

fn tell(run: &Run, pinned: &[Pinned], args: &Args) {
    if run.global.format == Format::Json {
        let all: Vec<_> = pinned
            .iter()
            .map(|Pinned { project, reference, path }| json!({"project": project, "ref": reference, "file": path}))
            .collect();
        run.json(&json!({"format": "supaform.pinned", "version": 1, "written": !args.dry_run, "projects": all}));
        return;
    }
    for Pinned { project, reference, path } in pinned {
        run.terminal.out(&format!("{}: ref {reference}  {}\n", escape(project), escape(path)));
    }
    let verb = if args.dry_run { "Would pin" } else { "Pinned" };
    let noun = if pinned.len() == 1 { "project" } else { "projects" };
    run.terminal.out(&format!("{verb}: {} {noun}\n", pinned.len()));
}
