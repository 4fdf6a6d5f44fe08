//! Writes a live value into the manifests: which place of which file gives the value, and what to write there.
//!
//! Nothing is guessed: where it is not clear which file should hold the value, a finding is returned instead.

mod texts;
mod value;
mod wanted;

use std::collections::BTreeMap;

use serde_json::Value;

pub use texts::{Edit, Hindrance, Part, written};
use value::{Written, file, value};
pub use wanted::Wanted;
use wanted::{BY_HAND, doubt, layer_text};

use super::unfill;
use super::values::reference;
use crate::diag::{Diagnostic, SourceId, Sources, Span};
use crate::kind::{KindInfo, Registry};
use crate::model::{
    Action, Address, Change, DesiredProject, DisplayValue, FieldChange, FieldKey, Item, Layer, Origin, SectionBody,
    each_text,
};
use crate::schema::{Field, ListAs, Type};
use crate::yaml::{Content, Node, read};

/// Where to write when a layer below the document, or a variable, gives the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Into {
    /// Into the project's own document, over the inherited value
    Project,
    /// Where the value is given, for all projects that inherit it
    Profile,
    /// Where the value is made of one variable: into `vars:` of the project's own document, over an inherited variable
    Var,
}

/// The manifests that are written into.
pub struct Manifests<'a> {
    sources: &'a Sources,
    registry: Registry,
    into: Option<Into>,
    trees: BTreeMap<SourceId, Node>,
}

impl<'a> Manifests<'a> {
    /// The manifests of a workspace without errors.
    #[must_use]
    pub fn new(sources: &'a Sources, registry: Registry, into: Option<Into>) -> Self {
        let trees = sources.ids().filter_map(|id| Some((id, read(sources, id, &mut crate::diag::Diagnostics::new())?)));
        Self { sources, registry, into, trees: trees.collect() }
    }

    /// The edit that removes a difference.
    ///
    /// # Errors
    /// A finding that says why no edit is clear.
    pub fn edit(&self, project: &DesiredProject, wanted: &Wanted<'_>) -> Result<Edit, Diagnostic> {
        let Wanted { change: Change { at, .. }, field, .. } = wanted;
        let info =
            at.subject.kind().and_then(|kind| crate::kind::find(self.registry, kind)).map(crate::kind::Kind::info);
        let info = info.ok_or_else(|| doubt(wanted, "the project itself is not a setting").hint(PROJECT))?;
        if !info.of_files.is_empty() {
            return self.in_file(project, info, wanted);
        }
        let (layer, span) = match wanted.origin().filter(|origin| !self.is_policy(origin.span)) {
            Some(Origin { layer: Layer::Document, span }) => (None, Some(*span)),
            Some(Origin { layer, span }) => (Some(layer), Some(*span)),
            None => (None, None),
        };
        let found = span.and_then(|span| self.way(span));
        let node =
            found.as_ref().and_then(|(id, way)| way.iter().try_fold(self.trees.get(id)?, |node, key| node.get(key)));
        if self.into == Some(Into::Var)
            && let (Some(node), Some(field)) = (node, *field)
            && let Some(edit) = self.in_variable(project, info, field, node, wanted)?
        {
            return Ok(edit);
        }
        let value = value(info, wanted, node)?;
        match (layer, self.into) {
            (Some(layer), None | Some(Into::Var)) => {
                let found = doubt(wanted, &format!("{} gives the value", layer_text(layer))).hint(WHICH);
                let has_variable = self.into.is_none() && node.is_some_and(|node| self.has_variable(node));
                Err(if has_variable { found.hint(BY_VARIABLE) } else { found })
            }
            (None, Some(Into::Profile)) => {
                let why = "the project's own document gives the value, and no profile does";
                Err(doubt(wanted, why).hint("Leave `--into profile` out."))
            }
            (Some(_), Some(Into::Project)) => self.in_document(project, at, *field, info, value, wanted),
            (None, _) if found.is_none() => self.in_document(project, at, *field, info, value, wanted),
            _ => {
                let (id, way) = found.ok_or_else(|| doubt(wanted, "no place in the manifests gives the value"))?;
                let path = self.sources.get(id).path.clone();
                if let Some(node) = node {
                    if let Some(file) = file(wanted, node, &path, &value)? {
                        return Ok(file);
                    }
                    self.plain(wanted, node, *field)?;
                }
                Ok(Edit { path, what: Part::Value(way, value) })
            }
        }
    }

