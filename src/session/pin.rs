//! Pinning: the ref of each project is written into its document.

use std::collections::BTreeMap;

use super::rewrite::Changed;
use super::start::Session;
use super::workspace::Workspace;
use crate::diag::{Diagnostic, Diagnostics, Sources, codes::run as codes};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::model::{DesiredProject, Finding, ProjectRef};
use crate::yaml::edit::{Place, insert};

/// A project whose ref is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The name of its document.
    pub project: String,
    /// The ref.
    pub reference: ProjectRef,
    /// The file of the document.
    pub path: String,
}

impl Session {
    /// Looks up the projects without a ref, and computes the edits; writes nothing.
    pub async fn pin(&self, workspace: &mut Workspace) -> Result<(Vec<Pinned>, Vec<Changed>), Failure> {
        workspace.desired.projects.retain(|_, project| project.reference.is_none() && project.branch_of.is_none());
        if workspace.desired.projects.is_empty() {
            return Ok((vec![], vec![]));
        }
        let found = self.find(workspace).await?;
        let (mut pinned, mut texts) = (vec![], BTreeMap::new());
        let mut findings = Diagnostics::new();
        for (name, project) in &workspace.desired.projects {
            let Some(live) = found.live.projects.get(name) else {
                if let Some(blocked) = found.blocked.get(name) {
                    let found = Finding { origin: None, ..blocked.finding.clone() };
                    findings.push(found.diagnostic_of(name).label(project.span, ""));
                }
                continue;
            };
            let Some(reference) = &live.reference else {
                self.observer.note(&format!("{name}: does not exist yet; apply creates it"));
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
        let before = |path: &str| {
            let mut known = workspace.sources.ids().map(|id| workspace.sources.get(id));
            known.find(|source| source.path == path).map_or(String::new(), |source| source.text.to_string())
        };
        let changed = texts.into_iter().map(|(path, after)| Changed { before: before(&path), path, after }).collect();
        Ok((pinned, changed))
    }
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
    let message = format!("`ref:` of `{}` cannot be written without changing more than one line", project.document);
    Diagnostic::error(codes::NOT_PINNED, project.span, message).hint(format!("Write `ref: {reference}` by hand."))
}
