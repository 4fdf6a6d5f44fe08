//! Writes a live value into the manifests: which place of which file gives the value, and what to write there.
//!
//! Nothing is guessed: where it is not clear which file should hold the value, a finding is returned instead.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::spell::{escaped, spell};
use super::unfill;
use super::values::reference;
use crate::diag::{Diagnostic, SourceId, Sources, Span, codes::run as codes};
use crate::files;
use crate::kind::{KindInfo, Registry};
use crate::model::{
    Action, Address, Change, DesiredProject, DisplayValue, FieldChange, FieldKey, Item, Layer, Origin, SectionBody,
    each_text,
};
use crate::schema::{Field, ListAs, Type, wire};
use crate::yaml::edit::{Obstacle, set};
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

/// A difference to remove by writing the live value into the manifests.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The resource that differs.
    pub change: &'a Change,
    /// The field; `None` where a whole item is only live or only desired.
    pub field: Option<&'a FieldChange>,
    /// The live members of the resource, where it is live.
    pub live: Option<&'a Map<String, Value>>,
}

impl Wanted<'_> {
    /// The address: `acme/auth/jwt_exp`, `acme/secrets/KEY`.
    #[must_use]
    pub fn address(&self) -> String {
        let at = &self.change.at;
        self.field.map_or_else(|| at.to_string(), |field| format!("{at}/{}", field.name()))
    }

    fn origin(&self) -> Option<&Origin> {
        self.field.map_or(self.change.origin.as_ref(), |field| field.origin.as_ref())
    }
}

/// A value to write, and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The file, by its path from the root.
    pub path: String,
    /// The part of the file.
    pub what: Part,
}

/// The part of a file that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A value, by its keys from the top.
    Value(Vec<String>, Value),
    /// All of it: a text that a manifest names with `{file: …}`.
    Whole(String),
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
            entries.iter().any(|entry| {
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
const BY_HAND: &str = "Write it by hand.";
const BY_HAND_TOO: &str = "write the value in its place by hand.";

/// The document of a project in a file, and the keys that lead to it.
fn document<'n>(id: SourceId, root: &'n Node, name: &str) -> Option<(SourceId, Vec<String>, &'n Node)> {
    if root.get("project").and_then(Node::as_text) == Some(name) {
        return Some((id, vec![], root));
    }
    Some((id, vec!["projects".to_owned(), name.to_owned()], root.get("projects")?.get(name)?))
}

fn doubt(wanted: &Wanted<'_>, why: &str) -> Diagnostic {
    let message = format!("{} is not accepted: {why}", wanted.address());
    match wanted.origin() {
        Some(origin) => Diagnostic::error(codes::NOT_ACCEPTED, origin.span, message),
        None => Diagnostic::new(codes::NOT_ACCEPTED, crate::diag::Severity::Error, message),
    }
}

fn layer_text(layer: &Layer) -> String {
    match layer {
        Layer::Profile(name) => format!("the profile `{name}`"),
        Layer::Common => "`common:`".to_owned(),
        Layer::Document => "the document".to_owned(),
    }
}

/// What is live, as a manifest would write it; `node` is the current value in the manifest.
fn value(info: &'static KindInfo, wanted: &Wanted<'_>, node: Option<&Node>) -> Result<Value, Diagnostic> {
    Ok(match (wanted.field, wanted.change.action) {
        (Some(field), _) => match &field.before {
            DisplayValue::SecretSet | DisplayValue::Secret(_) => {
                let hint = "Let apply restore the live value, or store the new value in the secret's source.";
                return Err(doubt(wanted, "a secret cannot be read back").hint(hint));
            }
            DisplayValue::Absent if field.row().is_some_and(|row| !row.nullable()) => {
                let hint = "Remove the line, so that the field is not managed, or let apply write the value.";
                return Err(doubt(wanted, "live has no value, which a manifest cannot express").hint(hint));
            }
            DisplayValue::Absent => Value::Null,
            DisplayValue::Value(value) => {
                field.row().map_or_else(|| value.clone(), |row| like(row, value, &Written::of(field, node)))
            }
        },
        (None, Action::Delete) => item(info, wanted)?,
        (None, _) => Value::Null,
    })
}

/// How the replaced value is written.
#[derive(Default)]
struct Written<'n> {
    /// Whether it is one text, as an amount with its unit is.
    is_text: bool,
    /// Of a list whose items are written one by one: each as it is read, and as it is written, with its variables.
    items: Vec<(&'n Value, &'n str)>,
}

