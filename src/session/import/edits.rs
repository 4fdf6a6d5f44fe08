//! The files of an import as they will be: new ones printed, existing ones with what they lack.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ground::Ground;
use crate::diag::codes::run as codes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::import::{Draft, DraftProject, Left, files as printed, profile_file};
use crate::manifest::accept::{Edit, Hindrance, Part, written};
use crate::session::rewrite::Changed;

/// An edit of an existing file.
struct Addition {
    /// Which project of the draft it is of.
    project: usize,
    /// The section, and the field or item; `None` for what stands above the sections.
    field: Option<(String, String)>,
    edit: Edit,
}

/// The files as they will be. What cannot be written into an existing file leaves the draft.
pub(super) fn texts(ground: &Ground, draft: &mut Draft) -> Result<BTreeMap<String, String>, Failure> {
    let (existing, manifests) = (ground.texts(), ground.manifests());
    let is_known = |project: &DraftProject| existing.contains_key(&project.file);
    let new: Vec<DraftProject> = draft.projects.iter().filter(|it| !is_known(it)).cloned().collect();
    let used = used(draft);
    draft.texts.retain(|path, _| used.contains(path));
    let mut texts = printed(&Draft {
        projects: new,
        texts: draft.texts.clone(),
        profiles: draft.profiles.clone(),
        ..Draft::default()
    });
    let mut edits: Vec<Addition> = vec![];
    for (index, project) in draft.projects.iter().enumerate().filter(|(_, it)| is_known(it)) {
        let known = ground.workspace.desired.projects.get(&project.document);
        for (kind, fields) in &project.sections {
            let place = known.and_then(|known| manifests.place(known, kind));
            let (path, mut way) =
                place.unwrap_or_else(|| (project.file.clone(), vec!["projects".to_owned(), project.document.clone()]));
            way.push(kind.clone());
            for (name, value) in fields {
                let way = way.iter().cloned().chain([name.clone()]).collect();
                let edit = Edit { path: path.clone(), what: Part::Value(way, value.clone()) };
                edits.push(Addition { project: index, field: Some((kind.clone(), name.clone())), edit });
            }
        }
        for (name, value) in &project.envelope {
            let way = vec!["projects".to_owned(), project.document.clone(), name.clone()];
            let edit = Edit { path: project.file.clone(), what: Part::Value(way, value.clone()) };
            edits.push(Addition { project: index, field: None, edit });
        }
    }
    // What stands above the sections comes first.
    edits.sort_by_key(|it| (it.project, it.field.is_some()));
    let after = loop {
        let all: Vec<&Edit> = edits.iter().map(|it| &it.edit).collect();
        match written(&all, |path| existing.get(path).cloned()) {
            Ok(after) => break after,
            Err((at, why)) => {
                let Addition { project, field, edit } = edits.remove(at);
                let Some((kind, name)) = field else { return Err(in_the_way(&edit, why)) };
                let project = &mut draft.projects[project];
                let at = format!("{}/{kind}/{name}", project.document);
                project.remove(&kind, &name);
                draft
                    .left
                    .push(Left { at, why: format!("it cannot be added to `{}`: {}", edit.path, clause(why.hint())) });
            }
        }
    };
    texts.extend(after);
    Ok(texts)
}

/// New files, that of the marker among them, and what existing ones get.
///
/// # Errors
/// When a file is in the way of a new one.
pub(super) fn apart(
    ground: &Ground,
    texts: BTreeMap<String, String>,
) -> Result<(BTreeMap<String, String>, Vec<Changed>), Failure> {
    let mut existing = ground.texts();
    let (mut created, mut changed): (BTreeMap<String, String>, Vec<Changed>) = Default::default();
    for (path, after) in texts {
        match existing.remove(&path) {
            Some(before) if before == after => {}
            Some(before) => changed.push(Changed { path, before, after }),
            None => drop(created.insert(path, after)),
        }
    }
    created.extend(ground.marker());
    for path in created.keys() {
        ground.free(path, false)?;
    }
    Ok((created, changed))
}

fn in_the_way(edit: &Edit, why: Hindrance) -> Failure {
    let message = format!("no project can be added to `{}`", edit.path);
    let hint = format!("It must have `projects:`. {}", why.hint());
    Failure::with_hint(Exit::Refused, codes::NOT_IMPORTED, message, hint)
}

/// A sentence as a clause: what follows the first full stop is advice for another command.
fn clause(sentence: &str) -> String {
    let first = sentence.split(". ").next().unwrap_or(sentence).trim_end_matches('.');
    let mut letters = first.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The files that the values of a draft name.
fn used(draft: &Draft) -> BTreeSet<String> {
    fn walk(value: &Value, from: &str, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(path) = members.get("file").and_then(Value::as_str) {
                    out.extend(files::beside(from, path));
                }
                members.values().for_each(|value| walk(value, from, out));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, from, out)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut out: BTreeSet<String> = draft.found.keys().cloned().collect();
    for project in &draft.projects {
        // The files of a folder.
        let folders = project.sections.values().filter_map(|fields| fields.get("path")?.as_str());
        let folders: Vec<_> = folders.filter_map(|path| files::beside(&project.file, path).ok()).collect();
        let within = |path: &&String| {
            folders.iter().any(|folder| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        out.extend(draft.texts.keys().filter(within).cloned());
        // A section of a known project may be in another file of the same depth.
        let fields = project.sections.values().flat_map(serde_json::Map::values);
        fields.for_each(|value| walk(value, &project.file, &mut out));
    }
    for (name, (_, sections)) in &draft.profiles {
        let fields = sections.values().flat_map(serde_json::Map::values);
        fields.for_each(|value| walk(value, &profile_file(name), &mut out));
    }
    out
}