    /// The file that is an item, as live has it.
    fn in_file(&self, project: &DesiredProject, info: &KindInfo, wanted: &Wanted<'_>) -> Result<Edit, Diagnostic> {
        let name = wanted.change.at.subject.item().unwrap_or_default();
        let body = project.sections.get(info.name).map(|section| &section.body);
        let Some(SectionBody::Items(items)) = body else { return Err(doubt(wanted, "no folder has its files")) };
        let path_of = |item: &Item| match item {
            Item::Present(settings, _) => settings.content.as_ref()?.along.keys().next().cloned(),
            Item::Absent(_) | Item::Unmanaged(_) => None,
        };
        match (wanted.change.action, wanted.field, wanted.live) {
            (Action::Update, Some(FieldChange { before: DisplayValue::Value(Value::String(text)), .. }), _) => {
                let path = items.get(name).and_then(path_of).ok_or_else(|| doubt(wanted, "its file is not found"))?;
                Ok(Edit { path, what: Part::Whole(text.clone()) })
            }
            (Action::Delete, _, Some(live)) => {
                let kind = crate::kind::find(self.registry, info.name);
                let file = kind.map_or_else(|| Err("it is no file".to_owned()), |kind| kind.file_of(name, live));
                let (file, text) = file.map_err(|why| doubt(wanted, &why))?;
                let beside = items.values().find_map(path_of);
                let beside = beside.ok_or_else(|| doubt(wanted, "no folder has its files"))?;
                let path =
                    beside.rsplit_once('/').map_or_else(|| file.clone(), |(folder, _)| format!("{folder}/{file}"));
                Ok(Edit { path, what: Part::Whole(text) })
            }
            _ => {
                Err(doubt(wanted, "it is not applied yet, so nothing of it is live")
                    .hint("Apply it, or remove its file."))
            }
        }
    }

    /// Whether a place is in `manage:`, which makes settings desired that no manifest writes.
    fn is_policy(&self, span: Span) -> bool {
        self.way(span).is_some_and(|(_, way)| way.iter().rev().nth(2).is_some_and(|key| key == "manage"))
    }

    /// The keys from the top to the entry whose value, or key, is at a place.
    fn way(&self, span: Span) -> Option<(SourceId, Vec<String>)> {
        fn walk(node: &Node, span: Span, way: &mut Vec<String>) -> bool {
            let Content::Map(entries) = &node.content else { return false };
            let within = |outer: Span| outer.start <= span.start && span.end <= outer.end;
            entries.iter().filter(|entry| within(entry.key.span) || within(entry.value.span)).any(|entry| {
                way.push(entry.key.name.clone());
                let found = entry.value.span == span || entry.key.span == span || walk(&entry.value, span, way);
                if !found {
                    way.pop();
                }
                found
            })
        }
        let mut way = vec![];
        walk(self.trees.get(&span.source)?, span, &mut way).then_some((span.source, way))
    }

    /// The edit that writes a value over that of weaker layers into the project's own document: where its section is, else
    /// where its envelope is.
    fn in_document(
        &self,
        project: &DesiredProject,
        at: &Address,
        field: Option<&FieldChange>,
        info: &KindInfo,
        value: Value,
        wanted: &Wanted<'_>,
    ) -> Result<Edit, Diagnostic> {
        let (path, way) = self.place(project, info.name).ok_or_else(|| doubt(wanted, "its document is not found"))?;
        let below: Vec<&str> = match field {
            Some(FieldChange { key: FieldKey::File(_), .. }) => {
                return Err(doubt(wanted, "it is a file, which stands for itself"));
            }
            Some(FieldChange { key: FieldKey::Extra(name), .. }) => vec!["extra", name],
            // An item of one field is that field.
            Some(FieldChange { key: FieldKey::Known(path), .. }) if info.scalar() != Some(path.name()) => {
                path.way().collect()
            }
            _ => vec![],
        };
        let below = at.subject.item().into_iter().chain(below).map(str::to_owned);
        let way = way.into_iter().chain([info.name.to_owned()]).chain(below).collect();
        Ok(Edit { path, what: Part::Value(way, value) })
    }