impl<'n> Written<'n> {
    fn of(field: &'n FieldChange, node: Option<&'n Node>) -> Self {
        let is_text = node.and_then(Node::as_text).is_some();
        let (DisplayValue::Value(Value::Array(meant)), Some(written)) = (&field.after, node.and_then(Node::as_list))
        else {
            return Self { is_text, items: vec![] };
        };
        let texts: Vec<&str> = written.iter().filter_map(Node::as_text).collect();
        // A variable that holds several items is one item of the text.
        let one_by_one = texts.len() == written.len() && texts.len() == meant.len();
        let items = meant.iter().zip(texts).filter(|_| one_by_one).collect();
        Self { is_text, items }
    }
}

/// The edit of the file that a `{file: …}` names, where the value is in one.
fn file(wanted: &Wanted<'_>, node: &Node, path: &str, value: &Value) -> Result<Option<Edit>, Diagnostic> {
    let Some(entry) = reference(node).filter(|entry| entry.key.name == "file") else { return Ok(None) };
    let written = entry.value.as_text().filter(|text| !text.contains("${") && node.get("fill").is_none());
    let file = written.and_then(|written| files::beside(path, written).ok());
    match (file, value) {
        (Some(path), Value::String(text)) => {
            // The text of a file is used as it is, without `$${`.
            let text = text.replace("$${", "${");
            Ok(Some(Edit { path, what: Part::Whole(text) }))
        }
        _ => Err(doubt(wanted, "the value is in a file that uses variables").hint(BY_HAND)),
    }
}

/// A live item that no manifest wants.
fn item(info: &'static KindInfo, wanted: &Wanted<'_>) -> Result<Value, Diagnostic> {
    let live = wanted.live.ok_or_else(|| doubt(wanted, "the live item was not read"))?;
    if info.all_fields().any(|row| row.is_secret() && live.get(row.name).is_some_and(|it| !it.is_null())) {
        let hint = "Write it by hand, or `{unmanaged: true}` if it is to be left alone.";
        return Err(doubt(wanted, "a secret cannot be read back").hint(hint));
    }
    let rows = info.all_fields().filter(|row| !row.is_secret());
    let members = rows.filter_map(|row| {
        let seen = live.get(row.name).filter(|seen| !seen.is_null())?;
        let default = row.default.is_some_and(|default| default.to_value() == *seen);
        (!default).then(|| (row.name.to_owned(), like(row, &wire::from_wire(row, seen), &Written::default())))
    });
    Ok(Value::Object(members.collect()))
}

/// A value as people write it, in the order of the written items and with their variables.
fn like(row: &Field, value: &Value, written: &Written<'_>) -> Value {
    let (Value::Array(items), Type::List(_, compared)) = (value, &row.ty) else {
        return spell(row, value, written.is_text);
    };
    let place = |item: &&Value| written.items.iter().position(|(meant, _)| meant == item).unwrap_or(usize::MAX);
    let mut items: Vec<&Value> = items.iter().collect();
    if *compared == ListAs::Set {
        items.sort_by_key(place);
    }
    let text = |item: &Value| match (written.items.iter().find(|(meant, _)| *meant == item), item) {
        (Some((_, text)), _) => Value::from(*text),
        (None, Value::String(text)) => escaped(text),
        (None, other) => other.clone(),
    };
    items.into_iter().map(text).collect()
}

/// Why an edit would change more than the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The file cannot be read.
    Unread,
    /// Another edit replaces the same file with another text.
    Twice,
    /// Another edit writes another value to the same place.
    Contradicted,
    /// The value is written in a form that cannot be edited alone.
    At(Obstacle),
}

impl Hindrance {
    /// What the obstacle is, and what to do.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Unread => "The file cannot be read. Write the value by hand.",
            Self::Twice => "Another accepted value would be written to the same file. Accept one of them.",
            Self::Contradicted => "Accept one of them, or write the values by hand.",
            Self::At(Obstacle::Shared) => "The value has an anchor and counts in other places, too. Write it by hand.",
            Self::At(Obstacle::Comment) => "A comment within the replaced text would be lost. Write the value by hand.",
            Self::At(Obstacle::Form) => {
                "The text there has a form into which no single value can be written. Write the value by hand."
            }
        }
    }
}

