//! `supabase/config.toml` as a draft: what `supabase config push` would send, as manifests.
//!
//! Only what is written in the file is taken over, as there: a default of the local stack is nobody's wish for a live project.
//! Where `[remotes.*]` are written, they become projects over a profile of the rest. Values of secrets stay where they are.

mod functions;
mod groups;
mod options;
mod read;
mod reader;
mod rows;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub use options::Options;

use reader::Shared;

use super::draft::{Draft, Left};
use super::leaves::{Leaf, Leaves, Part, assemble};
use super::names::slug;
use crate::diag::codes::import as codes;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::model::ProjectRef;
use crate::secret::foreign::env_call;
use crate::secret::variables::{is_forbidden, variable_prefix};
use crate::yaml::{Content, Entry, Node};

/// Manifests that mean what the file means.
///
/// # Errors
/// When the file cannot be read, names variables that are not set, or does not say which project it is for.
pub fn draft(text: &str, options: &Options<'_>) -> Result<Draft, (Diagnostics, Sources)> {
    let (mut sources, mut out) = (Sources::new(), Diagnostics::new());
    let id = sources.add(options.path, text);
    let Some(tree) = read::read(&sources, id, &mut out) else { return Err((out, sources)) };
    let start = Span::new(id, 0, 0);
    let (parts, mut shared) = {
        let mut shared = Shared { options, sources: &sources, left: BTreeSet::new(), local: BTreeSet::new(), out };
        (parts(&mut shared, &tree, start), shared)
    };
    if shared.out.has_errors() {
        let out = shared.out;
        return Err((out, sources));
    }
    if !shared.local.is_empty() {
        let names: Vec<&str> = shared.local.into_iter().collect();
        let at = format!("settings of local development ({})", options.path);
        shared.left.insert(Left { at, why: format!("`config push` sends none of them: {}", names.join(", ")) });
    }
    Ok(assemble(parts, shared.left, options.registry))
}

/// The profile and the projects of a file.
fn parts(shared: &mut Shared<'_>, tree: &Node, start: Span) -> Vec<Part> {
    let written = tree.get("project_id").and_then(|node| local_name(shared, node)).unwrap_or_default();
    let own = ProjectRef::parse(&written);
    let name = Some(slug(&written)).filter(|name| !name.is_empty()).unwrap_or_else(|| "supabase".to_owned());
    let base = without(tree, &["remotes", "project_id", "$schema"]);
    let remotes = remotes(shared, tree, &name);
    let reference = shared.options.reference.clone().or(own);
    if remotes.is_empty() {
        let Some(reference) = reference else {
            let message = "the file does not say which live project it is for";
            let found = Diagnostic::new(codes::NO_PROJECT, crate::diag::Severity::Error, message).label(start, "");
            shared.out.push(found.private().hint("Name the project with `--project-ref`."));
            return vec![];
        };
        let leaves = reader::leaves(shared, &base, &name);
        return vec![Part { name, profile: false, envelope: envelope(&reference, None), leaves }];
    }
    let shared_leaves = reader::leaves(shared, &base, &name);
    let profile = Some(name.clone()).filter(|_| !shared_leaves.is_empty());
    let mut parts = vec![];
    if let Some(reference) = reference.filter(|own| remotes.iter().all(|remote| remote.reference != *own)) {
        let envelope = envelope(&reference, profile.as_deref());
        parts.push(Part { name: name.clone(), profile: false, envelope, leaves: Leaves::new() });
    }
    for remote in remotes {
        let merged = read::merge(&base, &remote.overlay);
        let leaves = overlay(&shared_leaves, reader::leaves(shared, &merged, &remote.name));
        let envelope = envelope(&remote.reference, profile.as_deref());
        parts.push(Part { name: remote.name, profile: false, envelope, leaves });
    }
    let profile = profile.map(|name| Part { name, profile: true, envelope: Map::new(), leaves: shared_leaves });
    profile.into_iter().chain(parts).collect()
}

fn envelope(reference: &ProjectRef, profile: Option<&str>) -> Map<String, Value> {
    let own = ("ref".to_owned(), json!(reference.as_str()));
    std::iter::once(own).chain(profile.map(|name| ("extends".to_owned(), json!([name])))).collect()
}

/// A project of `[remotes.*]`.
struct Remote {
    name: String,
    reference: ProjectRef,
    overlay: Node,
}

fn remotes(shared: &mut Shared<'_>, tree: &Node, base: &str) -> Vec<Remote> {
    let mut found: Vec<Remote> = vec![];
    for entry in tree.get("remotes").and_then(Node::as_map).unwrap_or_default() {
        let node = entry.value.get("project_id");
        let written = node.and_then(|node| text(shared, node)).unwrap_or_default();
        let place = shared.sources.position(entry.key.span);
        let at = format!("remotes.{} ({}:{})", entry.key.name, shared.options.path, place.line);
        let Some(reference) = ProjectRef::parse(&written) else {
            let why = "its `project_id` is not the ref of a project".to_owned();
            shared.left.insert(Left { at, why });
            continue;
        };
        if found.iter().any(|other| other.reference == reference) {
            shared.left.insert(Left { at, why: "another remote is for the same project".to_owned() });
            continue;
        }
        let name = Some(slug(&entry.key.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| written.clone());
        let is_free = |name: &String| {
            let prefix = variable_prefix(name);
            prefix != variable_prefix(base) && found.iter().all(|other| variable_prefix(&other.name) != prefix)
        };
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let name = std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name);
        found.push(Remote { name, reference, overlay: without(&entry.value, &["project_id"]) });
    }
    found
}

/// A text of the envelope, with the value of a variable.
fn text(shared: &mut Shared<'_>, node: &Node) -> Option<String> {
    let text = node.as_text()?;
    match env_call(text) {
        Some(name) => shared.variable(name, node.span),
        None => Some(text.to_owned()),
    }
}

/// The name of the local stack. Nothing of it is sent, so it need not be known here.
fn local_name(shared: &Shared<'_>, node: &Node) -> Option<String> {
    let text = node.as_text()?;
    match env_call(text) {
        Some(name) => shared.options.environment.get(name).filter(|_| !is_forbidden(name)).cloned(),
        None => Some(text.to_owned()),
    }
}

fn without(node: &Node, names: &[&str]) -> Node {
    let entries = node.as_map().unwrap_or_default();
    let kept: Vec<Entry> = entries.iter().filter(|entry| !names.contains(&entry.key.name.as_str())).cloned().collect();
    Node { span: node.span, content: Content::Map(kept) }
}

/// What is not as in the profile. What the profile has and the project has not, the project lets go of.
fn overlay(base: &Leaves, own: Leaves) -> Leaves {
    let gone = |(key, leaf): (&(&'static str, String), &Leaf)| {
        let leaf = Leaf { value: json!({"unmanaged": true}), text: None, at: leaf.at.clone() };
        (!own.contains_key(key)).then(|| (key.clone(), leaf))
    };
    let gone: Vec<_> = base.iter().filter_map(gone).collect();
    let is_same = |leaf: &Leaf, other: &Leaf| match (&leaf.text, &other.text) {
        (Some((_, own)), Some((_, other))) => own == other,
        _ => leaf.value == other.value,
    };
    let changed = own.into_iter().filter(|(key, leaf)| !base.get(key).is_some_and(|other| is_same(leaf, other)));
    changed.chain(gone).collect()
}
