//! Values of other tools' files on their way to a draft, each with its place there; and the draft of those that manifests
//! accept.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::draft::{Draft, DraftProject, Left, Sections};
use super::names::text_name;
use super::print::files;
use crate::diag::codes::value::NO_SOURCES;
use crate::diag::{Diagnostic, Diagnostics, Severity, Span};
use crate::kind::{Kind, Registry, Shape, find, infos};
use crate::manifest::{Options, build};
use crate::schema::wire::lines;
use crate::yaml::{self, Node};

/// A value, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    /// The value in the form of a manifest.
    pub(super) value: Value,
    /// The text that the value names with `{file: …}`, and its path from the root.
    pub(super) text: Option<(String, String)>,
    /// Its name and place in the source: `auth.site_url (config.toml:12)`.
    pub(super) at: String,
}

impl Leaf {
    /// A leaf whose value is a text in a file of its own; `scope` is the profile or document.
    pub(super) fn of_file(scope: &str, field: &str, text: &str, at: String) -> Self {
        let name = text_name(field);
        let ending = if text.trim_start().starts_with('<') { "html" } else { "txt" };
        let file = format!("templates/{scope}/{name}.{ending}");
        Self { value: json!({"file": format!("../{file}")}), text: Some((file, lines(text))), at }
    }

    /// The same with a text of several lines in a file of its own.
    pub(super) fn in_file(self, scope: &str, field: &str) -> Self {
        match self.value.as_str() {
            Some(text) if text.contains('\n') => Self::of_file(scope, field, &text.replace("$${", "${"), self.at),
            _ => self,
        }
    }
}