/// The texts of the files with all edits, by their paths; `read` gives those that are no manifests.
///
/// # Errors
/// The edit that would change more than its value, by its place, and why.
pub fn written(
    edits: &[&Edit],
    read: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, (usize, Hindrance)> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (index, edit) in edits.iter().enumerate() {
        let before = || texts.get(&edit.path).cloned().or_else(|| read(&edit.path));
        let text = match &edit.what {
            Part::Whole(text) => {
                let text = read(&edit.path).map_or_else(|| text.clone(), |before| as_written(&before, text));
                // Two values of one file must be the same.
                let fits = texts.get(&edit.path).is_none_or(|other| *other == text);
                if fits { Ok(text) } else { Err(Hindrance::Twice) }
            }
            Part::Value(way, value) => {
                // Several projects inherit a value, and several values are made of a variable.
                let contradicts = |other: &&Edit| match &other.what {
                    Part::Value(place, other_value) => other.path == edit.path && place == way && other_value != value,
                    Part::Whole(_) => false,
                };
                if edits.iter().take(index).any(contradicts) {
                    return Err((index, Hindrance::Contradicted));
                }
                let way: Vec<&str> = way.iter().map(String::as_str).collect();
                before().ok_or(Hindrance::Unread).and_then(|text| set(&text, &way, value).map_err(Hindrance::At))
            }
        };
        texts.insert(edit.path.clone(), text.map_err(|why| (index, why))?);
    }
    Ok(texts)
}

/// A text with the line ends and the byte order mark that the existing file has.
fn as_written(before: &str, text: &str) -> String {
    let (mark, body) = before.strip_prefix('\u{feff}').map_or(("", before), |body| ("\u{feff}", body));
    let ends = body.matches('\n').count();
    let windows = ends > 0 && body.matches("\r\n").count() == ends;
    let text = wire::lines(text);
    if windows { format!("{mark}{}", text.replace('\n', "\r\n")) } else { format!("{mark}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_line_ends_and_its_mark() {
        for (before, text, wanted) in [
            ("a\r\nb\r\n", "x\ny\n", "x\r\ny\r\n"),
            ("a\r\nb\n", "x\ny\n", "x\ny\n"),
            ("a\nb\n", "x\r\ny\r\n", "x\ny\n"),
            ("\u{feff}a\r\n", "x\r\n", "\u{feff}x\r\n"),
            ("\u{feff}", "x\n", "\u{feff}x\n"),
            ("", "x", "x"),
        ] {
            assert_eq!(as_written(before, text), wanted, "{before:?}");
        }
    }

    #[test]
    fn each_obstacle_to_an_edit_is_named() {
        let edit = |way: &str| Edit {
            path: "a.yaml".to_owned(),
            what: Part::Value(way.split('/').map(str::to_owned).collect(), Value::from(2)),
        };
        let why = |text: &str, way: &str| written(&[&edit(way)], |_| Some(text.to_owned())).map_err(|(_, why)| why);
        for (text, way, wanted) in [
            ("a: &x {b: 1}\r\nc: *x\r\n", "a/b", Obstacle::Shared),
            ("a:\r\n  # kept\r\n  b: 1\r\n", "a", Obstacle::Comment),
            ("a: text\r\n", "a/b", Obstacle::Form),
        ] {
            assert_eq!(why(text, way), Err(Hindrance::At(wanted)), "{text:?}");
        }
        let fine = why("a: {b: 1}\r\nc: 1\nd: 3\r\n", "a/b").unwrap();
        assert_eq!(fine["a.yaml"], "a: {b: 2}\r\nc: 1\nd: 3\r\n");
        assert_eq!(written(&[&edit("a")], |_| None), Err((0, Hindrance::Unread)));
        let other = Edit { what: Part::Value(vec!["a".to_owned()], Value::from(3)), ..edit("a") };
        let read = |_: &str| Some("a: 1\n".to_owned());
        assert_eq!(written(&[&edit("a"), &other], read), Err((1, Hindrance::Contradicted)));
        assert_eq!(written(&[&edit("a"), &edit("a")], read).unwrap()["a.yaml"], "a: 2\n");
        let whole = |text: &str| Edit { path: "a.html".to_owned(), what: Part::Whole(text.to_owned()) };
        assert_eq!(written(&[&whole("a"), &whole("b")], |_| None), Err((1, Hindrance::Twice)));
    }
}