    /// The edit of the variable that a value is made of, in the project's own document; `None` where it is not made of one.
    fn in_variable(
        &self,
        project: &DesiredProject,
        info: &'static KindInfo,
        field: &FieldChange,
        node: &Node,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Edit>, Diagnostic> {
        let items: Vec<&str> = Written::of(field, Some(node)).items.into_iter().map(|(_, text)| text).collect();
        let texts = node.as_text().map_or_else(|| items.clone(), |text| vec![text]);
        let mut names = unfill::names(&texts).into_iter();
        let name = match (names.next(), names.next()) {
            (Some(name), None) => name,
            (Some(_), Some(_)) if node.as_text().is_some() => {
                let why = "the value is made of several variables";
                return Err(doubt(wanted, why).hint(format!("Change one of them, or {BY_HAND_TOO}")));
            }
            _ => return Ok(None),
        };
        let (path, way) = self.place(project, VARS).ok_or_else(|| doubt(wanted, "its document is not found"))?;
        let way: Vec<String> = way.into_iter().chain([VARS.to_owned(), name.to_owned()]).collect();
        let edit = |value| Edit { path: path.clone(), what: Part::Value(way.clone(), value) };
        let Some(text) = node.as_text() else {
            let DisplayValue::Value(Value::Array(live)) = &field.before else { return Ok(None) };
            let live: Option<Vec<&str>> = live.iter().map(Value::as_str).collect();
            let ordered = !matches!(field.row().map(|row| &row.ty), Some(Type::List(_, ListAs::Set)));
            // Otherwise, the items that differ are written one by one.
            let value = live.and_then(|live| unfill::of_items(&items, project, &live, ordered));
            return Ok(value.map(|value| edit(value.into())));
        };
        let Some(around) = unfill::Around::of(text, project) else { return Ok(None) };
        let tree = self.sources.ids().find(|id| self.sources.get(*id).path == path).and_then(|id| self.trees.get(&id));
        let current = tree.and_then(|tree| way.iter().try_fold(tree, |node, key| node.get(key)));
        let mut live = value(info, wanted, current.filter(|_| around.is_bare()).or(Some(node)))?;
        // A variable is used as it is, without `$${`.
        each_text(&mut live, &|text| *text = text.replace("$${", "${"));
        if live.is_null() {
            return Err(doubt(wanted, "live has no value, which a variable cannot express").hint(BY_HAND));
        }
        if !around.is_bare() {
            let whole = live.as_str().map_or_else(|| live.to_string(), str::to_owned);
            let why = || doubt(wanted, &format!("live differs in more than `${{var.{name}}}`")).hint(BY_HAND);
            live = around.value(&whole).ok_or_else(why)?.into();
        }
        Ok(Some(edit(live)))
    }

    /// The file of a project's own document, and the keys from its top to the document: where the section is, else where the
    /// envelope is.
    #[must_use]
    pub fn place(&self, project: &DesiredProject, section: &str) -> Option<(String, Vec<String>)> {
        let documents: Vec<_> =
            self.trees.iter().filter_map(|(id, root)| document(*id, root, &project.document)).collect();
        let with_section = documents.iter().find(|(_, _, node)| node.get(section).is_some());
        let main = || documents.iter().find(|(id, ..)| *id == project.span.source);
        let (id, way, _) = with_section.or_else(main)?;
        Some((self.sources.get(*id).path.clone(), way.clone()))
    }

    /// What stands at a place of a file.
    #[must_use]
    pub fn node(&self, path: &str, way: &[String]) -> Option<&Node> {
        let tree = self.trees.iter().find(|(id, _)| self.sources.get(**id).path == path).map(|(_, tree)| tree)?;
        way.iter().try_fold(tree, |node, key| node.get(key))
    }

    fn has_variable(&self, node: &Node) -> bool {
        self.sources.slice(node.span).replace("$${", "").contains("${")
    }

    /// Refuses a place where more than the value would change.
    fn plain(&self, wanted: &Wanted<'_>, node: &Node, field: Option<&FieldChange>) -> Result<(), Diagnostic> {
        let by_item = field.is_some_and(|field| !Written::of(field, Some(node)).items.is_empty());
        if field.is_some() && !by_item && self.has_variable(node) {
            let change = if self.into == Some(Into::Var) { "Change the variable" } else { CHANGE_IT };
            return Err(doubt(wanted, "the value is made of a variable").hint(format!("{change}, or {BY_HAND_TOO}")));
        }
        let is_edit = node.get("append").or_else(|| node.get("remove")).is_some();
        if is_edit && field.and_then(FieldChange::row).is_some_and(|field| matches!(field.ty, Type::List(..))) {
            return Err(doubt(wanted, "the value edits the list of a weaker layer").hint(BY_HAND));
        }
        let is_secret = field.and_then(FieldChange::row).is_some_and(Field::is_secret);
        if let Some(entry) = reference(node).filter(|_| field.is_some() && !is_secret) {
            let why = format!("the value comes from `{{{}: …}}`", entry.key.name);
            return Err(doubt(wanted, &why).hint(BY_HAND));
        }
        Ok(())
    }
}

const PROJECT: &str = "Change `name:` or `create:` by hand, or let apply carry out the plan.";
const WHICH: &str = "Choose a layer: `--into project` writes the value into the project's own document, over the inherited one; `--into profile` \
                     changes the inherited one, for all projects that extend the profile.";
const BY_VARIABLE: &str = "`--into var` changes the variable that the value is made of, in the project's own document.";
const CHANGE_IT: &str = "Change the variable, with `--into var` in the project's own document";
const VARS: &str = "vars";
const BY_HAND_TOO: &str = "write the value in its place by hand.";

/// The document of a project in a file, and the keys that lead to it.
fn document<'n>(id: SourceId, root: &'n Node, name: &str) -> Option<(SourceId, Vec<String>, &'n Node)> {
    if root.get("project").and_then(Node::as_text) == Some(name) {
        return Some((id, vec![], root));
    }
    Some((id, vec!["projects".to_owned(), name.to_owned()], root.get("projects")?.get(name)?))
}