/// Values by kind, and by the name of the field (with dots where it is in an object) or item.
pub(super) type Leaves = IndexMap<(&'static str, String), Leaf>;

/// Sets the value of a field or item.
pub(super) fn put(leaves: &mut Leaves, (kind, name): (&'static str, &str), value: Value, at: String) {
    leaves.insert((kind, name.to_owned()), Leaf { value, text: None, at });
}

/// A manifest of its own file.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The name of the profile or document.
    pub(super) name: String,
    /// Whether it is a profile.
    pub(super) profile: bool,
    /// What stands above the sections.
    pub(super) envelope: Map<String, Value>,
    /// Its values.
    pub(super) leaves: Leaves,
}

impl Part {
    fn file(&self) -> String {
        format!("{}/{}.yaml", if self.profile { "profiles" } else { "projects" }, self.name)
    }

    /// The sections, in the order of the documentation.
    fn sections(&self, registry: Registry) -> Sections {
        let mut sections = Sections::new();
        for info in infos(registry) {
            let own = || self.leaves.iter().filter(|((kind, _), _)| *kind == info.name);
            let mut section = Map::new();
            if matches!(info.shape, Shape::Collection { .. }) {
                section.extend(own().map(|((_, name), leaf)| (name.clone(), leaf.value.clone())));
            } else {
                for path in info.leaves() {
                    if let Some((_, leaf)) = own().find(|((_, name), _)| name == path.name()) {
                        path.put(&mut section, leaf.value.clone());
                    }
                }
            }
            if !section.is_empty() {
                sections.insert(info.name.to_owned(), section);
            }
        }
        sections
    }

    /// Takes out the values at these keys of the manifest: a field, all fields of an object, or a whole section.
    fn take(&mut self, keys: &[String]) -> Vec<((&'static str, String), Leaf)> {
        let Some((kind, names)) = keys.split_first() else { return vec![] };
        let below = |name: &str| {
            (0..=names.len()).rev().any(|end| {
                let start = names.get(..end).unwrap_or_default().join(".");
                start == name || end == names.len() && (start.is_empty() || name.starts_with(&format!("{start}.")))
            })
        };
        let (taken, kept) = std::mem::take(&mut self.leaves)
            .into_iter()
            .partition::<Vec<_>, _>(|((of, name), _)| of == kind && below(name));
        self.leaves = kept.into_iter().collect();
        taken
    }

    /// Takes out the values that need a field which was taken out: a hook without its address would block the next plan.
    fn take_needy(&mut self, kind: &str, gone: &str, registry: Registry, left: &mut BTreeSet<Left>) {
        let Some(info) = find(registry, kind).map(Kind::info) else { return };
        let needs = |name: &str, leaf: &Leaf| {
            leaf.value != Value::Bool(false)
                && !leaf.value.is_null()
                && info.field(name).is_some_and(|row| row.needs.iter().any(|needs| needs.fields.contains(&gone)))
        };
        self.leaves.retain(|(of, name), leaf| {
            let takes = *of == kind && needs(name, leaf);
            if takes {
                left.insert(Left { at: leaf.at.clone(), why: format!("it needs `{gone}`, which was left out") });
            }
            !takes
        });
    }
}

/// The draft of these manifests. What they must not say by the rules of manifests is left out, with the reason.
pub(super) fn assemble(mut parts: Vec<Part>, mut left: BTreeSet<Left>, registry: Registry) -> Draft {
    loop {
        let mut draft = drafted(&parts, registry);
        let refused = refused(&draft, registry);
        let mut taken = false;
        for (file, keys, why) in refused {
            for part in parts.iter_mut().filter(|part| part.file() == file) {
                for ((kind, name), leaf) in part.take(&keys) {
                    left.insert(Left { at: leaf.at, why: why.clone() });
                    part.take_needy(kind, &name, registry, &mut left);
                    taken = true;
                }
            }
        }
        if !taken {
            draft.left = left.into_iter().collect();
            return draft;
        }
    }
}

fn drafted(parts: &[Part], registry: Registry) -> Draft {
    let mut draft = Draft::default();
    for part in parts {
        let sections = part.sections(registry);
        draft.texts.extend(part.leaves.values().filter_map(|leaf| leaf.text.clone()));
        if part.profile {
            draft.profiles.insert(part.name.clone(), (part.envelope.clone(), sections));
        } else {
            let (document, envelope) = (part.name.clone(), part.envelope.clone());
            draft.projects.push(DraftProject {
                document,
                file: part.file(),
                envelope,
                sections,
                ..DraftProject::default()
            });
        }
    }
    draft
}

/// What the rules of manifests refuse: the file, the keys of the value, the reason.
fn refused(draft: &Draft, registry: Registry) -> Vec<(String, Vec<String>, String)> {
    let manifests = files(draft).into_iter().filter(|(path, _)| !draft.texts.contains_key(path)).collect();
    let built = build(manifests, &draft.texts, registry, &Options::default());
    let mut trees: BTreeMap<_, Option<Node>> = BTreeMap::new();
    let mut refused = vec![];
    // The sources that a manifest names are in the workspace, which is not at hand here.
    let counts = |found: &&Diagnostic| found.severity == Severity::Error && found.code != NO_SOURCES;
    for found in built.diagnostics.sorted().into_iter().filter(counts) {
        let Some(label) = found.labels.first() else { continue };
        let source = label.span.source;
        let tree = trees.entry(source).or_insert_with(|| yaml::read(&built.sources, source, &mut Diagnostics::new()));
        let mut keys = vec![];
        if let Some(tree) = tree {
            keys_at(tree, label.span, &mut keys);
        }
        refused.push((built.sources.get(source).path.clone(), keys, found.message.clone()));
    }
    refused
}

/// The keys from the top to the innermost value at a place.
fn keys_at(node: &Node, at: Span, keys: &mut Vec<String>) {
    let holds = |span: Span| span.start <= at.start && at.end <= span.end;
    let entry = node.as_map().unwrap_or_default().iter().find(|it| holds(it.key.span) || holds(it.value.span));
    if let Some(entry) = entry {
        keys.push(entry.key.name.clone());
        keys_at(&entry.value, at, keys);
    }
}
